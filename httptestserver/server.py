# -*- coding: utf-8 -*-
"""Starts and stops a server: an endpoint that is bound to an address.

`Server` may be used from any thread. Each connection has a daemon thread of its own, in
which a `Handler` reads requests and answers them, one after another.
"""
import atexit
import contextlib
import logging
import socket
import threading
import time
import weakref

from httptestserver import tls
from httptestserver.scripting.vocabulary import is_response_key
from httptestserver.serving.delivery import BrokenOff, Ended, break_off, wait
from httptestserver.serving.handler import Handler
from httptestserver.http1.response_head import Heads
from httptestserver.serving.listener import Listener, shut
from httptestserver.recording.history import Failure
from httptestserver.scripting.response import Response, resolve
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.scripting.routing import Service
from httptestserver.waiting import Interrupt
from httptestserver.http1.connection import close, drain, linger

__all__ = ['Handler', 'Server', 'http_server', 'https_server', 'start_server',
           'start_ssl_server']

DEFAULT_HOST = '127.0.0.1'
DEFAULT_PORT = 0

WAITS = ('response_timeout', 'response_hold')   # what counts of an answer that is no answer
EXIT_PATIENCE = 0.1     # seconds that an interpreter waits for threads when it exits

log = logging.getLogger('httptestserver')
log.addHandler(logging.NullHandler())


class Server(Service):
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
    :param client_cert: ``'required'`` or, where a client may come without, ``'optional'``.
    :param history_limit: how many of the newest requests are kept, all by default.
    :param body_limit: how many octets of a request's body are kept, all by default. What is
        beyond is read and counted: ``body_discarded`` of such a request tells how much.
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
        self.body_limit = body_limit
        super(Server, self).__init__(_vocabulary(handler), scheme, history_limit)
        self.scheme = scheme
        self.certfile = (certfile or tls.CERTFILE) if scheme == 'https' else None
        self._context = None
        if scheme == 'https':
            self._context = tls.server_context(self.certfile, keyfile, client_cafile,
                                               client_cert)
        self._handler = handler
        self.heads = Heads(' '.join(filter(None, (handler.server_version, handler.sys_version))))
        self._failures = []                     # guarded by _lock
        self._silent = set()                    # stalled connections; guarded by _lock
        self._settled = None, None              # a script, and its response
        self._lifecycle = threading.RLock()
        self._serving = False                   # guarded by _lifecycle
        self._stopped = False                   # guarded by _lock
        self._listener = Listener((host, port), self._serve)
        self._address = self._listener.server_address

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

        Failed handshakes, malformed requests, clients that left in the middle; none of
        them is in `history`.
        """
        with self._lock:
            return list(self._failures)

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
            if not self._serving:
                listener = self._listener or Listener(self._address[:2], self._serve)
                self._listener = listener
                with self._lock:
                    self._interrupt, self._stopped = Interrupt(), False
                try:
                    listener.start()
                except BaseException:
                    self._listener = None
                    listener.close()
                    raise
                if self._listener is listener:          # or a signal handler stopped it
                    self._serving = True
                    _serving.add(self)
        return self

    def stop(self):
        """Free the port and end every connection, delay and thread. Idempotent.

        May be called from any thread, a handler's own too. Waits at most a second for
        threads that are busy with code of the test. Data and history stay.
        """
        self._close()

    def _close(self, *patience):
        listener = self._listener               # once: another thread may set it to None
        if listener is not None and listener.forked:
            self._leave_to_parent(listener)
            return
        with self._lifecycle:
            listener, self._listener = self._listener, None
            self._serving = False
            _serving.discard(self)
            if listener is not None:
                with self._lock:
                    self._interrupt.set()
                    self._stopped = True
                listener.free(*patience)        # in here: `start` needs the address
        if listener is not None:
            listener.close(*patience)

    def _leave_to_parent(self, listener):
        # Threads that are not in this child may have held the locks when it was forked.
        self._lifecycle = threading.RLock()
        self._listener = None
        self._serving = False
        listener.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.stop()

    def reset(self, interrupt=None):
        """Forget script, routes, history and failures, and end what delays an answer.

        :param interrupt: for handlers: that of an exchange; without effect where another
            reset came after it began.
        """
        with self._lock:
            if interrupt not in (None, self._interrupt):
                return
            old = self._forget()
            if self._stopped:
                self._interrupt.set()           # what is still there is not to wait either
            del self._failures[:]
            silent = list(self._silent)
        del old             # not before: what a test gave may end with code of the test's
        for connection in silent:
            shut(connection)

    # What follows is for handlers.

    def _serve(self, listener, connection, client_address, index):
        """Serve one connection, in its thread, and close it."""
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._break_off_early(connection, 'accept')
            handler = self._handler.__new__(self._handler)
            handler.connection_index, handler.tls = index, None
            if self._context is not None:
                self._break_off_early(connection, 'handshake')
                connection = self._secure(listener, connection, index)
                connection.do_handshake()
                handler.tls = tls.describe(connection)
            # The constructor of the standard library's handlers serves the connection.
            handler.__init__(connection, client_address, self)
        except (BrokenOff, Ended):
            pass
        except socket.error as error:
            self.add_failure(client_address, index, _reason(error, self.scheme))
            linger(connection)          # or the client may lose the alert that tells why
        except BaseException as error:
            log.exception('connection %s ended', index)
            self.add_failure(client_address, index, 'the handler raised %r' % error)
        finally:
            close(connection)

    def _break_off_early(self, connection, moment):
        if not self.has_early:
            return
        script, interrupt = self.early_fault(moment)
        if script is not None:
            if moment == 'handshake':
                connection.recv(1, socket.MSG_PEEK)         # it has begun
            wait(interrupt, Response({key: script[key] for key in script if key in WAITS}))
            break_off(connection, script['response_fault'], interrupt,
                      lambda silent: self.stay_silent(silent, interrupt))
            raise BrokenOff(script['response_fault'])

    def _secure(self, listener, connection, index):
        connection.getpeername()        # raises where the client left, while we hold the socket
        secured = self._context.wrap_socket(connection, server_side=True,
                                            do_handshake_on_connect=False)
        connection.close()              # Python 2 keeps it open beside the other
        listener.replace(index, secured)
        return secured

    def settle(self, script, request):
        """Return the `Response` to *request*; runs code of the test's."""
        known, response = self._settled
        if known is not script:
            response = resolve(script, request, self._vocabulary, self.scheme)
            if response.fixed:
                self._settled = script, response
        return response

    def add_failure(self, client_address, connection_index, reason):
        """Append to `failures`."""
        log.info('connection %s: %s', connection_index, reason)
        with self._lock:
            self._failures.append(
                Failure(client_address, connection_index, time.time(), reason))

    def stay_silent(self, connection, interrupt):
        """Say nothing until the client leaves, or *interrupt* is set."""
        with self._lock:
            if interrupt.is_set():
                return
            self._silent.add(connection)
        try:
            drain(connection)
        finally:
            with self._lock:
                self._silent.discard(connection)


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


def _reason(error, scheme):
    """Return why there was no request on a connection."""
    if scheme == 'http':
        return 'the client left: %s' % error
    if getattr(error, 'reason', None) == 'HTTP_REQUEST':
        return 'plain HTTP, but this server speaks TLS'
    return 'TLS handshake failed: %s' % error


_serving = weakref.WeakSet()


@atexit.register
def _stop_all():
    """Leave no thread that would run on in an interpreter that is going away."""
    for server in list(_serving):
        server._close(EXIT_PATIENCE)


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
