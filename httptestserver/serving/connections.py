# -*- coding: utf-8 -*-
"""The connections of a server: which are open, and how other threads end them.

The thread of a connection serves it and closes its socket. Every other thread only shuts the
socket down, which wakes that thread. No socket is used under the lock.
"""
import threading

from httptestserver.http1.address import from_client
from httptestserver.http1.connection import (
    close, end, has_unsent, reset_on_close, stop_reading)
from httptestserver.recording.messages import blocked_loop
from httptestserver.scripting.combinations import check_end
from httptestserver.waiting import getpid, monotonic
from httptestserver.wording import Words, shown

__all__ = ['Connection', 'Connections']

#: A reset waits at most so long for the threads of the connections.
PATIENCE = 1.0          # seconds

#: After this part of the patience, a thread that sends to a client that does not read is woken.
#: It is longer than systems delay an acknowledgement.
SENDING_ENDS = 0.1

#: A message lists at most so many connections: the newest ones.
LINES = 100


class Connection(object):
    """One accepted connection: its number, client, socket and thread.

    ``index`` counts from 0, and ``peer`` is the client's address. ``socket`` is the accepted
    socket, or the TLS socket that has replaced it. ``tls`` is the dict of `tls.describe`, None
    without TLS. ``tunnel`` is the ``'host:port'`` of the tunnel that was opened on it, else None.

    :param owner: the `Listener` that has accepted it.
    """

    __slots__ = ('index', 'peer', 'socket', 'owner', 'tls', 'tunnel', 'ahead', 'busy', 'ending',
                 'fault', 'open', 'thread')

    def __init__(self, index, peer, socket, owner=None):
        self.index = index
        self.peer = peer
        self.socket = socket
        self.owner = owner
        self.tls = self.tunnel = None
        #: The bytes that were received behind the head of the request that opened the tunnel.
        self.ahead = b''
        #: The request line of the request whose response is being made or sent; '' if there is
        #: none. Only the connection's thread writes it.
        self.busy = ''
        #: Whether the server stops, so that no further request is read.
        self.ending = False
        #: The fault with which `Connections.close` ends it; None if it does not.
        self.fault = None
        #: Whether the server has not closed it.
        self.open = True                        # guarded by the lock of its `Connections`
        #: The thread that serves it; None before it is served.
        self.thread = None

    # Two threads use a connection without a lock, so the order of their steps matters. end() sets
    # `ending` and then reads `busy`. The connection's thread writes `busy` or the socket and then
    # reads `ending`. So at least one of them sees what the other has written.

    @property
    def own(self):
        """Whether the calling thread is the one that serves the connection."""
        return self.thread is threading.current_thread()

    def end(self):
        """End the connection after its response, or at once if there is none.

        May be called from any thread. In the connection's own thread it only sets ``ending``.
        """
        self.ending = True
        if not self.busy and not self.own:
            end(self.socket)

    def cut(self):
        """End the connection at once. From its own thread the call has no effect."""
        if not self.own:
            end(self.socket)

    def break_off(self):
        """Carry out the ``fault``. With a reset, the connection's thread has to close it."""
        if self.fault == 'reset':
            # Shutting down the other direction would send a regular end before the reset.
            stop_reading(self.socket)
        else:
            end(self.socket)

    def close(self):
        """Close the socket. Only the connection's thread may call this, or one that has ended it.
        """
        if self.fault == 'reset':
            reset_on_close(self.socket)
        close(self.socket, self.owner is None or self.owner.tcp)

    def rest(self):
        """Mark the connection as idle, so that `end` ends it at once."""
        self.busy = ''
        if self.ending:
            self.break_off()

    def replace(self, socket):
        """Replace the socket by a TLS *socket* that wraps it."""
        self.socket = socket
        if self.ending:
            self.break_off()

    def __str__(self):
        request = self.busy
        tunnel = ' in a tunnel to ' + shown(Words(self.tunnel), 120) if self.tunnel else ''
        return 'connection %s%s%s, %s' % (
            self.index, from_client(self.peer), tunnel,
            'busy with ' + shown(Words(request), 120) if request else 'idle')


class Connections(object):
    """The connections of a server, on all its listeners. A forked child has none.

    Methods may be called from any thread.

    :param guard: a `Guard`, whose lock guards which connections there are.
    :param cannot: what the server cannot do: see `check_possible`.
    """

    def __init__(self, guard, cannot=()):
        self._guard = guard
        self._cannot = cannot
        # Those whose socket the server has not closed.
        self._present = set()                   # guarded by _guard.lock
        self._process = getpid()

    def add(self, connection):
        """Add a connection that was accepted."""
        with self._guard.lock:
            self._present.add(connection)
            if self._guard.waiting:
                self._guard.notify()

    def discard(self, connection):
        """Forget a connection that has ended."""
        with self._guard.lock:
            connection.open = False
            self._present.discard(connection)
            if self._guard.waiting:
                self._guard.notify()

    def of(self, owner):
        """Return a list of the connections of *owner* whose socket is not closed."""
        with self._guard.lock:
            return [each for each in self._present if each.owner is owner]

    def open(self):
        """Return a list of the open connections, in the order in which they were accepted."""
        # A child's copy of the lock may be held for ever.
        if self._process != getpid():
            return []
        with self._guard.lock:
            return sorted([each for each in self._present if each.open],
                          key=lambda each: each.index)

    def wait(self, count, timeout):
        """Block until exactly *count* connections are open.

        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over. The message lists those that are open.
        """
        deadline = monotonic() + timeout
        with self._guard.lock:
            while len(self.open()) != count and self._guard.wait(deadline):
                pass
            found = self.open()
        if len(found) != count:
            raise AssertionError(_expected_open(count, timeout, found) + blocked_loop())

    def close(self, fault, interrupt):
        """End the connections that are open now, as `Server.close_connections` says.

        :param interrupt: called without arguments while the lock is held. It must end the waits
            of the responses that were chosen.
        :raises ValueError: there is no such *fault*.
        """
        check_end(fault, self._cannot)
        # In one step, so that no response of a later connection is interrupted. A response that
        # is chosen after the step finds the fault instead of an interrupt.
        with self._guard.lock:
            connections = self.open()
            for each in connections:
                each.fault = None if each.own else fault
                each.ending = True
            if connections:
                interrupt()
        others = [each for each in connections if not each.own]
        for each in others:
            each.break_off()
        if fault == 'reset':
            self._await_resets(others)
        with self._guard.lock:
            for each in others:
                each.open = False
            self._guard.notify()

    def _await_resets(self, connections):
        """Wait until the threads of *connections* have closed them, or end them."""
        deadline = monotonic() + PATIENCE
        for each in self._unclosed(connections, monotonic() + PATIENCE * SENDING_ENDS):
            # Its thread may wait until the client reads. The end that wakes the thread queues up
            # behind the unsent bytes, so the client gets the reset first.
            if has_unsent(each.socket):
                each.cut()
        for each in self._unclosed(connections, deadline):
            # Its thread runs user code, so the client gets a regular end.
            each.cut()

    def _unclosed(self, connections, deadline):
        """Wait until *connections* are closed. Returns a list of those that are not in time."""
        with self._guard.lock:
            while True:
                left = self._present.intersection(connections)
                if not left or not self._guard.wait(deadline):
                    return left


def _expected_open(count, timeout, found):
    lines = ['within %s s expected exactly %d open connection%s, got %d%s' % (
        timeout, count, '' if count == 1 else 's', len(found), ':' if found else '')]
    if len(found) > LINES:
        lines.append('  ... %d older ones' % (len(found) - LINES))
    return '\n'.join(lines + ['  %s' % each for each in found[-LINES:]])
