# -*- coding: utf-8 -*-
"""A rule counts and records the requests of a route, and the newest that matches is found."""
import pytest

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.history import History
from httptestserver.recording.request import source_of
from httptestserver.scripting.rules import Rule, find, not_found
from httptestserver.scripting.scripts import Scripts
from httptestserver.waiting import Guard
from support.recorded import asked


def rule(**criteria):
    guard = Guard()
    return Rule(Criteria(**criteria), Scripts(guard.lock, lambda *args: None), History(guard),
                lambda rule: 'a route')


def test_the_first_rule_that_a_request_meets_is_found():
    first, second = rule(path='/{name}'), rule(path='/tea')
    request = asked('/tea')
    assert find(request, (second, first)) is second and request.params == {}
    assert find(request, (first, second)) is first and request.params == {'name': 'tea'}
    assert find(asked('/tea/green'), (first, second)) is None
    assert find(request, ()) is None


def test_a_rule_that_has_served_all_is_not_found():
    used_up, left = rule(), rule()
    used_up.scripts.data['response_times'] = 1
    used_up.scripts.next()
    assert find(asked('/'), (used_up, left)) is left
    assert find(asked('/'), (used_up, left), Criteria.match_head) is left


def test_criteria_of_the_body_are_not_tried_by_head():
    of_body, other = rule(path='/tea', body=b'green'), rule()
    assert find(asked('/tea', body=b'black'), (of_body, other)) is other
    assert find(asked('/tea', body=b'black'), (of_body, other), Criteria.match_head) is of_body
    assert find(asked('/milk'), (of_body, other), Criteria.match_head) is other
    assert find(asked('/milk'), (of_body,), Criteria.match_head) is None


@pytest.mark.parametrize('queued', [[], [{'response_status': 503}]])
def test_an_observed_request_is_in_the_history_and_the_data_of_its_rule(queued):
    observing, request = rule(), asked('/tea')
    if queued:
        observing.scripts.enqueue(queued, {})
    observing.observe(request)
    assert observing.history.requests() == [request]
    assert observing.scripts.data['path'] == '/tea'
    assert source_of(request)[:2] == ('a route', 'queue' if queued else 'data')


def test_a_tally_has_what_a_check_needs():
    counted = rule(path='/tea')
    counted.observe(asked('/tea'))
    tally = counted.tally()
    assert (tally.route, tally.expected, tally.came, tally.queue) == ('a route', None, 1, [])
    assert tally.requests == counted.history.requests()


def test_a_404_names_the_nearest_rule():
    script = not_found(asked('/te'), (rule(path='/tea', method='GET'),))
    assert script['response_status'] == 404
    assert '/tea' in script['response_content']
