# -*- coding: utf-8 -*-
"""The texts of failures: what was expected, what came nearest, and all that was received.

They are part of the product, so they are tested texts. Nothing here does I/O or takes a
lock.
"""
import difflib
import json

from httptestserver.matching import Words, shown

__all__ = ['every_request', 'near_miss', 'not_requested', 'wanted_but']

LINES = 100             # of requests in one text; the newest are shown
DIFF_LINES = 60         # of one difference


def every_request(requests):
    """Return a line for each of *requests*, the newest where there are many."""
    if not requests:
        return 'no request was received'
    lines = ['%d received:' % len(requests)]
    hidden = max(0, len(requests) - LINES)
    if hidden:
        lines.append('  ... %d older ones' % hidden)
    for index, request in enumerate(requests[hidden:], hidden):
        lines.append('  %s' % one_line(index, request))
    return '\n'.join(lines)


def one_line(index, request):
    """Return what a *request* asked for, its size and its answer, in one line."""
    path = shown(Words(request['path']), 120)
    body = ' (%d bytes)' % len(request['body']) if request['body'] else ''
    return '[%d] %s %s%s -> %s' % (index, request['command'], path, body, answer(request))


def answer(request):
    """Return what a *request* was answered with, in a few words."""
    words = [str(request['response_status'])] if 'response_status' in request else []
    if 'response_fault' in request:
        words.append('%(response_fault)s at %(response_fault_at)s' % request)
    if 'response_raw' in request:
        words.append('raw bytes')
    return ', '.join(words) or 'no answer'


def near_miss(request, alternatives):
    """Return text that tells where *request* differs from the nearest of *alternatives*.

    :param alternatives: criteria, the most important first; at least one.
    """
    nearest, differences = min([(each, each.differences(request)) for each in alternatives],
                               key=lambda pair: len(pair[1]))
    return 'no route matches %s %s\nnearest route: %s\n%s\n' % (
        request['command'], request['path'], nearest, _listed(differences))


def wanted_but(wanted, criteria, matching, requests):
    """Return the text of a failure to find enough, or as many, matching requests.

    :param wanted: words, such as ``'at least 1'``.
    :param criteria: the `Criteria` that were looked for.
    :param matching: how many of *requests*, all that came, do match.
    """
    lines = ['expected %s of: %s' % (wanted, criteria), 'found %d' % matching]
    missing = [request for request in requests if not criteria.match(request)]
    if missing:
        differences, index, nearest = _nearest(criteria, missing, requests)
        lines.append('nearest: %s\n%s' % (one_line(index, nearest), _listed(differences)))
    return '\n'.join(lines + [every_request(requests)])


def not_requested(criteria, matching, requests):
    """Return the text of a failure where requests came that should not."""
    return 'expected no request of: %s\nfound %d\n%s' % (
        criteria, len(matching), every_request(requests))


def _nearest(criteria, missing, requests):
    """Return the differences, the index and the request that meets the most criteria."""
    found = None
    for request in missing:
        differences = criteria.differences(request)
        if found is None or len(differences) <= len(found[0]):      # of equals the newest
            found = differences, request
    index = [each is found[1] for each in requests].index(True)
    return found[0], index, found[1]


def _listed(differences):
    return '\n'.join(['  %s' % _difference(each).replace('\n', '\n  ') for each in differences])


def _difference(difference):
    """Return one difference; of JSON and of text line by line."""
    expected, actual = _text(difference.expected), _text(difference.actual)
    if difference.name not in ('json', 'body') or '\n' not in expected + actual:
        return str(difference)
    lines = list(difflib.unified_diff(expected.splitlines(), actual.splitlines(), 'expected',
                                      'received', lineterm=''))
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = ['... (%d more lines)' % (len(lines) - DIFF_LINES)]
    return '\n  '.join(['%s differs:' % difference.name] + lines)


def _text(value):
    """Return *value*, of JSON or of a body, as lines of text."""
    if isinstance(value, Words):
        return value
    if isinstance(value, bytes):
        try:
            return str(value.decode('utf-8'))
        except UnicodeError:
            return repr(value)
    try:
        return json.dumps(value, indent=2, sort_keys=True, default=repr)
    except TypeError:                   # keys of several types cannot be sorted
        return repr(value)
