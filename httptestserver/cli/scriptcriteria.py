# -*- coding: utf-8 -*-
"""Makes criteria of what a script file says about a route.

An error raises `ScriptError`, with the place of what is wrong. Nothing here does I/O or takes a
lock.
"""
import json
import re

from six import ensure_str, string_types

from httptestserver.cli.document import ScriptError, member, require
from httptestserver.recording.criteria import CRITERIA
from httptestserver.recording.expected import is_int

__all__ = ['NAMES', 'criterion']

_TEXT = 'a string or {"regex": "PATTERN"}'
_TEXTS = 'a string, or a list of strings'
_AUTH = 'a string for a Bearer token, or ["USER", "PASSWORD"] for Basic'
_VALUE = 'a string, an integer or {"regex": "PATTERN"}'
_OR_SEVERAL = ', null for absent, or a list of these'


def _is_text(value):
    return isinstance(value, string_types)


def _is_value(value):
    return _is_text(value) or is_int(value)


# Each function below takes the place and the value of a criterion, and returns it for the API.

def _method(place, value):
    several = value if isinstance(value, list) else [value]
    require(place, value, several and all(_is_text(each) for each in several), _TEXTS)
    return value


def _text(place, value):
    return _one(place, value, _is_text, _TEXT)


def _json(place, value):
    require(place, value, value is not None,
            'any value but null; for the body null: "body": "null"')
    return value


def _auth(place, value):
    pair = isinstance(value, list) and len(value) == 2 and all(_is_text(each) for each in value)
    require(place, value, pair or _is_text(value), _AUTH)
    return value


def _names(is_single, single):
    """Return a function for a criterion that has names and values.

    :param is_single: whether a value is one that stands for itself.
    :param single: what a single value may be, for messages. A list has no absent values.
    """
    def names(place, value):
        require(place, value, isinstance(value, dict), 'an object of names and values')
        return {ensure_str(name): _value(member(place, name), value[name], is_single, single)
                for name in value}
    return names


def _value(place, value, is_single, single):
    if isinstance(value, list):
        require(place, value, value, 'a list with at least one value',
                'for a name that is absent, write null')
        return [_one(u'%s[%d]' % (place, index), each, is_single, single)
                for index, each in enumerate(value)]
    allowed = single.replace(' or', ',') + _OR_SEVERAL
    return value if value is None else _one(place, value, is_single, allowed)


def _one(place, value, is_single, allowed):
    """Return *value*; if it is ``{"regex": "PATTERN"}``, the compiled pattern."""
    if isinstance(value, dict) and list(value) == ['regex']:
        pattern, place = value['regex'], member(place, 'regex')
        require(place, pattern, _is_text(pattern), 'a string')
        try:
            return re.compile(pattern)
        # A pattern that is too large raises one of the other three, which depends on the Python.
        except (re.error, AssertionError, OverflowError, RuntimeError) as error:
            raise ScriptError(u'%s is a regular expression, got %s: %s' % (
                place, json.dumps(pattern), error))
    require(place, value, is_single(value), allowed)
    return value


_OF_TEXT = _names(_is_value, _VALUE)

#: The function for each criterion that a file can hold.
_FUNCTIONS = {
    'method': _method, 'path': _text, 'query': _OF_TEXT, 'headers': _OF_TEXT, 'body': _text,
    'json': _json, 'form': _OF_TEXT, 'cookies': _OF_TEXT, 'json_has': _json,
    'files': _names(_is_text, _TEXT), 'auth': _auth}

NAMES = tuple([name for name in CRITERIA if name in _FUNCTIONS])


def criterion(name, place, value):
    """Return the *value* of the criterion *name* for the API.

    :param place: where in the document it is.
    :raises ScriptError: a file cannot hold such a value.
    """
    return _FUNCTIONS[name](place, value)
