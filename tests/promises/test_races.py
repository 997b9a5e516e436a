# -*- coding: utf-8 -*-
"""Threads that take turns at every step: what is atomic stays so, and who waits is woken.

Most tests drive an `Unbound`, which is a server but for its sockets, so that threads
meet in it a hundred thousand times a second.
"""
from __future__ import unicode_literals

import sys
import threading

import pytest
from six.moves import queue

from httptestserver.server import Handler
from support.client import Client, request
from support.inside import Unbound
from support.marks import both_schemes
from support.recorded import asked
from support.servers import Leaks, serve
from support.waiting import TIMEOUT, eventually, in_threads

THREADS = 6
EACH = 300          # things that each thread does


@pytest.fixture(autouse=True)
def hectic():
    """Have threads take turns as often as the interpreter can."""
    if hasattr(sys, 'setswitchinterval'):
        before, change = sys.getswitchinterval(), sys.setswitchinterval
        # PyPy takes twice as long with a tenth of that, and finds no more.
        change(1e-5 if hasattr(sys, 'pypy_version_info') else 1e-6)
    else:
        before, change = sys.getcheckinterval(), sys.setcheckinterval
        change(1)
    yield
    change(before)


class Worker(threading.Thread):
    """Calls a function until it is told to end; what that raises is raised by `end`."""

    def __init__(self, function):
        super(Worker, self).__init__()
        self.daemon = True
        self.calls = 0
        self._function = function
        self._ended = threading.Event()
        self._error = None
        self.start()

    def run(self):
        try:
            while not self._ended.is_set():
                self._function()
                self.calls += 1
        except BaseException as error:
            self._error = error

    def end(self):
        self._ended.set()
        self.join(TIMEOUT)
        assert not self.is_alive(), 'a thread of the test hangs'
        if self._error is not None:
            raise self._error


class Workers(object):
    """A context in which each of some functions is called over and over in its own thread."""

    def __init__(self, *functions):
        self._functions = functions

    def __enter__(self):
        self.workers = [Worker(function) for function in self._functions]
        return self

    def __exit__(self, kind, *_):
        errors = []
        for worker in self.workers:
            try:
                worker.end()
            except BaseException as error:
                errors.append(error)
        if kind is None and errors:
            raise errors[0]


def numbered(thread, number):
    return asked('/%d/%d' % (thread, number), thread=thread, number=number)


def in_each_thread(function, count=THREADS):
    """Return what *function* returns of each thread's number, in as many threads."""
    together = threading.Barrier(count) if hasattr(threading, 'Barrier') else None

    def start(number):
        if together:
            together.wait(TIMEOUT)
        return function(number)

    return in_threads(start, range(count), count)


# Recording and choosing.

@pytest.mark.parametrize('routed', [False, True], ids=['server', 'route'])
def test_recording_and_choosing_are_one_step(routed):
    server = Unbound()
    endpoint = server.route('GET', '/{thread}/{number}') if routed else server
    endpoint.enqueue(*[{'response_status': 200 + number % 300, 'response_content': b'%d' % number}
                       for number in range(THREADS * EACH)])
    served = in_each_thread(lambda thread: [
        server.answer(numbered(thread, number))['response_content']
        for number in range(EACH)])
    queued = [b'%d' % number for number in range(THREADS * EACH)]
    assert sorted(sum(served, []), key=int) == queued
    for history in (server.history, endpoint.history):
        assert [served[entry['thread']][entry['number']] for entry in history] == queued
    assert server.unmatched == [] and endpoint.response_data == {}


@pytest.mark.parametrize('routed', [False, True], ids=['server', 'route'])
def test_times_are_counted_exactly(routed):
    for times in [1, 2, 7] * 20:
        server = Unbound()
        endpoint = server.route('GET', '/{thread}/{number}') if routed else server
        endpoint.data.update(response_status=503, response_times=times)
        served = in_each_thread(lambda thread: [
            server.answer(numbered(thread, number)).get('response_status', 200)
            for number in range(4)])
        assert sum(served, []).count(503) == times
        assert endpoint.response_data == {}
        assert len(endpoint.history) == times if routed else 4 * THREADS
        assert len(server.history) == 4 * THREADS
        assert len(server.unmatched) == (4 * THREADS - times if routed else 0)


def test_who_queues_while_others_ask_has_each_response_served_once_and_in_order():
    server = Unbound()
    half = THREADS // 2

    def work(thread):
        if thread < half:
            for number in range(EACH):
                server.enqueue({'response_content': b'%d' % thread,
                                'response_status': 200 + number})
            return []
        scripts = []
        while len(scripts) < EACH:
            script = server.answer(numbered(thread, len(scripts)))
            if script:
                scripts.append((script['response_content'], script['response_status']))
        return scripts

    served = in_each_thread(work)
    assert sorted(sum(served, [])) == [(b'%d' % thread, 200 + number)
                                       for thread in range(half) for number in range(EACH)]
    for scripts in served[half:]:
        for thread in range(half):
            statuses = [status for content, status in scripts if content == b'%d' % thread]
            assert statuses == sorted(statuses)


# data

def test_no_response_is_half_written():
    server = Unbound()

    def write(number):
        def pair():
            server.data.update(response_status=200 + number, response_content=b'%d' % number)
            server.data.update({'response_content': b'%d' % number, 'user': number,
                                'response_status': 200 + number})
        return pair

    def drop():
        server.data.clear()

    def whole(script):
        assert not script or script['response_content'] == b'%d' % (script['response_status'] - 200)

    with Workers(drop, *[write(number) for number in range(3)]):
        for number in range(3000):
            whole(server.answer(numbered(0, number)))
            whole(server.response_data)
            whole({key: value for key, value in server.data.items()
                   if key.startswith('response_')})


def test_data_show_one_request_and_not_two():
    server = Unbound()

    def publish(thread):
        def one():
            server.router.publish(asked('/%d' % thread, thread=thread, **{
                str('k%d' % number): thread for number in range(20)}))
        return one

    with Workers(*[publish(thread) for thread in range(3)]) as workers:
        eventually(lambda: all(each.calls for each in workers.workers))
        for _ in range(2000):
            data = server.data.copy()
            assert len(set(value for key, value in data.items() if key[0] == 'k')) == 1
            assert data['path'] == '/%d' % data['thread']


def test_a_cleared_response_is_served_once_however_many_ask():
    server = Unbound()
    count = [0] * 3

    def ask(thread):
        def one():
            count[thread] += bool(server.answer(numbered(thread, 0)))
        return one

    with Workers(*[ask(thread) for thread in range(3)]):
        for _ in range(100):
            server.data.update(response_status=503, response_clear=True)
            eventually(lambda: not server.response_data)
    assert sum(count) == 100


# wait and take_request

def test_a_wait_misses_no_request():
    server, told = Unbound(), queue.Queue()

    def work(thread):
        for number in range(200):
            if thread:
                found = server.wait(number + 1, TIMEOUT)
                assert [each['number'] for each in found] == list(range(len(found)))
                assert len(found) == number + 1
                told.put(number)
            else:
                server.answer(numbered(thread, number))
                for _ in range(2):
                    told.get(timeout=TIMEOUT)

    in_each_thread(work, 3)


def test_a_taker_misses_no_request():
    server, told = Unbound(), queue.Queue()

    def work(thread):
        for number in range(200):
            if thread:
                told.put(server.take_request(TIMEOUT)['number'])
            else:
                server.answer(numbered(thread, number))
                assert told.get(timeout=TIMEOUT) == number

    in_each_thread(work, 2)


@pytest.mark.parametrize('routed', [False, True], ids=['server', 'route'])
def test_each_request_is_taken_once(routed):
    server = Unbound()
    endpoint = server.route('GET', '/{thread}/{number}') if routed else server
    half = THREADS // 2

    def work(thread):
        if thread < half:
            return [server.answer(numbered(thread, number)) and ()
                    for number in range(EACH)]
        return [(each['thread'], each['number'])
                for each in (endpoint.take_request(TIMEOUT) for _ in range(EACH))]

    taken = in_each_thread(work)[half:]
    history = [(each['thread'], each['number']) for each in endpoint.history]
    assert sorted(sum(taken, [])) == sorted(history)
    assert len(set(history)) == half * EACH
    place = {each: index for index, each in enumerate(history)}
    assert all(some == sorted(some, key=place.get) for some in taken)


def test_requests_that_are_there_are_taken_once_by_many_at_once():
    for _ in range(10):
        server = Unbound()
        for number in range(THREADS * 40):
            server.answer(numbered(0, number))
        taken = in_each_thread(lambda thread: [server.take_request(0)['number']
                                               for _ in range(40)])
        assert sorted(sum(taken, [])) == list(range(THREADS * 40))


def in_epochs(server, look):
    """Reset over and over, and record three requests after each; *look* in other threads.

    *look* gets the number of a reset that is over, and returns requests, each of which has to
    have come after it.
    """
    over = [0]

    def looking():
        lowest = over[0]
        assert all(each['epoch'] >= lowest for each in look())

    with Workers(*[looking] * 3) as workers:
        for epoch in range(1, 400):
            server.reset()
            over[0] = epoch
            for _ in range(3):
                server.answer(asked('/', epoch=epoch))
        eventually(lambda: all(each.calls or not each.is_alive() for each in workers.workers))


def test_a_wait_returns_nothing_from_before_a_reset():
    server = Unbound()

    def look():
        found = server.wait(2, TIMEOUT, match=lambda request: True)
        assert len(found) >= 2
        assert len(set(each['epoch'] for each in found)) == 1
        return found

    in_epochs(server, look)


def test_nothing_from_before_a_reset_is_taken_and_nothing_twice():
    server, taken = Unbound(), []

    def look():
        try:
            found = server.take_request(0)
        except AssertionError:
            return []
        taken.append(found)
        return [found]

    in_epochs(server, look)
    assert len(set(map(id, taken))) == len(taken)


def test_a_history_that_is_limited_is_taken_from_in_order():
    server = Unbound(history_limit=3)

    def work(thread):
        if thread:
            return list(iter(lambda: server.take_request(TIMEOUT)['number'], 2999))
        return [server.answer(numbered(0, number)) for number in range(3000)] and []

    numbers = in_each_thread(work, 2)[1]
    assert numbers == sorted(set(numbers))


# reset

@pytest.mark.parametrize('routed', [False, True], ids=['server', 'route'])
def test_a_reset_leaves_nothing_from_before(routed):
    server, done = Unbound(), [0] * 3

    def ask(thread):
        def one():
            request = numbered(thread, done[thread] + 1)
            server.answer(request)
            done[thread] += 1
        return one

    with Workers(*[ask(thread) for thread in range(3)]):
        for turn in range(300):
            if routed:
                server.route('GET', '/{thread}/{number}' if turn % 2 else '/other',
                             response_status=201)
            server.data['response_status'] = 404
            server.enqueue(*[503] * (1 + turn % 9))
            before = list(done)
            server.reset()
            entries, data = server.history, server.data.copy()
            entries += [data] if 'number' in data else []
            assert all(each['number'] > before[each['thread']] for each in entries)
            assert server.response_data == {} and server.unmatched == []
            server.check(unserved=True)


@pytest.mark.parametrize('matches', [False, True])
def test_a_request_that_a_reset_overtakes_is_answered_as_one_after_it(matches):
    def match(request):
        server.reset()
        return matches

    server = Unbound()
    server.route(match=match, response_status=503)
    script, interrupt = server.router.answer(numbered(0, 0))
    assert script == {} and not interrupt.is_set()
    assert len(server.history) == 1 and server.unmatched == []


# Routes

def test_routes_may_come_and_go_while_requests_do():
    server, mine, wrong = Unbound(), [], []
    routes = [server.route('GET', '/{thread}/{number}', response_status=299)]

    def ask(thread):
        def one():
            status = server.answer(numbered(thread, 0))['response_status']
            if not 200 <= status < 300:
                wrong.append(status)
        return one

    def status():
        mine.append(numbered(9, len(mine)))
        return server.answer(mine[-1])['response_status']

    with Workers(*[ask(thread) for thread in range(3)]) as workers:
        for number in range(200):
            routes.append(server.route('GET', '/{thread}/{number}',
                                       response_status=200 + number % 99))
            assert status() == 200 + number % 99
            routes[-1].remove()
            assert status() == 299
    assert wrong == []
    total = len(mine) + sum(each.calls for each in workers.workers)
    assert len(server.history) == total
    assert sum(len(route.history) for route in routes) == total
    assert server.unmatched == []


def test_no_route_is_lost_where_many_threads_add_and_remove_them():
    server = Unbound()

    def work(thread):
        for number in range(60):
            route = server.route('GET', '/%d/%d' % (thread, number), response_status=201)
            if number % 2:
                route.remove()

    in_each_thread(work)
    statuses = [server.answer(numbered(thread, number))['response_status']
                for thread in range(THREADS) for number in range(60)]
    assert statuses == [201, 404] * 30 * THREADS


# Starting and stopping

@both_schemes
def test_many_threads_may_stop_and_start_a_server(scheme):
    def restart(thread):
        for number in range(8):
            if (thread + number) % 3:
                server.stop()
            server.start()

    with Leaks():
        server = serve(scheme)
        port = server.port
        in_each_thread(restart)
        with server.start(), Client(server) as client:
            assert client.get().status == 200
        assert server.port == port


def test_a_server_may_be_stopped_by_many_threads_at_once():
    with Leaks():
        for _ in range(150):
            server = serve('http')
            in_each_thread(lambda thread: [server.stop() for _ in range(4)])


@both_schemes
def test_a_stop_ends_no_delay_of_the_start_after_it(scheme):
    def turn(thread):
        return server.stop() if thread else server.start()

    with Leaks(), serve(scheme) as server:
        server.data['response_timeout'] = 0.001
        for _ in range(60):
            in_each_thread(turn, 2)
            server.start()
            with Client(server) as client:
                assert client.get().status == 200


@both_schemes
def test_a_server_may_be_restarted_while_requests_come(scheme):
    answered = []

    def ask():
        try:
            with Client(server) as client:
                for _ in range(5):
                    assert client.get('/mine').status == 200
                    answered.append(1)
        except (EnvironmentError, AssertionError):
            pass                    # it was stopped meanwhile

    with Leaks():
        with serve(scheme) as server:
            with Workers(ask, ask, ask) as workers:
                for _ in range(15):
                    server.stop()
                    server.stop()
                    server.start()
                    with Client(server) as client:
                        assert client.get('/main').status == 200
                eventually(lambda: answered)
        del client
        server.stop()
        paths = [entry['path'] for entry in server.history]
        assert paths.count('/main') == 15
        assert paths.count('/mine') >= len(answered)
        assert all(each.calls for each in workers.workers)


class Resetting(Handler):
    """Stops and resets its server, and then has it wait before it answers."""

    def handle_request(self):
        self.server.stop()
        self.server.reset()
        self.server.data['response_timeout'] = 3 * TIMEOUT
        super(Resetting, self).handle_request()


@both_schemes
def test_a_reset_after_a_stop_lets_no_answer_wait(scheme):
    with Leaks():
        with serve(scheme, handler=Resetting) as server, Client(server) as client:
            client.send(request())
            assert client.rest() == b''
        del client


# All of it at once, on the wire

@both_schemes
def test_on_the_wire_each_queued_response_is_served_once_in_the_order_of_history(scheme):
    count = 40

    def work(thread):
        if thread % 2:
            return [each['path'] for each in (server.take_request(TIMEOUT) for _ in range(count))]
        with Client(server) as client:
            return [('/%d/%d' % (thread, number), client.get('/%d/%d' % (thread, number)).body)
                    for number in range(count)]

    with serve(scheme) as server:
        queued = [b'%d' % number for number in range(THREADS // 2 * count)]
        server.enqueue(*queued)
        results = in_each_thread(work)
        seen = dict(sum(results[::2], []))
        history = server.wait(len(queued), TIMEOUT)
        assert [entry['response_content'] for entry in history] == queued
        assert [seen[entry['path']] for entry in history] == queued
        assert sorted(sum(results[1::2], [])) == sorted(seen)
        assert server.failures == []
