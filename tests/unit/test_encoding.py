# -*- coding: utf-8 -*-
"""Content in a coding: whole if it is bytes, else in pieces that can be decoded one by one."""
import zlib

import pytest

from httptestserver.scripting.content import StreamedContent, streamed
from httptestserver.scripting.encoding import FORMATS, coded
from httptestserver.scripting.vocabulary import CODINGS

BOTH = pytest.mark.parametrize('coding', CODINGS)


def test_each_coding_of_the_vocabulary_has_a_format():
    assert sorted(FORMATS) == sorted(CODINGS)


@BOTH
@pytest.mark.parametrize('content', [b'', b'hello', b'0' * 1000000], ids=len)
def test_bytes_are_coded_whole_and_always_alike(coding, content):
    body = coded(content, coding)
    assert type(body) is bytes and body == coded(content, coding)
    assert zlib.decompress(body, FORMATS[coding]) == content


def test_the_header_of_gzip_has_no_time():
    # RFC 1952, section 2.3.1: MTIME.
    assert bytearray(coded(b'hello', 'gzip'))[4:8] == b'\0\0\0\0'


@BOTH
def test_each_piece_can_be_decoded_before_the_next_one_is_taken(coding):
    taken = []

    def pieces():
        for piece in (b'one, ', b'two, ', b'three'):
            taken.append(piece)
            yield piece

    content = coded(streamed(pieces()), coding)
    assert isinstance(content, StreamedContent) and content.length is None
    decoder = zlib.decompressobj(FORMATS[coding])
    came = []
    for piece in content:
        came.append(decoder.decompress(piece))
        assert b''.join(came) == b''.join(taken)
    assert came == [b'one, ', b'two, ', b'three', b'']
    assert decoder.decompress(b'more') == b'' and decoder.unused_data == b'more'


@BOTH
def test_a_stream_without_pieces_is_a_whole_coded_content(coding):
    assert zlib.decompress(b''.join(coded(streamed([]), coding)), FORMATS[coding]) == b''


def test_the_coded_bytes_are_kept():
    content = coded(streamed([b'hello']), 'gzip')
    assert content.sent == b''
    body = b''.join(content)
    assert content.sent == body and zlib.decompress(body, 31) == b'hello'


@pytest.mark.parametrize('taken', [0, 1, 2])
def test_the_content_is_closed_begun_or_not(taken):
    closed = []

    class Pieces(StreamedContent):
        def __iter__(self):
            return iter([b'a', b'b'])

        def close(self):
            closed.append(True)

    content = coded(Pieces(), 'gzip')
    for _, piece in zip(range(taken), content):
        assert piece
    content.close()
    assert closed == [True]


def test_the_content_is_opened():
    opened = []

    class Pieces(StreamedContent):
        def __iter__(self):
            return iter(opened)

        def open(self, recipient):
            opened.append(recipient)

    content = coded(Pieces(), 'gzip')
    content.open(b'recipient')
    assert opened == [b'recipient']
    assert zlib.decompress(b''.join(content), 31) == b'recipient'


def test_an_error_within_the_content_ends_it_without_its_end():
    def pieces():
        yield b'one'
        raise KeyError('two')

    content = coded(streamed(pieces()), 'gzip')
    iterator = iter(content)
    decoder = zlib.decompressobj(31)
    assert decoder.decompress(next(iterator)) == b'one'
    with pytest.raises(KeyError):
        next(iterator)
    assert decoder.decompress(b'more') is not None and decoder.unused_data == b''
