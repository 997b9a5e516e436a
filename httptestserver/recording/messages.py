# -*- coding: utf-8 -*-
"""The messages of failed assertions: what was expected, the nearest request, and all requests.

Tests compare these texts. Nothing here does I/O or takes a lock. Comparing may run user code.
"""
import json
import re
import sys

from six import ensure_str, text_type
from six.moves import collections_abc

from httptestserver.recording.request import source_of
from httptestserver.wording import Words, shown

__all__ = ['blocked_loop', 'every_request', 'expected_failures', 'expected_no_request',
           'expected_requests', 'near_miss', 'nearest_request', 'one_line', 'other_requests',
           'outcome', 'plural', 'sourced_line']

#: One message lists at most so many requests or failures: the newest ones.
LINES = 100
#: At most so many lines of one diff are shown.
DIFF_LINES = 60
#: A diff compares at most so many lines of each side, because its time grows with their square.
COMPARED = 1000
#: At most so many characters of a value, or of a line of a diff, are shown.
WIDTH = 200


def every_request(requests, matching=()):
    """Return text with a line for each of *requests*, or for the newest if there are many.

    :param matching: requests that are listed even if they are old. They are marked, unless they
        are all.
    """
    if not requests:
        return 'no request was received'
    marked = {id(each) for each in matching} if len(matching) < len(requests) else set()
    matches = [index for index, each in enumerate(requests) if id(each) in marked]
    newest = range(max(0, len(requests) - LINES), len(requests))
    indices = sorted(set(matches[-LINES:]).union(newest))
    lines = ['%d received%s:' % (len(requests), ', * marks a match' if matches else '')]
    if len(indices) < len(requests):
        lines.append(_older(len(requests) - len(indices)))
    lines += ['%s %s' % ('*' if id(requests[index]) in marked else ' ',
                         one_line(index, requests[index])) for index in indices]
    return '\n'.join(lines)


def one_line(index, request, limit=120):
    """Return a line with the method, target, body size and outcome of a *request*.

    :param limit: at most so many characters of the target are shown.
    """
    size = len(request['body']) + request.get('body_discarded', 0)
    return '[%d] %s %s%s -> %s' % (
        index, request['command'], shown(Words(request['path']), limit),
        ' (%d bytes)' % size if size else '', outcome(request))


def sourced_line(index, request):
    """Return the `one_line` of a *request*, and which queue or route its response is from."""
    route, place = source_of(request)
    words = {'nowhere': ', no route matches', 'queue': ' from the queue'}.get(place, '')
    if route is not None:
        words = (words + ' of %r' if place == 'queue' else ' from %r') % route
    return one_line(index, request) + words


def other_requests(requests, everything):
    """Return lines with the requests in *everything* but not in *requests*; '' if none.

    :param requests: those of a route.
    :param everything: those of its server.
    """
    own = {id(each) for each in requests}
    others = [(index, each) for index, each in enumerate(everything) if id(each) not in own]
    if not others:
        return ''
    lines = ['\n%s came to the server, but not to this route:' % plural(len(others), 'request')]
    if len(others) > LINES:
        lines.append(_older(len(others) - LINES))
    return '\n'.join(lines + ['  ' + sourced_line(*each) for each in others[-LINES:]])


def blocked_loop(instead='call it with loop.run_in_executor()'):
    """Return a line for a call that has blocked the asyncio event loop of its thread, or ''.

    :param instead: what to write instead.
    """
    asyncio = sys.modules.get('asyncio')
    if asyncio is None or not hasattr(asyncio, 'get_running_loop'):
        return ''
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return ''
    return ('\nthis call has blocked the event loop of its thread, so no client in that loop could '
            'send a request; %s' % instead)


def outcome(request):
    """Return the status or fault with which a *request* ended, in a few words."""
    words = [str(request['response_status'])] if 'response_status' in request else []
    if 'response_fault' in request:
        words.append('%(response_fault)s at %(response_fault_at)s' % request)
    if 'response_raw' in request:
        words.append('raw bytes')
    return ', '.join(words) or 'no response'


def near_miss(request, alternatives):
    """Return text that shows which of several `Criteria` is nearest, and where it differs."""
    nearest, differences = min([(each, each.differences(request)) for each in alternatives],
                               key=lambda pair: len(pair[1]))
    return 'no route matches %s %s\nnearest route: %s\n%s\n' % (
        request['command'], shown(Words(request['path'])), nearest,
        _listed(differences) or '  it matches, but all its responses have been used')


def expected_requests(count, criteria, matching, requests, exactly=False):
    """Return the message if the number of matching requests is wrong.

    :param count: how many were expected.
    :param matching: the requests that match.
    :param requests: all requests.
    :param exactly: whether more than *count* are wrong too.
    """
    lines = ['expected %s %d of: %s' % ('exactly' if exactly else 'at least', count, criteria),
             'found %d' % len(matching)]
    if len(matching) < count:
        lines += filter(None, [nearest_request(criteria, matching, requests)])
    return '\n'.join(lines + [every_request(requests, matching)])


def nearest_request(criteria, matching, requests):
    """Return text about the request that is nearest to meet *criteria*, and where it differs.

    It is empty if there is none. The parameters are those of `expected_requests`.
    """
    near = _nearest(criteria, matching, requests)
    return 'nearest: %s\n%s' % (one_line(*near[1:]), _listed(near[0])) if near else ''


def expected_no_request(criteria, matching, requests):
    """Return the message if requests match that must not come."""
    return 'expected no request of: %s\nfound %d\n%s' % (
        criteria, len(matching), every_request(requests, matching))


def expected_failures(count, timeout, failures):
    """Return the message if too few `Failure` records came.

    :param count: how many were expected.
    :param timeout: within how many seconds.
    :param failures: all that were recorded.
    """
    expected = 'within %s s expected at least %s' % (timeout, plural(count, 'failure'))
    if not failures:
        return expected + '\nno failure was recorded'
    lines = ['%d recorded:' % len(failures)]
    if len(failures) > LINES:
        lines.append(_older(len(failures) - LINES))
    return '\n'.join([expected] + lines + ['  ' + str(each) for each in failures[-LINES:]])


def _older(number):
    return '  ... %s' % plural(number, 'older one')


def plural(number, noun):
    """Return a *number* and its *noun*, such as ``'2 requests'``."""
    return '%d %s' % (number, noun if number == 1 else noun + 's')


def _nearest(criteria, matching, requests):
    """Return (differences, index, request) for the request that meets the most criteria.

    Returns None if there is no request that differs.
    """
    best, found = None, {id(each) for each in matching}
    for index, request in enumerate(requests):
        differences = [] if id(request) in found else criteria.differences(request)
        # On a tie the newest is the nearest. A request that came after the search may have no
        # difference.
        if differences and (best is None or len(differences) <= len(best[0])):
            best = differences, index, request
    return best


def _listed(differences):
    return '\n'.join(['  %s' % _difference(each).replace('\n', '\n  ') for each in differences])


def _difference(difference):
    """Return the text of a `Difference`: one line if that shows it well, else a diff."""
    if _fits_a_line(difference):
        return str(difference)
    name, expected, actual = difference
    if name not in ('json', 'body'):
        # The request may have more names than expected, so those are no difference.
        actual = {each: actual[each] for each in actual if each in expected}
    old, new = _text(_agreed(expected, actual)), _text(actual)
    if '\n' in old + new and old != new:
        return '\n  '.join(_diff(name, old.split('\n'), new.split('\n')))
    return _first_difference(difference)


def _fits_a_line(difference):
    name, expected, actual = difference
    if isinstance(actual, Words):
        return True
    if name in ('json', 'body'):
        return False
    return (not isinstance(expected, collections_abc.Mapping)
            or len(repr(expected) + repr(actual)) < WIDTH)


def _diff(name, expected, actual):
    """Return the lines of a unified diff of two lists of lines, cut if it is long."""
    # Importing difflib takes milliseconds, and only failing tests need it.
    import difflib
    start = 0
    if max(len(expected), len(actual)) > COMPARED:
        start = max(0, _common_start(expected, actual) - 3)
    lines = list(difflib.unified_diff(expected[start:start + COMPARED],
                                      actual[start:start + COMPARED],
                                      'expected', 'received', lineterm=''))
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = ['... (%d more lines)' % (len(lines) - DIFF_LINES)]
    verb = 'differ' if name in ('cookies', 'headers') else 'differs'
    return ['%s %s%s:' % (name, verb, ' after %d equal lines' % start if start else '')] + [
        shown(Words(_printable(line)), WIDTH) for line in lines]


def _first_difference(difference):
    """Return a `Difference` in one line. A long common start is counted, but not shown."""
    name, expected, actual = difference
    equal = 0
    if isinstance(expected, (bytes, text_type)) and type(expected) is type(actual):
        equal = _common_start(expected, actual)
    if equal < WIDTH // 2:
        return str(difference)
    return '%s: the first %d %s are equal; then expected %s, got %s' % (
        name, equal, 'bytes' if isinstance(actual, bytes) else 'characters',
        shown(expected[equal:]), shown(actual[equal:]))


def _common_start(one, other):
    """Return how many items are equal at the start of two sequences of one type."""
    # Bisection compares slices, which is faster than comparing items in a loop.
    equal, end = 0, min(len(one), len(other))
    while equal < end:
        middle = (equal + end + 1) // 2
        if one[equal:middle] == other[equal:middle]:
            equal = middle
        else:
            end = middle - 1
    return equal


def _agreed(expected, actual):
    """Return *expected*, in which each part that equals the actual value is replaced by it.

    Otherwise the diff would show a line for a value such as `mock.ANY`, which equals anything.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: _agreed(expected[key], actual[key]) if key in actual else expected[key]
                for key in expected}
    if isinstance(expected, list) and isinstance(actual, list):
        return [_agreed(*pair) for pair in zip(expected, actual)] + expected[len(actual):]
    return actual if expected == actual else expected


def _text(value):
    """Return *value*, of JSON or of a body, as text of one or more lines."""
    if isinstance(value, Words):
        return value
    if isinstance(value, bytes):
        try:
            return ensure_str(value.decode('utf-8'))
        except UnicodeError:
            return repr(value)
    try:
        return json.dumps(value, indent=2, sort_keys=True, default=repr, separators=(',', ': '))
    # Keys of different types cannot be sorted on Python 3.
    except (TypeError, ValueError):
        return repr(value)


def _printable(line):
    """Return *line* with control characters escaped, because a terminal would obey them."""
    return re.sub(r'[\x00-\x08\x0b-\x1f\x7f]', lambda found: repr(found.group())[1:-1], line)
