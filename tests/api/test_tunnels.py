# -*- coding: utf-8 -*-
"""A server that is a proxy: tunnels, what comes through them, and what is recorded."""
import contextlib
import copy
import pickle
import socket
import sys

import pytest

from httptestserver import Server, http_server, https_server, start_server
from support.client import Client, client_context, request
from support.loopback import loopback_only
from support.marks import needs_extra
from support.tunnels import TunnelClient, connect

HOST = 'api.example.com'
TARGET = 'api.example.com:443'
BOTH = pytest.mark.parametrize('tls', [True, False], ids=['tls', 'plain'])


@pytest.fixture(autouse=True)
def guard():
    with loopback_only():
        yield


@pytest.fixture
def server():
    with http_server(proxy=True, check=True) as server:
        yield server


@contextlib.contextmanager
def tunnel(server, target=TARGET, tls=True):
    with TunnelClient(server, target, tls) as client:
        yield client


def get(path='/', host=HOST, *fields):
    return request('GET', path, *fields).replace(b'localhost', host.encode('utf-8'), 1)


# What a server may be.

@pytest.mark.skipif(sys.version_info >= (3, 8), reason='the extra tls can be installed')
def test_an_older_python_says_what_a_proxy_needs():
    with pytest.raises(ImportError) as caught:
        start_server(proxy=True)
    assert str(caught.value).startswith(
        "proxy=True needs the extra tls: pip install 'httptestserver[tls]', on Python 3.8 or newer")


@needs_extra
def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'trustme', None)
    with pytest.raises(ImportError) as caught:
        start_server(proxy=True)
    assert str(caught.value).startswith(
        "proxy=True needs the extra tls: pip install 'httptestserver[tls]' (")


@pytest.mark.parametrize('start', [
    lambda: https_server(proxy=True).__enter__(),
    lambda: Server('127.0.0.1', 0, 'https', proxy=True)])
def test_an_https_server_is_no_proxy(start):
    with pytest.raises(ValueError) as caught:
        start()
    assert str(caught.value) == (
        'proxy is for http only, got True (bool); http_server() and start_server() speak it, and '
        'the tunnels through them TLS')


@pytest.mark.parametrize('value', [None, 1, 'yes'])
def test_proxy_is_a_bool(value):
    with pytest.raises(TypeError) as caught:
        start_server(proxy=value)
    assert str(caught.value).startswith('proxy is True or False, got ')


def test_a_plain_server_opens_no_tunnels():
    with http_server() as server, Client(server) as client:
        client.send(connect(TARGET))
        assert client.answer().status == 501
        assert server.tunnels == [] and server.history[0].tunnel is None


# The tunnel.

@needs_extra
@BOTH
def test_what_comes_through_a_tunnel_is_a_request_to_the_host(server, tls):
    scheme, port = ('https', 443) if tls else ('http', 80)
    target = '%s:%d' % (HOST, port)
    route = server.route('GET', '%s://%s/users/{id}' % (scheme, HOST), response_json={'id': 7})
    with tunnel(server, target, tls) as client:
        client.send(get('/users/7'))
        assert client.answer().body == b'{"id": 7}'
    entry, = server.history
    assert route.history == [entry]
    assert entry.url == '%s://%s/users/7' % (scheme, HOST)
    assert entry.tunnel == target and entry.params == {'id': '7'}
    assert (entry.connection_index, entry.exchange_index) == (0, 0)
    opened, = server.tunnels
    assert opened[:2] == (0, target) and opened.time <= entry.time
    assert entry.tls == (entry.tls if tls else None) and bool(entry.tls) is tls
    if tls:
        assert entry.tls['sni'] == HOST and entry.tls['alpn'] is None


@needs_extra
def test_the_tunnel_survives_copies_and_pickles_and_is_no_key(server):
    with tunnel(server) as client:
        client.send(get())
        client.answer()
    entry, = server.history
    for other in (entry.copy(), copy.copy(entry), copy.deepcopy(entry),
                  pickle.loads(pickle.dumps(entry))):
        assert other.tunnel == TARGET and other == entry
    assert 'tunnel' not in entry


@needs_extra
@BOTH
def test_requests_in_a_tunnel_are_kept_alive_and_pipelined(server, tls):
    server.enqueue(*[{'response_content': each} for each in (b'a', b'b', b'c')])
    with tunnel(server, tls=tls) as client:
        client.send(get('/1') + get('/2'))
        assert [client.answer().body, client.answer().body] == [b'a', b'b']
        client.send(get('/3'))
        assert client.answer().body == b'c'
        assert server.open_connections == 1
    assert [(entry.path, entry.connection_index, entry.exchange_index)
            for entry in server.history] == [('/1', 0, 0), ('/2', 0, 1), ('/3', 0, 2)]


@needs_extra
def test_requests_before_a_tunnel_use_the_same_connection(server):
    with TunnelClient(server) as client:
        client.send(request('GET', 'http://plain.example.com/'))
        assert client.answer().status == 200
        assert client.connect(TARGET).status == 200
        client.secure(HOST)
        client.send(get())
        assert client.answer().status == 200
    assert [(entry.url, entry.connection_index, entry.exchange_index, entry.tunnel)
            for entry in server.history] == [
        ('http://plain.example.com/', 0, 0, None), ('https://api.example.com/', 0, 0, TARGET)]


@needs_extra
def test_bytes_right_behind_the_connect_are_plain_http(server):
    with TunnelClient(server) as client:
        client.send(connect('plain.example.com:80') + get('/a', 'plain.example.com') + b'GET /b')
        assert client.answer('CONNECT').status == 200
        assert client.answer().status == 200
        client.send(b' HTTP/1.1\r\nHost: plain.example.com\r\n\r\n')
        assert client.answer().status == 200
    assert [entry.url for entry in server.history] == [
        'http://plain.example.com/a', 'http://plain.example.com/b']


@needs_extra
def test_a_handshake_right_behind_the_connect_is_a_failure_and_a_close():
    with http_server(proxy=True) as server, TunnelClient(server) as client:
        client.send(connect(TARGET) + b'\x16\x03\x01\x00\x05hello')
        assert client.answer('CONNECT').status == 200
        assert client.rest() == b''
        assert server.wait_failure()[0].reason == (
            'a TLS handshake right behind the CONNECT to api.example.com:443, before its response')
        assert server.history == []


@needs_extra
def test_a_tunnel_in_a_tunnel_is_refused():
    with http_server(proxy=True) as server, tunnel(server) as client:
        client.send(connect('b.example.com:443'))
        answer = client.answer()
        assert answer.status == 501 and answer.body == (
            b'a CONNECT in the tunnel to api.example.com:443: no tunnel leads through another\n')
        assert client.rest() == b''
        assert len(server.wait_failure()) == len(server.tunnels) == 1


@needs_extra
def test_a_client_that_opens_a_tunnel_and_closes_is_no_failure(server):
    with TunnelClient(server) as client:
        assert client.connect(TARGET).status == 200
    server.wait_connections(0)
    assert server.failures == server.history == [] and len(server.tunnels) == 1


@needs_extra
def test_a_client_that_does_not_trust_the_authority_is_a_failure():
    with http_server(proxy=True) as server, https_server() as other:
        with TunnelClient(server) as client:
            client.connect(TARGET)
            with pytest.raises(socket.error):
                client.secure(HOST, client_context(other))
        assert server.wait_failure()[0].reason.startswith(
            'TLS handshake in the tunnel to api.example.com:443 failed: ')


# Routes for CONNECT.

@needs_extra
def test_a_route_may_refuse_a_tunnel_and_then_it_is_recorded(server):
    route = server.route('CONNECT', 'down.example.com:443', response_status=502)
    with TunnelClient(server) as client:
        assert client.connect('down.example.com:443').status == 502
        assert client.connect(TARGET).status == 200
        client.secure(HOST)
    assert [entry.requestline for entry in route.history] == [
        'CONNECT down.example.com:443 HTTP/1.1']
    assert server.history == route.history and [each.target for each in server.tunnels] == [TARGET]
