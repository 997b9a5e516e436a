# -*- coding: utf-8 -*-
"""Socket operations of a connection: accept, send, linger, abort, end and close.

A connection belongs to one thread. Each call blocks until it is done or the connection ends.
Only `end`, `has_unsent` and `stop_reading`, which do not block, may be called from other threads.
"""
import errno
import socket
import ssl
import struct

from httptestserver.http1.address import AF_UNIX
from httptestserver.waiting import monotonic

try:
    from fcntl import ioctl
    from termios import TIOCOUTQ
except ImportError:
    # Windows has no TIOCOUTQ, so there a reset may discard what was sent just before it.
    ioctl = None

__all__ = ['Disconnected', 'READ_SIZE', 'SENT_AT_ONCE', 'abort', 'accept', 'close', 'end',
           'has_unsent', 'linger', 'new_socket', 'reset_on_close', 'send', 'send_parts',
           'stop_reading', 'would_block']

READ_SIZE = 65536           # bytes

#: The parts of a message are joined for one write if they are not larger than this.
SENT_AT_ONCE = 65536        # bytes

#: `linger` gives a client up that sends nothing for this time.
LINGER = 1.0                # seconds

#: `linger` drops at most so much of what a client still sends.
LINGER_LIMIT = 1048576      # bytes

#: A client that never pauses is read for this time after an interrupt. It is shorter than the
#: time after which `stop` cuts connections.
GRACE = 0.5                 # seconds

#: A stall, or a `linger` without limit, checks this often whether it was interrupted.
STALL_POLL = 0.02           # seconds

#: A reset checks this often whether the client has acknowledged what was sent.
UNSENT_POLL = 0.001         # seconds

#: The value of SO_LINGER that makes closing a socket reset the connection: on, for 0 seconds.
#: Windows expects two shorter numbers, and finds the same values in the first four bytes.
RESET_ON_CLOSE = struct.pack('ii', 1, 0)

# A test may patch `socket`, so what is used of it is bound when this module is imported.
_Socket = socket.socket
# Python 2 has no `dup`, and on Windows no `fromfd` either.
_dup = getattr(socket, 'dup', None)
_fromfd = getattr(socket, 'fromfd', None)

# The private `_accept` exists on Python 3 only, and gevent's socket class does not have it.
_HAS_ACCEPT = _Socket.__module__ == 'socket' and hasattr(_Socket, '_accept')


class Disconnected(socket.error):
    """The client closed the connection before a request or response was complete."""


def new_socket(family):
    """Return a stream socket that is not connected."""
    return _Socket(family, socket.SOCK_STREAM)


def accept(listening):
    """Block until a client connects. Returns its socket and its address."""
    if not (_HAS_ACCEPT and type(listening) is _Socket):
        return listening.accept()
    # `socket.accept` looks up `socket.socket`, which a test may have patched.
    descriptor, address = listening._accept()
    return _Socket(listening.family, listening.type, listening.proto, descriptor), address


def would_block(error):
    """Whether *error* says that nothing can be received or sent without waiting."""
    return error.errno in (errno.EAGAIN, errno.EWOULDBLOCK) or isinstance(
        error, (ssl.SSLWantReadError, ssl.SSLWantWriteError))


def send(connection, data):
    """Send *data*, bytes. Blocks until the system has accepted all of them.

    :raises Disconnected: the client closed or reset the connection.
    """
    try:
        connection.sendall(data)
    except socket.error as error:
        raise Disconnected('the client left within a response: %s' % error)


def send_parts(connection, *parts):
    """Send *parts*, each bytes: in one write if they are small, else one write for each.

    :raises Disconnected: as for `send`.
    """
    if sum(map(len, parts)) <= SENT_AT_ONCE:
        parts = (b''.join(parts),)
    for part in parts:
        if part:
            send(connection, part)


def linger(connection, until=None):
    """Announce the end of the response, then drop what the client still sends.

    Returns when the client ends, sends nothing for `LINGER` or has sent `LINGER_LIMIT`. If a
    socket is closed with unread bytes, the system resets the connection. Then the client may
    lose the response: RFC 9112, section 9.6.

    :param until: an `Interrupt` that takes the place of both limits. Once it is set, the client
        is given up when it pauses, or after `GRACE`.
    """
    try:
        # `SSLSocket.shutdown` also drops the TLS session, which is still needed.
        _Socket.shutdown(connection, socket.SHUT_WR)
    except socket.error:
        return
    if until is None:
        _drain(connection, LINGER, LINGER_LIMIT)
    else:
        _drain(connection, STALL_POLL, until=until)


def abort(connection, fault, interrupt):
    """Carry out *fault* on the connection. The caller closes the socket afterwards.

    :param fault: ``'disconnect'`` announces the end and lingers, ``'stall'`` blocks in silence,
        and ``'reset'`` makes the following `close` send a reset.
    :param interrupt: an `Interrupt`. It ends a stall, and the wait of a reset for the client to
        acknowledge what was sent.
    """
    if fault == 'disconnect':
        linger(connection)
    elif fault == 'stall':
        _drain(connection, STALL_POLL, until=interrupt)
    else:
        # A reset discards what the client has not acknowledged yet.
        while has_unsent(connection) and not interrupt.wait(UNSENT_POLL):
            pass
        reset_on_close(connection)


def _drain(connection, seconds, limit=float('inf'), until=None):
    """Read and drop what the client sends, until it ends.

    :param seconds: how long one read waits. Without *until*, a read that times out is the last.
    :param limit: how many bytes are dropped at most.
    :param until: an `Interrupt`. Until it is set, reading goes on after a read that times out.
        Then a client that never pauses is read for `GRACE`.
    """
    deadline = None
    try:
        # A TLS socket may be in the middle of a handshake. A plain duplicate can always read.
        plain = _duplicate(connection)
    except socket.error:
        return
    try:
        plain.settimeout(seconds)
        while limit > 0:
            try:
                dropped = len(plain.recv(READ_SIZE))
            except socket.timeout:
                if until is None or until.is_set():
                    return
            else:
                limit = limit - dropped if dropped else 0
            if until is not None and until.is_set():
                deadline = deadline or monotonic() + GRACE
                if monotonic() > deadline:
                    return
    except socket.error:
        pass
    finally:
        plain.close()


def _duplicate(connection):
    """Return another socket, without TLS, for the same connection."""
    if _dup is not None:
        # `fromfd` of Python 3 looks up `socket.socket`, which a test may have patched.
        return _Socket(connection.family, connection.type, 0, _dup(connection.fileno()))
    if _fromfd is not None:
        return _fromfd(connection.fileno(), connection.family, connection.type)
    return _shared(connection)


def _shared(connection):
    """Return another object for the same socket, on Python 2 on Windows."""
    # The socket is closed when none of its objects is left. `SSLSocket` refuses to be duplicated,
    # but it keeps its plain socket in the private `_sock`.
    return _Socket(_sock=connection._sock)


def has_unsent(connection):
    """Whether the client's system has not acknowledged all that was sent."""
    if ioctl is None:
        return False
    try:
        # Raises if the client has closed. Otherwise its unsent bytes would count for ever.
        connection.getpeername()
        unsent = ioctl(connection.fileno(), TIOCOUTQ, b'\0' * 4)
    # If its own thread closes the socket in between, its number is -1: a ValueError.
    except (EnvironmentError, ValueError):
        return False
    return struct.unpack('i', unsent)[0] != 0


def end(connection):
    """Shut down both directions, which wakes a thread that is blocked on the socket.

    The socket stays open: its own thread closes it. May be called from any thread.

    :returns: False if the connection had ended already.
    """
    try:
        # `SSLSocket.shutdown` also drops the TLS session, which another thread may be using.
        _Socket.shutdown(connection, socket.SHUT_RDWR)
        return True
    except socket.error:
        return False


def reset_on_close(connection):
    """Make the following `close` send a reset. It discards what the client has not received.

    A Unix socket has none, and wakes a client that sends if it is closed.
    """
    if connection.family == AF_UNIX:
        return
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    except socket.error:
        # The socket is closed.
        pass


def stop_reading(connection):
    """Wake a thread that reads from the socket, without a sign to the client."""
    try:
        _Socket.shutdown(connection, socket.SHUT_RD)
    except socket.error:
        # The client has ended the connection.
        pass


def close(connection, tcp=True):
    """Close the socket. The client sees a regular end, or a reset after ``abort('reset')``.

    :param tcp: False for a Unix socket, which cannot be reset.
    """
    try:
        if not tcp or not connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
            _Socket.shutdown(connection, socket.SHUT_WR)
    except socket.error:
        pass
    connection.close()
