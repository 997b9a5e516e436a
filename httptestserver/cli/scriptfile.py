# -*- coding: utf-8 -*-
"""Scripts a server from a JSON file, which has the names of criteria and keys in the API.

An error in the file raises `ScriptError`, whose message has the file, the place in it and what is
allowed there. The file is read once, but files with bodies are read for each request. Nothing here
takes a lock.
"""
import os

from httptestserver.cli.document import (
    ScriptError, member, read_document, require, script_error)
from httptestserver.cli.scriptcriteria import NAMES, criterion
from httptestserver.cli.scriptkeys import KEYS, key_value, message, short_response
from httptestserver.recording.criteria import criterion_meant
from httptestserver.scripting.vocabulary import PREFIX, key_meant
from httptestserver.wording import nearest, unknown

__all__ = ['Scenario', 'ScriptError']

PARTS = ('data', 'queue', 'routes')

#: The names that an object of a route may have, beside the keys of a response.
ROUTE = NAMES + ('queue',)

#: What is said of the parameter ``count`` of a route.
NO_CHECK = (' has no effect, because only a test checks how many requests came; for a number of '
            'responses there is response_times')


class Scenario(object):
    """The scripts in a JSON file: an object with `PARTS`, each of which may be absent.

    ``data`` is an object of ``response_*`` keys. ``queue`` is a list of responses, each a status,
    content or an object of such keys. ``routes`` is a list of objects with criteria,
    ``response_*`` keys and a ``queue``.

    :param path: of the file, which is read as UTF-8. Files with bodies are below its folder.
    :raises ScriptError: the file cannot be read, or something in it is wrong.
    """

    def __init__(self, path):
        self._path = path
        document = read_document(path)
        self._run(self._parse, document, _Parser(os.path.dirname(os.path.abspath(path))))

    def _parse(self, document, parser):
        require('the script', document, isinstance(document, dict), 'an object')
        for name in document:
            if name not in PARTS:
                raise _unknown(name, name, 'a script', PARTS, PARTS)
        self._data = parser.keys('data', document.get('data', {}))
        self._queue = parser.queue('queue', document.get('queue', []))
        self._routes = [parser.route('routes[%d]' % index, route) for index, route in enumerate(
            _list('routes', document.get('routes', [])))]

    def apply(self, server):
        """Script *server*, a `ServerEndpoint`. It does no I/O and runs no user code.

        :raises ScriptError: a part does not fit the server, or the part before. All parts before
            it were applied.
        """
        self._run(self._apply, server)

    def _apply(self, server):
        _call('data', server.data.update, self._data)
        _enqueue(server, self._queue)
        for place, keywords, queue in self._routes:
            _enqueue(_call(place, server.route, **keywords), queue)

    def _run(self, function, *args):
        """Call *function*, and raise its `ScriptError` with the path of the file."""
        try:
            function(*args)
        except ScriptError as error:
            raise script_error('%s: %s', self._path, message(error))


class _Parser(object):
    """Makes arguments of the API from parts of a document.

    The parameter ``place`` of its methods says where in the document a part is.

    :param folder: of the files that bodies are read from.
    """

    def __init__(self, folder):
        self._folder = folder

    def route(self, place, route):
        """Return (place, keyword arguments of `ServerEndpoint.route`, items of its queue)."""
        require(place, route, isinstance(route, dict), 'an object')
        keys = {}
        for name in route:
            if name.startswith('response_'):
                keys[name] = route[name]
            elif name == 'count':
                raise ScriptError(member(place, name) + NO_CHECK)
            elif name not in ROUTE:
                raise _unknown(member(place, name), name, 'a route', ROUTE, ROUTE + tuple(KEYS))
        criteria = {name: criterion(name, member(place, name), route[name])
                    for name in NAMES if name in route}
        return (place, dict(self.keys(place, keys), **criteria),
                self.queue(member(place, 'queue'), route.get('queue', [])))

    def queue(self, place, responses):
        """Return a list of (place, argument of `Endpoint.enqueue`)."""
        items = []
        for index, response in enumerate(_list(place, responses)):
            item = '%s[%d]' % (place, index)
            items.append((item, self.keys(item, response) if isinstance(response, dict)
                          else short_response(item, response)))
        return items

    def keys(self, place, keys):
        """Check the *keys* of a response, and return them as a dict."""
        require(place, keys, isinstance(keys, dict), 'an object of response_* keys')
        values = [key_value(member(place, key), key, keys[key], self._folder)
                  for key in sorted(keys)]
        return dict(zip(map(str, sorted(keys)), values))


def _enqueue(endpoint, items):
    for place, response in items:
        _call(place, endpoint.enqueue, response)


def _list(place, value):
    require(place, value, isinstance(value, list), 'a list')
    return value


def _unknown(place, name, what, names, candidates):
    return ScriptError(unknown(place, 'a key of %s' % what, names, _meant(name, candidates)))


def _meant(name, candidates):
    """Return the one of *candidates* that *name* probably means; '' if none is likely."""
    if name in candidates:
        return name
    meant = criterion_meant(name), key_meant(name, KEYS)
    return next((each for each in meant if each in candidates), '') or nearest(
        name, candidates, PREFIX)


def _call(place, function, *args, **keys):
    """Call *function*, and raise its errors as `ScriptError`, with *place* in the message."""
    try:
        return function(*args, **keys)
    except (TypeError, ValueError) as error:
        raise ScriptError(u'%s: %s' % (place, message(error)))
