# -*- coding: utf-8 -*-
"""The parts of a server that its connections and handlers share.

A `Backend` may be used from any thread.
"""
import logging
import os

from httptestserver.http1.response_head import Heads
from httptestserver.recording.history import Failure
from httptestserver.scripting.response import resolve
from httptestserver.scripting.routing import Router
from httptestserver.scripting.vocabulary import VOCABULARY, is_response_key
from httptestserver.serving.connections import Connection
from httptestserver.serving.handler import Handler
from httptestserver.waiting import clock

__all__ = ['Backend', 'new_router', 'vocabulary_of']

log = logging.getLogger('httptestserver')
# The package logs nothing unless the test sets a handler.
log.addHandler(logging.NullHandler())


class Backend(object):
    """The parts of a server that connections and handlers use.

    :param router: a `Router`.
    :param handler: the class `Handler`, or a subclass.
    :param vocabulary: the known keys, as `VOCABULARY`.
    :param context: an `ssl.SSLContext`; None for http.
    :param body_limit: how many bytes of a request's body are kept; None keeps all.
    :param proxy: a `Proxy`; None if the server opens no tunnels.
    """

    def __init__(self, router, handler, vocabulary, context, body_limit, proxy=None):
        self.router = router
        self.handler = handler
        self.context = context
        self.body_limit = body_limit
        self.proxy = proxy
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
        self._pseudonym = None                  # guarded by the lock of the router
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

    @property
    def pseudonym(self):
        """The name of the server in Via fields, which no other has. RFC 9110, section 7.6.3."""
        if self._pseudonym is None:
            random = ''.join(['%02x' % byte for byte in bytearray(os.urandom(6))])
            with self.router.guard.lock:
                # Another thread may have made one meanwhile.
                self._pseudonym = self._pseudonym or 'httptestserver-' + random
        return self._pseudonym

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


def new_router(proxy, *parameters):
    """Return a new `Router`, and the `Proxy` of the server; None if it is none.

    :param proxy: whether the server is a proxy.
    :param parameters: those of `Router`.
    :raises ImportError: a proxy needs the extra ``tls``.
    """
    if not proxy:
        return Router(*parameters), None
    # Imported here, because few servers need it.
    from httptestserver.scripting.proxying import ProxyRouter
    from httptestserver.serving.proxy import Proxy
    router = ProxyRouter(*parameters)
    return router, Proxy(router)


def vocabulary_of(handler):
    """Return the known keys, as `VOCABULARY`, with those that a `Handler` subclass adds."""
    vocabulary = dict(VOCABULARY)
    for key, check in handler.response_keys.items():
        if not is_response_key(key):
            raise ValueError('a key in response_keys starts with response_, got %r' % (key,))
        vocabulary[key] = check or _accept_any
    return vocabulary


def _accept_any(key, value):
    """Accept every value of a key."""
