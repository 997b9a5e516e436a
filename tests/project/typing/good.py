"""Tests that use everything public. Type checkers find no mistake in it, and pytest passes it."""
import asyncio
import io
import json
import re
import ssl
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, TypedDict, cast
from unittest import mock
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

import httptestserver
from httptestserver import (
    Data, Failure, Handler, HttpServerTest, HttpsServerTest, RecordedRequest, Route, Server, Stream,
    Tunnel, http_server, https_server, start_server, start_ssl_server)
from httptestserver.typing import (
    Callback, Criteria, MakeHttpServer, MakeHttpsServer, Response, ResponseKeys)


def fetch(server: Server, path: str = '/', data: Optional[bytes] = None) -> bytes:
    try:
        with urlopen(Request(server.url(path), data), context=server.client_context()) as response:
            return bytes(response.read())
    except HTTPError as error:
        return b'%d' % error.code


class User(TypedDict):
    name: str
    tags: List[str]


def users() -> List[User]:
    return [{'name': 'Ada', 'tags': ['a']}]


def payload() -> Dict[str, object]:
    return {'page': 1, 'users': users()}


def lines() -> Iterator[str]:
    yield 'one\n'
    yield 'two\n'


@pytest.fixture(name='server')
def a_server() -> Iterator[Server]:
    with http_server(history_limit=100) as server:
        yield server
        server.check()


@pytest.fixture(name='ada')
def a_route(server: Server) -> Route:
    return server.route('GET', '/users/{id}', response_json={'name': 'Ada', 'tags': []})


def test_each_value_of_a_key(server: Server, tmp_path: Path) -> None:
    data: Data = server.data
    data['response_status'] = 404
    data['response_status'] = lambda request: 200 if request.query else 404
    data['response_reason'] = 'Gone away'
    data['response_headers'] = {'ETag': '"1"', 'Content-Length': 2, b'X-Raw': b'\xff'}
    data['response_headers'] = [('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2')]
    data['response_headers'] = None
    data['response_content'] = b'\x00'
    data['response_content'] = 'text'
    data['response_content'] = [b'one ', b'two']
    data['response_content'] = tmp_path / 'body.bin'
    data['response_content'] = io.BytesIO(b'file')
    data['response_content'] = (b'%d' % number for number in range(3))
    data['response_content'] = lambda request: lines()
    del data['response_content']
    data['response_json'] = {'id': 7, 'tags': ['a', None, True, 1.5], 'user': {'name': 'Ada'}}
    data['response_json'] = users()
    rows = [{'id': 1, 'name': 'Ada'}, {'id': 2, 'name': None}]
    data['response_json'] = {'rows': rows, 'next': None}
    data['response_json'] = payload()
    data['response_json'] = lambda request: request.params
    data['response_json'] = None
    del data['response_json']
    data['response_events'] = ['text', b': as it is\n\n', {'data': {'id': 7}, 'event': 'tick'}]
    data['response_events'] = lambda request: lines()
    del data['response_events']
    data['response_trailers'] = {'Digest': 'x'}
    data['response_informational'] = [(103, {'Link': '</a.css>'})]
    data['response_timeout'] = 0.05
    data['response_hold'] = threading.Event()
    data['response_rate'] = 1000
    data['response_content_encoding'] = 'gzip'
    data['response_content_encoding'] = lambda request: 'deflate'
    data['response_ranges'] = True
    data['response_ranges'] = lambda request: 'v' in request.query
    del data['response_ranges']
    data['response_folder'] = tmp_path
    data['response_folder'] = str(tmp_path)
    data['response_folder'] = lambda request: tmp_path
    del data['response_folder']
    data['response_fault'] = 'reset'
    data['response_fault_at'] = 10
    data['response_raw'] = b'220 mail.example.com ESMTP\r\n'
    data['response_callback'] = lambda request: request.body
    data['response_times'] = 2
    data['response_clear'] = True
    data['response_reset'] = False
    data['response_early'] = True
    assert data['response_times'] == data.setdefault('response_times', 3)
    assert data.get('response_fault') == data.pop('response_fault')
    data.clear()
    data.update({'response_status': 204}, response_content=b'')
    assert server.response_data == {'response_status': 204, 'response_content': b''}


def test_forward(server: Server) -> None:
    server.data['response_forward'] = 'https://api.example.com/v1'
    server.data['response_forward'] = lambda request: server.url('')
    with https_server() as real:
        server.data['response_forward_cafile'] = real.cafile
        server.data['response_forward_cafile'] = Path(real.cafile)
    server.route('GET', '/real', response_forward=real.url(''))


def test_stream(server: Server) -> None:
    events: Stream = server.stream(limit=1000)
    server.route('GET', '/events', response_events=events)
    server.enqueue(response_content=events, response_rate=1000)
    events.send('text', event='tick', id='7', retry=100)
    events.send({'a': [1, None]}, id=8)
    events.send(comment='still there')
    events.write(b'bytes')
    events.write('text')
    events.wait_opened(count=0, timeout=0.1)
    events.wait_closed(0)
    events.abort('reset')
    events.close()


def test_queue(server: Server) -> None:
    server.enqueue(503, b'ok', 'text', bytearray(b'bytes'), {'response_json': [1]})
    server.enqueue(lambda request: 404, lambda request: {'response_status': 204})
    server.enqueue(502, response_times=3, response_headers={'Retry-After': 1})
    server.enqueue(response_content=lines(), response_fault='disconnect', response_fault_at='end')
    keys: ResponseKeys = {'response_status': 429, 'response_reason': 'Slow down'}
    server.enqueue(keys)
    server.enqueue(**keys)
    responses: List[Response] = [200, 'text', keys]
    server.enqueue(*responses)
    assert fetch(server) == b'503'


def test_routes(server: Server, ada: Route) -> None:
    server.route(('PUT', 'PATCH'), re.compile('^/u'), response_status=201)
    server.route(path='/search', query={'q': 'tea', 'tag': ['a', 'b'], 'page': mock.ANY})
    server.route('GET', lambda path: path.endswith('.css'), headers={'Accept': mock.ANY})
    server.route('POST', json={'page': mock.ANY, 'size': 2}, response_json='any')
    server.route('POST', form={'a': ('1', '2')}, cookies={'session': 'x'}, body='text')
    server.route(match=lambda request: len(request.body) > 1000, response_status=413)
    server.route(query={'page': 2, 'debug': None, 'q': re.compile('^t')})
    server.route(query={'of': lambda text: text.endswith('s'), 'tag': ['a', 'b']})
    server.route(headers={'Accept': ['a', re.compile('b'), 3]}, cookies={'session': None})
    server.route(form={'tag': ('a', 2)}, body=re.compile(b'^a'), auth=('ann', 'pw'))
    server.route(body=re.compile('^a'), auth='t1', json_has={'user': {'id': 7}})
    server.route(body=lambda body: body.startswith(b'{'), auth=mock.ANY, json_has=[mock.ANY])
    server.route('POST', 'https://api.example.com/files/{path...}', files={
        'a': b'1', 'b': 'text', 'c': re.compile(b'^PK'), 'd': lambda content: len(content) > 9,
        'e': mock.ANY, 'f': None, 'g': [b'1', b'2']})
    ada.enqueue(404, lambda request: request.params['id'])
    ada.data['response_json'] = {'id': 7}
    assert (fetch(server, '/users/1'), fetch(server, '/users/2')) == (b'404', b'2')
    assert ada.history[0].route is ada.take_request().route
    ada.reset()
    ada.remove()


def test_callbacks(server: Server) -> None:
    @server.route('POST', '/status')
    def status(request: RecordedRequest) -> int:
        return 201 if request.json() == {'a': 1} else 400

    @server.route('POST', '/keys')
    def keys(request: RecordedRequest) -> ResponseKeys:
        return {'response_status': 202, 'response_content': request.body}

    @server.route('POST', '/dict')
    def a_dict(request: RecordedRequest) -> Dict[str, Any]:
        return {'response_json': {'echo': request.text}}

    @server.route('POST', '/another')
    def another(request: RecordedRequest) -> Callback:
        return a_dict if request.form else status

    def later(request: RecordedRequest) -> Response:
        return 404 if request.text else {'response_status': 204}

    server.enqueue(later, response_callback=keys)
    callbacks: Dict[str, Callback] = {'/b': later, '/c': lambda request: b'c'}
    for path, callback in callbacks.items():
        server.route('GET', path)(callback)
    assert [fetch(server, path) for path in callbacks] == [b'', b'c']
    assert fetch(server, '/status', b'{"a": 1}') == b''


def test_what_a_request_has(server: Server) -> None:
    server.data['response_headers'] = {'X-A': 'a'}
    fetch(server, '/search?q=tea&q=milk', b'a=1')
    request: RecordedRequest = server.history[-1]
    assert (request.method, request.command, request['command']) == ('POST',) * 3
    assert request.path.startswith('/search') and request.url.endswith('milk')
    assert request['body'] + request.body == b'a=1' * 2 and not request.trailers
    assert request.query == {'q': ['tea', 'milk']} and request.form == {'a': '1'}
    assert request.headers['Host'] == request['headers'].get('Host', '').lower()
    assert request.headers['Content-Type'].startswith('application/')
    assert request.headers.get_all('X-Absent', []) == [] and request.cookies == {}
    photo = request.files.get('photo')
    assert (photo is None or photo.filename) and request.query['q'][0] == 'tea'
    auth: Optional[Tuple[str, Any]] = request.auth
    assert auth is None or auth[0] == 'basic' and auth[1][0] == 'ann'
    assert request.files == {} and request.tls is None and request.get('tls') is None
    assert request.connection_index + request['exchange_index'] == 0 < request.time
    assert request.response_status < 300 and request['response_reason'].upper() == 'OK'
    assert dict(request.response_headers)['X-A'] == 'a' and request.response_content == b''
    duration: Optional[float] = request['duration']
    fault: Optional[str] = request.get('response_fault')
    discarded: int = request.get('body_discarded', 0)
    content: bytes = request.content
    assert content == request.body
    assert (duration or 0) >= 0 and fault is None and discarded == 0
    assert request.server.port == server.port and request.copy() == request
    assert server.data['path'] == request.path and 'largest' not in request


def test_waits_and_assertions(server: Server) -> None:
    threading.Thread(target=fetch, args=(server, '/a')).start()
    found: List[RecordedRequest] = server.wait(1, 5, method='GET', path='/a')
    server.wait(count=1, timeout=5.0, headers={'Host': mock.ANY})
    wanted: Criteria = {'method': ['GET', 'HEAD'], 'path': re.compile('^/a')}
    assert server.assert_requested(**wanted) == found
    server.assert_requested('GET', '/a', count=1, body=b'')
    server.assert_not_requested(json_has={'a': 1}, files={'a': b''}, auth='t1', query={'page': 2})
    ordered: List[RecordedRequest] = server.assert_requested_in_order(
        ('GET', re.compile('^/a')))
    server.assert_requested_in_order({'method': ['GET', 'HEAD'], 'path': '/a', 'body': b''})
    assert ordered == found
    server.assert_not_requested('DELETE', match=lambda request: bool(request.body))
    failures: List[Failure] = server.failures
    assert failures == [] == server.unmatched and server.har()['log']
    assert server.har(redact=['Cookie']) == server.har(('Cookie',)) == server.har({'Cookie'})
    server.close_connections()
    server.close_connections('reset')
    server.wait_connections(0, timeout=5.0)
    count: int = server.open_connections
    assert count == 0
    server.check(unserved=True, unrequested=True)
    server.reset()


def test_starts() -> None:
    with pytest.raises(AssertionError), http_server('127.0.0.1', 0, check=True) as checked:
        checked.route('GET', '/a')
        fetch(checked)
    with https_server(body_limit=10, check={'unserved': True}) as secure:
        assert secure.scheme == 'https' and Path(secure.cafile).exists()
        assert fetch(secure) == b''
    with start_server(handler=JobHandler) as plain:
        assert plain.start().host == '127.0.0.1'
    start_ssl_server(client_cafile=secure.cafile, client_cert='optional').stop()
    with https_server(hosts=['api.example.com']) as named, https_server(hosts=('a', '::1')) as two:
        assert fetch(named) + fetch(two) == b'' and named.certfile is None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(secure.certfile))
    start_ssl_server(ssl_context=context, hosts=None).stop()
    start_ssl_server(certificate='expired').stop()
    with http_server(proxy=True) as proxy:
        assert fetch(proxy) == b'' and proxy.tunnels == [] and proxy.history[0].tunnel is None
        proxy.route('CONNECT', 'down.example.com:443', response_status=502)
        opened: Tunnel = Tunnel(0, 'api.example.com:443', 1.5)
        host: str = opened.target.rpartition(':')[0]
        assert host and opened.connection_index + 1 and opened.time / 2
    start_server(proxy=False).stop()
    with https_server(certificate='wrong_host') as bad:
        assert bad.certfile and bad.client_context()
    Server('127.0.0.1', 0, 'https', ssl_context=context).stop()
    assert httptestserver.__version__ and httptestserver.server.Server is Server


def test_unix_sockets() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with http_server('unix:%s/a' % folder) as server:
            port: Optional[int] = server.port
            assert port is None
        Server('unix:%s/a' % folder, None).stop()


class JobKeys(ResponseKeys, total=False):
    response_job: str


class JobHandler(Handler):
    """A handler with a key of a response, a fact of a request and an entry of data of its own."""

    response_keys = {'response_job': None}

    def handle_request(self) -> None:
        super().handle_request()
        cast(Dict[str, Any], self.server.data)['largest'] = len(self.body)

    def do_PING(self) -> None:
        self.send_response(200)
        self.send_header('X-Host', self.headers.get('Host', ''))
        self.send_header('X-Length', len(self.body))
        self.end_headers()
        self.wfile.write(b'%d %d' % (self.connection_index, self.exchange_index))

    @property
    def state(self) -> Dict[str, Any]:
        return dict(super().state, trace=self.headers['X-Trace'])


def test_keys_of_ones_own() -> None:
    with http_server(handler=JobHandler) as server:
        job: JobKeys = {'response_status': 202, 'response_job': 'clean'}
        server.enqueue(job)
        server.data.update(job)
        server.route('POST', '/jobs').data.update(job)
        more: Dict[str, Any] = {'response_job': 'paint'}
        server.route('GET', '/jobs', response_status=200, **more)
        fetch(server, '/jobs')
        assert dict(server.history[0])['trace'] is None


def test_async(server: Server) -> None:
    server.enqueue(b'async')

    async def client() -> bytes:
        loop = asyncio.get_running_loop()
        received = await loop.run_in_executor(None, fetch, server)
        arrived = await loop.run_in_executor(None, server.take_request)
        found: List[RecordedRequest] = await server.wait_async(1, 5, path='/')
        task = asyncio.create_task(server.route().take_request_async(timeout=0))
        await asyncio.wait({task})
        await asyncio.wait_for(server.wait_async(count=0), 1)
        return received + arrived.body + found[0].body[:0]

    assert asyncio.run(client()) == b'async'


class PlainTest(HttpServerTest, unittest.TestCase):
    default_path = '/users'
    server_options = {'history_limit': 10, 'body_limit': None}
    check_options = {'unserved': True}

    def test_url(self) -> None:
        body: bytes = fetch(self.server, self.default_path)
        self.assertEqual((self.url('/users'), body), (self.default_url, b''))


class SecureTest(HttpsServerTest):
    server_options = {'handler': JobHandler, 'client_cert': 'optional'}

    def test_options(self) -> None:
        options: Dict[str, Any] = self.options
        assert options == {'verify': False} and fetch(self.server) == b''


class InterceptedTest(HttpServerTest):
    intercept = True

    def test_server(self) -> None:
        assert fetch(self.server) == b''


def test_http_proxy(http_proxy: Server) -> None:
    environment: Dict[str, str] = http_proxy.environ(no_proxy='localhost')
    assert http_proxy.environ(environment)['NO_PROXY'] == ''
    with http_proxy.intercept(), http_proxy.intercept(no_proxy='localhost'):
        assert fetch(http_proxy) == b''


@pytest.mark.httptestserver(history_limit=10, check=False)
def test_fixtures(http_server: Server, https_server: Server) -> None:
    assert fetch(http_server) + fetch(https_server, '/a') == b''


def test_factories(make_http_server: MakeHttpServer, make_https_server: MakeHttpsServer) -> None:
    servers = [make_http_server(), make_http_server(handler=JobHandler, check={'unserved': True}),
               make_https_server(host='127.0.0.1', port=0, body_limit=10, check=False),
               make_https_server(hosts=['api.example.com'], certificate=None)]
    start: Callable[[], Server] = make_http_server
    assert [fetch(each) for each in servers + [start()]] == [b''] * 5


def test_recordings(server: Server, tmp_path: Path) -> None:
    urlopen(server.url('/a')).close()
    path = tmp_path / 'a.har'
    path.write_text(json.dumps(server.har()))
    routes: List[Route] = server.replay(server.har()) + server.replay(path)
    assert len(routes + server.replay(str(path))) == 3
