# -*- coding: utf-8 -*-
"""Forwards a request to another server, whose response becomes the response.

It runs in the connection's thread, without a lock. This module is imported when a script has
``response_forward``.
"""
import re

from six import ensure_binary, ensure_str

from httptestserver.http1.fields import has_field, parse_length, to_bytes, values_of
from httptestserver.http1.intermediary import end_to_end, is_in_via, joined_target, via
from httptestserver.http1.response_head import PLAIN_TEXT, has_body
from httptestserver.http1.response_reader import BadResponse, ResponseReader, has_responded
from httptestserver.http1.upstream import TooSlow, Upstream, UpstreamError
from httptestserver.recording.target import Target
from httptestserver.recording.text import sent_fields, sent_target
from httptestserver.scripting.content import ContentAborted, KeptContent, StreamedContent
from httptestserver.scripting.destination import parse_destination, trusting
from httptestserver.serving.environment import usual_context
from httptestserver.serving.lookup import look_up
from httptestserver.wording import shown

__all__ = ['ForwardedContent', 'forward']

#: What of a request is replaced, beside the fields of its connection.
REPLACED = ('host', 'content-length', 'expect')

# Finds the path and the query of a URL.
_absolute = re.compile(r'(?i)[a-z][a-z0-9+.\-]*://[^/?]*(.*)', re.DOTALL).match


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
    connection = Upstream(_pause(recipient), look_up)
    try:
        _ask(exchange, response, connection)
    except CannotForward as error:
        connection.close()
        _refuse(exchange, response, error)
    except BaseException:
        connection.close()
        raise


def _pause(recipient):
    def pause(seconds):
        if seconds:
            recipient.pause(seconds)
        recipient.check()
    return pause


def _refuse(exchange, response, error):
    exchange.report(error.reason)
    response.replace(error.status, PLAIN_TEXT, ensure_binary(error.reason, 'utf-8') + b'\n')


def _ask(exchange, response, connection):
    forwarding, request = response.content, exchange.entry
    destination, target = _destination(forwarding, request)
    message = _message(exchange, destination, target)
    reader = ResponseReader(connection.receive, exchange.command)
    try:
        connection.connect(destination.host, destination.port,
                           _context(destination, forwarding.cafile))
        connection.send(message, has_responded)
        reader.read_head()
    except TooSlow as error:
        raise CannotForward(504, _failed(destination, error))
    except (UpstreamError, BadResponse) as error:
        raise CannotForward(502, _failed(destination, error))
    response.status, response.reason = reader.status, reader.reason
    response.headers = _response_fields(reader, exchange.command)
    if forwarding.destination is None:
        # A proxy names itself in responses too: RFC 9110, section 7.6.3. A gateway need not, and
        # its recordings are what the service sent.
        response.headers += (via(exchange.pseudonym, reader.version),)
    if reader.length == 0:
        connection.close()
        # Without content its length would be 0, but that for GET is not known.
        response.content = StreamedContent() if exchange.command == 'HEAD' else b''
        return

    def failed(error):
        exchange.report(_failed(destination, error))

    def finished(trailers):
        response.trailers = trailers

    response.content = ForwardedContent(connection, reader, failed, finished, exchange.body_limit)


def _failed(destination, error):
    wrong = 'its response is wrong: ' if isinstance(error, BadResponse) else ''
    return 'forwarding to %s failed: %s%s' % (destination, wrong, error)


def _destination(forwarding, request):
    """Return the `Destination` of *request*, and the target that it gets."""
    # Each character stands for a byte.
    target = ensure_str(sent_target(request), 'iso-8859-1')
    try:
        if forwarding.destination is None:
            return _requested(request, target)
        return forwarding.destination, joined_target(forwarding.destination.base, target)
    except ValueError as error:
        raise CannotForward(400, 'the request cannot be forwarded: %s' % error)


def _requested(request, target):
    """Return the `Destination` that a *request* to a proxy names, and the target in origin-form."""
    named = Target(target if target[:1] != '/' else request.url).origin
    try:
        destination = parse_destination(named)
    except ValueError:
        raise ValueError('it names %s, which is no host of http or https' % shown(named or target))
    found = _absolute(target)
    if found:
        target = found.group(1)
        if not target and request['command'] == 'OPTIONS':
            # RFC 9112, section 3.2.4.
            return destination, '*'
        target = target if target[:1] == '/' else '/' + target
    return destination, joined_target('', target)


def _message(exchange, destination, target):
    """Return the bytes of the request to send."""
    request = exchange.entry
    fields = sent_fields(request)
    if is_in_via(fields, exchange.pseudonym):
        raise CannotForward(508, 'the request was forwarded in a loop: it comes from this server')
    if 'body_discarded' in request:
        raise CannotForward(502, 'the request cannot be forwarded: %d bytes of its body were '
                                 'dropped, because of body_limit' % request['body_discarded'])
    framing, body = _body(request, fields)
    sent = [('Host', destination.authority)]
    sent.extend(end_to_end(fields, REPLACED))
    sent.extend([via(exchange.pseudonym, exchange.version)] + framing + [('Connection', 'close')])
    return _head('%s %s HTTP/1.1' % (exchange.command, target), sent) + body


def _body(request, fields):
    """Return the fields that frame the body of *request*, and the bytes to send."""
    body, trailers = request.get('body', b''), end_to_end(request.get('trailers', ()), REPLACED)
    if trailers:
        # The body came in chunks, because only these have trailers.
        size = ensure_binary('%x' % len(body), 'ascii')
        chunk = size + b'\r\n' + body + b'\r\n' if body else b''
        return [('Transfer-Encoding', 'chunked')], chunk + b'0\r\n' + _lines(trailers) + b'\r\n'
    if body or has_field(fields, 'content-length') or has_field(fields, 'transfer-encoding'):
        return [('Content-Length', str(len(body)))], body
    return [], b''


def _head(line, fields):
    return to_bytes(line) + b'\r\n' + _lines(fields) + b'\r\n'


def _lines(fields):
    return b''.join([to_bytes(name) + b': ' + to_bytes(value) + b'\r\n' for name, value in fields])


def _context(destination, cafile):
    """Return the `ssl.SSLContext` for a *destination*; None if it speaks plain http."""
    if destination.scheme == 'http':
        return None
    try:
        return usual_context() if cafile is None else trusting(cafile)
    except EnvironmentError as error:
        # The file has changed since the script was written.
        raise UpstreamError(error)


def _response_fields(reader, command):
    """Return the fields of the response that are passed on. One frame at most is left."""
    lengths = values_of(reader.fields, 'content-length')
    fits = reader.length is not None and lengths == [str(reader.length)]
    if not has_body(reader.status, command):
        # That of a HEAD is the length for GET. A 204 and a 205 have none: RFC 9110, section 8.6.
        fits = (command == 'HEAD' or reader.status == 304) and len(lengths) == 1 \
            and parse_length(lengths[0]) is not None and reader.status not in (204, 205)
    return end_to_end(reader.fields, () if fits else ('content-length',))


class ForwardedContent(KeptContent):
    """The content of the other server's response, as it comes.

    :param connection: an open `Upstream`, which is closed with this object.
    :param reader: the `ResponseReader`, which has read the head.
    :param failed: is called with the exception if the content ends before it is whole.
    :param finished: is called with the trailers.
    :param limit: how many bytes are kept for the entry; None keeps all.
    """

    def __init__(self, connection, reader, failed, finished, limit):
        super(ForwardedContent, self).__init__(limit)
        self.length = reader.length
        self._connection, self._reader = connection, reader
        self._failed, self._finished = failed, finished

    def __iter__(self):
        """Yield the content.

        :raises ContentAborted: it ended before it was whole.
        """
        try:
            for piece in self._reader.pieces():
                self.keep(piece)
                yield piece
        except (UpstreamError, BadResponse) as error:
            self._failed(error)
            raise ContentAborted('reset' if getattr(error, 'is_reset', False) else 'disconnect')
        self._finished(end_to_end(self._reader.trailers, REPLACED))

    def close(self):
        self._connection.close()
