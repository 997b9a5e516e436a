# -*- coding: utf-8 -*-
"""Accepts connections at a Unix socket. It needs no port and nothing of TCP.

The file of the socket belongs to the listener that has made it: `close` removes it, unless another
one has taken its place or this process is a forked child.
"""
import errno
import logging
import os
import socket
import stat

from httptestserver.http1.address import AF_UNIX, NO_CLIENT, unix_address, unix_host
from httptestserver.http1.connection import new_socket
from httptestserver.serving.listener import Listener
from httptestserver.waiting import Interrupt, monotonic

try:
    import fcntl
except ImportError:
    # Windows has no fcntl.
    fcntl = None

__all__ = ['UnixListener']

log = logging.getLogger('httptestserver')

#: Only the user of this process may connect.
MODE = 0o600

#: Another process is given so much time to replace a socket in the same folder.
PATIENCE = 1.0          # seconds

#: The errors that say that another process has the lock. Others say that there are no locks.
BUSY = (errno.EWOULDBLOCK, errno.EACCES)

#: The folder is tried this often.
POLL = 0.002            # seconds


class UnixListener(Listener):
    """A bound Unix socket, and the connections to it.

    :param address: (host, port). The host is ``'unix:'`` and a path, or ``'unix:@'`` and a name.
        The port is ignored.

    The other parameters and the errors are those of `Listener`.
    """

    tcp = False

    # What identifies the file that `server_bind` has made; None if there is none to remove.
    _made = None

    def family(self, host, port):
        if AF_UNIX is None:
            raise socket.error(errno.EAFNOSUPPORT, 'this platform has no Unix sockets')
        self._path = unix_address(host)
        self._is_file = self._path[:1] != b'\0'
        return AF_UNIX

    def _bind(self):
        try:
            # The socket has to listen before another process looks whether it is alive.
            with _AloneIn(os.path.dirname(self._path) if self._is_file else None):
                super(UnixListener, self)._bind()
        except OSError as error:
            # The functions of `os` raise this. On Python 2 it is no `socket.error`.
            raise socket.error(error.errno, error.strerror or str(error))

    def server_bind(self):
        if self._is_file:
            _remove_unused(self._path)
            _keep_private(self.socket)
        self.socket.bind(self._path)
        if self._is_file:
            self._made = _identity(self._path)
            # Before the socket listens, so that nobody else can ever connect.
            os.chmod(self._path, MODE)
        self.server_address = unix_host(self._path), None
        self.server_name, self.server_port = self.server_address

    def get_request(self):
        connection, _ = super(UnixListener, self).get_request()
        connection.peer = NO_CLIENT
        return connection, NO_CLIENT

    def _target(self):
        return self._path

    def server_close(self):
        if not self.forked:
            self._remove()
        super(UnixListener, self).server_close()

    def _remove(self):
        """Remove the file, if it is still the one that was made.

        The socket is open, so no other file has got the number of its inode meanwhile.
        """
        try:
            if self._made is not None and _identity(self._path) == self._made:
                os.unlink(self._path)
        except OSError as error:
            if error.errno != errno.ENOENT:
                log.warning('cannot remove %r: %s', self._path, error.strerror)
        # Afterwards, because an exception such as Ctrl-C may end this call before.
        self._made = None


def _identity(path):
    found = os.lstat(path)
    return found.st_dev, found.st_ino


def _keep_private(bound):
    """Let the file of the socket *bound* have its mode from the start, where the system can."""
    try:
        os.fchmod(bound.fileno(), MODE)
    except OSError:
        # Only Linux can. Elsewhere the mode is set before the socket listens.
        pass


def _remove_unused(path):
    """Remove a socket at which nobody listens, such as one that a killed process has left.

    :raises OSError: *path* is in use, or it cannot be removed.
    """
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        if error.errno == errno.ENOENT:
            return
        raise
    if not stat.S_ISSOCK(mode):
        raise socket.error(errno.EADDRINUSE, 'something that is no socket is there already')
    if not _is_unused(path):
        raise socket.error(errno.EADDRINUSE, 'another server listens there')
    os.unlink(path)


def _is_unused(path):
    """Whether the socket *path* refuses connections. Does not block."""
    client = new_socket(AF_UNIX)
    try:
        client.setblocking(False)
        client.connect(path)
    except socket.error as error:
        return error.errno == errno.ECONNREFUSED
    finally:
        client.close()
    return False


class _AloneIn(object):
    """A context in which no other server looks for an unused socket in *folder*.

    Without this, of two that find the same one, the later would remove the new socket of the
    other. It is skipped if the system cannot lock the folder in time.

    :param folder: a path; None for none.
    """

    def __init__(self, folder):
        self._folder = folder

    def __enter__(self):
        if self._folder is None:
            return
        try:
            self._descriptor = os.open(self._folder, os.O_RDONLY)
        except OSError:
            # It cannot be listed, or bind() will say what is wrong with it.
            return
        _lock(self._descriptor)

    def __exit__(self, *error):
        if hasattr(self, '_descriptor'):
            # To close it is not enough: a child that was forked meanwhile has a copy of it.
            _try_lock(self._descriptor, fcntl.LOCK_UN)
            # In one line, because to close it again could close a file of user code.
            os.close(self.__dict__.pop('_descriptor'))

    # Ctrl-C may raise at any line of the methods above.
    __del__ = __exit__


def _lock(descriptor):
    unset, deadline = Interrupt(), monotonic() + PATIENCE
    while _try_lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB) in BUSY:
        if monotonic() > deadline:
            return
        unset.wait(POLL)


def _try_lock(descriptor, operation):
    """Return the number of the error of flock(); None if it has none."""
    try:
        fcntl.flock(descriptor, operation)
    except EnvironmentError as error:
        return error.errno
    return None
