# -*- coding: utf-8 -*-
"""Clients of the soak: how they come, what they send, and how they leave.

A client is a generator that does one step and yields, so that a thread has several at a time;
each step blocks for at most `PATIENCE` seconds. A client that is cut off, or waits longer than
that, raises; `Site.step` tells whether that was to be expected.
"""
from __future__ import unicode_literals

import contextlib
import socket
import ssl
import struct
import threading

from ledger import body_of

PATIENCE = 30.0         # seconds that an answer, or the end of a connection, may take
FILL = b'0123456789abcdef' * 12800          # 200 KiB
METHODS = ('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PROPFIND')
SIZES = (0, 0, 0, 20, 300, 3000, 30000)     # octets of a request's body
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
    """The server ended the connection before the answer was whole."""


class Hung(Exception):
    """The server did not answer, or end, in time."""


@contextlib.contextmanager
def told_apart():
    """Have an error of a socket, of which there are many kinds, be `Hung` or `Gone`."""
    try:
        yield
    except (socket.error, ssl.SSLError, ValueError) as error:
        if isinstance(error, ValueError) and not isinstance(error, EnvironmentError):
            if 'Read on closed' not in str(error) and 'handshake' not in str(error):
                raise
        late = isinstance(error, socket.timeout) or 'timed out' in str(error)
        raise (Hung if late else Gone)('%s: %s' % (type(error).__name__, error))


class Connection(object):
    """A client's socket; `Gone` and `Hung` are all that it raises."""

    def __init__(self, server):
        self.received = b''
        self.port = None
        with told_apart():
            self.socket = socket.create_connection((server.host, server.port), PATIENCE)
        try:
            with told_apart():
                self.port = self.socket.getsockname()[1]
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.port == server.port:    # where nobody listens it may connect to itself
                raise Gone('itself')
        except Gone:
            self.socket.close()
            raise

    def secure(self, context):
        """Shake hands."""
        plain = self.socket
        try:
            with told_apart():
                self.socket = context.wrap_socket(plain, server_hostname=str('localhost'))
        except (Gone, Hung):
            plain.close()
            raise

    def send(self, octets):
        with told_apart():
            self.socket.sendall(octets)

    def close(self, abruptly=False):
        """Leave, *abruptly* with RST."""
        try:
            if abruptly:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack(str('ii'), 1, 0))
        except socket.error:
            pass
        self.socket.close()

    def more(self):
        """Receive; False at the end."""
        with told_apart():
            octets = self.socket.recv(65536)
        self.received += octets
        return bool(octets)

    def rest(self):
        """Return all that comes up to the end, also where that is a reset."""
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
                raise Gone('the end, %d octets too early' % missing)
            parts.append(self.received)
            missing -= len(self.received)
        whole = b''.join(parts)
        self.received = whole[count:]
        return whole[:count]

    def answer(self, method):
        """Return the status, the X-Tag and the content of a response."""
        lines = self.line(b'\r\n\r\n').decode('latin-1').split('\r\n')
        status = int(lines[0].split(' ')[1])
        if 100 <= status < 200:
            return self.answer(method)
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
        while self.line():
            pass                        # a trailer
        return b''.join(pieces)


class Visit(object):
    """One client's stay at a *site*: its connection, and what it asks."""

    def __init__(self, site, random):
        self.site, self.random = site, random
        self.ledger = site.ledger
        self.connection = None
        self.answered = 0               # on this connection
        self.open = 0                   # requests without their answer
        self.asking = None              # the kind of the last request
        self.blamed = False             # whether the server may end the connection

    def connect(self, secure=True):
        self.connection = Connection(self.site.server)
        if secure and self.site.context is not None:
            self.connection.secure(self.site.context)

    def leave(self, abruptly=False):
        """Close; whoever leaves without all answers gives cause for a failure."""
        if self.connection is not None:
            if self.open or abruptly:
                self.blame()
            self.connection.close(abruptly)
            self.connection = None

    def blame(self):
        self.blamed = True
        self.ledger.cause(self.connection.port)

    def request(self, kind, query='', close=False, cut=False):
        """Return the tag, the method and the octets of a request of some *kind*."""
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
        """Send a request of some *kind*; return what `answer` takes."""
        tag, method, octets = self.request(kind, query, close)
        self.open += 1
        self.asking = kind
        self.connection.send(octets)
        return tag, method, kind

    def answer(self, tag, method, kind):
        """Read an answer; note it, and what is wrong with it."""
        status, told, content = self.connection.answer(method)
        self.open -= 1
        self.answered += 1
        self.site.told(self, tag, kind, method, status, told, content)
        if self.random.random() < 0.1:
            self.site.look(self, tag, status)


# Clients. Each begins with a connection, and yields where others may have their turn.

PLAIN = ('echo',) * 8 + ('large', 'stream', 'paced', 'delayed', 'queue', 'queue', 'raise',
                         'nowhere', 'match')


def keeping(visit):
    """Asks one thing after another on a connection."""
    visit.connect()
    yield
    for _ in range(visit.random.randrange(1, 30)):
        asked = visit.ask(visit.random.choice(PLAIN))
        if visit.random.random() < 0.2:
            yield
        visit.answer(*asked)
        yield
        if asked[2] == 'raise':
            return                      # the server has closed


def fresh(visit):
    """Asks one thing, and announces that it will leave."""
    visit.connect()
    visit.answer(*visit.ask(visit.random.choice(PLAIN), close=True))
    yield


def pipelining(visit):
    """Sends several requests before it reads."""
    visit.connect()
    yield
    for _ in range(visit.random.randrange(1, 6)):
        asked = []
        octets = b''
        for _ in range(visit.random.randrange(2, 9)):
            kind = visit.random.choice(('echo', 'echo', 'stream', 'queue'))
            tag, method, more = visit.request(kind)
            asked.append((tag, method, kind))
            octets += more
        visit.open = len(asked)
        if len(octets) > 60000:         # who sends much, and does not read, may wait for ever
            return
        visit.connection.send(octets)
        yield
        for each in asked:
            visit.answer(*each)
        yield


def holding(visit):
    """Has its answer held, and lets go of it."""
    visit.connect()
    tag, method, octets = visit.request('held')
    event = visit.site.holds[tag] = threading.Event()
    try:
        visit.open += 1
        visit.connection.send(octets)
        for _ in range(visit.random.randrange(6)):
            yield
        if visit.random.random() < 0.1:
            return                      # leaves, and lets go then
        event.set()
        visit.answer(tag, method, 'held')
    finally:
        event.set()
        visit.site.holds.pop(tag, None)
    yield


def failing(visit):
    """Has its answer broken off."""
    visit.connect()
    visit.answer(*visit.ask('echo'))
    visit.blame()                       # may leave within it
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
    told = visit.connection.rest()
    visit.site.broken_off(visit, tag, kind, fault, at, told)


def leaving(visit):
    """Sends some of a request, and leaves."""
    visit.connect()
    visit.blame()
    for _ in range(visit.random.randrange(3)):
        visit.answer(*visit.ask('echo'))
        yield
    whole = visit.random.random() < 0.3
    _, _, octets = visit.request(visit.random.choice(PLAIN), cut=not whole)
    end = len(octets) if whole else visit.random.randrange(len(octets))
    visit.connection.send(octets[:end])
    visit.open = 1
    for _ in range(visit.random.randrange(4)):
        yield
    visit.leave(visit.random.random() < 0.5)


def waiting(visit):
    """Says nothing, or half of something, and stays."""
    secure = visit.random.random() < 0.6
    visit.connect(secure)
    visit.blame()
    half = b''
    if not secure and visit.site.context is not None:
        half = visit.random.choice((b'', b'\x16\x03\x01\x02\x00\x01\x00'))
    elif visit.random.random() < 0.7:
        octets = visit.request('echo', cut=True)[2]
        half = octets[:visit.random.randrange(len(octets))]
    visit.connection.send(half)
    for _ in range(visit.random.randrange(60)):
        yield
    visit.leave(visit.random.random() < 0.5)


def babbling(visit):
    """Sends what is no request, or HTTP to a port that speaks TLS, or the other way around."""
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
    """Has a callback stop the server."""
    visit.connect()
    visit.ask('stop')
    visit.connection.rest()
    yield


CLIENTS = ([keeping] * 30 + [fresh] * 15 + [pipelining] * 10 + [holding] * 8 + [failing] * 15
           + [leaving] * 10 + [waiting] * 8 + [babbling] * 8)
