# -*- coding: utf-8 -*-
"""A server at a Unix socket does what every server does, but for ports and resets."""
import errno
import os
import socket
import stat
import sys

import pytest

from httptestserver import Handler, http_server, start_server
from support.client import Client, ask, request
from support.marks import both_schemes, needs_fork
from support.processes import run
from support.servers import Leaks, serve
from support.waiting import eventually

pytestmark = pytest.mark.skipif(not hasattr(socket, 'AF_UNIX'), reason='no Unix sockets here')


@pytest.fixture
def server(scheme, unix_host):
    """A started server at a Unix socket, after which no thread and no descriptor is left."""
    with Leaks(), serve(scheme, host=unix_host) as server:
        yield server


def path_of(host):
    return host[len('unix:'):]


@both_schemes
def test_requests_are_served_and_recorded(server, client, scheme, unix_host):
    server.route('POST', '/users', response_status=201, response_json={'id': 7})
    client.send(request('POST', '/users', body=b'name=Ada'))
    assert client.answer().status == 201
    assert client.get('/else').status == 404
    first, second = server.history
    assert first.form == {'name': 'Ada'}
    assert first['client_address'] == ('', 0)
    assert (first['connection_index'], second['exchange_index']) == (0, 1)
    assert bool(first['tls']) == (scheme == 'https')
    # The Host field says what the client asked for. The socket is not in it.
    assert first.url == scheme + '://localhost/users'
    assert server.failures == []


@both_schemes
def test_the_address_is_the_path(server, scheme, unix_host):
    assert (server.host, server.port) == (unix_host, None)
    url = scheme + '+unix://' + path_of(unix_host).replace('/', '%2F')
    assert (server.url(), server.url('a?b'), server.url('')) == (url + '/', url + '/a?b', url)
    assert repr(server) == '<Server %s/>' % url


def test_the_url_of_the_server_is_a_path_for_routes(server):
    route = server.route('GET', server.url('/a'), response_status=204)
    assert ask(server, 'GET', '/a').status == 204
    assert ask(server, 'GET', '/b').status == 404
    assert len(route.history) == 1
    server.assert_requested('GET', server.url('/a'), count=1)


def test_the_handler_of_a_user_sees_the_socket_too(unix_host):
    class Own(Handler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(repr((self.client_address, self.server.host)).encode('ascii'))

    with http_server(unix_host, handler=Own) as server:
        assert ask(server).body == repr((('', 0), unix_host)).encode('ascii')


@both_schemes
def test_stop_removes_the_socket_and_start_makes_it_again(scheme, unix_host):
    server = serve(scheme, host=unix_host)
    for _ in range(2):
        with server.start(), Client(server) as client:
            assert client.get().status == 200
        assert not os.path.exists(path_of(unix_host))
        with pytest.raises(socket.error):
            Client(server)
    assert len(server.history) == 2


def test_another_server_gets_the_path_afterwards(unix_host):
    for _ in range(20):
        with http_server(unix_host) as server:
            assert ask(server).status == 200


def test_a_relative_path_stays_the_same_in_another_folder(unix_host, monkeypatch):
    folder = os.path.dirname(path_of(unix_host))
    monkeypatch.chdir(folder)
    server = start_server('unix:server')
    try:
        monkeypatch.chdir('/')
        assert os.path.samefile(path_of(server.host), os.path.join(folder, 'server'))
        server.stop()
        assert os.listdir(folder) == []
        assert ask(server.start()).status == 200
    finally:
        server.stop()


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='only Linux has abstract sockets')
@both_schemes
def test_an_abstract_socket_is_no_file(scheme):
    name = 'httptestserver test %d' % os.getpid()
    with serve(scheme, host='unix:@' + name) as server:
        assert server.url() == scheme + '+unix://%00' + name.replace(' ', '%20') + '/'
        assert ask(server).status == 200
        assert not os.path.exists('@' + name)
        with pytest.raises(socket.error) as caught:
            start_server(server.host)
        assert caught.value.errno == errno.EADDRINUSE


def test_only_the_own_user_may_connect(server):
    found = os.stat(path_of(server.host))
    assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o600


def test_a_second_server_at_the_same_path_is_refused(server):
    with pytest.raises(socket.error) as caught:
        start_server(server.host)
    assert caught.value.errno == errno.EADDRINUSE
    assert str(caught.value).endswith(
        'cannot listen on %r: another server listens there' % server.host)
    assert ask(server).status == 200


def test_a_path_that_the_system_would_cut_is_refused():
    with pytest.raises(ValueError) as caught:
        start_server('unix:/' + 'a' * 200)
    assert 'the path has 201 bytes, and this system allows ' in str(caught.value)


@pytest.mark.parametrize('use', [
    lambda server: server.enqueue(response_fault='reset'),
    lambda server: server.route('GET', '/', response_fault='reset', response_fault_at='end'),
    lambda server: server.data.update(response_fault='reset')])
def test_a_script_with_a_reset_is_refused_where_it_is_written(server, use):
    with pytest.raises(ValueError) as caught:
        use(server)
    assert str(caught.value) == "response_fault is 'reset', but a Unix socket cannot be reset"


def test_other_resets_are_refused_too(server):
    for call in [server.close_connections, server.stream().abort]:
        with pytest.raises(ValueError) as caught:
            call('reset')
        assert str(caught.value) == (
            "fault is one of 'disconnect', got 'reset' (str); a Unix socket cannot be reset")


def test_a_callback_that_wants_a_reset_is_an_error_of_the_test(server):
    server.data['response_callback'] = lambda request: {'response_fault': 'reset'}
    assert ask(server).status == 500
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert 'a Unix socket cannot be reset' in str(caught.value)


@both_schemes
@pytest.mark.parametrize('moment, body', [
    ('accept', b''), ('handshake', b''), ('request', b''), ('response', b''), ('body', b'01234'),
    ('end', b'0123456789'), (3, b'012')])
def test_the_end_of_a_connection_comes_at_every_moment(server, scheme, moment, body):
    if moment == 'handshake' and scheme == 'http':
        pytest.skip('plain http has none')
    server.enqueue(b'0123456789', response_fault='disconnect', response_fault_at=moment)
    received = b''
    try:
        with Client(server) as client:
            client.send(request())
            received = client.rest()
    except socket.error:
        # The handshake of TLS failed.
        assert scheme == 'https' and moment in ('accept', 'handshake')
    assert received.partition(b'\r\n\r\n')[2] == body
    assert ask(server).status == 200
    assert server.failures == []


@both_schemes
def test_a_stall_lasts_until_the_reset_of_the_server(server, client):
    server.enqueue(b'0123456789', response_fault='stall', response_fault_at='body')
    client.send(request())
    received = b''
    while not received.endswith(b'01234'):
        received += client.socket.recv(100)
    server.reset()
    assert client.rest() == b''


@both_schemes
def test_connections_are_counted_and_ended(server, client):
    client.get()
    with Client(server) as other:
        other.get()
        server.wait_connections(2)

        def shown():
            with pytest.raises(AssertionError) as caught:
                server.wait_connections(1, timeout=0)
            return str(caught.value)

        # A client can have its response before the connection is idle.
        eventually(lambda: 'connection 0, idle' in shown())
        server.close_connections()
        assert client.rest() == other.rest() == b''
    server.wait_connections(0)
    assert server.failures == []


def test_a_client_that_leaves_is_noticed(server):
    with Client(server) as client:
        client.get()
        server.wait_connections(1)
    server.wait_connections(0)
    with Client(server) as client:
        client.send(b'GET / HTTP/1.1\r\nHost')
    failure, = server.wait_failure()
    assert failure.client_address == ('', 0)
    assert str(failure) == 'connection 1: ' + failure.reason


def test_a_large_body_goes_both_ways(server):
    content = b'0123456789' * 500000
    server.data['response_content'] = content
    assert ask(server, 'POST', body=content).body == content
    assert server.history[0]['body'] == content


def test_a_client_that_does_not_read_does_not_keep_stop(unix_host):
    with Leaks():
        server = start_server(unix_host)
        server.data['response_content'] = b'x' * 10000000
        with Client(server) as client:
            client.send(request())
            eventually(lambda: server.history)
            server.stop()
    assert not os.path.exists(path_of(unix_host))


@both_schemes
def test_nothing_of_tcp_is_asked_of_the_socket(scheme, unix_host, monkeypatch):
    asked = []

    class Watched(socket.socket):
        def setsockopt(self, *args):
            asked.append(args)
            return super(Watched, self).setsockopt(*args)

        def getsockopt(self, *args):
            asked.append(args)
            return super(Watched, self).getsockopt(*args)

    from httptestserver.http1 import connection
    if not connection._HAS_ACCEPT:
        pytest.skip('accept() makes sockets of its own class here')
    monkeypatch.setattr(connection, '_Socket', Watched)
    with serve(scheme) as server:
        assert ask(server).status == 200
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in asked
    del asked[:]
    with serve(scheme, host=unix_host) as server:
        server.data['response_fault'] = 'disconnect'
        with Client(server) as client:
            client.send(request())
            client.rest()
        server.close_connections()
    assert [args for args in asked if args[:2] != (socket.SOL_SOCKET, socket.SO_TYPE)] == []


@needs_fork
@both_schemes
def test_a_forked_child_leaves_the_socket_to_its_parent(scheme, unix_host):
    run('''
        import os, sys
        from support.client import ask
        from support.servers import serve
        server = serve({scheme!r}, host={host!r})
        path = server.host[len('unix:'):]
        child = os.fork()
        if not child:
            server.stop()
            # The interpreter ends as ever, with what is registered for its exit.
            sys.exit(0 if os.path.exists(path) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert ask(server).status == 200
        child = os.fork()
        if not child:
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert ask(server).status == 200
        server.stop()
        assert not os.path.exists(path)
    ''', scheme=scheme, host=str(unix_host))


def test_the_exit_of_the_interpreter_removes_the_socket(unix_host):
    run('''
        from support.servers import serve
        server = serve('http', host={host!r})
    ''', host=str(unix_host))
    assert not os.path.exists(path_of(unix_host))


def test_the_socket_of_a_killed_process_is_replaced(unix_host):
    run('''
        import os
        from support.servers import serve
        server = serve('http', host={host!r})
        os._exit(0)
    ''', host=str(unix_host))
    assert os.path.exists(path_of(unix_host))
    with http_server(unix_host) as server:
        assert ask(server).status == 200
