# -*- coding: utf-8 -*-
"""Tools that read the package without running it know its public names and their types."""
import importlib
import os
import subprocess
import sys

import pytest

import httptestserver

pytestmark = pytest.mark.skipif(sys.version_info < (3, 7), reason='such tools need Python 3.7')

SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(httptestserver.__file__)))

EACH_NAME = '''\
"""Imports every public name of the package."""
%s
NAMES = [%s]
'''

A_TEST = '''\
import re
import unittest
from typing import List
from unittest import mock

import httptestserver
from httptestserver import (
    Failure, Handler, HttpServerTest, RecordedRequest, Route, Server, http_server, https_server)


class Echo(Handler):
    def handle_request(self) -> None:
        self.send_response(200)
        self.send_header('X-Host', self.headers['Host'])
        self.end_headers()
        self.wfile.write(self.body)
        self.wfile.flush()
        self.server.data['seen'] = self.connection_index


class EchoTest(HttpServerTest, unittest.TestCase):
    def test_it(self) -> None:
        body: bytes = self.server.history[-1]['body']
        self.assertEqual(self.url('/'), self.default_url, body)


def queue(endpoint: Route) -> List[RecordedRequest]:
    endpoint.enqueue(503, {'response_json': 1}, lambda request: 404, response_timeout=1)
    endpoint.remove()
    return endpoint.wait(2, path=re.compile('/a'))


def failed(server: Server) -> Failure:
    return server.wait_failure(timeout=1.0)[0]


with http_server(handler=Echo, history_limit=3) as server:
    server.data['response_status'] = 503

    @server.route('POST', '/a', json=mock.ANY, response_headers={'X-A': 1})
    def respond(request: RecordedRequest) -> int:
        return 200 if request.text == request.json() else request['exchange_index']

    queue(server.route('GET', '/b', response_content=[b'b']))
    print(failed(server).reason, server.data.copy(), server.har())

print(httptestserver.server.Handler, httptestserver.testing.HttpServerTest, https_server)
'''

TOOLS = {
    'pylint': ['pylint', '--rcfile=%s' % os.devnull],
    'mypy': ['mypy', '--strict', '--config-file='],
    'pyright': ['pyright', '--pythonpath', sys.executable],
}


def complaints(tool, path):
    """Return the output of a *tool* that does not accept the file at *path*, else nothing."""
    try:
        importlib.import_module(tool)
    except ImportError:
        pytest.skip('%s is not installed' % tool)
    process = subprocess.Popen(
        [sys.executable, '-m'] + TOOLS[tool] + [path.basename], cwd=path.dirname,
        env=dict(os.environ, PYTHONPATH=SOURCES), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.communicate()[0].decode()
    return output if process.returncode else ''


@pytest.mark.parametrize('tool', sorted(TOOLS))
def test_a_tool_knows_every_public_name(tool, tmpdir):
    imports = ['from httptestserver import %s' % name for name in httptestserver.__all__]
    names = ',\n         '.join(httptestserver.__all__)
    each = tmpdir.join('each_name.py')
    each.write(EACH_NAME % ('\n'.join(imports), names))
    assert complaints(tool, each) == ''


@pytest.mark.parametrize('tool', sorted(TOOLS))
def test_a_tool_misses_a_name_that_is_not_there(tool, tmpdir):
    one = tmpdir.join('one_name.py')
    one.write(EACH_NAME % ('from httptestserver import Sever', 'Sever'))
    assert 'Sever' in complaints(tool, one)


@pytest.mark.parametrize('tool', ['mypy', 'pyright'])
def test_a_test_is_typed(tool, tmpdir):
    test = tmpdir.join('typed.py')
    test.write(A_TEST)
    assert complaints(tool, test) == ''


@pytest.mark.parametrize('tool', ['mypy', 'pyright'])
def test_a_wrong_type_is_seen(tool, tmpdir):
    test = tmpdir.join('wrong.py')
    test.write(A_TEST.replace('response_timeout=1', "response_timeout='1'"))
    assert 'response_timeout' in complaints(tool, test)
