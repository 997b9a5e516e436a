# -*- coding: utf-8 -*-
"""The texts of failures: what was expected, what came nearest, and all that was received.

They are part of the product, so they are tested texts. Nothing here does I/O or takes a
lock; to compare may run code of the test's.
"""
import json
import os
import re

from six import ensure_str, text_type
from six.moves.collections_abc import Mapping

from httptestserver.wording import Words, shown

__all__ = ['every_request', 'near_miss', 'not_requested', 'wanted_but', 'went_wrong']

LINES = 100             # of requests in one text; the newest are shown
PROBLEMS = 20           # that went wrong and are told in one text
DIFF_LINES = 60         # of one difference
COMPARED = 1000         # lines of each side: difflib takes their square of time
WIDTH = 200             # characters of one value, or of one line of a difference


def every_request(requests, matching=()):
    """Return a line for each of *requests*, the newest where there are many.

    :param matching: those that, unless all are, have a star and are shown though older.
    """
    if not requests:
        return 'no request was received'
    ours = set(map(id, matching if len(matching) < len(requests) else ()))
    stars = [index for index, each in enumerate(requests) if id(each) in ours]
    newest = range(max(0, len(requests) - LINES), len(requests))
    indices = sorted(set(stars[-LINES:]).union(newest))
    lines = ['%d received%s:' % (len(requests), ', * where it matches' if stars else '')]
    if len(indices) < len(requests):
        lines.append('  ... %d older ones' % (len(requests) - len(indices)))
    lines += ['%s %s' % ('*' if id(requests[index]) in ours else ' ',
                         one_line(index, requests[index])) for index in indices]
    return '\n'.join(lines)


def one_line(index, request):
    """Return what a *request* asked for, its size and its answer, in one line."""
    size = len(request['body']) + request.get('body_discarded', 0)
    return '[%d] %s %s%s -> %s' % (
        index, request['command'], shown(Words(request['path']), 120),
        ' (%d bytes)' % size if size else '', outcome(request))


def outcome(request):
    """Return what a *request* was answered with, in a few words."""
    words = [str(request['response_status'])] if 'response_status' in request else []
    if 'response_fault' in request:
        words.append('%(response_fault)s at %(response_fault_at)s' % request)
    if 'response_raw' in request:
        words.append('raw bytes')
    return ', '.join(words) or 'no response'


def near_miss(request, alternatives):
    """Return text that tells where *request* differs from the nearest of several criteria."""
    nearest, differences = min([(each, each.differences(request)) for each in alternatives],
                               key=lambda pair: len(pair[1]))
    return 'no route matches %s %s\nnearest route: %s\n%s\n' % (
        request['command'], shown(Words(request['path'])), nearest,
        _listed(differences) or '  it does match, but its last response was served before')


def wanted_but(count, criteria, matching, requests, exactly=False):
    """Return the text of a failure to find enough, or as many, matching requests.

    :param count: how many were wanted.
    :param matching: those that were found.
    :param requests: all that are known.
    """
    lines = ['expected %s %d of: %s' % ('exactly' if exactly else 'at least', count, criteria),
             'found %d' % len(matching)]
    near = _nearest(criteria, matching, requests) if len(matching) < count else None
    if near:
        lines.append('nearest: %s\n%s' % (one_line(*near[1:]), _listed(near[0])))
    return '\n'.join(lines + [every_request(requests, matching)])


def not_requested(criteria, matching, requests):
    """Return the text of a failure where requests came that should not."""
    return 'expected no request of: %s\nfound %d\n%s' % (
        criteria, len(matching), every_request(requests, matching))


def went_wrong(unmatched, errors, unserved):
    """Return text of what went wrong on a test's side, empty where nothing did.

    :param unmatched: (request, criteria of the routes that it passed), the most important
        route first; *errors* are (request line, traceback), *unserved* (endpoint, its queue).
    """
    return '\n'.join(
        _first(unmatched, lambda pair: near_miss(*pair)) +
        _first(errors, lambda pair: 'answering %s failed:\n%s' % (shown(Words(pair[0])), pair[1])) +
        [_unserved(*pair) for pair in unserved])


def _unserved(endpoint, queue):
    return '\n  '.join(
        ['%d queued response%s of %r not fetched:' % (
            len(queue), 's' if len(queue) > 1 else '', endpoint)] +
        _first(queue, lambda pair: shown(pair[0]) + ', %d times' % pair[1] * (pair[1] > 1)))


def _first(items, text):
    more = ['... and %d more like these' % (len(items) - PROBLEMS)]
    return [text(each) for each in items[:PROBLEMS]] + more * (len(items) > PROBLEMS)


def _nearest(criteria, matching, requests):
    """Return the differences, index and request that meets the most criteria, or None."""
    best, others = None, set(map(id, matching))
    for index, request in enumerate(requests):
        differences = [] if id(request) in others else criteria.differences(request)
        # Of equals the newest. There is no difference where it came just now.
        if differences and (best is None or len(differences) <= len(best[0])):
            best = differences, index, request
    return best


def _listed(differences):
    return '\n'.join(['  %s' % _difference(each).replace('\n', '\n  ') for each in differences])


def _difference(difference):
    """Return one difference: line by line where it takes more than one line to show."""
    name, expected, actual = difference
    if name not in ('json', 'body'):
        if not isinstance(actual, Mapping) or len(repr(expected) + repr(actual)) < WIDTH:
            return str(difference)
        # More may be there, so that is no difference.
        actual = {each: actual[each] for each in actual if each in expected}
    old, new = _text(_agreed(expected, actual)), _text(actual)
    if '\n' in old + new and old != new:
        return '\n  '.join(_diff(name, old.split('\n'), new.split('\n')))
    return _first_difference(difference)


def _diff(name, expected, actual):
    """Return the lines of a unified diff of two lists of lines, cut where it is long."""
    import difflib                  # takes milliseconds, and most tests pass
    equal = len(os.path.commonprefix([expected, actual]))
    start = max(0, equal - 3) if max(len(expected), len(actual)) > COMPARED else 0
    lines = list(difflib.unified_diff(expected[start:start + COMPARED],
                                      actual[start:start + COMPARED],
                                      'expected', 'received', lineterm=''))
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = ['... (%d more lines)' % (len(lines) - DIFF_LINES)]
    return ['%s differs%s:' % (name, ' after %d equal lines' % start if start else '')] + [
        shown(Words(_printable(line)), WIDTH) for line in lines]


def _first_difference(difference):
    """Return a difference in one line; of long texts what begins where they differ."""
    name, expected, actual = difference
    equal = 0
    if isinstance(expected, (bytes, text_type)) and type(expected) is type(actual):
        equal = len(os.path.commonprefix([expected, actual]))
    if equal < WIDTH // 2:
        return str(difference)
    return '%s: the first %d are equal; then expected %s, got %s' % (
        name, equal, shown(expected[equal:]), shown(actual[equal:]))


def _agreed(expected, actual):
    """Return *expected* with what equals *actual* as it is there, such as `mock.ANY`."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: _agreed(expected[key], actual[key]) if key in actual else expected[key]
                for key in expected}
    if isinstance(expected, list) and isinstance(actual, list):
        return [_agreed(*pair) for pair in zip(expected, actual)] + expected[len(actual):]
    return actual if expected == actual else expected


def _text(value):
    """Return *value*, of JSON or of a body, as lines of text."""
    if isinstance(value, Words):
        return value
    if isinstance(value, bytes):
        try:
            return ensure_str(value.decode('utf-8'))
        except UnicodeError:
            return repr(value)
    try:
        return json.dumps(value, indent=2, sort_keys=True, default=repr, separators=(',', ': '))
    except (TypeError, ValueError):     # keys of several types cannot be sorted
        return repr(value)


def _printable(line):
    """Return *line* without what would move a terminal's cursor or change its colours."""
    return re.sub(r'[\x00-\x08\x0b-\x1f\x7f]', lambda found: repr(found.group())[1:-1], line)
