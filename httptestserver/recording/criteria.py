# -*- coding: utf-8 -*-
"""Criteria: decides whether a request meets them, and finds where it differs.

Nothing here does I/O or takes a lock. Matching may run user code.
"""
import collections
import functools
import operator
import re

from six import ensure_str, string_types, text_type

from httptestserver.recording.coroutines import condition
from httptestserver.recording.expected import (
    check_body, check_method, check_names, check_path, check_values)
from httptestserver.recording.forms import gather, urlencoded
from httptestserver.recording.request import Target, field_values, target_of
from httptestserver.wording import Words, name_of, nearest, shown, unknown, wrong

__all__ = ['CRITERIA', 'Criteria', 'Difference', 'criterion_meant']

CRITERIA = ('method', 'path', 'query', 'headers', 'body', 'json', 'form', 'cookies', 'match')

#: The criteria that need the body of a request, or may need it.
OF_BODY = ('body', 'json', 'form', 'match')

#: Names that users of other libraries write, each with the criterion that they mean.
_HABITS = {'args': 'query', 'command': 'method', 'content': 'body', 'data': 'body',
           'params': 'query', 'query_string': 'query', 'target': 'path', 'text': 'body',
           'uri': 'path', 'url': 'path', 'verb': 'method'}

#: Names that users of other libraries write for the number of requests.
_COUNTS = ('call_count', 'called', 'calls', 'expect', 'expected', 'times')

_Pattern = type(re.compile(''))


class Difference(collections.namedtuple('Difference', 'name expected actual')):
    """A criterion that a request does not meet, with the expected and the actual value."""

    __slots__ = ()

    def __str__(self):
        actual = self.actual
        if self.name == 'method':
            actual = Words(actual)
        elif self.name == 'path':
            actual = Words(actual.origin + actual)
        hint = self._hint() if self.name == 'path' else ''
        return '%s: expected %s, got %s%s' % (
            self.name, shown(self.expected), shown(actual), hint)

    def _hint(self):
        """Return a hint if only the origin of the path differs, because the request has none."""
        wanted = Target(str(self.expected))
        if not wanted.origin or self.actual.origin:
            return ''
        if not Template(Target(str(wanted))).matches(self.actual):
            return ''
        return '; a whole URL matches only what a proxy receives'


#: One criterion. ``view(request)`` returns the actual value, and ``accepts(actual)`` decides
#: whether it is met. Messages show ``expected``.
Criterion = collections.namedtuple('Criterion', 'name expected view accepts')


class Criteria(object):
    """The conditions that a request has to meet. None stands for no condition.

    :param method: a method, or several of which one has to match, in upper or lower case.
    :param path: one of: a path, percent-encoded or not; a template, whose ``{name}`` stands for
        one segment; a compiled regex, searched in the path; a function of the path. A query in
        the path adds to *query*. ``http://host`` before it matches absolute-form targets.
    :param query: a dict of names and values, with a list of values if a name repeats. The
        request may have more names. The same holds for *headers*, *form* and *cookies*.
    :param headers: a dict; names in upper or lower case.
    :param body: bytes, or str, which is encoded as UTF-8.
    :param json: the value of the body as JSON.
    :param match: a function of the request. It is called if all other criteria are met.
    :raises TypeError: a criterion is of a wrong type, or has a value that no request can have.
    :raises ValueError: *method* is no token, no request target can begin like *path*, or *path* is
        not a valid template.
    """

    def __init__(self, method=None, path=None, query=None, headers=None, body=None,
                 json=None, form=None, cookies=None, match=None):
        self._template = None
        methods = [] if method is None else check_method(method)
        method = methods or None
        if isinstance(path, string_types):
            path = ensure_str(path)
            check_path(path, methods)
            target = Target(path)
            query = _with_query_of(target, query)
            path = self._template = Template(target)
        values = {'method': method, 'path': path, 'query': query, 'headers': headers,
                  'body': body, 'json': json, 'form': form, 'cookies': cookies, 'match': match}
        made = [make(values[name]) for name, make in _FACTORIES if values[name] is not None]
        self._all = [criterion for criterion in made if criterion is not None]

    @classmethod
    def named(cls, criteria, method='wait', others=()):
        """Return the `Criteria` for a dict of them.

        :param method: the name of the method that the user has called, for messages.
        :param others: the names of its other parameters, for messages.
        :raises TypeError: a name is no criterion. The message suggests the one that was meant.
        """
        for name in criteria:
            if name not in CRITERIA:
                raise TypeError(unknown(name, 'a keyword of %s()' % method, others + CRITERIA,
                                        criterion_meant(name, others)))
        return cls(**criteria)

    def __str__(self):
        """Return the criteria in one line, method and path first."""
        words = {each.name: shown(each.expected) for each in self._all}
        first = [words.pop('method', 'any method'), words.pop('path', 'any path')]
        return ' '.join(first + ['%s=%s' % (each.name, words[each.name])
                                 for each in self._all if each.name in words])

    @property
    def needs_body(self):
        """Whether a request can be matched only after its body was read."""
        return any(each.name in OF_BODY for each in self._all)

    def match(self, request):
        """Whether *request* meets all criteria. Runs user code; may raise what that raises."""
        for each in self._all:
            if not each.accepts(each.view(request)):
                return False
        return True

    def match_head(self, request):
        """Whether *request*, whose body was not read, meets the criteria that need no body.

        Runs user code as `match`.
        """
        return all(each.accepts(each.view(request)) for each in self._all
                   if each.name not in OF_BODY)

    def params(self, request):
        """Return a dict of the segments that the placeholders match, by their names.

        :param request: one that meets the criteria.
        """
        return self._template.params(target_of(request)) if self._template else {}

    def differences(self, request):
        """Return a `Difference` for each criterion that *request* does not meet."""
        found = []
        for each in self._all:
            # `match` may rely on the other criteria, so it is not called if one is not met.
            if found and each.name == 'match':
                break
            actual = each.view(request)
            if not each.accepts(actual):
                found.append(Difference(each.name, each.expected, actual))
        return found


def criterion_meant(name, others=()):
    """Return the criterion or the one of *others* that *name* probably means; '' if none."""
    if name in _COUNTS and 'count' in others:
        return 'count'
    return _HABITS.get(name) or nearest(name, others + CRITERIA)


class Placeholder(str):
    """The name of a placeholder, which matches any segment that is not empty."""


class Template(object):
    """A path whose segments are compared in their decoded form, and may be placeholders.

    :param target: a `Target`. If it has an origin, that of the request must be equal.
    :raises ValueError: a brace is not part of a placeholder, two have the same name, or a segment
        is ``<name>``.
    """

    def __init__(self, target):
        self._origin, self._path = target.origin, str(target)
        for each in target.split('/'):
            _check_no_angles(each, target)
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
        """Whether the path of *target* matches, and its origin if the template has one."""
        if self._origin and target.origin != self._origin:
            return False
        if self._is_literal:
            return target.parts == self._segments
        # A placeholder does not match an empty segment.
        return len(target.parts) == len(self._segments) and all(
            segment if isinstance(wanted, Placeholder) else segment == wanted
            for segment, wanted in zip(target.parts, self._segments))

    def params(self, target):
        """Return a dict of the segments of a matching *target*, by the names of placeholders."""
        return {str(name): ensure_str(segment, 'utf-8', 'replace')
                for segment, name in zip(target.parts, self._segments)
                if isinstance(name, Placeholder)}


def _check_no_angles(segment, target):
    """Raise ValueError if *segment* is a placeholder of another library, such as ``<int:id>``."""
    found = re.match(r'<(?:[^<>]*:)?([A-Za-z_][A-Za-z0-9_]*)>\Z', segment)
    if found:
        raise ValueError('a template has {name} for a whole segment, got %s in %s; did you mean '
                         '{%s}? A literal < is %%3C' % (segment, target, found.group(1)))


def _segment(text):
    """Return a `Placeholder` if *text* is ``{name}``, else *text*."""
    found = re.match(r'\{([A-Za-z_][A-Za-z0-9_]*)\}\Z', text)
    return Placeholder(found.group(1)) if found else text


def _with_query_of(target, query):
    """Return *query* with the names and values of the query of *target* added."""
    if not target.query:
        return query
    check_names('query', query or {})
    return dict(gather(urlencoded(target.query)), **query or {})


# Each factory takes a value that is not None and returns its `Criterion`. It returns None if the
# value is an empty dict, and raises TypeError if the value is of a wrong type.

def _path_criterion(path):
    if isinstance(path, Template):
        return Criterion('path', Words(path), target_of, path.matches)
    if isinstance(path, _Pattern):
        pattern = ensure_str(path.pattern, 'utf-8', 'replace')
        return Criterion('path', Words('/%s/' % pattern), target_of, path.search)
    if callable(path):
        return Criterion('path', name_of(path), target_of, condition('path', path))
    raise wrong(TypeError, 'path', 'a str, a compiled regex or a callable of the path', path)


def _method_criterion(methods):
    return Criterion('method', Words(' or '.join(methods)), operator.itemgetter('command'),
                     lambda actual: actual in methods or actual.upper() in methods)


def _names_and_values(name, view):
    """Return a factory of criteria for names and values.

    :param view: a function of a request that returns the dict to compare.
    """
    def make(wanted):
        check_values(name, wanted)
        return Criterion(name, wanted, view, _contains(wanted)) if wanted else None
    return make


def _headers_criterion(headers):
    check_values('headers', headers)
    return Criterion('headers', headers, _fields_named(headers),
                     _contains(headers)) if headers else None


def _body_criterion(body):
    check_body(body)
    wanted = body.encode('utf-8') if isinstance(body, text_type) else body
    return Criterion('body', wanted, operator.itemgetter('body'), _equals(wanted))


def _json_criterion(json):
    return Criterion('json', json, _json_or_excerpt, _equals(json))


def _match_criterion(match):
    if not callable(match):
        raise wrong(TypeError, 'match', 'a callable of the request', match)
    return Criterion('match', name_of(match), lambda request: request,
                     condition('match', match))


def _equals(wanted):
    """Return a function that decides whether a value equals *wanted*."""
    # The expected value comes first, so that its own `__eq__` decides.
    return functools.partial(operator.eq, wanted)


def _contains(wanted):
    """Return a function that decides whether a dict has the names and values of *wanted*."""
    def accepts(actual):
        # A body that cannot be parsed comes as `Words` from `_form_or_excerpt`.
        return not isinstance(actual, Words) and all(
            name in actual and _value_matches(actual[name], wanted[name]) for name in wanted)
    return accepts


def _value_matches(actual, wanted):
    """Whether the values of one name match: a list equals all, another value equals one of them.

    :param actual: a str, or a list of str if the name repeats.
    """
    # On Python 2 unicode and str are equal only if both are ASCII.
    if isinstance(wanted, text_type):
        wanted = ensure_str(wanted)
    if isinstance(actual, list) and not isinstance(wanted, (list, tuple)):
        return any(wanted == each for each in actual)
    return wanted == actual or isinstance(wanted, tuple) and list(wanted) == actual


def _fields_named(names):
    """Return a function of a request that returns a dict of its header fields of these *names*."""
    def view(request):
        found = {name: field_values(request, name) for name in names}
        return {name: values if len(values) > 1 else values[0]
                for name, values in found.items() if values}
    return view


def _form_or_excerpt(request):
    try:
        return request.form
    except ValueError:
        return _excerpt('form', request)


def _json_or_excerpt(request):
    try:
        return request.json()
    except ValueError:
        return _excerpt('JSON', request)


def _excerpt(kind, request):
    """Return `Words` that show the beginning of a content that is not of this *kind*.

    If the body cannot be decoded, they say why.
    """
    try:
        content = request.content
    except ValueError as error:
        return Words(error)
    text = shown(content, 100)
    # A difference shows 200 characters of a value, and an escaped byte has four.
    return Words('no %s: %s' % (kind, text if len(text) < 150 else shown(content, 40)))


# The factory of each criterion, in the order in which criteria are tried. `match` is the last,
# because its function may rely on the others.
_FACTORIES = (
    ('path', _path_criterion),
    ('method', _method_criterion),
    ('query', _names_and_values('query', operator.attrgetter('query'))),
    ('cookies', _names_and_values('cookies', operator.attrgetter('cookies'))),
    ('form', _names_and_values('form', _form_or_excerpt)),
    ('headers', _headers_criterion),
    ('body', _body_criterion),
    ('json', _json_criterion),
    ('match', _match_criterion),
)
