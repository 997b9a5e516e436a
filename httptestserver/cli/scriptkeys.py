# -*- coding: utf-8 -*-
"""Makes values of ``response_*`` keys of what a script file says.

An error raises `ScriptError`. It says what is allowed in the words of JSON, because the messages of
the API speak Python. Nothing here takes a lock.
"""
from six import ensure_text, string_types, text_type

from httptestserver.cli.bodyfile import BodyFile, BodyFolder
from httptestserver.cli.document import ScriptError, member, require
from httptestserver.http1.fields import utf_8
from httptestserver.recording.expected import is_int
from httptestserver.scripting.vocabulary import (
    CODINGS, FAULTS, MOMENTS, VOCABULARY, check, is_json_int)

__all__ = ['CODE', 'KEYS', 'TEXT', 'key_value', 'message', 'short_response']

TEXT = 'a string'
CONTENT = 'a string, a list of strings, null or {"file": "NAME"}'
FIELDS = ('an object of names and values, or a list of [NAME, VALUE]; a name is a string, a value '
          'a string or an integer, neither with CR, LF or NUL')
RESPONSE = 'a status from 100 to 999, a string, or an object of response_* keys'

#: The keys whose values are code.
CODE = ('response_callback', 'response_hold')

#: The keys that JSON can express, as `VOCABULARY`.
KEYS = {key: VOCABULARY[key] for key in VOCABULARY if key not in CODE}


def _one_of(words):
    return 'one of %s' % ', '.join(['"%s"' % word for word in words])


#: What each key is, but those whose messages name JSON anyway.
ALLOWED = {
    'response_status': 'an integer from 100 to 999',
    'response_reason': 'text that UTF-8 can encode, without CR, LF and NUL',
    'response_headers': FIELDS,
    'response_folder': 'the name of a directory below that of the script, a string',
    'response_content_encoding': _one_of(CODINGS),
    'response_forward': 'the URL of a server, or true in a proxy',
    'response_forward_cafile': 'the path of a PEM file with the authorities that verify the server',
    'response_trailers': FIELDS,
    'response_informational': 'a list of [STATUS, FIELDS]; a status is 100 to 199 but 101, '
                              'the fields are as in response_headers',
    'response_timeout': 'a number of seconds, 0 or more',
    'response_rate': 'a number of bytes per second, more than 0',
    'response_fault': _one_of(FAULTS),
    'response_fault_at': _one_of(MOMENTS) + ', or how many bytes of the body are sent before it',
    'response_raw': 'a string, sent as UTF-8',
    'response_times': 'an integer of 1 or more',
    'response_clear': 'true or false',
    'response_reset': 'true or false',
    'response_early': 'true or false',
    'response_ranges': 'true or false',
}

EVENTS = 'a list of events, each a string or an object'
EVENT = 'a string (its data), or an object of data, event, id, retry and comment'

#: What the values in the object of an event are, each with a function that checks the type.
_IN_EVENT = {
    'event': (TEXT, lambda value: isinstance(value, string_types)),
    'id': ('a string or an integer',
           lambda value: isinstance(value, string_types) or is_int(value)),
    'retry': ('an integer of 0 or more, in milliseconds',
              lambda value: is_int(value) and value >= 0),
    'comment': (TEXT, lambda value: isinstance(value, string_types)),
}


def key_value(place, key, value, folder):
    """Return the *value* of a *key* for the API.

    :param place: where in the document it is.
    :param folder: of the files that bodies are read from.
    :raises ScriptError: the key is unknown, or a file cannot hold such a value.
    """
    if key in CODE:
        raise ScriptError('%s is code, which a script in a file cannot contain' % place)
    try:
        made = _made(place, key, value, folder)
        check(key, made, KEYS)
    except ScriptError:
        raise
    except (TypeError, ValueError) as error:
        if key in ALLOWED:
            require(place, value, False, ALLOWED[key], _instead(value, ALLOWED[key]))
        # The message begins with the key, so only the place before it is missing.
        raise ScriptError(place[:-len(key)] + message(error))
    return made


def _instead(value, allowed):
    if value is None:
        return 'to unset the key, leave it out'
    is_number = allowed.startswith(('a number', 'an integer')) and isinstance(value, string_types)
    return 'did you mean %s?' % value if is_number and value.isdigit() else ''


def _made(place, key, value, folder):
    if key == 'response_content':
        return _content(place, value, folder)
    if key == 'response_folder':
        require(place, value, isinstance(value, string_types), ALLOWED[key])
        return _below(place, BodyFolder, folder, value)
    if key == 'response_events':
        _check_events(place, value)
    if key == 'response_raw' and isinstance(value, text_type):
        # JSON has no bytes.
        return utf_8(value, key)
    return value


def _content(place, value, folder):
    if isinstance(value, dict) and list(value) == ['file']:
        name = value['file']
        require(member(place, 'file'), name, isinstance(name, string_types), TEXT)
        return _below(place, BodyFile, folder, name)
    texts = value if isinstance(value, list) else [value]
    require(place, value, value is None or all(
        isinstance(each, string_types) for each in texts), CONTENT)
    return value


def _below(place, kind, folder, name):
    """Return what a *name* below *folder* stands for: see `BodyFile`."""
    try:
        return kind(folder, name)
    except ValueError as error:
        raise ScriptError(u'%s: %s' % (place, message(error)))


def _check_events(place, value):
    """Check the types in a list of events. Their names and texts are left to the API."""
    require(place, value, isinstance(value, list), EVENTS)
    for index, event in enumerate(value):
        each = '%s[%d]' % (place, index)
        require(each, event, isinstance(event, (dict,) + string_types), EVENT,
                'to send it as JSON: {"data": ...}')
        for name in event if isinstance(event, dict) else ():
            allowed, fits = _IN_EVENT.get(name, ('', lambda value: True))
            require(member(each, name), event[name], event[name] is None or fits(event[name]),
                    allowed)


def short_response(place, response):
    """Check a *response* that is no object of keys, and return it.

    :raises ScriptError: it is neither a status nor a string.
    """
    is_status = is_json_int(response) and 100 <= response <= 999
    hint = '' if is_json_int(response) else 'to send it as JSON: {"response_json": ...}'
    require(place, response, is_status or isinstance(response, string_types), RESPONSE, hint)
    return response


def message(error):
    """Return the message of *error* as text. On Python 2 it may be bytes."""
    # The first argument of a UnicodeError is not its message.
    if isinstance(error, UnicodeError):
        return ensure_text(str(error))
    return ensure_text(error.args[0], errors='replace')
