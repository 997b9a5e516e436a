# -*- coding: utf-8 -*-
"""Reads a JSON file, and refuses an object that has a name twice.

Python's JSON parser silently drops the first value, so a part of the file would have no effect.
Nothing here takes a lock.
"""
import collections
import io
import json

from six import ensure_str, ensure_text

from httptestserver.recording.text import printable
from httptestserver.wording import Words, shown

__all__ = ['ScriptError', 'member', 'read_document', 'require', 'script_error']


class ScriptError(ValueError):
    """The file cannot be read, or something in it is wrong. The message is one line."""


class _Object(collections.OrderedDict):
    """A JSON object whose members are in the order of the file.

    ``repeated`` is the first name that it has more than once, or None.
    """

    def __init__(self, pairs):
        super(_Object, self).__init__(pairs)
        counts = collections.Counter(name for name, _ in pairs)
        self.repeated = next((name for name, _ in pairs if counts[name] > 1), None)


def read_document(path):
    """Return the value of a JSON file, which is read as UTF-8.

    :raises ScriptError: the file cannot be read, is not JSON, or an object in it has a name twice.
        The message has the path.
    """
    repeated = []

    def made(pairs):
        value = dict(pairs)
        if len(value) < len(pairs):
            repeated.append(value)
        return value
    text = _read(path)
    document = _parsed(path, text, made)
    if repeated:
        # Parsed again, because the dicts of old Pythons have lost the order.
        place = _place_of_repeated(_parsed(path, text, _Object))
        raise script_error('%s: %s is there twice; keep one of the two', path, place)
    return document


def _read(path):
    try:
        with io.open(path, encoding='utf-8-sig') as file:
            return file.read()
    except EnvironmentError as error:
        raise script_error('cannot read %s: %s', path, error.strerror)
    except ValueError as error:
        raise script_error('%s is not JSON: %s', path, str(error))


def _parsed(path, text, made):
    try:
        return json.loads(text, object_pairs_hook=made)
    except ValueError as error:
        raise script_error('%s is not JSON: %s', path, str(error))
    except RuntimeError:
        # JSON that is nested too deep exceeds the recursion limit of Python.
        raise script_error('%s is nested too deep', path)


def script_error(form, *words):
    """Return a `ScriptError` whose message is *form* with *words*, each bytes or text.

    Characters that would move the cursor of a terminal are escaped.
    """
    text = ensure_text(form) % tuple([ensure_text(word, errors='replace') for word in words])
    return ScriptError(ensure_str(printable(text)))


def _place_of_repeated(document):
    """Return the place of the first name that is there twice, such as ``routes[0].path``."""
    # A stack instead of recursion, because JSON may be nested deeper than Python can call.
    left = [(u'', document)]
    while left:
        place, value = left.pop()
        if isinstance(value, _Object):
            if value.repeated is not None:
                return member(place, value.repeated)
            inner = [(member(place, name), value[name]) for name in value]
        elif isinstance(value, list):
            inner = [(u'%s[%d]' % (place, index), each) for index, each in enumerate(value)]
        else:
            inner = []
        left += reversed(inner)
    raise AssertionError('no name is there twice')


def require(place, value, fits, allowed, hint=''):
    """Raise `ScriptError` if the *value* at *place* does not fit.

    :param fits: whether it does.
    :param allowed: what would fit, for the message.
    :param hint: what to write instead; '' if that is not known.
    """
    if not fits:
        raise ScriptError('%s is %s, got %s%s' % (
            place, allowed, shown(Words(json.dumps(value))), hint and '; ' + hint))


def member(place, name):
    """Return the place of the member *name* of the object at *place*, which is '' for the root."""
    return u'%s.%s' % (place, name) if place else name
