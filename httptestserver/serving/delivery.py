# -*- coding: utf-8 -*-
"""Delivers one settled response: waits, streams, paces it, and breaks it off.

Runs in the connection's thread, without a lock. `Server.stop` and `Server.reset` end every
wait by an event, which raises `Ended`; a client that leaves raises `Disconnected`.
"""
import socket
import struct

try:
    from fcntl import ioctl
    from termios import TIOCOUTQ
except ImportError:
    ioctl = None                        # Windows has no such question

from httptestserver.http1.fields import to_bytes
from httptestserver.http1.response_head import encode_head
from httptestserver.scripting.content import StreamedContent
from httptestserver.scripting.vocabulary import MOMENTS
from httptestserver.waiting import monotonic
from httptestserver.http1.connection import linger, send

__all__ = ['BrokenOff', 'Ended', 'break_off', 'deliver', 'wait']

TICK = 0.05             # seconds between two pieces of a paced body
TAKEN_TICK = 0.001      # seconds between looks whether a client has taken what was sent
HOLD_TICK = 0.02        # seconds between looks whether a held answer was ended
STEP = 1048576          # octets of a piece that is not paced
UP_TO_RESPONSE = MOMENTS[:4]    # of which the first are past where the connection was open


class Ended(Exception):
    """`Server.stop` or `Server.reset` ended what an answer waited for."""


class BrokenOff(Exception):
    """The response is broken off as its *fault* says."""

    def __init__(self, fault):
        super(BrokenOff, self).__init__(fault)
        self.fault = fault


def deliver(exchange, response):
    """Send *response*, and complete the entry before its last octet leaves.

    :param exchange: a handler: ``connection``, ``request_version``, ``interrupt``,
        ``head_of(response, length)``, ``complete(head, reset, **keys)``; ``left`` is set once
        some of the response has left.
    :raises BrokenOff: its fault says so.
    """
    fault, at = response.fault, response.fault_at
    try:
        _inform(exchange, response)
        wait(exchange.interrupt, response)
        if fault and at in UP_TO_RESPONSE:
            exchange.complete(None, response.reset, response_fault=fault, response_fault_at=at)
            raise BrokenOff(fault)
        content = response.content if response.raw is None else bytes(response.raw)
        _Body(exchange, response, content).send()
        exchange.left = True                # even where it is no octet
    finally:
        if isinstance(response.content, StreamedContent):
            response.content.close()
    if fault:
        raise BrokenOff(fault)


def _inform(exchange, response):
    """Send the interim responses; HTTP/1.0 has none. RFC 9110, section 15.2."""
    if exchange.request_version != 'HTTP/1.0':
        for status, reason, fields in response.interim:
            send(exchange.connection, encode_head(status, reason, fields))


def wait(interrupt, response):
    """Wait as *response* says.

    :raises Ended: *interrupt* was set.
    """
    if response.delay and interrupt.wait(response.delay):
        raise Ended('a delay')
    if response.hold is not None:
        # An event of the test's cannot be waited for together with one of our own.
        while not response.hold.wait(HOLD_TICK):
            if interrupt.is_set():
                raise Ended('a hold')


class _Body(object):
    """The sending of one head and the content behind it."""

    def __init__(self, exchange, response, content):
        self._exchange = exchange
        self._response = response
        self._content = content
        self._connection = exchange.connection
        self._length = content.length if isinstance(content, StreamedContent) else len(content)
        self._head = exchange.head_of(response, self._length)
        self._announced = self._length if self._length is not None else _announced(self._head)
        self._limit = self._cut()
        self._sent = 0
        self._unsent = self._head.encoded
        self._told = -1                 # octets of which the entry tells
        self._started = monotonic()

    def _cut(self):
        """Return how many octets of content are sent before the fault; None for all."""
        at = self._response.fault_at
        if not self._response.fault or at == 'end' or not self._head.has_body:
            return None
        if at != 'body':
            return at
        if self._length is None:
            raise ValueError("response_fault_at is 'body', but half of a stream whose length "
                             'is not known cannot be told: give a number of octets')
        return self._length // 2

    def send(self):
        """Send it all, or up to the fault."""
        if isinstance(self._content, StreamedContent) and self._head.has_body and self._length != 0:
            self._send(b'')                # the client need not wait for the first piece
        if self._head.has_body:
            for piece in self._pieces():
                self._send_piece(piece)
        if self._limit is None:
            self._complete()
            self._end()
        else:
            self._complete()
            if self._unsent:                # of no octet of the content
                self._send(b'')

    def _pieces(self):
        """Yield the content in pieces as large as the pace allows, up to the fault."""
        source = self._content if isinstance(self._content, StreamedContent) else (self._content,)
        size = STEP
        if self._response.rate:
            size = int(max(1, min(STEP, self._response.rate * TICK)))
        for whole in source:
            for start in range(0, len(whole), size):
                piece = whole[start:start + size]
                if self._limit is not None:
                    piece = piece[:self._limit - self._sent]
                if piece:
                    self._keep_pace(len(piece))
                    yield piece
                if self._limit is not None and self._sent >= self._limit:
                    return

    def _keep_pace(self, size):
        if self._response.rate:
            due = self._started + (self._sent + size) / float(self._response.rate)
            if self._exchange.interrupt.wait(due - monotonic()):
                raise Ended('a rate')
        elif self._exchange.interrupt.is_set():
            raise Ended('a stream')

    def _send_piece(self, piece):
        self._sent += len(piece)
        if self._sent == self._announced and self._limit is None and not self._head.chunked:
            self._complete()
        if self._head.chunked:
            self._send(to_bytes('%x\r\n' % len(piece)), piece, b'\r\n')
        else:
            self._send(piece)

    def _send(self, *parts):
        self._exchange.left = True
        unsent, self._unsent = self._unsent, b''
        send(self._connection, unsent, *parts)

    def _end(self):
        if self._head.chunked:
            self._send(b'0\r\n' + b''.join(
                [to_bytes(name) + b': ' + to_bytes(value) + b'\r\n'
                 for name, value in self._response.trailers]) + b'\r\n')
        elif self._unsent:
            self._send(b'')

    def _complete(self):
        """Tell in the entry what was sent: before the last octet, as far as that is known."""
        if self._told == self._sent:
            return
        self._told = self._sent
        keys = {}
        response, content = self._response, self._content
        if isinstance(content, StreamedContent):
            sent = content.sent if self._head.has_body else b''
        else:
            sent = content
        if isinstance(sent, bytes):                 # a piece may have been cut by the fault
            sent = sent[:self._sent]
        if response.raw is not None:
            keys['response_raw'] = sent
        else:
            keys['response_content'] = sent
        if response.fault:
            keys.update(response_fault=response.fault, response_fault_at=response.fault_at)
        if self._head.chunked and response.trailers:
            keys['response_trailers'] = response.trailers
        if response.interim and self._exchange.request_version != 'HTTP/1.0':
            keys['response_informational'] = tuple(
                [(status, fields) for status, _, fields in response.interim])
        self._exchange.complete(self._head, response.reset, **keys)


def _announced(head):
    """Return the length that the author's fields tell of content whose length is not known."""
    lengths = [value for name, value in head.fields if name.lower() == 'content-length']
    return int(lengths[0]) if lengths and lengths[0].isdigit() else None


def break_off(connection, fault, interrupt, silence):
    """End *connection* as *fault* says, but for closing it.

    :param interrupt: ends the wait for a client to take what was sent before a reset.
    :param silence: called for ``'stall'``, to wait until somebody ends it.
    """
    if fault == 'reset':
        while not _taken(connection) and not interrupt.wait(TAKEN_TICK):
            pass
        # No linger time: closing then resets the connection.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    elif fault == 'disconnect':
        linger(connection)
    else:
        silence(connection)


def _taken(connection):
    """Whether the client's side has all that was sent; a reset drops what it has not."""
    if ioctl is None:
        return True
    try:
        connection.getpeername()        # or what a client that left has not taken stays unsent
        unsent = ioctl(connection.fileno(), TIOCOUTQ, b'\0' * 4)
    except EnvironmentError:
        return True                     # it has left
    return not struct.unpack('i', unsent)[0]
