# -*- coding: utf-8 -*-
"""Content that is a file or an iterable: its length, its pieces, and what closes it."""
import io
import os

import pytest

from httptestserver.scripting.content import ShortFile, StreamedContent, streamed
from support.paths import Path

try:
    import pathlib
except ImportError:
    pathlib = None


@pytest.fixture
def name(tmpdir):
    """The name of a file of 100,000 bytes."""
    file = tmpdir.join('content')
    file.write_binary(b'0123456789' * 10000)
    return str(file)


def sources(name):
    """Return *name* as each kind of file that a script may hold."""
    yield Path(name)
    yield io.open(name, 'rb')
    yield open(name, 'rb', 0)
    if pathlib is not None:
        yield pathlib.Path(name)


def test_a_file_is_sent_whole_and_its_length_is_known(name):
    for source in sources(name):
        content = streamed(source)
        assert isinstance(content, StreamedContent)
        assert content.length == 100000
        assert b''.join(content) == b'0123456789' * 10000
        assert content.sent is source
        content.close()
        getattr(source, 'close', lambda: None)()


def test_of_a_file_that_has_grown_only_the_announced_length_is_sent(name):
    for source in sources(name):
        content = streamed(source)
        with open(name, 'ab') as file:
            file.write(b'more' * 30000)
        announced = content.length
        assert sum(map(len, content)) == announced
        content.close()
        getattr(source, 'close', lambda: None)()


def test_of_a_file_that_grows_while_it_is_sent_only_the_announced_length_is_sent(name):
    content, sent = streamed(Path(name)), 0
    for piece in content:
        sent += len(piece)
        with open(name, 'ab') as file:
            file.write(b'more' * 30000)
    content.close()
    assert sent == content.length == 100000


@pytest.mark.parametrize('size', [0, 1, 65536, 99999])
def test_a_file_that_has_shrunk_is_an_error_that_names_it_and_both_sizes(name, size):
    for source in sources(name):
        content, sent = streamed(source), []
        with open(name, 'r+b') as file:
            file.truncate(size)
        with pytest.raises(ShortFile) as caught:
            sent.extend(content)
        assert isinstance(caught.value, ValueError)
        assert sum(map(len, sent)) == size
        assert str(caught.value) == (
            'response_content is a file of 100000 bytes, but it ended after %d: %r' % (size, name))
        content.close()
        getattr(source, 'close', lambda: None)()
        with open(name, 'wb') as file:
            file.write(b'0123456789' * 10000)


def test_a_file_that_shrinks_while_it_is_sent_is_an_error(name):
    content = streamed(Path(name))
    pieces = iter(content)
    assert len(next(pieces)) == 65536
    with open(name, 'r+b') as file:
        file.truncate(70000)
    assert len(next(pieces)) == 4464
    with pytest.raises(ShortFile) as caught:
        next(pieces)
    content.close()
    assert 'a file of 100000 bytes, but it ended after 70000' in str(caught.value)


def test_an_empty_file_has_no_pieces(tmpdir):
    file = tmpdir.join('empty')
    file.write_binary(b'')
    content = streamed(Path(file))
    assert content.length == 0 and list(content) == []
    content.close()


class Numbered(object):
    """A file that cannot seek and has no name."""

    def __init__(self, data):
        self.read = io.BytesIO(data).read


def test_a_file_that_cannot_seek_is_read_to_its_end():
    content = streamed(Numbered(b'a' * 70000))
    assert content.length is None
    assert [len(piece) for piece in content] == [65536, 4464]


def test_a_file_that_gives_more_than_was_asked_for_is_cut():
    class Generous(io.BytesIO):
        def read(self, size=-1):
            return io.BytesIO.read(self) + b'more'

    content = streamed(Generous(b'0123'))
    assert b''.join(content) == b'0123'


@pytest.mark.skipif(not hasattr(os, 'fspath'), reason='no path protocol before Python 3.6')
def test_an_entry_of_a_directory_is_a_path(name):
    entry, = os.scandir(os.path.dirname(name))
    content = streamed(entry)
    assert content.length == 100000
    content.close()


def test_a_path_is_closed_and_a_file_of_the_test_stays_open(name):
    content = streamed(Path(name))
    content.close()
    with pytest.raises(ValueError):
        list(content)
    with open(name, 'rb') as file:
        content = streamed(file)
        content.close()
        assert len(b''.join(content)) == 100000


# Iterables.

def test_the_pieces_of_an_iterable_are_bytes_and_never_empty():
    content = streamed([b'a', '', bytearray(b'b'), u'\xe9', b'', memoryview(b'c')])
    assert content.length is None
    pieces = list(content)
    assert pieces == [b'a', b'b', b'\xc3\xa9', b'c']
    assert all(type(piece) is bytes for piece in pieces)
    assert content.sent == b'ab\xc3\xa9c'


def test_one_mebibyte_of_an_iterable_is_kept():
    content = streamed(b'%d' % (n % 10) * 1000 if str is not bytes else str(n % 10) * 1000
                       for n in range(2000))
    whole = b''.join(content)
    assert len(whole) == 2000000
    assert content.sent == whole[:1048576]


@pytest.mark.parametrize('piece', [5, None, ['a'], {}])
def test_a_piece_of_another_type_is_an_error(piece):
    with pytest.raises(TypeError) as caught:
        list(streamed([b'a', piece]))
    assert str(caught.value) == 'each piece of response_content is bytes or str, got %r (%s)' % (
        piece, type(piece).__name__)


class Closable(object):
    """An iterable that counts how often it was closed, and so do its iterators."""

    def __init__(self, pieces=()):
        self._pieces = iter(pieces)
        self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._pieces)

    next = __next__

    def close(self):
        self.closed += 1


@pytest.mark.parametrize('taken', [0, 1, 2])
def test_an_iterable_is_closed_begun_or_not(taken):
    source = Closable([b'a', b'b'])
    content = streamed(source)
    for _, piece in zip(range(taken), content):
        assert piece in (b'a', b'b')
    content.close()
    assert source.closed == 1


def test_a_generator_that_was_begun_ends_at_the_close():
    ended = []

    def pieces():
        try:
            yield b'a'
            yield b'b'
        finally:
            ended.append(True)

    content = streamed(pieces())
    assert next(iter(content)) == b'a'
    content.close()
    assert ended == [True]


def test_an_iterable_that_cannot_be_closed_is_left_alone():
    content = streamed([b'a'])
    content.close()
    assert list(content) == [b'a']
    content.close()
