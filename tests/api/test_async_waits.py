# -*- coding: utf-8 -*-
"""Tasks of asyncio wait for requests and take them, while their event loop runs on."""
import threading

import pytest

from httptestserver import http_server
from httptestserver.server import Handler
from support.asynchronous import Loop, defined
from support.client import Client, request
from support.failing import failure
from support.inside import waiters
from support.marks import both_schemes
from support.waiting import TIMEOUT, in_threads

#: Asynchronous clients and tests.
SOURCE = '''
import asyncio

async def get(server, path):
    """Send a GET, read the whole response, and return its first line."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = 'GET %s HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' % path
    writer.write(head.encode('ascii'))
    received = await reader.read()
    writer.close()
    await asyncio.sleep(0)
    return received.split(b'\\r\\n')[0].decode('ascii')

async def wait_beside_ticks(server):
    waits = asyncio.ensure_future(server.wait_async(path='/last', timeout=20))
    ended = []
    for _ in range(10):
        await asyncio.sleep(0.001)
        ended.append(waits.done())
    lines = [await get(server, '/none'), await get(server, '/last')]
    await waits
    return ended, lines

async def scenario(server):
    waits = asyncio.ensure_future(server.wait_async(2, path='/a', timeout=20))
    lines = [await get(server, path) for path in ('/a', '/b', '/a')]
    return lines, await waits

async def take(server, count):
    return [await server.take_request_async(20) for _ in range(count)]

async def take_with_a_limit(server, count, brief):
    """Take *count* requests, each time within a limit that may be too short."""
    taken, late = [], 0
    while len(taken) < count:
        try:
            taken.append(await asyncio.wait_for(server.take_request_async(20), brief))
        except asyncio.TimeoutError:
            late += 1
    return taken, late
'''


@pytest.fixture
def loop():
    with Loop() as loop:
        yield loop


@pytest.fixture
def code():
    return defined(SOURCE)


def paths(requests):
    return [each['path'] for each in requests]


def test_without_a_loop_it_is_an_error_at_the_call(server):
    route = server.route('GET', '/a')
    for method in (server.wait_async, server.take_request_async, route.wait_async,
                   route.take_request_async):
        with pytest.raises(RuntimeError) as caught:
            method()
        assert str(caught.value).endswith(
            'needs an asyncio event loop that runs in this thread; without one, call %s()'
            % method.__name__.replace('_async', ''))


@pytest.mark.parametrize('wrong', [{'count': 'GET'}, {'count': -1}, {'timeout': '1'},
                                   {'timeout': float('nan')}, {'pat': '/a'}, {'path': 'a'}])
def test_wrong_arguments_are_refused_at_the_call(server, wrong):
    errors = []
    for method in server.wait, server.wait_async:
        with pytest.raises((TypeError, ValueError)) as caught:
            method(**wrong)
        errors.append(str(caught.value).replace('wait_async()', 'wait()'))
    assert errors[0] == errors[1]


def test_criteria_are_no_argument_of_a_take(server):
    with pytest.raises(TypeError) as caught:
        server.take_request_async('/a')
    assert str(caught.value).endswith(
        'take_request_async() takes no criteria, but wait_async() does')


@both_schemes
def test_a_task_waits_for_a_request_of_another_thread(server, client, loop):
    waits = loop.begun(server.wait_async, path='/b', timeout=TIMEOUT)
    takes = loop.begun(server.take_request_async)
    assert waiters(server) == 2
    client.get('/a')
    client.get('/b')
    assert paths(loop.result(waits)) == ['/b']
    assert loop.result(takes) is server.history[0]
    assert waiters(server) == 0


def test_the_clients_of_the_loop_send_meanwhile(server, code, loop):
    lines, found = loop.result(loop.task(code.scenario, server))
    assert lines == ['HTTP/1.1 200 OK'] * 3
    assert paths(found) == ['/a', '/a'] and found[0] is server.history[0]


def test_the_loop_runs_on_meanwhile(server, code, loop):
    ended, lines = loop.result(loop.task(code.wait_beside_ticks, server))
    assert ended == [False] * 10 and lines == ['HTTP/1.1 200 OK'] * 2


@pytest.mark.parametrize('route', [False, True])
def test_a_task_gets_the_text_of_a_wait_that_times_out(server, client, loop, route):
    owner = server.route('GET', '/b') if route else server
    server.data['response_status'] = 200
    client.get('/c')
    assert failure(loop.result, loop.task(owner.wait_async, timeout=0.05, path='/a')) == failure(
        owner.wait, timeout=0.05, path='/a')
    assert 'blocked' not in failure(loop.result, loop.task(owner.wait_async, 9, 0.01))
    server.take_request()
    assert failure(loop.result, loop.task(owner.take_request_async, 0.05)) == failure(
        owner.take_request, 0.05)


def test_a_task_of_a_route_gets_the_requests_of_the_route(server, client, loop):
    route = server.route('GET', '/b', response_status=204)
    waits = loop.begun(route.wait_async, timeout=TIMEOUT)
    takes = loop.begun(route.take_request_async, TIMEOUT)
    client.get('/a')
    client.get('/b')
    assert loop.result(waits) == [loop.result(takes)] == route.history == server.history[1:]


@pytest.mark.parametrize('key, script', [
    ('request', {'response_fault': 'disconnect', 'response_fault_at': 'request'}),
    ('a criterion that raises', {}), ('do_WRITE', {}), ('queue', {})])
def test_whatever_records_a_request_wakes_a_task(loop, key, script):
    class Writing(Handler):
        def do_WRITE(self):
            self.send_response(204)
            self.end_headers()

    with http_server(handler=Writing) as server:
        server.data.update(script)
        if key == 'queue':
            server.enqueue(204)
        if key == 'a criterion that raises':
            server.route(match=lambda request: 1 / 0)
        takes = loop.begun(server.take_request_async, TIMEOUT)
        with Client(server) as client:
            client.send(request('WRITE' if key == 'do_WRITE' else 'GET', '/', 'Connection: close'))
            client.rest()
        assert loop.result(takes) is server.history[0]


# What a wait that blocks does, too.

def test_a_task_waits_on_while_the_server_is_reset_and_stopped_and_started(server, loop):
    takes = loop.begun(server.take_request_async, TIMEOUT)
    waits = loop.begun(server.wait_async, 2, TIMEOUT)
    with Client(server) as client:
        client.get('/a')
    assert loop.result(takes)['path'] == '/a'
    server.reset()
    server.stop()
    server.start()
    loop.turn()
    assert not waits.done()
    with Client(server) as client:
        client.get('/b')
        client.get('/c')
    assert paths(loop.result(waits)) == ['/b', '/c']


def test_a_stopped_server_ends_no_wait_before_its_time(server, loop):
    takes = loop.begun(server.take_request_async, 0.05)
    server.stop()
    assert failure(loop.result, takes) == (
        'within 0.05 s no further request; no request was received')


def test_criteria_may_use_the_server(server, client, loop):
    waits = loop.begun(server.wait_async, timeout=TIMEOUT,
                       match=lambda request: server.history == [request])
    client.get('/a')
    assert paths(loop.result(waits)) == ['/a']


# Races of the loop and the threads of connections.

def test_takes_with_a_limit_that_ends_with_a_request_lose_nothing(server, code, loop):
    def send(count):
        with Client(server) as client:
            for n in range(count):
                client.get('/%d' % n)

    thread = threading.Thread(target=send, args=(300,))
    task = loop.task(code.take_with_a_limit, server, 300, 0.0005)
    thread.start()
    taken, _ = loop.result(task)
    thread.join()
    assert paths(taken) == ['/%d' % n for n in range(300)]
    assert waiters(server) == 0


def test_loops_and_threads_take_each_request_once(server, code):
    def run(kind):
        if kind == 'send':
            with Client(server) as client:
                for _ in range(100):
                    client.get('/')
            return []
        if kind == 'take':
            return [server.take_request(20) for _ in range(50)]
        with Loop() as loop:
            return loop.result(loop.task(code.take, server, 50))

    taken = sum(in_threads(run, ['take', 'loop', 'take', 'loop', 'send', 'send'], 6), [])
    assert sorted(map(id, taken)) == sorted(map(id, server.history))
    assert waiters(server) == 0


def test_a_loop_that_is_closed_while_a_task_waits_disturbs_nobody(server, client, loop):
    task = loop.begun(server.take_request_async, TIMEOUT)
    loop.loop.close()
    assert client.get('/a').status == 200
    assert waiters(server) == 0
    assert server.take_request(0)['path'] == '/a'
    server.check()
    # It is pending for ever, which would be logged.
    task._log_destroy_pending = False
