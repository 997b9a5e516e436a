# -*- coding: utf-8 -*-
"""Clients of real hosts that need one argument beside the environment; each row is one client."""
import asyncio
import io
import os

import pytest

from httptestserver import http_server, https_server
from support import installed
from support.realhosts import AUTHORITIES, USER, beside, fetch, serve_all


def with_aiohttp(trusted):
    aiohttp = installed.module('aiohttp')

    async def get():
        # It made its own context when it was imported, before the environment was set.
        connector = aiohttp.TCPConnector(ssl=trusted.client_context())
        async with aiohttp.ClientSession(trust_env=True, connector=connector) as session:
            async with session.get(USER) as response:
                return await response.text()

    return asyncio.run(get())


def with_pycurl(trusted):
    pycurl = installed.module('pycurl')
    content = io.BytesIO()
    client = pycurl.Curl()
    client.setopt(pycurl.URL, USER)
    client.setopt(pycurl.TIMEOUT, 30)
    client.setopt(pycurl.WRITEDATA, content)
    # libcurl reads the variables of proxies; only the program curl reads those of authorities.
    client.setopt(pycurl.CAINFO, trusted.cafile)
    client.perform()
    client.close()
    return content.getvalue().decode('utf-8')


def with_urllib3(trusted):
    urllib3 = installed.module('urllib3')
    # It reads no variables of proxies.
    with urllib3.ProxyManager(os.environ['HTTPS_PROXY']) as pool:
        return pool.request('GET', USER, retries=False).data.decode('utf-8')


CLIENTS = {'aiohttp': with_aiohttp, 'pycurl': with_pycurl, 'urllib3': with_urllib3}
each_client = pytest.mark.parametrize('name', sorted(CLIENTS))


@pytest.fixture(autouse=True)
def use_machine(machine, monkeypatch):
    """This process has the environment of a machine."""
    for name in machine:
        monkeypatch.setenv(name, machine[name])


@each_client
def test_a_client_reaches_a_real_host_by_one_argument(name):
    with http_server(proxy=True) as server:
        serve_all(server)
        with server.intercept():
            assert 'Ada' in CLIENTS[name](server)
        assert [each.url for each in server.history] == [USER]
        assert server.history[0].tunnel == 'api.example.com:443'
        server.check()


@each_client
def test_a_client_refuses_the_host_if_it_knows_another_authority_only(name, machine, monkeypatch):
    with http_server(proxy=True) as server, https_server() as other:
        serve_all(server)
        with server.intercept():
            for variable in AUTHORITIES:
                monkeypatch.setenv(variable, machine[variable])
            with pytest.raises(Exception, match='(?i)certificate'):
                CLIENTS[name](other)
        assert [each.target for each in server.tunnels] == ['api.example.com:443']
        assert server.history == []


NODE = ('node', beside('real_host.js'), 'agent', USER)


@pytest.fixture
def agent():
    """Where Node.js finds the package https-proxy-agent; Debian's is in a folder of its own."""
    for folder in os.environ.get('NODE_PATH', ''), '/usr/share/nodejs':
        if os.path.isdir(os.path.join(folder, 'https-proxy-agent')):
            return folder
    return installed.missing('https-proxy-agent for Node.js')


def test_node_reaches_a_real_host_by_an_agent(agent, machine):
    with http_server(proxy=True) as server:
        serve_all(server)
        code, output = fetch(NODE, dict(server.environ(machine), NODE_PATH=agent))
        assert (code, output) == (0, '{"name": "Ada"}\n')
        assert server.history[0].tunnel == 'api.example.com:443'


def test_node_refuses_the_host_if_it_knows_another_authority_only(agent, machine):
    with http_server(proxy=True) as server:
        serve_all(server)
        environment = dict(server.environ(machine), NODE_PATH=agent,
                           NODE_EXTRA_CA_CERTS=machine['NODE_EXTRA_CA_CERTS'])
        code, output = fetch(NODE, environment)
        assert code != 0 and 'certificate' in output, output
        assert len(server.tunnels) == 1 and server.history == []
