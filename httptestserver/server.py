# -*- coding: utf-8 -*-
"""Starts and stops a server: an endpoint with routes, bound to an address.

`Server` may be used from any thread. Each connection has a daemon thread of its own, in
which a `Handler` reads requests and responds to them, one after another.
"""
import atexit
import contextlib
import functools
import logging
import threading
import weakref

from httptestserver import tls
from httptestserver.scripting.endpoint import TIMEOUT, Endpoint
from httptestserver.scripting.routing import Router, ServerEndpoint
from httptestserver.scripting.vocabulary import VOCABULARY, is_response_key
from httptestserver.serving.handler import Handler
from httptestserver.serving.listener import Listener
from httptestserver.serving.session import Backend, serve

__all__ = ['Handler', 'Server', 'http_server', 'https_server', 'start_server',
           'start_ssl_server']

DEFAULT_HOST = '127.0.0.1'
DEFAULT_PORT = 0

EXIT_PATIENCE = 0.1     # seconds that an interpreter waits for threads when it exits

log = logging.getLogger('httptestserver')
log.addHandler(logging.NullHandler())


class Server(ServerEndpoint):
    """An HTTP or HTTPS server in a thread of this process.

    The constructor binds the address, so `port` is known; `start` serves, and `stop` ends
    it. As a context manager it does both.

    :param host: name or address to listen on; IPv6 without brackets.
    :param port: 0 lets the system choose a free one.
    :param scheme: ``'http'`` or ``'https'``.
    :param handler: a `Handler` class.
    :param certfile: PEM file, the bundled one by default; https only, as is *keyfile*, by
        default the same file.
    :param client_cafile: PEM file of authorities; clients have to show a certificate that
        one of them signed.
    :param client_cert: ``'required'``, or ``'optional'`` if a client may come without.
    :param history_limit: how many of the newest requests are kept, all by default; also of
        `unmatched`, `failures` and what `check` reports, each.
    :param body_limit: how many bytes of a request's body are kept, all by default. What is
        beyond is read and counted: ``body_discarded`` of such a request says how much.
    :raises OSError: (IOError on Python 2) the address cannot be bound, or a file not read.
    :raises ValueError: a file is no certificate or key, or they do not match.
    """

    def __init__(self, host, port, scheme='http', handler=Handler, certfile=None,
                 keyfile=None, client_cafile=None, history_limit=None,
                 client_cert='required', body_limit=None):
        if scheme not in ('http', 'https'):
            raise ValueError("scheme is 'http' or 'https', got %r" % (scheme,))
        for name, limit in (('history_limit', history_limit), ('body_limit', body_limit)):
            if limit is not None and limit < 0:
                raise ValueError('%s is None or 0 or more, got %r' % (name, limit))
        vocabulary = _vocabulary(handler)
        router = Router(vocabulary, scheme, history_limit)
        super(Server, self).__init__(router)
        self.scheme = scheme
        self.certfile = (certfile or tls.CERTFILE) if scheme == 'https' else None
        context = None
        if scheme == 'https':
            context = tls.server_context(self.certfile, keyfile, client_cafile, client_cert)
        self._backend = Backend(router, handler, vocabulary, scheme, context, body_limit)
        self._lifecycle = threading.RLock()
        #: Those that are not closed yet, the newest last; guarded by _lifecycle.
        self._listeners = []
        self._address = host, port
        self._address = self._listen().server_address

    def _listen(self):
        # In one statement, so that an exception leaves no bound socket that stop() does not know.
        self._listeners.append(Listener(self._address[:2], functools.partial(serve, self)))
        return self._listeners[-1]

    @classmethod
    def start_server(cls, host, port, **options):
        """Return a started HTTP server; *options* are those of the constructor."""
        return cls(host, port, 'http', **options).start()

    @classmethod
    def start_ssl_server(cls, host, port, certfile, keyfile, **options):
        """Return a started HTTPS server; *options* are those of the constructor."""
        return cls(host, port, 'https', certfile=certfile, keyfile=keyfile, **options).start()

    @property
    def host(self):
        """The address that the server is bound to."""
        return self._address[0]

    @property
    def port(self):
        """The port that the server is bound to; it keeps it over `stop` and `start`."""
        return self._address[1]

    @property
    def cafile(self):
        """PEM file that a client trusts to verify this server; None for http.

        The bundled authority, or for a certificate of one's own that certificate's file.
        """
        return tls.CAFILE if self.certfile == tls.CERTFILE else self.certfile

    def client_context(self):
        """Return a new `ssl.SSLContext` that trusts this server; None for http."""
        return tls.client_context(self.cafile) if self.cafile else None

    def __repr__(self):
        return '<%s %s>' % (type(self).__name__, self.url())

    def url(self, path='/'):
        """Return the URL of *path* on this server."""
        host = {'0.0.0.0': '127.0.0.1', '::': '::1'}.get(self.host, self.host)
        return '%s://%s:%d%s' % (self.scheme, '[%s]' % host if ':' in host else host,
                                 self.port, path)

    @property
    def failures(self):
        """What went wrong on the wire, oldest first: a list of `Failure`, a snapshot.

        Failed handshakes, malformed requests, clients that left before the end; none of
        them is in `history`.
        """
        return self._router.failures.all()

    def wait_failure(self, count=1, timeout=TIMEOUT):
        """Block until there are *count* failures, because a client may know of one first.

        :param timeout: seconds, from the call.
        :returns: all `failures`; there may be more than *count*.
        :raises AssertionError: with those that there are, once the time is over.
        """
        return self._router.failures.wait(count, timeout)

    def har(self):
        """Return `history` as a HAR 1.2 document: see `httptestserver.har.har`."""
        from httptestserver.har import har          # few tests pay for it
        return har(self.history)

    def start(self):
        """Serve, on the port that it had; no effect while it serves. Returns the server.

        :raises OSError: the port was taken since `stop`.
        :raises RuntimeError: (thread.error on Python 2) no thread is to be had. The port is
            free then, and it may be tried again.
        """
        with self._lifecycle:
            if not self._serves:
                listener = self._listeners[-1] if self._listeners else None
                if listener is None or listener.closing:
                    listener = self._listen()
                self._router.start()
                try:
                    listener.start()
                except BaseException:
                    self.stop()
                    raise
                _serving.add(self)
        return self

    @property
    def _serves(self):
        return bool(self._listeners) and self._listeners[-1].serving

    def stop(self):
        """Free the port and end every connection, delay and thread. Idempotent.

        May be called from any thread, a handler's own too. A response that was chosen and
        that nothing delays is sent whole. Waits at most a second for clients that take one,
        and for user code. Data and history stay.
        """
        self._stop()

    def _stop(self, *patience):
        if self._listeners and self._listeners[-1].forked:
            self._leave_to_parent()
            return
        with self._lifecycle:
            listeners = list(self._listeners)
            if listeners:
                self._router.stop()
            for listener in listeners:
                # In here, because start() needs the address.
                listener.free(*patience)
        # Not in here, because user code in a connection's thread may stop the server too.
        for listener in listeners:
            listener.close(*patience)
        with self._lifecycle:
            # In place, because start() may be about to add one, under a signal handler.
            for listener in set(listeners).intersection(self._listeners):
                self._listeners.remove(listener)
            if not self._listeners:
                _serving.discard(self)

    def _leave_to_parent(self):
        # Threads that are not in this child may have held the lock when it was forked.
        self._lifecycle = threading.RLock()
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.stop()


def _vocabulary(handler):
    """Return the keys of a response, with those that a `Handler` class adds."""
    vocabulary = dict(VOCABULARY)
    for key, checked in handler.response_keys.items():
        if not is_response_key(key):
            raise ValueError('a key in response_keys starts with response_, got %r' % (key,))
        vocabulary[key] = checked or _anything
    return vocabulary


def _anything(key, value):
    """Accept every value of a key."""


_serving = weakref.WeakSet()


@atexit.register
def _stop_all():
    """Leave no thread that would run on in an interpreter that is going away."""
    for server in list(_serving):
        server._stop(EXIT_PATIENCE)


def start_server(host=None, port=None, **options):
    """Return a started HTTP `Server`.

    :param host: ``'127.0.0.1'`` by default.
    :param port: one that is free by default.
    :param options: further parameters of `Server`.
    """
    return Server.start_server(host or DEFAULT_HOST, port or DEFAULT_PORT, **options)


def start_ssl_server(host=None, port=None, certfile=None, keyfile=None, **options):
    """Return a started HTTPS `Server`.

    :param certfile: PEM file, the bundled certificate by default.
    :param keyfile: PEM file of its key, by default the same file.

    The others are those of `start_server`.
    """
    return Server.start_ssl_server(host or DEFAULT_HOST, port or DEFAULT_PORT, certfile,
                                   keyfile, **options)


@contextlib.contextmanager
def http_server(*args, **kws):
    """Context of a `start_server` with the same parameters; stops it at the end."""
    with start_server(*args, **kws) as server:
        yield server


@contextlib.contextmanager
def https_server(*args, **kws):
    """Context of a `start_ssl_server` with the same parameters; stops it at the end."""
    with start_ssl_server(*args, **kws) as server:
        yield server
