# -*- coding: utf-8 -*-
"""The messages of failed assertions: what was expected, the nearest request, and all requests.

Tests compare these texts. Nothing here does I/O or takes a lock. Comparing may run user code.
"""
import sys

from httptestserver.recording.difference import closeness, listed
from httptestserver.recording.request import displayed_target, source_of
from httptestserver.wording import Words, shown

__all__ = ['blocked_loop', 'every_request', 'expected_failures', 'expected_no_request',
           'expected_requests', 'near_miss', 'nearest_request', 'one_line', 'other_requests',
           'outcome', 'plural', 'sourced_line']

#: One message lists at most so many requests or failures: the newest ones.
LINES = 100


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
        index, request['command'], shown(Words(displayed_target(request)), limit),
        ' (%d bytes)' % size if size else '', outcome(request))


def sourced_line(index, request):
    """Return the `one_line` of a *request*, and which queue or route its response is from."""
    route, place = source_of(request)[:2]
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
    # If several are equally near, it is the newest, which comes first.
    nearest, differences = max([(each, each.differences(request)) for each in alternatives],
                               key=lambda pair: closeness(pair[1]))
    return 'no route matches %s %s\nnearest route: %s\n%s\n' % (
        request['command'], shown(Words(displayed_target(request))), nearest,
        listed(differences) or '  it matches, but all its responses have been used')


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
    """Return text about the request that comes nearest to *criteria*, and where it differs.

    It is empty if there is none. The parameters are those of `expected_requests`.
    """
    near = _nearest(criteria, matching, requests)
    return 'nearest: %s\n%s' % (one_line(*near[1:]), listed(near[0])) if near else ''


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
    """Return (differences, index, request) for the nearest request: see `closeness`.

    Returns None if there is no request that differs.
    """
    best, nearest, found = None, None, {id(each) for each in matching}
    for index, request in enumerate(requests):
        differences = [] if id(request) in found else criteria.differences(request)
        # A request that came after the search may have no difference.
        if not differences:
            continue
        near = closeness(differences)
        # If several are equally near, it is the newest.
        if best is None or near >= nearest:
            best, nearest = (differences, index, request), near
    return best
