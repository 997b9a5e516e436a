# -*- coding: utf-8 -*-
"""A response that is another server's: what is asked, what is passed on, and what is recorded."""
import json
import socket
import threading
import time

import pytest

from httptestserver import http_server, https_server
from httptestserver.http1.response_reader import has_responded
from httptestserver.waiting import monotonic
from support.client import Client, ask, request
from support.inside import set_patience
from support.marks import both_schemes, needs_extra
from support.servers import Leaks
from support.sockets import refusing_url
from support.tunnels import TunnelClient
from support.waiting import TIMEOUT, in_threads

pytestmark = pytest.mark.usefixtures('guard')


@pytest.fixture
def upstream():
    """The server that is forwarded to."""
    with http_server() as upstream:
        yield upstream


def fields_of(upstream, index=0):
    """Return the fields of a request that was forwarded, as they came: (name, value) pairs."""
    asked = upstream.har()['log']['entries'][index]['request']
    return [(field['name'], field['value']) for field in asked['headers']]


@both_schemes
def test_a_get_is_forwarded_and_its_response_is_recorded(server, client, upstream):
    upstream.route('GET', '/v1/pets', response_json=[1], response_reason='Fine',
                   response_headers=[('X-A', '1'), ('Server', 'real'), ('X-A', '2')])
    server.data['response_forward'] = upstream.url('/v1/')
    answer = client.get('/pets?limit=2', 'X-B: 1', 'Accept: a', 'x-b: 2')
    assert (answer.status, answer.reason) == (200, 'Fine')
    assert answer.body == b'[1]' and answer.get('content-length') == '3'
    assert answer.get('x-a') == '1, 2' and answer.get('server') == 'real'
    [asked], [entry] = upstream.history, server.history
    assert asked.requestline == 'GET /v1/pets?limit=2 HTTP/1.1'
    assert asked.headers.get('Host') == '%s:%d' % (upstream.host, upstream.port)
    assert [field for field in fields_of(upstream)
            if field[0] not in ('Host', 'Via', 'Connection')] == [
                ('X-B', '1'), ('Accept', 'a'), ('x-b', '2')]
    assert entry.response_status == 200 and entry.response_content == b'[1]'
    assert json.loads(server.har()['log']['entries'][0]['response']['content']['text']) == [1]
    server.check()
    assert client.get('/again').status == 404


def test_a_post_is_forwarded_with_its_body(server, client, upstream):
    upstream.route('POST', '/', response_callback=lambda request: request.body[::-1])
    server.data['response_forward'] = upstream.url('')
    client.send(request('POST', '/', body=b'abc'))
    assert client.answer().body == b'cba'
    client.send(request('POST', '/', 'Transfer-Encoding: chunked') +
                b'2\r\nab\r\n1\r\nc\r\n0\r\n\r\n')
    assert client.answer().body == b'cba'
    assert [each.headers.get('Content-Length') for each in upstream.history] == ['3', '3']
    assert [each.body for each in server.history] == [b'abc', b'abc']
    server.check()


# What is passed on.

def test_what_belongs_to_one_connection_is_dropped_in_both_directions(server, client, upstream):
    upstream.data['response_headers'] = [
        ('A', '1'), ('Keep-Alive', 'timeout=5'), ('X-Hop', '2'), ('Connection', 'X-Hop, close'),
        ('B', '\xe9'), ('Set-Cookie', 'a=1'), ('Upgrade', 'h2c'), ('Set-Cookie', 'b=2')]
    server.data['response_forward'] = upstream.url('')
    answer = client.get('/', 'TE: trailers', 'Connection: x-mine', 'X-Mine: 1', 'B: 2', 'b: 3',
                        'Proxy-Authorization: Basic YTpi', 'Upgrade: h2c', 'Via: 1.0 other')
    names = [name for name, _ in answer.fields]
    assert [name for name in names if name in ('a', 'b', 'set-cookie')] == [
        'a', 'b', 'set-cookie', 'set-cookie']
    assert not set(names).intersection(['keep-alive', 'x-hop', 'connection', 'upgrade', 'via'])
    fields = fields_of(upstream)
    assert [name for name, _ in fields] == ['Host', 'B', 'b', 'Via', 'Via', 'Connection']
    assert [value for name, value in fields if name == 'Via'][0] == '1.0 other'
    assert dict(fields)['Via'].startswith('1.1 httptestserver-')
    assert upstream.history[0].headers['Connection'] == 'close'


def test_a_field_that_repeats_is_passed_on_in_its_place(server, client, upstream):
    server.data['response_forward'] = upstream.url('')
    client.get('/', 'A: 1', 'B: 2', 'A: 3')
    assert [field for field in fields_of(upstream) if field[0] in ('A', 'B')] == [
        ('A', '1'), ('B', '2'), ('A', '3')]


def test_bytes_of_fields_and_target_are_not_changed(server, client, upstream):
    upstream.data['response_raw'] = (
        b'HTTP/1.1 200 \xc3\xa9\r\nA: \xc3\xa9\xff\r\nContent-Length: 0\r\n\r\n')
    server.data['response_forward'] = upstream.url('')
    client.send(b'GET /\xc3\xa9%41?\xff HTTP/1.1\r\nHost: a\r\nA: \xc3\xa9\xff\r\n\r\n')
    answer = client.answer()
    assert answer.reason == u'\xc3\xa9' and answer.get('a') == u'\xc3\xa9\xff'
    assert upstream.history[0].raw_requestline == b'GET /\xc3\xa9%41?\xff HTTP/1.1\r\n'
    assert upstream.history[0].headers['A'] == '\xc3\xa9\xff'


@pytest.mark.parametrize('method, keys, content', [
    ('HEAD', {'response_content': b'abc'}, b''), ('GET', {'response_status': 204}, b''),
    ('GET', {'response_status': 304, 'response_headers': {'Content-Length': '5'}}, b''),
    ('GET', {'response_content': [b'a', b'', b'bc']}, b'abc'), ('GET', {}, b''),
    ('GET', {'response_raw': b'HTTP/1.0 200 OK\r\n\r\nabc'}, b'abc'), ('PROPFIND', {}, b''),
    ('GET', {'response_raw': b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef'}, b'abc'),
    ('GET', {'response_raw': b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nabcdef'}, b''),
    ('GET', {'response_raw': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'
                             b'Content-Length: 9\r\n\r\n3\r\nabc\r\n0\r\n\r\n'}, b'abc'),
    ('GET', {'response_raw': b'HTTP/1.1 205 OK\r\nContent-Length: 3\r\n\r\nabc'}, b''),
    ('GET', {'response_raw': b'HTTP/1.1 204 OK\r\nContent-Length: 3\r\n\r\nabc'}, b''),
])
@pytest.mark.parametrize('version', ['1.0', '1.1'])
def test_every_frame_is_passed_on_as_one_that_the_client_understands(
        server, client, upstream, method, keys, content, version):
    upstream.data.update(keys)
    server.data['response_forward'] = upstream.url('')
    for _ in range(2 if version == '1.1' else 1):
        client.send(request(method, '/', version=version))
        answer = client.answer(method)
        assert (answer.body, server.history[-1].response_content) == (content, content)
    assert len(set(each.connection_index for each in server.history)) == 1
    server.check()


def test_the_length_for_head_and_304_is_that_of_the_other_server(server, client, upstream):
    upstream.data['response_content'] = b'abc'
    server.data['response_forward'] = upstream.url('')
    client.send(request('HEAD'))
    assert client.answer('HEAD').get('content-length') == '3'
    upstream.data.update(response_status=304, response_headers={'Content-Length': '7'})
    assert client.get('/').get('content-length') == '7'


def test_a_head_without_a_length_gets_none(server, client, upstream):
    # A length of 0 would be that of GET.
    upstream.data['response_raw'] = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    server.data['response_forward'] = upstream.url('')
    for _ in range(2):
        client.send(request('HEAD'))
        answer = client.answer('HEAD')
        assert answer.get('content-length') is answer.get('transfer-encoding') is None
    assert len(set(each.connection_index for each in server.history)) == 1
    server.check()


@pytest.mark.parametrize('method, fields', [
    ('GET', b'Transfer-Encoding: chunked\r\nContent-Length: None\r\n'),
    ('HEAD', b'Content-Length: \xb2\r\n'), ('HEAD', b'Content-Length: 1, 2\r\n')])
def test_a_length_that_is_no_number_is_never_passed_on(server, client, upstream, method, fields):
    upstream.data['response_raw'] = (
        b'HTTP/1.1 200 OK\r\n' + fields + b'\r\n3\r\nabc\r\n0\r\n\r\n')
    server.data['response_forward'] = upstream.url('')
    client.send(request(method))
    answer = client.answer(method)
    assert answer.get('content-length') is None
    assert answer.body == (b'abc' if method == 'GET' else b'')
    server.check()


def test_redirects_are_passed_on_and_not_followed(server, client, upstream):
    upstream.data.update(response_status=302, response_headers={'Location': '/b'})
    server.data['response_forward'] = upstream.url('')
    answer = client.get('/a')
    assert (answer.status, answer.get('location')) == (302, '/b')
    assert [each.path for each in upstream.history] == ['/a']


def test_interim_responses_are_dropped(server, client, upstream):
    upstream.data.update(response_informational=[(103, {'Link': 'a'})], response_content=b'abc')
    server.data['response_forward'] = upstream.url('')
    answer = client.get('/')
    assert (answer.status, answer.get('link'), answer.body) == (200, None, b'abc')
    assert 'response_informational' not in server.history[0]


@pytest.mark.parametrize('interim', [
    b'HTTP/1.1 100 Continue\r\n\r\n', b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' * 2])
def test_an_interim_response_does_not_end_the_body(
        server, client, listening, monkeypatch, interim):
    seen, bodies = threading.Event(), []

    def noting(received):
        if received:
            seen.set()
        return has_responded(received)

    def serve():
        connection = listening.accept()[0]
        connection.settimeout(TIMEOUT)
        connection.sendall(interim)
        # Nothing is read before the forwarding server has seen that.
        assert seen.wait(TIMEOUT)
        received = bytearray()
        while not received.endswith(b'x!'):
            received += connection.recv(1048576)
        bodies.append(received.partition(b'\r\n\r\n')[2])
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        connection.close()

    monkeypatch.setattr('httptestserver.serving.forwarding.has_responded', noting)
    server.data['response_forward'] = 'http://127.0.0.1:%d' % listening.getsockname()[1]
    thread = threading.Thread(target=serve)
    thread.start()
    body = b'x' * 20000000 + b'!'
    client.send(request('POST', '/', body=body))
    answer = client.answer()
    thread.join()
    assert (answer.status, answer.body) == (200, b'ok')
    assert bodies == [body]


def test_trailers_are_passed_on_in_both_directions(server, client, upstream):
    upstream.data.update(response_content=[b'a'], response_trailers=[('T', '1'), ('T', '2')])
    server.data['response_forward'] = upstream.url('')
    fields = 'Transfer-Encoding: chunked', 'Trailer: X', 'Connection: close'
    client.send(request('POST', '/', *fields) + b'3\r\nabc\r\n0\r\nX: 1\r\nHost: evil\r\n\r\n')
    received = client.rest()
    assert received.endswith(b'1\r\na\r\n0\r\nT: 1\r\nT: 2\r\n\r\n')
    assert b'\r\nTrailer: T, T\r\n' in received
    [asked], [entry] = upstream.history, server.history
    assert asked.body == b'abc' and asked.trailers == (('X', '1'),)
    assert entry.response_trailers == (('T', '1'), ('T', '2'))


def test_a_client_that_expects_100_gets_it_from_this_server(server, client, upstream):
    server.data['response_forward'] = upstream.url('')
    client.send(request('PUT', '/', 'Expect: 100-continue', 'Content-Length: 3'))
    assert client.answer().status == 100
    client.send(b'abc')
    assert client.answer().status == 200
    assert upstream.history[0].body == b'abc' and 'Expect' not in upstream.history[0].headers


def test_an_early_response_is_passed_on_though_the_body_is_not_read(server, client, upstream):
    upstream.route('PUT', response_early=True, response_status=413)
    server.data['response_forward'] = upstream.url('')
    client.send(request('PUT', '/', body=b'x' * 20000000))
    assert client.answer().status == 413
    server.check()


def until(client, octets):
    """Return what comes, once it has *octets*."""
    received = b''
    while octets not in received:
        piece = client.socket.recv(65536)
        assert piece, 'it ended after %r' % received
        received += piece
    return received


def test_content_is_sent_as_it_comes(server, client, upstream):
    stream = upstream.stream()
    upstream.data['response_content'] = stream
    server.data['response_forward'] = upstream.url('')
    client.send(request('GET', '/', 'Connection: close'))
    stream.write(b'one')
    until(client, b'one')
    assert server.history[0].duration is None
    stream.close()
    assert client.rest().endswith(b'0\r\n\r\n')
    assert server.history[0].response_content == b'one'


@pytest.mark.parametrize('limit, kept', [(None, 3000000), (5, 5), (0, 0), (3000000, 3000000)])
def test_content_is_kept_up_to_the_limit_and_a_cut_is_marked(upstream, limit, kept):
    upstream.data['response_content'] = b'x' * 3000000
    with http_server(body_limit=limit) as server:
        server.data['response_forward'] = upstream.url('')
        assert len(ask(server).body) == 3000000
        assert server.history[0].response_content == b'x' * kept
        content = server.har()['log']['entries'][0]['response']['content']
        assert content['size'] == 3000000
        assert ('comment' in content) == (kept < 3000000)
        server.check()


# Where it is forwarded to.

@pytest.mark.parametrize('target', ['//evil.example/a', '/@evil.example/', '/a?b=http://evil/',
                                    '/.evil', '/%2e%2e/a', '/../a', '/a;b=c'])
def test_only_the_path_and_the_query_are_those_of_the_request(server, client, upstream, target):
    server.data['response_forward'] = upstream.url('')
    assert client.get(target, 'X-Forwarded-Host: evil.example').status == 200
    assert upstream.history[0].path == target
    assert upstream.history[0].headers['Host'] == upstream.url('')[7:]


@pytest.mark.parametrize('method, target', [
    ('GET', 'http://evil.example/a'), ('OPTIONS', '*'), ('CONNECT', 'evil.example:443')])
def test_a_target_without_a_path_at_its_start_is_400(server, client, upstream, method, target):
    server.route(response_forward=upstream.url(''))
    client.send(request(method, target))
    answer = client.answer()
    assert answer.status == 400 and b'does not begin with a slash' in answer.body
    assert upstream.history == []
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert 'does not begin with a slash' in str(caught.value)


def test_no_target_leads_out_of_the_base(server, client, upstream):
    server.data['response_forward'] = upstream.url('/v1/')
    for target in ('/../secret', '/a/%2E%2e/b', '/./a', '/a%2f..%2F..%2fb', '/a%5c%2e.', '/a\\..'):
        assert client.get(target).status == 400
    assert client.get('/a?b=/../c').status == 200
    assert [each.path for each in upstream.history] == ['/v1/a?b=/../c']


def test_a_server_that_forwards_to_itself_is_508(server, client):
    server.data['response_forward'] = server.url('')
    answer = client.get('/a')
    assert answer.status == 508 and b'loop' in answer.body
    assert [each.response_status for each in server.history] == [508, 508]
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert 'loop' in str(caught.value)


def test_a_loop_over_another_server_is_508(server, client, upstream):
    server.data['response_forward'] = upstream.url('')
    upstream.data['response_forward'] = server.url('')
    assert client.get('/a', 'Connection: Via').status == 508
    assert (len(server.history), len(upstream.history)) == (2, 1)


# What goes wrong.

def forwards_badly(server, client, status, reason):
    """Check that a request gets *status*, and that the client and ``check()`` get the *reason*."""
    answer = client.get('/')
    assert (answer.status, answer.get('content-type')) == (status, 'text/plain; charset=utf-8')
    assert reason in answer.body.decode('utf-8')
    assert server.history[0].response_status == status
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert reason in str(caught.value)
    assert str(caught.value).startswith('handling GET / HTTP/1.1 failed:\n')


def test_a_server_that_does_not_listen_is_502(server, client):
    with refusing_url() as url:
        server.data['response_forward'] = url
        forwards_badly(server, client, 502, 'forwarding to %s failed: ' % url)


def test_a_name_without_an_address_is_502(server, client, monkeypatch):
    def fails(*_):
        raise socket.gaierror(-2, 'unknown')
    monkeypatch.setattr('httptestserver.serving.lookup.addresses_of', fails)
    server.data['response_forward'] = 'http://none.example'
    forwards_badly(server, client, 502, 'unknown')


@pytest.mark.parametrize('raw, reason', [
    (b'', 'ended before it was whole'), (b'hello\r\n\r\n', 'status line'),
    (b'HTTP/1.1 200 OK\r\nA: b', 'ended before it was whole'),
    (b'HTTP/1.1 101 Switch\r\n\r\n', '101'), (b'HTTP/1.1 200 OK\r\nA\r\n\r\n', 'field line'),
    (b'HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n', 'Content-Length'),
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'Transfer-Encoding'),
])
def test_a_malformed_response_is_502(server, client, upstream, raw, reason):
    upstream.data['response_raw'] = raw
    server.data['response_forward'] = upstream.url('')
    forwards_badly(server, client, 502, reason)


@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_server_that_breaks_off_before_its_response_is_502(server, client, upstream, fault):
    upstream.data['response_fault'] = fault
    server.data['response_forward'] = upstream.url('')
    forwards_badly(server, client, 502, 'failed')


def test_a_server_that_does_nothing_is_504(server, client, upstream, monkeypatch):
    monkeypatch.setattr('httptestserver.http1.upstream.TIMEOUT', 0.1)
    upstream.data['response_fault'] = 'stall'
    server.data['response_forward'] = upstream.url('')
    forwards_badly(server, client, 504, 'it did nothing for')


@pytest.mark.parametrize('fault, content', [
    ('disconnect', b'abcdef'), ('reset', b'abcdef'), ('stall', b'abcdef'),
    ('disconnect', [b'abcdef'])])
def test_content_that_breaks_off_breaks_off_for_the_client(
        server, client, upstream, fault, content, monkeypatch):
    step, passed = [0], [0]

    def clock():
        passed[0] += step[0]
        return monotonic() + passed[0]

    monkeypatch.setattr('httptestserver.http1.upstream.monotonic', clock)
    upstream.data.update(response_content=content, response_fault=fault, response_fault_at=3)
    server.data['response_forward'] = upstream.url('')
    client.send(request())
    received = until(client, b'abc')
    if fault == 'stall':
        # Not before, because the other server may be slow to begin. From now on an hour passes
        # from one look at the clock to the next.
        step[0] = 3600
    received += client.rest()
    assert b'abc' in received and b'def' not in received and not received.endswith(b'0\r\n\r\n')
    [entry] = server.history
    assert entry.response_content == b'abc' and entry.response_fault_at == 3
    assert entry.response_fault == ('reset' if fault == 'reset' else 'disconnect')
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert 'forwarding to ' in str(caught.value)


def test_a_body_that_was_cut_is_502(upstream):
    with http_server(body_limit=2) as server:
        server.data['response_forward'] = upstream.url('')
        answer = ask(server, 'POST', '/', body=b'abc')
        assert answer.status == 502 and b'body_limit' in answer.body
        assert upstream.history == []
        assert ask(server, 'POST', '/', body=b'ab').status == 200


def test_many_requests_are_forwarded_at_the_same_time(server, upstream):
    upstream.data['response_callback'] = lambda request: {
        'response_content': request.body * 1000, 'response_timeout': 0.01}
    server.data['response_forward'] = upstream.url('')
    bodies = [str(number).encode('ascii') for number in range(100)]
    came = in_threads(lambda body: ask(server, 'POST', '/', body=body).body, bodies, 20)
    assert came == [body * 1000 for body in bodies]
    assert len(server.history) == len(upstream.history) == 100


def test_proxies_of_the_environment_are_not_used(server, client, upstream, monkeypatch):
    for name in ('http_proxy', 'HTTP_PROXY', 'ALL_PROXY'):
        monkeypatch.setenv(name, 'http://127.0.0.1:1')
    server.data['response_forward'] = upstream.url('')
    assert client.get('/').status == 200


# Who is trusted.

def test_a_server_is_verified_by_the_file_and_by_nothing_else(server, client):
    with https_server() as upstream:
        server.enqueue(response_forward=upstream.url(''), response_forward_cafile=upstream.cafile)
        server.data['response_forward'] = upstream.url('')
        assert client.get('/').status == 200
        answer = client.get('/')
        assert answer.status == 502 and b'certificate' in answer.body.lower()
        assert len(upstream.history) == 1


@pytest.mark.parametrize('certificate', ['expired', 'wrong_host', 'self_signed', 'untrusted'])
def test_a_certificate_that_is_wrong_is_502(server, client, certificate):
    with https_server(certificate=certificate) as upstream:
        server.data.update(response_forward=upstream.url(''),
                           response_forward_cafile=upstream.cafile)
        answer = client.get('/')
        assert answer.status == 502 and b'certificate' in answer.body.lower()


def test_http_in_place_of_https_is_502(server, client, upstream):
    server.data['response_forward'] = upstream.url('').replace('http:', 'https:')
    assert client.get('/').status == 502


# What ends it.

@pytest.fixture
def stalled(server, client, upstream):
    """A request that waits for a server that stalls."""
    upstream.data['response_fault'] = 'stall'
    server.data['response_forward'] = upstream.url('')
    client.send(request())
    upstream.wait()


@pytest.fixture
def ends_in_time(server, client, monkeypatch):
    """Checks that a method of *server* ends the forwarding and returns, and waits for no time-out.
    """
    # Otherwise a stop that has waited in vain would end the connection soon, too.
    set_patience(monkeypatch.setattr, 2 * TIMEOUT)

    def check(call):
        begun = time.time()
        getattr(server, call)()
        assert client.rest() == b''
        server.wait_connections(0, TIMEOUT)
        assert time.time() - begun < TIMEOUT
    return check


@pytest.mark.parametrize('call', ['stop', 'reset', 'close_connections'])
@both_schemes
def test_a_call_that_ends_waits_ends_the_connection_to_the_other_server(
        upstream, stalled, ends_in_time, call):
    ends_in_time(call)
    upstream.wait_connections(0, TIMEOUT)


@pytest.fixture
def slow_names(monkeypatch):
    """Names whose look-up takes longer than a test. It is set when one has begun."""
    begun, ended = threading.Event(), threading.Event()

    def blocks(*_):
        begun.set()
        ended.wait(3 * TIMEOUT)
        raise socket.gaierror(-2, 'unknown')
    monkeypatch.setattr('httptestserver.serving.lookup.addresses_of', blocks)
    yield begun
    ended.set()


@pytest.mark.parametrize('call', ['stop', 'reset', 'close_connections'])
def test_a_call_that_ends_waits_ends_the_look_up_of_a_name(
        server, client, slow_names, ends_in_time, call):
    server.data['response_forward'] = 'http://slow.example'
    client.send(request())
    assert slow_names.wait(TIMEOUT)
    ends_in_time(call)


@pytest.mark.parametrize('call', ['stop', 'reset', 'close_connections'])
@pytest.mark.parametrize('scheme, size', [('https', 0), ('http', 8 << 20)])
def test_a_call_that_ends_waits_ends_a_handshake_and_a_request_that_nobody_reads(
        server, client, listening, ends_in_time, call, scheme, size):
    server.data['response_forward'] = '%s://127.0.0.1:%d' % (scheme, listening.getsockname()[1])
    client.send(request('POST', body=b'x' * size))
    peer = listening.accept()[0]
    try:
        assert peer.recv(1)
        ends_in_time(call)
    finally:
        peer.close()


def test_a_call_that_ends_waits_ends_content_that_waits(server, client, upstream):
    stream = upstream.stream()
    upstream.data['response_content'] = stream
    server.data['response_forward'] = upstream.url('')
    client.send(request())
    stream.write(b'one')
    stream.wait_opened()
    server.reset()
    client.rest()
    stream.wait_closed()


def test_a_client_that_leaves_ends_the_connection_to_the_other_server(
        server, client, upstream, stalled):
    client.close()
    upstream.wait_connections(0)
    server.wait_connections(0)
    server.check()


def test_a_client_that_leaves_within_a_rate_is_noticed(server, client, upstream):
    upstream.data['response_content'] = b'0123456789'
    # The next byte would come too late to notice it.
    server.data.update(response_forward=upstream.url(''), response_rate=0.01)
    client.send(request())
    assert client.socket.recv(9) == b'HTTP/1.1 '
    client.close()
    server.wait_connections(0, TIMEOUT)


def test_nothing_is_left_behind():
    with Leaks():
        with http_server() as server, http_server() as upstream:
            server.data['response_forward'] = upstream.url('')
            for keys in ({}, {'response_fault': 'reset'}, {'response_raw': b'x'},
                         {'response_content': b'abc', 'response_fault': 'reset',
                          'response_fault_at': 1}):
                upstream.enqueue(dict(keys))
                with Client(server) as client:
                    client.send(request('GET', '/', 'Connection: close'))
                    client.rest()
            upstream.wait_connections(0)


# What stands beside it.

@pytest.mark.parametrize('beside', [
    {'response_status': 201}, {'response_reason': 'a'}, {'response_headers': {'A': 'b'}},
    {'response_trailers': {'A': 'b'}}, {'response_content_encoding': 'gzip'},
    {'response_raw': b'a'}, {'response_early': True}, {'response_ranges': True},
    {'response_content': b'a'}, {'response_json': 1}])
def test_keys_of_the_response_are_refused_where_they_are_written(server, beside):
    with pytest.raises(ValueError) as caught:
        server.route('GET', '/', response_forward='http://127.0.0.1:1', **beside)
    assert 'response_forward' in str(caught.value) and list(beside)[0] in str(caught.value)


def test_a_file_without_a_url_is_refused(server):
    with pytest.raises(ValueError) as caught:
        server.enqueue(response_forward_cafile=__file__.replace('.pyc', '.py'))
    assert 'response_forward_cafile is' in str(caught.value)


def test_true_is_refused_by_a_server_that_is_no_proxy(server):
    with pytest.raises(ValueError) as caught:
        server.data['response_forward'] = True
    assert str(caught.value) == (
        'response_forward is True, but this server is no proxy; give the URL of a server')


def test_faults_rates_and_delays_act_on_what_comes(server, client, upstream):
    upstream.data['response_content'] = b'0123456789'
    server.route('GET', '/half', response_forward=upstream.url(''), response_fault='disconnect',
                 response_fault_at='body')
    server.route('GET', '/slow', response_forward=upstream.url(''), response_rate=100,
                 response_timeout=0.05)
    server.route('GET', '/never', response_forward=upstream.url(''), response_fault='reset')
    begun = time.time()
    assert client.get('/slow').body == b'0123456789'
    assert time.time() - begun > 0.1
    client.send(request('GET', '/half'))
    assert client.rest().endswith(b'\r\n\r\n01234')
    with Client(server) as other:
        other.send(request('GET', '/never'))
        assert other.rest() == b''
    assert [each.path for each in upstream.history] == ['/slow', '/half']


def test_a_callback_decides_whether_and_where_to_forward(server, client, upstream):
    def decide(request):
        if request.path == '/own':
            return 204
        if request.path == '/wrong':
            return {'response_forward': upstream.url(''), 'response_status': 201}
        return {'response_forward': upstream.url('')}

    route = server.route(response_callback=decide)
    server.data['response_forward'] = lambda request: upstream.url('/made')
    assert [client.get(path).status for path in ('/own', '/a', '/wrong')] == [204, 200, 500]
    route.remove()
    assert ask(server, 'GET', '/b').status == 200
    assert [each.path for each in upstream.history] == ['/a', '/made/b']


# A proxy.

@needs_extra
def test_a_proxy_forwards_to_the_server_that_the_request_names(upstream):
    with http_server(proxy=True, check=True) as proxy:
        proxy.route(response_forward=True)
        with TunnelClient(proxy) as client:
            assert client.get(upstream.url('/a?b')).status == 200
        with TunnelClient(proxy, upstream.url('')[7:], tls=False) as client:
            client.send(request('GET', '/c').replace(b'localhost', upstream.url('')[7:].encode()))
            assert client.answer().status == 200
        assert [each.path for each in upstream.history] == ['/a?b', '/c']
        assert upstream.history[0].headers['Host'] == upstream.url('')[7:]


@needs_extra
def test_a_proxy_names_itself_in_requests_and_responses(upstream):
    with http_server(proxy=True) as proxy, TunnelClient(proxy) as client:
        proxy.route(response_forward=True)
        upstream.data['response_headers'] = {'Via': '1.0 other'}
        client.send(request('GET', upstream.url('/')))
        ours = upstream.wait()[0].headers['Via']
        assert [value for name, value in client.answer().fields if name == 'via'] == [
            '1.0 other', ours]
        assert ('Via', ours) in proxy.history[-1].response_headers


@needs_extra
def test_a_proxy_asks_a_server_without_a_path_for_its_options(upstream):
    with http_server(proxy=True) as proxy, TunnelClient(proxy) as client:
        proxy.route(response_forward=True)
        for target in ('', '/', '?'):
            client.send(request('OPTIONS', upstream.url('') + target))
            assert client.answer().status == 200
        client.send(request('GET', upstream.url('')))
        assert client.answer().status == 200
    assert [each.raw_requestline for each in upstream.history] == [
        b'OPTIONS * HTTP/1.1\r\n', b'OPTIONS / HTTP/1.1\r\n', b'OPTIONS /? HTTP/1.1\r\n',
        b'GET / HTTP/1.1\r\n']


@needs_extra
@pytest.mark.parametrize('target, named', [
    (b'ftp://x/a', b'ftp://x'), (b'http://a:99999/', b'http://a:99999')])
def test_a_proxy_says_what_it_cannot_be_asked_for(target, named):
    with http_server(proxy=True) as proxy, TunnelClient(proxy) as client:
        proxy.route(response_forward=True)
        client.send(b'GET ' + target + b' HTTP/1.1\r\nHost: a\r\n\r\n')
        answer = client.answer()
        assert (answer.status, answer.body) == (
            400, b"the request cannot be forwarded: it names '" + named
            + b"', which is no host of http or https\n")


@needs_extra
def test_a_proxy_verifies_the_server_of_a_tunnel():
    with https_server() as upstream, http_server(proxy=True) as proxy:
        target = upstream.url('')[8:]
        for keys, status in (({'response_forward_cafile': upstream.cafile}, 200), ({}, 502)):
            proxy.reset()
            proxy.route(response_forward=True, **keys)
            with TunnelClient(proxy, target) as client:
                client.send(request('GET', '/a').replace(b'localhost', target.encode()))
                assert client.answer().status == status
        assert [each.path for each in upstream.history] == ['/a']


@needs_extra
def test_the_authority_of_an_intercepting_proxy_is_not_trusted():
    with https_server(hosts=['127.0.0.1']) as upstream, http_server(proxy=True) as proxy:
        assert upstream.cafile == proxy.cafile
        with http_server() as server, proxy.intercept():
            server.data['response_forward'] = upstream.url('')
            assert ask(server).status == 502
            server.data['response_forward_cafile'] = upstream.cafile
            assert ask(server).status == 200
        assert proxy.tunnels == []


@needs_extra
def test_a_proxy_that_is_asked_for_itself_is_508():
    with http_server(proxy=True) as proxy:
        proxy.route(response_forward=True)
        with TunnelClient(proxy) as client:
            assert client.get(proxy.url('/a')).status == 508
