# -*- coding: utf-8 -*-
"""A HAR file that is valid after each exchange, so that it is whole if the process is killed.

The file ends with the closing brackets of the document. One write replaces them by the next entry
and new brackets. Only SIGKILL can cut that write, between two pages of memory. A `HarFile` may be
used from any thread. Its lock is held while it writes.
"""
import collections
import errno
import io
import json
import os
import select
import stat
import threading

from six import ensure_binary

from httptestserver.har import document, entry_of, redacted_names
try:
    import fcntl
except ImportError:
    # Windows has no flock.
    fcntl = None

__all__ = ['HarFile']

#: The permissions of a file that is made here: its owner may read and write it, and nobody else.
MODE = 0o600

#: Windows would convert line ends. An existing file is not emptied before it is known what it is.
FLAGS = os.O_WRONLY | os.O_CREAT | getattr(os, 'O_BINARY', 0) | getattr(os, 'O_CLOEXEC', 0)

#: A pipe with a reader takes at least so many bytes at once without blocking: POSIX, <limits.h>.
PIPE_BUF = getattr(select, 'PIPE_BUF', 512)

#: How long a write waits for the reader of a pipe. The end of the command waits no longer.
PATIENCE = 5.0          # seconds

#: The descriptors of standard output and standard error.
OUTPUTS = (1, 2)


class HarFile(object):
    """Writes a HAR document to a file, entry by entry, and keeps none in memory.

    ``error`` is the message of the first error, after which nothing more is written; else None.

    :param path: of the file. An existing one is emptied and keeps its permissions. A pipe or a
        device gets the brackets at the end.
    :param redact: names of header fields: see `httptestserver.har.har`.
    :raises ValueError: it cannot be written.
    """

    def __init__(self, path, redact=()):
        self.error = None
        self._path = path
        self._names = redacted_names(redact)
        self._lock = threading.Lock()
        self._separator = b''           # guarded by _lock
        try:
            self._file = _opened(path, *_around_entries())        # guarded by _lock
        except EnvironmentError as error:
            raise self._wrong(error)

    def add(self, request):
        """Write the entry of a *request* whose exchange is complete.

        :returns: False if this has failed, for the first time.
        """
        if self.error is not None:
            return True
        entry = _json(entry_of(request, self._names))
        with self._lock:
            if self.error is not None or self._file is None:
                return True
            try:
                self._file.write(self._separator + b'\n' + entry)
            except EnvironmentError as error:
                self.error = str(self._wrong(error))
                return False
            self._separator = b','
            return True

    def close(self):
        """Write the end of the document, if it is not there. Further calls have no effect."""
        with self._lock:
            file, self._file = self._file, None
        if file is None:
            return
        try:
            if self.error is None:
                file.end()
        except EnvironmentError as error:
            self.error = str(self._wrong(error))
        finally:
            file.close()

    def _wrong(self, error):
        return ValueError('cannot write %s: %s' % (self._path, error.strerror or error))


class _RegularFile(object):
    """A file whose end can be replaced. It belongs to this process until `close`.

    :param file: an `io.FileIO`, which is emptied.
    :param opening: what the file begins with.
    :param closing: what it ends with.
    """

    def __init__(self, file, opening, closing):
        self._file, self._closing = file, closing
        _lock(file)
        file.truncate(0)
        # Where the closing begins.
        self._end = self._size = 0
        self.write(opening)

    def write(self, content):
        """Write *content* before the end of the file. If that fails, the file stays as it was.

        :raises EnvironmentError: it has failed, or another program has changed the file.
        """
        if os.fstat(self._file.fileno()).st_size != self._size:
            raise EnvironmentError(errno.EIO, 'another program has changed it')
        try:
            self._replace_end(content + self._closing)
        except EnvironmentError:
            # What the disk had room for before, it has room for again.
            self._replace_end(self._closing)
            self._file.truncate(self._size)
            raise
        self._end += len(content)
        self._size = self._end + len(self._closing)

    def _replace_end(self, content):
        self._file.seek(self._end)
        while content:
            # One write is enough, unless the disk is full.
            content = content[self._file.write(content):]

    def end(self):
        """The end is there already."""

    def close(self):
        self._file.close()


class _Pipe(object):
    """A pipe or a device, whose end cannot be replaced. Parameters: see `_RegularFile`."""

    def __init__(self, file, opening, closing):
        self._file, self._closing = file, closing
        self.write(opening)

    def write(self, content):
        """Write *content*.

        :raises EnvironmentError: it has failed, or nobody has read for `PATIENCE` seconds.
        """
        while content:
            self._wait()
            content = content[self._file.write(content[:PIPE_BUF]):]

    def _wait(self):
        # On Windows select() knows only sockets.
        if fcntl and not select.select([], [self._file], [], PATIENCE)[1]:
            raise EnvironmentError(errno.EAGAIN, 'nobody reads it')

    def end(self):
        """Write the end. Raises as `write`."""
        self.write(self._closing)

    def close(self):
        self._file.close()


def _opened(path, opening, closing):
    """Return a file object for *path*. Parameters and exceptions: see `_RegularFile`."""
    # Opening a pipe waits for its reader.
    file = io.FileIO(os.open(path, FLAGS, MODE), 'w')
    try:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISCHR(mode):
            _refuse_outputs(file)
        return (_RegularFile if stat.S_ISREG(mode) else _Pipe)(file, opening, closing)
    except BaseException:
        file.close()
        raise


def _refuse_outputs(file):
    """Refuse a file or a pipe to which this process prints its lines.

    :raises EnvironmentError: it is one.
    """
    inode = _inode(file.fileno())
    if any(inode == _inode(output) for output in OUTPUTS):
        raise EnvironmentError(errno.EINVAL, 'the lines for the requests go there')


def _inode(descriptor):
    """Return what identifies an open file; the *descriptor* itself if it is not known."""
    try:
        status = os.fstat(descriptor)
    except EnvironmentError:
        # The process was started without this output.
        return descriptor
    # Python 2 on Windows does not know the inode.
    return (status.st_dev, status.st_ino) if status.st_ino else descriptor


def _lock(file):
    """Keep other processes from writing the file.

    :raises EnvironmentError: another process writes it.
    """
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except EnvironmentError as error:
        # Some file systems have no locks, and then nothing is refused.
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise EnvironmentError(error.errno, 'another process writes it')


def _around_entries():
    """Return the bytes of a document before its entries, and those after them."""
    empty = document([])
    # The entries are last, so that only brackets follow them.
    before = [(name, empty['log'][name]) for name in ('version', 'creator', 'pages', 'entries')]
    text = _json({'log': collections.OrderedDict(before)}, sort_keys=False)
    opening, found, closing = text.rpartition(b']')
    assert found
    return opening, b'\n' + found + closing + b'\n'


def _json(value, sort_keys=True):
    return ensure_binary(json.dumps(value, indent=1, sort_keys=sort_keys))
