# -*- coding: utf-8 -*-
"""What a client sent: the recorded request, its header fields and the wire's failures.

Nothing here does I/O or takes a lock. A `Headers` fills itself once, at first
access; every other value is settled when it is made.
"""
import collections
import io
import re

from six import ensure_str

try:
    from mimetools import Message       # Python 2: what its http.server gives
except ImportError:
    from http.client import HTTPMessage as Message

    def _parse(block):
        message = Message()
        message._headers = parse_fields(block)
        message._payload = ''           # what the standard library's parser leaves
        return message
else:
    def _parse(block):
        return Message(io.BytesIO(block + b'\r\n'), 0)

__all__ = ['Failure', 'Headers', 'RecordedRequest', 'native', 'octets', 'parse_fields']

#: A field line of RFC 9112, section 5, whose grammar was checked before.
_FIELD = re.compile(br'([^:]+):([^\r\n]*)\r\n').findall


def native(octets):
    """Return *octets* as a str: UTF-8 where they are, else ISO-8859-1, which always fits."""
    try:
        return ensure_str(octets, 'utf-8')
    except UnicodeDecodeError:
        return ensure_str(octets, 'iso-8859-1')


def octets(text):
    """Return *text* as it goes over the wire: ISO-8859-1 where that fits, else UTF-8."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode('iso-8859-1')
    except UnicodeEncodeError:
        return text.encode('utf-8')


def parse_fields(block):
    """Return the (name, value) pairs of *block*, field lines that are known to be valid.

    Values are decoded as ISO-8859-1, as `http.server` does: RFC 9110, section 5.5.
    """
    return [(ensure_str(name, 'iso-8859-1'), ensure_str(value.strip(b' \t'), 'iso-8859-1'))
            for name, value in _FIELD(block)]


class Headers(Message, object):
    """The header fields of one request, parsed when somebody first looks at them.

    Parsing each request at once, as the standard library does, takes most of the time of
    a request; most are never looked at, so an entry keeps the octets.

    :param block: the field lines as they came, without the empty line.
    """

    def __init__(self, block):
        self._block = block

    def __getattr__(self, name):
        block = vars(self).get('_block')
        if block is None:               # it is no attribute, or another thread was faster
            return object.__getattribute__(self, name)
        # One update, so that no other thread sees a message that is half filled.
        vars(self).update(vars(_parse(block)), _block=None)
        return getattr(self, name)


class RecordedRequest(dict):
    """One request as it came, and the response that it was given.

    A plain dict of facts, so that ``history[-1]['path']`` and comparisons of whole
    entries work. ``duration`` is None, and the ``response_*`` keys are absent, until the
    response has been sent.
    """

    __slots__ = ()

    def __repr__(self):
        return '<RecordedRequest %s>' % self.get('requestline')


class Failure(collections.namedtuple(
        'Failure', 'client_address connection_index time reason')):
    """What went wrong on a connection, where no request came of it.

    ``time`` is in seconds since the epoch, ``reason`` one line of text.
    """

    __slots__ = ()

    def __str__(self):
        return 'connection %s from %s:%s: %s' % (
            (self.connection_index,) + tuple(self.client_address[:2]) + (self.reason,))
