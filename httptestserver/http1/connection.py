# -*- coding: utf-8 -*-
"""What one socket does for a connection: accept, send, linger, abort, close.

A connection belongs to one thread, and every call blocks until it is done or the connection
ends. Only `end` is for other threads.
"""
import socket
import struct

try:
    from fcntl import ioctl
    from termios import TIOCOUTQ
except ImportError:
    # Windows has no TIOCOUTQ.
    ioctl = None

__all__ = ['Disconnected', 'READ_SIZE', 'SENT_AT_ONCE', 'abort', 'accept', 'close', 'end',
           'family_of', 'linger', 'new_socket', 'send', 'send_parts']

READ_SIZE = 65536           # bytes
SENT_AT_ONCE = 65536        # bytes of a message that are joined for one write
LINGER = 1.0                # seconds between two reads from a refused client
LINGER_LIMIT = 1048576      # bytes that a refused client may go on sending
STALL_TICK = 0.02           # seconds between looks whether a stall was ended
TAKEN_TICK = 0.001          # seconds between looks whether a client has taken what was sent

# A test may patch `socket`, so what is used of it is bound when this module is imported.
_Socket = socket.socket
_resolve = socket.getaddrinfo
# Python 2 lacks the one, and on Windows the other, too.
_dup = getattr(socket, 'dup', None)
_fromfd = getattr(socket, 'fromfd', None)

# Whether `accept` can be put together from what it is made of. gevent's class is another.
_HAS_ACCEPT = _Socket.__module__ == 'socket' and hasattr(_Socket, '_accept')


class Disconnected(socket.error):
    """The client went away before its request, or the response, was whole."""


def family_of(host, port):
    """Return the address family of *host*: IPv4 if it has both, as ``localhost`` does."""
    found = _resolve(host or None, port, 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
    families = [each[0] for each in found]
    return socket.AF_INET if socket.AF_INET in families else families[0]


def new_socket(family):
    """Return a TCP socket that is not connected."""
    return _Socket(family, socket.SOCK_STREAM)


def accept(listening):
    """Block until a client connects. Returns its socket and its address."""
    if not (_HAS_ACCEPT and type(listening) is _Socket):
        return listening.accept()
    # `socket.accept` would look up `socket.socket`, which a test may have patched.
    descriptor, address = listening._accept()
    return _Socket(listening.family, listening.type, listening.proto, descriptor), address


def send(connection, data):
    """Send *data*, bytes.

    :raises Disconnected: the client does not take them.
    """
    try:
        connection.sendall(data)
    except socket.error as error:
        raise Disconnected('the client left within a response: %s' % error)


def send_parts(connection, *parts):
    """Send *parts*, each bytes, in as few writes as they fit; as `send`."""
    if sum(map(len, parts)) <= SENT_AT_ONCE:
        parts = (b''.join(parts),)
    for part in parts:
        if part:
            send(connection, part)


def linger(connection):
    """Send no more, and drop what the client still sends, until it ends or for a second.

    To close a socket with unread bytes resets the connection, and then the client may lose
    the response that says what was wrong: RFC 9112, section 9.6.
    """
    try:
        # That of `ssl` would drop the session.
        _Socket.shutdown(connection, socket.SHUT_WR)
    except socket.error:
        return
    _drain(connection, LINGER, LINGER_LIMIT)


def abort(connection, fault, interrupt):
    """Do what *fault* says, but for closing the socket.

    :param fault: ``'disconnect'``, ``'reset'`` or ``'stall'``.
    :param interrupt: ends a stall, and the wait for a client to take what was sent before a
        reset.
    """
    if fault == 'disconnect':
        linger(connection)
    elif fault == 'stall':
        _drain(connection, STALL_TICK, until=interrupt)
    else:
        while not _taken(connection) and not interrupt.wait(TAKEN_TICK):
            pass
        # Without a linger time, to close the socket resets the connection.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def _drain(connection, seconds, limit=float('inf'), until=None):
    """Drop what the client sends, until it ends.

    :param seconds: the longest pause, after which the client is given up, or *until* is
        asked whether that is so.
    """
    try:
        # A socket beside it, because that of `ssl` may be in no state to receive.
        beside = _duplicate(connection)
    except socket.error:
        return
    try:
        beside.settimeout(seconds)
        while limit > 0:
            try:
                dropped = len(beside.recv(READ_SIZE))
            except socket.timeout:
                if until is None or until.is_set():
                    return
            else:
                limit = limit - dropped if dropped else 0
    except socket.error:
        pass
    finally:
        beside.close()


def _duplicate(connection):
    """Return another socket, without TLS, for the same connection."""
    if _dup is None:
        return _fromfd(connection.fileno(), connection.family, connection.type)
    # `fromfd` of Python 3 looks up `socket.socket`.
    return _Socket(connection.family, connection.type, connection.proto,
                   _dup(connection.fileno()))


def _taken(connection):
    """Whether the client's side has all that was sent; a reset drops what it has not."""
    if ioctl is None:
        return True
    try:
        # Raises if the client has left: what it did not take would stay unsent for ever.
        connection.getpeername()
        unsent = ioctl(connection.fileno(), TIOCOUTQ, b'\0' * 4)
    except EnvironmentError:
        return True
    return not struct.unpack('i', unsent)[0]


def end(connection):
    """End both directions, which wakes the thread that waits for the client.

    :returns: whether there was something to end.
    """
    try:
        # That of `ssl` would drop the session under the thread that uses it.
        _Socket.shutdown(connection, socket.SHUT_RDWR)
        return True
    except socket.error:
        return False


def close(connection):
    """Close *connection*, in order unless it is to be reset."""
    try:
        if not connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
            _Socket.shutdown(connection, socket.SHUT_WR)
    except socket.error:
        pass
    connection.close()
