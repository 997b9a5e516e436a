# -*- coding: utf-8 -*-
"""Tests wait for requests and take them one by one, and are woken by the request itself."""
from __future__ import unicode_literals

import functools
import threading

import pytest

from httptestserver import http_server
from httptestserver.waiting import monotonic
from support.client import Client, request
from support.failing import failure
from support.inside import waiters
from support.waiting import TIMEOUT, eventually, in_threads

try:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor
except ImportError:
    asyncio = None

SOON = 0.05         # seconds until a wait that is to fail does so


def paths(requests):
    return [each['path'] for each in requests]


def blocking_loop():
    """Return a new event loop, of a Python that can name the one that runs."""
    if not hasattr(asyncio, 'get_running_loop'):
        pytest.skip('this Python cannot name the loop that runs')
    return asyncio.new_event_loop()


class Later(object):
    """A call in a thread of its own; `result` waits for it, and raises what it raised."""

    def __init__(self, function, *args, **kws):
        self._call = functools.partial(function, *args, **kws)
        self.thread = threading.Thread(target=self._run)
        self.thread.daemon = True
        self.thread.start()

    def _run(self):
        try:
            self._result, self._error = self._call(), None
        except BaseException as error:
            self._error = error

    def result(self):
        self.thread.join(20)
        assert not self.thread.is_alive(), 'it waits on'
        if self._error is not None:
            raise self._error
        return self._result


def waiting(server, function, *args, **kws):
    """Return the `Later` of a call that waits by now, for *server* knows that it does."""
    before = waiters(server)
    later = Later(function, *args, **kws)
    eventually(lambda: waiters(server) > before or not later.thread.is_alive())
    return later


# wait

def test_a_wait_returns_what_is_there_without_waiting(server, client):
    client.get('/a')
    client.get('/b')
    assert paths(server.wait()) == ['/a', '/b']
    assert paths(server.wait(2, 0)) == ['/a', '/b']
    assert server.wait()[0] is server.history[0]


def test_a_wait_for_nothing_returns_at_once(server):
    assert server.wait(0) == []


def test_a_wait_ends_with_the_request_it_waits_for(server, client):
    client.get('/early')
    later = waiting(server, server.wait, 3, 10)
    client.get('/a')
    client.get('/b')
    assert paths(later.result()) == ['/early', '/a', '/b']


def test_a_wait_returns_matching_requests_only(server, client):
    later = waiting(server, server.wait, 2, 10, method='POST', path='/users/{id}')
    client.get('/users/1')
    for path in ('/users/1', '/other', '/users/2'):
        client.send(request('POST', path, body=b'x'))
        client.answer()
    assert [(each.method, each['path'])
            for each in later.result()] == [('POST', '/users/1'), ('POST', '/users/2')]


def test_a_request_that_is_not_answered_yet_ends_a_wait(server, client):
    release = threading.Event()
    server.data['response_hold'] = release
    client.send(request('GET', '/held'))
    try:
        found, = server.wait(timeout=10)
        assert found['path'] == '/held' and found['duration'] is None
        assert 'response_status' not in found
    finally:
        release.set()
    assert client.answer().status == 200
    assert found['response_status'] == 200


def test_a_criterion_is_asked_once_about_each_request(server, client):
    asked = []

    def match(request):
        asked.append(request['path'])
        return request['path'] == '/2'

    for number in range(2):
        client.get('/%d' % number)
    later = waiting(server, server.wait, 1, 10, match=match)
    client.get('/2')
    assert paths(later.result()) == ['/2']
    assert asked == ['/0', '/1', '/2']


def test_a_criterion_runs_without_the_lock(server, client):
    client.get('/a')

    def match(request):
        return in_threads(lambda _: paths(server.history), [0], 1) == [['/a']]

    assert len(server.wait(timeout=10, match=match)) == 1


def test_what_a_criterion_raises_reaches_who_waits(server, client):
    client.get('/a')
    with pytest.raises(ZeroDivisionError):
        server.wait(timeout=10, match=lambda request: 1 / 0)


def test_many_wait_and_all_are_woken(server, client):
    laters = [waiting(server, server.wait, 1, 10, path='/%d' % number) for number in range(5)]
    for number in reversed(range(5)):
        client.get('/%d' % number)
    assert [paths(each.result()) for each in laters] == [['/%d' % number] for number in range(5)]


def test_waits_count_from_the_last_reset(server, client):
    client.get('/before')
    later = waiting(server, server.wait, 2, 10)
    server.reset()
    client.get('/after')
    client.get('/again')
    assert paths(later.result()) == ['/after', '/again']


def test_a_reset_and_as_many_requests_at_once_are_not_taken_for_the_old_ones(server, client):
    client.get('/before')

    def match(request):
        if request['path'] == '/before':
            server.reset()
            client.get('/after')
            client.get('/again')
        return True

    assert paths(server.wait(2, 10, match=match)) == ['/after', '/again']


def test_a_reset_and_nothing_after_it_lets_a_wait_time_out(server, client):
    client.get('/before')
    later = waiting(server, server.wait, 2, 0.3)
    server.reset()
    text = failure(later.result)
    assert text.endswith('found 0\nno request was received')


def test_a_wait_that_times_out_shows_what_came(server, client):
    client.get('/a')
    assert failure(server.wait, 2, SOON) == (
        'within 0.05 s expected at least 2 of: any method any path\n'
        'found 1\n'
        '1 received:\n'
        '  [0] GET /a -> 200')
    assert failure(server.wait, timeout=SOON, method='POST') == (
        'within 0.05 s expected at least 1 of: POST any path\n'
        'found 0\n'
        'nearest: [0] GET /a -> 200\n'
        '  method: expected POST, got GET\n'
        '1 received:\n'
        '  [0] GET /a -> 200')


def test_a_wait_that_times_out_with_nothing_says_so(server):
    assert failure(server.wait, timeout=0) == (
        'within 0 s expected at least 1 of: any method any path\n'
        'found 0\n'
        'no request was received')


@pytest.mark.parametrize('method', ['wait', 'take_request'])
def test_a_timeout_is_in_seconds_from_the_call(server, method):
    started = monotonic()
    failure(getattr(server, method), timeout=0.2)
    assert 0.19 <= monotonic() - started < TIMEOUT


def test_requests_that_do_not_match_do_not_prolong_a_wait(server):
    ended = threading.Event()

    def ask():
        with Client(server) as client:
            while not ended.is_set():
                client.get('/other')

    asking = Later(ask)
    started = monotonic()
    try:
        failure(server.wait, timeout=0.2, path='/wanted')
        assert monotonic() - started < TIMEOUT
    finally:
        ended.set()
        asking.result()


@pytest.mark.parametrize('call, text', [
    (lambda server: server.wait(.1),
     'count is an int of 0 or more, got 0.1 (float); did you mean timeout=0.1?'),
    (lambda server: server.wait('GET'),
     "count is an int of 0 or more, got 'GET' (str); did you mean method='GET'?"),
    (lambda server: server.wait(count=True), 'count is an int of 0 or more, got True (bool)'),
    (lambda server: server.wait(timeout='5'), "timeout is a number of seconds, got '5' (str)"),
    (lambda server: server.route().wait(.1),
     'count is an int of 0 or more, got 0.1 (float); did you mean timeout=0.1?'),
    (lambda server: server.take_request('GET'),
     "timeout is a number of seconds, got 'GET' (str); take_request() takes no criteria, but "
     'wait() does'),
    (lambda server: server.take_request(path='/a'),
     "take_request() takes no criteria, but wait() does, got path='/a'"),
    (lambda server: server.route().take_request_async(method='GET'),
     "take_request_async() takes no criteria, but wait_async() does, got method='GET'"),
    (lambda server: server.take_request(time=1),
     'time is not a keyword of take_request(); did you mean timeout? All of them: timeout'),
    (lambda server: server.take_request(count=1),
     'count is not a keyword of take_request(). All of them: timeout'),
    (lambda server: server.wait_failure(.1),
     'count is an int of 0 or more, got 0.1 (float); did you mean timeout=0.1?'),
    (lambda server: server.wait_failure(timeout=None),
     'timeout is a number of seconds, got None (NoneType)'),
    (lambda server: server.assert_requested(count='3'),
     "count is an int of 0 or more, got '3' (str)"),
])
def test_a_wrong_count_or_timeout_is_refused_before_waiting(server, call, text):
    with pytest.raises(TypeError) as caught:
        call(server)
    # On Python 2 the literals of this file are unicode.
    assert str(caught.value) == text.replace('(str)', '(%s)' % type('').__name__)


@pytest.mark.parametrize('timeout', [1e9, float('inf')])
def test_a_timeout_may_be_as_long_as_one_likes(server, client, timeout):
    waits = [waiting(server, server.wait, 1, timeout),
             waiting(server, server.take_request, timeout)]
    client.get('/a')
    assert [each.result() and True for each in waits] == [True, True]


def test_a_criterion_that_does_not_exist_is_refused_before_waiting(server):
    with pytest.raises(TypeError) as caught:
        server.wait(timeout=1000, paht='/')
    assert str(caught.value) == (
        'paht is not a keyword of wait(); did you mean path? All of them: count, timeout, method, '
        'path, query, headers, body, json, form, cookies, match, json_has, files, auth')


def test_the_request_itself_wakes_a_wait(server, client):
    later = waiting(server, server.wait, 1, 1000)
    client.get('/a')
    assert paths(later.result()) == ['/a']


@pytest.mark.skipif(not hasattr(threading, '_sleep'), reason='only Python 2 polls')
def test_a_wait_polls_often(server, client, monkeypatch):
    naps, sleep = [], threading._sleep

    def note(seconds):
        naps.append((threading.current_thread(), seconds))
        sleep(seconds)

    monkeypatch.setattr(threading, '_sleep', note)
    later = waiting(server, server.wait, 1, 1000)
    threading.Event().wait(0.07)        # Python 2 polls ever more slowly
    client.get('/a')
    later.result()
    assert max(seconds for thread, seconds in naps if thread is later.thread) <= 0.0101


# take_request

def test_requests_are_taken_one_by_one_in_order(server, client):
    for path in ('/a', '/b'):
        client.get(path)
    assert paths([server.take_request(), server.take_request(0)]) == ['/a', '/b']
    later = waiting(server, server.take_request, 10)
    client.get('/c')
    assert later.result()['path'] == '/c'
    assert paths(server.history) == ['/a', '/b', '/c']
    assert paths(server.wait(3)) == ['/a', '/b', '/c']


def test_a_take_that_times_out_shows_what_came(server, client):
    assert failure(server.take_request, SOON) == (
        'within 0.05 s no further request; no request was received')
    client.get('/a')
    server.take_request()
    assert failure(server.take_request, timeout=0) == (
        'within 0 s no further request; 1 received:\n'
        '  [0] GET /a -> 200')


def test_each_request_is_taken_once_by_many_threads(server):
    takers = [Later(lambda: [server.take_request(10)['path'] for _ in range(25)])
              for _ in range(4)]
    wanted = ['/%d' % number for number in range(100)]

    def ask(some):
        with Client(server) as client:
            return [client.get(path) for path in some]

    in_threads(ask, [wanted[:50], wanted[50:]], 2)
    taken = [each.result() for each in takers]
    assert sorted(sum(taken, [])) == sorted(wanted)
    order = {path: index for index, path in enumerate(paths(server.history))}
    assert all(some == sorted(some, key=order.get) for some in taken)


def test_a_reset_makes_what_was_not_taken_go(server, client):
    client.get('/before')
    client.get('/too')
    server.take_request()
    server.reset()
    failure(server.take_request, 0)
    client.get('/after')
    assert server.take_request()['path'] == '/after'


def test_who_takes_waits_on_over_a_reset(server, client):
    client.get('/before')
    server.take_request()
    later = waiting(server, server.take_request, 10)
    server.reset()
    client.get('/after')
    assert later.result()['path'] == '/after'


# Routes

def test_a_route_waits_for_its_own_requests(server, client):
    route = server.route('GET', '/users/{id}')
    later = waiting(server, route.wait, 2, 10)
    client.get('/other')
    client.get('/users/1')
    client.get('/users/2')
    assert [each.params for each in later.result()] == [{'id': '1'}, {'id': '2'}]
    assert paths(route.wait(path='/users/2')) == ['/users/2']
    assert paths(server.wait(3)) == ['/other', '/users/1', '/users/2']


def test_a_route_and_its_server_are_taken_from_separately(server, client):
    route = server.route('GET', '/a')
    later = waiting(server, route.take_request, 10)
    client.get('/b')
    client.get('/a')
    assert later.result()['path'] == '/a'
    assert paths([server.take_request(), server.take_request()]) == ['/b', '/a']
    failure(route.take_request, 0)


def test_the_reset_of_a_route_leaves_the_servers_requests(server, client):
    route = server.route('GET', '/a')
    client.get('/a')
    route.reset()
    failure(route.wait, timeout=0)
    failure(route.take_request, 0)
    assert paths(server.wait()) == ['/a']


def test_a_route_that_was_removed_can_still_be_asked(server, client):
    route = server.route('GET', '/a')
    client.get('/a')
    route.remove()
    assert paths(route.wait()) == ['/a'] and route.take_request()['path'] == '/a'


# history_limit

def test_what_the_limit_of_history_dropped_is_not_taken():
    with http_server(history_limit=2) as server, Client(server) as client:
        for path in '/a', '/b', '/c', '/d':
            client.get(path)
        assert server.take_request()['path'] == '/c'
        for path in '/e', '/f':
            client.get(path)
        assert [server.take_request(0)['path'] for _ in range(2)] == ['/e', '/f']
        failure(server.take_request, 0)
        client.get('/g')
        assert server.take_request()['path'] == '/g'


def test_a_wait_counts_requests_that_the_limit_of_history_dropped():
    with http_server(history_limit=1) as server, Client(server) as client:
        later = waiting(server, server.wait, 1, 10, path='/b')
        for path in '/a', '/b':
            client.get(path)
        assert paths(later.result()) == ['/b']
        assert paths(server.history) == ['/b']


def test_where_no_history_is_kept_nothing_can_be_taken():
    with http_server(history_limit=0) as server, Client(server) as client:
        client.get('/a')
        failure(server.take_request, 0)
        failure(server.take_request, 0)
        failure(server.wait, timeout=0)


def test_the_limit_of_history_is_that_of_routes_too():
    with http_server(history_limit=2) as server, Client(server) as client:
        route = server.route('GET', '/{name}')
        for path in '/a', '/b', '/c':
            client.get(path)
        assert paths(route.history) == paths(server.history) == ['/b', '/c']
        assert route.take_request()['path'] == '/b'


# Asynchronous tests

@pytest.mark.skipif(asyncio is None, reason='this Python has no asyncio')
@pytest.mark.parametrize('method', ['wait', 'take_request'])
def test_a_loop_runs_on_while_one_of_its_tasks_waits(server, client, method):
    loop = asyncio.new_event_loop()
    try:
        with ThreadPoolExecutor(1) as pool:
            waits = loop.run_in_executor(
                pool, functools.partial(getattr(server, method), timeout=10))
            # The loop itself makes the request, which it could not if the wait blocked it.
            loop.call_soon(client.get, '/a')
            found = loop.run_until_complete(waits)
        assert (found if method == 'take_request' else found[0])['path'] == '/a'
    finally:
        loop.close()


@pytest.mark.skipif(asyncio is None, reason='this Python has no asyncio')
def test_a_task_gets_the_text_of_a_wait_that_times_out(server):
    loop = asyncio.new_event_loop()
    try:
        with ThreadPoolExecutor(1) as pool:
            waits = loop.run_in_executor(
                pool, functools.partial(server.wait, timeout=SOON, path='/a'))
            text = failure(loop.run_until_complete, waits)
        assert text == ('within 0.05 s expected at least 1 of: any method /a\n'
                        'found 0\nno request was received')
    finally:
        loop.close()


def test_a_wait_in_the_thread_of_a_loop_says_that_it_blocks_the_loop(server):
    loop = blocking_loop()
    try:
        for wait, instead in ((server.wait, 'await wait_async() instead'),
                              (server.take_request, 'await take_request_async() instead'),
                              (server.wait_failure, 'call it with loop.run_in_executor()')):
            texts = []
            loop.call_soon(lambda: texts.append(failure(wait, timeout=SOON)))
            loop.call_soon(loop.stop)
            loop.run_forever()
            assert texts[0].endswith(
                '\nthis call has blocked the event loop of its thread, so no client in that loop '
                'could send a request; ' + instead)
    finally:
        loop.close()


def test_a_wait_beside_a_loop_of_another_thread_does_not_say_so(server):
    loop = blocking_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        assert 'loop' not in failure(server.wait, timeout=SOON)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


# What came to other routes.

def test_a_wait_of_a_route_lists_what_came_to_other_routes(server, client):
    route = server.route('GET', '/users')
    server.route('GET', '/me')
    server.enqueue(200)
    for path in ('/me', '/queue', '/user'):
        client.get(path)
    others = ('\n3 requests came to the server, but not to this route:\n'
              '  [0] GET /me -> 200 from <Route GET /me>\n'
              '  [1] GET /queue -> 200 from the queue\n'
              '  [2] GET /user -> 404, no route matches')
    assert failure(route.take_request, timeout=SOON) == (
        'within 0.05 s no further request; no request was received' + others)
    assert failure(route.wait, timeout=SOON) == (
        'within 0.05 s expected at least 1 of: any method any path\n'
        'found 0\nno request was received' + others)
    assert failure(route.assert_requested) == (
        'expected at least 1 of: any method any path\nfound 0\nno request was received' + others)
    assert failure(route.assert_requested, count=1).endswith(others)


def test_only_requests_that_came_to_other_routes_are_listed(server, client):
    route = server.route('GET', '/users')
    client.get('/users')
    assert failure(route.wait, 2, timeout=SOON).endswith('1 received:\n  [0] GET /users -> 200')
    route.enqueue(404)
    client.get('/users')
    server.route('GET', '/users', response_times=1).enqueue(500)
    client.get('/users')
    assert failure(route.wait, 3, timeout=SOON).endswith(
        '\n1 request came to the server, but not to this route:\n'
        '  [2] GET /users -> 500 from the queue of <Route GET /users>')


def test_of_many_other_requests_the_newest_are_listed(server, client):
    route = server.route('GET', '/users')
    for number in range(103):
        client.get('/%d' % number)
    text = failure(route.take_request, timeout=SOON)
    assert ('103 requests came to the server, but not to this route:\n'
            '  ... 3 older ones\n  [3] GET /3 -> 404, no route matches\n') in text
