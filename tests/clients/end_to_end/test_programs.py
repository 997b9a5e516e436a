# -*- coding: utf-8 -*-
"""Programs that speak HTTP, end to end: what they send is recorded, what is scripted arrives.

The tests of a program that is missing are skipped, and fail in a CI.
"""
import os
import subprocess

import pytest

from httptestserver import http_server, https_server
from support import installed

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMES = pytest.mark.parametrize('context', [http_server, https_server], ids=['http', 'https'])


def run(*command, **environment):
    """Return what *command* prints; it has a minute, and has to exit with 0."""
    installed.program(command[0])
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          env=dict(os.environ, no_proxy='*', **environment))
    assert done.returncode == 0, done.stderr.decode('utf-8', 'replace')
    return done.stdout.decode('utf-8')


def trust(server, option):
    """Return *option* and the file that verifies *server*; nothing for http."""
    return (option, server.cafile) if server.cafile else ()


@pytest.fixture(params=[http_server, https_server], ids=['http', 'https'])
def server(request):
    with request.param() as server:
        route = server.route('POST', '/echo')
        route.data['response_callback'] = lambda request: (
            {'response_content': request['body'] + b' pong'})
        yield server
        server.check()


def url(server):
    # By name, because the programs differ in how they look for an address in a certificate.
    return server.url('/echo').replace('127.0.0.1', 'localhost')


def test_curl(server):
    assert run('curl', '-sS', '-4', '--data', 'ping', *trust(server, '--cacert'),
               url(server), url(server)) == 'ping pongping pong'
    first, second = server.history
    assert first['connection_index'] == second['connection_index']


def test_curl_waits_for_100_continue(server, tmpdir):
    upload = tmpdir.join('upload')
    upload.write(b'x' * 2000000, 'wb')
    run('curl', '-sS', '-4', '-H', 'Expect: 100-continue', '--data-binary', '@%s' % upload,
        *trust(server, '--cacert') + (url(server),))
    assert len(server.history[0]['body']) == 2000000


def test_wget(server):
    assert run('wget', '-q', '-4', '-O', '-', '--post-data', 'ping',
               *trust(server, '--ca-certificate') + (url(server),)) == 'ping pong'
    assert 'Wget' in server.history[0]['headers']['User-Agent']


@pytest.mark.parametrize('way', ['fetch', 'https'])
def test_node(server, way):
    environment = {'NODE_EXTRA_CA_CERTS': server.cafile} if server.cafile else {}
    printed = run('node', '--dns-result-order=ipv4first', os.path.join(HERE, 'client.js'), way,
                  url(server), **environment)
    assert printed == '200 ping pong\n' * 2
    assert [each['body'] for each in server.history] == [b'ping', b'ping']


def test_java(server, classes):
    printed = run('java', '-cp', str(classes), 'Client', url(server),
                  *trust(server, '')[1:])
    assert printed == '200 ping pong\n' * 2
    first, second = server.history
    assert first['connection_index'] == second['connection_index']
