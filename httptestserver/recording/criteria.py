# -*- coding: utf-8 -*-
"""Tells whether a request meets criteria, and where it does not.

Nothing here does I/O or takes a lock; to match may run code of the test's.
"""
import collections
import re
from numbers import Number

from six import ensure_str, string_types, text_type
from six.moves.collections_abc import Mapping

from httptestserver.recording.forms import gather, urlencoded
from httptestserver.recording.request import Target
from httptestserver.wording import Words, nearest, shown, wrong

__all__ = ['CRITERIA', 'Criteria', 'Difference']

CRITERIA = ('method', 'path', 'query', 'headers', 'body', 'json', 'form', 'cookies', 'match')

_placeholder = re.compile(r'\{([A-Za-z_][A-Za-z0-9_]*)\}\Z').match
_Pattern = type(re.compile(''))


class Placeholder(str):
    """The name of a segment of a template."""


class Difference(collections.namedtuple('Difference', 'name expected actual')):
    """A criterion that a request does not meet."""

    __slots__ = ()

    def __str__(self):
        actual = self.actual
        if isinstance(actual, Target):
            actual = Words(actual.origin + actual)
        return '%s: expected %s, got %s' % (self.name, shown(self.expected), shown(actual))


#: One thing that a request has to be: what is expected, a function of the request that gives
#: the actual value, and one of the actual value that tells whether it will do.
Criterion = collections.namedtuple('Criterion', 'name expected view accepts')


class Criteria(object):
    """What a request has to be.

    :param method: a method, or several, in any case.
    :param path: a path, percent-encoded or not; a template, whose ``{name}`` stands for one
        segment; a compiled regex, searched in the path; a callable of the path. A query in
        it is taken as *query*; with ``http://host`` before it, it is that of an
        absolute-form target.
    :param query: dict of names and values, lists where a name repeats. More may be there,
        and likewise in *headers* (names in any case), *form* and *cookies*.
    :param body: bytes, or str for UTF-8.
    :param json: what the body is as JSON.
    :param match: a callable of the request.
    """

    def __init__(self, method=None, path=None, query=None, headers=None, body=None,
                 json=None, form=None, cookies=None, match=None):
        for name, wanted in (('query', query), ('headers', headers), ('form', form),
                             ('cookies', cookies)):
            _check_mapping(name, wanted)
        if match is not None and not callable(match):
            raise wrong(TypeError, 'match', 'a callable of the request', match)
        if isinstance(body, (Number, Mapping, list, tuple)):
            raise wrong(TypeError, 'body', 'bytes, or str for UTF-8', body)
        self.template = None
        self._all = []
        if path is not None:
            query = self._add_path(path, query)
        if method is not None:
            self._all.append(_method(method))
        for name, wanted, view in (('query', query, _query), ('cookies', cookies, _cookies),
                                   ('form', form, _form)):
            if wanted:
                self._all.append(Criterion(name, wanted, view, _subset(wanted)))
        if headers:
            wanted = {name.lower(): headers[name] for name in headers}
            self._all.append(Criterion('headers', headers, _named_fields(wanted),
                                       _subset(wanted)))
        if body is not None:
            wanted = body.encode('utf-8') if isinstance(body, text_type) else body
            self._all.append(Criterion('body', wanted, _body, _equal(wanted)))
        if json is not None:
            self._all.append(Criterion('json', json, _json, _equal(json)))
        if match is not None:
            self._all.append(Criterion('match', _name_of(match), _itself, match))

    @classmethod
    def named(cls, criteria):
        """Return the `Criteria` of a dict of them.

        :raises TypeError: there is none of such a name; tells the nearest one.
        """
        for name in criteria:
            if name not in CRITERIA:
                raise TypeError('there is no criterion %s; did you mean %s? All of them: %s'
                                % (name, nearest(name, CRITERIA), ', '.join(CRITERIA)))
        return cls(**criteria)

    def _add_path(self, path, query):
        """Add the criterion of *path*, and return *query* with that of the path."""
        if isinstance(path, string_types):
            target = Target(ensure_str(path))
            if target.query:
                query = dict(gather(urlencoded(target.query)),
                             **query or {})
            _check_template(target)
            self.template = tuple([Placeholder(part[1:-1]) if _placeholder(part) else octets
                                   for part, octets in zip(target.split('/'), target.parts)])
            self._all.append(Criterion('path', Words(target.origin + target), _path,
                                       _same_path(target.origin, self.template)))
        elif isinstance(path, _Pattern):
            self._all.append(Criterion('path', Words('/%s/' % path.pattern), _path, path.search))
        elif callable(path):
            self._all.append(Criterion('path', _name_of(path), _path, path))
        else:
            raise wrong(TypeError, 'path', 'a str, a compiled regex or a callable of the path',
                        path)
        return query

    def __str__(self):
        """Return the criteria in one line, method and path first."""
        words = {each.name: shown(each.expected) for each in self._all}
        first = [words.pop('method', 'any method'), words.pop('path', 'any path')]
        return ' '.join(first + ['%s=%s' % (each.name, words[each.name])
                                 for each in self._all if each.name in words])

    @property
    def needs_body(self):
        """Whether the head of a request is not enough to tell."""
        return any(each.name in ('body', 'json', 'form', 'match') for each in self._all)

    def match(self, request):
        """Whether *request* meets all criteria; stops at the first that it does not."""
        for each in self._all:
            if not each.accepts(each.view(request)):
                return False
        return True

    def params(self, request):
        """Return what the placeholders of the path stand for in a request that matches."""
        params = {}
        for part, wanted in zip(request.target.parts, self.template or ()):
            if isinstance(wanted, Placeholder):
                params[wanted] = _text(part)
        return params

    def differences(self, request):
        """Return a `Difference` for each criterion that *request* does not meet."""
        found = []
        for each in self._all:
            if found and each.name == 'match':
                break               # it was not asked, and may rely on the other criteria
            actual = each.view(request)
            if not each.accepts(actual):
                found.append(Difference(each.name, each.expected, actual))
        return found


def _text(octets):
    return octets if isinstance(octets, str) else octets.decode('utf-8', 'replace')


def _name_of(function):
    return Words(getattr(function, '__name__', None) or repr(function))


def _check_mapping(name, wanted):
    if wanted is not None and not (isinstance(wanted, Mapping) and all(
            isinstance(key, string_types) for key in wanted)):
        raise wrong(TypeError, name, 'a dict of names and values', wanted)


def _check_template(target):
    """Refuse braces that are no placeholder, and names that stand twice."""
    names = []
    for part in target.split('/'):
        name = _placeholder(part)
        if name:
            names.append(name.group(1))
        if not name and ('{' in part or '}' in part) or names.count(names and names[-1]) > 1:
            raise ValueError('a template has {name} for a whole segment, each name once, and '
                             'other braces as %%7B and %%7D; got %s' % target)


def _method(method):
    several = (method,) if isinstance(method, string_types) else method
    if not isinstance(several, (tuple, list, set, frozenset)) or not all(
            isinstance(each, string_types) for each in several):
        raise wrong(TypeError, 'method', 'a str or several', method)
    wanted = [each.upper() for each in several]
    return Criterion('method', Words(' or '.join(wanted)),
                     lambda request: Words(request['command']),
                     lambda actual: actual in wanted or actual.upper() in wanted)


def _same_path(origin, template):
    """Return what tells whether a target has these segments and, if any, this origin."""
    literal = not any(isinstance(part, Placeholder) for part in template)

    def accepts(actual):
        if origin and actual.origin != origin:
            return False
        parts = actual.parts
        if literal or len(parts) != len(template):
            return parts == template
        return all(part if isinstance(wanted, Placeholder) else part == wanted
                   for part, wanted in zip(parts, template))
    return accepts


def _subset(wanted):
    """Return what tells whether a dict holds the names and values of *wanted*."""
    def accepts(actual):
        return not isinstance(actual, Words) and all(
            name in actual and _holds(actual[name], wanted[name]) for name in wanted)
    return accepts


def _holds(actual, wanted):
    """A single value is held by any of several; several are held by the same ones."""
    if isinstance(wanted, text_type):
        wanted = ensure_str(wanted)         # Python 2 does not compare other than ASCII
    if isinstance(actual, list) and not isinstance(wanted, (list, tuple)):
        return any(wanted == each for each in actual)
    return wanted == actual or isinstance(wanted, tuple) and list(wanted) == actual


def _equal(wanted):
    return lambda actual: bool(wanted == actual)


def _itself(request):
    return request


def _path(request):
    return request.target


def _query(request):
    return request.query


def _cookies(request):
    return request.cookies


def _form(request):
    try:
        return request.form
    except ValueError:
        return _unreadable('form', request['body'])


def _body(request):
    return request['body']


def _json(request):
    try:
        return request.json()
    except ValueError:
        return _unreadable('JSON', request['body'])


def _unreadable(kind, body):
    """Return words about a *body* that is not of this *kind*."""
    text = shown(body, 100)
    # An escaped byte takes four characters, and a difference shows 200 of a value.
    return Words('no %s: %s' % (kind, text if len(text) < 150 else shown(body, 40)))


def _named_fields(names):
    """Return a view of the header fields of these *names*, lower case."""
    def view(request):
        return {name: values if len(values) > 1 else values[0]
                for name, values in ((name, request.field(name)) for name in names) if values}
    return view
