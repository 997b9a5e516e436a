"""Measures with client and server in one process, as most tests have them."""

import contextlib
import http.client
import socket
import statistics
import threading
import time

from measure import PATIENCE, measure
from peers import HOST, PEERS

CLIENTS = 8             # that stand open while a server is stopped
TEST_LENGTH = 0.02      # seconds from the clients' last byte to stop: a short test
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
    """Register start and stop with clients in one state.

    Medians of as many cycles as fit, 3 at least, after one to warm up. A stop that takes
    PATIENCE ends the measure. What a server does with the clients is its own affair: the
    limit and some peers leave their connections open.
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
    """The milliseconds of one start and of one stop."""
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
    """The seconds that *call* took in a thread of its own, PATIENCE at most."""
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
lifecycle('stop-delayed', '%d answers 30 s away' % CLIENTS, waiting, 30)


# -- rates -----------------------------------------------------------------------------

def rate(call, seconds):
    """Calls of *call* a second, after a tenth of the time to warm up."""
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
    """One request over an HTTPConnection, which reconnects by itself where it must."""
    connection.request('GET', path)
    response = connection.getresponse()
    if response.status != 200 or not response.read():
        raise AssertionError('answered %d' % response.status)


def start(peer, **options):
    """The port of a server that lives as long as this process."""
    server = PEERS[peer](**options)
    server.start()
    return server.port


@measure('keepalive', ('http.client, kept connection', '/s'))
def keepalive(peer, settings):
    """One http.client connection. werkzeug's servers close it after each answer, so there
    http.client connects again each time."""
    connection = http.client.HTTPConnection(HOST, start(peer))
    return rate(lambda: fetch(connection), settings.seconds)


@measure('fresh', ('http.client, new connections', '/s'))
def fresh(peer, settings):
    """As keepalive, with a new connection for each request, which the client closes."""
    port = start(peer)

    def call():
        with contextlib.closing(http.client.HTTPConnection(HOST, port)) as connection:
            fetch(connection)

    return rate(call, settings.seconds)


@measure('requests', ('requests.get', '/s'))
def requests_get(peer, settings):
    """As fresh, by the client that most tests use. It takes most of the time itself."""
    import requests
    url = 'http://%s:%d/' % (HOST, start(peer))
    return rate(lambda: requests.get(url).raise_for_status(), settings.seconds)


@measure('routes', ('a request, no route', 'ms'), ('a request, 1000 routes', 'ms'),
         peers=tuple(name for name in PEERS if PEERS[name].routes))
def routes(peer, settings):
    """As keepalive: the plain path, then the one in the middle of 1000 routes, because some
    look at the newest first and some at the oldest."""
    result = {}
    for row, count, path in (('a request, no route', 0, '/'),
                             ('a request, 1000 routes', 1000, '/500')):
        connection = http.client.HTTPConnection(HOST, start(peer, routes=count))
        result[row] = 1000 / rate(lambda: fetch(connection, path), settings.seconds / 2.0)
    return result
