# -*- coding: utf-8 -*-
"""The ``response_*`` vocabulary: what each key may hold, and what it makes the server send.

Nothing here does I/O or takes a lock. A wrong key or value raises where it is written,
with what is allowed.
"""
import difflib
import numbers

from six import ensure_str, integer_types, string_types, text_type
from six.moves import http_client
from six.moves.collections_abc import Mapping

from httptestserver.request import octets

__all__ = ['Response', 'VOCABULARY', 'check', 'frame', 'pairs']

PREFIX = 'response_'

#: Reason phrases, RFC 9110, section 15; the older of our Pythons do not know all of them.
REASONS = {103: 'Early Hints', 308: 'Permanent Redirect', 418: "I'm a Teapot",
           421: 'Misdirected Request', 422: 'Unprocessable Content', 425: 'Too Early',
           428: 'Precondition Required', 429: 'Too Many Requests',
           431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons',
           511: 'Network Authentication Required'}
REASONS.update(http_client.responses)


def _wrong(kind, key, allowed, value):
    return kind('%s is %s, got %r (%s)' % (key, allowed, value, type(value).__name__))


def _check_status(key, value):
    allowed = 'an int from 100 to 999'
    if isinstance(value, bool) or not isinstance(value, integer_types):
        raise _wrong(TypeError, key, allowed, value)
    if not 100 <= value <= 999:
        raise _wrong(ValueError, key, allowed, value)


def _check_content(key, value):
    if not isinstance(value, (bytes, bytearray, memoryview, text_type, type(None))):
        raise _wrong(TypeError, key, 'bytes, or str to be sent as UTF-8', value)


def _check_seconds(key, value):
    allowed = 'a number of seconds, 0 or more'
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise _wrong(TypeError, key, allowed, value)
    if not 0 <= value < float('inf'):
        raise _wrong(ValueError, key, allowed, value)


def _check_flag(key, value):
    if not isinstance(value, (bool, type(None))):
        raise _wrong(TypeError, key, 'True or False', value)


def _check_headers(key, value):
    pairs(value or (), key)


def pairs(headers, key='response_headers'):
    """Return *headers*, a dict or (name, value) pairs, as a tuple of pairs of str.

    :raises TypeError, ValueError: it is something else, or holds CR, LF or NUL, which
        would end the field: RFC 9110, section 5.5. *key* is named in the message.
    """
    if isinstance(headers, Mapping):
        headers = [(name, headers[name]) for name in headers]
    # A generator could be read once, by this check, and then send nothing.
    if not hasattr(headers, '__len__') or isinstance(headers, string_types + (bytes,)):
        raise _wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in headers):
        raise _wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    return tuple([(_field_text(name, key), _field_text(value, key))
                  for name, value in headers])


def _field_text(value, key):
    if isinstance(value, integer_types) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, string_types + (bytes,)):
        raise _wrong(TypeError, key, 'made of names and values that are str, bytes or int',
                     value)
    if not isinstance(value, str):
        value = ensure_str(octets(value), 'iso-8859-1')
    if '\r' in value or '\n' in value or '\0' in value:
        raise _wrong(ValueError, key, 'made of names and values without CR, LF and NUL',
                     value)
    return value


#: Every key, with the function of (key, value) that refuses what it must not hold.
VOCABULARY = {
    'response_status': _check_status,
    'response_headers': _check_headers,
    'response_content': _check_content,
    'response_timeout': _check_seconds,
    'response_clear': _check_flag,
    'response_reset': _check_flag,
}


def check(key, value, vocabulary=VOCABULARY):
    """Refuse a *key* that no response has, or a *value* that it cannot hold.

    :raises ValueError: the key is unknown (the nearest one is named), or the value is out
        of its range.
    :raises TypeError: the value is of a wrong type.
    """
    if key not in vocabulary:
        near = difflib.get_close_matches(key, vocabulary, 1, 0.0)[0]
        raise ValueError('%s is not a key of a response; did you mean %s? All of them: %s'
                         % (key, near, ', '.join(sorted(vocabulary))))
    vocabulary[key](key, value)


class Response(object):
    """What is sent for one request, every value settled.

    ``status`` is an int, ``headers`` a tuple of (name, value) pairs of str, ``content``
    bytes, ``delay`` seconds. ``fixed`` tells whether the same keys will always make the
    same response: none of them holds what its author may change in place.
    """

    __slots__ = ('status', 'reason', 'headers', 'content', 'delay', 'reset', 'fixed')

    def __init__(self, keys):
        headers, content = keys.get('response_headers'), keys.get('response_content')
        self.status = keys.get('response_status', 200)
        self.reason = REASONS.get(self.status, '')
        self.headers = pairs(headers) if headers else ()
        self.content = _content(content)
        self.delay = keys.get('response_timeout') or 0
        self.reset = keys.get('response_reset') or False
        self.fixed = headers is None and isinstance(content, (bytes, text_type, type(None)))


def _content(value):
    if value is None:
        return b''
    if isinstance(value, text_type):
        return value.encode('utf-8')
    return memoryview(value).tobytes()


def frame(status, headers, length, command, version, persistent):
    """Settle how a message ends and whether its connection goes on. RFC 9112, section 6.

    :param headers: the (name, value) pairs of the author. Framing fields among them are
        left as they are; where they are false the connection closes after the message, so
        that the client sees what it would see of a bad server.
    :param length: of the content, None where it is not known yet.
    :param version: of the request, such as ``'HTTP/1.1'``.
    :param persistent: whether the client would keep the connection.
    :returns: the pairs to add, whether content is sent, whether it is sent in chunks and
        whether the connection goes on.
    """
    given = {name.lower(): value for name, value in headers}
    added = []
    bare = 100 <= status < 200 or status in (204, 304) or (
        command == 'CONNECT' and 200 <= status < 300)
    carries = not (bare or command == 'HEAD' or status == 205)
    chunked = False
    if 'content-length' in given or 'transfer-encoding' in given:
        persistent = persistent and (not carries or given.get('content-length') == str(length))
    elif status == 205:
        added.append(('Content-Length', '0'))           # RFC 9110, section 15.3.6
    elif length is not None and not bare:
        added.append(('Content-Length', str(length)))
    elif carries and version != 'HTTP/1.0':
        added.append(('Transfer-Encoding', 'chunked'))
        chunked = True
    elif carries:
        persistent = False                              # it ends where the connection does
    if 'connection' in given:
        persistent = persistent and 'close' not in given['connection'].lower()
    elif not persistent:
        added.append(('Connection', 'close'))
    elif version == 'HTTP/1.0':
        added.append(('Connection', 'keep-alive'))
    return added, carries, chunked, persistent
