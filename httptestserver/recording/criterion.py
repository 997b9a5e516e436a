# -*- coding: utf-8 -*-
"""One criterion: what it compares, and whether the value of a request meets it.

Nothing here does I/O or takes a lock. Matching may run user code.
"""
import collections
import functools
import operator

from six import text_type
from six.moves import collections_abc

from httptestserver.http1.fields import get_all
from httptestserver.recording.coroutines import condition
from httptestserver.recording.credentials import wanted_credentials
from httptestserver.recording.expected import compares, instead
from httptestserver.recording.jsonvalue import agreed, check_json, has_part, reduced
from httptestserver.recording.pattern import find_in_text, is_of_bytes, is_regex, regex_words
from httptestserver.recording.request import located_target_of, target_of
from httptestserver.recording.template import Template
from httptestserver.recording.values import (
    ABSENT, CONTENT, TEXT, accepts_all, is_met, wanted_values)
from httptestserver.wording import Words, name_of, shown, wrong

__all__ = ['Criterion', 'FACTORIES', 'as_evidence', 'contents_or_excerpt', 'form_or_excerpt',
           'json_or_excerpt', 'or_excerpt']

_BODY = ('bytes, str for UTF-8, a compiled regex, a callable of the bytes, or an object with an '
         '__eq__ of its own')

#: One criterion. ``view(request)`` returns the actual value, and ``accepts(actual)`` decides
#: whether it is met. Messages show ``expected``; for ``sides`` see `Difference`.
Criterion = collections.namedtuple('Criterion', 'name expected view accepts sides')


# Each factory takes a value that is not None and returns its `Criterion`. For an empty dict, which
# is no condition, it returns {}. It raises TypeError if the value is of a wrong type.

def _path_criterion(path):
    if isinstance(path, Template):
        view = located_target_of if path.origin else target_of
        return _criterion('path', Words(path), view, path.matches)
    if is_regex(path) and (str is bytes or not is_of_bytes(path)):
        return _criterion('path', regex_words(path), target_of, find_in_text(path))
    if callable(path):
        return _criterion('path', name_of(path), target_of, condition('path', path))
    raise wrong(TypeError, 'path', 'a str, a compiled regex or a callable of the path', path,
                'a regex of text is needed' if is_regex(path) else '')


def _method_criterion(methods):
    return _criterion('method', Words(' or '.join(methods)), operator.itemgetter('command'),
                      lambda actual: actual in methods or actual.upper() in methods)


def _names_and_values(name, view, kind=TEXT):
    """Return a factory of criteria for names and values.

    :param view: a function of a request that returns the dict to compare, or `Words` if there is
        none.
    :param kind: that of the values.
    """
    def make(wanted):
        wanted = wanted_values(name, wanted, kind)
        return wanted and _of_names(name, wanted, view, _if_parsed(accepts_all(wanted)))
    return make


def _headers_criterion(headers):
    wanted = wanted_values('headers', headers, TEXT)
    return wanted and _of_names('headers', wanted, _fields_named(wanted), accepts_all(wanted))


def _of_names(name, wanted, view, accepts):
    """Return the `Criterion` for *wanted*, a dict of `Wanted`."""
    return Criterion(name, {each: wanted[each].shown for each in wanted}, view, accepts,
                     functools.partial(_sides_of_names, wanted))


def _sides_of_names(wanted, actual):
    """Return the sides of the diff of a dict: see `Difference`."""
    old = {name: actual.get(name) if is_met(wanted[name].accepts, actual.get(name))
           else wanted[name].shown for name in wanted}
    return ({name: old[name] for name in old if old[name] is not None},
            {name: actual[name] for name in wanted if name in actual})


def _body_criterion(body):
    if isinstance(body, text_type):
        body = body.encode('utf-8')
    if is_regex(body):
        if is_of_bytes(body):
            return _criterion('body', regex_words(body), _body, body.search)
        return _criterion('body', regex_words(body), _text_or_excerpt, _if_parsed(body.search))
    if isinstance(body, (bytes, bytearray, memoryview)) or compares(body):
        return _criterion('body', body, _body, _equals(body))
    if callable(body):
        return _criterion('body', name_of(body), _body, condition('body', body))
    is_value = isinstance(body, (collections_abc.Mapping, list, tuple))
    raise wrong(TypeError, 'body', _BODY, body,
                'did you mean json= or form=?' if is_value else instead(body))


def _json_criterion(json):
    check_json('json', json)
    return Criterion('json', json, json_or_excerpt, _if_parsed(_equals(json)),
                     lambda actual: (agreed(json, actual), actual))


def _json_has_criterion(part):
    check_json('json_has', part)

    def sides(actual):
        actual = reduced(part, actual)
        return agreed(part, actual), actual
    accepts = _if_parsed(functools.partial(has_part, part))
    return Criterion('json_has', part, json_or_excerpt, accepts, sides)


def _auth_criterion(auth):
    wanted = wanted_credentials(auth)
    return _criterion('auth', wanted, lambda request: request.auth or Words('no credentials'),
                      _if_parsed(_equals(wanted)))


def _match_criterion(match):
    if not callable(match):
        raise wrong(TypeError, 'match', 'a callable of the request', match)
    return _criterion('match', name_of(match), lambda request: request,
                      condition('match', match))


def _criterion(name, expected, view, accepts):
    """Return a `Criterion` whose diff compares the whole values."""
    return Criterion(name, expected, view, accepts, None)


def _equals(wanted):
    """Return a function that decides whether a value equals *wanted*."""
    # The expected value comes first, so that its own `__eq__` decides.
    return functools.partial(operator.eq, wanted)


def _if_parsed(accepts):
    """Return *accepts*, but as one that never accepts `Words`: they say that parsing failed."""
    return lambda actual: not isinstance(actual, Words) and accepts(actual)


_body = operator.itemgetter('body')


def _fields_named(names):
    """Return a function of a request that returns a dict of its header fields of these *names*."""
    def view(request):
        found = {name: get_all(request['headers'], name) for name in names}
        return {name: values if len(values) > 1 else values[0]
                for name, values in found.items() if values}
    return view


def or_excerpt(kind, view):
    """Return *view*, but as one that returns the `_excerpt` if the content is not of its *kind*."""
    def parsed(request):
        try:
            return view(request)
        except ValueError:
            return _excerpt(kind, request)
    return parsed


def _contents(request):
    """Return the contents of the files of *request*, by their names."""
    files = request.files
    return {name: [each.content for each in files[name]] if isinstance(files[name], list)
            else files[name].content for name in files}


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


form_or_excerpt = or_excerpt('form', operator.attrgetter('form'))
contents_or_excerpt = or_excerpt('form', _contents)
_text_or_excerpt = or_excerpt('text', operator.attrgetter('text'))
json_or_excerpt = or_excerpt('JSON', operator.methodcaller('json'))


def as_evidence(criterion, request, actual):
    """Return *actual*, a value that does not meet *criterion*, as messages show it.

    If another part of *request* explains why, it is `Words` that show the value and say so.
    """
    if criterion.name == 'body' and actual is request['body']:
        note = _note_of_body(request)
    elif criterion.name in _OTHER_PART and not isinstance(actual, Words):
        note = _note_of_other_part(criterion, request, actual)
    else:
        note = ''
    return Words('%s; %s' % (shown(actual, 60), note)) if note else actual


def _note_of_body(request):
    """Return why a body is not what its client meant to send; '' if no reason is known."""
    if request.get('body_discarded') is not None:
        try:
            request.content
        except ValueError as error:
            return str(error)
    codings = get_all(request['headers'], 'Content-Encoding') if request['body'] else ()
    return 'its Content-Encoding is %s' % shown(Words(', '.join(codings)), 40) if codings else ''


def _note_of_other_part(criterion, request, actual):
    """Return which expected name is in the other part of the form; '' if none is."""
    other, view, kind = _OTHER_PART[criterion.name]
    there = view(request)
    if isinstance(there, Words):
        return ''
    names = [name for name in sorted(criterion.expected)
             if name not in actual and name in there and criterion.expected[name] is not ABSENT]
    return '%s is %s: see %s=' % (shown(names[0]), kind, other) if names else ''


#: A form has two parts: fields and files. For the criterion of each part, this is the criterion of
#: the other part, its view, and what messages call a name in it.
_OTHER_PART = {'form': ('files', contents_or_excerpt, 'a file'),
               'files': ('form', form_or_excerpt, 'a field')}

# The factory of each criterion, in the order in which criteria are tried: those of the head, then
# those of the body. `match` is the last, because its function may rely on the others.
FACTORIES = (
    ('path', _path_criterion),
    ('method', _method_criterion),
    ('query', _names_and_values('query', operator.attrgetter('query'))),
    ('cookies', _names_and_values('cookies', operator.attrgetter('cookies'))),
    ('headers', _headers_criterion),
    ('auth', _auth_criterion),
    ('form', _names_and_values('form', form_or_excerpt)),
    ('files', _names_and_values('files', contents_or_excerpt, CONTENT)),
    ('body', _body_criterion),
    ('json', _json_criterion),
    ('json_has', _json_has_criterion),
    ('match', _match_criterion),
)
