# -*- coding: utf-8 -*-
"""Criteria: what a request has to be, whether it is that, and where it differs.

Nothing here does I/O or takes a lock. Matching may run user code.
"""
import collections
import functools
import operator
import re
from numbers import Number

from six import ensure_str, string_types, text_type
from six.moves.collections_abc import Mapping

from httptestserver.recording.forms import gather, urlencoded
from httptestserver.recording.request import Target, field_values, target_of
from httptestserver.wording import Words, nearest, shown, wrong

__all__ = ['CRITERIA', 'Criteria', 'Difference']

CRITERIA = ('method', 'path', 'query', 'headers', 'body', 'json', 'form', 'cookies', 'match')

_Pattern = type(re.compile(''))


class Difference(collections.namedtuple('Difference', 'name expected actual')):
    """A criterion that a request does not meet."""

    __slots__ = ()

    def __str__(self):
        actual = self.actual
        if self.name == 'method':
            actual = Words(actual)
        elif self.name == 'path':
            actual = Words(actual.origin + actual)
        return '%s: expected %s, got %s' % (self.name, shown(self.expected), shown(actual))


#: One criterion: ``view(request)`` returns the actual value, ``accepts(actual)`` whether it
#: meets the criterion, and failure texts show what was expected.
Criterion = collections.namedtuple('Criterion', 'name expected view accepts')


class Criteria(object):
    """What a request has to be.

    :param method: a method, or several, in any case.
    :param path: a path, percent-encoded or not; a template, whose ``{name}`` stands for one
        segment; a compiled regex, searched in the path; a callable of the path. A query in
        the path adds to *query*. ``http://host`` before it matches absolute-form targets.
    :param query: dict of names and values, lists if a name repeats. The request may have
        more, as in *headers* (names in any case), *form* and *cookies*.
    :param body: bytes, or str for UTF-8.
    :param json: what the body is as JSON.
    :param match: a callable of the request.
    """

    def __init__(self, method=None, path=None, query=None, headers=None, body=None,
                 json=None, form=None, cookies=None, match=None):
        self._template = None
        if isinstance(path, string_types):
            target = Target(ensure_str(path))
            query = _with_query_of(target, query)
            path = self._template = Template(target)
        values = {'method': method, 'path': path, 'query': query, 'headers': headers,
                  'body': body, 'json': json, 'form': form, 'cookies': cookies, 'match': match}
        made = [make(values[name]) for name, make in _MAKERS if values[name] is not None]
        self._all = [criterion for criterion in made if criterion is not None]

    @classmethod
    def named(cls, criteria):
        """Return the `Criteria` of a dict of them.

        :raises TypeError: a name is no criterion; the message has the nearest that is.
        """
        for name in criteria:
            if name not in CRITERIA:
                raise TypeError('there is no criterion %s; did you mean %s? All of them: %s'
                                % (name, nearest(name, CRITERIA), ', '.join(CRITERIA)))
        return cls(**criteria)

    def __str__(self):
        """Return the criteria in one line, method and path first."""
        words = {each.name: shown(each.expected) for each in self._all}
        first = [words.pop('method', 'any method'), words.pop('path', 'any path')]
        return ' '.join(first + ['%s=%s' % (each.name, words[each.name])
                                 for each in self._all if each.name in words])

    @property
    def needs_body(self):
        """Whether the head of a request does not suffice to match it."""
        return any(each.name in ('body', 'json', 'form', 'match') for each in self._all)

    def match(self, request):
        """Whether *request* meets all criteria; stops at the first that it does not meet."""
        for each in self._all:
            if not each.accepts(each.view(request)):
                return False
        return True

    def params(self, request):
        """Return the segments that the placeholders of the path stand for, by their names."""
        return self._template.params(target_of(request)) if self._template else {}

    def differences(self, request):
        """Return a `Difference` for each criterion that *request* does not meet."""
        found = []
        for each in self._all:
            # A callable that follows another criterion may rely on it, so it is not called.
            if found and each.name == 'match':
                break
            actual = each.view(request)
            if not each.accepts(actual):
                found.append(Difference(each.name, each.expected, actual))
        return found


class Placeholder(str):
    """The name of a placeholder, which stands for one segment."""


class Template(object):
    """A path whose segments are compared decoded, and may be placeholders.

    :param target: a `Target`. If it has an origin, the request has to have the same.
    :raises ValueError: a brace is not part of a placeholder, or two have the same name.
    """

    def __init__(self, target):
        self._origin, self._path = target.origin, str(target)
        segments = [_segment(each) for each in target.split('/')]
        names = [each for each in segments if isinstance(each, Placeholder)]
        if len(names) > len(set(names)) or re.search('[{}]', '/'.join(segments)):
            raise ValueError('a template has {name} for a whole segment, each name once, and '
                             'other braces as %%7B and %%7D; got %s' % target)
        self._segments = tuple([each if isinstance(each, Placeholder) else decoded
                                for each, decoded in zip(segments, target.parts)])
        self._is_literal = not names

    def __str__(self):
        return self._origin + self._path

    def matches(self, target):
        """Whether this is the path of *target*, and its origin if this has one."""
        if self._origin and target.origin != self._origin:
            return False
        if self._is_literal:
            return target.parts == self._segments
        # A placeholder does not stand for an empty segment.
        return len(target.parts) == len(self._segments) and all(
            segment if isinstance(wanted, Placeholder) else segment == wanted
            for segment, wanted in zip(target.parts, self._segments))

    def params(self, target):
        """Return the decoded segments of a *target* that matches, by placeholder."""
        return {str(name): ensure_str(segment, 'utf-8', 'replace')
                for segment, name in zip(target.parts, self._segments)
                if isinstance(name, Placeholder)}


def _segment(text):
    found = re.match(r'\{([A-Za-z_][A-Za-z0-9_]*)\}\Z', text)
    return Placeholder(found.group(1)) if found else text


def _with_query_of(target, query):
    """Return *query* with what the query of a path requires beside it."""
    if not target.query:
        return query
    _check_mapping('query', query or {})
    return dict(gather(urlencoded(target.query)), **query or {})


# Each of these returns the `Criterion` of a value that is not None, or None if the value
# requires nothing. Each raises TypeError if the value is of a wrong type.

def _on_path(path):
    if isinstance(path, Template):
        return Criterion('path', Words(path), target_of, path.matches)
    if isinstance(path, _Pattern):
        pattern = ensure_str(path.pattern, 'utf-8', 'replace')
        return Criterion('path', Words('/%s/' % pattern), target_of, path.search)
    if callable(path):
        return Criterion('path', _name_of(path), target_of, path)
    raise wrong(TypeError, 'path', 'a str, a compiled regex or a callable of the path', path)


def _on_method(method):
    several = (method,) if isinstance(method, string_types) else method
    if not isinstance(several, (tuple, list, set, frozenset)) or not all(
            isinstance(each, string_types) for each in several):
        raise wrong(TypeError, 'method', 'a str or several', method)
    methods = [each.upper() for each in several]
    return Criterion('method', Words(' or '.join(methods)), operator.itemgetter('command'),
                     lambda actual: actual in methods or actual.upper() in methods)


def _on_values(name, view):
    """Return what makes the criterion of the names and values that *view* has to contain."""
    def make(wanted):
        _check_mapping(name, wanted)
        return Criterion(name, wanted, view, _contains(wanted)) if wanted else None
    return make


def _on_headers(headers):
    _check_mapping('headers', headers)
    return Criterion('headers', headers, _fields_named(headers),
                     _contains(headers)) if headers else None


def _on_body(body):
    if isinstance(body, (Number, Mapping, list, tuple)):
        raise wrong(TypeError, 'body', 'bytes, or str for UTF-8', body)
    wanted = body.encode('utf-8') if isinstance(body, text_type) else body
    return Criterion('body', wanted, operator.itemgetter('body'), _equals(wanted))


def _on_json(json):
    return Criterion('json', json, _json_or_words, _equals(json))


def _on_request(match):
    if not callable(match):
        raise wrong(TypeError, 'match', 'a callable of the request', match)
    return Criterion('match', _name_of(match), lambda request: request, match)


def _check_mapping(name, wanted):
    if not isinstance(wanted, Mapping) or not all(
            isinstance(key, string_types) for key in wanted):
        raise wrong(TypeError, name, 'a dict of names and values', wanted)


def _name_of(function):
    return Words(getattr(function, '__name__', None) or repr(function))


def _equals(wanted):
    """Return a function that says whether a value equals *wanted*."""
    return functools.partial(operator.eq, wanted)


def _contains(wanted):
    """Return a function that says whether a dict has the names and values of *wanted*."""
    def accepts(actual):
        return not isinstance(actual, Words) and all(
            name in actual and _value_matches(actual[name], wanted[name]) for name in wanted)
    return accepts


def _value_matches(actual, wanted):
    """Whether a single value is among the repeated ones, or a list equals them all."""
    # Python 2 finds text and str equal only if both are ASCII.
    if isinstance(wanted, text_type):
        wanted = ensure_str(wanted)
    if isinstance(actual, list) and not isinstance(wanted, (list, tuple)):
        return any(wanted == each for each in actual)
    return wanted == actual or isinstance(wanted, tuple) and list(wanted) == actual


def _fields_named(names):
    """Return a view of the header fields of these *names*, in any case."""
    def view(request):
        found = {name: field_values(request, name) for name in names}
        return {name: values if len(values) > 1 else values[0]
                for name, values in found.items() if values}
    return view


def _form_or_words(request):
    try:
        return request.form
    except ValueError:
        return _unreadable('form', request['body'])


def _json_or_words(request):
    try:
        return request.json()
    except ValueError:
        return _unreadable('JSON', request['body'])


def _unreadable(kind, body):
    """Return words about a *body* that is not of this *kind*."""
    text = shown(body, 100)
    # An escaped byte takes four characters, and a difference shows 200 of a value.
    return Words('no %s: %s' % (kind, text if len(text) < 150 else shown(body, 40)))


#: What makes each criterion, in the order in which they are tried.
_MAKERS = (
    ('path', _on_path),
    ('method', _on_method),
    ('query', _on_values('query', operator.attrgetter('query'))),
    ('cookies', _on_values('cookies', operator.attrgetter('cookies'))),
    ('form', _on_values('form', _form_or_words)),
    ('headers', _on_headers),
    ('body', _on_body),
    ('json', _on_json),
    ('match', _on_request),
)
