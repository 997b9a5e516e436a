# -*- coding: utf-8 -*-
"""A connection without a socket, which takes what is sent."""
import socket

__all__ = ['Sink']


class Sink(object):
    """A connection that takes *limit* writes, then fails as one whose client has left."""

    def __init__(self, limit=1000):
        self.writes = []
        self._limit = limit

    @property
    def sent(self):
        """All that was sent, in one piece."""
        return b''.join(self.writes)

    def sendall(self, data):
        if len(self.writes) >= self._limit:
            raise socket.error(32, 'Broken pipe')
        self.writes.append(bytes(data))
