# -*- coding: utf-8 -*-
"""Converts header fields between bytes, (name, value) pairs and message objects.

It is the only place where text of HTTP becomes bytes, or bytes become text. Nothing here does
I/O or takes a lock.
"""
import io
import re

from six import ensure_str, integer_types, string_types
from six.moves import collections_abc

from httptestserver.wording import shown, wrong

try:
    # Python 2: the class that the standard library's handlers use.
    from mimetools import Message
except ImportError:
    from http.client import HTTPMessage as Message

    def _parse(block):
        message = Message()
        message._headers = parse_fields(block)
        # The parser of the standard library also sets the payload.
        message._payload = ''
        return message

    def _reduced(headers, protocol):
        # `vars` is empty until the fields are parsed, and this call parses them.
        headers.keys()
        return _restored, (vars(headers),)
else:
    def _parse(block):
        return Message(io.BytesIO(block + b'\r\n'), 0)

    def _reduced(headers, protocol):
        # The message keeps the file that it was parsed from, which protocol 0 cannot pickle.
        return Headers, (b''.join(headers.headers),)

__all__ = ['Headers', 'elements', 'first_value', 'get_all', 'has_field', 'is_token', 'members',
           'pairs', 'parse_fields', 'parse_length', 'to_bytes', 'to_str', 'utf_8', 'values_of',
           'without']


#: Whether a str is a token, as names of fields and methods are. RFC 9110, section 5.6.2.
is_token = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z").match

# What it finds has at most 18 digits, so it fits into 64 bits.
_length = re.compile('0*([0-9]{1,18})\\Z').match


def to_str(raw):
    """Return *raw*, bytes, as str: decoded as UTF-8 if they are valid, else as ISO-8859-1."""
    try:
        return ensure_str(raw, 'utf-8')
    except UnicodeDecodeError:
        return ensure_str(raw, 'iso-8859-1')


def to_bytes(text):
    """Return *text* as bytes to send: encoded as ISO-8859-1 if possible, else as UTF-8.

    Bytes are returned unchanged.
    """
    if isinstance(text, bytes):
        return text
    try:
        return text.encode('iso-8859-1')
    except UnicodeEncodeError:
        return text.encode('utf-8')


def utf_8(text, key):
    """Return *text* encoded as UTF-8.

    :param key: the name of the value, for the message of an error.
    :raises ValueError: *text* has a lone surrogate, as JSON and file names may.
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


def has_field(headers, name):
    """Whether *headers*, (name, value) pairs, have a field of this *name*, in lower case."""
    return name in [each.lower() for each, _ in headers]


def values_of(headers, name):
    """Return the values of all fields of this *name*: a list. For parameters see `has_field`."""
    return [value for each, value in headers if each.lower() == name]


def first_value(headers, name, default=u''):
    """Return the first value of a field, or *default*. For parameters see `has_field`."""
    return next((value for each, value in headers if each.lower() == name), default)


def elements(headers, name):
    """Return what commas part in all fields of this *name*: a list of str, which may be empty.

    For parameters see `has_field`.
    """
    return [element.strip(' \t') for value in values_of(headers, name)
            for element in value.split(',')]


def members(headers, name):
    """Return the members of a field that is a list, without empty elements: a list of str.

    RFC 9110, section 5.6.1. For parameters see `has_field`.
    """
    return [element for element in elements(headers, name) if element]


def parse_length(value):
    """Return the number of bytes that *value* says as a Content-Length does: RFC 9110, section 8.6.

    It is None if *value* is no number, or one of more than 18 digits.
    """
    found = _length(value)
    return int(found.group(1)) if found else None


def without(headers, names):
    """Return *headers* without the fields of these *names*, in lower case: a tuple of pairs."""
    return tuple([pair for pair in headers if pair[0].lower() not in names])


def get_all(message, name):
    """Return the values of all fields of this *name* in a message object: a list of str."""
    # Python 2 names the method getheaders().
    method = getattr(message, 'get_all', None) or message.getheaders
    return method(name) or []


class Headers(Message, object):
    """The header fields of one request, a message object that is parsed when it is first used.

    Most tests never use the fields, and parsing them takes most of the time of a request.

    :param block: the field lines as they came, without the empty line.
    """

    # `_block` is None once the fields are parsed. The parsed attributes are in `__dict__`.
    __slots__ = ('_block',)

    def __init__(self, block):
        self._block = block

    def __getattr__(self, name):
        # Python calls this only for an attribute that is missing. The slot is read through its
        # descriptor, because `self._block` would come back here if it were unset.
        block = Headers._block.__get__(self, Headers)
        if block is None:
            # Either the attribute does not exist, or another thread has set it meanwhile.
            return object.__getattribute__(self, name)
        # All attributes are set at once, so no thread sees only some of them. To set them one by
        # one would make each later object larger, because CPython reserves room for them.
        self.__dict__ = vars(_parse(block))
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
    """Return the `Headers` with this *state*. Pickles of Python 3 name this function."""
    headers = Headers(None)
    headers.__dict__ = dict(state)
    return headers


def pairs(headers, key='response_headers'):
    """Return *headers* as a tuple of (name, value) pairs of str.

    :param headers: a dict or a sequence of (name, value), each str, bytes or int.
    :param key: the name of the value, for the messages of errors.
    :raises TypeError: it is something else.
    :raises ValueError: it holds text that UTF-8 cannot encode, or CR, LF or NUL, which RFC 9110
        forbids in section 5.5.
    """
    if isinstance(headers, collections_abc.Mapping):
        headers = [(name, headers[name]) for name in headers]
    # A generator is refused, because this check would use it up before it is sent.
    if not hasattr(headers, '__len__') or isinstance(headers, string_types + (bytes,)):
        raise wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in headers):
        raise wrong(TypeError, key, 'a dict, or a sequence of (name, value)', headers)
    return tuple([(_field_text(name, key), _field_text(value, key, name))
                  for name, value in headers])


def _instead(value, name):
    """Return which field has *value*, and what to write instead; '' if neither is known.

    :param name: that of the field; None if *value* is the name itself.
    """
    hints = [] if name is None else ['it is the value of %s' % shown(name)]
    if isinstance(value, (list, tuple)):
        hints.append('for a field that repeats: [(name, value), (name, value)]')
    elif isinstance(value, float):
        hints.append('did you mean %r?' % str(value))
    return '; '.join(hints)


def _field_text(value, key, name=None):
    """Return *value*, the name or the value of a field, as str. Raises as `pairs`.

    :param name: that of the field, if *value* is its value.
    """
    if isinstance(value, integer_types) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, string_types + (bytes,)):
        raise wrong(TypeError, key, 'made of names and values that are str, bytes or int',
                    value, _instead(value, name))
    if not isinstance(value, str):
        # A str stands for the bytes that it has in ISO-8859-1.
        value = ensure_str(to_bytes(value), 'iso-8859-1')
    if '\r' in value or '\n' in value or '\0' in value:
        raise wrong(ValueError, key, 'made of names and values without CR, LF and NUL',
                    value)
    try:
        to_bytes(value)
    except UnicodeError:
        raise wrong(ValueError, key, 'made of text that UTF-8 can encode', value)
    return value
