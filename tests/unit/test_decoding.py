# -*- coding: utf-8 -*-
"""Bodies whose content codings are undone: what comes out, at what cost, and what is wrong."""
import gzip
import io
import zlib

import pytest

from httptestserver.recording import decoding
from httptestserver.recording.decoding import LIMIT, beginning, codings_of, undone
from support.packing import GZIP, RAW, ZLIB, packed

CONTENTS = [b'', b'a', b'hello ' * 3, bytes(bytearray(range(256))) * 500, b'0' * 1000000]


@pytest.mark.parametrize('values, names', [
    ([], []), ([''], []), (['gzip'], ['gzip']), (['GZip , deflate'], ['gzip', 'deflate']),
    (['gzip', 'x-gzip'], ['gzip', 'x-gzip']), (['identity, gzip,, identity'], ['gzip']),
    (['\tBR '], ['br'])])
def test_codings_are_named_in_the_order_in_which_they_were_applied(values, names):
    assert codings_of(values) == names


@pytest.mark.parametrize('coding, wbits', [
    ('gzip', GZIP), ('x-gzip', GZIP), ('deflate', ZLIB), ('deflate', RAW)])
@pytest.mark.parametrize('content', CONTENTS, ids=len)
def test_a_coding_is_undone(coding, wbits, content):
    for level in (0, 1, 6, 9):
        assert undone(packed(content, wbits, level), [coding]) == content


def test_what_has_no_coding_is_not_copied():
    body = b'hello'
    assert undone(body, []) is body


def test_stacked_codings_are_undone_in_reverse_order():
    body = packed(packed(packed(b'hello', GZIP), ZLIB), RAW)
    assert undone(body, ['gzip', 'deflate', 'deflate']) == b'hello'
    with pytest.raises(ValueError):
        undone(body, ['deflate', 'deflate', 'gzip'])


def test_several_members_of_gzip_are_one_content():
    members = [packed(b'a' * size, GZIP) for size in (0, 1, 70000, 0, 5)]
    assert undone(b''.join(members), ['gzip']) == b'a' * 70006
    assert undone(packed(b''.join(members), ZLIB), ['gzip', 'deflate']) == b'a' * 70006


def test_the_gzip_of_another_implementation_is_undone():
    file = io.BytesIO()
    writer = gzip.GzipFile('name', 'wb', fileobj=file)
    writer.write(b'hello')
    writer.close()
    assert undone(file.getvalue(), ['gzip']) == b'hello'


@pytest.mark.parametrize('size', [
    decoding.SLICE - 1, decoding.SLICE, decoding.SLICE + 1, decoding.STEP - 1, decoding.STEP,
    decoding.STEP + 1, 3 * decoding.STEP])
def test_members_and_content_may_end_at_any_place_of_a_slice(size):
    content = bytes(bytearray((n * n >> 3) & 255 for n in range(size)))
    for wbits, coding in ((GZIP, 'gzip'), (ZLIB, 'deflate'), (RAW, 'deflate')):
        for level in (0, 6):
            assert undone(packed(content, wbits, level), [coding]) == content
    assert undone(packed(content, GZIP, 0) * 2, ['gzip']) == content * 2


@pytest.mark.parametrize('more', [0, 1, 2, 100, 257, 258, 514])
def test_content_that_zlib_holds_when_all_of_the_body_is_read_is_not_lost(more):
    content = b'0' * (decoding.STEP + more)
    assert undone(packed(content, RAW, 9), ['deflate']) == content


def test_a_body_may_end_anywhere_and_only_at_its_end_it_is_whole():
    for wbits, coding in ((GZIP, 'gzip'), (ZLIB, 'deflate'), (RAW, 'deflate')):
        body = packed(b'hello, world', wbits)
        for end in range(len(body)):
            with pytest.raises(ValueError) as caught:
                undone(body[:end], [coding])
            assert str(caught.value) == 'as %s: it is cut off' % coding


@pytest.mark.parametrize('body, codings, message', [
    (b'hello', ['br'], "as 'br': only gzip, x-gzip, deflate and identity are undone"),
    (b'hello', ['zstd', 'gzip'], "as 'zstd': only gzip"),
    (packed(b'hello', GZIP), ['br', 'gzip'], "as 'br': only gzip"),
    (b'hello', ['gzip'], 'as gzip: incorrect'),
    (b'xello', ['deflate'], 'as deflate: incorrect header check'),
    (b'hello', ['deflate'], 'as deflate: '),
    (packed(b'hello', GZIP) + b'rest', ['gzip'],
     "as gzip: other bytes follow its end: 'rest'"),
    (packed(b'hello', GZIP) + b'\x1f', ['gzip'], 'as gzip: it is cut off'),
    (packed(b'hello', GZIP) + b'\0' * 512, ['gzip'], 'as gzip: other bytes follow its end: '),
    (packed(b'hello', ZLIB) * 2, ['deflate'], 'as deflate: other bytes follow its end: '),
    (packed(b'hello', ZLIB) + b'\x1f', ['deflate'], 'as deflate: other bytes follow its end: '),
    (packed(b'hello', RAW) + b'x', ['deflate'], "as deflate: other bytes follow its end: 'x'"),
    (packed(b'hello', GZIP)[:-8] + b'\0' * 8, ['gzip'], 'as gzip: incorrect'),
    (packed(b'', ZLIB), ['gzip', 'deflate'], 'as gzip: it is cut off'),
    (b'a', ['gzip'] * 9, "as 'gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip': at most 8 "
                         'codings are undone'),
    (b'a', ['\x1b' * 1000], "as '\\x1b\\x1b"),
])
def test_what_is_wrong_names_the_coding_and_what_happened(body, codings, message):
    with pytest.raises(ValueError) as caught:
        undone(body, codings)
    assert str(caught.value).startswith(message)


def test_other_bytes_that_come_after_a_whole_slice_are_found():
    body = packed(bytes(bytearray(range(256))) * 32, GZIP, 0)
    for more in (b'x', b'x' * decoding.SLICE):
        with pytest.raises(ValueError) as caught:
            undone(body + more, ['gzip'])
        assert 'other bytes follow its end' in str(caught.value)


# What a small body may become.

def test_content_may_have_as_many_bytes_as_the_limit_and_no_more():
    body = packed(b'0' * 100000, GZIP)
    assert len(undone(body, ['gzip'], 100000)) == 100000
    with pytest.raises(ValueError) as caught:
        undone(body, ['gzip'], 99999)
    assert str(caught.value) == 'as gzip: it becomes more than 99999 bytes, see body_limit'


def test_the_limit_is_64_mebibytes_by_default(monkeypatch):
    assert LIMIT == 64 * 1024 * 1024
    monkeypatch.setattr(decoding, 'LIMIT', 1000)
    body = packed(b'0' * 1000, GZIP)
    assert len(undone(body, ['gzip'])) == 1000
    with pytest.raises(ValueError):
        undone(body + packed(b'0', GZIP), ['gzip'])


def test_the_limit_holds_for_each_of_several_codings():
    # What they become in the end is nothing, and a member of it is 20 bytes.
    empty = packed(b'', GZIP) * 5000
    assert undone(packed(empty, GZIP), ['gzip', 'gzip'], 100000) == b''
    with pytest.raises(ValueError) as caught:
        undone(packed(empty, GZIP), ['gzip', 'gzip'], 99999)
    assert str(caught.value).startswith('as gzip: it becomes more than')


class Counted(object):
    """Stands for zlib, and notes the most that one call was asked for and has returned."""

    error = zlib.error

    def __init__(self):
        self.most = 0

    def decompressobj(self, wbits):
        return Inflater(self, zlib.decompressobj(wbits))


class Inflater(object):

    def __init__(self, counted, real):
        self._counted, self._real = counted, real

    def decompress(self, data, most):
        made = self._real.decompress(data, most)
        self._counted.most = max(self._counted.most, len(made), len(data))
        return made

    def __getattr__(self, name):
        return getattr(self._real, name)


@pytest.mark.parametrize('codings, wbits', [
    (['gzip'], [GZIP]), (['gzip', 'gzip'], [GZIP, GZIP]),
    (['gzip', 'deflate', 'deflate'], [GZIP, ZLIB, RAW])])
def test_a_bomb_is_decoded_in_small_steps_and_given_up_at_the_limit(monkeypatch, codings, wbits):
    body = b'0' * 5000000
    for each in wbits:
        body = packed(body, each, 9)
    assert len(body) < 10000
    counted = Counted()
    monkeypatch.setattr(decoding, 'zlib', counted)
    with pytest.raises(ValueError):
        undone(body, codings, 1000000)
    assert counted.most <= decoding.STEP


def test_many_members_are_decoded_in_time():
    body = packed(b'', GZIP) * 50000
    assert undone(body, ['gzip']) == b''


# The beginning, as reports show it.

def test_the_beginning_of_a_content_is_decoded_without_the_rest():
    body = packed(b'0' * 5000000, GZIP)
    assert beginning(body, ['gzip'], 1000) == (b'0' * 1000, False)
    assert beginning(body[:5000], ['gzip'], 1000) == (b'0' * 1000, False)


def test_of_what_does_not_decode_the_beginning_is_what_comes_before_the_error():
    body = packed(b'hello, ' * 2, GZIP, 0)
    assert beginning(body, ['gzip'], 1000) == (b'hello, hello, ', True)
    assert beginning(body[:-8], ['gzip'], 1000) == (b'hello, hello, ', False)
    assert beginning(body + b'x', ['gzip'], 1000) == (b'hello, hello, ', False)
    assert beginning(b'hello', ['gzip'], 1000) == (b'', False)
    assert beginning(b'hello', ['br'], 1000) == (b'', False)
    assert beginning(b'hello', [], 1000) == (b'hello', True)
