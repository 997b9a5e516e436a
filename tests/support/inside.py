# -*- coding: utf-8 -*-
"""What a few tests need of the inside of a server, in one place."""
from httptestserver.scripting.endpoint import ServerEndpoint
from httptestserver.scripting.routing import Router
from httptestserver.serving import listener
from httptestserver.serving.listener import Listener
from support.waiting import TIMEOUT, eventually

__all__ = ['Unbound', 'all_ending', 'all_stopping', 'answer', 'at_rest', 'cut_early', 'idle',
           'listener_of', 'locks', 'set_patience', 'size_of', 'stalled', 'waiters']


class Unbound(ServerEndpoint):
    """All of a server but for its sockets, so that threads can ask it very often.

    :param options: those of `Router`.
    """

    def __init__(self, **options):
        self.router = Router(**options)
        super(Unbound, self).__init__(self.router)

    def answer(self, request):
        """Record *request* and return its script, as if it had come over a connection."""
        return self.router.answer(request, request)[0]


def answer(server, request):
    """Record *request* in *server*, as if it had come over a connection."""
    server._router.answer(request, request)


def waiters(server):
    """Return how many threads and tasks of asyncio wait for requests to *server*."""
    guard = server._router.guard
    return guard.waiting + len(guard.tasks)


def listener_of(server):
    """Return the listener that is bound to the address of *server*."""
    return server._listeners[-1]


def locks(server):
    """Return (name, lock) of each lock of *server*."""
    router, listeners = server._router, list(server._listeners)
    interrupts = [router._interrupt] + [listener._closing for listener in listeners]
    return ([('lifecycle', server._lifecycle), ('guard', router.guard.lock)]
            + [('listener', listener._lock) for listener in listeners]
            + [('interrupt', interrupt._changed) for interrupt in interrupts]
            + [('stream', feed._lock) for feed in list(router._feeds)])


def size_of(stream):
    """Return how many bytes the buffer of *stream* holds."""
    return len(stream._feed._buffer)


def all_ending(server):
    """Return whether `close_connections` has begun to end each open connection of *server*."""
    return all([each.fault for each in server._connections.open()])


def all_stopping(server):
    """Return whether `stop` has begun to end each open connection of *server*."""
    return all([each.ending for each in server._connections.open()])


def is_idle(server):
    """Return whether no thread of *server* serves a connection."""
    listener = listener_of(server)
    return len(listener._parked) == len(listener._workers)


def set_patience(setattr, seconds):
    """Have each `stop` wait at most *seconds* for clients and for user code.

    :param setattr: that of a monkeypatch, or the one that is built in.
    """
    for name in ('close', 'free'):
        setattr(Listener, name, _patient(getattr(Listener, name), seconds))


def _patient(method, seconds):
    return lambda listener, patience=seconds: method(listener, patience)


def cut_early(monkeypatch):
    """Have each `stop` be patient, and cut a client that does not read after half a second."""
    set_patience(monkeypatch.setattr, 2 * TIMEOUT)
    monkeypatch.setattr(listener, 'CUT_AFTER', 0.25 / TIMEOUT)


def idle(server):
    """Wait until no thread of *server* serves a connection."""
    eventually(lambda: is_idle(server))


def at_rest(server):
    """Wait until the queue is empty, and each response that was begun is sent whole or stalls."""
    eventually(lambda: not server._scripts.queue and not any(
        [each.busy for each in server._connections.open()]))


def stalled(server):
    """Wait until the newest response of *server* has its fault."""
    eventually(lambda: server.history and 'response_fault' in server.history[-1])
