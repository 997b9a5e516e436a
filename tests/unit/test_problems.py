# -*- coding: utf-8 -*-
"""What a check says is made of copies: no server, no lock."""
import pytest

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.request import Source, note_source
from httptestserver.scripting.problems import Problems, Tally
from support.recorded import asked

UNMATCHED = (asked('/b'), [Criteria('GET', '/a')])
MISS = 'no route matches GET /b\nnearest route: GET /a\n  path: expected /a, got /b\n'
ERROR = ('GET /c HTTP/1.1', 'Traceback\nValueError: why\n')
FAILED = 'handling GET /c HTTP/1.1 failed:\nTraceback\nValueError: why\n'


def answered(path, route=None, place=None):
    """Return a GET that got a 200 from *route*."""
    request = asked(path, response_status=200)
    note_source(request, Source(route, place or route and 'data'))
    return request


class Named(object):
    """Stands for a `Route`."""

    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return '<Route %s>' % self._name


def tally(path, expected=None, requests=(), queue=(), came=None, match=None):
    requests = list(requests)
    criteria = Criteria(path=path if path[0] == '/' else None, match=match)
    return Tally(Named(path), criteria, expected,
                 len(requests) if came is None else came, requests, list(queue))


# Requests and errors.

def test_nothing_went_wrong():
    assert Problems().text() == Problems().text(unserved=True, unrequested=True) == ''


@pytest.mark.parametrize('dropped, lines', [
    ((0, 0), [MISS, FAILED]),
    ((1, 0), [MISS, 'history_limit dropped 1 older unmatched request', FAILED]),
    ((40, 2), [MISS, 'history_limit dropped 40 older unmatched requests', FAILED,
               'history_limit dropped 2 older exceptions'])])
def test_what_a_limit_of_history_dropped_went_wrong_too(dropped, lines):
    assert Problems([UNMATCHED], [ERROR], dropped).text() == '\n'.join(lines)


def test_what_a_limit_of_history_dropped_comes_after_the_problems_that_are_not_shown():
    assert Problems([UNMATCHED] * 21, [], (40, 0)).text().endswith(
        '\n... and 1 more like these\nhistory_limit dropped 40 older unmatched requests')


def test_a_limit_of_history_that_keeps_nothing_does_not_hide_what_went_wrong():
    assert Problems(dropped=(2, 1)).text() == (
        'history_limit dropped 2 unmatched requests\nhistory_limit dropped 1 exception')


# Counts.

@pytest.mark.parametrize('expected, came, text', [
    (None, 0, ''), (None, 2, ''), (0, 0, ''), (2, 2, ''),
    (1, 0, 'expected 1 request to <Route /a>, got 0'),
    (0, 1, 'expected no request to <Route /a>, got 1:\n  [0] GET /a -> 200'),
    (3, 2, 'expected 3 requests to <Route /a>, got 2:\n'
           '  [0] GET /a -> 200\n  [1] GET /a -> 200'),
    (1, 2, 'expected 1 request to <Route /a>, got 2:\n'
           '  [0] GET /a -> 200\n  [1] GET /a -> 200'),
])
def test_a_count_is_exact(expected, came, text):
    requests = [answered('/a') for _ in range(came)]
    problems = Problems(received=requests, tallies=[tally('/a', expected, requests)])
    assert problems.text() == text


def test_a_request_has_the_index_that_it_has_in_the_history_of_the_server():
    others, own = [answered('/b'), answered('/c')], answered('/a')
    problems = Problems(received=others + [own], tallies=[tally('/a', 0, [own])])
    assert problems.text().endswith(', got 1:\n  [2] GET /a -> 200')


def test_requests_that_are_kept_no_more_count_too():
    own = answered('/a')
    assert Problems(received=[own], tallies=[tally('/a', 2, [own], came=3)]).text() == (
        'expected 2 requests to <Route /a>, got 3:\n  ... 2 older ones\n'
        '  [0] GET /a -> 200')
    assert Problems(tallies=[tally('/a', 2, came=3)]).text() == (
        'expected 2 requests to <Route /a>, got 3:\n  ... 3 older ones')


def test_of_many_requests_the_newest_are_listed():
    requests = [answered('/a') for _ in range(50)]
    lines = Problems(received=requests, tallies=[tally('/a', 0, requests)]).text().splitlines()
    assert lines[1:3] == ['  ... 30 older ones', '  [30] GET /a -> 200'] and len(lines) == 22


def test_many_wrong_counts_are_cut_with_their_number():
    lines = Problems(tallies=[tally('/%d' % number, 1) for number in range(23)]).text().splitlines()
    assert len(lines) == 21 and lines[-1] == '... and 3 more like these'


# Routes without requests.

def test_routes_without_a_request_are_reported_if_that_is_asked_for():
    own = answered('/b')
    problems = Problems(received=[own], tallies=[tally('/a'), tally('/b', None, [own]),
                                                 tally('/c')])
    assert problems.text() == problems.text(unserved=True) == ''
    assert problems.text(unrequested=True) == (
        'no request came to <Route /a>\nno request came to <Route /c>')


def test_a_route_with_a_count_is_reported_once():
    assert Problems(tallies=[tally('/a', 0)]).text(unrequested=True) == ''
    assert Problems(tallies=[tally('/a', 1)]).text(unrequested=True) == (
        'expected 1 request to <Route /a>, got 0')


# What another route or queue has served.

def test_a_newer_route_that_came_first_is_named():
    newer = tally('/users/{id}')
    requests = [answered('/users/7', newer.route), answered('/users', newer.route),
                answered('/users/8', newer.route, 'queue')]
    hint = ('  a newer route came first for requests that match this one too:\n'
            '    [0] GET /users/7 -> 200 from <Route /users/{id}>')
    for older, keys, text in [
            (tally('/users/7'), {'unrequested': True}, 'no request came to <Route /users/7>'),
            (tally('/users/7', 1), {}, 'expected 1 request to <Route /users/7>, got 0'),
            (tally('/users/7', queue=[({'response_status': 503}, 1)]), {'unserved': True},
             "1 queued response of <Route /users/7> was not used:\n  {'response_status': 503}")]:
        problems = Problems(received=requests, tallies=[newer._replace(came=3), older])
        assert problems.text(**keys) == '%s\n%s' % (text, hint)
        # An older route takes nothing from a newer one.
        problems = Problems(received=requests, tallies=[older, newer._replace(came=3)])
        assert problems.text(**keys) == text


def test_too_many_requests_are_not_explained_by_a_newer_route():
    newer, own = tally('/a'), answered('/a')
    problems = Problems(received=[own, answered('/a', newer.route)],
                        tallies=[newer, tally('/a', 0, [own])])
    assert 'newer' not in problems.text()


def test_the_newest_requests_to_a_newer_route_are_listed():
    newer = tally('/{any}')
    requests = [answered('/a', newer.route) for _ in range(9)]
    lines = Problems(received=requests, tallies=[newer, tally('/a', 1)]).text().splitlines()
    assert lines[2:4] == ['    ... 4 older ones', '    [4] GET /a -> 200 from <Route /{any}>']
    assert len(lines) == 8


def test_a_criterion_that_raises_hides_nothing():
    def broken(request):
        raise ZeroDivisionError

    newer = tally('/a')
    problems = Problems(received=[answered('/a', newer.route)],
                        tallies=[newer, tally('/a', 1, match=broken)])
    assert problems.text() == 'expected 1 request to <Route /a>, got 0'


def test_only_queues_that_a_route_stands_before_are_passed_over():
    newer, older = tally('/{any}'), tally('/a', queue=[({'response_status': 503}, 1)])
    asked_for = Problems(received=[answered('/a', newer.route)], tallies=[newer, older])
    assert asked_for.passed_over() == [
        "1 queued response of <Route /a> was not used:\n  {'response_status': 503}\n"
        '  a newer route came first for requests that match this one too:\n'
        '    [0] GET /a -> 200 from <Route /{any}>']
    others = Problems([UNMATCHED], received=[answered('/b')], tallies=[newer, older],
                      owner='server', queue=[({}, 1)])
    assert others.passed_over() == []


@pytest.mark.parametrize('newer, older, hidden', [
    ({'path': '/{any}'}, {'path': '/a'}, True), ({}, {'path': '/a'}, True),
    ({'method': 'GET'}, {'method': 'GET', 'path': '/{any}'}, True),
    ({'path': '/a'}, {'path': '/a', 'method': 'GET'}, True),
    # These are what a test adds for an exception to the routes of its set-up.
    ({'path': '/a'}, {'path': '/{any}'}, False), ({'path': '/a'}, {'path': '/a'}, False),
    ({'path': '/a'}, {}, False), ({'path': '/a', 'method': 'GET'}, {'path': '/a'}, False)])
def test_routes_that_a_less_exact_one_hides_are_passed_over(newer, older, hidden):
    newer = tally('newer')._replace(criteria=Criteria(**newer))
    older = tally('older')._replace(criteria=Criteria(**older))
    problems = Problems(received=[answered('/a', newer.route)],
                        tallies=[newer._replace(came=1), older])
    assert problems.passed_over() == [
        'no request came to <Route older>\n'
        '  a newer route came first for requests that match this one too:\n'
        '    [0] GET /a -> 200 from <Route newer>'] * hidden
    # The check has said it, or the route was used.
    for used in (older._replace(expected=1), older._replace(came=1)):
        assert Problems(received=[answered('/a', newer.route)],
                        tallies=[newer, used]).passed_over() == []


def test_routes_before_the_queue_of_the_server_are_named():
    route = tally('/a')
    requests = [answered('/b'), answered('/a', route.route), answered('/c', None, 'queue')]
    problems = Problems(received=requests, tallies=[route], owner='server',
                        queue=[({'response_status': 503}, 2), ({}, 1)])
    assert problems.text() == ''
    assert problems.text(unserved=True) == (
        "2 queued responses of 'server' were not used:\n"
        "  {'response_status': 503}, 2 times\n  {}\n"
        '  routes come before this queue, and served:\n'
        '    [1] GET /a -> 200 from <Route /a>')


def test_a_queue_that_no_route_stands_before_needs_no_hint():
    problems = Problems(received=[answered('/b')], owner='server', queue=[({}, 1)])
    assert problems.text(unserved=True) == "1 queued response of 'server' was not used:\n  {}"
