# -*- coding: utf-8 -*-
"""What `recording.history` keeps: the newest items, requests and failures; waiting for them."""
import threading

import pytest

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.history import Failure, Failures, Newest
from httptestserver.waiting import Guard
from support.failing import failure
from support.recorded import Requests
from support.waiting import TIMEOUT, eventually, in_threads

ANY = Criteria()


def in_background(function):
    """Call *function* in a thread. Returns a function that waits for its result."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.daemon = True
    thread.start()

    def result():
        thread.join(TIMEOUT)
        return results[0]
    return result


# The newest.

def test_without_a_limit_all_are_kept():
    newest = Newest()
    for n in range(1000):
        newest.append(n)
    assert list(newest) == list(range(1000)) and len(newest) == newest.count == 1000
    assert newest.dropped == 0 and newest[0] == 0 and newest[999] == 999


@pytest.mark.parametrize('limit, kept', [(0, []), (1, [4]), (3, [2, 3, 4]), (5, [0, 1, 2, 3, 4]),
                                         (9, [0, 1, 2, 3, 4])])
def test_with_a_limit_the_newest_are_kept_and_the_others_counted(limit, kept):
    newest = Newest(limit)
    for n in range(5):
        newest.append(n)
    assert list(newest) == kept and len(newest) == len(kept)
    assert newest.count == 5 and newest.dropped == 5 - len(kept)


@pytest.mark.parametrize('count, last', [(0, []), (1, [4]), (2, [3, 4]), (3, [2, 3, 4]),
                                         (9, [2, 3, 4])])
def test_the_last_ones_are_in_order(count, last):
    newest = Newest(3)
    for n in range(5):
        newest.append(n)
    assert newest.last(count) == last


def test_what_is_cleared_is_returned_and_counted_no_more():
    newest = Newest(2)
    for n in range(3):
        newest.append(n)
    assert list(newest.clear()) == [1, 2]
    assert list(newest) == [] and newest.count == newest.dropped == 0
    for n in range(3):
        newest.append(n)
    assert list(newest) == [1, 2] and newest.dropped == 1


# Requests.

def paths(requests):
    return [request['path'] for request in requests]


def test_requests_are_a_snapshot():
    history = Requests()
    history.come('/a')
    before = history.requests()
    history.come('/b')
    assert paths(before) == ['/a'] and paths(history.requests()) == ['/a', '/b']
    before.append(1)
    assert paths(history.requests()) == ['/a', '/b']


def test_what_has_come_is_not_awaited():
    history = Requests()
    history.come('/a', '/b', '/a')
    assert paths(history.wait(2, 0, Criteria(path='/a'))) == ['/a', '/a']
    assert paths(history.wait(1, 0, ANY)) == ['/a', '/b', '/a']
    assert history.wait(0, 0, Criteria(path='/none')) == []


def test_a_wait_ends_with_the_request_that_it_lacks():
    history = Requests()
    history.come('/a')
    result = in_background(lambda: paths(history.wait(2, TIMEOUT, Criteria(path='/a'))))
    history.awaited()
    history.come('/b')
    history.awaited()
    history.come('/a')
    assert result() == ['/a', '/a']


def test_a_wait_whose_time_is_over_shows_what_did_come():
    history = Requests()
    history.come('/b')
    assert failure(history.wait, 1, 0.01, Criteria(path='/a')) == (
        'within 0.01 s expected at least 1 of: any method /a\nfound 0\n'
        'nearest: [0] GET /b -> no response\n  path: expected /a, got /b\n'
        '1 received:\n  [0] GET /b -> no response')


def test_a_wait_counts_from_a_reset_on():
    history = Requests()
    history.come('/a', '/a')
    result = in_background(lambda: paths(history.wait(3, TIMEOUT, ANY)))
    history.awaited()
    history.forget()
    history.come('/b', '/b')
    history.awaited()
    history.come('/b')
    assert result() == ['/b', '/b', '/b']


def test_a_wait_counts_what_it_has_seen_and_is_no_longer_kept():
    history, seen = Requests(1), []
    wanted = Criteria(match=lambda request: seen.append(request) or True)
    result = in_background(lambda: paths(history.wait(3, TIMEOUT, wanted)))
    for n in range(3):
        history.come('/%d' % n)
        eventually(lambda: len(seen) == n + 1)
    assert result() == ['/0', '/1', '/2']
    assert paths(history.requests()) == ['/2']


def test_criteria_are_tried_without_the_lock():
    history, tried = Requests(), []

    def match(request):
        thread = in_background(history.requests)
        tried.append(paths(thread()))
        return True

    history.come('/a')
    history.wait(1, 0, Criteria(match=match))
    history.assert_requested(Criteria(match=match))
    assert tried == [['/a'], ['/a']]


def test_each_request_is_taken_once_and_in_order():
    history = Requests()
    history.come('/a', '/b')
    assert [history.take(0)['path'] for _ in range(2)] == ['/a', '/b']
    result = in_background(lambda: history.take(TIMEOUT)['path'])
    history.awaited()
    history.come('/c')
    assert result() == '/c'
    assert failure(history.take, 0.01) == (
        'within 0.01 s no further request; 3 received:\n  [0] GET /a -> no response\n'
        '  [1] GET /b -> no response\n  [2] GET /c -> no response')


def test_what_was_dropped_before_it_was_taken_counts_as_taken():
    history = Requests(2)
    history.come('/0', '/1', '/2', '/3')
    assert history.take(0)['path'] == '/2'
    history.come('/4', '/5', '/6')
    assert [history.take(0)['path'] for _ in range(2)] == ['/5', '/6']


def test_taking_begins_again_after_a_reset():
    history = Requests()
    history.come('/a', '/b')
    history.take(0)
    assert paths(history.forget()) == ['/a', '/b']
    assert failure(history.take, 0) == 'within 0 s no further request; no request was received'
    history.come('/c')
    assert history.take(0)['path'] == '/c'


def test_threads_take_different_requests():
    history = Requests()
    history.come(*['/%d' % n for n in range(500)])
    taken = in_threads(lambda n: history.take(0)['path'], range(500), 4)
    assert sorted(taken) == sorted('/%d' % n for n in range(500))


@pytest.mark.parametrize('count, found', [(None, True), (2, True), (1, False), (3, False),
                                          (0, False)])
def test_as_many_requests_are_asserted_as_are_counted(count, found):
    history = Requests()
    history.come('/a', '/b', '/a')
    wanted = Criteria(path='/a')
    if found:
        assert paths(history.assert_requested(wanted, count)) == ['/a', '/a']
    else:
        assert failure(history.assert_requested, wanted, count).startswith(
            'expected exactly %d of: any method /a\nfound 2\n' % count)


def test_no_request_may_be_asserted():
    history = Requests()
    assert history.assert_requested(Criteria(path='/a'), 0) == []
    history.assert_not_requested(ANY)
    history.come('/a')
    history.assert_not_requested(Criteria(path='/b'))
    assert failure(history.assert_not_requested, Criteria(path='/a')) == (
        'expected no request of: any method /a\nfound 1\n1 received:\n  [0] GET /a -> no response')
    assert failure(history.assert_requested, Criteria(path='/b')).startswith(
        'expected at least 1 of: any method /b\nfound 0\n')


# Failures.

@pytest.mark.parametrize('address, text', [
    (('127.0.0.1', 80), 'connection 3 from 127.0.0.1:80: why'),
    (('::1', 80, 0, 0), 'connection 3 from ::1:80: why')])
def test_a_failure_is_one_line(address, text):
    failure = Failure(address, 3, 1.5, 'why')
    assert str(failure) == text
    assert failure == (address, 3, 1.5, 'why')
    assert (failure.client_address, failure.connection_index, failure.time, failure.reason) == (
        failure)


class Wrong(Failures):
    """Failures that come by their reasons."""

    def __init__(self, limit=None):
        self.guard = Guard()
        super(Wrong, self).__init__(self.guard, limit)

    def come(self, *reasons):
        for reason in reasons:
            self.add(Failure(('127.0.0.1', 80), 0, 1.5, reason))

    def forget(self):
        with self.guard.lock:
            self.clear()


def reasons(failures):
    return [each.reason for each in failures]


def test_failures_are_a_snapshot():
    failures = Wrong()
    failures.come('a')
    before = failures.all()
    failures.come('b')
    assert reasons(before) == ['a'] and reasons(failures.all()) == ['a', 'b']


def test_failures_that_have_come_are_not_awaited():
    failures = Wrong()
    failures.come('a', 'b')
    assert reasons(failures.wait(1, 0)) == reasons(failures.wait(2, 0)) == ['a', 'b']
    assert reasons(failures.wait(0, 0)) == ['a', 'b']


def test_a_wait_ends_with_the_failure_that_it_lacks():
    failures = Wrong()
    failures.come('a')
    result = in_background(lambda: reasons(failures.wait(3, TIMEOUT)))
    for reason in 'bc':
        eventually(lambda: failures.guard.waiting == 1)
        failures.come(reason)
    assert result() == ['a', 'b', 'c']


def test_a_wait_for_failures_counts_from_a_reset_on():
    failures = Wrong()
    failures.come('a', 'b')
    failures.forget()
    assert failures.all() == []
    assert failure(failures.wait, 1, 0) == (
        'within 0 s expected at least 1 failure\nno failure was recorded')
    failures.come('c')
    assert reasons(failures.wait(1, 0)) == ['c']


def test_a_wait_counts_failures_that_are_not_kept():
    failures = Wrong(1)
    failures.come('a', 'b')
    assert reasons(failures.wait(2, 0)) == ['b']


def test_a_wait_for_failures_whose_time_is_over_shows_those_that_there_are():
    failures = Wrong()
    failures.come('a')
    assert failure(failures.wait, 2, 0.01) == (
        'within 0.01 s expected at least 2 failures\n1 recorded:\n'
        '  connection 0 from 127.0.0.1:80: a')
