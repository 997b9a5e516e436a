# -*- coding: utf-8 -*-
"""Starting, stopping, restarting and forgetting servers: nothing is left, whatever clients do."""
from __future__ import unicode_literals

import errno
import gc
import socket
import threading
import time
import warnings
import weakref

import pytest

from httptestserver import Server, http_server, https_server, start_server
from httptestserver.server import Handler
from httptestserver.serving.started import KEPT
from support.client import Client, request
from support.inside import cut_early
from support.marks import both_schemes, needs_ipv6
from support.servers import Leaks, port_is_closed, serve, server_threads
from support.waiting import TIMEOUT, eventually


@pytest.fixture
def stop_at_once(caplog, monkeypatch):
    cut_early(monkeypatch)

    def stop(server):
        """Stop *server*, which says so if a thread of it does not end."""
        begun = time.time()
        server.stop()
        assert 'is busy' not in caplog.text
        assert time.time() - begun < TIMEOUT
    return stop


# Start and stop.

@both_schemes
def test_port_is_open_when_start_returns(scheme):
    with serve(scheme) as server, Client(server) as client:
        assert client.get().status == 200


@both_schemes
def test_port_is_closed_when_stop_returns(scheme):
    with Leaks():
        server = serve(scheme)
        server.stop()
        assert server_threads() == []
    assert port_is_closed(server)


@both_schemes
def test_1000_cycles_leave_nothing(scheme):
    serve(scheme).stop()                # loads what is loaded once
    with warnings.catch_warnings(record=True) as caught, Leaks():
        warnings.simplefilter('always')
        for _ in range(1000):
            serve(scheme).stop()
        gc.collect()
    assert [str(each.message) for each in caught] == []


@both_schemes
def test_100_cycles_with_a_request_leave_nothing(scheme):
    with Leaks():
        for _ in range(100):
            with serve(scheme) as server, Client(server) as client:
                assert client.get().status == 200


@both_schemes
def test_stopped_server_starts_again_on_the_same_port(scheme):
    with Leaks():
        server = serve(scheme)
        port = server.port
        for number in range(20):
            with Client(server) as client:
                assert client.get('/%d' % number).status == 200
                server.stop()
                assert client.rest() == b''
            assert server.start() is server
            assert server.port == port
        server.stop()
    assert [entry['path'] for entry in server.history] == ['/%d' % n for n in range(20)]


@both_schemes
def test_stop_twice_is_stop_once(scheme):
    server = serve(scheme)
    server.stop()
    server.stop()
    assert port_is_closed(server)


@both_schemes
def test_start_twice_is_start_once(scheme):
    with Leaks(), serve(scheme) as server:
        assert server.start() is server
        with Client(server) as client:
            assert client.get().status == 200
        assert len([each for each in server_threads() if 'accept' in each.name]) == 1


@both_schemes
def test_stop_before_start_frees_the_port(scheme, stop_at_once):
    with Leaks():
        server = Server('127.0.0.1', 0, scheme)
        stop_at_once(server)
        assert port_is_closed(server)
        with server, Client(server) as client:
            assert client.get().status == 200


@both_schemes
def test_stop_from_many_threads_at_once_is_stop_once(scheme):
    for _ in range(20):
        server = serve(scheme)
        threads = [threading.Thread(target=server.stop) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
        assert port_is_closed(server)


class Stopping(Handler):
    """Stops its server within a request."""

    def handle_request(self):
        self.server.stop()
        super(Stopping, self).handle_request()


@both_schemes
def test_handler_may_stop_its_server(scheme):
    with Leaks():
        server = serve(scheme, handler=Stopping)
        with Client(server) as client:
            client.send(request())
            client.rest()
        assert port_is_closed(server)
        eventually(lambda: not server_threads())
        server.stop()


@pytest.mark.parametrize('context', [http_server, https_server, None])
def test_leaving_a_context_stops_the_server_whatever_happened(context):
    with Leaks():
        with pytest.raises(ZeroDivisionError):
            with (context() if context else start_server()) as server:
                with Client(server) as client:
                    client.get()
                1 / 0
        assert port_is_closed(server)


def test_stopped_server_keeps_what_it_recorded():
    with http_server() as server, Client(server) as client:
        client.get('/kept')
    assert [entry['path'] for entry in server.history] == ['/kept']
    assert server.data['path'] == '/kept'


@both_schemes
def test_stopped_server_is_freed(scheme):
    with serve(scheme) as server, Client(server) as client:
        client.get()
    reference = weakref.ref(server)
    del server, client
    # The pytest plugin keeps the newest servers of a test for its report.
    for _ in range(KEPT):
        serve(scheme).stop()

    def freed():
        gc.collect()
        return reference() is None

    eventually(freed)


@both_schemes
def test_20_servers_at_once_do_not_mix(scheme):
    servers = [serve(scheme) for _ in range(20)]
    try:
        assert len(set(server.port for server in servers)) == 20
        for server in servers:
            server.data['response_content'] = str(server.port)
            with Client(server) as client:
                assert client.get('/%d' % server.port).body.decode('ascii') == str(server.port)
        for server in servers:
            assert [entry['path'] for entry in server.history] == ['/%d' % server.port]
    finally:
        for server in servers:
            server.stop()


# Stop while clients are there.

def idle(server):
    client = Client(server)
    client.get('/done')
    return client


def silent(server):
    return Client(server, tls=False)


def half_head(server):
    client = Client(server)
    client.send(b'GET / HTTP/1.1\r\nHost: lo')
    return client


def half_body(server):
    client = Client(server)
    client.send(request('POST', '/', 'Content-Length: 100') + b'half')
    return client


def half_handshake(server):
    client = Client(server, tls=False)
    client.send(b'\x16\x03\x01\x02\x00\x01\x00')
    return client


def delayed(server):
    server.data['response_timeout'] = 30
    client = Client(server)
    client.send(request('GET', '/delayed'))
    eventually(lambda: server.history)
    return client


def not_reading(server):
    server.data['response_content'] = b'x' * 20000000
    client = Client(server)
    client.send(request('GET', '/big'))
    client.socket.recv(1)
    return client


@both_schemes
@pytest.mark.parametrize('state', [idle, silent, half_head, half_body, half_handshake, delayed,
                                   not_reading])
def test_stop_is_quick_and_ends_every_client(scheme, state, stop_at_once):
    with Leaks():
        server = serve(scheme)
        clients = [state(server) for _ in range(5)]
        eventually(lambda: len(server_threads()) == 6)
        stop_at_once(server)
        assert not server_threads()
        assert port_is_closed(server)
        for client in clients:
            client.rest()
            client.close()
        del client, clients


@both_schemes
def test_stop_ends_a_client_that_uploads_without_a_pause(scheme):
    def upload():
        try:
            while True:
                client.send(b'x' * 100000)
                sent.append(100000)
        except socket.timeout:
            ends.append('still waiting')
        except socket.error:
            ends.append('ended')

    ends = []
    for _ in range(5):
        sent = []
        with serve(scheme) as server, Client(server) as client:
            client.send(request('PUT', '/', 'Content-Length: 99999999999'))
            thread = threading.Thread(target=upload)
            thread.start()
            eventually(lambda: sum(sent) > 30000000)
            server.stop()
            thread.join()
    assert ends == ['ended'] * 5


@both_schemes
def test_no_request_is_answered_after_stop(scheme):
    with serve(scheme) as server, Client(server) as client:
        client.get('/before')
        server.stop()
        try:
            client.send(request('GET', '/after'))
        except socket.error:
            pass
        assert client.rest() == b''
    assert [entry['path'] for entry in server.history] == ['/before']


@both_schemes
def test_delayed_request_that_stop_ends_stays_recorded_unanswered(scheme):
    server = serve(scheme)
    with delayed(server) as client:
        server.stop()
        assert client.rest() == b''
    entry, = server.history
    assert entry['path'] == '/delayed'
    assert entry['duration'] is None


@both_schemes
def test_delay_that_stop_ended_delays_again_after_start(scheme):
    server = serve(scheme)
    with delayed(server):
        server.stop()
    server.data['response_timeout'] = 0.2
    with server, Client(server) as client:
        started = time.time()
        assert client.get().status == 200
        assert time.time() - started >= 0.19


class Busy(Handler):
    """Is busy with something that the server cannot end."""

    entered = threading.Event()
    leave = threading.Event()
    left = threading.Event()

    def handle_request(self):
        Busy.entered.set()
        Busy.leave.wait(60)
        Busy.left.set()
        super(Busy, self).handle_request()


@both_schemes
def test_stop_waits_a_bounded_time_for_a_busy_handler(scheme):
    for event in Busy.entered, Busy.leave, Busy.left:
        event.clear()
    try:
        with Leaks(), serve(scheme, handler=Busy) as server, Client(server) as client:
            client.send(request())
            assert Busy.entered.wait(20)
            server.stop()
            assert not Busy.left.is_set()
            assert client.rest() == b''
            Busy.leave.set()
    finally:
        Busy.leave.set()


# What cannot start.

@both_schemes
def test_port_in_use_is_an_error_that_names_it(scheme):
    with serve(scheme) as server:
        with Leaks():
            with pytest.raises(EnvironmentError) as caught:
                serve(scheme, port=server.port)
            assert '127.0.0.1' in str(caught.value) and str(server.port) in str(caught.value)
            assert caught.value.errno == errno.EADDRINUSE
            del caught


@both_schemes
@pytest.mark.parametrize('host', ['no.such.host.invalid', '192.0.2.1', '999.1.1.1', '\xe9' * 70,
                                  'a..b'])
def test_bad_host_is_an_error_that_names_it(scheme, host):
    with Leaks():
        with pytest.raises((EnvironmentError, ValueError)) as caught:
            serve(scheme, host=host)
        name = host if host.isalnum() is False and host[0] != '\xe9' else ''
        assert name in str(caught.value)
        assert 'cannot listen' in str(caught.value)
        del caught


@pytest.mark.parametrize('port', [-1, 65536, 'http://', None.__class__])
def test_bad_port_is_an_error_that_names_it(port):
    with Leaks():
        with pytest.raises((EnvironmentError, TypeError, ValueError)) as caught:
            start_server(port=port)
        assert str(port) in str(caught.value)
        del caught


def test_unknown_scheme_is_an_error_that_names_it():
    with pytest.raises(ValueError) as caught:
        Server('127.0.0.1', 0, 'ftp')
    assert 'ftp' in str(caught.value)


def test_port_taken_between_stop_and_start_is_an_error_and_start_may_be_tried_again():
    server = start_server()
    server.stop()
    with start_server(port=server.port):
        with pytest.raises(EnvironmentError) as caught:
            server.start()
        assert str(server.port) in str(caught.value)
        server.stop()
    with server, Client(server) as client:
        assert client.get().status == 200


@pytest.mark.parametrize('option', ['certfile', 'keyfile', 'client_cafile'])
@pytest.mark.parametrize('content', [None, '', 'no PEM at all'], ids=['missing', 'empty', 'text'])
def test_unreadable_certificate_is_an_error_that_names_the_file(tmpdir, option, content):
    path = tmpdir.join('certificate-of-the-test.pem')
    if content is not None:
        path.write(content)
    with Leaks():
        with pytest.raises((EnvironmentError, ValueError)) as caught:
            serve('https', **{option: str(path)})
        assert 'certificate-of-the-test.pem' in str(caught.value)
        del caught


# IPv6.

@needs_ipv6
@both_schemes
def test_ipv6_address_is_served_with_a_bracketed_url(scheme):
    with serve(scheme, host='::1') as server:
        assert server.host == '::1'
        assert server.url('/a') == '%s://[::1]:%d/a' % (scheme, server.port)
        with Client(server) as client:
            assert client.get('/six').status == 200
        assert server.history[0]['client_address'][0] == '::1'
        server.stop()
        server.start()
        with Client(server) as client:
            assert client.get('/again').status == 200


def test_name_is_served_and_url_names_an_address_that_answers():
    with start_server(host='localhost') as server, Client(server) as client:
        assert client.get().status == 200
        assert server.url('/x') == 'http://%s:%d/x' % (server.host, server.port)


@pytest.mark.parametrize('host', [None, '', '127.0.0.1'])
def test_server_listens_on_loopback_unless_told_otherwise(host):
    with start_server(host=host) as server:
        assert server.host == '127.0.0.1'


def test_server_on_every_address_has_a_url_that_answers():
    with start_server(host='0.0.0.0') as server:
        assert server.url() == 'http://127.0.0.1:%d/' % server.port


def test_start_asks_no_resolver_for_the_name_of_the_host(monkeypatch):
    def asked(*_):
        raise AssertionError('the resolver was asked')

    monkeypatch.setattr(socket, 'getfqdn', asked)
    monkeypatch.setattr(socket, 'gethostbyaddr', asked)
    with start_server() as server, Client(server) as client:
        assert client.get().status == 200
