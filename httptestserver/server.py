# -*- coding: utf-8 -*-
"""Accepts connections and turns each request into one recorded, answered exchange.

`Server` may be used from any thread. Each connection has a daemon thread of its own, in
which a `Handler` reads requests and answers them, one after another.
"""
import atexit
import contextlib
import logging
import os
import socket
import threading
import time
import weakref

from six.moves.BaseHTTPServer import BaseHTTPRequestHandler

from httptestserver import tls
from httptestserver.endpoint import Endpoint
from httptestserver.grammar import BadRequest, parse_head
from httptestserver.listener import Listener
from httptestserver.request import Failure, Headers, RecordedRequest
from httptestserver.response import REASONS, VOCABULARY, Response, pairs
from httptestserver.timing import monotonic, pause
from httptestserver.wire import Disconnected, Head, Heads, Reader, Reply, close, linger, send

__all__ = ['Handler', 'Server', 'http_server', 'https_server', 'start_server',
           'start_ssl_server']

DEFAULT_HOST = '127.0.0.1'
DEFAULT_PORT = 0

log = logging.getLogger('httptestserver')
log.addHandler(logging.NullHandler())


class Handler(BaseHTTPRequestHandler, object):
    """Answers the requests of one connection, in that connection's thread.

    To override, in a subclass that ``Server(..., handler=...)`` is given:

    - `handle_request`, or a method such as ``do_PING`` for the method of that name. The
      request's ``body`` has been read. It answers with the standard library's
      `send_response`, `send_header`, `end_headers` and ``wfile``; where it leaves the
      framing open that is done right. Its request is recorded when it first writes or
      calls `save_history`, whichever is earlier. ``wfile`` holds what is written until
      ``flush()``, 64 KiB, or the end of the method.
    - `state`, `update_state`, `save_history`: what is recorded of a request.

    Public attributes are the request's facts, and what is recorded: the standard
    library's, ``body``, ``connection_index``, ``exchange_index``, ``tls``, ``trailers``,
    ``time`` and ``duration``. ``server`` is the `Server`.
    """

    # In slots, because __dict__ is the state that is recorded.
    __slots__ = ('_reader', '_entry', '_script', '_scripted', '_interrupt', '_started')

    protocol_version = 'HTTP/1.1'
    server_version = 'httptestserver'
    sys_version = ''

    def setup(self):
        """Prepare to read requests from the connection."""
        self.connection = self.request
        self.connection.settimeout(self.timeout)
        self.rfile = self._reader = Reader(self.connection)
        self.wfile = Reply(self)
        self.exchange_index = -1

    def finish(self):
        """End the session; the server closes the connection.

        History keeps ``rfile`` and ``wfile``, so they let go of what they hold.
        """
        self.connection.settimeout(0)       # say so, but do not wait for the client's word
        self.rfile.close()
        self.wfile.close()

    def handle_one_request(self):
        """Read a request, have it handled, and send what is left of its answer."""
        try:
            if not self._read_request():
                self.close_connection = True
                return
            getattr(self, 'do_' + self.command)()
            self._end_reply()
        except BadRequest as error:
            self._refuse(error.status, error.reason)
        except Disconnected as error:
            self._fail(str(error))
        except Exception as error:
            log.exception('the handler of %s failed', self.requestline)
            self._break_off('the handler raised %s: %s' % (type(error).__name__, error))

    def __getattr__(self, name):
        if name.startswith('do_'):
            return self.handle_request
        raise AttributeError('%s has no attribute %s' % (type(self).__name__, name))

    def _read_request(self):
        """Set what a request tells, and return True; False where the client ended instead."""
        head = self._reader.read_head()
        if not head:
            return False
        self._started = monotonic()
        self._entry = self._script = None
        self._scripted = False
        (self.command, self.path, self.request_version, self.requestline,
         self.raw_requestline, framing) = parse_head(head)
        self.headers = Headers(framing.block)
        self.close_connection = framing.close or (
            self.request_version == 'HTTP/1.0' and not framing.keep_alive)
        if framing.expect and framing.length != 0 and not self._reader.pending:
            send(self.connection, b'HTTP/1.1 100 Continue\r\n\r\n')
        self.body, self.trailers = self._reader.read_body(framing)
        self.exchange_index += 1
        self.time, self.duration = time.time(), None
        return True

    @property
    def state(self):
        """What is recorded of the request: a dict, the handler's public attributes."""
        return self.__dict__

    def update_state(self):
        """Show the `state` in ``server.data``."""
        self.server._publish(self.state)

    def save_history(self):
        """Record the request in ``server.history``; called again, its newer `state`.

        An entry stands there once, whoever records it.
        """
        entry = RecordedRequest(self.state)
        if self._entry is None:
            self._entry = entry
            self._script, self._interrupt = self.server._record(entry, self._scripted)
        else:
            self.server._complete(self._entry, entry)

    def handle_request(self):
        """Record the request and answer it as ``server.data`` scripts. May be overridden."""
        self._scripted = True
        self.update_state()
        self.save_history()
        if self._script is None:        # recorded before, or an override does not record
            self._script, self._interrupt = self.server._choose()
        self._respond(self.server._settle(self._script))

    def _respond(self, response):
        if response.delay and pause(self._interrupt, response.delay):
            self.close_connection = True
            return
        content = response.content
        head = self._head(response.status, response.reason, response.headers, len(content))
        if not head.carries:
            content = b''
        self.complete(head, content, response.reset)
        send(self.connection, head.octets, content)

    def _head(self, status, reason, headers, length):
        return self.server._heads.get(
            time.time(), status, reason, headers, length, self.command,
            self.request_version, not self.close_connection)

    # What follows serves the methods that a subclass defines.

    def record(self):
        """Record the request unless that was done, for what writes a response."""
        if self._entry is None:
            self.update_state()
            self.save_history()

    def head_for(self, reply, length):
        """Return the head of what a method of a subclass writes."""
        if reply.status is None:
            self.close_connection = True
            return Head(b'', None, None, (), True, False, False)
        return self._head(reply.status, reply.reason, pairs(reply.fields), length)

    def complete(self, head, content, reset=False):
        """Complete the entry with the response, of which no last octet has left yet."""
        self.close_connection = not head.persistent
        if self._entry is not None:
            self.server._complete(self._entry, {
                'duration': monotonic() - self._started,
                'response_status': head.status, 'response_reason': head.reason,
                'response_headers': head.fields, 'response_content': content})
        if reset:
            self.server.reset()

    def _end_reply(self):
        if self.wfile.begun:
            self.wfile.end()
            self.wfile.begin(None, None)

    def _break_off(self, reason):
        """Answer 500, or end a response that has begun where the client sees it is cut off."""
        if self.wfile.left:
            self._fail(reason)
        else:
            self._refuse(500, reason)

    def send_response(self, code, message=None):
        """Begin a response, as in the standard library. Date and Server are added."""
        self.log_request(code)
        self.send_response_only(code, message)

    def send_response_only(self, code, message=None):
        """Begin a response."""
        self.wfile.begin(code, REASONS.get(code, '') if message is None else message)

    def send_header(self, keyword, value):
        """Add a field. ValueError: it holds CR, LF or NUL."""
        self.wfile.fields.extend(pairs([(keyword, value)], 'send_header'))

    def end_headers(self):
        """End the fields; an interim response, such as 103, leaves at once."""

    def flush_headers(self):
        """Send what was written so far."""
        self.wfile.flush()

    def log_message(self, format, *args):
        """Log to the logger ``httptestserver``."""
        log.info('%s ' + format, self.client_address, *args)

    def _refuse(self, status, reason):
        """Answer *status* with *reason* as text, and end the connection."""
        self._fail(reason)
        content = reason.encode('utf-8') + b'\n'
        head = self.server._heads.get(
            time.time(), status, REASONS.get(status, ''),
            (('Content-Type', 'text/plain; charset=utf-8'),), len(content), 'GET',
            'HTTP/1.1', False)
        try:
            send(self.connection, head.octets, content)
        except Disconnected:
            pass                        # the failure that matters is the request's
        linger(self.connection)

    def _fail(self, reason):
        self.close_connection = True
        self.server._fail(self.client_address, self.connection_index, reason)


class Server(Endpoint):
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
    :param history_limit: how many of the newest requests are kept, all by default.
    :raises OSError: (IOError on Python 2) the address cannot be bound, or a file not read.
    :raises ValueError: a file is no certificate or key, or they do not match.
    """

    def __init__(self, host, port, scheme='http', handler=Handler, certfile=None,
                 keyfile=None, client_cafile=None, history_limit=None):
        if scheme not in ('http', 'https'):
            raise ValueError("scheme is 'http' or 'https', got %r" % (scheme,))
        super(Server, self).__init__(threading.RLock(), VOCABULARY, history_limit)
        self.scheme = scheme
        self.certfile = (certfile or tls.CERTFILE) if scheme == 'https' else None
        self._context = None
        if scheme == 'https':
            self._context = tls.server_context(self.certfile, keyfile, client_cafile)
        self._handler = handler
        self._heads = Heads(' '.join(filter(None, (handler.server_version, handler.sys_version))))
        self._failures = []                     # guarded by _lock
        self._interrupt = threading.Event()     # set when delays end; guarded by _lock
        self._settled = None, None              # a script, and its response
        self._lifecycle = threading.Lock()
        self._serving = False                   # guarded by _lifecycle
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

    def start(self):
        """Serve, on the port that it had; no effect while it serves. Returns the server.

        :raises OSError: the port was taken since `stop`.
        """
        with self._lifecycle:
            if not self._serving:
                if self._listener is None:
                    self._listener = Listener(self._address[:2], self._serve)
                with self._lock:
                    self._interrupt = threading.Event()
                self._listener.start()
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
        with self._lifecycle:
            listener, self._listener = self._listener, None
            self._serving = False
            _serving.discard(self)
        if listener is not None:
            with self._lock:
                self._interrupt.set()
            listener.close(*patience)

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.stop()

    def reset(self):
        """Forget script, history and failures, and end what delays an answer."""
        with self._lock:
            super(Server, self).reset()
            del self._failures[:]
            self._interrupt.set()
            self._interrupt = threading.Event()

    # What follows is for handlers.

    def _serve(self, listener, connection, client_address, index):
        """Serve one connection, in its thread, and close it."""
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            handler = self._handler.__new__(self._handler)
            handler.connection_index, handler.tls = index, None
            if self._context is not None:
                connection = self._secure(listener, connection, index)
                connection.do_handshake()
                handler.tls = tls.describe(connection)
            # The constructor of the standard library's handlers serves the connection.
            handler.__init__(connection, client_address, self)
        except socket.error as error:
            self._fail(client_address, index, _reason(error, self.scheme))
            linger(connection)          # or the client may lose the alert that tells why
        except Exception as error:
            log.exception('connection %s ended', index)
            self._fail(client_address, index, 'the handler raised %r' % error)
        finally:
            close(connection)

    def _secure(self, listener, connection, index):
        connection.getpeername()        # raises where the client left, while we hold the socket
        connection = self._context.wrap_socket(connection, server_side=True,
                                               do_handshake_on_connect=False)
        listener.replace(index, connection)
        return connection

    def _publish(self, state):
        with self._lock:
            self._data.publish(state)

    def _record(self, entry, scripted):
        """Record *entry*; where it is *scripted* choose its answer too, in one step."""
        with self._lock:
            self._history.append(entry)
            return (self._data.choose() if scripted else None), self._interrupt

    def _choose(self):
        with self._lock:
            return self._data.choose(), self._interrupt

    def _settle(self, script):
        known, response = self._settled
        if known is not script:
            response = Response(script)
            if response.fixed:
                self._settled = script, response
        return response

    def _complete(self, entry, keys):
        with self._lock:
            entry.update(keys)

    def _fail(self, client_address, connection_index, reason):
        log.info('connection %s: %s', connection_index, reason)
        with self._lock:
            self._failures.append(
                Failure(client_address, connection_index, time.time(), reason))


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
        server._close(0)


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
