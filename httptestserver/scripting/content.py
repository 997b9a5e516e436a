# -*- coding: utf-8 -*-
"""Content that is not sent as one piece of bytes: files, and iterables of bytes or str.

It belongs to one response and to the thread that sends it. It reads files and runs user code,
and takes no lock.
"""
import io
import os

from six import text_type

from httptestserver.http1.fields import utf_8
from httptestserver.recording.request import KEPT
from httptestserver.wording import shown, wrong

try:
    # The import costs nothing, while that of pathlib takes milliseconds.
    from os import PathLike
except ImportError:
    try:
        # Python 3.4 and 3.5.
        from pathlib import PurePath as PathLike
    except ImportError:
        # Python 2: no object is an instance of an empty tuple.
        PathLike = ()

__all__ = ['BYTES', 'FileContent', 'IterableContent', 'ShortFile', 'StreamedContent',
           'content_bytes', 'is_path', 'streamed']

READ_SIZE = 65536       # bytes

#: The types that hold bytes.
BYTES = (bytes, bytearray, memoryview)

#: `str` of an `os.DirEntry`, which is a path object, is not its path. `open` of Python 3.5
#: takes only str.
_path_of = getattr(os, 'fspath', str)


def is_path(value):
    """Whether *value* is a path object. A str is none: as content it is text."""
    return isinstance(value, PathLike) or hasattr(value, '__fspath__')


def content_bytes(value, key):
    """Return *value*, bytes or str, as bytes; bytes are not copied.

    :raises TypeError, ValueError: it is something else, or UTF-8 cannot encode it. *key* is
        named in the message.
    """
    if isinstance(value, text_type):
        return utf_8(value, key)
    if not isinstance(value, BYTES):
        raise wrong(TypeError, key, 'bytes or str', value)
    return value if isinstance(value, bytes) else memoryview(value).tobytes()


def streamed(source):
    """Return the `StreamedContent` of *source*: a path object, a binary file or an iterable."""
    if is_path(source) or hasattr(source, 'read'):
        return FileContent(source)
    return IterableContent(source)


class ShortFile(ValueError):
    """A file ended before the length that it had when its response began."""


class StreamedContent(object):
    """Content that is never whole in memory. Iterated once, it yields pieces of bytes.

    ``length`` is in bytes, None if it is not known. ``sent`` is what history keeps of it.
    """

    length = None

    def close(self):
        """Let go of what the content holds, whether or not it was iterated."""


class FileContent(StreamedContent):
    """The bytes of a file, as many as it has when the response begins.

    :param source: a path object, opened again for each request, or an open binary file, which
        is read from its start if it can seek.
    """

    def __init__(self, source):
        self.sent = source
        self._is_ours = is_path(source)
        self._file = io.open(_path_of(source), 'rb') if self._is_ours else source
        self.length = _length_of(self._file)

    def __iter__(self):
        return self._to_end() if self.length is None else self._to_length()

    def _to_end(self):
        return iter(lambda: self._read(READ_SIZE), b'')

    def _to_length(self):
        """Yield as many bytes as were announced, though the file may have grown since.

        :raises ShortFile: it has less.
        """
        left = self.length
        while left > 0:
            piece = self._read(min(READ_SIZE, left))[:left]
            if not piece:
                raise ShortFile('response_content is a file of %d bytes, but it ended after %d: %s'
                                % (self.length, self.length - left,
                                   shown(getattr(self._file, 'name', self._file))))
            left -= len(piece)
            yield piece

    def _read(self, size):
        return content_bytes(self._file.read(size), 'each piece of response_content')

    def close(self):
        """Close the file if it was opened here; one that the test opened stays open."""
        if self._is_ours:
            self._file.close()


def _length_of(opened):
    """Return the length of a file and go to its start; None if it cannot seek, as a pipe."""
    try:
        # On Python 2 seek returns None.
        length = opened.seek(0, os.SEEK_END) or opened.tell()
        opened.seek(0)
        return length
    except (AttributeError, EnvironmentError, ValueError):
        return None


class IterableContent(StreamedContent):
    """What an iterable yields. Only its end says how long it is."""

    def __init__(self, source):
        self._source = source
        self._iterator = None
        self._kept = []
        self._room = KEPT

    def __iter__(self):
        """Yield the pieces that are not empty.

        :raises TypeError, ValueError: a piece is not bytes, or is str that UTF-8 cannot encode.
        """
        self._iterator = iter(self._source)
        for piece in self._iterator:
            piece = content_bytes(piece, 'each piece of response_content')
            if piece:
                self._keep(piece)
                yield piece

    def _keep(self, piece):
        if self._room > 0:
            self._kept.append(piece[:self._room])
            self._room -= len(piece)

    @property
    def sent(self):
        """The bytes that were yielded, up to 1 MiB of them."""
        return b''.join(self._kept)

    def close(self):
        """Close a generator, or any iterable that has a ``close``.

        One that was not begun is closed too, because the test may wait for that.
        """
        close = getattr(self._source if self._iterator is None else self._iterator, 'close', None)
        if close is not None:
            close()
