# -*- coding: utf-8 -*-
"""Delivers one response: waits, streams, keeps a rate, and aborts.

It runs in the connection's thread, without a lock. If `Server.stop`, `reset` or
`close_connections` ends a wait, `Interrupted` is raised. If the client closes, `Disconnected` is
raised.
"""
import threading

from six import ensure_binary

from httptestserver.http1.connection import Disconnected
from httptestserver.http1.fields import first_value, parse_length
from httptestserver.http1.response_head import PLAIN_TEXT, REASONS, has_body
from httptestserver.recording.request import CutContent
from httptestserver.scripting.content import ContentAborted, StreamedContent
from httptestserver.scripting.response import Response
from httptestserver.scripting.vocabulary import BEFORE_RESPONSE
from httptestserver.waiting import clock, monotonic
from httptestserver.wording import described

__all__ = ['Aborted', 'Interrupted', 'Recipient', 'deliver', 'deliver_error', 'refuse',
           'release', 'wait']

#: A body with a rate is sent in pieces that are this far apart.
PACE_TICK = 0.05        # seconds

#: A hold checks this often whether it was interrupted.
HOLD_POLL = 0.02        # seconds

#: The largest piece of content that is sent at once.
PIECE = 1048576         # bytes


class Interrupted(Exception):
    """`Server.stop`, `reset` or `close_connections` ended a wait of the response."""


class Aborted(Exception):
    """The *fault* of the script ends the exchange."""

    def __init__(self, fault):
        super(Aborted, self).__init__(fault)
        self.fault = fault


class Recipient(object):
    """The client of a response, for content that is streamed to it."""

    def __init__(self, exchange):
        self._exchange = exchange
        self._thread = threading.current_thread()
        #: Whether the content waits for a test. The content sets this. Then `pause` calls `check`
        #: again and again, and other threads may cut the connection.
        self.is_watched = False
        #: Why the content gives the client up; None if it does not. Any thread may set it.
        self.reason = None

    def check(self):
        """Raise if the response must end. Does not block.

        :raises Interrupted: `Server.stop` or `Server.reset` was called.
        :raises Disconnected: the client was given up or has closed. If it has closed only its
            sending side, that counts too, because the two look the same.
        """
        self.explain()
        if self._exchange.client_has_ended():
            raise Disconnected('the client left within a response')

    def pause(self, seconds):
        """Block for *seconds*, because of a rate. Raises as `check`."""
        deadline, left = monotonic() + seconds, seconds
        while not self._exchange.interrupt.wait(min(left, HOLD_POLL) if self.is_watched else left):
            left = deadline - monotonic()
            if left <= 0 or not self.is_watched:
                return
            self.check()
        raise Interrupted('a rate')

    def explain(self):
        """Raise as `check`, but do not look whether the client has closed."""
        if self._exchange.interrupt.is_set():
            raise Interrupted('a stream')
        if self.reason is not None:
            raise Disconnected(self.reason)

    def cut(self):
        """End the connection at once. From its own thread the call has no effect.

        So a response that resets the server is sent as far as it is scripted.
        """
        if self._thread is not threading.current_thread():
            self._exchange.cut()


def deliver(exchange, response, ready=None):
    """Send *response*, and complete the entry before its last byte is sent.

    :param exchange: an `Exchange`.
    :param response: a `Response`.
    :param ready: called with the response when its waits are over, and before it is sent. It is
        not called if a fault comes before the response.
    :raises Aborted: it has a fault, which the caller has to carry out.
    :raises Interrupted: a wait was ended.
    :raises Disconnected: the client closed the connection.
    """
    if response.plain:
        if ready is not None:
            ready(response)
        exchange.respond(response, response.content)
        return
    recipient = Recipient(exchange)
    try:
        for status, reason, fields in response.interim:
            exchange.interim(status, reason, fields)
        wait(exchange.interrupt, response)
        # One with an earlier moment than 'response' comes here if it is chosen after that moment.
        if response.fault and response.fault_at in BEFORE_RESPONSE:
            exchange.complete(_fault_keys(response), response.reset)
        else:
            if isinstance(response.content, StreamedContent) and response.content.is_forwarded:
                # Imported here, because few tests need it.
                from httptestserver.serving.forwarding import forward
                forward(exchange, response, recipient)
            if ready is not None:
                ready(response)
            _send(exchange, response, recipient)
    except Disconnected:
        # The server may have cut the connection, and not the client.
        if recipient.is_watched:
            recipient.explain()
        raise
    finally:
        release(response)
    if response.fault:
        raise Aborted(response.fault)


def release(response):
    """Close the content of *response*, which may not have been sent. Runs user code."""
    if isinstance(response.content, StreamedContent):
        response.content.close()


def refuse(writer, heads, error):
    """Send the error response for *error*, a `BadRequest`. The connection does not stay open.

    :param writer: the `Writer` of the connection.
    :param heads: the `Heads` of the server.
    """
    content = ensure_binary(error.reason, 'utf-8') + b'\n'
    writer.start(heads.get(clock(), error.status, REASONS.get(error.status, ''), PLAIN_TEXT,
                           len(content), (), 'GET', 'HTTP/1.1', False))
    try:
        writer.write(content)
    except Disconnected:
        # The bad request was recorded, and that is the failure that matters.
        pass


def deliver_error(exchange, error):
    """Send a 500 for *error*, an exception of user code. The connection does not stay open."""
    exchange.persistent = False
    try:
        deliver(exchange, Response({
            'response_status': 500, 'response_headers': PLAIN_TEXT,
            'response_content': 'the response failed: %s\n' % described(error)}))
    except Disconnected:
        # The exception of user code was recorded, and that is the failure that matters.
        pass


def wait(interrupt, response):
    """Block for the delay of *response*, and then until its hold is set.

    :raises Interrupted: *interrupt* was set.
    """
    if response.delay and interrupt.wait(response.delay):
        raise Interrupted('a delay')
    if response.hold is not None:
        # One thread cannot wait for two events at once, so this polls.
        while not response.hold.wait(HOLD_POLL):
            if interrupt.is_set():
                raise Interrupted('a hold')


def _send(exchange, response, recipient):
    """Send the head and the content: all of it, or the bytes before the fault."""
    content = response.content if response.raw is None else bytes(response.raw)
    streamed = isinstance(content, StreamedContent)
    length = content.length if streamed else len(content)
    limit = _bytes_before_fault(response, length, exchange.command)
    if streamed and has_body(response.status, exchange.command):
        # Before the head, so that a client that has the head gets all that is sent from then on.
        content.open(recipient)
    head = exchange.start(response, length)
    if head.has_body:
        if response.rate or streamed and length != 0:
            # Send the head now, because the first piece may take long.
            exchange.write(b'')
        pieces = _limited(_pieces(content, response.rate), limit)
        _send_pieces(exchange, response, content,
                     _paced(pieces, response.rate, streamed, recipient),
                     _whole_size(head, length, limit))
    else:
        exchange.complete(_entry_keys(exchange, response, b'', 0))
    if limit is None or not head.has_body:
        exchange.finish(response.trailers)
    else:
        # Send the head even if the fault comes before the first byte of content.
        exchange.write(b'')


def _send_pieces(exchange, response, content, pieces, whole_size):
    """Send *pieces* of *content*, and complete the entry before the last byte of the response.

    :param whole_size: after how many bytes of content the client has all that it gets; None if
        something follows the content, or if that is not known.
    """
    completed = False
    try:
        for piece in pieces:
            sent = exchange.sent + len(piece)
            if whole_size is not None and sent >= whole_size:
                # Pieces may follow beyond a length that the script announced.
                completed = True
                exchange.complete(_entry_keys(exchange, response, content, sent))
            exchange.write(piece)
    except ContentAborted as aborted:
        keys = _entry_keys(exchange, response, content, exchange.sent)
        exchange.complete(dict(keys, response_fault=aborted.fault,
                               response_fault_at=exchange.sent))
        raise Aborted(aborted.fault)
    if not completed:
        exchange.complete(_entry_keys(exchange, response, content, exchange.sent))


def _bytes_before_fault(response, length, command):
    """Return how many bytes of content are sent before the fault; None for all.

    :param length: of the content, None if it is not known.
    :param command: the method of the request.
    :raises ValueError: it is half of a length that is not known.
    """
    at = response.fault_at
    if not response.fault or at == 'end':
        return None
    if length is None and not has_body(response.status, command):
        # The whole response is its head.
        return None
    if at != 'body':
        return at
    if length is None:
        raise ValueError("response_fault_at is 'body', but half of a stream whose length is not "
                         'known cannot be found: give a number of bytes')
    return length // 2


def _whole_size(head, length, limit):
    """Return after how many bytes of content the client has all that it gets; None if not known.

    :param limit: how many are sent before a fault; None for all.
    """
    if length is None and not head.chunked:
        # The script may have announced a length.
        length = parse_length(first_value(head.fields, 'content-length'))
    if limit is not None:
        return limit if length is None else min(limit, length)
    # What ends chunks follows the content.
    return None if head.chunked else length


def _pieces(content, rate):
    """Yield the content in pieces that are small enough for the *rate*, in bytes per second."""
    size = int(max(1, min(PIECE, rate * PACE_TICK))) if rate else PIECE
    for whole in content if isinstance(content, StreamedContent) else (content,):
        for start in range(0, len(whole), size):
            yield whole[start:start + size]


def _limited(pieces, limit):
    """Yield the first *limit* bytes of *pieces*, an iterator; all of them if it is None.

    Nothing is read from *pieces* after the limit, because its user code may block.
    """
    if limit is None:
        for piece in pieces:
            yield piece
    while limit:
        piece = next(pieces, b'')[:limit]
        if not piece:
            return
        limit -= len(piece)
        yield piece


def _paced(pieces, rate, streamed, recipient):
    """Yield each piece at its time; without a *rate*, at once.

    :raises Interrupted: there was an interrupt, and the content has a rate or is streamed.
    :raises Disconnected: as `Recipient.explain` and `Recipient.pause`.
    """
    started, size = monotonic(), 0
    for piece in pieces:
        size += len(piece)
        if rate:
            recipient.pause(started + size / float(rate) - monotonic())
        if streamed:
            recipient.explain()
        yield piece


def _entry_keys(exchange, response, content, sent):
    """Return the ``response_*`` keys of the entry, without those of the head.

    :param sent: how many bytes of the content are sent.
    """
    if isinstance(content, StreamedContent):
        content = content.sent
    if isinstance(content, bytes):
        content = content[:sent] if len(content) >= sent else CutContent(content)
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
