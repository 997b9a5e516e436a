# -*- coding: utf-8 -*-
"""Servers with certificates for any host, and with a context of the user."""
import contextlib
import os
import socket
import ssl
import sys

import pytest

from httptestserver import https_server, tls
from support.marks import needs_extra
from support.processes import run
from support.waiting import TIMEOUT

HOSTS = ['api.example.com', 'other.example.com', '*.wild.example', '10.0.0.7']

needs_callback = pytest.mark.skipif(
    sys.version_info < (3, 7), reason='this Python does not show the callback of a context')


@pytest.fixture
def server():
    with https_server(hosts=HOSTS) as server:
        yield server


@contextlib.contextmanager
def connected(server, name, context=None):
    """A TLS connection for a block, to a server that has to be *name*."""
    context = context or server.client_context()
    with contextlib.closing(socket.create_connection((server.host, server.port), TIMEOUT)) as plain:
        with contextlib.closing(context.wrap_socket(plain, server_hostname=name)) as secured:
            yield secured


def fetched(server, name, context=None):
    """Send a GET to *name* and return the first line of the response."""
    with connected(server, name, context) as client:
        client.sendall(b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        with contextlib.closing(client.makefile('rb')) as response:
            return response.read().split(b'\r\n')[0]


OK = b'HTTP/1.1 200 OK'


@needs_extra
@pytest.mark.parametrize('name', ['api.example.com', 'other.example.com', 'x.wild.example',
                                  '10.0.0.7', 'localhost', '127.0.0.1', '::1'])
def test_a_client_verifies_each_host(server, name):
    assert fetched(server, name) == OK
    named = name if name.strip('0123456789.:') else None
    assert server.history[0]['tls']['sni'] in (named, name)
    assert server.failures == []


@needs_extra
@pytest.mark.parametrize('name', ['example.com', 'wild.example', 'a.b.wild.example', '10.0.0.8'])
def test_a_client_refuses_a_host_that_is_not_among_them(server, name):
    with pytest.raises(ssl.SSLError):
        fetched(server, name)
    failure, = server.wait_failure()
    assert failure.reason.startswith('TLS handshake failed')


@needs_extra
def test_each_host_has_its_certificate(server):
    def names(host):
        with connected(server, host) as client:
            return [name for kind, name in client.getpeercert()['subjectAltName'] if kind == 'DNS']

    assert names('api.example.com') == names('10.0.0.7') == ['api.example.com', 'localhost']
    assert names('other.example.com') == ['other.example.com', 'localhost']
    assert names('x.wild.example') == ['*.wild.example', 'localhost']


@needs_extra
def test_a_client_that_trusts_the_bundled_authority_refuses_the_host(server):
    with pytest.raises(ssl.SSLError):
        fetched(server, 'api.example.com', tls.client_context(tls.CAFILE))
    assert len(server.wait_failure()) == 1


@needs_extra
def test_all_servers_have_one_authority_and_the_file_stays(server):
    with https_server(hosts=['third.example.com']) as other:
        assert other.cafile == server.cafile
        assert other.certfile is None
    assert os.path.exists(other.cafile)
    assert fetched(server, 'api.example.com', other.client_context()) == OK


@needs_extra
@pytest.mark.parametrize('name', ['api.example.com', 'other.example.com'])
@pytest.mark.parametrize('client_cert, fits', [
    ('required', True), ('required', False), ('optional', True), ('optional', False)])
def test_clients_are_asked_for_a_certificate_by_each_host(name, client_cert, fits, tmp_path):
    # Imported here, because old Pythons lack it.
    import trustme
    signer, trusted = trustme.CA(), str(tmp_path / 'clients.pem')
    signer.cert_pem.write_to_path(trusted)
    with https_server(hosts=HOSTS, client_cafile=trusted, client_cert=client_cert) as server:
        context = server.client_context()
        if fits:
            signer.issue_cert('client.example').configure_cert(context)
        if fits or client_cert == 'optional':
            assert fetched(server, name, context) == OK
            assert bool(server.history[0].tls['certificate']) == fits
        else:
            with pytest.raises((ssl.SSLError, socket.error, AssertionError)):
                assert fetched(server, name, context) == OK
            assert 'PEER_DID_NOT_RETURN_A_CERTIFICATE' in server.wait_failure()[0].reason


# Python reports a server name that is not ASCII, and ends the handshake.
@pytest.mark.filterwarnings('ignore:Exception ignored in')
@needs_extra
def test_a_hostile_server_name_ends_no_more_than_its_connection(server):
    # A client of Python sends no such names, so the bytes of a handshake are changed.
    for name in (b'a..b.example.com', b'*.example.com..', b'\xff\xfe\xfd.example.com'):
        hello = client_hello('h' * len(name)).replace(b'h' * len(name), name)
        with contextlib.closing(socket.create_connection((server.host, server.port))) as client:
            client.settimeout(TIMEOUT)
            client.sendall(hello)
            assert client.recv(1) in (b'\x16', b'\x15')
    assert fetched(server, 'api.example.com') == OK


def client_hello(name):
    """Return the first bytes of a client that names the server *name*."""
    sent = ssl.MemoryBIO()
    client = tls.client_context(tls.CAFILE).wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


@pytest.mark.parametrize('options', [{'hosts': ['localhost']}])
@pytest.mark.skipif(sys.version_info >= (3, 8), reason='the extra tls can be installed here')
def test_an_old_python_is_named_with_what_it_needs(options):
    with pytest.raises(ImportError) as caught:
        with https_server(**options):
            pass
    assert str(caught.value) == (
        "hosts= needs the extra tls: pip install 'httptestserver[tls]', on Python 3.8 or newer; "
        'this is %d.%d' % sys.version_info[:2])


@needs_extra
def test_without_the_extra_all_but_hosts_works():
    run('''
        import sys
        sys.modules['trustme'] = None
        from httptestserver import https_server
        from support.client import ask
        with https_server() as server:
            assert ask(server).status == 200
        try:
            https_server(hosts=['a.example']).__enter__()
        except ImportError as error:
            assert str(error).startswith(
                "hosts= needs the extra tls: pip install 'httptestserver[tls]'"), error
        else:
            raise AssertionError('no error')
    ''')


def own_context():
    """Return a context as a user makes it."""
    context = ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23))
    context.load_cert_chain(tls.CERTFILE)
    return context


def test_a_context_of_the_user_serves():
    with https_server(ssl_context=own_context()) as server:
        assert (server.cafile, server.certfile, server.client_context()) == (None, None, None)
        assert fetched(server, 'localhost', tls.client_context(tls.CAFILE)) == OK
        negotiated = server.history[0].tls
    assert negotiated['alpn'] is None
    assert negotiated['sni'] == ('localhost' if sys.version_info >= (3, 7) else None)


@needs_callback
def test_a_context_of_the_user_serves_several_servers():
    context = own_context()
    for _ in range(2):
        with https_server(ssl_context=context) as server:
            fetched(server, 'localhost', tls.client_context(tls.CAFILE))
            assert server.history[0].tls['sni'] == 'localhost'


@needs_callback
def test_a_callback_of_the_user_is_called_and_stays():
    context, called = own_context(), []

    def callback(sslsocket, name, of):
        called.append((name, of is context))

    context.sni_callback = callback
    with https_server(ssl_context=context) as server:
        assert fetched(server, 'localhost', tls.client_context(tls.CAFILE)) == OK
        assert server.history[0].tls['sni'] is None
    assert called == [('localhost', True)]


def test_a_context_of_the_user_without_a_certificate_fails_as_handshakes_do():
    context = ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23))
    with https_server(ssl_context=context) as server:
        with pytest.raises((ssl.SSLError, socket.error)):
            fetched(server, 'localhost', tls.client_context(tls.CAFILE))
        assert 'TLS handshake failed' in server.wait_failure()[0].reason
