# -*- coding: utf-8 -*-
"""Response heads: how a message ends, RFC 9112, section 6, and the octets that say so.

Does no I/O. What is not the author's is filled in: Server, Date, framing, Connection.
"""
import collections
import email.utils

from six.moves import http_client

from httptestserver.http1.fields import to_bytes

__all__ = ['Frame', 'Head', 'Heads', 'PLAIN_TEXT', 'REASONS', 'encode_head', 'frame']

#: What the server says in its own words is sent with these fields.
PLAIN_TEXT = (('Content-Type', 'text/plain; charset=utf-8'),)

#: Reason phrases, RFC 9110, section 15; the older of our Pythons do not know all of them.
REASONS = {103: 'Early Hints', 308: 'Permanent Redirect', 418: "I'm a Teapot",
           421: 'Misdirected Request', 422: 'Unprocessable Content', 425: 'Too Early',
           428: 'Precondition Required', 429: 'Too Many Requests',
           431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons',
           511: 'Network Authentication Required'}
REASONS.update(http_client.responses)

Frame = collections.namedtuple('Frame', 'added carries chunked persistent')


def frame(status, headers, length, trailers, command, version, persistent):
    """Settle how a message ends and whether its connection goes on. RFC 9112, section 6.

    :param headers: the (name, value) pairs of the author. Framing fields among them are
        left as they are; where they are false the connection closes after the message, so
        that the client sees what it would see of a bad server.
    :param length: of the content, None where it is not known yet.
    :param trailers: the pairs that follow the content.
    :param version: of the request, such as ``'HTTP/1.1'``.
    :param persistent: whether the client would keep the connection.
    :returns: `Frame`: the pairs to add, whether content is sent, whether it is sent in
        chunks and whether the connection goes on.
    """
    given = {name.lower(): value for name, value in headers}
    added = []
    chunked = False
    bare = 100 <= status < 200 or status in (204, 304) or (
        command == 'CONNECT' and 200 <= status < 300)
    carries = not (bare or command == 'HEAD' or status == 205)
    if 'content-length' in given or 'transfer-encoding' in given:
        persistent = persistent and (bare or command == 'HEAD' or _is_true(
            given, 0 if status == 205 else length))
    elif status == 205:
        added.append(('Content-Length', '0'))           # RFC 9110, section 15.3.6
    elif length is not None and not bare and not (trailers and version != 'HTTP/1.0'):
        added.append(('Content-Length', str(length)))
    elif carries and version != 'HTTP/1.0':
        added.append(('Transfer-Encoding', 'chunked'))
        chunked = True
    elif carries:
        persistent = False                              # it ends where the connection does
    if chunked and trailers and 'trailer' not in given:
        added.append(('Trailer', ', '.join([name for name, _ in trailers])))
    if 'connection' in given:
        persistent = persistent and 'close' not in given['connection'].lower()
    elif not persistent:
        added.append(('Connection', 'close'))
    elif version == 'HTTP/1.0':
        added.append(('Connection', 'keep-alive'))
    return Frame(added, carries, chunked, persistent)


def _is_true(given, length):
    """Whether the author's framing fields tell how much content is sent."""
    return given.get('content-length') == str(length) and 'transfer-encoding' not in given


class Head(collections.namedtuple(
        'Head', 'octets status reason fields carries chunked persistent')):
    """A response head: its octets, what they say, and what `frame` told."""

    __slots__ = ()


class Heads(object):
    """Makes response heads, and remembers those of this second: their Date is right.

    May be used from any thread.

    :param software: the value of the Server field.
    """

    def __init__(self, software):
        self._software = software
        self._made = (None, None, {})       # second, Date, heads; replaced as a whole

    def get(self, now, *message):
        """Return the `Head` of a message.

        :param now: seconds since the epoch.
        :param message: status, reason, headers, length, trailers, command, version,
            persistent: see `frame`.
        """
        second, date, heads = self._made
        if second != int(now):
            second, date, heads = self._made = (
                int(now), email.utils.formatdate(now, usegmt=True), {})
        head = heads.get(message)
        if head is None:
            head = self._make(date, *message)
            if len(heads) < 256:
                heads[message] = head
        return head

    def _make(self, date, status, reason, headers, *extent):
        given = [name.lower() for name, _ in headers]
        added, carries, chunked, persistent = frame(status, headers, *extent)
        fields = tuple([field for field in (('Server', self._software), ('Date', date))
                        if field[0].lower() not in given]) + headers + tuple(added)
        return Head(encode_head(status, reason, fields), status, reason, fields, carries,
                    chunked, persistent)


def encode_head(status, reason, fields):
    """Return a status line and *fields*, with the empty line that ends them."""
    lines = [b'HTTP/1.1 ' + to_bytes('%d %s' % (status, reason))]
    lines.extend([to_bytes(name) + b': ' + to_bytes(value) for name, value in fields])
    return b'\r\n'.join(lines) + b'\r\n\r\n'
