# -*- coding: utf-8 -*-
"""Criteria that a request meets only if it is equal to a recorded one.

The whole query and body have to be equal. Nothing here does I/O or takes a lock. This module is
imported when a recording is replayed.
"""
import json

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.criterion import (
    Criterion, contents_or_excerpt, form_or_excerpt, json_or_excerpt)
from httptestserver.recording.forms import form_fields, form_files, gather, parameter, urlencoded
from httptestserver.recording.target import Target
from httptestserver.wording import Words

__all__ = ['ANY', 'ExactCriteria', 'wanted_body']

#: Stands in place of criteria for the body if every body is accepted.
ANY = ()

_NO_BODY = Words('no body')
_ABSENT = Words('<absent>')


class ExactCriteria(Criteria):
    """The conditions that a request meets if it is equal to a recorded one.

    The names and values of the query have to be equal. If a name repeats, its values have to be in
    the same order.

    :param method: as of `Criteria`.
    :param path: a path with its query, maybe after ``https://host``.
    :param body: what `wanted_body` returns, or `ANY`.
    :raises ValueError: as `Criteria`.
    """

    def __init__(self, method, path, body):
        bare, _, query = path.partition('?')
        super(ExactCriteria, self).__init__(method, bare)
        query = gather(urlencoded(query))
        self.use(self.all + [Criterion('query', query, _query, _equal_to(query), None)]
                 + [criterion for criterion, _ in body])
        target = Target(bare)
        #: It is equal for criteria that the same requests meet.
        self.key = (tuple(self.methods), target.origin, target.parts, _key(query),
                    tuple([key for _, key in body]))


def _query(request):
    return request.query


def _equal_to(wanted):
    """Return a function that decides whether a value equals *wanted*."""
    # `Words` stand in place of a value that a request does not have.
    return lambda actual: not isinstance(actual, Words) and wanted == actual


def _key(named):
    """Return text that is the same for equal dicts."""
    return repr(sorted(named.items()))


def wanted_body(body, content_type):
    """Return the criteria for a *body*, bytes: a list of pairs of a criterion and its key.

    JSON is compared as JSON, and a form by its fields and files. The rest is compared as bytes.
    """
    kind = content_type.lower().partition(';')[0].strip()
    if body and (kind == 'application/json' or kind.endswith('+json')):
        made = _of_json(body, content_type)
    elif body and kind in ('application/x-www-form-urlencoded', 'multipart/form-data'):
        made = _of_form(body, content_type)
    else:
        made = None
    return made or [(Criterion('body', body, _content, _equal_to(body), None), body)]


def _of_json(body, content_type):
    """Return the criteria for a *body* of JSON; None if it is not JSON."""
    try:
        value = json.loads(body.decode(parameter(content_type, 'charset') or 'utf-8'))
        key = _canonical(value)
    # JSON that is nested too deep raises RuntimeError, and the charset may be unknown.
    except (LookupError, RuntimeError, ValueError):
        return None

    def accepts(actual):
        try:
            return not isinstance(actual, Words) and _canonical(actual) == key
        except RuntimeError:
            # It is nested so deep that no recorded value is equal.
            return False
    return [(Criterion('json', value, json_or_excerpt, accepts, None), key)]


def _of_form(body, content_type):
    """Return the criteria for a *body* that is a form; None if it is none."""
    charset = parameter(content_type, 'charset') or 'utf-8'
    try:
        fields = form_fields(body, content_type, charset, 'the recorded request')
        files = _named(form_files(body, content_type, 'the recorded request'))
    except ValueError:
        return None

    def sides(actual):
        return dict(dict.fromkeys(actual, _ABSENT), **files), actual
    return [(Criterion('form', fields, _if_any(form_or_excerpt), _equal_to(fields), None),
             _key(fields)),
            (Criterion('files', files, _files, _equal_to(files), sides), _key(files))]


def _if_any(view):
    """Return *view*, changed so that it says if the request has no body."""
    return lambda request: view(request) if request['body'] else _NO_BODY


def _files(request):
    if not request['body']:
        return _NO_BODY
    contents = contents_or_excerpt(request)
    return contents if isinstance(contents, Words) else _named(request.files)


def _named(files):
    """Return the (file name, content) of *files*, by the names of their fields."""
    return {name: [each[::2] for each in files[name]] if isinstance(files[name], list)
            else files[name][::2] for name in files}


def _content(request):
    """Return the content of the body; the body itself if its codings cannot be undone."""
    if request.get('body_discarded') is not None:
        return Words('%d bytes of a longer body' % len(request['body']))
    try:
        return request.content
    except ValueError:
        return request['body']


def _canonical(value):
    """Return *value*, of JSON, as text that is the same for equal values.

    A bool does not equal a number, but 1.0 equals 1.
    """
    return json.dumps(_reduced(value), sort_keys=True)


def _reduced(value):
    if isinstance(value, dict):
        return {name: _reduced(value[name]) for name in value}
    if isinstance(value, list):
        return [_reduced(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
