# -*- coding: utf-8 -*-
"""The clients that people use, against a server started in each of the three ways.

A client is left out if, by the table below, its authors do not support the Python. If it is
merely not installed, its tests are skipped, and fail in a CI.
"""
import importlib
import json
import platform
import ssl
import subprocess
import sys

import pytest
from six import exec_
from six.moves import http_client

from httptestserver import (
    HttpServerTest, HttpsServerTest, http_server, https_server, start_server, start_ssl_server)
from support import installed

#: The oldest Python that a release of the client runs on.
OLDEST = {
    'requests': {'CPython': (2, 7), 'PyPy': (2, 7)},
    'urllib3': {'CPython': (2, 7), 'PyPy': (2, 7)},
    'httpx': {'CPython': (3, 6), 'PyPy': (3, 6)},
    'aiohttp': {'CPython': (3, 6), 'PyPy': (3, 6)},
    'http.client': {'CPython': (2, 7), 'PyPy': (2, 7)},
    'curl': {'CPython': (2, 7), 'PyPy': (2, 7)},
}

CONTENT = b'\x00\xffcontent' * 30000


class Result(object):
    """What a client says of a response: ``status``, ``header``, ``content``."""

    def __init__(self, status, header, content):
        self.status, self.header, self.content = status, header, content


class RequestsClient(object):
    def __init__(self, server):
        self._session = installed.module('requests').Session()
        self._session.trust_env = False
        self._session.verify = server.cafile

    def send(self, method, url, content=None, chunked=False):
        answer = self._session.request(method, url, headers={'X-A': 'b'}, timeout=20,
                                       data=iter([content]) if chunked else content)
        return Result(answer.status_code, answer.headers.get('X-Answer'), answer.content)

    def close(self):
        self._session.close()


class Urllib3Client(object):
    def __init__(self, server):
        self._pool = installed.module('urllib3').PoolManager(
            ca_certs=None if server.cafile is True else server.cafile,
            cert_reqs='CERT_REQUIRED' if server.cafile else None)

    def send(self, method, url, content=None, chunked=False):
        answer = self._pool.urlopen(method, url, headers={'X-A': 'b'}, timeout=20, retries=False,
                                    body=iter([content]) if chunked else content,
                                    chunked=chunked)
        return Result(answer.status, answer.headers.get('X-Answer'), answer.data)

    def close(self):
        self._pool.clear()


class HttpxClient(object):
    def __init__(self, server):
        self._client = installed.module('httpx').Client(
            verify=server.client_context() or True, trust_env=False, timeout=20)

    def send(self, method, url, content=None, chunked=False):
        answer = self._client.request(method, url, headers={'X-A': 'b'},
                                      content=iter([content]) if chunked else content)
        return Result(answer.status_code, answer.headers.get('X-Answer'), answer.content)

    def close(self):
        self._client.close()


class AiohttpClient(object):
    # Python 2 could not read what stands here as code.
    SOURCE = '''
async def session_of(module):
    return module.ClientSession()

async def chunks_of(content):
    yield content

async def send(session, method, url, content, chunked, context, sockets):
    data = chunks_of(content) if chunked else content
    async with session.request(method, url, headers={'X-A': 'b'}, data=data,
                               **({'ssl': context} if context else {})) as answer:
        if answer.connection is not None:
            sockets.append(answer.connection.transport.get_extra_info('socket'))
        return answer.status, answer.headers.get('X-Answer'), await answer.read()

async def close(session, sockets, asyncio):
    # Closing a session begins to close its connections; those of TLS wait for the server.
    await session.close()
    for _ in range(5000):
        if all(each.fileno() == -1 for each in sockets):
            break
        await asyncio.sleep(0.001)
'''

    def __init__(self, server):
        aiohttp = installed.module('aiohttp')
        self._names = {}
        exec_(self.SOURCE, self._names)
        self._context = server.client_context()
        self._asyncio, self._sockets = importlib.import_module('asyncio'), []
        self._loop = self._asyncio.new_event_loop()
        self._session = self._run('session_of', aiohttp)

    def _run(self, name, *args):
        return self._loop.run_until_complete(self._names[name](*args))

    def send(self, method, url, content=None, chunked=False):
        return Result(*self._run('send', self._session, method, url, content, chunked,
                                 self._context, self._sockets))

    def close(self):
        self._run('close', self._session, self._sockets, self._asyncio)
        self._loop.close()


class HttpClientClient(object):
    def __init__(self, server):
        address = server.host, server.port
        if server.cafile:
            self._connection = http_client.HTTPSConnection(
                *address, context=server.client_context(), timeout=20)
        else:
            self._connection = http_client.HTTPConnection(*address, timeout=20)

    def send(self, method, url, content=None, chunked=False):
        path = '/' + url.split('/', 3)[3]
        if chunked:
            self._connection.putrequest(method, path)
            self._connection.putheader('X-A', 'b')
            self._connection.putheader('Transfer-Encoding', 'chunked')
            self._connection.endheaders()
            size = ('%x\r\n' % len(content)).encode('ascii')
            self._connection.send(size + content + b'\r\n0\r\n\r\n')
        else:
            self._connection.request(method, path, content, {'X-A': 'b'})
        answer = self._connection.getresponse()
        return Result(answer.status, answer.getheader('X-Answer'), answer.read())

    def close(self):
        self._connection.close()


class CurlClient(object):
    def __init__(self, server):
        self._cafile = server.cafile

    def send(self, method, url, content=None, chunked=False):
        command = [installed.program('curl'), '-q', '--silent', '--show-error',
                   '--max-time', '20', '--noproxy', '*',
                   '--include', '--header', 'X-A: b', '--output', '-']
        command += ['--head'] if method == 'HEAD' else ['--request', method]
        if self._cafile:
            command += ['--cacert', self._cafile]
        if content is not None:
            command += ['--data-binary', '@-']
        if chunked:
            command += ['--header', 'Transfer-Encoding: chunked']
        process = subprocess.Popen(command + [url], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = process.communicate(content or b'')
        assert process.returncode == 0, errors
        while output.startswith(b'HTTP/1.1 1'):
            output = output.partition(b'\r\n\r\n')[2]
        head, _, received = output.partition(b'\r\n\r\n')
        lines = head.decode('iso-8859-1').split('\r\n')
        fields = dict(line.split(': ', 1) for line in lines[1:])
        return Result(int(lines[0].split()[1]), fields.get('X-Answer'), received)

    def close(self):
        pass


CLIENTS = {'requests': RequestsClient, 'urllib3': Urllib3Client, 'httpx': HttpxClient,
           'aiohttp': AiohttpClient, 'http.client': HttpClientClient, 'curl': CurlClient}


def supported(name):
    oldest = OLDEST[name].get(platform.python_implementation())
    return oldest is not None and sys.version_info >= oldest


all_clients = pytest.mark.parametrize('name', [
    pytest.param(name, marks=pytest.mark.skipif(
        not supported(name), reason='%s was never released for this Python' % name))
    for name in sorted(CLIENTS)])


def exchange_with(name, server):
    """Have client *name* make its requests to *server*, and check what both ends saw."""
    client = CLIENTS[name](server)
    try:
        for method, path in [('GET', '/get?a=b'), ('HEAD', '/head'), ('DELETE', '/delete')]:
            server.data.update(response_status=200, response_content=b'short',
                               response_headers={'X-Answer': method})
            result = client.send(method, server.url(path))
            assert (result.status, result.header) == (200, method)
            assert result.content == (b'' if method == 'HEAD' else b'short')
            assert_recorded(server, method, path, b'')
        for method, content, chunked in [('POST', b'form=1', False), ('PUT', CONTENT, False),
                                         ('POST', CONTENT, True), ('PATCH', b'x', True)]:
            server.data.update(response_status=418, response_content=CONTENT)
            result = client.send(method, server.url('/send'), content, chunked)
            assert (result.status, result.content) == (418, CONTENT)
            assert_recorded(server, method, '/send', content)
        for status in (204, 304):
            server.data.update(response_status=status)
            result = client.send('GET', server.url('/empty'))
            assert (result.status, result.content) == (status, b'')
        server.data.update(response_status=503, response_content=json.dumps({'a': 1}),
                           response_clear=True)
        assert json.loads(client.send('GET', server.url('/')).content.decode()) == {'a': 1}
        assert client.send('GET', server.url('/')).content == b''
        assert len(server.history) == 11 and server.failures == []
        if name != 'curl':
            assert len({entry['connection_index'] for entry in server.history}) == 1
    finally:
        client.close()


def assert_recorded(server, method, path, content):
    entry = server.history[-1]
    assert (entry['command'], entry['path'], entry['body']) == (method, path, content)
    assert entry['headers']['X-A'] == 'b' and server.data['path'] == path
    assert (entry['tls'] is None) is (server.scheme == 'http')


@all_clients
@pytest.mark.parametrize('start', [start_server, start_ssl_server], ids=['http', 'https'])
def test_a_client_talks_to_a_server_that_was_started(name, start):
    server = start()
    try:
        exchange_with(name, server)
    finally:
        server.stop()


@all_clients
@pytest.mark.parametrize('context', [http_server, https_server], ids=['http', 'https'])
def test_a_client_talks_to_the_server_of_a_block(name, context):
    with context() as server:
        exchange_with(name, server)


class TestHttp(HttpServerTest):

    @all_clients
    def test_a_client_talks_to_the_server_of_a_class(self, name):
        exchange_with(name, self.server)

    def test_the_options_suit_requests(self):
        requests = installed.module('requests')
        assert requests.get(self.default_url, **self.options).status_code == 200
        assert self.server.history[0]['path'] == self.default_path


class TestHttps(HttpsServerTest):

    @all_clients
    def test_a_client_talks_to_the_server_of_a_class(self, name):
        exchange_with(name, self.server)

    @pytest.mark.filterwarnings('ignore:Unverified HTTPS request')
    def test_the_options_suit_requests(self):
        requests = installed.module('requests')
        assert requests.get(self.default_url, **self.options).status_code == 200
        assert self.server.history[0]['path'] == self.default_path


@pytest.mark.parametrize('name, error', [
    ('requests', 'SSLError'), ('urllib3', 'SSLError'), ('http.client', 'SSLError')])
def test_a_client_that_does_not_trust_the_authority_refuses_the_server(name, error):
    with https_server() as server:
        client = CLIENTS[name](_Untrusted(server))
        try:
            with pytest.raises(Exception) as caught:
                client.send('GET', server.url('/'))
            assert type(caught.value).__name__ in (error, 'SSLCertVerificationError')
            assert server.history == []
        finally:
            client.close()


class _Untrusted(object):
    """A server as a client sees it that trusts the authorities of the system alone."""

    def __init__(self, server):
        self.host, self.port, self.cafile = server.host, server.port, True

    def client_context(self):
        return ssl.create_default_context()
