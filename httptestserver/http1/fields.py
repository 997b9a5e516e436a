# -*- coding: utf-8 -*-
"""Header fields as bytes, as (name, value) pairs and as message objects.

All text passes here on its way to bytes and back. Nothing here does I/O or takes a lock.
"""
import io

from six import ensure_str, integer_types, string_types
from six.moves.collections_abc import Mapping

from httptestserver.wording import wrong

try:
    # The class of `http.server` in Python 2.
    from mimetools import Message
except ImportError:
    from http.client import HTTPMessage as Message

    def _parse(block):
        message = Message()
        message._headers = parse_fields(block)
        # The parser of the standard library leaves this behind, too.
        message._payload = ''
        return message

    def _reduced(headers, protocol):
        # The call has the fields parsed, so that `vars` is complete.
        headers.keys()
        return _restored, (vars(headers),)
else:
    def _parse(block):
        return Message(io.BytesIO(block + b'\r\n'), 0)

    def _reduced(headers, protocol):
        # From its lines, because it keeps the file it read, which not every protocol pickles.
        return Headers, (b''.join(headers.headers),)

__all__ = ['Headers', 'pairs', 'parse_fields', 'to_bytes', 'to_str', 'utf_8']


def to_str(raw):
    """Return *raw*, bytes, as str: from UTF-8 if they are, else from ISO-8859-1."""
    try:
        return ensure_str(raw, 'utf-8')
    except UnicodeDecodeError:
        return ensure_str(raw, 'iso-8859-1')


def to_bytes(text):
    """Return *text* as bytes to send: in ISO-8859-1 if that can encode it, else in UTF-8."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode('iso-8859-1')
    except UnicodeEncodeError:
        return text.encode('utf-8')


def utf_8(text, key):
    """Return *text* as bytes in UTF-8.

    :raises ValueError: *text* holds half of a surrogate pair, as text of JSON and names of
        files may. *key* is named in the message.
    """
    try:
        return text.encode('utf-8')
    except UnicodeError as error:
        raise ValueError('%s is text that UTF-8 can encode: %s' % (key, error))


def parse_fields(block):
    """Return the (name, value) pairs of *block*, lines that each end in CRLF.

    The lines are not checked. Names and values are decoded as ISO-8859-1, as `http.server`
    does: RFC 9110, section 5.5.
    """
    lines = [line.partition(b':') for line in block.split(b'\r\n')[:-1]]
    return [(ensure_str(name, 'iso-8859-1'), ensure_str(value.strip(b' \t'), 'iso-8859-1'))
            for name, _, value in lines]


class Headers(Message, object):
    """The header fields of one request, parsed at the first look at them.

    The fields of most requests are never looked at. To parse them all, as the standard library
    does, would take most of the time of a request.

    :param block: the field lines as they came, without the empty line.
    """

    # Only an object that was looked at has a dict beside this slot.
    __slots__ = ('_block',)

    def __init__(self, block):
        self._block = block

    def __getattr__(self, name):
        block = Headers._block.__get__(self, Headers)
        if block is None:
            # There is no such attribute, or another thread has just set it.
            return object.__getattribute__(self, name)
        # One update sets all attributes, so that no thread sees half of them.
        vars(self).update(vars(_parse(block)))
        self._block = None
        return getattr(self, name)

    def __reduce_ex__(self, protocol):
        return _reduced(self, protocol)

    def __eq__(self, other):
        """Whether both hold the same fields in the same order."""
        return isinstance(other, Message) and self.items() == other.items()

    def __ne__(self, other):
        return not self == other

    __hash__ = None


def _restored(state):
    """Return the `Headers` that a copy or a pickle describes."""
    headers = Headers(None)
    vars(headers).update(state)
    return headers


def pairs(headers, key='response_headers'):
    """Return *headers*, a dict or a sequence of (name, value), as a tuple of pairs of str.

    :raises TypeError: it is something else.
    :raises ValueError: it holds text that UTF-8 cannot encode, or CR, LF or NUL, which would end
        the field: RFC 9110, section 5.5.

    The messages name *key*.
    """
    if isinstance(headers, Mapping):
        headers = [(name, headers[name]) for name in headers]
    # A generator is refused: this check would read it, and nothing would be left to send.
    if not hasattr(headers, '__len__') or isinstance(headers, string_types + (bytes,)):
        raise wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in headers):
        raise wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    return tuple([(_field_text(name, key), _field_text(value, key))
                  for name, value in headers])


def _field_text(value, key):
    """Return a name or a *value* of a field as str."""
    if isinstance(value, integer_types) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, string_types + (bytes,)):
        raise wrong(TypeError, key, 'made of names and values that are str, bytes or int',
                    value)
    if not isinstance(value, str):
        value = ensure_str(to_bytes(value), 'iso-8859-1')
    if '\r' in value or '\n' in value or '\0' in value:
        raise wrong(ValueError, key, 'made of names and values without CR, LF and NUL',
                    value)
    try:
        to_bytes(value)
    except UnicodeError:
        raise wrong(ValueError, key, 'made of text that UTF-8 can encode', value)
    return value
