# -*- coding: utf-8 -*-
"""Response heads: how a response is framed, and the bytes of its status line and fields.

The fields of a script are sent as they are. `Heads` adds Server, Date, the framing and
Connection if the script leaves them out. Nothing here does I/O.
"""
import collections

from six.moves import http_client

from httptestserver.http1.fields import to_bytes
from httptestserver.waiting import utc

__all__ = ['Head', 'Heads', 'PLAIN_TEXT', 'REASONS', 'ResponseFraming', 'encode_head',
           'frame_response']

#: The header fields of responses whose text the server writes itself, such as 400 and 500.
PLAIN_TEXT = (('Content-Type', 'text/plain; charset=utf-8'),)

#: Reason phrases, RFC 9110, section 15. Older Pythons lack these; newer ones spell some
#: differently, and then Python's own are used.
REASONS = {103: 'Early Hints', 308: 'Permanent Redirect', 418: "I'm a Teapot",
           421: 'Misdirected Request', 422: 'Unprocessable Content', 425: 'Too Early',
           428: 'Precondition Required', 429: 'Too Many Requests',
           431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons',
           511: 'Network Authentication Required'}
REASONS.update(http_client.responses)

DAYS = ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')
MONTHS = ('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')

HTTP_1_0 = 'HTTP/1.0'
CHUNKED = ('Transfer-Encoding', 'chunked')
CLOSE = ('Connection', 'close')
KEEP_ALIVE = ('Connection', 'keep-alive')

#: How a client finds the end of a response: the fields to add to those of the script,
#: whether content is sent, whether in chunks, and whether the connection goes on.
ResponseFraming = collections.namedtuple(
    'ResponseFraming', 'added has_body chunked persistent')


def frame_response(status, headers, length, trailers, command, version, persistent):
    """Return the `ResponseFraming` of a response. RFC 9112, sections 6.3 and 9.3.

    Framing fields of the script are left as they are. If they are false the connection
    closes after the response, so that the client sees what a bad server would do to it.

    :param headers: the (name, value) pairs of the script.
    :param length: of the content, None if it is not known yet.
    :param trailers: the pairs that follow the content.
    :param command: the method of the request.
    :param version: of the request, such as ``'HTTP/1.1'``.
    :param persistent: whether the client would keep the connection.
    """
    given = {name.lower(): value for name, value in headers}
    if status == 205:
        # It has no content, but it has to say so: RFC 9110, section 15.3.6.
        length, trailers = 0, ()
    ends_with_head = command == 'HEAD' or _is_bodiless(status, command)
    if 'content-length' in given or 'transfer-encoding' in given:
        added = ()
        delimited = ends_with_head or _is_true(given, length)
    else:
        added = _framing_fields(given, status, length, trailers, command, version)
        delimited = ends_with_head or bool(added)
    connection, persistent = _persistence(given, version, persistent and delimited)
    return ResponseFraming(added + connection, not ends_with_head and status != 205,
                           CHUNKED in added, persistent)


def _is_bodiless(status, command):
    """Whether a response ends with its head and has no length. RFC 9110, section 8.6."""
    return 100 <= status < 200 or status in (204, 304) or (
        command == 'CONNECT' and 200 <= status < 300)


def _is_true(given, length):
    """Whether the framing fields of the script agree with the content that is sent."""
    return given.get('content-length') == str(length) and 'transfer-encoding' not in given


def _framing_fields(given, status, length, trailers, command, version):
    """Return the fields that delimit the content. RFC 9112, section 6.

    There are none if the content ends with the head or with the connection.
    """
    if _is_bodiless(status, command):
        return ()
    if length is not None and (version == HTTP_1_0 or not trailers):
        return (('Content-Length', str(length)),)
    if version == HTTP_1_0 or command == 'HEAD':
        return ()
    if trailers and 'trailer' not in given:
        return (CHUNKED, ('Trailer', ', '.join([name for name, _ in trailers])))
    return (CHUNKED,)


def _persistence(given, version, persistent):
    """Return the Connection field to add, and whether the connection goes on.

    RFC 9112, section 9.3.
    """
    if 'connection' in given:
        return (), persistent and 'close' not in given['connection'].lower()
    if not persistent:
        return (CLOSE,), False
    return ((KEEP_ALIVE,) if version == HTTP_1_0 else ()), True


class Head(collections.namedtuple(
        'Head', 'encoded status reason fields has_body chunked persistent')):
    """A response head: its bytes, what they say, and how the response is framed."""

    __slots__ = ()


class Heads(object):
    """Makes response heads, and reuses those of the current second, whose Date is right.

    It may be used from any thread.

    :param software: the value of the Server field.
    """

    def __init__(self, software):
        self._software = software
        # The second, its Date and its heads are replaced together, so no lock is needed.
        self._made = (None, None, {})

    def get(self, now, status, reason, headers, length, trailers, command, version, persistent):
        """Return the `Head` of a response.

        :param now: seconds since the epoch.

        For the other parameters see `frame_response`.
        """
        second, date, heads = self._made
        if second != int(now):
            second, date, heads = self._made = int(now), _http_date(now), {}
        key = status, reason, headers, length, trailers, command, version, persistent
        head = heads.get(key)
        if head is None:
            head = self._make(date, *key)
            if len(heads) < 256:
                heads[key] = head
        return head

    def _make(self, date, status, reason, headers, *extent):
        framing = frame_response(status, headers, *extent)
        given = [name.lower() for name, _ in headers]
        fields = headers + framing.added
        if 'date' not in given:
            fields = (('Date', date),) + fields
        if 'server' not in given:
            fields = (('Server', self._software),) + fields
        return Head(encode_head(status, reason, fields), status, reason, fields,
                    framing.has_body, framing.chunked, framing.persistent)


def _http_date(seconds):
    """Return *seconds* since the epoch as an HTTP-date. RFC 9110, section 5.6.7."""
    # `email.utils` would look up `datetime.datetime`, which a test may have patched.
    year, month, day, hour, minute, second, weekday = utc(seconds)[:7]
    return '%s, %02d %s %04d %02d:%02d:%02d GMT' % (
        DAYS[weekday], day, MONTHS[month - 1], year, hour, minute, second)


def encode_head(status, reason, fields):
    """Return a status line and *fields* as bytes, with the empty line that ends them."""
    lines = [b'HTTP/1.1 ' + to_bytes('%d %s' % (status, reason))]
    lines.extend([to_bytes(name) + b': ' + to_bytes(value) for name, value in fields])
    return b'\r\n'.join(lines) + b'\r\n\r\n'
