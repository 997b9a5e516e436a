# -*- coding: utf-8 -*-
"""Certificates that clients refuse: each for the reason that its name says, and for no other."""
import contextlib
import os
import socket
import ssl
import sys

import pytest
from six.moves import http_client

from httptestserver import https_server, tls
from httptestserver.serving.identity import REFUSED

FOLDER = os.path.dirname(tls.CERTFILE)

# The flags' values in openssl/x509_vfy.h. Python has no name for the first one, and 2.7 none for
# the second.
IGNORE_TIME = 0x200000
STRICT = 0x20

#: What Python says, and the alert that it sends to the server.
REASONS = {
    'expired': ('certificate has expired', 'CERTIFICATE_EXPIRED'),
    'not_yet_valid': ('certificate is not yet valid', 'BAD_CERTIFICATE'),
    'wrong_host': ('mismatch, certificate is not valid for', 'BAD_CERTIFICATE'),
    # OpenSSL 3 has put a hyphen into it.
    'self_signed': ('signed certificate', 'UNKNOWN_CA'),
    'untrusted': ('unable to get local issuer certificate', 'UNKNOWN_CA'),
}

each_name = pytest.mark.parametrize('name', sorted(REFUSED))
each_host = pytest.mark.parametrize('host', ['localhost', '127.0.0.1'])


def get(server, context, host='localhost'):
    """Return the status of a request by Python's own client."""
    connection = http_client.HTTPSConnection(host, server.port, context=context, timeout=30)
    with contextlib.closing(connection):
        connection.request('GET', '/')
        return connection.getresponse().status


def forgiving(name, server):
    """Return a context for clients that accepts what is wrong with a certificate, and no more."""
    trusted = server.certfile if name in ('self_signed', 'untrusted') else server.cafile
    context = tls.client_context(trusted)
    context.verify_flags |= STRICT
    if name in ('expired', 'not_yet_valid'):
        context.verify_flags |= IGNORE_TIME
    context.check_hostname = name != 'wrong_host'
    return context


def test_each_reason_is_tested():
    assert sorted(REASONS) == sorted(REFUSED)


@each_name
@each_host
def test_a_client_refuses_it(name, host):
    with https_server(certificate=name) as server:
        # An old Python raises CertificateError, which is no SSLError, for a wrong host.
        with pytest.raises((ssl.SSLError, ssl.CertificateError)):
            get(server, server.client_context(), host)
        assert server.history == []


@pytest.mark.skipif(sys.version_info < (3, 7), reason='this Python does not say the reason')
@each_name
@each_host
def test_the_reason_is_what_the_name_says(name, host):
    words, alert = REASONS[name]
    with https_server(certificate=name) as server:
        with pytest.raises(ssl.SSLError) as caught:
            get(server, server.client_context(), host)
        failure, = server.wait_failure()
    assert words in str(caught.value)
    assert failure.reason.startswith('TLS handshake failed')
    assert alert in failure.reason


@each_name
@each_host
def test_nothing_else_is_wrong_with_it(name, host):
    with https_server(certificate=name) as server:
        assert get(server, forgiving(name, server), host) == 200
        assert server.failures == []


def test_the_authority_of_three_of_them_is_another_one():
    with https_server() as good:
        for name in sorted(REFUSED):
            with https_server(certificate=name) as server:
                second = name in ('expired', 'not_yet_valid', 'wrong_host')
                assert (server.cafile == good.cafile) == (not second)
                assert os.path.basename(server.certfile) == name + '.pem'
        with pytest.raises(ssl.SSLError):
            get(good, tls.client_context(tls.bundled('second_ca.pem')))


@each_name
def test_a_client_that_does_not_verify_is_served(name):
    with https_server(certificate=name) as server:
        context = server.client_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        assert get(server, context) == 200


def test_it_may_ask_clients_for_a_certificate():
    with https_server(certificate='wrong_host', client_cafile=tls.CAFILE) as server:
        # In TLS 1.3 the client notices it after the handshake.
        with pytest.raises((ssl.SSLError, socket.error)):
            get(server, forgiving('wrong_host', server))
        assert 'PEER_DID_NOT_RETURN_A_CERTIFICATE' in server.wait_failure()[0].reason


@each_name
def test_a_file_has_one_certificate_and_its_key(name):
    with open(os.path.join(FOLDER, name + '.pem')) as pem:
        text = pem.read()
    assert text.count('BEGIN CERTIFICATE') == text.count('BEGIN PRIVATE KEY') == 1


def test_the_second_authority_comes_without_a_key():
    with open(tls.bundled('second_ca.pem')) as pem:
        text = pem.read()
    assert (text.count('BEGIN CERTIFICATE'), text.count('PRIVATE KEY')) == (1, 0)


def test_the_package_has_no_other_files():
    assert sorted(os.listdir(FOLDER)) == sorted(
        ['ca.pem', 'second_ca.pem', 'server.pem'] + [name + '.pem' for name in REFUSED])


@each_name
def test_they_stay_what_they_are_for_decades(name):
    # An authority that ends before would be another reason to refuse the certificate.
    with https_server(certificate=name) as server:
        context = tls.client_context(server.cafile)
    ends, = [each['notAfter'] for each in context.get_ca_certs()]
    assert ends == 'Jan  1 00:00:00 2100 GMT'
