# -*- coding: utf-8 -*-
"""The ``response_*`` keys of scripts: which there are, and which values each may have.

A wrong key or value raises when a test writes it, and the message names what is allowed. Nothing
here takes a lock or does I/O, except to look whether a directory exists.
"""
import io
import json
import numbers
import os
import re
import sys

from six import integer_types, string_types, text_type
from six.moves import collections_abc

from httptestserver.http1.fields import pairs, utf_8
from httptestserver.recording.coroutines import check_function, check_result
from httptestserver.recording.criteria import CRITERIA, criterion_meant
from httptestserver.scripting.content import BYTES, ContentSource, is_path, path_name
from httptestserver.wording import native, nearest, one_of, shown, unknown, wrong

__all__ = ['BEFORE_RESPONSE', 'CODINGS', 'CONTENTS', 'EARLY', 'ENDS', 'FAULTS', 'MOMENTS', 'PREFIX',
           'VOCABULARY', 'check', 'check_route_keywords', 'is_content', 'is_json_int', 'is_made',
           'is_response_key', 'key_meant', 'script_of']

PREFIX = 'response_'

#: The content codings in which a response can be sent.
CODINGS = ('gzip', 'deflate')

#: What a fault does to the connection: end it, reset it, or leave it open in silence.
FAULTS = ('disconnect', 'reset', 'stall')

#: The faults that end the connection.
ENDS = FAULTS[:2]

#: When a fault happens, in the order of an exchange.
MOMENTS = ('accept', 'handshake', 'request', 'response', 'body', 'end')

#: The moments before the whole request was read.
EARLY = MOMENTS[:3]

#: Moments at which a fault leaves no byte of the response.
BEFORE_RESPONSE = MOMENTS[:4]


def is_response_key(key):
    """Whether *key* starts with ``response_``. It may be unknown."""
    return isinstance(key, string_types) and key.startswith(PREFIX)


def script_of(data):
    """Return a dict of the ``response_*`` keys of *data*. The caller keeps others from writing."""
    return {key: data[key] for key in data if is_response_key(key)}


def is_json_int(value):
    """Whether *value* is an int that JSON can hold, because responses are recorded and exported.

    An integer of numpy is none.
    """
    return isinstance(value, integer_types) and not isinstance(value, bool)


# The functions below check the value of a key, or make such a check. A check takes (key, value),
# and raises TypeError or ValueError if the key must not have the value.

def _refused(kind, key, allowed, value, hint=''):
    """Return the exception for a wrong *value*: see `wrong`."""
    if value is None:
        hint = 'to unset the key, delete it or leave it out'
    return wrong(kind, key, allowed, value, hint)


def _as_number(value):
    """Return a hint for a str that is only a number; '' for any other value."""
    is_number = isinstance(value, string_types) and re.match(r'[0-9]+(\.[0-9]+)?\Z', value)
    return 'did you mean %s?' % value if is_number else ''


def _as_json(value):
    """Return a hint for wrong content that response_json may take; '' for any other value."""
    is_json = isinstance(value, (dict, list, tuple, int, float))
    return 'did you mean response_json?' if is_json else ''


def _int(lowest, highest, allowed):
    def check_int(key, value):
        if not is_json_int(value):
            raise _refused(TypeError, key, allowed, value, _as_number(value))
        if not lowest <= value <= highest:
            raise _refused(ValueError, key, allowed, value)
    return check_int


def _number(is_allowed, allowed):
    def check_number(key, value):
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise _refused(TypeError, key, allowed, value, _as_number(value))
        if not is_allowed(value):
            raise _refused(ValueError, key, allowed, value)
    return check_number


def _flag(key, value):
    if not isinstance(value, bool):
        raise _refused(TypeError, key, 'True or False', value)


def _reason(key, value):
    if not isinstance(value, string_types):
        raise _refused(TypeError, key, 'a str', value)
    pairs([(key, value)], key)


def _raw(key, value):
    if not isinstance(value, (bytes, bytearray)):
        raise _refused(TypeError, key, 'bytes, sent as they are', value)


def _json(key, value):
    try:
        json.dumps(value)
    # JSON raises RuntimeError if the value is nested too deep.
    except (TypeError, ValueError, RuntimeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind('%s is a value that JSON can hold: %s' % (key, error))


_CONTENT = ('bytes, str (sent as UTF-8), a path object, an open binary file, an iterable of '
            'bytes or a Stream')


def _content(key, value):
    if isinstance(value, text_type):
        utf_8(value, key)
    elif isinstance(value, (list, tuple)):
        for piece in value:
            _piece(key, piece, value)
    elif not is_content(value):
        raise _refused(TypeError, key, _CONTENT, value, _as_json(value))


def _piece(key, piece, value):
    """Check a *piece* of the list *value*, which a message shows whole."""
    if isinstance(piece, text_type):
        utf_8(piece, key)
    elif not isinstance(piece, BYTES):
        raise _refused(TypeError, key, _CONTENT, value, _as_json(value))


def is_content(value):
    """Whether *value* is bytes, a path, a binary file, a stream or an iterable but a dict."""
    if isinstance(value, (collections_abc.Mapping, io.TextIOBase)):
        return False
    return (isinstance(value, BYTES + (ContentSource,)) or is_path(value) or hasattr(value, 'read')
            or hasattr(value, '__iter__'))


def _events(key, value):
    # Imported here, because few tests need it.
    from httptestserver.scripting.events import check_events
    check_events(key, value)


def _forward(key, value):
    # Imported here, because few tests need it.
    from httptestserver.scripting.destination import check_forward
    check_forward(key, value)


def _forward_cafile(key, value):
    # Imported here, because few tests need it.
    from httptestserver.scripting.destination import check_cafile
    check_cafile(key, value)


_FOLDER = 'a str or a path object of a directory that exists'


def _folder(key, value):
    if not isinstance(value, string_types) and not is_path(value):
        raise _refused(TypeError, key, _FOLDER, value)
    name = path_name(value)
    try:
        if os.path.isdir(name):
            return
        is_there = os.path.exists(name)
    except (TypeError, ValueError):
        # It has a NUL, or what the locale cannot encode. Newer Pythons say that it is not there.
        is_there = False
    hint = 'for one file, write response_content=pathlib.Path(...)'
    raise _refused(ValueError, key, _FOLDER, value, hint if is_there else '')


def _coding(key, value):
    if value not in CODINGS:
        hint = 'for another coding, compress the content and set Content-Encoding'
        raise _refused(ValueError, key, one_of(CODINGS), value,
                       hint if isinstance(value, string_types) else '')


def _headers(key, value):
    pairs(value, key)


_INTERIM = 'a list of (status, headers), each status from 100 to 199 but 101'


def _informational(key, value):
    # A generator is refused, because this check would use it up before it is sent.
    if not hasattr(value, '__len__'):
        raise _refused(TypeError, key, _INTERIM, value)
    for response in value:
        if not isinstance(response, (tuple, list)) or len(response) != 2:
            raise _refused(TypeError, key, _INTERIM, value)
        status, headers = response
        if not is_json_int(status) or not 100 <= status <= 199 or status == 101:
            raise _refused(ValueError, key, _INTERIM, value)
        pairs(headers, key)


_WAITS = 'an object with wait(timeout), such as threading.Event'


def _hold(key, value):
    if not callable(getattr(value, 'wait', None)):
        raise _refused(TypeError, key, _WAITS, value)
    # `asyncio.Event` has such a method.
    check_function(key + '.wait', value.wait)


def _fault(key, value):
    if value not in FAULTS:
        raise _refused(ValueError, key, one_of(FAULTS), value)


def _fault_at(key, value):
    if is_json_int(value) and value >= 0 or isinstance(value, string_types) and value in MOMENTS:
        return
    allowed = one_of(MOMENTS) + ', or how many bytes of the body are sent before it'
    raise _refused(ValueError, key, allowed, value)


def _callback(key, value):
    if not callable(value):
        raise _refused(TypeError, key, 'a callable of the request', value)


def _is_delay(seconds):
    return 0 <= seconds <= sys.float_info.max


def _is_rate(rate):
    return 0 < rate <= sys.float_info.max


#: Each key with its check: a function of (key, value) that raises if the value is wrong.
VOCABULARY = {
    'response_status': _int(100, 999, 'an int from 100 to 999'),
    'response_reason': _reason,
    'response_headers': _headers,
    'response_content': _content,
    'response_content_encoding': _coding,
    'response_json': _json,
    'response_events': _events,
    'response_forward': _forward,
    'response_forward_cafile': _forward_cafile,
    'response_folder': _folder,
    'response_trailers': _headers,
    'response_informational': _informational,
    'response_timeout': _number(_is_delay, 'a number of seconds, 0 or more'),
    'response_hold': _hold,
    'response_rate': _number(_is_rate, 'a number of bytes per second, more than 0'),
    'response_fault': _fault,
    'response_fault_at': _fault_at,
    'response_raw': _raw,
    'response_callback': _callback,
    'response_times': _int(1, float('inf'), 'an int of 1 or more'),
    'response_clear': _flag,
    'response_reset': _flag,
    'response_ranges': _flag,
    'response_early': _flag,
}

#: The keys that are each a content. Only one of them is sent.
CONTENTS = ('response_content', 'response_json', 'response_events', 'response_folder',
            'response_forward')

#: Names that users of other libraries write, each with the key that they mean, without prefix.
_HABITS = {
    'body': 'content', 'data': 'content', 'stream': 'content', 'text': 'content',
    'code': 'status', 'status_code': 'status',
    'content_type': 'headers', 'mimetype': 'headers',
    'directory': 'folder', 'root': 'folder', 'static': 'folder',
    'encoding': 'content_encoding', 'compression': 'content_encoding',
    'delay': 'timeout', 'sleep': 'timeout',
    'function': 'callback', 'handler': 'callback', 'side_effect': 'callback',
    'repeat': 'times',
}

#: Keys that may be None, which is the same as leaving them out. Release 0.1.0 allowed that.
_OPTIONAL = ('response_headers', 'response_content', 'response_timeout', 'response_clear',
             'response_reset')

#: Keys whose value cannot be a function of the request that makes the value. A callback is such
#: a function by itself. The others are read under the lock, where user code must not run.
_NOT_MADE = ('response_callback', 'response_times', 'response_clear', 'response_early')


def check(key, value, vocabulary=VOCABULARY):
    """Check one key and its value. Functions of the request are allowed, but not called.

    :param vocabulary: the known keys, as `VOCABULARY`.
    :raises ValueError: the key is unknown, or the value is out of range. The message for an
        unknown key suggests the nearest one.
    :raises TypeError: the value is of a wrong type, or a coroutine function.
    """
    if key not in vocabulary:
        raise ValueError(unknown(key, 'a key of a response', sorted(vocabulary),
                                 key_meant(key, vocabulary)))
    if value is None and key in _OPTIONAL:
        return
    if callable(value):
        check_function(key, value)
    check_result(key, value)
    if not is_made(key, value):
        vocabulary[key](key, value)


def key_meant(name, vocabulary=VOCABULARY):
    """Return the key that *name* probably means; '' if none is likely."""
    bare = name[len(PREFIX):] if is_response_key(name) else native(name)
    return _exact_key(bare, vocabulary) or nearest(name, vocabulary, PREFIX)


def check_route_keywords(names, query=None):
    """Check that *names*, the keywords of ``route()`` other than criteria, are response keys.

    :param query: the criterion, in whose place a status or content may stand.
    :raises TypeError: a name does not start with ``response_``, or *query* is such a response.
    """
    if is_json_int(query):
        raise _no_query(query, 'response_status')
    # Text with '=' was rather meant as a query.
    if isinstance(query, bytes) and b'=' not in query or (
            isinstance(query, text_type) and u'=' not in query):
        raise _no_query(query, 'response_content')
    for name in names:
        if not is_response_key(name):
            allowed = CRITERIA + ('count',) + tuple(sorted(VOCABULARY))
            meant = (_exact_key(name, VOCABULARY) or criterion_meant(name, ('count',))
                     or nearest(name, allowed, PREFIX))
            raise TypeError(unknown(name, 'a keyword of route()', allowed, meant))


def _no_query(query, key):
    return wrong(TypeError, 'query', 'a dict of names and values', query,
                 'did you mean %s=%s?' % (key, shown(query)))


def _exact_key(bare, vocabulary):
    """Return the key that *bare*, a name without prefix, stands for; '' if there is none."""
    key = PREFIX + _HABITS.get(bare, bare)
    return key if key in vocabulary else ''


def is_made(key, value):
    """Whether *value* is a function of the request that makes the value of *key*."""
    return callable(value) and key not in _NOT_MADE and not hasattr(value, 'wait')
