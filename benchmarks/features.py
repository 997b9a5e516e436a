"""Measures of single features, each beside what it costs at least.

They have no peers: the figures are ratios of two times of this process, which alternate.
"""

import contextlib
import gzip
import http.client
import pathlib
import re
import socket
import statistics
import tempfile
import threading
import time

from inside import fetch
from measure import PATIENCE, measure
from outside import count_body
from peers import HOST, OURS

EVENTS = 1000
READERS = 50
#: What the server sends for each event, in a chunk.
EVENT = b'data: {"n": 7}\n\n'
ROUTES = 100
REQUEST = b'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'


def ratio(ours, least, rounds=5):
    """Return the median of the ratios of two functions that return seconds."""
    ours(), least()
    return statistics.median([ours() / least() for _ in range(rounds)])


def seconds(call, *args):
    begun = time.perf_counter()
    call(*args)
    return time.perf_counter() - begun


def drain(connection, count):
    """Receive until *count* events have come."""
    left, end = count, b''
    while left:
        received = connection.recv(1 << 16)
        assert received, 'the stream has ended'
        # An event may be cut in two.
        left -= (end + received).count(EVENT)
        end = (end + received).rpartition(EVENT)[2][-len(EVENT):]


def received_by(addresses, request, begin):
    """Return the seconds from *begin* until all readers have all events."""
    connections = [socket.create_connection(address, PATIENCE) for address in addresses]
    for connection in connections:
        connection.settimeout(10 * PATIENCE)
        connection.sendall(request)
    ready = begin()
    readers = [threading.Thread(target=drain, args=(each, EVENTS)) for each in connections]
    begun = time.perf_counter()
    for reader in readers:
        reader.start()
    ready()
    for reader in readers:
        reader.join()
    took = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    return took


@measure('stream', ('%d events to %d readers, to bare threads' % (EVENTS, READERS), 'times'),
         peers=(OURS,))
def stream(peer, settings):
    """Send events to many readers, and from threads that only write the same bytes to a socket."""
    import httptestserver
    server = httptestserver.start_server()

    def ours():
        stream = server.stream()
        server.data['response_events'] = stream

        def begin():
            stream.wait_opened(READERS, 10 * PATIENCE)
            return lambda: [stream.send({'n': 7}) for _ in range(EVENTS)]

        took = received_by([(server.host, server.port)] * READERS, REQUEST, begin)
        stream.close()
        return took

    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen(READERS)
        least = ratio(ours, lambda: bare(listening))
    server.stop()
    return least


def bare(listening):
    """Return the seconds in which threads send the events, each one in a write of its own."""
    go_on = threading.Event()
    chunk = b'%x\r\n%s\r\n' % (len(EVENT), EVENT)

    def serve(connection):
        with connection:
            go_on.wait()
            for _ in range(EVENTS):
                connection.sendall(chunk)

    def begin():
        for _ in range(READERS):
            accepted, _ = listening.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(accepted,), daemon=True).start()
        return go_on.set

    return received_by([listening.getsockname()] * READERS, b'', begin)


#: Criteria that the request of `criteria` meets, and for each one that it does not meet.
CRITERIA = {
    'path': ('/users/{id}', '/groups/{id}'),
    'query': ({'page': re.compile('[0-9]+')}, {'page': re.compile('[a-z]+')}),
    'headers': ({'X-Tag': 'one'}, {'X-Tag': 'two'}),
    'json_has': ({'user': {'name': 'Ada'}}, {'user': {'name': 'Bob'}}),
    'auth': ('abc', 'def'),
}
BODY = b'{"user": {"name": "Ada", "tags": [1, 2, 3]}, "page": 2}'
HEADERS = {'X-Tag': 'one', 'Authorization': 'Bearer abc', 'Content-Type': 'application/json'}


def post(connection):
    connection.request('POST', '/users/7?page=2', BODY, HEADERS)
    response = connection.getresponse()
    if (response.status, response.read()) != (200, b'found'):
        raise AssertionError('no route has responded')


@measure('criteria', *[('%s, %d routes to 1' % (name, ROUTES), 'times') for name in CRITERIA],
         peers=(OURS,))
def criteria(peer, settings):
    """Request the oldest of many routes that differ in one criterion."""
    import httptestserver
    result = {}
    for name, (met, missed) in CRITERIA.items():
        servers = []
        for count in (ROUTES, 1):
            server = httptestserver.start_server()
            server.route('POST', response_content=b'found', **{name: met})
            for _ in range(count - 1):
                server.route('POST', response_content=b'wrong', **{name: missed})
            servers.append(http.client.HTTPConnection(server.host, server.port))
        calls = [lambda each=each: seconds(lambda: [post(each) for _ in range(100)])
                 for each in servers]
        result['%s, %d routes to 1' % (name, ROUTES)] = ratio(*calls)
    return result


@measure('gzip', ('gzip of 1 MiB, to the same without a server', 'times'), peers=(OURS,))
def gzipped(peer, settings):
    """Fetch a compressed body, and compress and copy the same bytes without a server."""
    import httptestserver
    content = b''.join(b'%d: a line of text\n' % number for number in range(1 << 20))[:1 << 20]
    server = httptestserver.start_server()
    connection = http.client.HTTPConnection(server.host, server.port)

    def ours():
        # A new script each time, because the response of the same one is not made again.
        server.enqueue(response_content=content, response_content_encoding='gzip')
        return seconds(fetch, connection)

    result = ratio(ours, lambda: seconds(gzip.compress, content, 6))
    server.stop()
    return result


@measure('tunnel', ('a request through a new tunnel, to a new TLS connection', 'times'),
         peers=(OURS,))
def tunnel(peer, settings):
    """Verify a known host through new tunnels of a proxy, and on new connections to its server."""
    import httptestserver
    direct = httptestserver.start_ssl_server(hosts=['api.example.com'])
    proxy = httptestserver.start_server(proxy=True)
    for server in (direct, proxy):
        server.route('GET', response_content=b'found')
    context = proxy.client_context()

    def through(server, host):
        connection = http.client.HTTPSConnection(server.host, server.port, context=context)
        if host:
            connection.set_tunnel(host)
        with contextlib.closing(connection):
            fetch(connection)

    def calls(*args):
        return seconds(lambda: [through(*args) for _ in range(100)])

    result = ratio(lambda: calls(proxy, 'api.example.com'), lambda: calls(direct, None))
    direct.stop()
    proxy.stop()
    return result


@measure('folder', ('a file of a folder, to response_content of its path', 'times'), peers=(OURS,))
def folder(peer, settings):
    """Download a large file that the path of the request names, and one that the script names."""
    import httptestserver
    size = settings.megabytes << 20
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name, 'file')
        with path.open('wb') as file:
            # The system stores nothing of it, so no disk is measured.
            file.truncate(size)
        server = httptestserver.start_server()
        server.route('GET', '/folder/{path...}', response_folder=name)
        server.route('GET', '/path', response_content=path)
        connection = http.client.HTTPConnection(server.host, server.port)

        def download(target):
            connection.request('GET', target)
            count_body(connection.getresponse(), size)

        result = ratio(lambda: seconds(download, '/folder/file'),
                       lambda: seconds(download, '/path'))
        server.stop()
        connection.close()
    return result
