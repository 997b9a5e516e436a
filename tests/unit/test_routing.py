# -*- coding: utf-8 -*-
"""A router records a request and finds its script, without a socket."""
import sys
import threading

import pytest

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.history import Failure
from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting import routing
from httptestserver.scripting.routing import Router
from httptestserver.waiting import Guard
from support.failing import problems
from support.inside import Unbound
from support.recorded import asked


@pytest.fixture
def router():
    return Router()


def answer(router, path='/', command='GET', **facts):
    """Have *router* answer a request that it shows in data. Returns the request and the script."""
    request = asked(path, **facts)
    request['command'] = command
    return request, router.answer(request, request)[0]


def paths(requests):
    return [request['path'] for request in requests]


def history(router):
    return paths(router.history.requests())


def add(router, path, **response_keys):
    return router.add(Criteria(path=path), response_keys)


# One step.

class WatchedLock(object):
    """A reentrant lock that calls *look* before it lets another thread in."""

    def __init__(self, lock):
        self._lock, self._depth = lock, 0
        self.look = lambda: None

    def __enter__(self):
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *error):
        if self._depth == 1:
            self.look()
        self._depth -= 1
        self._lock.release()


@pytest.fixture
def watched(monkeypatch):
    """A router, and what others could see of it: (paths of history, path in data, queued)."""
    class WatchedGuard(Guard):
        def __init__(self):
            super(WatchedGuard, self).__init__()
            self.lock = WatchedLock(self.lock)

    monkeypatch.setattr(routing, 'Guard', WatchedGuard)
    router, seen = Router(), []

    def look():
        seen.append(([each['path'] for each in router.history],
                     router.scripts.data.get('path'), len(router.scripts.queued())))

    # The history iterates over what it holds without the lock, which is held here.
    router.history.__class__ = type('Iterable', (type(router.history),), {
        '__iter__': lambda self: iter(getattr(self, '_requests', None) or self._items)})
    router.scripts.enqueue([201, 202], {})
    router.guard.lock.look = look
    return router, seen


def test_a_request_is_published_recorded_and_its_script_chosen_in_one_step(watched):
    router, seen = watched
    assert answer(router, '/a')[1] == {'response_status': 201}
    assert answer(router, '/b')[1] == {'response_status': 202}
    assert seen == [(['/a'], '/a', 1), (['/a', '/b'], '/b', 0)]


def test_what_a_method_answers_is_published_and_recorded_in_one_step(watched):
    router, seen = watched
    request = asked('/a')
    router.record(request, request)
    assert seen == [(['/a'], '/a', 2)]


def test_an_early_fault_is_published_recorded_and_served_in_one_step(watched):
    router, seen = watched
    router.scripts.enqueue([{'response_fault': 'reset', 'response_fault_at': 'request'}], {})
    router.scripts.next()
    router.scripts.next()
    del seen[:]
    request = asked('/a')
    assert router.early('request', request)[0]['response_fault'] == 'reset'
    assert seen == [(['/a'], '/a', 0)]


def test_a_reset_is_one_step(watched):
    router, seen = watched
    answer(router, '/a')
    del seen[:]
    router.reset()
    assert seen[-1] == ([], None, 0)
    assert all(state in (([], None, 0), (['/a'], '/a', 1)) for state in seen)


# Data.

def test_data_are_the_newest_entry_in_every_key(router):
    request, _ = answer(router, '/a', time=1.5, duration=None, body_discarded=3, size=7)
    assert dict(router.scripts.data) == dict(request)
    request, _ = answer(router, '/b', time=2.5, duration=None)
    assert dict(router.scripts.data) == dict(request)
    assert router.history.requests()[-1] is request


def test_keys_of_the_test_outlive_the_facts(router):
    router.scripts.data.update(mine=1, response_status=201)
    for size in ({'size': 1}, {}, {'size': 2}):
        request, _ = answer(router, '/a', **size)
        assert dict(router.scripts.data) == dict(request, mine=1, response_status=201)


def test_names_of_the_facts_may_be_given(router):
    names = frozenset(asked('/', size=1))
    for path, size in (('/a', 1), ('/b', 2)):
        request = asked(path, size=size)
        router.answer(request, request, names)
        assert dict(router.scripts.data) == dict(request)
    request, _ = answer(router, '/c')
    assert dict(router.scripts.data) == dict(request)


def test_facts_may_be_others_than_the_entry_or_none(router):
    router.answer(asked('/a'), {'seen': '/a'})
    assert router.scripts.data == {'seen': '/a'}
    router.answer(asked('/b'))
    assert router.scripts.data == {'seen': '/a'} and history(router) == ['/a', '/b']
    router.publish({'early': 1})
    assert router.scripts.data == {'early': 1} and history(router) == ['/a', '/b']


def test_data_show_the_duration_once_the_entry_is_complete(router):
    request, _ = answer(router, '/a', duration=None)
    assert router.scripts.data['duration'] is None
    router.complete(request, 1.5)
    assert router.scripts.data['duration'] == request['duration'] == 1.5


@pytest.mark.parametrize('meanwhile', [
    lambda router: answer(router, '/b', duration=None),
    lambda router: router.publish({'path': '/b', 'duration': None})])
def test_data_do_not_show_the_duration_of_an_older_request(router, meanwhile):
    old, _ = answer(router, '/a', duration=None)
    meanwhile(router)
    router.complete(old, 1.5)
    assert old['duration'] == 1.5
    assert router.scripts.data['duration'] is None and router.scripts.data['path'] == '/b'


def test_data_are_empty_after_a_reset_although_a_response_ends_then(router):
    request, _ = answer(router, '/a', duration=None)
    router.reset()
    router.complete(request, 1.5)
    assert router.scripts.data == {}


def test_newer_facts_are_shown_while_their_request_is(router):
    request, _ = answer(router, '/a', size=1)
    router.amend(request, {'size': 2, 'more': 3})
    assert dict(router.scripts.data) == dict(request) == dict(asked('/a'), size=2, more=3)
    newest, _ = answer(router, '/b')
    assert dict(router.scripts.data) == dict(newest)
    router.amend(request, {'size': 4})
    assert request['size'] == 4 and dict(router.scripts.data) == dict(newest)


def test_a_route_has_data_and_a_history_of_its_own(router):
    rule = add(router, '/a', response_status=201)
    first, script = answer(router, '/a', size=1)
    assert script == {'response_status': 201}
    answer(router, '/a')
    answer(router, '/none')
    assert paths(rule.history.requests()) == ['/a', '/a']
    assert dict(rule.scripts.data) == dict(asked('/a'), response_status=201)


# The choice.

def test_the_newest_matching_route_comes_before_the_queue_and_that_before_data(router):
    router.scripts.data['response_status'] = 299
    assert answer(router, '/a')[1] == {'response_status': 299}
    router.scripts.enqueue([202], {})
    assert answer(router, '/a')[1] == {'response_status': 202}
    router.scripts.enqueue([202], {})
    add(router, '/a', response_status=203)
    newest = add(router, '/a', response_status=204)
    assert answer(router, '/a')[1] == {'response_status': 204}
    router.remove(newest)
    router.remove(newest)
    assert answer(router, '/a')[1] == {'response_status': 203}
    assert answer(router, '/b')[1] == {'response_status': 202}
    assert router.unmatched() == []


def test_nothing_scripted_is_an_empty_script(router):
    assert answer(router)[1] == {} and router.unmatched() == []


def test_a_request_that_no_route_matches_is_unmatched_and_its_script_says_so(router):
    add(router, '/a', response_status=201)
    request, script = answer(router, '/b')
    assert script['response_status'] == 404
    assert script['response_content'] == (
        'no route matches GET /b\nnearest route: any method /a\n  path: expected /a, got /b\n')
    assert router.unmatched() == [request] and history(router) == ['/b']


def test_a_route_whose_responses_are_used_is_passed_by(router):
    add(router, '/a', response_status=201, response_times=2)
    scripts = [answer(router, '/a')[1] for _ in range(3)]
    assert [script['response_status'] for script in scripts] == [201, 201, 404]
    assert 'it matches, but all its responses have been used' in scripts[2]['response_content']


def test_a_route_that_is_used_up_meanwhile_is_looked_for_again(router):
    add(router, '/a', response_status=202)
    inner = []

    def match(request):
        # Another request has the only response of the route while this one is compared.
        if not inner:
            inner.append(1)
            answer(router, '/a')
        return True

    last = router.add(Criteria(match=match), {'response_status': 201, 'response_times': 1})
    request, script = answer(router, '/a')
    assert script == {'response_status': 202}
    assert history(router) == ['/a', '/a'] and len(last.history.requests()) == 1


def test_a_reset_while_a_route_is_looked_for_leaves_no_trace_of_it(router):
    def match(request):
        router.reset()
        return True

    router.add(Criteria(path='/{name}', match=match), {'response_status': 201})
    request, script = answer(router, '/a')
    assert script == {} and request.params == {}
    assert history(router) == ['/a'] and router.unmatched() == []


def test_parts_of_the_path_are_in_the_request(router):
    add(router, '/users/{id}', response_status=201)
    assert answer(router, '/users/7')[0].params == {'id': '7'}
    assert answer(router, '/users')[0].params == {}


@pytest.mark.parametrize('recorded', [False, True])
def test_a_request_that_a_criterion_fails_for_is_recorded_once(router, recorded):
    def match(request):
        raise ZeroDivisionError('on purpose')

    router.add(Criteria(match=match), {})
    request = asked('/a')
    if recorded:
        router.record(request, request)
    with pytest.raises(ZeroDivisionError):
        router.answer(request, request, None, recorded)
    assert history(router) == ['/a'] and router.scripts.data['path'] == '/a'


def test_what_is_recorded_already_is_not_recorded_again(router):
    request = asked('/a')
    router.scripts.enqueue([201], {})
    router.record(request, request)
    router.publish({'path': 'another'})
    assert router.answer(request, request, None, True)[0] == {'response_status': 201}
    assert history(router) == ['/a'] and router.scripts.data == {'path': 'another'}


@pytest.mark.parametrize('criteria, path', [({'path': '/a'}, '/b'), ({'method': 'PUT'}, '/a')])
def test_criteria_are_tried_without_the_lock(router, criteria, path):
    free = []

    def match(request):
        thread = threading.Thread(target=lambda: free.append(router.unmatched()))
        thread.start()
        thread.join(20)
        return False

    router.add(Criteria(**criteria), {})
    router.add(Criteria(match=match), {})
    request, _ = answer(router, path)
    # Once to find a route, and once to find where the nearest one differs.
    assert free == [[], [request]]


# Limits and what went wrong.

def test_a_limit_bounds_all_that_is_kept():
    server = Unbound(history_limit=2)
    router = server.router
    add(router, '/a', response_status=201)
    for n in range(5):
        answer(router, '/none/%d' % n)
        router.failures.add(Failure(('127.0.0.1', 80), n, 1.5, 'why'))
        try:
            raise ZeroDivisionError('error %d' % n)
        except ZeroDivisionError:
            router.add_error('GET /none/%d HTTP/1.1' % n)
    assert paths(server.history) == paths(server.unmatched) == ['/none/3', '/none/4']
    assert [each.connection_index for each in router.failures.all()] == [3, 4]
    text = problems(server)
    assert [n for n in range(5) if '/none/%d' % n in text] == [3, 4]
    assert [n for n in range(5) if 'error %d\n' % n in text] == [3, 4]
    assert '\nhistory_limit dropped 3 older unmatched requests\n' in text
    assert text.endswith('\nhistory_limit dropped 3 older exceptions')


@pytest.mark.parametrize('limit', [None, 1])
def test_nothing_that_is_kept_is_said_to_be_dropped(limit):
    server = Unbound(history_limit=limit)
    add(server.router, '/a')
    answer(server.router, '/b')
    assert 'history_limit' not in problems(server)


def test_a_limit_of_0_keeps_nothing_and_check_still_fails():
    server = Unbound(history_limit=0)
    add(server.router, '/a')
    answer(server.router, '/b')
    assert server.history == server.unmatched == []
    assert problems(server) == 'history_limit dropped 1 unmatched request'


def test_a_limit_bounds_the_history_of_a_route():
    router = Router(history_limit=2)
    rule = add(router, '/{name}', response_status=201)
    for n in range(4):
        answer(router, '/%d' % n)
    assert paths(rule.history.requests()) == ['/2', '/3']


def test_a_reset_forgets_what_went_wrong_and_what_was_dropped():
    server = Unbound(history_limit=0)
    add(server.router, '/a')
    answer(server.router, '/b')
    server.router.failures.add(Failure(('127.0.0.1', 80), 0, 1.5, 'why'))
    server.reset()
    server.check()
    assert server.router.failures.all() == []


def test_queued_responses_are_a_problem_only_if_that_is_asked_for():
    server = Unbound()
    server.enqueue(201)
    server.check()
    assert 'response_status' in problems(server, unserved=True)


# Early faults.

def fault(moment):
    return {'response_fault': 'reset', 'response_fault_at': moment}


def test_no_fault_is_early_before_one_is_scripted(router):
    assert not router.has_early
    router.scripts.enqueue([fault('response')], {})
    assert not router.has_early
    assert router.early('accept') == (None, None)
    router.scripts.enqueue([fault('accept')], {})
    assert router.has_early


@pytest.mark.parametrize('moment', ['accept', 'handshake', 'request'])
def test_a_fault_comes_at_its_moment_and_is_served_with_that(moment):
    router = Router()
    router.scripts.enqueue([fault(moment), 201], {})
    for other in {'accept', 'handshake', 'request'} - {moment}:
        assert router.early(other) == (None, None)
    script, interrupt = router.early(moment)
    assert script == fault(moment) and not interrupt.is_set()
    assert router.early(moment) == (None, None)
    assert answer(router)[1] == {'response_status': 201}
    assert history(router) == ['/']


def test_an_early_fault_records_the_request_that_it_is_for(router):
    rule = add(router, '/a', **fault('request'))
    assert router.early('request', asked('/b')) == (None, None)
    assert history(router) == [] and router.scripts.data == {}
    request = asked('/a')
    assert router.early('request', request)[0] == fault('request')
    assert history(router) == paths(rule.history.requests()) == ['/a']
    assert dict(router.scripts.data) == dict(request)


EARLY = {'response_early': True, 'response_status': 413}


@pytest.fixture(params=['fault', 'response'])
def early(request):
    """A script that is chosen before the body is read."""
    return fault('request') if request.param == 'fault' else EARLY


def test_an_early_response_is_one_of_the_moment_request(router):
    assert not router.has_early
    router.scripts.enqueue([EARLY], {})
    assert router.has_early
    assert router.early('accept') == router.early('handshake') == (None, None)
    assert router.early('request', asked('/a'))[0] == EARLY
    assert history(router) == ['/a'] and router.early('request', asked('/b')) == (None, None)


def test_what_a_reset_has_removed_meanwhile_is_not_early(router):
    def path(target):
        router.reset()
        return True

    add(router, path, **EARLY)
    assert router.early('request', asked('/a')) == (None, None)
    assert history(router) == []


def test_what_is_early_may_be_unset(router):
    router.scripts.data['response_early'] = True
    router.scripts.data['response_early'] = False
    assert router.early('request', asked('/a')) == (None, None)


@pytest.mark.parametrize('criteria', [
    {'body': b''}, {'json': 1}, {'json_has': {}}, {'form': {'a': 'b'}}, {'files': {'a': b'b'}},
    {'match': len}])
def test_a_newer_route_that_needs_the_body_comes_before_what_is_early(router, early, criteria):
    older = add(router, '/a', **early)
    rule = router.add(Criteria(path='/a', **criteria), {})
    assert router.early('request', asked('/a')) == (None, None)
    assert history(router) == []
    router.remove(rule)
    assert router.early('request', asked('/a'))[0] == early
    assert paths(older.history.requests()) == ['/a']


def test_an_older_route_that_needs_the_body_comes_after_what_is_early(router, early):
    router.add(Criteria(path='/a', match=len), {})
    add(router, '/a', **early)
    assert router.early('request', asked('/a'))[0] == early


@pytest.mark.parametrize('criteria', [
    {'method': 'PUT'}, {'path': '/b'}, {'query': {'a': '1'}}, {'headers': {'X-A': 'b'}},
    {'cookies': {'a': 'b'}}, {'auth': 'token'}])
def test_a_route_whose_head_differs_needs_no_body(router, early, criteria):
    router.scripts.enqueue([early], {})
    tried = []
    router.add(Criteria(body=b'', match=tried.append, **criteria), {})
    assert router.early('request', asked('/a'))[0] == early
    assert tried == []


def test_the_server_s_own_is_not_early_if_a_route_may_match_with_the_body(router, early):
    router.scripts.enqueue([early], {})
    tried = []
    rule = router.add(Criteria(body=b'', match=tried.append), {})
    assert router.early('request', asked('/a')) == (None, None)
    assert tried == [] and history(router) == []
    # It did not match after all, so the response is chosen now.
    assert answer(router, '/a')[1] == early
    router.scripts.enqueue([early], {})
    router.remove(rule)
    assert router.early('request', asked('/a'))[0] == early


def test_a_newer_route_that_is_not_early_comes_first(router, early):
    add(router, '/a', **early)
    add(router, '/a', response_status=201)
    assert router.early('request', asked('/a')) == (None, None)
    assert answer(router, '/a')[1] == {'response_status': 201}


def test_a_route_that_needs_the_body_and_was_used_up_hides_nothing(router, early):
    router.scripts.enqueue([early], {})
    router.add(Criteria(body=b''), {'response_times': 1})
    assert answer(router, '/a')[1] == {'response_times': 1}
    assert router.early('request', asked('/a'))[0] == early


def test_a_route_that_needs_the_body_cannot_be_early(router):
    for keys in (EARLY, fault('request')):
        with pytest.raises(ValueError):
            router.add(Criteria(body=b''), keys)
    rule = router.add(Criteria(body=b''), {})
    with pytest.raises(ValueError):
        rule.scripts.data['response_early'] = True
    with pytest.raises(ValueError):
        rule.scripts.enqueue([EARLY], {})
    rule.scripts.enqueue([dict(EARLY, response_early=False)], {})


# CONNECT.

def test_connect_without_any_script_is_refused(router):
    request, script = answer(router, 'a:443', command='CONNECT')
    assert script['response_status'] == 501 and b'CONNECT' in script['response_content']
    assert history(router) == ['a:443'] and router.unmatched() == []


@pytest.mark.parametrize('keys', [{'response_status': 200}, {'response_headers': {}}])
def test_connect_gets_what_is_scripted(router, keys):
    router.scripts.enqueue([keys], {})
    assert answer(router, 'a:443', command='CONNECT')[1] == keys
    router.scripts.data.update(keys)
    assert answer(router, 'a:443', command='CONNECT')[1] == keys


def test_a_route_scripts_connect_even_without_keys(router):
    router.add(Criteria('CONNECT', 'a:443'), {})
    assert answer(router, 'a:443', command='CONNECT')[1] == {}
    assert answer(router, 'b:443', command='CONNECT')[1]['response_status'] == 404
    assert paths(router.unmatched()) == ['b:443']


# Reset and stop.

def test_a_reset_ends_what_is_waited_for_and_a_new_interrupt_is_not_set(router):
    _, interrupt = router.answer(asked('/a'))
    assert not interrupt.is_set()
    router.reset()
    assert interrupt.is_set()
    _, newer = router.answer(asked('/a'))
    assert newer is not interrupt and not newer.is_set()
    assert router.record(asked('/b')) is newer


def test_a_reset_with_the_interrupt_of_an_older_exchange_has_no_effect(router):
    _, old = router.answer(asked('/a'))
    router.reset()
    router.scripts.enqueue([201], {})
    rule = add(router, '/b', response_status=201)
    request, _ = answer(router, '/b')
    router.reset(old)
    assert history(router) == ['/b'] and router.scripts.data['path'] == '/b'
    assert len(router.scripts.queued()) == 1 and paths(rule.history.requests()) == ['/b']
    _, current = router.answer(asked('/b'))
    assert not current.is_set()
    router.reset(current)
    assert history(router) == [] and router.scripts.data == {} and current.is_set()
    assert router.scripts.queued() == [] and answer(router, '/b')[1] == {}


def test_waits_end_from_stop_to_start(router):
    _, interrupt = router.answer(asked('/a'))
    router.stop()
    assert interrupt.is_set()
    assert router.answer(asked('/a'))[1].is_set()
    router.reset()
    assert router.answer(asked('/a'))[1].is_set()
    router.start()
    assert not router.answer(asked('/a'))[1].is_set()
    assert history(router) == ['/a', '/a']


def test_a_reset_forgets_routes_and_early_faults(router):
    add(router, '/a', **fault('request'))
    assert router.has_early
    router.reset()
    assert not router.has_early and router.early('request', asked('/a')) == (None, None)
    assert answer(router, '/b')[1] == {} and router.unmatched() == []


# Threads.

def test_data_and_history_are_one_request_among_many_threads():
    """A reader that holds the lock never sees one without the other."""
    router, ended, seen = Router(history_limit=5), [], []

    def write(name):
        for n in range(300):
            request = RecordedRequest({'path': '/%s/%d' % (name, n), name: n, 'duration': None})
            router.answer(request, request)
            router.complete(request, n)
        ended.append(name)

    interval = getattr(sys, 'getswitchinterval', lambda: None)()
    if interval is not None:
        sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=write, args=(name,)) for name in 'abcd']
        for thread in threads:
            thread.start()
        while len(ended) < 4:
            with router.guard.lock:
                seen.append((dict(router.scripts.data),
                             [dict(each) for each in router.history.requests()[-1:]]))
            data, newest = seen[-1]
            if newest:
                assert data == newest[0]
        for thread in threads:
            thread.join(20)
    finally:
        if interval is not None:
            sys.setswitchinterval(interval)
    assert dict(router.scripts.data) == dict(router.history.requests()[-1])
