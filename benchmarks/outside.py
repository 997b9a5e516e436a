"""Measures of a server in its own process, and of the import of one."""

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time

import peers
from inside import fetch, rate
from measure import Skip, measure
from peers import HOST, PEERS

MIB = 1 << 20


@contextlib.contextmanager
def serving(peer, **options):
    """Serve *peer* from a subprocess, which is killed at the end; gives its (port, pid)."""
    command = [sys.executable, peers.__file__, peer, json.dumps(options)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.kill()
        process.communicate()


# -- rates -----------------------------------------------------------------------------

def load(connections, close):
    """Register the measure of wrk with *connections*, which *close* after each request or not."""
    row = 'wrk, %d connection%s' % (connections, 's' if connections > 1 else '')
    name = 'wrk-%d' % connections
    if close:
        row, name = row + ', closed', name + '-close'

    @measure(name, (row, '/s'))
    def run(peer, settings):
        if not shutil.which('wrk'):
            raise Skip('wrk is not installed (Debian, Ubuntu: apt-get install wrk)')
        with serving(peer) as (port, _):
            wrk(port, connections, close, 1)
            return wrk(port, connections, close, max(1, round(settings.seconds)))


def wrk(port, connections, close, seconds):
    """Return the requests a second that wrk counts.

    :raises AssertionError: some requests failed.
    """
    command = ['wrk', '-t1', '-c%d' % connections, '-d%ds' % seconds]
    if close:
        command += ['-H', 'Connection: close']
    output = subprocess.check_output(command + ['http://%s:%d/' % (HOST, port)], text=True)
    if 'Non-2xx' in output or 'Socket errors' in output:
        raise AssertionError(' '.join(output.split()))
    return float(re.search(r'Requests/sec:\s*([\d.]+)', output).group(1))


for _connections in (1, 8, 32):
    for _close in (False, True):
        load(_connections, _close)


@measure('https', ('https, new connections', '/s'))
def https(peer, settings):
    """Make a new TLS connection for each request, and verify the certificate.

    All peers have the bundled certificate of this project, and no session is resumed.
    """
    certfile, cafile = certificate()
    context = ssl.create_default_context(cafile=cafile)
    with serving(peer, certfile=certfile) as (port, _):
        def call():
            connection = http.client.HTTPSConnection(HOST, port, context=context)
            with contextlib.closing(connection):
                fetch(connection)

        return rate(call, settings.seconds)


def certificate():
    """Return the paths of the bundled certificate and of the file that verifies it."""
    import httptestserver
    with httptestserver.https_server() as server:
        return server.certfile, server.cafile


# -- large bodies ----------------------------------------------------------------------

@measure('download', ('download', 'MiB/s'))
def download(peer, settings):
    """Receive one large body from the server's memory, and only count its bytes."""
    size = settings.megabytes * MIB
    with serving(peer, size=size) as (port, _):
        begun = time.perf_counter()
        with contextlib.closing(http.client.HTTPConnection(HOST, port)) as connection:
            connection.request('GET', '/')
            count_body(connection.getresponse(), size)
        return settings.megabytes / (time.perf_counter() - begun)


def count_body(response, size):
    buffer = bytearray(MIB)
    received, got = 0, True
    while got:
        got = response.readinto(buffer)
        received += got
    if received != size:
        raise AssertionError('%d of %d bytes were received' % (received, size))


@measure('upload', ('upload', 'MiB/s'))
def upload(peer, settings):
    """Send one large body into the server's memory. The limit drops it."""
    size, chunk = settings.megabytes * MIB, bytes(MIB)
    head = b'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % size
    with serving(peer, expects=len(head) + size) as (port, _):
        begun = time.perf_counter()
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(head)
            for _ in range(settings.megabytes):
                connection.sendall(chunk)
            if b' 200 ' not in connection.recv(1 << 16):
                raise AssertionError('the upload was refused')
        return settings.megabytes / (time.perf_counter() - begun)


# -- memory and import -----------------------------------------------------------------

@measure('memory', ('memory a recorded request', 'KiB'), once=True,
         peers=tuple(name for name in PEERS if PEERS[name].records))
def memory(peer, settings):
    """Return how much the process of the server grows for each recorded request.

    The requests come over 8 kept connections. Each has its own query, and the fields of an
    ordinary client.
    """
    with serving(peer) as (port, pid):
        connections = [http.client.HTTPConnection(HOST, port) for _ in range(8)]
        ask(connections, range(1000))
        before = resident(pid)
        ask(connections, range(1000, 1000 + settings.requests))
        return (resident(pid) - before) / settings.requests


def ask(connections, numbers):
    fields = {'User-Agent': 'benchmark/1.0', 'Accept': '*/*', 'Connection': 'keep-alive'}
    for number in numbers:
        connection = connections[number % len(connections)]
        connection.request('GET', '/?number=%d' % number, headers=fields)
        connection.getresponse().read()


def resident(pid):
    """Return the resident size of a process in KiB."""
    with open('/proc/%d/status' % pid) as status:
        return int(re.search(r'VmRSS:\s*(\d+)', status.read()).group(1))


@measure('import', ('import', 'ms'), ('import, beyond http.server', 'ms'),
         peers=tuple(name for name in PEERS if PEERS[name].module))
def importing(peer, settings):
    """Return the best of 5 imports, and the same without the time of http.server."""
    own = best_import(PEERS[peer])
    base = best_import(PEERS['stdlib'])
    if peer == 'stdlib':
        return {'import': base}
    return {'import': own, 'import, beyond http.server': max(own - base, 0.01)}


def best_import(peer):
    """Return milliseconds in a new interpreter, with a name that may be imported lazily."""
    program = ('import time; begun = time.perf_counter(); from %s import %s; '
               'print(1000 * (time.perf_counter() - begun))' % (peer.module, peer.name))
    environment = dict(os.environ)
    # With this variable the time would include compiling.
    environment.pop('PYTHONDONTWRITEBYTECODE', None)
    # The interpreter looks for packages in the current directory first; this one has none.
    here = os.path.dirname(os.path.abspath(peers.__file__))
    return min(float(subprocess.check_output([sys.executable, '-c', program],
                                             env=environment, cwd=here))
               for _ in range(5))
