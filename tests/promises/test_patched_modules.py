# -*- coding: utf-8 -*-
"""A test may freeze the clock, and patch `time`, `os` and `socket`, while a server serves."""
import os
import socket
import sys
import time

import pytest

from support.client import Client, client_context, request
from support.installed import module
from support.marks import both_schemes, needs_extra
from support.processes import SOURCES, TESTS, execute, inner_pytest, run
from support.servers import Leaks, port_is_closed, serve
from support.tunnels import TunnelClient
from support.waiting import TIMEOUT

try:
    from unittest import mock
except ImportError:
    import mock

needs_freezegun = pytest.mark.skipif(sys.version_info < (3, 7), reason='freezegun needs 3.7')

#: What the code under test may have replaced, if this Python has it.
CLOCKS = ['time', 'monotonic', 'perf_counter', 'sleep', 'gmtime', 'localtime', 'strftime']
SOCKETS = ['socket', 'SocketType', 'create_connection', 'getaddrinfo', 'gethostbyname', 'getfqdn',
           'fromfd', 'dup', 'socketpair']

#: Bound here, as a client has it that was made before.
new_socket = socket.socket
time_of_day = time.time


class Patched(object):
    """A context in which *names* of *module* are replaced, and fail the test if they are used."""

    def __init__(self, module, names):
        self._patches = [mock.patch.object(module, name, side_effect=AssertionError(name))
                         for name in names if hasattr(module, name)]

    def __enter__(self):
        self._mocks = [patch.start() for patch in self._patches]

    def __exit__(self, kind, *_):
        for patch in self._patches:
            patch.stop()
        if kind is None:
            assert not any([each.called for each in self._mocks]), self._mocks


def patched_clocks():
    return Patched(time, CLOCKS)


def patched_sockets():
    return Patched(socket, SOCKETS)


def ask(server, *fields):
    """Return the status and the body of a response, by a client that uses nothing patched."""
    client = new_socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        client.settimeout(TIMEOUT)
        client.connect((server.host, server.port))
        if server.scheme == 'https':
            client = client_context(server).wrap_socket(client, server_hostname='localhost')
        client.sendall(request('GET', '/', 'Connection: close', *fields))
        received = b''.join(iter(lambda: client.recv(65536), b''))
    finally:
        client.close()
    head, _, body = received.partition(b'\r\n\r\n')
    return int(head.split(b' ')[1]), body


def check_waits(server):
    """Have everything in a *server* that takes time end in time."""
    server.data.update(response_content=b'x' * 100, response_timeout=0.01, response_rate=5000)
    assert ask(server) == (200, b'x' * 100)
    entry = server.history[0]
    assert 0.02 < entry['duration'] < TIMEOUT
    for wait in (server.wait, server.wait_failure):
        with pytest.raises(AssertionError):
            wait(count=3, timeout=0.01)
    assert server.wait(timeout=TIMEOUT) == [entry]
    assert server.take_request(timeout=TIMEOUT) == entry
    return entry


# Clocks.

@needs_freezegun
@both_schemes
def test_waits_end_and_entries_have_the_real_time_while_the_clock_is_frozen(scheme):
    freezegun = module('freezegun')
    begun = time_of_day()
    with Leaks():
        with serve(scheme) as server:
            client_context(server)
            with freezegun.freeze_time('2001-02-03'):
                assert time.time() < begun
                entry = check_waits(server)
                server.stop()
        assert begun <= entry['time'] <= time_of_day()
        date = dict(entry['response_headers'])['Date']
        assert '%s' % time.gmtime(entry['time']).tm_year in date


@needs_freezegun
@both_schemes
def test_a_server_may_start_and_stop_while_the_clock_is_frozen(scheme):
    freezegun = module('freezegun')
    begun = time_of_day()
    with Leaks():
        with freezegun.freeze_time('2001-02-03'):
            with serve(scheme) as server:
                entry = check_waits(server)
        assert begun <= entry['time']


@both_schemes
def test_waits_end_while_all_clocks_are_patched(server):
    if server.scheme == 'https' and hasattr(sys, 'pypy_version_info'):
        pytest.skip("PyPy's own ssl asks the clock that is patched")
    client_context(server)
    with patched_clocks():
        check_waits(server)
        server.stop()


@both_schemes
def test_a_response_has_its_date_while_datetime_is_patched(server):
    client_context(server)
    with mock.patch('datetime.datetime'):
        assert ask(server) == (200, b'')
    assert '%s' % time.gmtime(server.history[0]['time']).tm_year in dict(
        server.history[0]['response_headers'])['Date']


@both_schemes
def test_the_server_takes_no_value_that_a_test_gives_to_its_own_code(server):
    client_context(server)
    with mock.patch('time.time', side_effect=[100.0, 107.0]):
        begun = time.time()
        assert ask(server) == (200, b'')
        assert time.time() - begun == 7
    assert server.failures == []
    server.check()


# The process id.

@both_schemes
def test_stop_ends_the_server_while_the_process_id_is_patched(scheme):
    with Leaks():
        server = serve(scheme)
        with Client(server) as client:
            assert client.get().status == 200
            with mock.patch('os.getpid', return_value=1):
                server.stop()
            assert client.rest() == b''
        assert port_is_closed(server)


# Sockets.

@both_schemes
def test_connections_old_and_new_are_served_while_sockets_are_patched(server, client):
    client.get()
    with patched_sockets():
        for _ in range(3):
            assert client.get().status == 200
            assert ask(server) == (200, b'')
    assert len(server.history) == 7
    assert server.failures == []


@both_schemes
@pytest.mark.parametrize('moment', ['accept', 'request', 'response', 5, 'end'])
@pytest.mark.parametrize('fault', ['disconnect', 'reset', 'stall'])
def test_faults_happen_while_sockets_are_patched(scheme, fault, moment):
    with Leaks(), serve(scheme) as server:
        client_context(server)
        with Client(server) as client:
            client.get()
            server.data.update(response_content=b'0123456789', response_fault=fault,
                               response_fault_at=moment)
            with patched_sockets():
                client.send(request())
                server.wait(2)
                if fault == 'stall':
                    server.stop()
                received = client.rest()
                # Or the server would wait for the client to close, too.
                client.close()
                server.stop()
            assert (b'01234' in received) == (moment in (5, 'end'))
            assert (b'56789' in received) == (moment == 'end')


@both_schemes
def test_a_malformed_request_is_refused_while_sockets_are_patched(server, client):
    client.get()
    with patched_sockets():
        client.send(b'GET / HTTP/9.9\r\n\r\n')
        assert client.answer().status == 505
        client.end_sending()
        assert client.rest() == b''


@both_schemes
@pytest.mark.parametrize('host', ['127.0.0.1', 'localhost'])
def test_a_server_may_start_and_stop_while_sockets_are_patched(scheme, host):
    with Leaks():
        with patched_sockets():
            with serve(scheme, host=host) as server:
                assert ask(server) == (200, b'')
                server.stop()
                server.start()
                assert ask(server) == (200, b'')
        assert port_is_closed(server)


@both_schemes
def test_stop_ends_idle_connections_while_sockets_are_patched(scheme):
    with Leaks():
        server = serve(scheme)
        with Client(server) as client:
            client.get()
            with patched_sockets():
                server.stop()
            assert client.rest() == b''
        assert port_is_closed(server)


# A server that forwards.

@pytest.mark.parametrize('patched', [patched_clocks, patched_sockets])
def test_a_request_is_forwarded_while_clocks_or_sockets_are_patched(patched):
    with Leaks(), serve('http') as upstream, serve('http') as server:
        upstream.data.update(response_content=b'forwarded', response_timeout=0.05)
        server.data['response_forward'] = upstream.url('/').replace('127.0.0.1', 'localhost')
        with patched():
            for _ in range(2):
                assert ask(server) == (200, b'forwarded')
        assert len(upstream.history) == 2
        server.check()


# A proxy.

@needs_extra
@pytest.mark.usefixtures('guard')
@pytest.mark.parametrize('patched', [patched_clocks, patched_sockets])
def test_a_certificate_is_made_while_clocks_or_sockets_are_patched(patched):
    if patched is patched_clocks and hasattr(sys, 'pypy_version_info'):
        pytest.skip("PyPy's own ssl asks the clock that is patched")
    host = patched.__name__.replace('_', '-') + '.example'
    with Leaks(), serve('http', proxy=True) as server:
        client_context(server)
        with TunnelClient(server, host + ':443', tls=False) as client:
            with patched():
                client.secure(host)
                client.send(request('GET', '/'))
                assert client.answer().status == 200
        assert server.failures == []


@needs_extra
@pytest.mark.usefixtures('guard')
def test_a_certificate_that_cannot_be_made_is_a_failure_with_its_reason():
    with Leaks(), serve('http', proxy=True) as server:
        context = client_context(server)
        with TunnelClient(server, 'undated.example:443', tls=False) as client:
            with mock.patch('datetime.datetime'):
                with pytest.raises(EnvironmentError):
                    client.secure('undated.example', context)
        assert [each.reason.partition(':443: ')[0] for each in server.failures] == [
            'no certificate for the tunnel to undated.example']
        # The next client gets one.
        with TunnelClient(server, 'undated.example:443') as client:
            client.send(request('GET', '/'))
            assert client.answer().status == 200


# A server that is imported while something is patched.

@needs_freezegun
def test_the_clock_may_be_frozen_before_the_first_server_is_imported():
    module('freezegun')
    assert run('''
        import sys, time
        import freezegun
        import httptestserver
        from support.client import ask

        begun = time.time()
        assert 'httptestserver.server' not in sys.modules
        with freezegun.freeze_time('2001-02-03'):
            with httptestserver.http_server() as server:
                server.data.update(response_timeout=0.01, response_rate=5000,
                                   response_content=b'x' * 100)
                assert len(ask(server).body) == 100
        assert server.history[0]['time'] >= begun
        print('right')
    ''').split() == ['right']


SAMPLE = '''
import os, time
import pytest
from support.client import ask

begun = time.time()


@pytest.fixture
def patched(monkeypatch):
    for name in ('time', 'monotonic'):
        monkeypatch.setattr(time, name, lambda: 1.0, raising=False)
    monkeypatch.setattr(os, 'getpid', [1, 2].pop)


def test_something(patched, http_server):
    http_server.data.update(response_timeout=0.01, response_rate=5000,
                            response_content=b'x' * 100)
    assert len(ask(http_server).body) == 100
    assert http_server.history[0]['time'] >= begun
'''


def test_a_fixture_may_patch_before_that_of_the_server_imports_it(tmpdir, pytestconfig):
    sample = tmpdir.join('test_sample.py')
    sample.write(SAMPLE)
    code, output = execute(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:timeout', str(sample)]
        + inner_pytest(pytestconfig), PYTHONPATH=os.pathsep.join([SOURCES, TESTS]))
    assert code == 0, output
