# -*- coding: utf-8 -*-
"""Clients of the soak: how they connect, what they send, and how they leave.

A client is a generator that does one step and yields, so that a thread can run several at a time.
Each step blocks for at most `PATIENCE` seconds. A client that is cut off, or waits longer, raises.
`Site.step` decides whether that was expected.
"""
from __future__ import unicode_literals

import contextlib
import socket
import ssl
import struct
import threading

from ledger import body_of

#: Seconds to wait for a response, or for the end of a connection.
PATIENCE = 30.0
#: 200 KiB of content.
FILL = b'0123456789abcdef' * 12800
METHODS = ('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PROPFIND')
#: Bytes of the body of a request.
SIZES = (0, 0, 0, 20, 300, 3000, 30000)
LARGE = 300000
FAULTS = ('disconnect', 'reset', 'stall')
MOMENTS = ('response', 'body', 'end', '0', '5')

GARBAGE = (
    b'nonsense\r\n\r\n', b'\r\n\r\n\r\nGET\r\n\r\n', b'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: a\r\nbad field\r\n\r\n', b'\x00\xff' * 50 + b'\r\n\r\n',
    b'GET / HTTP/1.1\r\n\r\n', b'G@T / HTTP/1.1\r\nHost: a\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc',
    b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: a\r\nX: ' + b'x' * 300000 + b'\r\n\r\n')


class Gone(Exception):
    """The server ended the connection before the response was complete."""


class Hung(Exception):
    """The server did not respond, or close the connection, in time."""


@contextlib.contextmanager
def gone_or_hung():
    """Turn each kind of error of a socket into `Hung` or `Gone`."""
    try:
        yield
    except (socket.error, ssl.SSLError, ValueError) as error:
        if isinstance(error, ValueError) and not isinstance(error, EnvironmentError):
            if 'Read on closed' not in str(error) and 'handshake' not in str(error):
                raise
        late = isinstance(error, socket.timeout) or 'timed out' in str(error)
        raise (Hung if late else Gone)('%s: %s' % (type(error).__name__, error))


class Connection(object):
    """A client's socket. It raises only `Gone` and `Hung`."""

    def __init__(self, server):
        self.received = b''
        self.port = None
        with gone_or_hung():
            self.socket = socket.create_connection((server.host, server.port), PATIENCE)
        try:
            with gone_or_hung():
                self.port = self.socket.getsockname()[1]
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # If no server listens, a socket may connect to itself.
            if self.port == server.port:
                raise Gone('itself')
        except Gone:
            self.socket.close()
            raise

    def secure(self, context):
        """Do the TLS handshake."""
        plain = self.socket
        try:
            with gone_or_hung():
                self.socket = context.wrap_socket(plain, server_hostname=str('localhost'))
        except (Gone, Hung):
            plain.close()
            raise

    def send(self, data):
        with gone_or_hung():
            self.socket.sendall(data)

    def close(self, abruptly=False):
        """Close the socket, *abruptly* with RST."""
        try:
            if abruptly:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack(str('ii'), 1, 0))
        except socket.error:
            pass
        self.socket.close()

    def more(self):
        """Receive some bytes; return False at the end."""
        with gone_or_hung():
            data = self.socket.recv(65536)
        self.received += data
        return bool(data)

    def rest(self):
        """Return all bytes up to the end, even if that is a reset."""
        try:
            while self.more():
                pass
        except Gone:
            pass
        return self.received

    def line(self, end=b'\r\n'):
        while end not in self.received:
            if not self.more():
                raise Gone('the end, after %r' % self.received[:80])
        line, _, self.received = self.received.partition(end)
        return line

    def take(self, count):
        parts, missing = [self.received], count - len(self.received)
        while missing > 0:
            self.received = b''
            if not self.more():
                raise Gone('the end, %d bytes too early' % missing)
            parts.append(self.received)
            missing -= len(self.received)
        whole = b''.join(parts)
        self.received = whole[count:]
        return whole[:count]

    def response(self, method):
        """Return the status, the X-Tag and the content of a response."""
        lines = self.line(b'\r\n\r\n').decode('latin-1').split('\r\n')
        status = int(lines[0].split(' ')[1])
        if 100 <= status < 200:
            return self.response(method)
        fields = dict(line.lower().split(': ', 1) for line in lines[1:])
        content = b''
        if method != 'HEAD':
            content = (self.chunks() if 'transfer-encoding' in fields
                       else self.take(int(fields['content-length'])))
        return status, fields.get('x-tag'), content

    def chunks(self):
        pieces = []
        for size in iter(lambda: int(self.line(), 16), 0):
            pieces.append(self.take(size + 2)[:-2])
        # The lines up to an empty one are trailers.
        while self.line():
            pass
        return b''.join(pieces)


class Visit(object):
    """The connection of one client to a *site*, and what it sends."""

    def __init__(self, site, random):
        self.site, self.random = site, random
        self.ledger = site.ledger
        self.connection = None
        # How many responses came on this connection, and how many are still to come.
        self.responses = 0
        self.open = 0
        # The kind of the last request.
        self.asking = None
        # Whether the server may end the connection.
        self.blamed = False

    def connect(self, secure=True):
        self.connection = Connection(self.site.server)
        if secure and self.site.context is not None:
            self.connection.secure(self.site.context)

    def leave(self, abruptly=False):
        """Close the connection. If a response is still to come, that causes a failure."""
        if self.connection is not None:
            if self.open or abruptly:
                self.blame()
            self.connection.close(abruptly)
            self.connection = None

    def blame(self):
        self.blamed = True
        self.ledger.cause(self.connection.port)

    def request(self, kind, query='', close=False, cut=False):
        """Return the tag, the method and the bytes of a request of some *kind*."""
        tag = self.ledger.tag()
        method = 'GET' if kind == 'queue' else self.random.choice(METHODS)
        size = 0 if kind == 'early' else self.random.choice(SIZES)
        if size and self.random.random() < 0.02:
            size = LARGE
        target = '/%s/%d%s' % (kind, tag, query)
        lines = ['%s %s HTTP/1.1' % (method, target), 'Host: localhost', 'X-Tag: %d' % tag,
                 'X-Size: %d' % size] + ['Connection: close'] * close
        body = body_of(tag, size)
        if size and self.random.random() < 0.3:
            lines.append('Transfer-Encoding: chunked')
            body = self.chunked(body)
        elif size:
            lines.append('Content-Length: %d' % size)
        self.ledger.ask(tag, kind, self.connection.port, not cut)
        return tag, method, '\r\n'.join(lines + ['', '']).encode('ascii') + body

    def chunked(self, body):
        parts, step = [], self.random.choice((7, 1000, 65536))
        for start in range(0, len(body), max(step, len(body) // 20)):
            piece = body[start:start + max(step, len(body) // 20)]
            parts.append(('%x\r\n' % len(piece)).encode('ascii') + piece + b'\r\n')
        trailer = b'X-Trailer: a\r\n' if self.random.random() < 0.3 else b''
        return b''.join(parts) + b'0\r\n' + trailer + b'\r\n'

    def ask(self, kind, query='', close=False):
        """Send a request of some *kind*; return the arguments for `receive`."""
        tag, method, data = self.request(kind, query, close)
        self.open += 1
        self.asking = kind
        self.connection.send(data)
        return tag, method, kind

    def receive(self, tag, method, kind):
        """Read a response, and record it with what is wrong with it."""
        status, x_tag, content = self.connection.response(method)
        self.open -= 1
        self.responses += 1
        self.site.receive(self, tag, kind, method, status, x_tag, content)
        if self.random.random() < 0.1:
            self.site.look(self, tag, status)


# The clients. Each connects first, and yields to let other clients of its thread run.

PLAIN = ('echo',) * 8 + ('large', 'stream', 'paced', 'delayed', 'queue', 'queue', 'raise',
                         'nowhere', 'match')


def keeping(visit):
    """Sends one request after another on a connection."""
    visit.connect()
    yield
    for _ in range(visit.random.randrange(1, 30)):
        asked = visit.ask(visit.random.choice(PLAIN))
        if visit.random.random() < 0.2:
            yield
        visit.receive(*asked)
        yield
        # After a 500 the server has closed the connection.
        if asked[2] == 'raise':
            return


def fresh(visit):
    """Sends one request, with ``Connection: close``."""
    visit.connect()
    visit.receive(*visit.ask(visit.random.choice(PLAIN), close=True))
    yield


def pipelining(visit):
    """Sends several requests before it reads the responses."""
    visit.connect()
    yield
    for _ in range(visit.random.randrange(1, 6)):
        asked = []
        data = b''
        for _ in range(visit.random.randrange(2, 9)):
            kind = visit.random.choice(('echo', 'echo', 'stream', 'queue'))
            tag, method, more = visit.request(kind)
            asked.append((tag, method, kind))
            data += more
        visit.open = len(asked)
        # A client that sends much and does not read may wait for ever.
        if len(data) > 60000:
            return
        visit.connection.send(data)
        yield
        for each in asked:
            visit.receive(*each)
        yield


def holding(visit):
    """Sends a request whose response is held, and then releases it."""
    visit.connect()
    tag, method, data = visit.request('held')
    event = visit.site.holds[tag] = threading.Event()
    try:
        visit.open += 1
        visit.connection.send(data)
        for _ in range(visit.random.randrange(6)):
            yield
        # Some clients leave first; the response is released after that.
        if visit.random.random() < 0.1:
            return
        event.set()
        visit.receive(tag, method, 'held')
    finally:
        event.set()
        visit.site.holds.pop(tag, None)
    yield


def failing(visit):
    """Sends a request for a fault."""
    visit.connect()
    visit.receive(*visit.ask('echo'))
    # This client may leave before the end of the exchange.
    visit.blame()
    yield
    fault = visit.random.choice(FAULTS)
    at = visit.random.choice(MOMENTS)
    kind, query = ('early', '') if visit.random.random() < 0.2 else (
        'fault', '?fault=%s&at=%s' % (fault, at))
    if kind == 'early':
        query = '?fault=' + fault
    tag, method, _ = visit.ask(kind, query)
    yield
    if fault == 'stall' or visit.random.random() < 0.3:
        for _ in range(visit.random.randrange(6)):
            yield
        visit.leave(visit.random.random() < 0.5)
        return
    visit.site.abort(visit, tag, kind, fault, at, visit.connection.rest())


def leaving(visit):
    """Sends a part of a request, and leaves."""
    visit.connect()
    visit.blame()
    for _ in range(visit.random.randrange(3)):
        visit.receive(*visit.ask('echo'))
        yield
    whole = visit.random.random() < 0.3
    _, _, data = visit.request(visit.random.choice(PLAIN), cut=not whole)
    end = len(data) if whole else visit.random.randrange(len(data))
    visit.connection.send(data[:end])
    visit.open = 1
    for _ in range(visit.random.randrange(4)):
        yield
    visit.leave(visit.random.random() < 0.5)


def waiting(visit):
    """Sends nothing, or half of something, and stays."""
    secure = visit.random.random() < 0.6
    visit.connect(secure)
    visit.blame()
    half = b''
    if not secure and visit.site.context is not None:
        half = visit.random.choice((b'', b'\x16\x03\x01\x02\x00\x01\x00'))
    elif visit.random.random() < 0.7:
        data = visit.request('echo', cut=True)[2]
        half = data[:visit.random.randrange(len(data))]
    visit.connection.send(half)
    for _ in range(visit.random.randrange(60)):
        yield
    visit.leave(visit.random.random() < 0.5)


def babbling(visit):
    """Sends garbage, or HTTP to a port that speaks TLS, or TLS to one that speaks HTTP."""
    secure = visit.random.random() < 0.8
    visit.connect(secure)
    visit.blame()
    if secure:
        visit.connection.send(visit.random.choice(GARBAGE))
    elif visit.site.context is not None:
        visit.connection.send(visit.random.choice((b'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
                                                   b'\x16\x03\x01\x00\x05garbage\r\n\r\n')))
    else:
        visit.connection.send(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'\n' * 300)
    yield
    visit.site.refused(visit, visit.connection.rest())


def stopping(visit):
    """Sends a request whose callback stops the server."""
    visit.connect()
    visit.ask('stop')
    visit.connection.rest()
    yield


CLIENTS = ([keeping] * 30 + [fresh] * 15 + [pipelining] * 10 + [holding] * 8 + [failing] * 15
           + [leaving] * 10 + [waiting] * 8 + [babbling] * 8)
