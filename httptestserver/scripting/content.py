# -*- coding: utf-8 -*-
"""Content that is streamed: files, and iterables of bytes.

Reads the files; takes no lock. It belongs to one response, and to the thread that sends it.
"""
import io
import os

from six import text_type

from httptestserver.recording.request import KEPT
from httptestserver.wording import wrong

try:
    from os import PathLike         # costs nothing, and pathlib takes milliseconds
except ImportError:
    try:
        from pathlib import PurePath as PathLike        # 3.4 and 3.5
    except ImportError:
        PathLike = ()               # Python 2: no class is an instance of nothing

__all__ = ['StreamedContent', 'is_path']

STEP = 65536            # octets of a file in memory at a time


def is_path(value):
    return isinstance(value, PathLike) or hasattr(value, '__fspath__')


class StreamedContent(object):
    """Content that is sent as it comes, and never whole in memory.

    :param source: a path object, read anew for each request; an open binary file, read from
        its start where it can seek; or an iterable of bytes or str.
    """

    def __init__(self, source):
        self.source = source
        self.length = None              # octets, None where only the end will tell
        self._file = None
        self._opened = is_path(source)
        if self._opened:
            self._file = io.open(str(source), 'rb')
        elif hasattr(source, 'read'):
            self._file = source
        if self._file is not None:
            self.length = self._measure()
        self._kept = []
        self._room = KEPT
        self._iterator = None

    def _measure(self):
        try:
            length = self._file.seek(0, os.SEEK_END) or self._file.tell()
            self._file.seek(0)
            return length
        except (AttributeError, EnvironmentError, ValueError):
            return None                 # a pipe, say

    def __iter__(self):
        if self._file is None:
            self._iterator = iter(self.source)
        else:
            self._iterator = iter(lambda: self._file.read(STEP), b'')
        for piece in self._iterator:
            if isinstance(piece, text_type):
                piece = piece.encode('utf-8')
            if not isinstance(piece, (bytes, bytearray, memoryview)):
                raise wrong(TypeError, 'each piece of response_content', 'bytes or str', piece)
            piece = memoryview(piece).tobytes()
            if self._file is None and self._room > 0:
                self._kept.append(piece[:self._room])
                self._room -= len(piece)
            if piece:
                yield piece

    @property
    def sent(self):
        """What history tells of it: the file or path, or what an iterable gave, up to 1 MiB."""
        return b''.join(self._kept) if self._file is None else self.source

    def close(self):
        """Close a file that was opened here, and end a generator."""
        if self._opened:
            self._file.close()
        # One that was never begun too: its author waits for the end of it.
        close = getattr(self._iterator or self.source, 'close', None)
        if close is not None and self._file is None:
            close()
