# -*- coding: utf-8 -*-
"""Forwards a request to another server, whose response becomes the response.

It runs in the connection's thread, without a lock. This module is imported when a script has
``response_forward``.
"""
import ssl

from six import ensure_binary

from httptestserver.http1.fields import to_bytes
from httptestserver.http1.intermediary import end_to_end, is_in_via, joined_target, via
from httptestserver.http1.response_head import PLAIN_TEXT, REASONS, has_body
from httptestserver.http1.response_reader import BadResponse, ResponseReader
from httptestserver.http1.upstream import TooSlow, Upstream, UpstreamError
from httptestserver.recording.target import Target
from httptestserver.recording.text import request_fields
from httptestserver.scripting.content import ContentAborted, StreamedContent
from httptestserver.scripting.destination import parse_destination, trusting

__all__ = ['ForwardedContent', 'forward']

#: What of a request is replaced, beside the fields of its connection.
REPLACED = ('host', 'content-length', 'expect')


class CannotForward(Exception):
    """The client gets *status* in place of a response of the other server."""

    def __init__(self, status, reason):
        super(CannotForward, self).__init__(reason)
        self.status = status
        self.reason = reason


def forward(exchange, response, recipient):
    """Ask the other server, and make *response* its response.

    If that fails, the response is a 400, 502, 504 or 508, and ``check()`` reports the reason.

    :param exchange: an `Exchange` that was not started.
    :param response: a `Response` whose content is a `Forwarding`. It is changed.
    :param recipient: the `Recipient`, whose exceptions are raised.
    """
    recipient.is_watched = True
    upstream = Upstream(_pause(recipient))
    try:
        _ask(exchange, response, upstream)
    except CannotForward as error:
        upstream.close()
        _refuse(exchange, response, error)
    except BaseException:
        upstream.close()
        raise


def _pause(recipient):
    def pause(seconds):
        if seconds:
            recipient.pause(seconds)
        recipient.check()
    return pause


def _refuse(exchange, response, error):
    exchange.report(error.reason)
    response.status, response.reason = error.status, REASONS.get(error.status, '')
    response.headers = PLAIN_TEXT
    response.content = ensure_binary(error.reason, 'utf-8') + b'\n'


def _ask(exchange, response, upstream):
    forwarding, request = response.content, exchange.entry
    origin, target = _destination(forwarding.origin, request)
    message = _message(request, origin, target, exchange.pseudonym)
    reader = ResponseReader(upstream.receive, exchange.command)
    try:
        upstream.connect(origin.host, origin.port, _context(origin, forwarding.cafile))
        upstream.send(message)
        reader.read_head()
    except TooSlow as error:
        raise CannotForward(504, _failed(origin, error))
    except (UpstreamError, BadResponse) as error:
        raise CannotForward(502, _failed(origin, error))
    response.status, response.reason = reader.status, reader.reason
    response.headers = _response_fields(reader)
    response.content = ForwardedContent(exchange, response, upstream, reader, origin)


def _failed(origin, error):
    wrong = 'its response is wrong: ' if isinstance(error, BadResponse) else ''
    return 'forwarding to %s failed: %s%s' % (origin, wrong, error)


def _destination(origin, request):
    """Return the `Destination` that gets *request*, and the target that it gets.

    :param origin: that of the script; None for the one that the request names.
    """
    target = _raw_target(request)
    try:
        if origin is None:
            return _requested(request, target)
        return origin, joined_target(origin.base, target)
    except ValueError as error:
        raise CannotForward(400, 'the request cannot be forwarded: %s' % error)


def _requested(request, target):
    if target.startswith('/'):
        url = request.url
    else:
        url = target
    origin = Target(url).origin
    return parse_destination(origin), target


def _raw_target(request):
    """Return the target as it came, a str in which each character is a byte."""
    words = request.get('raw_requestline', b'').split()
    raw = words[1] if len(words) > 1 else to_bytes(request.get('path', ''))
    return raw if isinstance(raw, str) else raw.decode('iso-8859-1')


def _message(request, origin, target, pseudonym):
    """Return the bytes of the request to send."""
    fields = _fields(request)
    if is_in_via(fields, pseudonym):
        raise CannotForward(508, 'the request came from this server: it was forwarded in a loop')
    if 'body_discarded' in request:
        raise CannotForward(502, 'the request cannot be forwarded: its body is not whole, because '
                                 'body_limit has cut it or it was not read')
    body = request.get('body', b'')
    names = [name.lower() for name, _ in fields]
    sent = [('Host', origin.authority)] + list(end_to_end(fields, REPLACED))
    sent.append(via(pseudonym, request.get('request_version', 'HTTP/1.1')))
    if body or 'content-length' in names or 'transfer-encoding' in names:
        sent.append(('Content-Length', str(len(body))))
    sent.append(('Connection', 'close'))
    line = '%s %s HTTP/1.1' % (request['command'], target)
    lines = [to_bytes(line)] + [to_bytes(name) + b': ' + to_bytes(value) for name, value in sent]
    return b'\r\n'.join(lines) + b'\r\n\r\n' + body


def _fields(request):
    return tuple(request_fields(request))


def _context(origin, cafile):
    if origin.scheme == 'http':
        return None
    if cafile is not None:
        return trusting(cafile)
    return ssl.create_default_context()


def _response_fields(reader):
    drop = ()
    if reader.length is None or not has_body(reader.status, 'GET'):
        drop = ('content-length',) if reader.status != 304 else ()
    return end_to_end(reader.fields, drop)


class ForwardedContent(StreamedContent):
    """The content of the other server's response, as it comes. It is kept whole.

    :param upstream: an open `Upstream`, which is closed with this object.
    :param reader: the `ResponseReader`, which has read the head.
    :param origin: the `Destination`, for messages.
    """

    def __init__(self, exchange, response, upstream, reader, origin):
        self.length = reader.length
        self._exchange, self._response = exchange, response
        self._upstream, self._reader, self._origin = upstream, reader, origin
        self._kept = []

    @property
    def sent(self):
        """The bytes that were yielded."""
        return b''.join(self._kept)

    def __iter__(self):
        """Yield the content.

        :raises ContentAborted: the other server has ended it before it was whole.
        """
        try:
            for piece in self._reader.pieces():
                self._kept.append(piece)
                yield piece
        except (UpstreamError, BadResponse) as error:
            self._exchange.report(_failed(self._origin, error))
            raise ContentAborted('reset' if getattr(error, 'is_reset', False) else 'disconnect')
        self._response.trailers = end_to_end(self._reader.trailers)

    def close(self):
        self._upstream.close()
