# -*- coding: utf-8 -*-
"""A server that is a proxy: tunnels, what comes through them, and what is recorded."""
import contextlib
import copy
import pickle
import socket
import sys
import threading

import pytest

from httptestserver import Handler, Server, http_server, https_server, start_server
from httptestserver.serving import proxy
from support.client import Client, client_context, request
from support.inside import all_stopping
from support.marks import needs_extra
from support.servers import Leaks, port_is_closed
from support.tunnels import TunnelClient, connect
from support.waiting import TIMEOUT, eventually, in_threads

HOST = 'api.example.com'
TARGET = 'api.example.com:443'
BOTH = pytest.mark.parametrize('tls', [True, False], ids=['tls', 'plain'])

pytestmark = pytest.mark.usefixtures('guard')


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
        'proxy is for http only, got True (bool); use http_server() or start_server(): their '
        'tunnels take https too')


@pytest.mark.parametrize('name, value, hint', [
    ('hosts', ['a.example'], 'it makes a certificate for each host that clients ask for'),
    ('certificate', 'expired', 'it makes a certificate for each host that clients ask for'),
    ('certfile', 'a.pem', 'it makes a certificate for each host that clients ask for'),
    ('client_cafile', 'a.pem', 'it asks clients for no certificate')])
def test_what_a_proxy_cannot_have_is_named_without_a_way_to_https(name, value, hint):
    with pytest.raises(ValueError) as caught:
        start_server(proxy=True, **{name: value})
    assert str(caught.value) == '%s is not for a proxy, got %r (%s); %s' % (
        name, value, type(value).__name__, hint)


def test_a_unix_socket_is_no_proxy(tmpdir):
    with pytest.raises(ValueError) as caught:
        start_server('unix:%s' % tmpdir.join('x'), proxy=True)
    assert str(caught.value) == (
        'proxy is not for a Unix socket, got True (bool); clients find a proxy by its address and '
        'port')


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
        server.wait_connections(0)
        assert server.history == [] and len(server.failures) == 1


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


@needs_extra
def test_other_routes_the_queue_and_data_never_see_a_connect(server):
    seen = []
    every = server.route(match=lambda request: seen.append(request.method) or True)
    server.enqueue(response_content=b'queued')
    server.data.update(response_content=b'data')
    with tunnel(server) as client:
        client.send(get())
        assert client.answer().status == 200
        assert set(seen) == {'GET'} and len(every.history) == 1
        every.remove()
        client.send(get() + get())
        assert [client.answer().body, client.answer().body] == [b'queued', b'data']
    assert [entry.method for entry in server.history] == ['GET'] * 3
    assert server.data['command'] == 'GET'


@needs_extra
def test_a_client_may_try_again_on_the_same_connection(server):
    server.route('CONNECT', headers={'Proxy-Authorization': None}, response_status=407,
                 response_headers={'Proxy-Authenticate': 'Basic realm="p"'})
    server.route('GET', '/')
    with TunnelClient(server) as client:
        answer = client.connect(TARGET)
        assert answer.status == 407 and answer.get('proxy-authenticate') == 'Basic realm="p"'
        assert client.connect(TARGET, 'Proxy-Authorization: Basic YTpi').status == 200
        client.secure(HOST)
        client.send(get())
        assert client.answer().status == 200
    assert [entry.exchange_index for entry in server.history] == [0, 0]
    assert [each.connection_index for each in server.tunnels] == [0]


@needs_extra
def test_a_refusal_in_a_queue_is_used_once(server):
    route = server.route('CONNECT', TARGET, response_times=1, response_status=502)
    with TunnelClient(server) as client:
        assert client.connect(TARGET).status == 502
        assert client.connect(TARGET).status == 200
        client.secure(HOST)
    assert len(route.history) == len(server.history) == 1


@needs_extra
@pytest.mark.parametrize('keys', [
    {'response_headers': {'X-Proxy': 'yes'}}, {'response_status': 204},
    {'response_timeout': 0.001}, {'response_callback': lambda request: 200},
    {'response_informational': [(103, {})]}], ids=lambda keys: list(keys)[0])
def test_a_success_of_a_route_opens_the_tunnel_and_is_recorded(server, keys):
    server.route('CONNECT', **keys)
    with TunnelClient(server) as client:
        answer = client.connect(TARGET)
        if answer.status == 103:
            answer = client.answer('CONNECT')
        assert 200 <= answer.status < 300 and answer.get('connection') is None
        assert answer.get('x-proxy') == ('yes' if 'response_headers' in keys else None)
        client.secure(HOST)
        client.send(get())
        assert client.answer().status == 404
    assert [(entry.method, entry.tunnel) for entry in server.history] == [
        ('CONNECT', None), ('GET', TARGET)]
    assert server.history[0].route is not None and len(server.tunnels) == 1
    assert len(server.unmatched) == 1
    server.reset()


@needs_extra
def test_a_tunnel_that_is_held_is_not_open_yet(server):
    held = threading.Event()
    server.route('CONNECT', response_hold=held)
    with TunnelClient(server) as client:
        client.send(connect(TARGET))
        server.wait(method='CONNECT')
        assert server.tunnels == []
        held.set()
        assert client.answer('CONNECT').status == 200
        assert len(server.tunnels) == 1


@needs_extra
@pytest.mark.parametrize('keys, status', [
    ({'response_raw': b'HTTP/1.1 200 OK\r\n\r\n'}, 200), ({'response_fault': 'disconnect'}, None),
    ({'response_fault': 'disconnect', 'response_fault_at': 'request'}, None),
    ({'response_fault': 'disconnect', 'response_fault_at': 'end'}, 200)])
def test_a_fault_or_raw_bytes_open_no_tunnel(server, keys, status):
    server.route('CONNECT', **keys)
    with TunnelClient(server) as client:
        client.send(connect(TARGET))
        if status:
            assert client.answer('CONNECT').status == status
        assert client.rest() == b''
    assert server.tunnels == [] and len(server.history) == 1


@needs_extra
def test_user_code_that_raises_for_a_connect_is_a_500_and_no_tunnel():
    with http_server(proxy=True) as server, TunnelClient(server) as client:
        server.route('CONNECT', match=lambda request: 1 / 0)
        assert client.connect(TARGET).status == 500
        assert len(server.history) == 1 and server.tunnels == []
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'handling CONNECT api.example.com:443 HTTP/1.1 failed' in str(caught.value)


# Handlers.

class Refusing(Handler):
    """Refuses some tunnels itself, and records them."""

    def do_CONNECT(self):
        if self.path.startswith('down.'):
            self.send_response(503)
            self.end_headers()
        else:
            super(Refusing, self).do_CONNECT()


class Greeting(Handler):
    def handle_request(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(('%s %s' % (self.command, self.exchange_index)).encode('ascii'))


@needs_extra
def test_a_method_of_a_subclass_comes_before_routes():
    with http_server(proxy=True, handler=Refusing) as server, TunnelClient(server) as client:
        route = server.route('CONNECT', response_status=407)
        assert client.connect('down.example.com:443').status == 503
        assert route.history == [] and len(server.history) == 1
        assert client.connect(TARGET).status == 407
        route.remove()
        assert client.connect(TARGET).status == 200
        client.secure(HOST)
        client.send(get())
        assert client.answer().status == 200


@needs_extra
@pytest.mark.parametrize('begun, count', [(b'', 0), (b'\x16\x03', 1)], ids=['silent', 'begun'])
def test_the_timeout_of_a_handler_ends_a_silent_tunnel_too(monkeypatch, begun, count):
    class Impatient(Handler):
        timeout = TIMEOUT

    def connect_and_hurry(request):
        # Earlier it could end the connection before the client has sent its request.
        Impatient.timeout = 0.02
        return 200

    def patient_first_byte(accepted):
        before = accepted.gettimeout()
        accepted.settimeout(TIMEOUT)
        try:
            return first_byte(accepted)
        finally:
            accepted.settimeout(before)

    first_byte = proxy._first_byte
    if begun:
        # What has begun comes in time, and the rest does not.
        monkeypatch.setattr(proxy, '_first_byte', patient_first_byte)
    with http_server(proxy=True, handler=Impatient) as server, TunnelClient(server) as client:
        server.route('CONNECT', response_callback=connect_and_hurry)
        assert client.connect(TARGET).status == 200
        client.send(begun)
        assert client.rest() == b''
        assert len(server.wait_failure(count)) == count


@needs_extra
def test_a_subclass_that_handles_requests_handles_those_of_the_tunnel():
    with http_server(proxy=True, handler=Greeting) as server, tunnel(server) as client:
        client.send(get() + get())
        assert [client.answer().body, client.answer().body] == [b'GET 0', b'GET 1']
        assert [entry.tunnel for entry in server.history] == [TARGET] * 2


# Hosts.

@needs_extra
@pytest.mark.parametrize('target, name, host', [
    ('API.Example.COM:443', 'api.example.com', 'api.example.com'),
    ('api.example.com:8443', 'api.example.com', 'api.example.com:8443'),
    ('[2001:db8::1]:443', '2001:db8::1', '[2001:db8::1]'),
    ('[::1]:8443', '::1', '[::1]:8443'), ('10.0.0.7:443', '10.0.0.7', '10.0.0.7'),
    ('xn--bcher-kva.example:443', u'b\xfccher.example'.encode('idna').decode('ascii'),
     'xn--bcher-kva.example'),
    ('%s.example:443' % '.'.join(['a' * 60] * 3), '%s.example' % '.'.join(['a' * 60] * 3),
     '%s.example' % '.'.join(['a' * 60] * 3))])
def test_a_tunnel_leads_to_any_host_and_port(server, target, name, host):
    url = 'https://%s/a' % host
    server.route('GET', url, response_content=b'well')
    with TunnelClient(server) as client:
        assert client.connect(target).status == 200
        client.secure(name)
        client.send(get('/a', host))
        assert client.answer().body == b'well'
    assert server.history[0].tunnel == server.tunnels[0].target == target
    assert server.history[0].url == url


@needs_extra
def test_a_client_gets_the_certificate_of_the_name_that_it_sends(server):
    with TunnelClient(server) as client:
        client.connect('10.0.0.7:443')
        client.secure('other.example.com')
        client.send(get('/', 'other.example.com'))
        client.answer()
    assert server.history[0].tls['sni'] == 'other.example.com'
    assert server.history[0].url == 'https://other.example.com/'


@needs_extra
def test_the_host_of_a_route_for_connect_has_any_spelling(server):
    route = server.route('CONNECT', 'Down.Example.com:0443', response_status=502)
    with TunnelClient(server) as client:
        assert client.connect('DOWN.example.com:443').status == 502
    assert len(route.history) == 1


@needs_extra
@pytest.mark.parametrize('target', [
    'a..b:443', '-a-:443', 'a_b.example.com:443', '%41.example.com:443', '[v1.a]:443',
    u'\xfc.example.com:443', 'a' * 300 + ':443'])
def test_a_host_that_no_certificate_can_have_harms_nobody(target):
    with http_server(proxy=True) as server:
        # A client that sends no name gets a certificate that does not have the host.
        context = server.client_context()
        context.check_hostname = False
        with TunnelClient(server) as client:
            if client.connect(target).status == 200:
                client.secure('', context)
                names = [name for _, name in client.socket.getpeercert()['subjectAltName']]
                assert target.rpartition(':')[0] not in names
                client.send(get())
                assert client.answer().status == 200
        with tunnel(server) as client:
            client.send(get())
            assert client.answer().status == 200


@needs_extra
@pytest.mark.parametrize('target', ['a.test', 'a.test:', 'a.test:0', 'a.test:99999', '/', '*',
                                    'https://a.test/', ':443', 'x@a.test:443'])
def test_a_target_that_is_no_host_and_port_is_refused(target):
    with http_server(proxy=True) as server, TunnelClient(server) as client:
        assert client.connect(target).status == 400
        assert len(server.wait_failure()) == 1 and server.tunnels == []


@needs_extra
@pytest.mark.parametrize('fields', [(), ('Connection: close',), ('Proxy-Connection: close',)])
@pytest.mark.parametrize('version', ['1.0', '1.1'])
def test_a_connect_of_any_version_opens_a_tunnel(server, version, fields):
    with TunnelClient(server) as client:
        answer = client.connect(TARGET, *fields, version=version)
        assert answer.status == 200 and answer.get('connection') != 'close'
        assert answer.get('content-length') is answer.get('transfer-encoding') is None
        client.secure(HOST)
        client.send(get())
        assert client.answer().status == 200


@needs_extra
def test_a_request_without_a_host_field_is_for_the_host_of_the_tunnel(server):
    server.route('GET', 'https://api.example.com/', response_content=b'well')
    with tunnel(server) as client:
        client.send(b'GET / HTTP/1.0\r\n\r\n')
        assert client.answer().body == b'well'
    assert server.history[0].url == 'https://api.example.com:443/'


# Faults in a tunnel.

@needs_extra
@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_fault_at_accept_is_that_of_the_connection(fault):
    with http_server(proxy=True) as server:
        server.enqueue(response_fault=fault, response_fault_at='accept')
        try:
            with TunnelClient(server) as client:
                client.send(connect(TARGET))
                assert client.rest() == b''
        except socket.error:
            # The reset came before the client knew that it was connected.
            pass
        assert server.tunnels == server.history == []
        with tunnel(server) as client:
            client.send(get())
            assert client.answer().status == 200


@needs_extra
@pytest.mark.parametrize('fault', ['disconnect', 'reset', 'stall'])
def test_a_fault_at_handshake_is_that_of_the_tunnel(server, fault):
    server.enqueue(response_fault=fault, response_fault_at='handshake')
    with TunnelClient(server) as client:
        assert client.connect(TARGET).status == 200
        client.send(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
        if fault == 'stall':
            client.expect_silence()
            server.reset()
        assert client.rest() == b''
    with tunnel(server) as client:
        client.send(get())
        assert client.answer().status == 200
    assert len(server.tunnels) == (1 if fault == 'stall' else 2) and len(server.history) == 1


@needs_extra
def test_a_fault_at_handshake_waits_for_its_delay(server):
    held = threading.Event()
    server.enqueue(response_fault='disconnect', response_fault_at='handshake', response_hold=held)
    with TunnelClient(server) as client:
        client.connect(TARGET)
        client.send(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
        held.set()
        assert client.rest() == b''


@needs_extra
def test_a_plain_tunnel_has_no_handshake_so_the_fault_comes_before_the_response(server):
    server.enqueue(response_fault='disconnect', response_fault_at='handshake')
    with tunnel(server, tls=False) as client:
        client.send(get())
        assert client.rest() == b''
    assert server.history[0]['response_fault_at'] == 'handshake'


@needs_extra
@BOTH
@pytest.mark.parametrize('at, count', [('request', None), ('response', None), (0, 0), (3, 3),
                                       ('body', 100), ('end', 200)])
@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_faults_in_a_tunnel_come_at_their_moments(server, tls, fault, at, count):
    server.enqueue(response_fault=fault, response_fault_at=at, response_content=b'0123456789' * 20)
    with tunnel(server, tls=tls) as client:
        client.send(get('/faulty'))
        head, found, content = client.rest().partition(b'\r\n\r\n')
        assert bool(found) is (count is not None) and content == (b'0123456789' * 20)[:count or 0]
    entry, = server.history
    assert (entry.tunnel, entry['response_fault_at']) == (TARGET, at)


@needs_extra
@BOTH
@pytest.mark.parametrize('at, count', [('request', None), ('response', None), (3, 3), ('end', 200)])
def test_a_stall_in_a_tunnel_lasts_until_the_reset_of_the_server(server, tls, at, count):
    content = b'0123456789' * 20
    server.enqueue(response_fault='stall', response_fault_at=at, response_content=content)
    with tunnel(server, tls=tls) as client:
        client.send(get('/faulty'))
        received = b''
        while count is not None and received.partition(b'\r\n\r\n')[2] != content[:count]:
            octets = client.socket.recv(65536)
            assert octets
            received += octets
        client.expect_silence()
        server.reset()
        assert client.rest() == b''


# The end of connections.

@needs_extra
@pytest.mark.parametrize('state', ['opened', 'begun', 'secured', 'used'])
@pytest.mark.parametrize('end', [
    lambda server: server.close_connections(), lambda server: server.close_connections('reset'),
    lambda server: server.stop()], ids=['disconnect', 'reset', 'stop'])
def test_tunnels_end_like_other_connections(server, state, end):
    with TunnelClient(server) as client:
        assert client.connect(TARGET).status == 200
        if state == 'begun':
            client.send(b'\x16\x03\x01\x02\x00')
        elif state != 'opened':
            client.secure(HOST)
        if state == 'used':
            client.send(get())
            client.answer()
        assert server.open_connections == 1
        end(server)
        assert server.open_connections == 0
        assert client.rest() == b''
    # As on a server of https, a stop may come between the bytes of a handshake.
    assert server.failures == [] or state == 'begun'


@needs_extra
def test_a_response_in_a_tunnel_that_is_ready_is_sent_whole_in_spite_of_a_stop(server):
    called, held = threading.Event(), threading.Event()

    def callback(request):
        called.set()
        held.wait(TIMEOUT)
        return b'well'
    server.enqueue(response_callback=callback)
    with tunnel(server) as client:
        client.send(get())
        assert called.wait(TIMEOUT)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        eventually(lambda: port_is_closed(server))
        held.set()
        assert client.answer().body == b'well'
        stopping.join(TIMEOUT)


@needs_extra
def test_no_request_is_read_from_a_tunnel_that_a_stop_finds_half_open(server):
    called, held = threading.Event(), threading.Event()

    def callback(request):
        called.set()
        held.wait(TIMEOUT)
        return 200
    server.route('CONNECT', response_callback=callback)
    with TunnelClient(server) as client:
        client.send(connect(TARGET) + get())
        assert called.wait(TIMEOUT)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        eventually(lambda: all_stopping(server))
        held.set()
        assert client.answer('CONNECT').status == 200
        assert client.rest() == b''
        stopping.join(TIMEOUT)
    assert [entry.method for entry in server.history] == ['CONNECT']


@needs_extra
def test_tunnels_leave_nothing_behind():
    with Leaks():
        with http_server(proxy=True) as server:
            for tls in (True, False, True):
                with tunnel(server, tls=tls) as client:
                    client.send(get())
                    client.answer()
            with TunnelClient(server) as client:
                client.connect(TARGET)
            server.wait_connections(0)
            assert server.failures == []


@needs_extra
def test_tunnels_of_many_clients_at_once(server):
    def ask(index):
        host = 'host%d.example.com' % (index % 5)
        with tunnel(server, host + ':443') as client:
            client.send(get('/%d' % index, host) + get('/%d' % index, host))
            return [client.answer().status, client.answer().status]
    assert in_threads(ask, range(40), 12) == [[200, 200]] * 40
    assert len(server.history) == 80 and len(server.tunnels) == 40
    by_connection = {each.connection_index: each.target for each in server.tunnels}
    for entry in server.history:
        assert entry.tunnel == by_connection[entry.connection_index]
        assert entry.url == 'https://%s%s' % (entry.tunnel[:-4], entry.path)


# What is shown.

@needs_extra
def test_messages_show_the_url_of_a_request_in_a_tunnel():
    with http_server(proxy=True) as server:
        server.route('GET', 'https://api.example.com/users')
        with tunnel(server) as client:
            client.send(get('/user'))
            assert client.answer().body == (
                b'no route matches GET https://api.example.com/user\n'
                b'nearest route: GET https://api.example.com/users\n'
                b'  path: expected https://api.example.com/users, got '
                b'https://api.example.com/user\n')
            with pytest.raises(AssertionError) as caught:
                server.assert_requested('GET', '/a')
            assert '[0] GET https://api.example.com/user -> 404' in str(caught.value)
            with pytest.raises(AssertionError) as caught:
                server.wait_connections(0, timeout=0)
            assert ' in a tunnel to api.example.com:443, ' in str(caught.value)


@needs_extra
def test_tunnels_are_forgotten_with_the_history():
    with http_server(proxy=True, history_limit=2) as server:
        for index in range(3):
            with TunnelClient(server) as client:
                client.connect('host%d.test:443' % index)
        assert [each.target for each in server.tunnels] == ['host1.test:443', 'host2.test:443']
        server.tunnels.pop()
        assert len(server.tunnels) == 2
        server.reset()
        assert server.tunnels == []


@needs_extra
def test_the_guard_of_these_tests_notices_what_leaves_this_machine(guard):
    with contextlib.closing(socket.socket()) as client:
        for call in (lambda: client.connect(('192.0.2.1', 9)),
                     lambda: socket.getaddrinfo('api.example.com', 443)):
            with pytest.raises(AssertionError):
                call()
    assert guard == ['192.0.2.1', 'api.example.com']
    del guard[:]
