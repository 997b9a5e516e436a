# -*- coding: utf-8 -*-
"""HTTP/1.1 as design section 7 promises it: connections, bodies, fields and targets."""
from __future__ import unicode_literals

import hashlib
import subprocess

import pytest
from six.moves import http_client

from httptestserver.server import Handler
from support.client import Client, request
from support.marks import thorough
from support.servers import serve
from support.waiting import cpu_time, in_threads

MIB = 1048576
BODY = b'\x00\r\n\xff0123456789'


@pytest.fixture(params=['http', 'https'])
def scheme(request):
    """Both, for every test of this module."""
    return request.param


def chunked(*parts):
    """Return *parts* as chunks, without the last one."""
    return b''.join([('%x\r\n' % len(part)).encode('ascii') + part + b'\r\n' for part in parts])


def paths(server):
    return [entry['path'] for entry in server.history]


# Connections.

def test_connection_serves_one_request_after_another(server, client):
    for number in range(5):
        server.data['response_content'] = str(number)
        answer = client.get('/%d' % number)
        assert (answer.status, answer.body) == (200, str(number).encode('ascii'))
        assert answer.get('connection') is None
    assert paths(server) == ['/0', '/1', '/2', '/3', '/4']
    assert [entry['connection_index'] for entry in server.history] == [0] * 5
    assert [entry['exchange_index'] for entry in server.history] == [0, 1, 2, 3, 4]


def test_connections_and_exchanges_are_counted(server):
    for _ in range(2):
        with Client(server) as client:
            client.get()
            client.get()
    assert [(entry['connection_index'], entry['exchange_index'])
            for entry in server.history] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_pipelined_requests_are_answered_in_order(server, client):
    server.data['response_content'] = b'ok'
    client.send(b''.join([request('POST', '/%d' % number, body=b'%d' % number)
                          for number in range(50)]))
    assert [client.answer().body for _ in range(50)] == [b'ok'] * 50
    assert [(entry['path'], entry['body']) for entry in server.history] == [
        ('/%d' % number, b'%d' % number) for number in range(50)]


def test_connection_close_ends_the_connection(server, client):
    answer = client.get('/', 'Connection: close')
    assert answer.get('connection') == 'close'
    assert client.rest() == b''
    assert server.history[0]['close_connection'] is True


def test_http_1_0_ends_the_connection(server, client):
    client.send(request(version='1.0'))
    assert client.answer().get('connection') == 'close'
    assert client.rest() == b''
    assert server.history[0]['request_version'] == 'HTTP/1.0'


def test_http_1_0_goes_on_where_the_client_asks_for_it(server, client):
    for _ in range(2):
        client.send(request('GET', '/', 'Connection: keep-alive', version='1.0'))
        assert client.answer().get('connection') == 'keep-alive'
    assert len(server.history) == 2


def test_answer_names_http_1_1_its_date_and_its_software(server, client):
    answer = client.get()
    assert (answer.version, answer.status, answer.reason) == ('HTTP/1.1', 200, 'OK')
    assert answer.get('date').endswith(' GMT')
    assert answer.get('server') == 'httptestserver'
    assert answer.get('content-length') == '0'


# Responses without content.

@pytest.mark.parametrize('method, status', [
    ('HEAD', 200), ('HEAD', 404), ('HEAD', 204), ('GET', 204), ('GET', 304), ('POST', 204),
    ('GET', 205)])
def test_response_without_content_keeps_the_connection_in_sync(server, client, method, status):
    server.data.update(response_status=status, response_content=b'content')
    for number in range(3):
        client.send(request(method, '/%d' % number))
        answer = client.answer(method)
        assert (answer.status, answer.body) == (status, b'')
    server.data.update(response_status=200)
    assert client.get('/next').body == b'content'
    assert len(server.history) == 4


def test_head_is_answered_with_the_length_of_the_content(server, client):
    server.data['response_content'] = b'content'
    client.send(request('HEAD'))
    assert client.answer('HEAD').get('content-length') == '7'


@pytest.mark.parametrize('status', [204, 304])
def test_status_without_content_has_no_length(server, client, status):
    server.data.update(response_status=status, response_content=b'content')
    answer = client.get()
    assert answer.get('content-length') is None
    assert answer.get('transfer-encoding') is None


# Request bodies.

@pytest.mark.parametrize('method', ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PING',
                                    'M-SEARCH'])
def test_body_of_any_method_is_recorded(server, client, method):
    client.send(request(method, '/', body=BODY))
    client.answer()
    client.send(request(method, '/', 'Transfer-Encoding: chunked')
                + chunked(BODY) + b'0\r\n\r\n')
    client.answer()
    assert [(entry['command'], entry['body']) for entry in server.history] == [
        (method, BODY)] * 2


def test_request_without_a_body_has_an_empty_one(server, client):
    client.get()
    assert server.history[0]['body'] == b''
    assert server.history[0]['trailers'] == ()


def test_chunks_are_joined_and_their_extensions_ignored(server, client):
    client.send(request('POST', '/', 'Transfer-Encoding: chunked')
                + b'3;a=b\r\none\r\n00003 ; c="d;\\"e"\r\ntwo\r\n0;last\r\n\r\n')
    client.answer()
    assert server.history[0]['body'] == b'onetwo'
    assert server.history[0]['headers']['Transfer-Encoding'] == 'chunked'


def test_trailers_are_recorded_apart_from_the_headers(server, client):
    client.send(request('POST', '/', 'Transfer-Encoding: chunked', 'Trailer: X-Sum')
                + chunked(b'body') + b'0\r\nX-Sum: 1\r\nx-sum:\t2 \r\nContent-Length: 9\r\n\r\n')
    client.answer()
    entry = server.history[0]
    assert entry['trailers'] == (('X-Sum', '1'), ('x-sum', '2'), ('Content-Length', '9'))
    assert entry['headers'].get('X-Sum') is None
    assert entry['headers'].get('Content-Length') is None
    assert client.get().status == 200


def test_body_in_many_segments_is_joined(server, client):
    octets = request('POST', '/', body=BODY * 10)
    for start in range(0, len(octets), 7):
        client.send(octets[start:start + 7])
    client.answer()
    assert server.history[0]['body'] == BODY * 10


# Expect: 100-continue.

def test_expectation_is_met_before_the_body_is_read(server, client):
    client.send(request('POST', '/', 'Expect: 100-continue', 'Content-Length: 4'))
    assert client.answer().status == 100
    assert server.history == []
    client.send(b'body')
    assert client.answer().status == 200
    assert server.history[0]['body'] == b'body'


def test_expectation_of_a_chunked_body_is_met(server, client):
    client.send(request('POST', '/', 'Expect: 100-continue', 'Transfer-Encoding: chunked'))
    assert client.answer().status == 100
    client.send(chunked(b'body') + b'0\r\n\r\n')
    assert client.answer().status == 200
    assert server.history[0]['body'] == b'body'


def test_expectation_without_a_body_is_not_met(server, client):
    assert client.get('/', 'Expect: 100-continue').status == 200


def test_expectation_of_http_1_0_is_not_met(server, client):
    client.send(request('POST', '/', 'Expect: 100-continue', body=b'body', version='1.0'))
    assert client.answer().status == 200


def test_expectation_that_cannot_be_met_is_refused(server, client):
    client.send(request('POST', '/', 'Expect: a-miracle', 'Content-Length: 4'))
    assert client.answer().status == 417
    assert client.rest() == b''
    assert server.history == []


def test_curl_waits_for_no_continue(scheme, tmpdir):
    # Without 100 (Continue) curl sends the body after the time that is given here.
    upload = tmpdir.join('upload')
    upload.write(b'b' * 2 * MIB, 'wb')
    with serve(scheme) as server:
        command = ['curl', '--silent', '--show-error', '--http1.1', '--max-time', '60',
                   '--expect100-timeout', '1000', '--header', 'Expect: 100-continue',
                   '--data-binary', '@%s' % upload, server.url('/up')]
        if scheme == 'https':
            command[1:1] = ['--cacert', server.cafile]
        try:
            subprocess.check_output(command, stderr=subprocess.STDOUT)
        except OSError:
            pytest.skip('no curl')
        assert server.history[0]['body'] == b'b' * 2 * MIB


# Fields.

def test_repeated_request_fields_are_all_recorded(server, client):
    client.get('/', 'X-A: 1', 'Cookie: a=b', 'x-a: 2', 'X-A:')
    headers = server.history[0]['headers']
    get_all = getattr(headers, 'get_all', None) or headers.getheaders
    assert get_all('X-A') == ['1', '2', '']
    assert get_all('cookie') == ['a=b']


def test_repeated_response_fields_are_all_sent_in_order(server, client):
    server.data['response_headers'] = [('Set-Cookie', 'a=1'), ('X-A', 'b'), ('Set-Cookie', 'c=2')]
    answer = client.get()
    assert [value for name, value in answer.fields if name == 'set-cookie'] == ['a=1', 'c=2']
    assert answer.get('x-a') == 'b'
    sent = server.history[0]['response_headers']
    assert [(name.lower(), value) for name, value in sent] == answer.fields


def test_names_of_response_fields_keep_their_case(server, client):
    server.data['response_headers'] = {'x-lOWER-Upper': 'v'}
    client.send(request('GET', '/', 'Connection: close'))
    assert b'\r\nx-lOWER-Upper: v\r\n' in client.rest()


@pytest.mark.parametrize('value, expected', [
    ('caf\xe9', 'caf\xe9'), ('\u20ac', '\xe2\x82\xac')], ids=['ISO-8859-1', 'UTF-8'])
def test_text_in_a_response_field_is_sent(server, client, value, expected):
    server.data['response_headers'] = {'X-A': value}
    assert client.get().get('x-a') == expected


def test_framing_that_the_author_scripts_is_sent_as_it_is(server, client):
    server.data.update(response_headers={'Content-Length': '10'}, response_content=b'short')
    client.send(request())
    assert client.rest().endswith(b'\r\n\r\nshort')


# Targets.

@pytest.mark.parametrize('target, recorded', [
    ('/a%20b%2Fc%2f%C3%A9?q=%26&r#'.rstrip('#'), '/a%20b%2Fc%2f%C3%A9?q=%26&r'),
    ('/caf\xe9', b'/caf\xc3\xa9'.decode('utf-8')),
    ('//two//slashes/../dots', '//two//slashes/../dots'),
    ('http://other.test:81/abs?q', 'http://other.test:81/abs?q'),
    ('https://[::1]/', 'https://[::1]/')])
def test_target_is_recorded_as_sent(server, client, target, recorded):
    assert client.get(target).status == 200
    path = server.history[0]['path']
    assert type(path) is str
    assert (path.decode('utf-8') if bytes is str else path) == recorded


def test_connect_is_recorded_as_sent_and_opens_no_tunnel(server, client):
    client.send(request('CONNECT', 'example.test:443'))
    answer = client.answer()
    assert (answer.status, answer.reason) == (501, 'Not Implemented')
    assert answer.body == (b"this server opens no tunnels; script a response to CONNECT, such as "
                           b"server.route('CONNECT', 'host:443', response_status=403)\n")
    assert [(entry['command'], entry['path'], entry['response_status'])
            for entry in server.history] == [('CONNECT', 'example.test:443', 501)]
    assert client.get().status == 200
    server.check()


@pytest.mark.parametrize('keys', [{'response_status': 200}, {'response_reason': 'Go on'}])
@pytest.mark.parametrize('place', ['data', 'queue', 'route'])
def test_connect_gets_what_is_scripted(server, client, place, keys):
    if place == 'data':
        server.data.update(keys)
    else:
        (server.route('CONNECT', 'example.test:443') if place == 'route' else server).enqueue(keys)
    client.send(request('CONNECT', 'example.test:443'))
    answer = client.answer('HEAD')
    assert (answer.status, answer.get('content-length')) == (200, None)
    assert answer.reason == keys.get('response_reason', 'OK')


def test_asterisk_of_options_is_recorded_as_sent(server, client):
    client.send(request('OPTIONS', '*'))
    assert client.answer().status == 200
    assert paths(server) == ['*']


def test_request_line_is_recorded_as_sent(server, client):
    client.send(request('BREW', '/pot?x', version='1.0'))
    client.answer()
    entry = server.history[0]
    assert entry['requestline'] == 'BREW /pot?x HTTP/1.0'
    assert entry['raw_requestline'] == b'BREW /pot?x HTTP/1.0\r\n'
    assert entry['request_version'] == 'HTTP/1.0'


# Malformed requests.

def test_malformed_request_is_told_why_and_stands_in_failures(server, client):
    client.send(b'GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n')
    answer = client.answer()
    assert answer.status == 400
    assert b'no colon' in answer.body
    assert answer.get('content-type').startswith('text/plain')
    assert answer.get('connection') == 'close'
    assert client.rest() == b''
    assert server.history == []
    failure, = server.failures
    assert failure.reason.encode('utf-8') + b'\n' == answer.body
    assert failure.client_address == client.socket.getsockname()
    assert failure.connection_index == 0
    assert '\n' not in str(failure) and 'no colon' in str(failure)


def test_good_request_before_a_malformed_one_is_answered(server, client):
    client.send(request('GET', '/good') + b'bad\r\n\r\n' + request('GET', '/after'))
    assert client.answer().status == 200
    assert client.answer().status == 400
    assert client.rest() == b''
    assert paths(server) == ['/good']


def test_refusal_reaches_a_client_that_goes_on_sending(server):
    # Closing with unread bytes sends a reset, which would destroy the response.
    for _ in range(20):
        with Client(server) as client:
            client.send(b'bad\r\n\r\n' + b'x' * 300000)
            assert client.answer().status == 400


@pytest.mark.parametrize('size', [b'FFFFFFFFFFFFFFF', b'7FFFFFFF'], ids=['2**60', '2**31'])
def test_false_chunk_size_takes_no_memory(server, client, size):
    client.send(request('POST', '/', 'Transfer-Encoding: chunked') + size + b'\r\nfew')
    client.socket.close()
    with Client(server) as other:
        assert other.get().status == 200
    assert paths(server) == ['/']


@pytest.mark.parametrize('octets', [
    request('POST', '/', 'Transfer-Encoding: chunked') + b'0' * 5000,
    request('POST', '/', 'Transfer-Encoding: chunked') + b'5' + b' ' * 4000 + b'x\r\n',
    request('POST', '/', 'Transfer-Encoding: chunked') + b'5' + b';a=b' * 1000 + b'\0\r\n',
    request('POST', '/', 'Transfer-Encoding: chunked') + b'0\r\n' + b'X-A: b\r\n' * 20000,
    request('GET', '/', 'Connection: a' + ' ' * 100000 + 'b'),
    request('GET', '/', 'Content-Length:' + ' ' * 100000 + 'b'),
    request('GET', '/', 'X-A: b' + ' ' * 100000 + 'c'),
    request('GET', '/', *['X-A: b'] * 20000),
    request('GET', '/', ':' * 100000),
    b'GET' + b' ' * 50000 + b'/ HTTP/1.1\r\n\r\n',
    b'\r\n' * 50000 + b'x',
    request('GET', 'http://' + '@' * 50000),
], ids=['zeros of a chunk size', 'blanks of a chunk size', 'chunk extensions', 'trailers',
        'blanks in a value', 'blanks before a value', 'blanks in another value', 'fields',
        'colons', 'blanks in the request line', 'empty lines', 'userinfo'])
def test_a_request_that_is_hard_to_parse_stops_nobody(octets):
    # An expression that backtracks holds the interpreter's lock, and with it all threads.
    with serve('http') as server, Client(server) as hard, Client(server) as other:
        started = cpu_time()
        hard.send(octets)
        assert other.get().status == 200
        hard.end_sending()
        hard.rest()                     # so all of it has been looked at
        for entry in server.history:
            entry['headers'].get('X-A')
        assert cpu_time() - started < 1


# Sizes.

def test_answer_of_8_mib_arrives_whole(server, client):
    content = bytes(bytearray(range(256))) * (8 * MIB // 256)
    server.data['response_content'] = content
    for _ in range(2):
        assert client.get().body == content
    assert server.history[0]['response_content'] == content


@thorough
def test_upload_of_100_mib_arrives_whole(server):
    block = bytes(bytearray(range(256))) * (MIB // 256)
    expected = hashlib.sha256()
    started = cpu_time()
    with Client(server) as client:
        client.send(request('PUT', '/', 'Content-Length: %d' % (100 * MIB)))
        for number in range(100):
            piece = block[number:] + block[:number]
            expected.update(piece)
            client.send(piece)
        assert client.answer().status == 200
    body = server.history[0]['body']
    assert len(body) == 100 * MIB
    assert hashlib.sha256(body).digest() == expected.digest()
    assert cpu_time() - started < 20


@thorough
def test_download_of_100_mib_arrives_whole(server):
    content = bytes(bytearray(range(256))) * (100 * MIB // 256)
    server.data['response_content'] = content
    received = hashlib.sha256()
    started = cpu_time()
    with Client(server) as client:
        client.send(request('GET', '/', 'Connection: close'))
        head, _, rest = client.socket.recv(65536).partition(b'\r\n\r\n')
        assert head.startswith(b'HTTP/1.1 200 OK\r\n')
        received.update(rest)
        for piece in iter(lambda: client.socket.recv(MIB), b''):
            received.update(piece)
    assert received.digest() == hashlib.sha256(content).digest()
    assert cpu_time() - started < 20


def test_chunked_upload_of_20_mib_arrives_whole(server, client):
    piece = b'0123456789abcdef' * 4096
    client.send(request('PUT', '/', 'Transfer-Encoding: chunked'))
    for _ in range(320):
        client.send(chunked(piece))
    client.send(b'0\r\n\r\n')
    assert client.answer().status == 200
    assert server.history[0]['body'] == piece * 320


# Handlers that write their own responses.

class Streaming(Handler):
    """Sends its content in pieces, of which nobody knows how many come."""

    def handle_request(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(3):
            self.wfile.write(b'piece')
            self.wfile.flush()


def test_content_of_unknown_length_is_chunked(scheme):
    with serve(scheme, handler=Streaming) as server, Client(server) as client:
        for _ in range(2):
            answer = client.get()
            assert answer.get('transfer-encoding') == 'chunked'
            assert answer.body == b'piece' * 3
        assert len(server.history) == 2


def test_content_of_unknown_length_ends_with_the_connection_in_http_1_0(scheme):
    with serve(scheme, handler=Streaming) as server, Client(server) as client:
        client.send(request('GET', '/', 'Connection: keep-alive', version='1.0'))
        answer = client.answer()
        assert answer.get('transfer-encoding') is None
        assert answer.get('connection') == 'close'
        assert answer.body == b'piece' * 3


class Breaking(Handler):
    """Fails after it has sent a part of what it promised."""

    def handle_request(self):
        self.send_response(200)
        self.send_header('Content-Length', '1000')
        self.end_headers()
        self.wfile.write(b'part')
        self.wfile.flush()
        raise ValueError('broken')


def test_nothing_follows_the_part_of_a_response_whose_handler_fails(scheme):
    with serve(scheme, handler=Breaking) as server, Client(server) as client:
        client.send(request())
        assert client.rest().endswith(b'\r\n\r\npart')
        with pytest.raises(AssertionError, match='broken'):
            server.check()


class Failing(Handler):
    """Fails before it has sent anything."""

    def handle_request(self):
        raise ValueError('broken')


def test_handler_that_fails_is_answered_500(scheme):
    with serve(scheme, handler=Failing) as server, Client(server) as client:
        answer = client.get()
        assert answer.status == 500
        assert b'broken' in answer.body
        with pytest.raises(AssertionError, match='broken'):
            server.check()


# A client of the standard library.

def test_client_of_the_standard_library_is_served(scheme):
    with serve(scheme) as server:
        server.data.update(response_content='caf\xe9', response_headers={'X-A': 'b'})
        if scheme == 'https':
            connection = http_client.HTTPSConnection(
                'localhost', server.port, timeout=20, context=server.client_context())
        else:
            connection = http_client.HTTPConnection(server.host, server.port, timeout=20)
        try:
            for number in range(3):
                connection.request('POST', '/%d' % number, b'body', {'X-C': 'd'})
                response = connection.getresponse()
                assert response.read() == b'caf\xc3\xa9'
                assert response.getheader('x-a') == 'b'
        finally:
            connection.close()
        assert [(entry['path'], entry['body'], entry['headers']['x-c'])
                for entry in server.history] == [('/%d' % n, b'body', 'd') for n in range(3)]


@thorough
def test_300_clients_at_once_are_all_served(scheme):
    def get(number):
        with Client(server) as client:
            return client.get('/%d' % number, 'Connection: close').status

    with serve(scheme) as server:
        assert in_threads(get, range(300), 100) == [200] * 300
        assert sorted(paths(server)) == sorted('/%d' % number for number in range(300))
