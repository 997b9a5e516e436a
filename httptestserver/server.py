# -*- coding: utf-8 -*-
"""Starts and stops a server: an endpoint with routes, bound to an address.

A `Server` may be used from any thread. Each connection has a daemon thread of its own, in which
a `Handler` reads requests and responds to them, one after another.
"""
import atexit
import functools
import threading

from six import string_types

from httptestserver import tls
from httptestserver.http1.address import is_unix, origin_of
from httptestserver.scripting.arguments import check_count, check_timeout
from httptestserver.scripting.endpoint import ServerEndpoint
from httptestserver.serving import started
from httptestserver.serving.backend import Backend, new_router, vocabulary_of
from httptestserver.serving.block import Block
from httptestserver.serving.connections import Connections
from httptestserver.serving.handler import Handler
from httptestserver.serving.identity import identify
from httptestserver.serving.listener import Listener
from httptestserver.serving.options import (
    check_keywords, check_names, check_options, not_possible)
from httptestserver.serving.session import serve
from httptestserver.wording import wrong

__all__ = ['Handler', 'Server', 'http_server', 'https_server', 'start_server',
           'start_ssl_server']

DEFAULT_HOST = '127.0.0.1'
DEFAULT_PORT = 0

#: The interpreter waits at most so long for threads when it exits.
EXIT_PATIENCE = 0.1     # seconds


class Server(ServerEndpoint):
    """An HTTP or HTTPS server in a thread of this process.

    The constructor binds the address, so `port` is known at once. `start` begins to serve, and
    `stop` ends it. A ``with`` block does both.

    :param host: the name or address to listen on; IPv6 without brackets. ``'unix:/run/x.sock'`` is
        a Unix socket at this path, and ``'unix:@name'`` is an abstract one.
    :param port: the port; with 0 the system chooses a free one. None or 0 for a Unix socket.
    :param scheme: ``'http'`` or ``'https'``.
    :param handler: the class `Handler`, or a subclass.
    :param certfile: PEM file of the server's certificate. Default: the bundled one. This and the
        next three parameters, *hosts*, *ssl_context* and *certificate* are for https only.
    :param keyfile: PEM file of its private key. Default: *certfile*.
    :param client_cafile: PEM file of authorities that sign client certificates. Default: clients
        are not asked for one.
    :param client_cert: ``'required'``, or ``'optional'`` to accept clients without a certificate.
    :param history_limit: how many of the newest requests are kept. The limit applies to each
        history, to `unmatched`, to `failures` and to the exceptions for `check`. Default: all.
    :param body_limit: how many bytes of each request body are kept. The rest is read, and its
        size is ``body_discarded`` of the request. Default: all.
    :param hosts: a list of host names and IP addresses. The server has a certificate for each of
        them, signed by the authority of this process. Needs the extra ``tls``.
    :param ssl_context: an `ssl.SSLContext` that the server uses as it is.
    :param proxy: whether CONNECT requests open tunnels, which end in this server: for http only.
        Needs the extra ``tls``.
    :param certificate: one that clients refuse: ``'expired'``, ``'not_yet_valid'``,
        ``'wrong_host'``, ``'self_signed'`` or ``'untrusted'``. At most one of *certfile*, *hosts*,
        *ssl_context* and *certificate* may be given.
    :raises ImportError: *hosts* and *proxy* need the extra ``tls``.
    :raises OSError: (IOError on Python 2) the address cannot be bound, or a file cannot be read.
    :raises TypeError: a parameter is of a wrong type.
    :raises ValueError: a parameter is wrong, a file is no certificate or key, or the two do not
        match.
    """

    def __init__(self, host, port, scheme='http', handler=Handler, certfile=None,
                 keyfile=None, client_cafile=None, history_limit=None,
                 client_cert='required', body_limit=None, hosts=None, ssl_context=None,
                 proxy=False, certificate=None):
        secure = {'certfile': certfile, 'keyfile': keyfile, 'client_cafile': client_cafile,
                  'client_cert': None if client_cert == 'required' else client_cert,
                  'hosts': hosts, 'ssl_context': ssl_context, 'certificate': certificate}
        check_options(host, port, scheme, handler,
                      {'history_limit': history_limit, 'body_limit': body_limit}, secure, proxy)
        vocabulary = vocabulary_of(handler)
        router, tunnelling = new_router(
            proxy, vocabulary, not_possible(scheme, host, proxy), history_limit)
        super(Server, self).__init__(router)
        self.scheme = scheme
        self._identity = identify(scheme, secure, proxy)
        self.certfile = self._identity.certfile
        self._backend = Backend(router, handler, vocabulary, self._identity.context,
                                body_limit, tunnelling)
        self._connections = Connections(router.guard, router.cannot)
        self._lifecycle = threading.RLock()
        # The listeners that are not closed yet, newest last. There are two or more if a thread
        # starts the server again while another is in stop().
        self._listeners = []                    # guarded by _lifecycle
        self._address = host, port
        self._address = self._listen().server_address

    def _listen(self):
        kind = Listener
        if is_unix(self._address[0]):
            # Imported here, because few servers need it.
            from httptestserver.serving.unixlistener import UnixListener as kind
        # In one statement, so that an exception leaves no bound socket that stop() does not know.
        self._listeners.append(kind(
            self._address[:2], functools.partial(serve, self), self._connections))
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
        """The address that the server is bound to; of a Unix socket ``unix:`` and its path."""
        return self._address[0]

    @property
    def port(self):
        """The port that the server is bound to. It stays the same after `stop` and `start`.

        It is None for a Unix socket.
        """
        return self._address[1]

    @property
    def cafile(self):
        """Path of the PEM file with which a client can verify this server; None for http.

        It is the bundled authority for the bundled certificate, and *certfile* itself for another.
        With *hosts* or *proxy* it is the authority of this process; the file is removed when the
        process exits. With *certificate* it is an authority with which a client finds only what
        is wrong. It is None with *ssl_context*, too.
        """
        return self._identity.cafile

    def client_context(self):
        """Return a new `ssl.SSLContext` for clients that trusts this server.

        It is None if `cafile` is None.
        """
        return tls.client_context(self.cafile) if self.cafile else None

    def __repr__(self):
        return '<%s %s>' % (type(self).__name__, self.url())

    def url(self, path='/'):
        """Return the URL of *path* on this server. A slash is added if *path* begins with none.

        If the server listens on all addresses, the URL has the loopback address. That of a Unix
        socket, such as ``http+unix://%2Frun%2Fx.sock/``, is understood by a few clients only.

        :raises TypeError: *path* is not a str.
        """
        if not isinstance(path, string_types):
            raise wrong(TypeError, 'path', 'a str', path)
        # In a URL a query or fragment may follow the port at once: RFC 3986, section 3.
        if path and path[0] not in '/?#':
            path = '/' + path
        return origin_of(self.scheme, self.host, self.port) + path

    @property
    def failures(self):
        """What went wrong on connections, oldest first: a new list of `Failure`.

        That is failed handshakes, requests that RFC 9112 does not allow, and clients that
        closed within a request or response.
        """
        return self._router.failures.all()

    def wait_failure(self, count=1, timeout=5.0):
        """Block until there are *count* failures since the last reset.

        A client may see a failure before the server has recorded it.

        :param timeout: seconds, from the call.
        :returns: all `failures`; maybe more than *count*.
        :raises AssertionError: the time is over. The message lists the failures.
        """
        check_count(count, timeout=True)
        check_timeout(timeout)
        return self._router.failures.wait(count, timeout)

    @property
    def open_connections(self):
        """How many connections are open: accepted, and not closed by the server yet.

        The server closes an idle connection at once when its client does. While it makes or sends a
        response, it does not notice that the client has closed until it sends something.
        """
        return len(self._connections.open())

    def wait_connections(self, count, timeout=5.0):
        """Block until exactly *count* connections are open.

        A client may be connected before the server has accepted it, and may have closed before
        the server has.

        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over. The message lists the open connections.
        """
        check_count(count)
        check_timeout(timeout)
        self._connections.wait(count, timeout)

    def close_connections(self, fault='disconnect'):
        """End all connections that are open now, even within an exchange.

        When the call returns, none of them is open, and the next read of each client finds the
        end. Later connections are served. What it ends is not in `failures`.

        In a callback, the connection of its own exchange stays open until its response is sent.

        :param fault: ``'disconnect'``, or ``'reset'`` (TCP RST). A reset waits until the threads
            of the connections notice, at most a second. If user code runs for longer, its client
            gets a regular end. A Unix socket cannot be reset.
        :raises ValueError: *fault* is something else, or the server cannot do it.
        """
        self._connections.close(fault, self._router.interrupt_all)

    @property
    def tunnels(self):
        """The tunnels that clients have opened since the last reset: a new list of `Tunnel`.

        They are in the order in which they were opened. Without *proxy* there are none.
        """
        return self._router.tunnels()

    def environ(self, base=None, no_proxy=''):
        """Return a copy of an environment, with the variables that lead programs to this proxy.

        :param base: a mapping. Default: the environment of this process.
        :param no_proxy: hosts that programs reach without the proxy, separated by commas.
        :raises RuntimeError: the server is no proxy.
        """
        # Imported here, because few tests need it.
        from httptestserver.serving import environment
        return environment.replaced(environment.leading_to(self, 'environ', no_proxy), base)

    def intercept(self, no_proxy=''):
        """Return a context manager that leads the clients of this process to this proxy.

        It sets environment variables for the block, those of `environ`, and restores them at its
        end. They are those of the whole process, so they hold for all its threads. If several
        blocks overlap, the one that began last is in force.

        Without a block nothing is set, and a `RuntimeWarning` says so.

        :param no_proxy: hosts that clients reach without the proxy, separated by commas.
        :raises RuntimeError: the server is no proxy.
        """
        from httptestserver.serving import environment
        return environment.Interception(environment.leading_to(self, 'intercept', no_proxy))

    def har(self, redact=()):
        """Return `history` as a HAR 1.2 document: a dict that `json.dump` can write.

        :param redact: names of header fields, such as ``['Authorization', 'Cookie']``. Their
            values become ``'REDACTED'``, and those of the cookies too. URLs and bodies stay.
        """
        # Imported here, because few tests need it.
        from httptestserver.har import har
        return har(self.history, redact)

    def start(self):
        """Start to serve on `port`, and return the server. No effect if it serves already.

        :raises OSError: (socket.error on Python 2) another program has bound the port since
            `stop`.
        :raises RuntimeError: (thread.error on Python 2) no thread can be started. The port is
            free then, and another call may succeed.
        """
        with self._lifecycle:
            if not self._is_serving:
                listener = self._listeners[-1] if self._listeners else None
                if listener is None or listener.closing:
                    listener = self._listen()
                self._router.start()
                try:
                    listener.start()
                except BaseException:
                    self.stop()
                    raise
                started.note(self)
        return self

    @property
    def _is_serving(self):
        return bool(self._listeners) and self._listeners[-1].serving

    def stop(self):
        """Free the port, and end all connections, waits and threads.

        May be called from any thread, also by user code, and more than once. A response that was
        chosen and has no delay is sent whole. Blocks at most a second, until clients have read
        such responses and user code has returned. Data and history stay.
        """
        self._stop()

    def _stop(self, *patience):
        """Stop the server. *patience* is in seconds: see `Listener.close`."""
        # Copied once, because another thread may stop the server between two looks.
        listeners = list(self._listeners)
        if listeners and listeners[-1].forked:
            self._leave_to_parent()
            return
        with self._lifecycle:
            listeners = list(self._listeners)
            if listeners:
                self._router.stop()
            for listener in listeners:
                # Under the lock, because start() binds the same address.
                listener.free(*patience)
        # Without the lock, because close() waits for user code, which may call stop() too.
        for listener in listeners:
            listener.close(*patience)
        with self._lifecycle:
            # Changed in place: a signal handler may call stop() while start() adds a listener.
            for listener in set(listeners).intersection(self._listeners):
                self._listeners.remove(listener)

    def _leave_to_parent(self):
        """Close the sockets of a forked child. The parent goes on serving."""
        # A thread of the parent may have held the lock during the fork, and would never release
        # the copy.
        self._lifecycle = threading.RLock()
        self._connections = Connections(self._router.guard, self._router.cannot)
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.stop()


@atexit.register
def _stop_all():
    """Stop all servers, because threads that run while the interpreter exits may fail."""
    for server in started.servers():
        # In a forked child the lock of a stopped server may be held for ever.
        if server._listeners:
            server._stop(EXIT_PATIENCE)


def start_server(host=None, port=None, **options):
    """Return a started HTTP `Server`.

    :param host: the name or address to listen on. Default: ``'127.0.0.1'``.
    :param port: Default: the system chooses a free one.
    :param options: further parameters of `Server`.
    :raises: as `Server` and `Server.start`.
    """
    check_names('a keyword of start_server()', options, secure='start_ssl_server()')
    return Server.start_server(host or DEFAULT_HOST, port or DEFAULT_PORT, **options)


def start_ssl_server(host=None, port=None, certfile=None, keyfile=None, **options):
    """Return a started HTTPS `Server`.

    :param certfile: PEM file of the certificate. Default: the bundled one.
    :param keyfile: PEM file of its private key. Default: *certfile*.

    The other parameters are those of `start_server`.
    """
    check_names('a keyword of start_ssl_server()', options)
    return Server.start_ssl_server(host or DEFAULT_HOST, port or DEFAULT_PORT, certfile,
                                   keyfile, **options)


def http_server(host=None, port=None, check=False, **options):
    """Return a context manager. It starts an HTTP `Server` for its block, then stops it.

    :param check: True to call `Server.check` after the server has stopped, unless the block has
        raised. A dict has keyword arguments for it, such as ``{'unrequested': True}``.
    :raises TypeError, ValueError: *check* is wrong.

    The other parameters are those of `start_server`. They are used when the block begins.
    """
    check_names('a keyword of http_server()', options, ('check',), 'https_server()')
    return Block(lambda: start_server(host, port, **options), check_keywords(check),
                 'http_server()', 'start_server()')


def https_server(host=None, port=None, certfile=None, keyfile=None, check=False, **options):
    """Return a context manager as `http_server`, but with the parameters of `start_ssl_server`."""
    check_names('a keyword of https_server()', options, ('check',))
    return Block(lambda: start_ssl_server(host, port, certfile, keyfile, **options),
                 check_keywords(check), 'https_server()', 'start_ssl_server()')
