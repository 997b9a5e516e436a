# -*- coding: utf-8 -*-
"""The ``response_*`` vocabulary: what each key may hold, and which keys go together.

Nothing here does I/O or takes a lock. A wrong key, value or combination raises where it is
written, with what is allowed.
"""
import io
import json
import numbers
import sys

from six import integer_types, string_types, text_type
from six.moves.collections_abc import Mapping

from httptestserver.http1.fields import pairs, utf_8
from httptestserver.scripting.content import is_path
from httptestserver.wording import nearest, wrong

__all__ = ['EARLY', 'FAULTS', 'MOMENTS', 'VOCABULARY', 'check', 'check_script',
           'is_made', 'is_response_key', 'script_of', 'short_form']

PREFIX = 'response_'

FAULTS = ('disconnect', 'reset', 'stall')
MOMENTS = ('accept', 'handshake', 'request', 'response', 'body', 'end')

#: Moments of faults that come before the whole request is there.
EARLY = MOMENTS[:3]


def is_response_key(key):
    """Whether *key* belongs to the vocabulary of responses."""
    return isinstance(key, string_types) and key.startswith(PREFIX)


def script_of(data):
    """Return the ``response_*`` keys of *data*, a dict that nobody else writes meanwhile."""
    return {key: data[key] for key in data if is_response_key(key)}


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
    if isinstance(value, (bytes, text_type, memoryview)) or is_path(value):
        return
    if isinstance(value, (Mapping, io.TextIOBase)) or not (
            hasattr(value, 'read') or hasattr(value, '__iter__')):
        raise wrong(TypeError, key, allowed, value)
    if isinstance(value, (list, tuple)) and not all(
            isinstance(piece, (bytes, bytearray, text_type, memoryview)) for piece in value):
        raise wrong(TypeError, key, allowed, value)


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
    if not is_made(key, value):
        vocabulary[key](key, value)


def is_made(key, value):
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
        if at in MOMENTS[:2] and is_made(key, keys.get(key)):
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
