# -*- coding: utf-8 -*-
"""Scripts a server as a JSON file says, in the words of its API.

What is wrong in the file raises `ScriptError`, which tells the file, the place in it and what
is allowed there. The file is read once; nothing here takes a lock.
"""
import io
import json

from six import ensure_str, ensure_text, string_types, text_type

from httptestserver.http1.fields import utf_8
from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import VOCABULARY, check
from httptestserver.wording import nearest

__all__ = ['Script', 'ScriptError']

PARTS = ('data', 'queue', 'routes')
TEXT = 'a string'
TEXTS = 'a string, or a list of strings'
FIELDS = 'an object whose values are strings, or lists of strings'

#: What JSON can say of a request, and what it takes for that; None is anything.
ALLOWED = {'method': TEXTS, 'path': TEXT, 'query': FIELDS, 'headers': FIELDS, 'body': TEXT,
           'json': None, 'form': FIELDS, 'cookies': FIELDS}
ROUTE = tuple([name for name in CRITERIA if name in ALLOWED]) + ('queue',)


class ScriptError(ValueError):
    """A script that cannot be followed. Its text is one line."""


class Script(object):
    """What a JSON file scripts: an object with `PARTS`, each of which may be absent.

    ``data`` is an object of ``response_*`` keys; ``queue`` a list of responses, each a
    status, content or an object of such keys; ``routes`` a list of objects with criteria,
    ``response_*`` keys and a ``queue`` of their own.

    :raises ScriptError: it cannot be read, or is not JSON.
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
        except RuntimeError:                # too deep for Python's stack
            raise ScriptError('%s is nested too deep' % path)

    def follow(self, service):
        """Script *service*, a `Service`, by this.

        :raises ScriptError: something in it is wrong; what came before has been done.
        """
        try:
            _follow(service, self._document)
        except ScriptError as error:
            raise ScriptError(ensure_str(
                u'%s: %s' % (ensure_text(self._path, errors='replace'), _words(error))))


def _follow(service, document):
    _wanted('the script', document, isinstance(document, dict), 'an object')
    for name in document:
        if name not in PARTS:
            raise _unknown(name, name, 'a script', PARTS, PARTS)
    data = _keys('data', document.get('data', {}))
    _tried('data', service.data.update, data)
    _enqueue(service, 'queue', document.get('queue', []))
    for index, route in enumerate(_list('routes', document.get('routes', []))):
        _add_route(service, 'routes[%d]' % index, route)


def _add_route(service, place, route):
    _wanted(place, route, isinstance(route, dict), 'an object')
    keys = {}
    for name in route:
        if name.startswith('response_'):
            keys[name] = route[name]
        elif name not in ROUTE:
            raise _unknown('%s.%s' % (place, name), name, 'a route', ROUTE,
                           ROUTE + tuple(VOCABULARY))
    criteria = {name: _criterion('%s.%s' % (place, name), route[name], ALLOWED[name])
                for name in ALLOWED if name in route}
    made = _tried(place, service.route, **dict(_keys(place, keys), **criteria))
    _enqueue(made, place + '.queue', route.get('queue', []))


def _enqueue(endpoint, place, responses):
    for index, response in enumerate(_list(place, responses)):
        where = '%s[%d]' % (place, index)
        if isinstance(response, dict):
            response = _keys(where, response)
        _tried(where, endpoint.enqueue, response)


def _keys(place, keys):
    """Return the *keys* of a response once each has been checked."""
    _wanted(place, keys, isinstance(keys, dict), 'an object of response_* keys')
    checked = {}
    for key in sorted(keys):
        value = keys[key]
        try:
            if key == 'response_raw' and isinstance(value, text_type):
                value = utf_8(value, key)       # JSON has no octets
            check(key, value)
        except (TypeError, ValueError) as error:
            raise ScriptError(u'%s.%s' % (place, _words(error)))    # it begins with the key
        checked[str(key)] = value
    return checked


def _criterion(place, value, allowed):
    """Return what a criterion wants, once it has been checked."""
    if allowed is FIELDS:
        _wanted(place, value, isinstance(value, dict), allowed)
        return {ensure_str(name): _criterion('%s.%s' % (place, name), value[name], TEXTS)
                for name in value}
    if allowed is not None:
        several = value if allowed is TEXTS and isinstance(value, list) else [value]
        _wanted(place, value, all(isinstance(each, string_types) for each in several), allowed)
    return value


def _list(place, value):
    _wanted(place, value, isinstance(value, list), 'a list')
    return value


def _wanted(place, value, fits, allowed):
    if not fits:
        raise ScriptError('%s is %s, got %s' % (place, allowed, json.dumps(value)))


def _unknown(place, name, what, names, candidates):
    return ScriptError('%s is not a key of %s; did you mean %s? All of them: %s' % (
        place, what, nearest(name, candidates), ', '.join(names)))


def _tried(place, function, *args, **keys):
    try:
        return function(*args, **keys)
    except (TypeError, ValueError) as error:
        raise ScriptError(u'%s: %s' % (place, _words(error)))


def _words(error):
    """Return the message of *error* as text, which Python 2 may have in octets."""
    if isinstance(error, UnicodeError):
        return ensure_text(str(error))      # its arguments are what it is made of
    return ensure_text(error.args[0], errors='replace')
