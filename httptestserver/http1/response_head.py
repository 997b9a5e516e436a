# -*- coding: utf-8 -*-
"""Makes response heads: chooses the framing, and encodes the status line and the fields.

The fields of a script are sent unchanged. `Heads` adds Server, Date, Connection and the fields
that frame the content, unless the script has them. Nothing here does I/O.
"""
import collections

from six.moves import http_client

from httptestserver.http1.fields import to_bytes
from httptestserver.waiting import utc

__all__ = ['Head', 'Heads', 'PLAIN_TEXT', 'REASONS', 'ResponseFraming', 'encode_head',
           'frame_response', 'has_body', 'http_date']

#: The header fields of error responses that the server makes by itself, such as 400 and 500.
PLAIN_TEXT = (('Content-Type', 'text/plain; charset=utf-8'),)

#: Reason phrases by status: RFC 9110, section 15. Those listed here are missing in some Pythons.
#: If Python has a phrase of its own, that one is used.
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

#: How the end of a response is marked. ``added`` are the fields to add to those of the script,
#: ``has_body`` is whether content is sent, ``chunked`` whether it is sent in chunks, and
#: ``persistent`` whether the connection stays open.
ResponseFraming = collections.namedtuple(
    'ResponseFraming', 'added has_body chunked persistent')


def frame_response(status, headers, length, trailers, command, version, persistent):
    """Return the `ResponseFraming` of a response. RFC 9112, sections 6.3 and 9.3.

    Framing fields of the script are sent unchanged, because a test may want a wrong response. If
    they do not match the content, the connection closes after the response.

    :param headers: the (name, value) pairs of the script.
    :param length: the size of the content in bytes; None if it is not known yet.
    :param trailers: the (name, value) pairs that follow the content.
    :param command: the method of the request.
    :param version: the version of the request, such as ``'HTTP/1.1'``.
    :param persistent: whether the request allows that the connection stays open.
    """
    given = {name.lower(): value for name, value in headers}
    if status == 205:
        # It has no content, and its head has to declare that: RFC 9110, section 15.3.6.
        length, trailers = 0, ()
    ends_with_head = command == 'HEAD' or _is_bodiless(status, command)
    if 'content-length' in given or 'transfer-encoding' in given:
        added = ()
        delimited = ends_with_head or _matches_content(given, length)
    else:
        added = _framing_fields(given, status, length, trailers, command, version)
        delimited = ends_with_head or bool(added)
    connection, persistent = _persistence(given, version, persistent and delimited)
    return ResponseFraming(added + connection, has_body(status, command), CHUNKED in added,
                           persistent)


def has_body(status, command):
    """Whether a response with this status, to a request with this method, has a body."""
    return not (command == 'HEAD' or status == 205 or _is_bodiless(status, command))


def _is_bodiless(status, command):
    """Whether a response has neither a body nor a Content-Length. RFC 9110, section 8.6."""
    return 100 <= status < 200 or status in (204, 304) or (
        command == 'CONNECT' and 200 <= status < 300)


def _matches_content(given, length):
    """Whether the framing fields of the script match the *length* of the content."""
    return given.get('content-length') == str(length) and 'transfer-encoding' not in given


def _framing_fields(given, status, length, trailers, command, version):
    """Return the (name, value) pairs that frame the content. RFC 9112, section 6.

    There are none if there is no content, or if it ends with the connection.
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
    """Return the Connection fields to add, and whether the connection stays open.

    RFC 9112, section 9.3.
    """
    if 'connection' in given:
        return (), persistent and 'close' not in given['connection'].lower()
    if not persistent:
        return (CLOSE,), False
    return ((KEEP_ALIVE,) if version == HTTP_1_0 else ()), True


class Head(collections.namedtuple(
        'Head', 'encoded status reason fields has_body chunked persistent')):
    """A response head: its bytes, its parts, and how the response is framed.

    ``encoded`` is bytes and ends with the empty line. ``fields`` is a tuple of (name, value)
    pairs. The last three are those of `ResponseFraming`.
    """

    __slots__ = ()


class Heads(object):
    """Makes response heads, and caches them for one second, because they contain the Date.

    It may be used from any thread.

    :param software: the value of the Server field.
    """

    def __init__(self, software):
        self._software = software
        # The second, its Date and its heads are replaced in one step, so no lock is needed.
        self._cache = (None, None, {})

    def get(self, now, status, reason, headers, length, trailers, command, version, persistent):
        """Return the `Head` of a response.

        :param now: seconds since the epoch.
        :param reason: the reason phrase.

        For the other parameters see `frame_response`; they must be hashable.
        """
        second, date, heads = self._cache
        if second != int(now):
            second, date, heads = self._cache = int(now), http_date(now), {}
        key = status, reason, headers, length, trailers, command, version, persistent
        head = heads.get(key)
        if head is None:
            head = self._make(date, *key)
            if len(heads) < 256:
                heads[key] = head
        return head

    def _make(self, date, status, reason, headers, *rest):
        framing = frame_response(status, headers, *rest)
        given = [name.lower() for name, _ in headers]
        fields = headers + framing.added
        if 'date' not in given:
            fields = (('Date', date),) + fields
        if 'server' not in given:
            fields = (('Server', self._software),) + fields
        return Head(encode_head(status, reason, fields), status, reason, fields,
                    framing.has_body, framing.chunked, framing.persistent)


def http_date(seconds):
    """Return *seconds* since the epoch as an HTTP-date. RFC 9110, section 5.6.7."""
    # `email.utils` would look up `datetime.datetime`, which a test may have patched.
    year, month, day, hour, minute, second, weekday = utc(seconds)[:7]
    return '%s, %02d %s %04d %02d:%02d:%02d GMT' % (
        DAYS[weekday], day, MONTHS[month - 1], year, hour, minute, second)


def encode_head(status, reason, fields):
    """Return a head as bytes, with its empty line. RFC 9112, sections 4 and 5.

    :param fields: (name, value) pairs.
    """
    lines = [b'HTTP/1.1 ' + to_bytes('%d %s' % (status, reason))]
    lines.extend([to_bytes(name) + b': ' + to_bytes(value) for name, value in fields])
    return b'\r\n'.join(lines) + b'\r\n\r\n'
