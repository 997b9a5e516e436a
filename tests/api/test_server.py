# -*- coding: utf-8 -*-
"""What `Server` and its functions promise, name by name, and what a `Handler` may override."""
import inspect
import logging
import shutil
import socket
import threading

import pytest

import httptestserver
from httptestserver import (
    Failure, RecordedRequest, Server, http_server, https_server, start_server, start_ssl_server)
from httptestserver.scripting.endpoint import Data
from httptestserver.server import Handler
from support.client import Client, request
from support.marks import both_schemes, needs_ipv6
from support.servers import Leaks, port_is_closed, serve
from support.waiting import eventually

REQUEST_KEYS = ['body', 'client_address', 'close_connection', 'command', 'connection',
                'connection_index', 'duration', 'exchange_index', 'headers', 'path',
                'raw_requestline', 'request', 'request_version', 'requestline', 'rfile',
                'server', 'time', 'tls', 'trailers', 'wfile']
RESPONSE_KEYS = ['response_content', 'response_headers', 'response_reason', 'response_status']


def get(server, path='/', *fields):
    """Return the answer to one GET on a connection of its own."""
    with Client(server) as client:
        return client.get(path, *fields)


def ask(server, *parts, **keys):
    """Return the answer to one request on a connection of its own."""
    with Client(server) as client:
        client.send(request(*parts, **keys))
        return client.answer(parts[0])


def parameters(function):
    """Return [(name, default)] of a function, without self."""
    arguments = getattr(inspect, 'getfullargspec', None) or inspect.getargspec
    told = arguments(function)
    defaults = (inspect,) * (len(told.args) - len(told.defaults or ())) + (told.defaults or ())
    return [(name, 'no default' if default is inspect else default)
            for name, default in zip(told.args, defaults) if name not in ('self', 'cls')]


# Names and defaults of release 0.1.0.

@pytest.mark.parametrize('name, expected', [
    ('start_server', [('host', None), ('port', None)]),
    ('start_ssl_server', [('host', None), ('port', None), ('certfile', None),
                          ('keyfile', None)]),
    ('http_server', []), ('https_server', []),
    ('Server.__init__', [('host', 'no default'), ('port', 'no default'), ('scheme', 'http'),
                         ('handler', Handler)]),
    ('Server.start_server', [('host', 'no default'), ('port', 'no default')]),
    ('Server.start_ssl_server', [('host', 'no default'), ('port', 'no default'),
                                 ('certfile', 'no default'), ('keyfile', 'no default')]),
    ('Server.url', [('path', '/')])])
def test_parameters_of_release_0_1_0_keep_their_places_and_defaults(name, expected):
    function = httptestserver.server
    for part in name.split('.'):
        function = getattr(function, part)
    found = parameters(inspect.unwrap(function) if hasattr(inspect, 'unwrap') else function)
    assert found[:len(expected)] == expected
    assert all(default != 'no default' for _, default in found[len(expected):])


@pytest.mark.parametrize('name', [
    'data', 'history', 'reset', 'response_data', 'url', 'host', 'port', 'scheme', 'failures',
    'certfile', 'cafile', 'client_context', 'start', 'stop'])
def test_a_server_has(name):
    with start_server() as server:
        getattr(server, name)


@pytest.mark.parametrize('name', ['handle_request', 'save_history', 'update_state', 'state'])
def test_a_handler_has(name):
    assert getattr(Handler, name)


@pytest.mark.parametrize('start', [start_server, start_ssl_server, lambda: http_server(),
                                   lambda: https_server()])
def test_a_server_listens_on_loopback_by_default(start):
    with start() as server:
        assert server.host == '127.0.0.1' and 0 < server.port < 65536
        assert get(server).status == 200


def test_start_server_starts_a_server():
    server = start_server()
    try:
        assert type(server) is Server and server.scheme == 'http'
        assert get(server).status == 200
    finally:
        server.stop()


@pytest.mark.parametrize('start, scheme', [(start_server, 'http'), (start_ssl_server, 'https')])
def test_host_and_port_may_be_given(start, scheme):
    with start('localhost', 0) as first:
        port = first.port
        assert (first.host, first.scheme) == ('127.0.0.1', scheme)
    with start(host='127.0.0.1', port=port) as second:
        assert second.port == port and get(second).status == 200


@pytest.mark.parametrize('context, scheme', [(http_server, 'http'), (https_server, 'https')])
def test_a_context_passes_on_what_it_is_given(context, scheme):
    class Mine(Handler):
        pass

    with context('127.0.0.1', 0, handler=Mine, history_limit=1) as server:
        assert server.scheme == scheme
        get(server, '/1')
        get(server, '/2')
        assert [entry['path'] for entry in server.history] == ['/2']


@pytest.mark.parametrize('context', [http_server, https_server, start_server, start_ssl_server])
def test_a_context_stops_the_server_whatever_happens_inside(context):
    for error in (ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit):
        with Leaks():
            with pytest.raises(error):
                with context() as server:
                    assert get(server).status == 200
                    raise error()
            assert port_is_closed(server)


@pytest.fixture
def pair_of_files(tmpdir):
    """Return the bundled certificate and its key in two files."""
    with open(httptestserver.tls.CERTFILE) as bundled:
        blocks = bundled.read().split('-----BEGIN ')[1:]
    paths = []
    for name, word in (('cert', 'CERTIFICATE'), ('key', 'PRIVATE')):
        path = tmpdir.join(name + '.pem')
        path.write(''.join('-----BEGIN ' + block for block in blocks
                           if word in block.split('-----')[0]))
        paths.append(str(path))
    return paths


@pytest.mark.parametrize('start', [
    lambda cert, key: start_ssl_server(None, None, cert, key),
    lambda cert, key: start_ssl_server(certfile=cert, keyfile=key),
    lambda cert, key: https_server(certfile=cert, keyfile=key),
    lambda cert, key: Server.start_ssl_server('127.0.0.1', 0, cert, key),
    lambda cert, key: Server('127.0.0.1', 0, 'https', certfile=cert, keyfile=key)])
def test_a_certificate_of_ones_own_is_served_and_trusted(start, pair_of_files):
    with start(*pair_of_files) as server:
        assert server.certfile == server.cafile == pair_of_files[0]
        assert get(server).status == 200


def test_class_methods_start_a_server_of_their_class():
    class Mine(Server):
        pass

    with Mine.start_server('127.0.0.1', 0) as server:
        assert type(server) is Mine and server.scheme == 'http' and get(server).status == 200
    with Mine.start_ssl_server('127.0.0.1', 0, None, None) as server:
        assert type(server) is Mine and server.scheme == 'https' and get(server).status == 200


def test_a_constructed_server_has_its_port_and_serves_when_started():
    server = Server('127.0.0.1', 0)
    try:
        port = server.port
        assert server.url() == 'http://127.0.0.1:%d/' % port
        assert server.start() is server and server.start() is server
        assert get(server).status == 200 and server.port == port
    finally:
        server.stop()


@pytest.mark.parametrize('scheme', ['ftp', 'HTTP', '', None])
def test_a_scheme_that_does_not_exist_is_refused(scheme):
    with Leaks():
        with pytest.raises(ValueError) as caught:
            Server('127.0.0.1', 0, scheme)
    assert str(caught.value) == "scheme is 'http' or 'https', got %r" % (scheme,)


@pytest.mark.parametrize('start', [start_server, start_ssl_server, Server])
def test_an_option_that_does_not_exist_is_refused(start):
    with Leaks():
        with pytest.raises(TypeError) as caught:
            start('127.0.0.1', 0, no_such_option=1)
    assert 'no_such_option' in str(caught.value)


@pytest.mark.parametrize('limit', [-1, 'many'])
def test_a_history_limit_that_is_no_count_is_refused(limit):
    with Leaks():
        with pytest.raises((TypeError, ValueError)):
            start_server(history_limit=limit)


@pytest.mark.parametrize('start', [start_server, start_ssl_server])
def test_a_port_in_use_is_told_and_nothing_is_left(start):
    with start_server() as server:
        with Leaks():
            with pytest.raises(socket.error) as caught:
                start(port=server.port)
    assert "cannot listen on '127.0.0.1' port %d: " % server.port in str(caught.value)


# Addresses and URLs.

@both_schemes
@pytest.mark.parametrize('path', ['/', '/a/b?c=d#e', u'/\xe9', '', '//a'])
def test_the_url_of_a_path(scheme, path):
    with serve(scheme) as server:
        assert server.url(path) == '%s://127.0.0.1:%d%s' % (scheme, server.port, path)
        assert server.url() == server.url('/')


@pytest.mark.parametrize('host', ['0.0.0.0'])
def test_the_url_of_a_server_on_all_addresses_can_be_used(host):
    with start_server(host) as server:
        assert server.host == host
        assert server.url() == 'http://127.0.0.1:%d/' % server.port
        assert get(server).status == 200


@needs_ipv6
@both_schemes
@pytest.mark.parametrize('host', ['::1', '::'])
def test_an_ipv6_address_is_served_and_has_a_url(scheme, host):
    with serve(scheme, host=host) as server:
        assert server.host == host
        assert server.url('/a') == '%s://[::1]:%d/a' % (scheme, server.port)
        with Client(server) as client:
            client.send(b'GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n')
            assert client.answer().status == 200
        assert server.history[0]['client_address'][0] == '::1'


def test_a_server_without_tls_has_no_certificate():
    with start_server() as server:
        assert server.certfile is server.cafile is server.client_context() is None


def test_a_server_with_tls_tells_what_to_trust():
    with start_ssl_server() as server:
        assert server.certfile == httptestserver.tls.CERTFILE
        assert server.cafile == httptestserver.tls.CAFILE
        assert server.client_context() is not server.client_context()


# Scripting.

@both_schemes
def test_what_is_scripted_is_sent(scheme):
    with serve(scheme) as server:
        server.data['response_status'] = 418
        server.data['response_headers'] = [('X-A', '1'), ('X-A', '2')]
        server.data['response_content'] = u'\u20ac'
        with Client(server) as client:
            for _ in range(3):
                answer = client.get()
                assert (answer.status, answer.get('x-a'), answer.body) == (
                    418, '1, 2', b'\xe2\x82\xac')
                assert answer.reason.lower() == "i'm a teapot"


def test_without_a_script_the_answer_is_200_without_content():
    with start_server() as server:
        answer = get(server)
        assert (answer.status, answer.reason, answer.body) == (200, 'OK', b'')
        assert [name for name, _ in answer.fields] == ['server', 'date', 'content-length']


@pytest.mark.parametrize('write, status', [
    ("data['response_status'] = 404", 404),
    ("data.update(response_status=404)", 404),
    ("data.update({'response_status': 404})", 404),
    ("data.update([('response_status', 404)])", 404),
    ("data.__ior__({'response_status': 404})", 404),
    ("data.setdefault('response_status', 404)", 201),
    ("data.pop('response_status')", 200),
    ("data.pop('path')", 201),
    ("del data['response_status']", 200),
    ("data.clear()", 200),
    ("[data.popitem() for _ in range(len(data))]", 200),
    ("data.copy()['response_status'] = 404", 201)])
def test_every_write_to_data_is_seen_by_the_next_answer(write, status):
    with start_server() as server:
        server.data['response_status'] = 201
        with Client(server) as client:
            assert client.get().status == 201
            eval(compile(write, 'test', 'exec'), {'data': server.data})
            assert client.get().status == status
            assert client.get().status == status


def test_what_was_scripted_may_be_changed_in_place():
    headers, content = {'X-A': '1'}, bytearray(b'one')
    with start_server() as server:
        server.data.update(response_headers=headers, response_content=content)
        first = get(server)
        headers['X-A'], content[:] = '2', b'other'
        second = get(server)
    assert (first.get('x-a'), first.body) == ('1', b'one')
    assert (second.get('x-a'), second.body) == ('2', b'other')


def test_a_wrong_value_leaves_the_script_as_it_was():
    with start_server() as server:
        server.data['response_status'] = 201
        with pytest.raises(ValueError):
            server.data.update(response_status=404, response_stauts=404)
        assert get(server).status == 201


def test_a_cleared_response_serves_once():
    with start_server() as server:
        server.data.update(response_status=503, response_content=b'x', response_clear=True)
        with Client(server) as client:
            assert [client.get().status for _ in range(3)] == [503, 200, 200]
        assert server.response_data == {} and len(server.history) == 3
        server.data.update(response_status=404, response_clear=False)
        assert get(server).status == get(server).status == 404


def test_a_reset_response_empties_data_and_history():
    with start_server() as server:
        server.data.update(response_status=503, response_reset=True)
        with Client(server) as client:
            assert client.get().status == 503
            assert server.data == {} and server.history == []
            assert client.get().status == 200
        assert len(server.history) == 1


def test_a_timeout_delays_the_answer_and_a_reset_ends_it():
    with start_server() as server:
        server.data['response_timeout'] = 0.05
        assert get(server).status == 200
        assert 0.04 < server.history[0]['duration'] < 10
        server.data['response_timeout'] = 1000
        with Client(server) as client:
            client.send(request())
            eventually(lambda: len(server.history) == 2)
            server.reset()
            assert client.rest() == b''


@pytest.mark.parametrize('status', [200, 299, 500, 999])
def test_head_is_answered_as_get_without_content(status):
    with start_server() as server:
        server.data.update(response_status=status, response_content=b'abc')
        with Client(server) as client:
            client.send(request('HEAD'))
            answer = client.answer('HEAD')
            assert (answer.status, answer.get('content-length')) == (status, '3')
            assert client.get().body == b'abc'


# What is recorded.

@both_schemes
def test_data_and_history_tell_of_the_request(scheme):
    with serve(scheme) as server:
        with Client(server) as client:
            client.get('/first')
            client.send(request('POST', '/a?b', 'X-A: 1', 'Connection: close', body=b'content'))
            assert client.answer().status == 200
            address = client.socket.getsockname() if scheme == 'http' else None
        entry, data = server.history[1], server.data
        assert set(REQUEST_KEYS + RESPONSE_KEYS) <= set(entry)
        assert set(REQUEST_KEYS) <= set(data) and not set(RESPONSE_KEYS) & set(data)
        for told in (entry, data):
            assert (told['command'], told['path'], told['request_version'], told['body']) == (
                'POST', '/a?b', 'HTTP/1.1', b'content')
            assert told['requestline'] == 'POST /a?b HTTP/1.1'
            assert told['raw_requestline'] == b'POST /a?b HTTP/1.1\r\n'
            assert told['headers']['X-A'] == '1' and told['headers']['x-a'] == '1'
            assert told['server'] is server
            assert (told['connection_index'], told['exchange_index']) == (0, 1)
            assert bool(told['close_connection']) and told['trailers'] == ()
            assert (told['tls'] is None) is (scheme == 'http')
            assert address is None or told['client_address'] == address
        assert type(entry) is RecordedRequest and isinstance(data, Data)
        assert 0 <= entry['duration'] < 60


def test_history_tells_what_was_sent():
    with start_server() as server:
        server.data.update(response_status=404, response_headers={'X-A': 5},
                           response_content=u'\xe9')
        answer = get(server)
        entry = server.history[0]
    assert (entry['response_status'], entry['response_reason'], entry['response_content']) == (
        404, 'Not Found', b'\xc3\xa9')
    assert [(name.lower(), value) for name, value in entry['response_headers']] == answer.fields


def test_history_is_a_snapshot_in_order():
    with start_server() as server:
        with Client(server) as client:
            client.get('/0')
            before = server.history
            client.get('/1')
        assert [entry['path'] for entry in before] == ['/0']
        assert [entry['path'] for entry in server.history] == ['/0', '/1']
        server.history.append('nothing')
        assert len(server.history) == 2


def test_an_entry_is_no_other_requests():
    with start_server() as server:
        with Client(server) as client:
            client.send(request('POST', '/0', body=b'zero'))
            client.answer()
            entry = server.history[0]
            before = dict(entry)
            client.get('/1')
            assert entry == before and entry['body'] == b'zero'


def test_data_and_history_stay_when_the_server_stops():
    with start_server() as server:
        server.data['response_status'] = 201
        get(server)
    assert server.data['response_status'] == 201 and server.data['path'] == '/'
    assert server.history[0]['response_status'] == 201


def test_a_reset_empties_everything():
    with start_server() as server:
        server.data['response_status'] = 201
        get(server)
        with Client(server) as client:
            client.send(b'nonsense\r\n\r\n')
            client.rest()
        assert server.failures
        server.reset()
        assert server.data == {} and server.response_data == {}
        assert server.history == [] and server.failures == []
        assert get(server).status == 200


def test_failures_are_a_snapshot_and_never_in_history():
    with start_server() as server:
        for n in range(3):
            with Client(server) as client:
                client.send(b'nonsense\r\n\r\n')
                assert client.answer().status == 400
                assert client.rest() == b''
        failures = server.failures
        assert [failure.connection_index for failure in failures] == [0, 1, 2]
        assert all(type(failure) is Failure for failure in failures)
        assert str(failures[0]) == (
            "connection 0 from 127.0.0.1:%d: not a request line: 'nonsense'"
            " (RFC 9112, section 3)" % failures[0].client_address[1])
        del failures[:]
        assert len(server.failures) == 3 and server.history == [] and server.data == {}


def test_nothing_is_printed_and_the_logger_is_told(capfd, caplog):
    with caplog.at_level(logging.DEBUG, 'httptestserver'):
        with start_server() as server:
            get(server)
            with Client(server) as client:
                client.send(b'nonsense\r\n\r\n')
                client.rest()
    assert capfd.readouterr() == ('', '')
    assert 'nonsense' in caplog.text
    assert {record.name for record in caplog.records} == {'httptestserver'}


# Handlers of one's own.

def answering(*steps, **keys):
    """Return a handler class whose method does *steps*: ('name of a method', *arguments).

    :param method: the name of the method, ``handle_request`` by default.
    """
    def handle(self):
        for step in steps:
            if isinstance(step, tuple):
                target = self.wfile if step[0] in ('write', 'flush') else self
                getattr(target, step[0])(*step[1:])
            else:
                step(self)

    return type('Answering', (Handler,), {keys.get('method', 'handle_request'): handle})


def fail(handler):
    raise ZeroDivisionError('a fault of the test')


OK = ('send_response', 200)
END = ('end_headers',)
HELLO = ('write', b'hello')


@both_schemes
def test_a_method_of_the_standard_librarys_kind_answers_its_requests(scheme):
    class Ping(Handler):
        def do_PING(self):
            self.send_response(201, 'Pong')
            self.send_header('X-A', 'b')
            self.end_headers()
            self.wfile.write(b'pong ' + self.body)

    with serve(scheme, handler=Ping) as server:
        server.data['response_status'] = 404
        with Client(server) as client:
            for n in range(2):
                client.send(request('PING', '/p', body=b'ball'))
                answer = client.answer()
                assert (answer.status, answer.reason, answer.get('x-a'), answer.body) == (
                    201, 'Pong', 'b', b'pong ball')
                assert answer.get('content-length') == '9' and answer.get('date')
            assert client.get().status == 404
            assert client.get('/', 'Connection: close').status == 404
            assert client.rest() == b''
        entries = server.history
        assert [entry['exchange_index'] for entry in entries] == [0, 1, 2, 3]
        assert entries[0]['body'] == b'ball' and server.data['command'] == 'GET'
        assert (entries[0]['response_status'], entries[0]['response_reason'],
                entries[0]['response_content']) == (201, 'Pong', b'pong ball')
        assert ('X-A', 'b') in entries[0]['response_headers']
        assert entries[0]['duration'] >= 0


@both_schemes
def test_handle_request_answers_every_method(scheme):
    with serve(scheme, handler=answering(OK, END, HELLO)) as server:
        for method in ('GET', 'POST', 'DELETE', 'X-Y'):
            assert ask(server, method).body == b'hello'
        assert [entry['command'] for entry in server.history] == ['GET', 'POST', 'DELETE', 'X-Y']


def test_handle_request_may_script_and_call_the_original():
    class Scripting(Handler):
        def handle_request(self):
            self.server.data['response_content'] = self.path
            super(Scripting, self).handle_request()

    with start_server(handler=Scripting) as server:
        assert get(server, '/a').body == b'/a' and get(server, '/b').body == b'/b'
        assert [entry['path'] for entry in server.history] == ['/a', '/b']


def test_a_handler_has_its_server_and_its_request():
    seen = []

    def look(handler):
        seen.append((handler.server.url(handler.path), len(handler.server.history),
                     handler.server.data is server.data, handler.headers['X-A'], handler.body))

    with start_server(handler=answering(look, OK, END)) as server:
        ask(server, 'POST', '/a', 'X-A: 1', body=b'b')
        assert seen == [(server.url('/a'), 0, True, '1', b'b')]


@pytest.mark.parametrize('steps, fields, content', [
    ([OK, END], {'content-length': '0'}, b''),
    ([OK, END, HELLO], {'content-length': '5'}, b'hello'),
    ([OK, END, HELLO, HELLO], {'content-length': '10'}, b'hellohello'),
    ([OK, ('send_header', 'Content-Length', '5'), END, HELLO], {'content-length': '5'}, b'hello'),
    ([OK, ('send_header', 'Content-Length', 5), END, HELLO], {'content-length': '5'}, b'hello'),
    ([OK, END, HELLO, ('flush',), HELLO], {'transfer-encoding': 'chunked'}, b'hellohello'),
    ([OK, END, ('flush',)], {'transfer-encoding': 'chunked'}, b''),
    ([OK, END, ('write', b'x' * 300000)], {}, b'x' * 300000),
    ([OK, END] + [('write', b'x' * 1000)] * 200, {}, b'x' * 200000),
    ([OK, ('send_header', 'Content-Length', '10'), END, HELLO, ('flush',), HELLO],
     {'content-length': '10', 'transfer-encoding': None}, b'hellohello'),
    ([OK, ('send_header', 'Transfer-Encoding', 'chunked'), END,
      ('write', b'5\r\nhello\r\n0\r\n\r\n')], {'transfer-encoding': 'chunked'}, b'hello'),
    ([('send_error', 404, 'Nothing')], {}, None),
    ([('write', b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')],
     {'content-length': '5', 'date': None, 'server': None}, b'hello'),
    ([OK, END, ('write', bytearray(b'hello')), ('write', memoryview(b' you'))],
     {'content-length': '9'}, b'hello you')])
def test_framing_is_done_where_a_method_leaves_it_open(steps, fields, content):
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            answer = client.get()
            for name in fields:
                assert answer.get(name) == fields[name]
            assert content is None or answer.body == content
            if 'close' in (answer.get('connection') or '') or 'date' in fields:
                assert client.rest() == b''
            elif client.get().body != answer.body:
                raise AssertionError('the second answer differs')
        assert len(server.history) >= 1 and server.failures == []


@pytest.mark.parametrize('steps', [
    [('send_response', 204), END, HELLO], [('send_response', 304), END, HELLO],
    [('send_response', 204), END, HELLO, ('flush',), HELLO]])
def test_an_answer_that_has_no_content_gets_none_from_a_method(steps):
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            for _ in range(2):
                assert client.get().status in (204, 304)
            client.send(request('GET', '/', 'Connection: close'))
            assert client.answer().get('content-length') is None
            assert client.rest() == b''


@pytest.mark.parametrize('steps, length', [
    ([OK, END, HELLO], '5'),
    ([OK, ('send_header', 'Content-Length', '7'), END], '7'),
    ([OK, END, HELLO, ('flush',), HELLO], None)])
def test_head_gets_no_content_from_a_method(steps, length):
    with start_server(handler=answering(*steps, method='do_HEAD')) as server:
        with Client(server) as client:
            for _ in range(2):
                client.send(request('HEAD'))
                answer = client.answer('HEAD')
                assert (answer.status, answer.get('content-length')) == (200, length)
            assert client.get().status == 200


def test_http_1_0_gets_a_flushed_answer_up_to_the_close():
    with start_server(handler=answering(OK, END, HELLO, ('flush',), HELLO)) as server:
        with Client(server) as client:
            client.send(request(version='1.0'))
            received = client.rest()
        head, _, content = received.partition(b'\r\n\r\n')
        assert content == b'hellohello'
        assert b'chunked' not in head and b'Connection: close' in head


def test_a_false_content_length_of_a_method_is_sent_and_the_connection_ends():
    steps = OK, ('send_header', 'Content-Length', '9'), END, HELLO
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request())
            received = client.rest()
        assert b'Content-Length: 9\r\n' in received and received.endswith(b'\r\n\r\nhello')


def test_what_a_method_flushes_is_there_before_the_method_ends():
    gate = threading.Event()
    steps = OK, END, HELLO, ('flush',), lambda handler: gate.wait(20), HELLO
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request())
            received = b''
            while not received.endswith(b'5\r\nhello\r\n'):
                more = client.socket.recv(1000)
                assert more
                received += more
            assert len(server.history) == 1 and server.history[0]['duration'] is None
            gate.set()
            assert client.socket.recv(1000).startswith(b'5\r\nhello\r\n')
        eventually(lambda: server.history[0]['duration'] is not None)


def test_an_early_hint_is_sent_before_the_answer():
    steps = (('send_response_only', 103), ('send_header', 'Link', '</a>'), END, OK, END, HELLO)
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            for _ in range(2):
                client.send(request())
                early = client.answer()
                assert (early.status, early.reason, early.get('link')) == (
                    103, 'Early Hints', '</a>')
                answer = client.answer()
                assert (answer.status, answer.body, answer.get('link')) == (200, b'hello', None)
        assert [entry['response_status'] for entry in server.history] == [200, 200]


def test_http_1_0_gets_no_early_hint():
    steps = ('send_response_only', 103), ('send_header', 'Link', '</a>'), END, OK, END, HELLO
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request(version='1.0'))
            received = client.rest()
    assert received.startswith(b'HTTP/1.1 200 OK\r\n') and b'Link' not in received


@pytest.mark.parametrize('steps', [
    [fail], [OK, fail], [OK, END, HELLO, fail],
    [('send_header', 'X-A', 'b\r\nC: d'), OK, END], [OK, ('send_header', 'X-A', None), END],
    [OK, END, ('write', u'\u20ac')], [OK, END, ('write', 5)]])
def test_an_exception_before_anything_has_left_is_answered_500(steps):
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request())
            answer = client.answer()
            assert answer.status == 500 and answer.get('connection') == 'close'
            assert answer.body.startswith(b'the answer failed: ')
            assert client.rest() == b''
        assert server.history[0]['response_status'] == 500
        with pytest.raises(AssertionError):
            server.check()
        assert get(server).status == 500


@both_schemes
def test_an_exception_after_a_part_has_left_cuts_the_answer_off(scheme):
    with serve(scheme, handler=answering(OK, END, HELLO, ('flush',), fail)) as server:
        with Client(server) as client:
            client.send(request())
            received = client.rest()
        assert received.endswith(b'\r\n\r\n5\r\nhello\r\n') and received.count(b'HTTP/1.1') == 1
        assert len(server.history) == 1
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'ZeroDivisionError: a fault of the test' in str(caught.value)


def test_an_exception_of_a_method_is_told_with_its_traceback_and_not_printed(capfd):
    with start_server(handler=answering(fail)) as server:
        get(server, '/a')
        with pytest.raises(AssertionError) as caught:
            server.check()
    assert capfd.readouterr() == ('', '')
    text = str(caught.value)
    assert 'GET /a HTTP/1.1' in text and 'in fail' in text
    assert 'ZeroDivisionError: a fault of the test' in text


def test_an_exception_while_a_handler_is_set_up_harms_nobody(caplog, capfd):
    class Once(Handler):
        left = [1]

        def setup(self):
            if self.left:
                self.left.pop()
                raise ZeroDivisionError('a fault of the test')
            super(Once, self).setup()

    with start_server(handler=Once) as server:
        with Client(server) as client:
            assert client.rest() == b''
        assert get(server).status == 200
        eventually(lambda: server.failures)
    assert capfd.readouterr() == ('', '')


# What handlers record.

def test_attributes_of_a_handler_are_recorded():
    def mark(handler):
        handler.user = handler.path.strip('/')

    with start_server(handler=answering(mark, OK, END)) as server:
        get(server, '/ann')
        get(server, '/bob')
        assert [entry['user'] for entry in server.history] == ['ann', 'bob']
        assert server.data['user'] == 'bob'


def test_the_state_may_be_another():
    class Short(Handler):
        @property
        def state(self):
            return {'path': self.path, 'size': len(self.body)}

    with start_server(handler=Short) as server:
        server.data['response_status'] = 201
        assert ask(server, 'POST', '/a', body=b'abc').status == 201
        entry = server.history[0]
        assert (entry['path'], entry['size'], entry['response_status']) == ('/a', 3, 201)
        assert 'command' not in entry
        assert dict(server.data) == {'path': '/a', 'size': 3, 'response_status': 201}


def test_update_state_may_be_overridden():
    class Quiet(Handler):
        def update_state(self):
            self.server.data['seen'] = self.path

    with start_server(handler=Quiet) as server:
        assert get(server, '/a').status == 200
        assert server.data == {'seen': '/a'} and server.history[0]['path'] == '/a'


def test_save_history_may_leave_requests_out():
    class Selective(Handler):
        def save_history(self):
            if self.path != '/health':
                super(Selective, self).save_history()

    with start_server(handler=Selective) as server:
        server.data['response_status'] = 201
        with Client(server) as client:
            assert [client.get(path).status for path in ('/a', '/health', '/b')] == [201] * 3
        assert [entry['path'] for entry in server.history] == ['/a', '/b']
        assert server.data['path'] == '/b'


def test_a_request_that_is_saved_twice_stands_in_history_once_with_its_newer_state():
    def mark(handler):
        handler.stage = 'late'

    steps = ('save_history',), mark, ('save_history',), OK, END, HELLO
    with start_server(handler=answering(*steps)) as server:
        assert get(server).body == b'hello'
        entry, = server.history
        assert (entry['stage'], entry['response_status']) == ('late', 200)


def test_the_state_of_an_answer_that_is_flushed_is_saved_once():
    saved = []

    class Counting(Handler):
        def handle_request(self):
            self.send_response(200)
            self.end_headers()
            for _ in range(3):
                self.wfile.write(b'hello')
                self.wfile.flush()

        def save_history(self):
            saved.append(self.path)
            super(Counting, self).save_history()

    with start_server(handler=Counting) as server:
        assert get(server, '/a').body == b'hello' * 3
    assert saved == ['/a']


def test_a_method_that_saves_early_may_leave_the_answer_to_the_script():
    class Early(Handler):
        def handle_request(self):
            self.save_history()
            super(Early, self).handle_request()

    with start_server(handler=Early) as server:
        server.data.update(response_status=503, response_clear=True)
        with Client(server) as client:
            assert [client.get().status for _ in range(2)] == [503, 200]
        assert len(server.history) == 2


def test_a_file_may_be_copied_to_the_client(tmpdir):
    path = tmpdir.join('file')
    path.write_binary(b'0123456789' * 20000)

    def copy(handler):
        with open(str(path), 'rb') as content:
            shutil.copyfileobj(content, handler.wfile)

    with start_server(handler=answering(OK, END, copy)) as server:
        assert get(server).body == b'0123456789' * 20000


def test_lines_may_be_written_to_the_client():
    def write(handler):
        handler.wfile.writelines([b'a\n', b'b\n'])

    with start_server(handler=answering(OK, END, write)) as server:
        assert get(server).body == b'a\nb\n'


def test_a_method_that_answers_nothing_is_recorded_and_ends_the_connection():
    with start_server(handler=answering()) as server:
        with Client(server) as client:
            client.send(request('GET', '/a'))
            assert client.rest() == b''
        assert [entry['path'] for entry in server.history] == ['/a']
        assert [failure.reason for failure in server.failures] == [
            'the handler sent no response']
