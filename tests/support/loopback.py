# -*- coding: utf-8 -*-
"""A guard: while it is on, a connection or a look-up that leaves this machine raises."""
import contextlib
import socket
import sys

__all__ = ['loopback_only']

LOOPBACK = ('localhost', '127.0.0.1', '::1', b'localhost', b'127.0.0.1', b'::1', None)

#: The events of Python for what may leave this machine, and which of their arguments is the host.
EVENTS = {'socket.connect': 1, 'socket.sendto': 1, 'socket.sendmsg': 1, 'socket.getaddrinfo': 0,
          'socket.gethostbyname': 0}

#: The attempts since each guard that is on began.
_guards = []


def _audit(event, arguments):
    if _guards and event in EVENTS:
        _check(arguments[EVENTS[event]])


def _check(address):
    host = address[0] if isinstance(address, tuple) else address
    # What begins so is the path of a Unix socket.
    if _guards and host not in LOOPBACK and host[:1] not in ('/', '\0', b'/', b'\0'):
        for attempts in _guards:
            attempts.append(host)
        raise AssertionError('something asks the network for %r' % (host,))


def _checked(function, host_of):
    def call(*args, **keys):
        _check(host_of(args))
        return function(*args, **keys)
    return call


def _patch_for_pypy():
    # PyPy has no events of sockets, so there the functions themselves check.
    socket.getaddrinfo = _checked(socket.getaddrinfo, lambda args: args[0])
    for name in ('connect', 'connect_ex'):
        setattr(socket.socket, name, _checked(getattr(socket.socket, name),
                                              lambda args: args[1]))


if hasattr(sys, 'pypy_version_info'):
    _patch_for_pypy()
elif hasattr(sys, 'addaudithook'):
    sys.addaudithook(_audit)


@contextlib.contextmanager
def loopback_only():
    """Turn the guard on for a block. At its end, no attempt may have been made."""
    attempts = []
    _guards.append(attempts)
    try:
        yield attempts
    finally:
        _guards.remove(attempts)
    assert attempts == []
