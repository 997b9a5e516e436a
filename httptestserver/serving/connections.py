# -*- coding: utf-8 -*-
"""One accepted connection, which its own thread serves and other threads may end."""
import threading

from httptestserver.http1.connection import end

__all__ = ['Connection']


class Connection(object):
    """One accepted connection: its number, client, socket and thread.

    ``index`` counts from 0, and ``peer`` is the client's address. ``socket`` is the accepted
    socket, or the TLS socket that has replaced it. ``tls`` is the dict of `tls.describe`, None
    without TLS.
    """

    __slots__ = ('index', 'peer', 'socket', 'tls', 'busy', 'ending', 'thread')

    def __init__(self, index, peer, socket):
        self.index = index
        self.peer = peer
        self.socket = socket
        self.tls = None
        #: Whether a response is being made or sent. Only the connection's thread writes it.
        self.busy = False
        #: Whether the server stops, so that no further request is read.
        self.ending = False
        #: The thread that serves it; None before it is served.
        self.thread = None

    # Two threads use a connection without a lock, so the order of their steps matters. end() sets
    # `ending` and then reads `busy`. The connection's thread writes `busy` or the socket and then
    # reads `ending`. So at least one of them sees what the other has written.

    def end(self):
        """End the connection after its response, or at once if there is none.

        May be called from any thread. In the connection's own thread it only sets ``ending``.
        """
        self.ending = True
        if not self.busy and self.thread is not threading.current_thread():
            end(self.socket)

    def cut(self):
        """End the connection at once. From its own thread the call has no effect."""
        if self.thread is not threading.current_thread():
            end(self.socket)

    def rest(self):
        """Mark the connection as idle, so that `end` ends it at once."""
        self.busy = False
        if self.ending:
            end(self.socket)

    def replace(self, socket):
        """Replace the socket by a TLS *socket* that wraps it."""
        self.socket = socket
        if self.ending:
            end(socket)
