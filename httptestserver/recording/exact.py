# -*- coding: utf-8 -*-
"""Criteria that a request meets only if it is equal to a recorded one.

The whole query and body have to be equal. Names and values are compared as the bytes that were
sent: each is a str that differs if its bytes differ, and messages show it as text. Nothing here
does I/O or takes a lock. This module is imported when a recording is replayed.
"""
import json
import re

from six import ensure_str
from six.moves.urllib.parse import quote, unquote_to_bytes

from httptestserver.http1.fields import to_bytes
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.criterion import Criterion, json_or_excerpt, or_excerpt
from httptestserver.recording.forms import gather, is_multipart, parameter, parts
from httptestserver.recording.target import URI, Target
from httptestserver.recording.text import sent_target
from httptestserver.wording import Words

__all__ = ['ANY', 'ExactCriteria', 'wanted_body']

#: Stands in place of criteria for the body if every body is accepted.
ANY = ()

_NO_BODY = Words('no body')
_ABSENT = Words('<absent>')

_is_ascii = re.compile(r'[\0-\x7f]*\Z').match


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
        query = _urlencoded(to_bytes(query))
        head = [each._replace(view=_by_bytes(each.view)) if each.name == 'path' else each
                for each in self.all]
        head.append(Criterion('query', query, _query, _equal_to(query), None))
        self.use(head + [criterion for criterion, _ in body])
        target = Target(bare)
        #: It is equal for criteria that the same requests meet.
        self.key = (tuple(self.methods), target.origin, target.parts, _key(query),
                    tuple([key for _, key in body]))


def _by_bytes(view):
    """Return *view*, of a `Target`, as one whose segments have the bytes that were sent."""
    def target(request):
        found = view(request)
        # On Python 3 text of other characters does not tell which bytes it was decoded from.
        return found if _is_ascii(found) else Target(
            quote(sent_target(request), URI)).at(found.origin)
    return target


def _query(request):
    return _urlencoded(sent_target(request).partition(b'?')[2])


def _urlencoded(raw):
    """Return the fields of a query or an urlencoded form, bytes: a dict as of `gather`."""
    pairs = [each.replace(b'+', b' ').partition(b'=') for each in raw.split(b'&') if each]
    return gather([(_text(unquote_to_bytes(name)), _text(unquote_to_bytes(value)))
                   for name, _, value in pairs])


def _text(raw):
    """Return *raw*, bytes, as a str that differs if they differ, also if they are not UTF-8.

    What is not UTF-8 is escaped in its `repr`, so that messages can show it.
    """
    return ensure_str(raw, 'utf-8', 'surrogateescape')


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
    try:
        fields, files = _form(body, content_type, 'the recorded request')
    except ValueError:
        return None

    def sides(actual):
        return dict(dict.fromkeys(actual, _ABSENT), **files), actual
    return [(Criterion('form', fields, _part_of_form(0), _equal_to(fields), None), _key(fields)),
            (Criterion('files', files, _part_of_form(1), _equal_to(files), sides), _key(files))]


def _part_of_form(index):
    """Return the view of the fields or of the files of a form: see `_form`."""
    view = or_excerpt('form', lambda request: _form(
        request.content, request['headers'].get('Content-Type') or '',
        request.get('requestline'))[index])
    return lambda request: view(request) if request['body'] else _NO_BODY


def _form(body, content_type, requestline):
    """Return the fields of a form, and the (file name, content) of its files: dicts.

    :param requestline: as of `parts`, which raises ValueError.
    """
    if not is_multipart(content_type):
        return _urlencoded(body), {}
    fields, files = [], []
    for name, filename, _, content in parts(body, content_type, requestline):
        if filename is None:
            fields.append((_text(name), _text(content)))
        else:
            files.append((_text(name), (_text(filename), content)))
    return gather(fields), gather(files)


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
