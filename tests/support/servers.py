# -*- coding: utf-8 -*-
"""Servers of either scheme, and what they leave behind."""
import errno
import gc
import os
import socket
import threading

from httptestserver import start_server, start_ssl_server
from support.waiting import TIMEOUT, eventually

__all__ = ['Leaks', 'descriptors', 'port_is_closed', 'serve', 'server_threads']


def serve(scheme, **options):
    """Return a started server; a context manager, as every server is."""
    return (start_ssl_server if scheme == 'https' else start_server)(**options)


def server_threads():
    """Return the threads that the library runs now."""
    return [each for each in threading.enumerate() if each.name.startswith('httptestserver')]


def port_is_closed(server):
    """Tell whether the port of *server* refuses connections.

    Where it does not, another process may have been given the port, which is soon over.
    """
    def refuses():
        try:
            socket.create_connection((server.host, server.port), TIMEOUT).close()
        except socket.error as error:
            return error.errno == errno.ECONNREFUSED
        return False
    return eventually(refuses)


def descriptors():
    """Return what this process has open, as {number: target}; {} where nothing tells that."""
    try:
        numbers = os.listdir('/proc/self/fd')
    except OSError:
        return {}
    found = {}
    for number in numbers:
        try:
            found[number] = os.readlink('/proc/self/fd/' + number)
        except OSError:
            pass                    # the one that listed them
    return found


class Leaks(object):
    """A context at whose end no more threads and descriptors are there than at its start."""

    def __enter__(self):
        self._threads, self._open = len(server_threads()), descriptors()

    def __exit__(self, kind, *_):
        if kind is None:
            eventually(lambda: len(server_threads()) <= self._threads)
            if self._left():            # it takes long in a large process, and is seldom needed
                gc.collect()
            assert not self._left()

    def _left(self):
        return {number: target for number, target in descriptors().items()
                if self._open.get(number) != target}
