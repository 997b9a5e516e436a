# -*- coding: utf-8 -*-
"""What `Server` and the functions that start one promise, name by name."""
import inspect
import logging
import socket
from operator import methodcaller as call

import pytest

import httptestserver
from httptestserver import (
    Failure, RecordedRequest, Server, http_server, https_server, start_server, start_ssl_server)
from httptestserver.scripting.data import Data
from httptestserver.server import Handler
from support.client import Client, ask, request
from support.marks import both_schemes, needs_ipv6
from support.servers import Leaks, port_is_closed, serve
from support.waiting import eventually

REQUEST_KEYS = ['body', 'client_address', 'close_connection', 'command', 'connection',
                'connection_index', 'duration', 'exchange_index', 'headers', 'path',
                'raw_requestline', 'request', 'request_version', 'requestline', 'rfile',
                'server', 'time', 'tls', 'trailers', 'wfile']
RESPONSE_KEYS = ['response_content', 'response_headers', 'response_reason', 'response_status']


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


@pytest.mark.parametrize('start', [start_server, start_ssl_server, lambda: http_server(),
                                   lambda: https_server()])
def test_a_server_listens_on_loopback_by_default(start):
    with start() as server:
        assert server.host == '127.0.0.1' and 0 < server.port < 65536
        assert ask(server).status == 200


def test_start_server_starts_a_server():
    server = start_server()
    try:
        assert type(server) is Server and server.scheme == 'http'
        assert ask(server).status == 200
    finally:
        server.stop()


@pytest.mark.parametrize('start, scheme', [(start_server, 'http'), (start_ssl_server, 'https')])
def test_host_and_port_may_be_given(start, scheme):
    with start('localhost', 0) as first:
        port = first.port
        assert (first.host, first.scheme) == ('127.0.0.1', scheme)
    with start(host='127.0.0.1', port=port) as second:
        assert second.port == port and ask(second).status == 200


@pytest.mark.parametrize('context, scheme', [(http_server, 'http'), (https_server, 'https')])
def test_a_context_passes_on_what_it_is_given(context, scheme):
    class Mine(Handler):
        pass

    with context('127.0.0.1', 0, handler=Mine, history_limit=1) as server:
        assert server.scheme == scheme
        ask(server, 'GET', '/1')
        ask(server, 'GET', '/2')
        assert [entry['path'] for entry in server.history] == ['/2']


@pytest.mark.parametrize('context', [http_server, https_server, start_server, start_ssl_server])
def test_a_context_stops_the_server_whatever_happens_inside(context):
    for error in (ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit):
        with Leaks():
            with pytest.raises(error):
                with context() as server:
                    assert ask(server).status == 200
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
        assert ask(server).status == 200


def test_class_methods_start_a_server_of_their_class():
    class Mine(Server):
        pass

    with Mine.start_server('127.0.0.1', 0) as server:
        assert type(server) is Mine and server.scheme == 'http' and ask(server).status == 200
    with Mine.start_ssl_server('127.0.0.1', 0, None, None) as server:
        assert type(server) is Mine and server.scheme == 'https' and ask(server).status == 200


def test_a_constructed_server_has_its_port_and_serves_when_started():
    server = Server('127.0.0.1', 0)
    try:
        port = server.port
        assert server.url() == 'http://127.0.0.1:%d/' % port
        assert server.start() is server and server.start() is server
        assert ask(server).status == 200 and server.port == port
    finally:
        server.stop()


@pytest.mark.parametrize('scheme', ['ftp', 'HTTP', '', None])
def test_a_scheme_that_does_not_exist_is_refused(scheme):
    with Leaks():
        with pytest.raises(ValueError) as caught:
            Server('127.0.0.1', 0, scheme)
    assert str(caught.value) == "scheme is 'http' or 'https', got %r (%s)" % (
        scheme, type(scheme).__name__)


@pytest.mark.parametrize('start', [start_server, start_ssl_server, Server])
def test_an_option_that_does_not_exist_is_refused(start):
    with Leaks():
        with pytest.raises(TypeError) as caught:
            start('127.0.0.1', 0, no_such_option=1)
    assert 'no_such_option' in str(caught.value)


@pytest.mark.parametrize('start', [start_server, start_ssl_server, http_server, https_server])
def test_a_misspelt_option_is_refused_with_the_one_that_was_meant(start):
    with Leaks():
        with pytest.raises(TypeError) as caught:
            start(histroy_limit=3)
    assert str(caught.value).startswith(
        'histroy_limit is not a keyword of %s(); did you mean history_limit? All of them: host, '
        'port, ' % start.__name__)


@pytest.mark.parametrize('start', [start_server, start_ssl_server])
@pytest.mark.parametrize('options, text', [
    ({'history_limit': '3'}, "history_limit is None or an int of 0 or more, got '3' (str); did "
                             'you mean 3?'),
    ({'body_limit': 1.5}, 'body_limit is None or an int of 0 or more, got 1.5 (float)'),
    ({'port': '80'}, "port is an int from 0 to 65535, got '80' (str); did you mean 80?"),
    ({'port': 70000}, 'port is an int from 0 to 65535, got 70000 (int)'),
    ({'host': 80}, 'host is a str, got 80 (int); did you mean port=80?'),
    ({'handler': object}, 'handler is Handler or a subclass of it, got %r (type)' % object)])
def test_a_wrong_option_is_refused_with_what_is_allowed(start, options, text):
    with Leaks():
        with pytest.raises((TypeError, ValueError)) as caught:
            start(**options)
    assert str(caught.value) == text


@pytest.mark.parametrize('name', ['certfile', 'keyfile', 'client_cafile'])
def test_an_option_for_https_is_refused_for_http(name):
    with Leaks():
        for start in (start_server, http_server):
            with pytest.raises(ValueError) as caught:
                with start(**{name: 'a.pem'}):
                    pass
            assert str(caught.value) == (
                "%s is for https only, got 'a.pem' (str); https_server() and start_ssl_server() "
                'speak it' % name)


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
@pytest.mark.parametrize('path', ['users', u'a/b?c', 'a.b', '*'])
def test_the_url_of_a_path_without_a_slash_has_one(scheme, path):
    with serve(scheme) as server:
        assert server.url(path) == '%s://127.0.0.1:%d/%s' % (scheme, server.port, path)


def test_the_url_of_no_path_may_have_a_query(server):
    assert server.url('?a=b') == 'http://127.0.0.1:%d?a=b' % server.port
    assert server.url('#a') == 'http://127.0.0.1:%d#a' % server.port


@pytest.mark.parametrize('path', [None, 5, ['/a']])
def test_a_path_of_a_url_is_text(server, path):
    with pytest.raises(TypeError) as caught:
        server.url(path)
    assert str(caught.value) == 'path is a str, got %r (%s)' % (path, type(path).__name__)


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
        assert ask(server).status == 200


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
        answer = ask(server)
        assert (answer.status, answer.reason, answer.body) == (200, 'OK', b'')
        assert [name for name, _ in answer.fields] == ['server', 'date', 'content-length']


@pytest.mark.parametrize('write, status', [
    (call('__setitem__', 'response_status', 404), 404),
    (call('update', response_status=404), 404),
    (call('update', {'response_status': 404}), 404),
    (call('update', [('response_status', 404)]), 404),
    (call('__ior__', {'response_status': 404}), 404),
    (call('setdefault', 'response_status', 404), 201),
    (call('pop', 'response_status'), 200),
    (call('pop', 'path'), 201),
    (call('__delitem__', 'response_status'), 200),
    (call('clear'), 200),
    (lambda data: [data.popitem() for _ in range(len(data))], 200),
    (lambda data: data.copy().update(response_status=404), 201)])
def test_every_write_to_data_is_seen_by_the_next_answer(write, status):
    with start_server() as server:
        server.data['response_status'] = 201
        with Client(server) as client:
            assert client.get().status == 201
            write(server.data)
            assert client.get().status == status
            assert client.get().status == status


def test_what_was_scripted_may_be_changed_in_place():
    headers, content = {'X-A': '1'}, bytearray(b'one')
    with start_server() as server:
        server.data.update(response_headers=headers, response_content=content)
        first = ask(server)
        headers['X-A'], content[:] = '2', b'other'
        second = ask(server)
    assert (first.get('x-a'), first.body) == ('1', b'one')
    assert (second.get('x-a'), second.body) == ('2', b'other')


def test_a_wrong_value_leaves_the_script_as_it_was():
    with start_server() as server:
        server.data['response_status'] = 201
        with pytest.raises(ValueError):
            server.data.update(response_status=404, response_stauts=404)
        assert ask(server).status == 201


def test_a_cleared_response_serves_once():
    with start_server() as server:
        server.data.update(response_status=503, response_content=b'x', response_clear=True)
        with Client(server) as client:
            assert [client.get().status for _ in range(3)] == [503, 200, 200]
        assert server.response_data == {} and len(server.history) == 3
        server.data.update(response_status=404, response_clear=False)
        assert ask(server).status == ask(server).status == 404


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
        assert ask(server).status == 200
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
        answer = ask(server)
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
        ask(server)
    assert server.data['response_status'] == 201 and server.data['path'] == '/'
    assert server.history[0]['response_status'] == 201


def test_a_reset_empties_everything():
    with start_server() as server:
        server.data['response_status'] = 201
        ask(server)
        with Client(server) as client:
            client.send(b'nonsense\r\n\r\n')
            client.rest()
        assert server.failures
        server.reset()
        assert server.data == {} and server.response_data == {}
        assert server.history == [] and server.failures == []
        assert ask(server).status == 200


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
            ask(server)
            with Client(server) as client:
                client.send(b'nonsense\r\n\r\n')
                client.rest()
    assert capfd.readouterr() == ('', '')
    assert 'nonsense' in caplog.text
    assert {record.name for record in caplog.records} == {'httptestserver'}
