# -*- coding: utf-8 -*-
"""What broke other servers of this kind: clients that misbehave, forks, exits, bad values.

What belongs to starting and stopping stands in test_lifecycle, to bodies in test_http.
"""
from __future__ import unicode_literals

import os
import socket
import ssl
import sys
import textwrap

import pytest

from httptestserver.server import Handler
from support.client import Client, request
from support.marks import both_schemes
from support.processes import run
from support.servers import serve
from support.waiting import TIMEOUT, eventually, in_threads

MIB = 1048576


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert tuple(capfd.readouterr()) == ('', '')


def is_served(server):
    with Client(server) as client:
        return client.get('/served').status == 200


def reasons(server):
    return [failure.reason for failure in server.failures]


# TLS.

def test_client_that_never_shakes_hands_blocks_nobody():
    with serve('https') as server:
        with Client(server, tls=False), Client(server, tls=False):
            assert is_served(server)
        eventually(lambda: len(server.failures) == 2)
        assert 'handshake' in reasons(server)[0]
        assert len(server.history) == 1


def test_plain_http_on_the_tls_port_is_told_in_failures():
    with serve('https') as server:
        with Client(server, tls=False) as client:
            client.send(request())
            client.rest()
        assert is_served(server)
        assert 'plain HTTP' in reasons(server)[0]
        assert len(server.history) == 1


def test_tls_on_the_plain_port_is_told_in_failures():
    with serve('http') as server:
        context = ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS_CLIENT', ssl.PROTOCOL_SSLv23))
        context.check_hostname = False
        with Client(server) as client:
            with pytest.raises((ssl.SSLError, socket.error)):
                context.wrap_socket(client.socket)
        assert is_served(server)
        assert 'TLS' in reasons(server)[0]


def test_garbage_and_resets_in_place_of_a_handshake_harm_nobody():
    with serve('https') as server:
        for number in range(20):
            client = Client(server, tls=False)
            if number % 2:
                client.send(b'\x16\x03\x01\x00\x05garbage\r\n\r\n' * 5)
            client.reset()
        eventually(lambda: len(server.failures) == 20)
        assert is_served(server)
        assert len(server.history) == 1


def test_client_that_rejects_the_certificate_is_told_in_failures():
    with serve('https') as server:
        for _ in range(5):
            with Client(server, tls=False) as client:
                with pytest.raises(ssl.SSLError):
                    ssl.create_default_context().wrap_socket(
                        client.socket, server_hostname=str('localhost'))
        eventually(lambda: len(server.failures) == 5)
        assert 'handshake' in reasons(server)[0]
        assert is_served(server)
        assert len(server.history) == 1


def test_client_that_leaves_without_ending_tls_gets_no_octets():
    # Who truncates the session reads plain octets from then on, if any.
    with serve('https') as server, Client(server) as client:
        client.get()                    # reads what TLS itself sends first
        client.send(b'GET / HTTP/1.1\r\nHost: lo')
        plain = socket.fromfd(client.socket.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        try:
            plain.settimeout(TIMEOUT)
            plain.shutdown(socket.SHUT_WR)
            assert plain.recv(1000) == b''
        finally:
            plain.close()


# Clients that leave.

@both_schemes
def test_client_that_leaves_in_a_head_is_told_in_failures(scheme):
    with serve(scheme) as server:
        with Client(server) as client:
            client.send(b'GET / HTTP/1.1\r\nHost: lo')
        eventually(lambda: server.failures)
        assert 'within a request head' in reasons(server)[0]
        assert server.history == []


@both_schemes
@pytest.mark.parametrize('octets', [
    request('POST', '/', 'Content-Length: 100') + b'half',
    request('POST', '/', 'Transfer-Encoding: chunked') + b'64\r\nhalf',
    request('POST', '/', 'Transfer-Encoding: chunked') + b'4\r\nhalf\r\n',
    request('POST', '/', 'Expect: 100-continue', 'Content-Length: 100')],
    ids=['length', 'chunk', 'between chunks', 'expecting'])
def test_client_that_leaves_in_a_body_is_told_in_failures(scheme, octets):
    with serve(scheme) as server:
        with Client(server) as client:
            client.send(octets)
        eventually(lambda: server.failures)
        assert 'the client left within' in reasons(server)[0]
        assert server.history == []


@both_schemes
def test_client_that_leaves_between_requests_is_no_failure(scheme):
    with serve(scheme) as server:
        for leave in (Client.close, Client.reset):
            client = Client(server)
            client.get()
            leave(client)
        server.stop()
        assert server.failures == []


@both_schemes
def test_50_resets_in_a_request_harm_nobody(scheme):
    def leave(number):
        client = Client(server)
        client.send(request('POST', '/reset', 'Content-Length: 100')[:10 + 3 * number])
        client.reset()

    with serve(scheme) as server:
        in_threads(leave, range(50), 10)
        assert is_served(server)
        eventually(lambda: len(server.failures) == 50)
        assert [entry['path'] for entry in server.history] == ['/served']


@both_schemes
def test_20_resets_in_a_response_of_10_mib_harm_nobody(scheme):
    with serve(scheme) as server:
        server.data['response_content'] = b'x' * 10 * MIB
        for _ in range(20):
            client = Client(server)
            client.send(request('GET', '/reset'))
            assert client.socket.recv(1) == b'H'
            client.reset()
        server.data['response_content'] = b''
        eventually(lambda: len(server.failures) == 20)
        assert 'within a response' in reasons(server)[0]
        assert is_served(server)
        assert len(server.history) == 21


@both_schemes
def test_client_that_leaves_while_its_answer_is_delayed_harms_nobody(scheme):
    with serve(scheme) as server:
        server.data.update(response_timeout=0.05, response_content=b'x' * MIB)
        client = Client(server)
        client.send(request())
        eventually(lambda: server.history)
        client.reset()
        eventually(lambda: server.failures)
        server.data['response_timeout'] = 0
        assert is_served(server)


@both_schemes
def test_200_clients_at_once_are_served(scheme):
    def get(_):
        with Client(server) as client:
            return client.get().status

    with serve(scheme) as server:
        assert in_threads(get, range(200), 200) == 200 * [200]
        assert len(server.history) == 200


def test_silent_by_default():
    with serve('http') as server:
        with Client(server) as client:
            for _ in range(10):
                client.get()
            client.send(b'bad\r\n\r\n')
            client.rest()
        client = Client(server)
        client.send(b'GET')
        client.reset()
        eventually(lambda: len(server.failures) == 2)


class Failing(Handler):
    def handle_request(self):
        raise ValueError('broken')


@both_schemes
def test_handler_that_fails_prints_nothing(scheme):
    with serve(scheme, handler=Failing) as server, Client(server) as client:
        assert client.get().status == 500


# Values that no response can have.

@pytest.mark.parametrize('value', ['200', '404 Not Found', 99, 1000, 200.0, -1, True, b'200', []])
def test_wrong_status_is_refused_where_it_is_written(value):
    with serve('http') as server:
        with pytest.raises((TypeError, ValueError)) as caught:
            server.data['response_status'] = value
        assert 'response_status' in str(caught.value)
        assert server.data == {}


@pytest.mark.parametrize('value', [7, [7], {'a': 'b'}, 1.5, object()])
def test_wrong_content_is_refused_where_it_is_written(value):
    with serve('http') as server:
        with pytest.raises(TypeError) as caught:
            server.data['response_content'] = value
        assert 'response_content' in str(caught.value)
        assert server.data == {}


@pytest.mark.parametrize('headers', [
    {'X-A': 'b\r\nX-C: d'}, {'X-A': 'b\nc'}, {'X-A': 'b\rc'}, {'X-A': 'b\0c'},
    {'X-A: b\r\nX-C': 'd'}, {'X-A\n': 'b'}, {'X\0A': 'b'}, [('X-A', 'b'), ('X-C', 'd\n')]])
def test_response_field_that_would_split_is_refused_where_it_is_written(headers):
    with serve('http') as server:
        with pytest.raises(ValueError) as caught:
            server.data['response_headers'] = headers
        assert 'response_headers' in str(caught.value)
        assert server.data == {}


@pytest.mark.parametrize('name', ['response_statsu', 'response_header', 'response_body',
                                  'response_'])
def test_unknown_response_key_is_refused_with_the_nearest(name):
    with serve('http') as server:
        with pytest.raises(ValueError) as caught:
            server.data[name] = 1
        assert name in str(caught.value) and 'did you mean response_' in str(caught.value)


# Memory.

@both_schemes
def test_body_is_held_once(scheme):
    # In a process of its own, because what earlier tests took never comes back.
    output = run('''
        import resource, sys
        from support.client import Client, request
        from support.servers import serve
        size = 64 * 1048576
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with serve({scheme!r}) as server, Client(server) as client:
            client.get()
            before = peak()
            client.send(request('PUT', '/', 'Content-Length: %d' % size))
            for _ in range(64):
                client.send(b'x' * 1048576)
            assert client.answer().status == 200
            assert len(server.history[-1]['body']) == size
            print((peak() - before) * 1024 // 1048576)
    ''', scheme=str(scheme))
    limit = 400 if '__pypy__' in sys.builtin_module_names else 160
    assert int(output) < limit


# Exits and forks.


LIVE = '''
    import atexit, sys, threading, time
    clients = []
    # Registered first, so it runs last: the servers end while the clients are there.
    atexit.register(lambda: [client.close() for client in clients])
    from support.client import Client, request
    from support.servers import serve
    from support.waiting import eventually
    servers = [serve(scheme) for scheme in ('http', 'https') for _ in range(3)]
    for server in servers:
        idle, silent, half, slow = [Client(server) for _ in range(4)]
        clients += [idle, silent, half, slow, Client(server, tls=False)]
        idle.get('/idle')
        half.send(b'GET / HTTP/1.1\\r\\nHost')
        server.data['response_timeout'] = 1000
        slow.send(request('GET', '/slow'))
        eventually(lambda: len(server.history) == 2)
'''


@pytest.mark.parametrize('ending', ['', 'sys.exit(0)', 'del servers, server',
                                    'threading.Thread(target=server.stop).start()',
                                    'import gc; gc.disable(); servers.append(servers)'])
def test_interpreter_ends_at_once_with_live_servers(ending):
    run(textwrap.dedent(LIVE) + ending)


def test_interpreter_ends_at_once_by_an_uncaught_exception():
    errors = run(textwrap.dedent(LIVE) + '1 / 0', expected=1)
    assert errors.rstrip().split('\n')[-1].startswith('ZeroDivisionError')
    assert errors.count('Traceback') == 1


def test_interpreter_ends_at_once_with_a_busy_handler():
    run('''
        import threading
        from httptestserver import start_server
        from httptestserver.server import Handler
        from support.client import Client, request
        entered = threading.Event()
        class Busy(Handler):
            def handle_request(self):
                entered.set()
                threading.Event().wait(1000)
        server = start_server(handler=Busy)
        client = Client(server)
        client.send(request())
        assert entered.wait(20)
    ''')


needs_fork = pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')
FORK = '''
    import os, sys
    from support.client import Client
    from support.servers import serve
    server = serve({scheme!r})
    def child(function):
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            function()
            status = 0
        finally:
            os._exit(status)
    def ended(pid):
        return os.waitpid(pid, 0)[1] == 0
'''


@needs_fork
@both_schemes
def test_forked_child_is_a_client_like_any_other(scheme):
    run(FORK + '''
        def get():
            with Client(server) as client:
                assert client.get('/child').status == 200
        assert ended(child(get))
        assert [entry['path'] for entry in server.history] == ['/child']
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
def test_stop_in_a_forked_child_leaves_the_parent_alone(scheme):
    run(FORK + '''
        with Client(server) as idle:
            idle.get()
            assert ended(child(server.stop))
            assert idle.get('/again').status == 200
        with Client(server) as client:
            assert client.get('/new').status == 200
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
def test_port_is_closed_by_stop_while_a_forked_child_lives(scheme):
    run(FORK + '''
        from support.servers import port_is_closed
        reading, writing = os.pipe()
        idle = Client(server)
        idle.get()
        pid = child(lambda: os.read(reading, 1))
        server.stop()
        assert port_is_closed(server)
        assert idle.rest() == b''
        os.write(writing, b'x')
        assert ended(pid)
        idle.close()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
def test_forked_child_starts_servers_of_its_own(scheme):
    run(FORK + '''
        def own():
            with serve({scheme!r}) as mine, Client(mine) as client:
                assert client.get().status == 200
        assert ended(child(own))
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
@pytest.mark.parametrize('ending', ['server.stop()', 'pass'], ids=['stopping', 'exiting'])
def test_forked_child_ends_though_threads_that_are_not_in_it_hold_the_locks(scheme, ending):
    run(FORK + '''
        import threading, time
        held, leave = threading.Event(), threading.Event()
        def hold():
            with server._lifecycle, server._lock, server._listener._lock:
                held.set()
                leave.wait()
        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        pid = os.fork()
        if not pid:
            {ending}
            sys.exit()                  # as an interpreter exits, which stops its servers
        deadline = time.time() + 20
        while not os.waitpid(pid, os.WNOHANG)[0]:
            if time.time() > deadline:
                os.kill(pid, 9)
                raise AssertionError('the child hangs')
            time.sleep(0.005)
        leave.set()
        holder.join()
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme), ending=ending)
