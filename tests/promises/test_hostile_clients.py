# -*- coding: utf-8 -*-
"""Clients that send nonsense, leave or never read harm nobody else, and nothing is printed."""
from __future__ import unicode_literals

import socket
import ssl
import sys

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
    # A client that truncates the session would read plain bytes from then on.
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
        # So much that the response is not over, however late the client leaves.
        server.data.update(response_timeout=0.05, response_content=b'x' * 20 * MIB)
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
