"""Measures with client and server in one process, as in most tests."""

import contextlib
import http.client
import socket
import statistics
import threading
import time

from measure import PATIENCE, measure
from peers import HOST, PEERS

#: How many clients are connected when a server is stopped.
CLIENTS = 8
#: Seconds from the last byte of the clients to the stop, as in a short test.
TEST_LENGTH = 0.02
REQUEST = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'


# -- start and stop --------------------------------------------------------------------

def idle(connection):
    connection.sendall(REQUEST)
    connection.recv(1 << 16)


def silent(connection):
    pass


def half_sent(connection):
    connection.sendall(REQUEST[:-10])


def waiting(connection):
    connection.sendall(REQUEST)


def lifecycle(name, clients, act, delay=0):
    """Register the measures of start and stop with clients in one state.

    The results are medians of as many cycles as fit into the time, but at least 3, after one to
    warm up. A stop that takes PATIENCE ends the measure. The server need not end the connections
    of the clients: the limit and some peers leave them open.
    """
    stop, both = 'stop, ' + clients, 'start + stop, ' + clients
    rows = [(stop, 'ms'), (both, 'ms')]
    if act is None:
        rows.insert(0, ('start', 'ms'))

    @measure(name, *rows)
    def run(peer, settings):
        cycles = [cycle(peer, act, delay)]
        end = time.perf_counter() + settings.seconds
        while len(cycles) < 4 or time.perf_counter() < end:
            if cycles[-1][1] >= 1000 * PATIENCE:
                break
            cycles.append(cycle(peer, act, delay))
        starts, stops = zip(*(cycles[1:] or cycles))
        sums = [sum(times) for times in zip(starts, stops)]
        values = {'start': starts, stop: stops, both: sums}
        return {row: statistics.median(values[row]) for row, _ in rows}


def cycle(peer, act, delay):
    """Return the milliseconds of one start and of one stop."""
    server = PEERS[peer](delay=delay)
    started = timed(server.start)
    with contextlib.ExitStack() as connections:
        for _ in range(CLIENTS if act else 0):
            connection = socket.create_connection((HOST, server.port), PATIENCE)
            act(connections.enter_context(connection))
        time.sleep(TEST_LENGTH)
        stopped = timed(server.stop)
    return 1000 * started, 1000 * stopped


def timed(call):
    """Run *call* in its own thread, and return the seconds that it took, PATIENCE at most."""
    took = []

    def run():
        begun = time.perf_counter()
        call()
        took.append(time.perf_counter() - begun)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return took[0] if took else PATIENCE


lifecycle('stop', 'no clients', None)
lifecycle('stop-idle', '%d idle clients' % CLIENTS, idle)
lifecycle('stop-silent', '%d silent clients' % CLIENTS, silent)
lifecycle('stop-half', '%d half-sent requests' % CLIENTS, half_sent)
lifecycle('stop-delayed', '%d responses 30 s away' % CLIENTS, waiting, 30)


# -- rates -----------------------------------------------------------------------------

def rate(call, seconds):
    """Return how many calls of *call* were made a second, after a tenth of the time to warm up."""
    count_rate(call, seconds / 10.0)
    return count_rate(call, seconds)


def count_rate(call, seconds):
    begun = now = time.perf_counter()
    count = 0
    while now - begun < seconds:
        call()
        count += 1
        now = time.perf_counter()
    return count / (now - begun)


def fetch(connection, path='/'):
    """Make one request over an HTTPConnection, which connects again if it has to."""
    connection.request('GET', path)
    response = connection.getresponse()
    if response.status != 200 or not response.read():
        raise AssertionError('the response was a %d' % response.status)


def start(peer, **options):
    """Start a server that runs until this process ends, and return its port."""
    server = PEERS[peer](**options)
    server.start()
    return server.port


@measure('keepalive', ('http.client, kept connection', '/s'))
def keepalive(peer, settings):
    """Use one http.client connection.

    The servers of werkzeug close it after each response, so http.client connects again.
    """
    connection = http.client.HTTPConnection(HOST, start(peer))
    return rate(lambda: fetch(connection), settings.seconds)


@measure('fresh', ('http.client, new connections', '/s'))
def fresh(peer, settings):
    """Use a new http.client connection for each request, which the client closes."""
    port = start(peer)

    def call():
        with contextlib.closing(http.client.HTTPConnection(HOST, port)) as connection:
            fetch(connection)

    return rate(call, settings.seconds)


@measure('requests', ('requests.get', '/s'))
def requests_get(peer, settings):
    """Use requests, the client of most tests, which takes most of the time itself."""
    import requests
    url = 'http://%s:%d/' % (HOST, start(peer))
    return rate(lambda: requests.get(url).raise_for_status(), settings.seconds)


@measure('routes', ('a request, no route', 'ms'), ('a request, 1000 routes', 'ms'),
         peers=tuple(name for name in PEERS if PEERS[name].routes))
def routes(peer, settings):
    """Request a path without a route, then the one in the middle of 1000 routes.

    The middle is fair, because some peers try the newest route first, and others the oldest.
    """
    result = {}
    for row, count, path in (('a request, no route', 0, '/'),
                             ('a request, 1000 routes', 1000, '/500')):
        connection = http.client.HTTPConnection(HOST, start(peer, routes=count))
        result[row] = 1000 / rate(lambda: fetch(connection, path), settings.seconds / 2.0)
    return result
