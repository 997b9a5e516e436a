# -*- coding: utf-8 -*-
"""Clients that can use a Unix socket, as the table of docs/howto/unix_sockets.rst says."""
import asyncio
import os
import re
import ssl
import subprocess

import aiohttp
import httpx
import pytest

from support import installed
from support.servers import serve

requests_unixsocket = installed.module('requests_unixsocket')
docker = installed.module('docker')

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMES = pytest.mark.parametrize('scheme', ['http', 'https'])


@pytest.fixture
def server(scheme, unix_host):
    with serve(scheme, host=unix_host) as server:
        server.route('POST', '/echo', response_callback=lambda request: (
            {'response_content': request['body'] + b' pong'}))
        yield server
        assert server.failures == []
        server.check()


@pytest.fixture
def path(server):
    return server.host[len('unix:'):]


@pytest.fixture
def url(server):
    return server.scheme + '://localhost/echo'


def connections(server):
    """Return the connection of each request, after a check of what came."""
    assert [each['body'] for each in server.history] == [b'ping'] * len(server.history)
    assert {each.url for each in server.history} == {server.scheme + '://localhost/echo'}
    return [each['connection_index'] for each in server.history]


def run(*command):
    """Return what *command* prints; it has a minute, and has to exit with 0."""
    installed.program(command[0])
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 0, done.stderr.decode('utf-8', 'replace')
    return done.stdout.decode('utf-8')


def verifying(server):
    """Return a context for clients; one that trusts everybody is not needed for http."""
    return server.client_context() or ssl.create_default_context()


@SCHEMES
def test_httpx(server, path, url):
    transport = httpx.HTTPTransport(uds=path, verify=verifying(server))
    with httpx.Client(transport=transport) as client:
        assert [client.post(url, content=b'ping').text for _ in range(2)] == ['ping pong'] * 2
    assert connections(server) == [0, 0]


@SCHEMES
def test_httpx_async(server, path, url):
    async def scenario():
        transport = httpx.AsyncHTTPTransport(uds=path, verify=verifying(server))
        async with httpx.AsyncClient(transport=transport) as client:
            return [(await client.post(url, content=b'ping')).text for _ in range(2)]

    assert asyncio.run(scenario()) == ['ping pong'] * 2
    assert connections(server) == [0, 0]


def test_aiohttp(server, path, url):
    # Its connector speaks no TLS at a Unix socket.
    async def scenario():
        connector = aiohttp.UnixConnector(path=path)
        async with aiohttp.ClientSession(connector=connector) as client:
            texts = []
            for _ in range(2):
                async with client.post(url, data=b'ping') as response:
                    texts.append(await response.text())
            return texts

    assert asyncio.run(scenario()) == ['ping pong'] * 2
    assert connections(server) == [0, 0]


def test_requests_unixsocket(server):
    with requests_unixsocket.Session() as client:
        for _ in range(2):
            assert client.post(server.url('/echo'), data=b'ping', timeout=5).text == 'ping pong'
    assert connections(server) == [0, 0]


def test_an_abstract_socket():
    name = 'httptestserver-clients-%d' % os.getpid()
    with serve('http', host='unix:@' + name) as server:
        server.data['response_content'] = 'pong'
        with requests_unixsocket.Session() as client:
            assert client.get(server.url('/a'), timeout=5).text == 'pong'
        assert run('curl', '-sS', '--abstract-unix-socket', name, 'http://localhost/b') == 'pong'
        server.assert_requested_in_order(('GET', '/a'), ('GET', '/b'))


def test_docker(server):
    version = {'Version': '27.0', 'ApiVersion': '1.47'}
    # It asks without a version first, and then with that of the response.
    server.route('GET', re.compile('/version$'), response_json=version)
    server.route('GET', '/v1.47/containers/json', response_json=[])
    client = docker.DockerClient(base_url='unix://' + server.host[len('unix:'):], timeout=5)
    try:
        assert client.version()['Version'] == '27.0'
        assert client.containers.list() == []
        server.stop()
        server.start()
        assert client.containers.list() == []
    finally:
        client.close()


@SCHEMES
def test_curl(server, path, url):
    trust = ['--cacert', server.cafile] if server.cafile else []
    assert run('curl', '-sS', '--data', 'ping', '--unix-socket', path, url, url,
               *trust) == 'ping pongping pong'
    assert connections(server) == [0, 0]


@SCHEMES
def test_node(server, scheme, path):
    trust = [server.cafile] if server.cafile else []
    assert run('node', os.path.join(HERE, 'unix_socket.js'), scheme, path,
               *trust) == '200 ping pong\n' * 2
    assert connections(server) == [0, 0]


@pytest.mark.parametrize('scheme', ['https'])
def test_each_of_them_verifies(server, path, url):
    with pytest.raises(httpx.ConnectError), httpx.Client(
            transport=httpx.HTTPTransport(uds=path)) as client:
        client.post(url)
    server.wait_failure(1)
    for command in [('curl', '-sS', '--unix-socket', path, url),
                    ('node', os.path.join(HERE, 'unix_socket.js'), 'https', path)]:
        installed.program(command[0])
        assert subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert len(server.wait_failure(3)) == 3
    server.reset()
