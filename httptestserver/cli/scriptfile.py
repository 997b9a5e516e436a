# -*- coding: utf-8 -*-
"""Scripts a server from a JSON file, which has the names of criteria and keys in the API.

An error in the file raises `ScriptError`, whose message has the file, the place in it and what is
allowed there. The file is read once. Nothing here takes a lock.
"""
import io
import json

from six import ensure_str, ensure_text, string_types, text_type

from httptestserver.http1.fields import utf_8
from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import VOCABULARY, check
from httptestserver.wording import nearest

__all__ = ['Scenario', 'ScriptError']

PARTS = ('data', 'queue', 'routes')
TEXT = 'a string'
TEXTS = 'a string, or a list of strings'
FIELDS = 'an object whose values are strings, or lists of strings'

#: The criteria that JSON can express, each with its allowed type; None allows any value.
ALLOWED = {'method': TEXTS, 'path': TEXT, 'query': FIELDS, 'headers': FIELDS, 'body': TEXT,
           'json': None, 'form': FIELDS, 'cookies': FIELDS}
ROUTE = tuple([name for name in CRITERIA if name in ALLOWED]) + ('queue',)


class ScriptError(ValueError):
    """The file cannot be read, or something in it is wrong. The message is one line."""


class Scenario(object):
    """The scripts in a JSON file: an object with `PARTS`, each of which may be absent.

    ``data`` is an object of ``response_*`` keys. ``queue`` is a list of responses, each a status,
    content or an object of such keys. ``routes`` is a list of objects with criteria,
    ``response_*`` keys and a ``queue``.

    :param path: of the file, which is read as UTF-8.
    :raises ScriptError: the file cannot be read, or is not JSON.
    """

    def __init__(self, path):
        self._path = path
        try:
            with io.open(path, encoding='utf-8-sig') as file:
                self._document = json.loads(file.read())
        except EnvironmentError as error:
            raise ScriptError('cannot read %s: %s' % (path, error.strerror))
        except ValueError as error:
            raise ScriptError('%s is not JSON: %s' % (path, error))
        except RuntimeError:
            # JSON that is nested too deep exceeds the recursion limit of Python.
            raise ScriptError('%s is nested too deep' % path)

    def apply(self, server):
        """Script *server*, a `ServerEndpoint`.

        :raises ScriptError: something is wrong. The parts before it were applied.
        """
        try:
            _apply(server, self._document)
        except ScriptError as error:
            raise ScriptError(ensure_str(
                u'%s: %s' % (ensure_text(self._path, errors='replace'), _message(error))))


def _apply(server, document):
    _require('the script', document, isinstance(document, dict), 'an object')
    for name in document:
        if name not in PARTS:
            raise _unknown(name, name, 'a script', PARTS, PARTS)
    data = _keys('data', document.get('data', {}))
    _call('data', server.data.update, data)
    _enqueue(server, 'queue', document.get('queue', []))
    for index, route in enumerate(_list('routes', document.get('routes', []))):
        _add_route(server, 'routes[%d]' % index, route)


def _add_route(server, place, route):
    _require(place, route, isinstance(route, dict), 'an object')
    keys = {}
    for name in route:
        if name.startswith('response_'):
            keys[name] = route[name]
        elif name not in ROUTE:
            raise _unknown('%s.%s' % (place, name), name, 'a route', ROUTE,
                           ROUTE + tuple(VOCABULARY))
    criteria = {name: _criterion('%s.%s' % (place, name), route[name], ALLOWED[name])
                for name in ALLOWED if name in route}
    added = _call(place, server.route, **dict(_keys(place, keys), **criteria))
    _enqueue(added, place + '.queue', route.get('queue', []))


def _enqueue(endpoint, place, responses):
    for index, response in enumerate(_list(place, responses)):
        item = '%s[%d]' % (place, index)
        if isinstance(response, dict):
            response = _keys(item, response)
        _call(item, endpoint.enqueue, response)


def _keys(place, keys):
    """Check the *keys* of a response, and return them as a dict for the API."""
    _require(place, keys, isinstance(keys, dict), 'an object of response_* keys')
    checked = {}
    for key in sorted(keys):
        value = keys[key]
        try:
            if key == 'response_raw' and isinstance(value, text_type):
                # JSON has no bytes.
                value = utf_8(value, key)
            check(key, value)
        except (TypeError, ValueError) as error:
            # The message begins with the key, so only a dot is needed between it and the place.
            raise ScriptError(u'%s.%s' % (place, _message(error)))
        checked[str(key)] = value
    return checked


def _criterion(place, value, allowed):
    """Check the *value* of a criterion, and return it for the API."""
    if allowed is FIELDS:
        _require(place, value, isinstance(value, dict), allowed)
        return {ensure_str(name): _criterion('%s.%s' % (place, name), value[name], TEXTS)
                for name in value}
    if allowed is not None:
        several = value if allowed is TEXTS and isinstance(value, list) else [value]
        _require(place, value, all(isinstance(each, string_types) for each in several), allowed)
    return value


def _list(place, value):
    _require(place, value, isinstance(value, list), 'a list')
    return value


def _require(place, value, fits, allowed):
    if not fits:
        raise ScriptError('%s is %s, got %s' % (place, allowed, json.dumps(value)))


def _unknown(place, name, what, names, candidates):
    return ScriptError('%s is not a key of %s; did you mean %s? All of them: %s' % (
        place, what, nearest(name, candidates), ', '.join(names)))


def _call(place, function, *args, **keys):
    """Call *function*, and raise its errors as `ScriptError`, with *place* in the message."""
    try:
        return function(*args, **keys)
    except (TypeError, ValueError) as error:
        raise ScriptError(u'%s: %s' % (place, _message(error)))


def _message(error):
    """Return the message of *error* as text. On Python 2 it may be bytes."""
    # The first argument of a UnicodeError is not its message.
    if isinstance(error, UnicodeError):
        return ensure_text(str(error))
    return ensure_text(error.args[0], errors='replace')
