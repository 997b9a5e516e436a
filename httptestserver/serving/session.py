# -*- coding: utf-8 -*-
"""Serves one accepted connection to its end: early faults, TLS, the handler, failures.

`serve` runs in the thread of the connection. A `Backend` may be used from any thread.
"""
import logging
import socket

from httptestserver import tls
from httptestserver.http1.connection import abort, linger
from httptestserver.http1.response_head import Heads
from httptestserver.recording.history import Failure
from httptestserver.scripting.response import Response, resolve
from httptestserver.serving.connections import Connection
from httptestserver.serving.delivery import Interrupted, wait
from httptestserver.serving.handler import Handler
from httptestserver.waiting import clock

__all__ = ['Backend', 'serve']

log = logging.getLogger('httptestserver')

#: The keys that delay a fault before there is a request. Such a script's other keys are ignored.
WAITS = ('response_timeout', 'response_hold')


class Backend(object):
    """The parts of a server that connections and handlers use.

    :param router: a `Router`.
    :param handler: the class `Handler`, or a subclass.
    :param vocabulary: the known keys, as `VOCABULARY`.
    :param context: an `ssl.SSLContext`; None for http.
    :param body_limit: how many bytes of a request's body are kept; None keeps all.
    """

    def __init__(self, router, handler, vocabulary, context, body_limit):
        self.router = router
        self.handler = handler
        self.context = context
        self.body_limit = body_limit
        self.heads = Heads(' '.join(filter(None, (handler.server_version, handler.sys_version))))
        #: Whether the handler class overrides `update_state` or `save_history`.
        self.overridden = (handler.update_state != Handler.update_state
                           or handler.save_history != Handler.save_history)
        #: Called with each entry once it is complete, in the connection's thread.
        self.observer = None
        #: Called with each `Failure`, in the connection's thread.
        self.failure_observer = None
        self._vocabulary = vocabulary
        # The connections that handlers serve, by their socket.
        self._connections = {}
        # The last script whose response is fixed, and that response.
        self._resolved = None, None
        # The names that `shared_names` has returned last.
        self._names = None

    def resolve(self, script, request):
        """Return the `Response` that *script* makes for *request*. Runs user code."""
        known, response = self._resolved
        if known is not script:
            response = resolve(script, request, self._vocabulary, self.router.cannot)
            if response.fixed:
                self._resolved = script, response
        return response

    def add_failure(self, connection, reason):
        """Record a `Failure` of a connection, unless the test has ended it.

        :param reason: one line of text.
        """
        if connection.fault:
            return
        log.info('connection %s: %s', connection.index, reason)
        failure = Failure(connection.peer, connection.index, clock(), reason)
        self.router.failures.add(failure)
        if self.failure_observer is not None:
            self.failure_observer(failure)

    def shared_names(self, names):
        """Return *names* as a frozenset. Equal names usually get the same object.

        `Scripts.publish` compares only the identity of the object.
        """
        names = frozenset(names)
        if names != self._names:
            self._names = names
        return self._names

    def handle(self, connection, server):
        """Run a handler on *connection* until the connection ends."""
        current = connection.socket
        self._connections[current] = connection
        try:
            # In the standard library the constructor of a handler serves the connection.
            self.handler(current, connection.peer, server)
        finally:
            del self._connections[current]

    def connection_of(self, current):
        """Return the `Connection` of a handler's socket.

        A handler that was made without `handle` gets a new one.
        """
        return self._connections.get(current) or Connection(None, None, current)


def serve(server, connection, client_address, listener):
    """Serve *connection* until it ends. The listener closes it afterwards.

    Exceptions become failures of the connection, because nobody could catch them here.
    """
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
        if not connection.fault:
            # Without this the client may lose the TLS alert that explains the failure.
            linger(connection.socket)
    except BaseException as error:
        log.exception('connection %s ended', connection.index)
        backend.add_failure(connection, 'the handler raised %r' % error)


def _abort_early(backend, connection, moment):
    """Abort *connection* if the next script has a fault at *moment*. Returns whether it has."""
    if not backend.router.has_early:
        return False
    script, interrupt = backend.router.early(moment)
    if script is None:
        return False
    if connection.fault:
        raise Interrupted('the connection')
    if moment == 'handshake':
        # Wait for the first byte, with which the client begins the handshake.
        connection.socket.recv(1, socket.MSG_PEEK)
    wait(interrupt, Response({key: script[key] for key in script if key in WAITS}))
    abort(connection.socket, script['response_fault'], interrupt)
    return True


def _secure(context, connection):
    """Do the TLS handshake on *connection*."""
    accepted = connection.socket
    # Raises if the client has closed. In `wrap_socket` that would leave the socket unclosed.
    accepted.getpeername()
    secured = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
    # On Python 2 the accepted socket stays open after it was wrapped.
    accepted.close()
    connection.replace(secured)
    secured.do_handshake()
    connection.tls = tls.describe(secured)


def _reason(error, context):
    """Return the reason of a failure, from the error of a socket."""
    if context is None:
        return 'the client left: %s' % error
    if getattr(error, 'reason', None) == 'HTTP_REQUEST':
        return 'plain HTTP, but this server speaks TLS'
    return 'TLS handshake failed: %s' % error
