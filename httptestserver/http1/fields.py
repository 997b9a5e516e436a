# -*- coding: utf-8 -*-
"""Header fields, between octets on the wire, (name, value) pairs and message objects.

Nothing here does I/O or takes a lock. A `Headers` fills itself once, at first access.
"""
import io

from six import ensure_str, integer_types, string_types
from six.moves.collections_abc import Mapping

from httptestserver.wording import wrong

try:
    from mimetools import Message       # Python 2: what its http.server gives
except ImportError:
    from http.client import HTTPMessage as Message

    def _parse(block):
        message = Message()
        message._headers = parse_fields(block)
        message._payload = ''           # what the standard library's parser leaves
        return message

    def _reduced(headers, protocol):
        headers.keys()                  # of what its octets say, and what was made of it
        return _restored, (vars(headers),)
else:
    def _parse(block):
        return Message(io.BytesIO(block + b'\r\n'), 0)

    def _reduced(headers, protocol):    # it keeps the file, which not every protocol pickles
        return Headers, (b''.join(headers.headers),)

__all__ = ['Headers', 'pairs', 'parse_fields', 'to_bytes', 'to_str', 'utf_8']


def to_str(octets):
    """Return *octets* as a str: UTF-8 where they are, else ISO-8859-1, which always fits."""
    try:
        return ensure_str(octets, 'utf-8')
    except UnicodeDecodeError:
        return ensure_str(octets, 'iso-8859-1')


def to_bytes(text):
    """Return *text* as it goes over the wire: ISO-8859-1 where that fits, else UTF-8."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode('iso-8859-1')
    except UnicodeEncodeError:
        return text.encode('utf-8')


def utf_8(text, key):
    """Return *text* as UTF-8.

    :raises ValueError: half of a surrogate pair is in it, as JSON and names of files may have
        it. *key* is named in the message.
    """
    try:
        return text.encode('utf-8')
    except UnicodeError as error:
        raise ValueError('%s is text that UTF-8 can encode: %s' % (key, error))


def parse_fields(block):
    """Return the (name, value) pairs of *block*, lines that end in CRLF, whatever is in them.

    Values are decoded as ISO-8859-1, as `http.server` does: RFC 9110, section 5.5.
    """
    lines = [line.partition(b':') for line in block.split(b'\r\n')[:-1]]
    return [(ensure_str(name, 'iso-8859-1'), ensure_str(value.strip(b' \t'), 'iso-8859-1'))
            for name, _, value in lines]


class Headers(Message, object):
    """The header fields of one request, parsed when somebody first looks at them.

    Parsing each request at once, as the standard library does, takes most of the time of
    a request; most are never looked at, so an entry keeps the octets.

    :param block: the field lines as they came, without the empty line.
    """

    __slots__ = ('_block',)             # so that most have no dict

    def __init__(self, block):
        self._block = block

    def __getattr__(self, name):
        block = Headers._block.__get__(self, Headers)
        if block is None:               # it is no attribute, or another thread was faster
            return object.__getattribute__(self, name)
        # One update, so that no other thread sees a message that is half filled.
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
    headers = Headers(None)
    vars(headers).update(state)
    return headers


def pairs(headers, key='response_headers'):
    """Return *headers*, a dict or (name, value) pairs, as a tuple of pairs of str.

    :raises TypeError, ValueError: it is something else, or holds what UTF-8 cannot encode, or
        CR, LF or NUL, which would end the field: RFC 9110, section 5.5. *key* is named in the
        message.
    """
    if isinstance(headers, Mapping):
        headers = [(name, headers[name]) for name in headers]
    # A generator could be read once, by this check, and then send nothing.
    if not hasattr(headers, '__len__') or isinstance(headers, string_types + (bytes,)):
        raise wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in headers):
        raise wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    return tuple([(_field_text(name, key), _field_text(value, key))
                  for name, value in headers])


def _field_text(value, key):
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
