# -*- coding: utf-8 -*-
"""Content that is streamed: files, and iterables of bytes or str.

It belongs to one response, and to the thread that sends it. It reads files and runs user code.
It takes no lock.
"""
import io
import os

from six import ensure_str, string_types, text_type

from httptestserver.http1.fields import utf_8
from httptestserver.recording.coroutines import check_result
from httptestserver.recording.request import KEPT
from httptestserver.wording import shown, wrong

try:
    # Importing pathlib takes milliseconds, and `os` is imported anyway.
    from os import PathLike
except ImportError:
    try:
        # Python 3.4 and 3.5 have no `os.PathLike`.
        from pathlib import PurePath as PathLike
    except ImportError:
        # Python 2 has no path objects, and nothing is an instance of an empty tuple.
        PathLike = ()

__all__ = ['BYTES', 'ContentAborted', 'ContentSource', 'FileContent', 'IterableContent',
           'KeptContent', 'ShortFile', 'StreamedContent', 'content_bytes', 'is_measured', 'is_path',
           'path_name', 'streamed']

READ_SIZE = 65536       # bytes

#: The types that hold bytes.
BYTES = (bytes, bytearray, memoryview)

# Python 3.6 needs `fspath`, because `str` of an `os.DirEntry` is not its path. Older Pythons have
# no `fspath`, and their `open` needs a str.
_path_of = getattr(os, 'fspath', str)


def is_path(value):
    """Whether *value* is a path object. A str is not one, because as content it is text."""
    return isinstance(value, PathLike) or hasattr(value, '__fspath__')


def is_measured(value):
    """Whether *value* is content whose length may be known: no iterable, and no `Stream`."""
    return isinstance(value, BYTES + (text_type,)) or is_path(value) or hasattr(value, 'read')


def path_name(path):
    """Return *path*, a str or a path object, as a str."""
    # On Python 2 it may be text, while the names in requests are bytes.
    return ensure_str(path if isinstance(path, string_types) else _path_of(path), 'utf-8')


def content_bytes(value, key):
    """Return *value* as bytes, without copying if it is bytes already. A str becomes UTF-8.

    :param key: the name of the value, for the messages of errors.
    :raises TypeError: it is neither str nor one of `BYTES`.
    :raises ValueError: UTF-8 cannot encode it.
    """
    if isinstance(value, text_type):
        return utf_8(value, key)
    if not isinstance(value, BYTES):
        check_result(key, value)
        raise wrong(TypeError, key, 'bytes or str', value)
    return value if isinstance(value, bytes) else memoryview(value).tobytes()


def streamed(source):
    """Return the `StreamedContent` of *source*.

    :param source: a path object, a binary file, an iterable, a `ContentSource`, or a
        `StreamedContent`, which is returned unchanged.
    """
    if isinstance(source, StreamedContent):
        return source
    if isinstance(source, ContentSource):
        return source._make()
    if is_path(source) or hasattr(source, 'read'):
        return FileContent(source)
    return IterableContent(source)


class ShortFile(ValueError):
    """A file has become shorter since its response was started."""


class ContentAborted(Exception):
    """The content ends the response with *fault*, ``'reset'`` or ``'disconnect'``."""

    def __init__(self, fault):
        super(ContentAborted, self).__init__(fault)
        self.fault = fault


class ContentSource(object):
    """The base of values that make the content of each response by themselves, as `Stream`.

    :param make: a function that returns a new `StreamedContent`.
    """

    def __init__(self, make):
        self._make = make


class StreamedContent(object):
    """Content that is never whole in memory. It can be iterated once, and yields bytes.

    ``length`` is in bytes, None if it is not known. ``sent`` is what the entry keeps of it:
    the source of a file, and the bytes of an iterable.

    Content that wraps another one calls the same methods of the other. If the iteration raises
    `ContentAborted`, the response ends with that fault.
    """

    length = None

    #: Whether it stands for the response of another server, which is asked after the delay.
    is_forwarded = False

    def open(self, recipient):
        """Begin, before the head is sent. Not called if the response has no body.

        :param recipient: see `Recipient`. Content that waits calls its ``check()`` again and
            again, without a lock.
        """

    def close(self):
        """Release the file or generator, whether or not it was iterated."""

    def validators(self):
        """Return what changes with the content: text for an ETag, and the time of its last change.

        :returns: None if that is not known. The time is in seconds since the epoch.
        """
        return None


class FileContent(StreamedContent):
    """The bytes of a file. Its length is that at the start of the response.

    :param source: a path object or an open binary file. A path is opened for each request. A
        file is read from its start if it is seekable.
    :raises OSError: (IOError on Python 2) the path cannot be opened.
    """

    def __init__(self, source):
        self.sent = source
        self._is_ours = is_path(source)
        # Unbuffered, because the pieces are as large as a buffer.
        self._file = io.open(_path_of(source), 'rb', buffering=0) if self._is_ours else source
        self.length = _length_of(self._file)

    def __iter__(self):
        return self._to_end() if self.length is None else self.part(0, self.length)

    def _to_end(self):
        return iter(lambda: self._read(READ_SIZE), b'')

    def part(self, first, size):
        """Yield exactly *size* bytes from the position *first*, because the head announced them.

        The file must be seekable.

        :raises ShortFile: the file has fewer.
        """
        self._file.seek(first)
        left = size
        while left > 0:
            piece = self._read(min(READ_SIZE, left))[:left]
            if not piece:
                raise ShortFile('response_content is a file of %d bytes, but it ended after %d: %s'
                                % (self.length, first + size - left,
                                   shown(getattr(self._file, 'name', self._file))))
            left -= len(piece)
            yield piece

    def _read(self, size):
        return content_bytes(self._file.read(size), 'each piece of response_content')

    def validators(self):
        """Return as `StreamedContent.validators`. The text is of size, time and inode."""
        try:
            status = os.fstat(self._file.fileno())
        except (AttributeError, EnvironmentError, ValueError):
            return None
        # Python 2 has only seconds, as a float.
        changed = getattr(status, 'st_mtime_ns', None) or int(status.st_mtime * 10 ** 9)
        return '%x-%x-%x' % (status.st_size, changed, status.st_ino), changed // 10 ** 9

    def close(self):
        """Close the file if it was opened here. A file that the test opened stays open."""
        if self._is_ours:
            self._file.close()


def _length_of(opened):
    """Return the length of a file and seek to its start; None if it is not seekable."""
    try:
        # On Python 2 seek() returns None.
        length = opened.seek(0, os.SEEK_END) or opened.tell()
        opened.seek(0)
        return length
    except (AttributeError, EnvironmentError, ValueError):
        return None


class KeptContent(StreamedContent):
    """Content that keeps its first bytes for the entry.

    :param limit: how many it keeps; None for all.
    """

    def __init__(self, limit=KEPT):
        self._kept = []
        self._room = float('inf') if limit is None else limit

    def keep(self, piece):
        """Keep *piece*, bytes that are sent, as far as there is room."""
        if self._room > 0:
            self._kept.append(piece if len(piece) <= self._room else piece[:self._room])
            self._room -= len(piece)

    def keeping(self, pieces):
        """Yield *pieces*, bytes, and keep them."""
        for piece in pieces:
            self.keep(piece)
            yield piece

    @property
    def sent(self):
        """The bytes that were yielded, as far as they are kept."""
        return b''.join(self._kept)


class IterableContent(KeptContent):
    """The pieces of an iterable. The length is not known before its end."""

    def __init__(self, source):
        super(IterableContent, self).__init__()
        self._source = source
        self._iterator = None

    def __iter__(self):
        """Yield the pieces that are not empty. Runs user code, which may raise.

        :raises TypeError: a piece is neither bytes nor str.
        :raises ValueError: UTF-8 cannot encode a piece.
        """
        self._iterator = iter(self._source)
        for piece in self._iterator:
            piece = self.encode(piece)
            if piece:
                self.keep(piece)
                yield piece

    def encode(self, piece):
        """Return a *piece* of the iterable as bytes. Raises as iterating does."""
        return content_bytes(piece, 'each piece of response_content')

    def close(self):
        """Close the iterable if it has a ``close``, as a generator has. Runs user code.

        An iterable that was never iterated is closed too, because a test may wait for that.
        """
        close = getattr(self._source if self._iterator is None else self._iterator, 'close', None)
        if close is not None:
            close()
