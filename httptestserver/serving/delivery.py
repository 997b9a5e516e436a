# -*- coding: utf-8 -*-
"""Delivers one response: waits, streams, keeps a pace, and aborts it.

Runs in the connection's thread, without a lock. `Server.stop` and `Server.reset` end every
wait, which raises `Interrupted`; a client that leaves raises `Disconnected`.
"""
from httptestserver.scripting.content import StreamedContent
from httptestserver.scripting.vocabulary import MOMENTS
from httptestserver.waiting import monotonic

__all__ = ['Aborted', 'Interrupted', 'deliver', 'wait']

PACE_TICK = 0.05        # seconds between two pieces of a paced body
HOLD_TICK = 0.02        # seconds between looks whether a hold was interrupted
PIECE = 1048576         # bytes

#: Faults before the first byte of a response. On a connection that is open already, those that
#: were meant for an earlier moment act here.
BEFORE_RESPONSE = MOMENTS[:4]


class Interrupted(Exception):
    """`Server.stop` or `Server.reset` ended what a response waited for."""


class Aborted(Exception):
    """The response ends here, as the *fault* of its script says."""

    def __init__(self, fault):
        super(Aborted, self).__init__(fault)
        self.fault = fault


def deliver(exchange, response):
    """Send *response*, and complete the entry before its last byte leaves.

    :param exchange: an `Exchange`.
    :param response: a `Response`.
    :raises Aborted: its fault says so.
    """
    if response.plain:
        exchange.respond(response, response.content)
        return
    try:
        for status, reason, fields in response.interim:
            exchange.interim(status, reason, fields)
        wait(exchange.interrupt, response)
        if response.fault and response.fault_at in BEFORE_RESPONSE:
            exchange.complete(_fault_keys(response), response.reset)
        else:
            _send(exchange, response)
    finally:
        if isinstance(response.content, StreamedContent):
            response.content.close()
    if response.fault:
        raise Aborted(response.fault)


def wait(interrupt, response):
    """Wait as *response* says.

    :raises Interrupted: *interrupt* was set.
    """
    if response.delay and interrupt.wait(response.delay):
        raise Interrupted('a delay')
    if response.hold is not None:
        # An event of the test's cannot be awaited together with one of ours.
        while not response.hold.wait(HOLD_TICK):
            if interrupt.is_set():
                raise Interrupted('a hold')


def _send(exchange, response):
    """Send the head and the content, up to the fault."""
    content = response.content if response.raw is None else bytes(response.raw)
    streamed = isinstance(content, StreamedContent)
    length = content.length if streamed else len(content)
    limit = _limit(response, length)
    head = exchange.start(response, length)
    if head.has_body:
        if response.rate or streamed and length != 0:
            # The client need not wait for the first piece.
            exchange.write(b'')
        pieces = _limited(_pieces(content, response.rate), limit)
        _send_pieces(exchange, response, content,
                     _paced(pieces, response.rate, streamed, exchange.interrupt),
                     _end(head, length, limit))
    else:
        exchange.complete(_keys(exchange, response, b'', 0))
    if limit is None or not head.has_body:
        exchange.finish(response.trailers)
    else:
        # The head leaves even if the fault left no content.
        exchange.write(b'')


def _send_pieces(exchange, response, content, pieces, end):
    """Send *pieces* of *content*, and complete the entry before the byte that is the last.

    :param end: with how many bytes the client has all that it gets; None if it gets more than
        the content, or nobody knows.
    """
    completed = False
    for piece in pieces:
        sent = exchange.sent + len(piece)
        if end is not None and sent >= end:
            # Again for each piece beyond a length that the script announced.
            completed = True
            exchange.complete(_keys(exchange, response, content, sent))
        exchange.write(piece)
    if not completed:
        exchange.complete(_keys(exchange, response, content, exchange.sent))


def _limit(response, length):
    """Return how many bytes of content are sent before the fault; None for all."""
    at = response.fault_at
    if not response.fault or at == 'end':
        return None
    if at != 'body':
        return at
    if length is None:
        raise ValueError("response_fault_at is 'body', but half of a stream whose length is not "
                         'known cannot be found: give a number of bytes')
    return length // 2


def _end(head, length, limit):
    """Return with how many bytes of content the client has all that it gets; None if unknown.

    :param limit: how many are sent before a fault; None for all.
    """
    if length is None and not head.chunked:
        # The script may have announced a length.
        announced = [value for name, value in head.fields if name.lower() == 'content-length']
        if announced and announced[0].isdigit():
            length = int(announced[0])
    if limit is not None:
        return limit if length is None else min(limit, length)
    # What ends chunks follows the content.
    return None if head.chunked else length


def _pieces(content, rate):
    """Yield the content in pieces as large as the pace allows."""
    size = int(max(1, min(PIECE, rate * PACE_TICK))) if rate else PIECE
    for whole in content if isinstance(content, StreamedContent) else (content,):
        for start in range(0, len(whole), size):
            yield whole[start:start + size]


def _limited(pieces, limit):
    """Yield the first *limit* bytes of *pieces*; all of them if it is None."""
    if limit is None:
        for piece in pieces:
            yield piece
    while limit:
        piece = next(pieces, b'')[:limit]
        if not piece:
            return
        limit -= len(piece)
        yield piece


def _paced(pieces, rate, streamed, interrupt):
    """Yield each piece when it is due.

    :raises Interrupted: *interrupt* was set; content that nothing delays is sent whole.
    """
    started, size = monotonic(), 0
    for piece in pieces:
        size += len(piece)
        if rate and interrupt.wait(started + size / float(rate) - monotonic()):
            raise Interrupted('a rate')
        if streamed and interrupt.is_set():
            raise Interrupted('a stream')
        yield piece


def _keys(exchange, response, content, sent):
    """Return what the entry records of the response beside its head.

    :param sent: how many bytes of the content are sent.
    """
    if isinstance(content, StreamedContent):
        content = content.sent
    if isinstance(content, bytes):
        content = content[:sent]
    keys = _fault_keys(response) if response.fault else {}
    keys['response_content' if response.raw is None else 'response_raw'] = content
    if exchange.chunked and response.trailers:
        keys['response_trailers'] = response.trailers
    if response.interim and exchange.version != 'HTTP/1.0':
        keys['response_informational'] = tuple(
            [(status, fields) for status, _, fields in response.interim])
    return keys


def _fault_keys(response):
    return {'response_fault': response.fault, 'response_fault_at': response.fault_at}
