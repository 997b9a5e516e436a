# -*- coding: utf-8 -*-
"""Sockets that are connected to each other, and one that refuses to be."""
import contextlib
import socket

from support.waiting import TIMEOUT

__all__ = ['refusing_url', 'socket_pair']


def socket_pair():
    """Return two connected sockets.

    Those of `socket.socketpair` are not of a class that ``ssl`` of Python 2.7 takes.
    """
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(1)
        near = socket.create_connection(listener.getsockname(), TIMEOUT)
        far, _ = listener.accept()
    far.settimeout(TIMEOUT)
    return near, far


@contextlib.contextmanager
def refusing_url():
    """Yield the URL of a port that refuses connections. No other program gets it meanwhile."""
    with contextlib.closing(socket.socket()) as bound:
        bound.bind(('127.0.0.1', 0))
        yield 'http://127.0.0.1:%d' % bound.getsockname()[1]
