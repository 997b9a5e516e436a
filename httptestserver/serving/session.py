# -*- coding: utf-8 -*-
"""One accepted connection to its end: early faults, TLS, the handler, failures.

A session runs in its connection's thread. `Backend` may be used from any.
"""
import logging
import socket

from httptestserver import tls
from httptestserver.http1.connection import abort, linger
from httptestserver.http1.response_head import Heads
from httptestserver.recording.history import Failure
from httptestserver.scripting.response import Response, resolve
from httptestserver.serving.delivery import Interrupted, wait
from httptestserver.serving.handler import Handler
from httptestserver.serving.listener import Connection
from httptestserver.waiting import clock

__all__ = ['Backend', 'serve']

log = logging.getLogger('httptestserver')

#: What counts of a script whose fault comes before there is a request.
WAITS = ('response_timeout', 'response_hold')


class Backend(object):
    """What the sessions and handlers of a server need of it.

    :param router: a `Router`.
    :param handler: a class of `Handler`.
    :param vocabulary: the keys of a response.
    :param scheme: ``'http'`` or ``'https'``.
    :param context: an `ssl.SSLContext`; None for http.
    :param body_limit: how many bytes of a request's body are kept; None for all.
    """

    def __init__(self, router, handler, vocabulary, scheme, context, body_limit):
        self.router = router
        self.handler = handler
        self.context = context
        self.body_limit = body_limit
        self.heads = Heads(' '.join(filter(None, (handler.server_version, handler.sys_version))))
        #: Whether the handler class has an `update_state` or a `save_history` of its own.
        self.overridden = (handler.update_state != Handler.update_state
                           or handler.save_history != Handler.save_history)
        #: Called with each entry once it is complete, in the connection's thread.
        self.observer = None
        self._vocabulary = vocabulary
        self._scheme = scheme
        self._connections = {}                  # by their current socket
        self._resolved = None, None             # a script, and its response
        self._names = None

    def resolve(self, script, request):
        """Return the `Response` to *request*; runs user code."""
        known, response = self._resolved
        if known is not script:
            response = resolve(script, request, self._vocabulary, self._scheme)
            if response.fixed:
                self._resolved = script, response
        return response

    def add_failure(self, connection, reason):
        """Record that something went wrong on a connection."""
        log.info('connection %s: %s', connection.index, reason)
        self.router.failures.add(Failure(connection.peer, connection.index, clock(), reason))

    def shared_names(self, names):
        """Return *names* as a frozenset, the same one for the same names as last time."""
        names = frozenset(names)
        if names != self._names:
            self._names = names
        return self._names

    def handle(self, connection, server):
        """Have a handler serve a connection until that ends."""
        current = connection.socket
        self._connections[current] = connection
        try:
            # The constructor of the standard library's handlers does it.
            self.handler(current, connection.peer, server)
        finally:
            del self._connections[current]

    def connection_of(self, current):
        """Return the `Connection` of a handler's socket; a new one for a handler without."""
        return self._connections.get(current) or Connection(None, None, current)


def serve(server, connection, client_address, listener):
    """Serve *connection*, which the listener closes afterwards. Does not raise."""
    backend = server._backend
    try:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if _abort_early(backend, connection, 'accept'):
            return
        if backend.context is not None:
            if _abort_early(backend, connection, 'handshake'):
                return
            _secure(backend.context, connection)
        backend.handle(connection, server)
    except Interrupted:
        pass
    except socket.error as error:
        backend.add_failure(connection, _reason(error, backend.context))
        # Or the client may lose the TLS alert that says why.
        linger(connection.socket)
    except BaseException as error:
        log.exception('connection %s ended', connection.index)
        backend.add_failure(connection, 'the handler raised %r' % error)


def _abort_early(backend, connection, moment):
    """Abort *connection* if a script says so at *moment*. Returns whether one does."""
    if not backend.router.has_early:
        return False
    script, interrupt = backend.router.early(moment)
    if script is None:
        return False
    if moment == 'handshake':
        # The client has begun it once the first byte is there.
        connection.socket.recv(1, socket.MSG_PEEK)
    wait(interrupt, Response({key: script[key] for key in script if key in WAITS}))
    abort(connection.socket, script['response_fault'], interrupt)
    return True


def _secure(context, connection):
    """Speak TLS on *connection*."""
    accepted = connection.socket
    # Raises if the client has left, while the socket is still ours to close.
    accepted.getpeername()
    secured = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
    # Python 2 keeps it open beside the other.
    accepted.close()
    connection.replace(secured)
    secured.do_handshake()
    connection.tls = tls.describe(secured)


def _reason(error, context):
    """Return why there was no request on a connection."""
    if context is None:
        return 'the client left: %s' % error
    if getattr(error, 'reason', None) == 'HTTP_REQUEST':
        return 'plain HTTP, but this server speaks TLS'
    return 'TLS handshake failed: %s' % error
