# -*- coding: utf-8 -*-
"""The ``response_*`` vocabulary: what each key may hold, and what it makes the server send.

Nothing here takes a lock, and only `Stream` does I/O: it reads the files that are content.
A wrong key, value or combination raises where it is written, with what is allowed.
"""
import io
import json
import numbers
import os
import sys

from six import integer_types, string_types, text_type
from six.moves import http_client
from six.moves.collections_abc import Mapping

from httptestserver.http1.fields import pairs, utf_8, wrong

try:
    from os import PathLike         # costs nothing, and pathlib takes milliseconds
except ImportError:
    try:
        from pathlib import PurePath as PathLike        # 3.4 and 3.5
    except ImportError:
        PathLike = ()               # Python 2: no class is an instance of nothing

__all__ = ['FAULTS', 'MOMENTS', 'Response', 'VOCABULARY', 'check', 'check_script', 'nearest',
           'settle', 'short_form']

PREFIX = 'response_'
STEP = 65536            # octets of a file in memory at a time, or sent with their head
KEPT = 1048576          # octets of what was made for one response that history keeps
DEPTH = 8               # callbacks that may stand in for one another

FAULTS = ('disconnect', 'reset', 'stall')
MOMENTS = ('accept', 'handshake', 'request', 'response', 'body', 'end')

#: What the server says in its own words is sent with these fields.
PLAIN_TEXT = (('Content-Type', 'text/plain; charset=utf-8'),)

#: Reason phrases, RFC 9110, section 15; the older of our Pythons do not know all of them.
REASONS = {103: 'Early Hints', 308: 'Permanent Redirect', 418: "I'm a Teapot",
           421: 'Misdirected Request', 422: 'Unprocessable Content', 425: 'Too Early',
           428: 'Precondition Required', 429: 'Too Many Requests',
           431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons',
           511: 'Network Authentication Required'}
REASONS.update(http_client.responses)


def _is_int(value):
    return isinstance(value, integer_types) and not isinstance(value, bool)


def _int(lowest, highest, allowed):
    def check_int(key, value):
        if not _is_int(value):
            raise wrong(TypeError, key, allowed, value)
        if not lowest <= value <= highest:
            raise wrong(ValueError, key, allowed, value)
    return check_int


def _number(allowed, may_be_zero):
    def check_number(key, value):
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise wrong(TypeError, key, allowed, value)
        if not (0 < value <= sys.float_info.max or may_be_zero and value == 0):
            raise wrong(ValueError, key, allowed, value)
    return check_number


def _flag(key, value):
    if not isinstance(value, bool):
        raise wrong(TypeError, key, 'True or False', value)


def _reason(key, value):
    if not isinstance(value, string_types):
        raise wrong(TypeError, key, 'a str', value)
    pairs([(key, value)], key)


def _raw(key, value):
    if not isinstance(value, (bytes, bytearray)):
        raise wrong(TypeError, key, 'bytes, sent as they are', value)


def _json(key, value):
    try:
        json.dumps(value)
    except (TypeError, ValueError, RuntimeError) as error:      # or it is nested too deep
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind('%s is a value that JSON can hold: %s' % (key, error))


def _content(key, value):
    allowed = ('bytes, str (sent as UTF-8), a path object, an open binary file or an iterable '
               'of bytes')
    for piece in value if isinstance(value, (list, tuple)) else (value,):
        if isinstance(piece, text_type):
            utf_8(piece, key)
    if isinstance(value, (bytes, text_type, memoryview)) or _is_path(value):
        return
    if isinstance(value, (Mapping, io.TextIOBase)) or not (
            hasattr(value, 'read') or hasattr(value, '__iter__')):
        raise wrong(TypeError, key, allowed, value)
    if isinstance(value, (list, tuple)) and not all(
            isinstance(piece, (bytes, bytearray, text_type, memoryview)) for piece in value):
        raise wrong(TypeError, key, allowed, value)


def _is_path(value):
    return isinstance(value, PathLike) or hasattr(value, '__fspath__')


def _headers(key, value):
    pairs(value, key)


def _informational(key, value):
    allowed = 'a list of (status, headers), each status from 100 to 199 but 101'
    if not hasattr(value, '__len__'):       # a generator could be read once, by this check
        raise wrong(TypeError, key, allowed, value)
    try:
        for status, headers in value:
            if not _is_int(status) or not 100 <= status <= 199 or status == 101:
                raise wrong(ValueError, key, allowed, value)
            pairs(headers, key)
    except (TypeError, ValueError) as error:
        if str(error).startswith(key):
            raise
        raise wrong(TypeError, key, allowed, value)


def _hold(key, value):
    if not callable(getattr(value, 'wait', None)):
        raise wrong(TypeError, key, 'an object with wait(timeout), such as threading.Event',
                    value)


def _fault(key, value):
    if value not in FAULTS:
        raise wrong(ValueError, key, 'one of %s' % ', '.join(map(repr, FAULTS)), value)


def _fault_at(key, value):
    allowed = 'one of %s, or how many octets of the body are sent before' % ', '.join(
        map(repr, MOMENTS))
    if not (_is_int(value) and value >= 0 or isinstance(value, string_types)
            and value in MOMENTS):
        raise wrong(ValueError, key, allowed, value)


def _callback(key, value):
    if not callable(value):
        raise wrong(TypeError, key, 'a callable of the request', value)


#: Every key, with the function of (key, value) that refuses what it must not hold.
VOCABULARY = {
    'response_status': _int(100, 999, 'an int from 100 to 999'),
    'response_reason': _reason,
    'response_headers': _headers,
    'response_content': _content,
    'response_json': _json,
    'response_trailers': _headers,
    'response_informational': _informational,
    'response_timeout': _number('a number of seconds, 0 or more', True),
    'response_hold': _hold,
    'response_rate': _number('a number of bytes per second, more than 0', False),
    'response_fault': _fault,
    'response_fault_at': _fault_at,
    'response_raw': _raw,
    'response_callback': _callback,
    'response_times': _int(1, float('inf'), 'an int of 1 or more'),
    'response_clear': _flag,
    'response_reset': _flag,
}

#: Keys that None unsets, as release 0.1.0 has it.
_OPTIONAL = ('response_headers', 'response_content', 'response_timeout', 'response_clear',
             'response_reset')
#: Keys whose value is never a callable that makes it: one is callable itself, and the
#: others are looked at under the lock, where no code of the test's may run.
_NOT_MADE = ('response_callback', 'response_times', 'response_clear')


def nearest(word, words):
    """Return which of *words* is spelled most like *word*."""
    import difflib                  # takes milliseconds, and most tests write no wrong key
    return difflib.get_close_matches(word, words, 1, 0.0)[0]


def check(key, value, vocabulary=VOCABULARY):
    """Refuse a *key* that no response has, or a *value* that it cannot hold.

    :raises ValueError: the key is unknown (the nearest one is named), or the value is out
        of its range.
    :raises TypeError: the value is of a wrong type.
    """
    if key not in vocabulary:
        raise ValueError('%s is not a key of a response; did you mean %s? All of them: %s'
                         % (key, nearest(key, vocabulary), ', '.join(sorted(vocabulary))))
    if value is None and key in _OPTIONAL:
        return
    if not _is_made(key, value):
        vocabulary[key](key, value)


def _is_made(key, value):
    """Whether *value* is a callable that makes the value for each request."""
    return callable(value) and key not in _NOT_MADE and not hasattr(value, 'wait')


def check_script(keys, scheme=None, whole=True, moments=MOMENTS):
    """Refuse *keys* that do not go together.

    :param scheme: of the server; there is no ``'handshake'`` in http.
    :param whole: False where keys are written one after the other, as in ``server.data``.
    :param moments: those at which a fault can still happen.
    """
    if keys.get('response_content') is not None and 'response_json' in keys:
        raise ValueError('response_content and response_json are both set: which one is '
                         'sent? Drop the other')
    at = keys.get('response_fault_at')
    if at is None:
        return
    if whole and 'response_fault' not in keys:
        raise ValueError('response_fault_at is set without response_fault, which is one of %s'
                         % ', '.join(map(repr, FAULTS)))
    for key in ('response_fault', 'response_timeout', 'response_hold'):
        if at in MOMENTS[:2] and _is_made(key, keys.get(key)):
            raise ValueError('%s is made of a request, but at %r there is none yet' % (key, at))
    if at == 'handshake' and scheme == 'http':
        raise ValueError("response_fault_at is 'handshake', but this server speaks plain http")
    if isinstance(at, string_types) and at not in moments:
        raise ValueError('response_fault_at is %r, which is past before this response is '
                         'chosen; here it is one of %s' % (at, ', '.join(map(repr, moments))))


def short_form(response):
    """Return the ``response_*`` keys that *response* is short for, not yet checked.

    An int is a status, bytes or str content, a dict keys, a callable a callback.
    """
    if _is_int(response):
        return {'response_status': response}
    if isinstance(response, (bytes, bytearray, text_type)):
        return {'response_content': response}
    if isinstance(response, Mapping):
        return dict(response)
    if callable(response):
        return {'response_callback': response}
    raise TypeError('a response is a status (int), content (bytes or str), a dict of '
                    'response_* keys or a callable of the request, got %r (%s)'
                    % (response, type(response).__name__))


def settle(script, request, vocabulary=VOCABULARY, scheme=None):
    """Return the `Response` that *script* makes for *request*. Runs code of the test's."""
    keys = dict(script)
    for _ in range(DEPTH):
        callback = keys.pop('response_callback', None)
        if callback is None:
            break
        made = short_form(callback(request))
        for key in made:
            check(key, made[key], vocabulary)
        if 'response_content' in made or 'response_json' in made:
            keys.pop('response_content', None)
            keys.pop('response_json', None)
        keys.update(made)
        check_script(made, scheme, moments=MOMENTS[3:])
    if 'response_callback' in keys:
        raise ValueError('%d callbacks stood in for one another, without a response' % DEPTH)
    for key in keys:
        if _is_made(key, keys[key]):
            keys[key] = keys[key](request)
            check(key, keys[key], vocabulary)
    response = Response(keys)
    response.fixed = response.fixed and not any(
        key == 'response_callback' or _is_made(key, script[key]) for key in script)
    return response


class Response(object):
    """What is sent for one request, every value settled.

    ``status`` is an int, ``headers`` and ``trailers`` tuples of (name, value) pairs of
    str, ``content`` bytes or a `Stream`, ``delay`` seconds, ``rate`` octets a second.
    ``fixed`` tells whether the same keys always make the same response: none of them is
    made for each request or holds what its author may change in place. ``plain`` tells
    that it is a head and bytes, sent at once.
    """

    __slots__ = ('status', 'reason', 'headers', 'content', 'delay', 'reset', 'fixed', 'plain',
                 'trailers', 'informational', 'hold', 'rate', 'fault', 'fault_at', 'raw')

    def __init__(self, keys):
        get = keys.get
        self.status = get('response_status', 200)
        self.reason = get('response_reason', REASONS.get(self.status, ''))
        headers = get('response_headers')
        self.headers = pairs(headers) if headers else ()
        self.content = self._content(keys)
        self.delay = get('response_timeout') or 0
        self.reset = get('response_reset') or False
        self.trailers = pairs(get('response_trailers', ()))
        self.informational = tuple([
            (status, REASONS.get(status, ''), pairs(fields))
            for status, fields in get('response_informational', ())])
        self.hold, self.rate = get('response_hold'), get('response_rate')
        self.fault, self.fault_at = get('response_fault'), get('response_fault_at', 'response')
        self.raw = get('response_raw')
        self.fixed = not any(_is_made(key, keys[key]) for key in keys) and isinstance(
            keys.get('response_content'), (bytes, text_type, type(None))) and not (
            headers or 'response_callback' in keys or 'response_json' in keys
            or 'response_trailers' in keys or 'response_informational' in keys)
        self.plain = isinstance(self.content, bytes) and len(self.content) <= STEP and not (
            self.delay or self.trailers or self.informational or self.hold or self.rate
            or self.fault or self.raw is not None)

    def _content(self, keys):
        if 'response_json' in keys:
            if 'content-type' not in [name.lower() for name, _ in self.headers]:
                self.headers += (('Content-Type', 'application/json'),)
            return json.dumps(keys['response_json']).encode('utf-8')
        content = keys.get('response_content')
        if content is None:
            return b''
        if isinstance(content, text_type):
            return content.encode('utf-8')
        if isinstance(content, (bytearray, memoryview)):
            return memoryview(content).tobytes()
        if isinstance(content, bytes):
            return content                      # 1 GiB of it takes no other
        return Stream(content)


class Stream(object):
    """Content that is sent as it comes, and never whole in memory.

    :param source: a path object, read anew for each request; an open binary file, read from
        its start where it can seek; or an iterable of bytes or str.
    """

    def __init__(self, source):
        self.source = source
        self.length = None              # octets, None where only the end will tell
        self._file = None
        self._opened = _is_path(source)
        if self._opened:
            self._file = io.open(str(source), 'rb')
        elif hasattr(source, 'read'):
            self._file = source
        if self._file is not None:
            self.length = self._measure()
        self._kept = []
        self._room = KEPT
        self._iterator = None

    def _measure(self):
        try:
            length = self._file.seek(0, os.SEEK_END) or self._file.tell()
            self._file.seek(0)
            return length
        except (AttributeError, EnvironmentError, ValueError):
            return None                 # a pipe, say

    def __iter__(self):
        if self._file is None:
            self._iterator = iter(self.source)
        else:
            self._iterator = iter(lambda: self._file.read(STEP), b'')
        for piece in self._iterator:
            if isinstance(piece, text_type):
                piece = piece.encode('utf-8')
            if not isinstance(piece, (bytes, bytearray, memoryview)):
                raise wrong(TypeError, 'each piece of response_content', 'bytes or str', piece)
            piece = memoryview(piece).tobytes()
            if self._file is None and self._room > 0:
                self._kept.append(piece[:self._room])
                self._room -= len(piece)
            if piece:
                yield piece

    @property
    def sent(self):
        """What history tells of it: the file or path, or what an iterable gave, up to 1 MiB."""
        return b''.join(self._kept) if self._file is None else self.source

    def close(self):
        """Close a file that was opened here, and end a generator."""
        if self._opened:
            self._file.close()
        # One that was never begun too: its author waits for the end of it.
        close = getattr(self._iterator or self.source, 'close', None)
        if close is not None and self._file is None:
            close()
