# -*- coding: utf-8 -*-
"""Criteria: decides whether a request meets them, and finds where it differs.

Nothing here does I/O or takes a lock. Matching may run user code.
"""
from six import ensure_str, string_types

from httptestserver.recording.criterion import FACTORIES, as_evidence
from httptestserver.recording.difference import Difference
from httptestserver.recording.expected import check_method, check_names, check_path
from httptestserver.recording.forms import gather, urlencoded
from httptestserver.recording.request import target_of
from httptestserver.recording.target import Target
from httptestserver.recording.template import Template
from httptestserver.recording.values import is_met
from httptestserver.wording import nearest, shown, unknown

__all__ = ['CRITERIA', 'Criteria', 'criterion_meant']

CRITERIA = ('method', 'path', 'query', 'headers', 'body', 'json', 'form', 'cookies', 'match',
            'json_has', 'files', 'auth')

#: The criteria that need the body of a request, or may need it.
OF_BODY = ('body', 'json', 'json_has', 'form', 'files', 'match')

#: Names that users of other libraries write, each with the criterion that they mean.
_HABITS = {'args': 'query', 'authorization': 'auth', 'basic_auth': 'auth', 'command': 'method',
           'content': 'body', 'credentials': 'auth', 'data': 'body', 'domain': 'path',
           'has_json': 'json_has', 'host': 'path', 'hostname': 'path',
           'json_contains': 'json_has', 'params': 'query', 'query_string': 'query',
           'target': 'path', 'text': 'body', 'uri': 'path', 'url': 'path', 'verb': 'method'}

#: Names that users of other libraries write for the number of requests.
_COUNTS = ('call_count', 'called', 'calls', 'expect', 'expected', 'times')


class Criteria(object):
    """The conditions that a request has to meet. None stands for no condition.

    :param method: a method, or several of which one has to match, in upper or lower case.
    :param path: one of: a path, percent-encoded or not; a template, whose ``{name}`` stands for
        one segment, and ``{name...}`` at its end for the rest; a compiled regex, searched in the
        path; a function of the path. A query in the path adds to *query*. After
        ``https://host`` the scheme and the authority of the request have to match too.
    :param query: a dict of names and values. The request may have more names. A value is None for
        a name that is absent; a str; an int; a compiled regex, searched in the text; a function of
        the text; a list of these for all values of a name that repeats. The same holds for
        *headers*, *form* and *cookies*.
    :param headers: a dict; names in upper or lower case.
    :param body: bytes; str, which is encoded as UTF-8; a compiled regex, of bytes for the body, of
        text for ``request.text``; a function of the bytes.
    :param json: the value of the body as JSON.
    :param match: a function of the request. It is called if all other criteria are met.
    :param json_has: a part of the value of the body as JSON: the dicts in it may have more names.
    :param files: a dict, as *query*, of the content of the files of a multipart form, bytes.
    :param auth: (user, password) for Basic, or a str for a Bearer token.
    :raises TypeError: a criterion is of a wrong type, or has a value that no request can have.
    :raises ValueError: *method* is no token, no request target can begin like *path*, or *path* is
        not a valid template.
    """

    def __init__(self, method=None, path=None, query=None, headers=None, body=None, json=None,
                 form=None, cookies=None, match=None, json_has=None, files=None, auth=None):
        self._template = None
        methods = [] if method is None else check_method(method)
        #: The methods of which one has to match; none if all match.
        self.methods = methods
        method = methods or None
        if isinstance(path, string_types):
            path = ensure_str(path)
            check_path(path, methods)
            target = Target(path)
            query = _with_query_of(target, query)
            path = self._template = Template(target)
        values = {'method': method, 'path': path, 'query': query, 'headers': headers,
                  'body': body, 'json': json, 'form': form, 'cookies': cookies, 'match': match,
                  'json_has': json_has, 'files': files, 'auth': auth}
        made = [make(values[name]) for name, make in FACTORIES if values[name] is not None]
        self.use([criterion for criterion in made if criterion])

    def use(self, criteria):
        """Match by *criteria*, a list of `Criterion`. To be called before any request comes."""
        self.all = criteria
        self._tests = [(each.view, each.accepts) for each in criteria]

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
        words = {each.name: shown(each.expected) for each in self.all}
        first = [words.pop('method', 'any method'), words.pop('path', 'any path')]
        return ' '.join(first + ['%s=%s' % (each.name, words[each.name])
                                 for each in self.all if each.name in words])

    @property
    def needs_body(self):
        """Whether a request can be matched only after its body was read."""
        return any(each.name in OF_BODY for each in self.all)

    @property
    def exactness(self):
        """A key that is greater for criteria that fewer requests meet, as far as that is known.

        A path without placeholders is more exact than any other. Then their number counts.
        """
        return self._template is not None and self._template.is_literal, len(self.all)

    def match(self, request):
        """Whether *request* meets all criteria. Runs user code; may raise what that raises."""
        for view, accepts in self._tests:
            if not accepts(view(request)):
                return False
        return True

    def match_head(self, request):
        """Whether *request*, whose body was not read, meets the criteria that need no body.

        Runs user code as `match`.
        """
        return all(each.accepts(each.view(request)) for each in self.all
                   if each.name not in OF_BODY)

    def params(self, request):
        """Return a dict of the segments that the placeholders match, by their names.

        :param request: one that meets the criteria.
        """
        return self._template.params(target_of(request)) if self._template else {}

    def rest(self, request):
        """Return a tuple of the decoded segments that ``{name...}`` matches; None without one.

        :param request: one that meets the criteria.
        """
        return self._template.rest(target_of(request)) if self._template else None

    def differences(self, request):
        """Return a `Difference` for each criterion that *request* does not meet.

        User code that raises has not accepted the request. It may rely on the other criteria.
        """
        found = []
        for each in self.all:
            # `match` is not called if another criterion is not met.
            if found and each.name == 'match':
                break
            actual = each.view(request)
            if not is_met(each.accepts, actual):
                actual = as_evidence(each, request, actual)
                found.append(Difference(each.name, each.expected, actual, each.sides))
        return found


def criterion_meant(name, others=()):
    """Return the criterion or the one of *others* that *name* probably means; '' if none."""
    if name in _COUNTS and 'count' in others:
        return 'count'
    return _HABITS.get(name) or nearest(name, others + CRITERIA)


def _with_query_of(target, query):
    """Return *query* with the names and values of the query of *target* added."""
    if not target.query:
        return query
    check_names('query', query or {})
    return dict(gather(urlencoded(target.query)), **query or {})
