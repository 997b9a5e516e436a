# -*- coding: utf-8 -*-
"""Pools of connections: what clients do if a connection of theirs is dead, and that they close."""
import asyncio
import subprocess
from concurrent import futures

import pytest

from support import installed

aiohttp = installed.module('aiohttp')
httpx = installed.module('httpx')
requests = installed.module('requests')
urllib3 = installed.module('urllib3')

each_fault = pytest.mark.parametrize('fault', ['disconnect', 'reset'])


class Requests(object):
    errors = requests.ConnectionError

    def __init__(self):
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, url):
        return self._session.get(url, timeout=20).status_code

    def close(self):
        self._session.close()


class Httpx(object):
    errors = httpx.TransportError

    def __init__(self):
        self._client = httpx.Client(trust_env=False, timeout=20)

    def get(self, url):
        return self._client.get(url).status_code

    def close(self):
        self._client.close()


class Urllib3(object):
    errors = urllib3.exceptions.ProtocolError

    def __init__(self):
        self._pool = urllib3.PoolManager(retries=False, timeout=20)

    def get(self, url):
        return self._pool.request('GET', url).status

    def close(self):
        self._pool.clear()


class Aiohttp(object):
    # It tries again, once, if the method is one that may be repeated.
    errors = ()

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._session = self._run(self._open())

    async def _open(self):
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20))

    async def _get(self, url):
        async with self._session.get(url) as response:
            return response.status

    def _run(self, coroutine):
        return self._loop.run_until_complete(coroutine)

    def get(self, url):
        return self._run(self._get(url))

    def close(self):
        if not self._loop.is_closed():
            self._run(self._session.close())
            self._loop.close()


@pytest.fixture(name='client', params=[Requests, Httpx, Urllib3, Aiohttp])
def make_client(request):
    client = request.param()
    yield client
    client.close()


def test_a_client_that_closes_leaves_no_connection(http_server, client):
    for _ in range(2):
        assert client.get(http_server.url('/')) == 200
    assert http_server.open_connections == 1
    client.close()
    http_server.wait_connections(0)
    assert http_server.open_connections == 0


@each_fault
def test_a_connection_that_died_in_the_pool_is_replaced(http_server, client, fault):
    assert client.get(http_server.url('/')) == 200
    http_server.close_connections(fault)
    http_server.wait_connections(0)
    assert client.get(http_server.url('/')) == 200
    assert [each['connection_index'] for each in http_server.history] == [0, 1]


@each_fault
def test_a_connection_that_dies_within_an_exchange_is_an_error(http_server, client, fault):
    http_server.enqueue(response_fault='stall')
    with futures.ThreadPoolExecutor(1) as executor:
        response = executor.submit(client.get, http_server.url('/'))
        http_server.wait()
        http_server.close_connections(fault)
        if client.errors:
            with pytest.raises(client.errors):
                response.result()
        else:
            assert response.result() == 200
    assert len(http_server.history) == (1 if client.errors else 2)


@each_fault
@pytest.mark.parametrize('program', ['java', 'go'])
def test_a_program_replaces_a_connection_that_died(http_server, program, fault, request):
    client = request.getfixturevalue(program)
    for _ in range(2):
        assert client.ask('GET ' + http_server.url('/')) == '200 '
    http_server.close_connections(fault)
    http_server.wait_connections(0)
    assert client.ask('GET ' + http_server.url('/')) == '200 '
    assert [each['connection_index'] for each in http_server.history] == [0, 0, 1]


@each_fault
def test_node_replaces_a_connection_that_died_or_fails_once(http_server, node, fault):
    for _ in range(2):
        assert node.ask('get ' + http_server.url('/')) == '200 '
    http_server.close_connections(fault)
    http_server.wait_connections(0)
    # It does not try again if its loop has not seen the end of the connection yet.
    assert node.ask('get ' + http_server.url('/')) in ('200 ', 'error ECONNRESET')
    assert node.ask('get ' + http_server.url('/')) == '200 '
    assert {each['connection_index'] for each in http_server.history} == {0, 1}


def test_an_agent_of_node_that_is_destroyed_leaves_no_connection(http_server, node):
    assert node.ask('get ' + http_server.url('/')) == '200 '
    assert http_server.open_connections == 1
    assert node.ask('destroy') == 'destroyed'
    http_server.wait_connections(0)


@each_fault
def test_curl_tries_again_on_a_new_connection(http_server, fault):
    # The second request of its connection.
    second = http_server.route('GET', '/second', response_content='again')
    second.enqueue(response_fault='stall')
    curl = subprocess.Popen(
        [installed.program('curl'), '-q', '-sS', '--noproxy', '*', '--max-time', '20',
         http_server.url('/first'), http_server.url('/second')], stdout=subprocess.PIPE)
    http_server.data['response_content'] = 'first '
    second.wait()
    http_server.close_connections(fault)
    assert curl.communicate()[0] == b'first again'
    assert [each['connection_index'] for each in http_server.history] == [0, 0, 1]
