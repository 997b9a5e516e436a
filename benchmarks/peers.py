"""The servers that are measured, with one interface. Each is set up as in its documentation.

``python benchmarks/peers.py NAME [SETTINGS]`` runs one of them in its own process. It prints the
port, and serves until its standard input ends. SETTINGS is a JSON object of the keywords of `Peer`.

If one documented line makes a peer faster, it has that line: a peer writes no access log, sends
without Nagle's delay, and does not wait for open requests when it stops.
"""

import asyncio
import json
import logging
import socket
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = '127.0.0.1'
BODY = b'Hello, world!'


class Peer(object):
    """A server that sends the same body to every request.

    For the measures: `start`, `stop` and `port`. For derived classes: `open`, `close`,
    `add_routes`, and the attributes below.
    """

    #: A user imports `name` from `module`.
    module = None
    name = None
    #: Whether the server records requests, and whether it has routes.
    records = False
    routes = False

    def __init__(self, size=len(BODY), delay=0, certfile=None, expects=0, routes=0):
        """
        :param size: bytes of the body of each response.
        :param delay: seconds before each response.
        :param certfile: serve https with this certificate and key.
        :param expects: bytes of each request, for the limit, which does not parse it.
        :param routes: how many routes there are; ``/0`` is the oldest.
        """
        self.body = (BODY * (size // len(BODY) + 1))[:size]
        self.delay = delay
        self.certfile = certfile
        self.expects = expects
        self.route_count = routes
        self.port = None

    @property
    def ssl_context(self):
        if self.certfile is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certfile)
        return context

    def start(self):
        """Start the server, and return once the port is open and the response is set."""
        self.port = self.open()
        if self.route_count:
            self.add_routes(['/%d' % number for number in range(self.route_count)])

    def stop(self):
        self.close()


class HttpTestServer(Peer):
    """This project."""

    module, name = 'httptestserver', 'start_server'
    records = True
    routes = True

    def open(self):
        import httptestserver
        start = httptestserver.start_ssl_server if self.certfile else httptestserver.start_server
        self.server = start()
        self.server.data['response_content'] = self.body
        if self.delay:
            self.server.data['response_timeout'] = self.delay
        return self.server.port

    def add_routes(self, paths):
        if not hasattr(self.server, 'route'):
            raise NotImplementedError('this release has no routes')
        for path in paths:
            self.server.route('GET', path, response_content=self.body)

    def close(self):
        self.server.stop()


class PytestHttpServer(Peer):
    """pytest-httpserver with its defaults: one connection after the other."""

    module, name = 'pytest_httpserver', 'HTTPServer'
    records = True
    routes = True
    options = {}

    def open(self):
        from pytest_httpserver import HTTPServer
        logging.getLogger('werkzeug').setLevel(logging.ERROR)
        self.server = HTTPServer(HOST, 0, ssl_context=self.ssl_context, **self.options)
        self.server.start()
        handler = self.server.expect_request('/')
        if self.delay:
            handler.respond_with_handler(self._respond_late)
        else:
            handler.respond_with_data(self.body)
        return self.server.port

    def _respond_late(self, request):
        from werkzeug.wrappers import Response
        time.sleep(self.delay)
        return Response(self.body)

    def add_routes(self, paths):
        for path in paths:
            self.server.expect_request(path, 'GET').respond_with_data(self.body)

    def close(self):
        self.server.stop()


class PytestHttpServerThreaded(PytestHttpServer):
    """pytest-httpserver with a thread for each connection."""

    options = {'threaded': True}


class PytestLocalServer(Peer):
    """The ContentServer of pytest-localserver, which serves one connection after the other."""

    module, name = 'pytest_localserver.http', 'ContentServer'
    records = True

    def open(self):
        from pytest_localserver.http import ContentServer, WSGIServer
        logging.getLogger('werkzeug').setLevel(logging.ERROR)
        if self.delay:
            self.server = WSGIServer(application=self._respond_late)
        else:
            self.server = ContentServer(ssl_context=self.ssl_context)
            self.server.serve_content(self.body)
        self.server.start()
        return self.server.server_address[1]

    def _respond_late(self, environ, start_response):
        time.sleep(self.delay)
        start_response('200 OK', [('Content-Length', str(len(self.body)))])
        return [self.body]

    def close(self):
        self.server.stop()


class Aiohttp(Peer):
    """The web server of aiohttp, with its loop in a thread. It records nothing."""

    module, name = 'aiohttp.web', 'Application'
    routes = True

    def open(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self._call(self._open())

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    async def _open(self):
        from aiohttp import web
        application = web.Application(client_max_size=1 << 32)
        for number in range(self.route_count):
            application.router.add_get('/%d' % number, self._respond)
        application.router.add_route('*', '/{path:.*}', self._respond)
        self.runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.001)
        await self.runner.setup()
        site = web.TCPSite(self.runner, HOST, 0, ssl_context=self.ssl_context, backlog=1024)
        await site.start()
        return self.runner.addresses[0][1]

    async def _respond(self, request):
        from aiohttp import web
        await request.read()
        if self.delay:
            await asyncio.sleep(self.delay)
        return web.Response(body=self.body)

    def add_routes(self, paths):
        """Do nothing: its router is frozen once it serves, so `open` adds the routes."""

    def close(self):
        self._call(self.runner.cleanup())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class StdlibServer(ThreadingHTTPServer):
    # With the default of 5, 32 clients wait seconds to connect.
    request_queue_size = 1024


class Stdlib(Peer):
    """http.server, as one would use it in a test. It records nothing."""

    module, name = 'http.server', 'ThreadingHTTPServer'

    def open(self):
        self.server = StdlibServer((HOST, 0), stdlib_handler(self.body, self.delay))
        if self.certfile:
            self.server.socket = self.ssl_context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self.server.server_address[1]

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def stdlib_handler(body, delay):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        # Without this line a client that keeps its connection gets 24 responses a second.
        disable_nagle_algorithm = True

        def do_GET(self):
            if delay:
                time.sleep(delay)
            self.send_response(200)
            self.send_header('Content-Length', str(len(body)))
            if self.close_connection:
                self.send_header('Connection', 'close')
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.rfile.read(int(self.headers['Content-Length']))
            self.do_GET()

        def log_message(self, *args):
            pass

    return Handler


class Limit(Peer):
    """The cost of threads and sockets alone: it sends fixed bytes, whatever it receives.

    It has a thread for each connection, TCP_NODELAY, and one sendall for a response. It parses
    nothing and records nothing. For https it is a plain accept loop in one thread.
    """

    def open(self):
        # The response has as many fields as others have, because clients take time for each.
        head = (b'HTTP/1.1 200 OK\r\nServer: limit\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n'
                b'Content-Length: %d\r\n' % len(self.body))
        self.response = head + b'\r\n' + self.body
        self.last_response = head + b'Connection: close\r\n\r\n' + self.body
        self.listener = socket.create_server((HOST, 0), backlog=1024)
        loop = self._accept_tls if self.certfile else self._accept
        self.thread = threading.Thread(target=loop, daemon=True)
        self.thread.start()
        return self.listener.getsockname()[1]

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                # The listener was closed.
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        buffer = bytearray(1 << 16)
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                received = connection.recv(1 << 16)
                left = self.expects - len(received)
                while left > 0 and received:
                    left -= connection.recv_into(buffer)
                if not received:
                    return
                if self.delay:
                    time.sleep(self.delay)
                if b'Connection: close' in received:
                    connection.sendall(self.last_response)
                    return
                connection.sendall(self.response)

    def _accept_tls(self):
        context = self.ssl_context
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(connection, server_side=True) as connection:
                connection.recv(1 << 16)
                connection.sendall(self.response)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


OURS = 'httptestserver'
LIMIT = 'limit'
PEERS = {
    OURS: HttpTestServer,
    'pytest-httpserver': PytestHttpServer,
    'pytest-httpserver threaded': PytestHttpServerThreaded,
    'pytest-localserver': PytestLocalServer,
    'aiohttp': Aiohttp,
    'stdlib': Stdlib,
    LIMIT: Limit,
}


def main(name, settings='{}'):
    peer = PEERS[name](**json.loads(settings))
    peer.start()
    print(peer.port, flush=True)
    sys.stdin.read()


if __name__ == '__main__':
    main(*sys.argv[1:])
