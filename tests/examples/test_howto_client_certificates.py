# -*- coding: utf-8 -*-
"""Clients that have a certificate of their own (mutual TLS)."""
import subprocess

import pytest
import requests


@pytest.fixture(name='client_file')
def make_client_file(tmpdir):
    """A self-signed certificate and its key, in one file."""
    path = str(tmpdir.join('client.pem'))
    try:
        process = subprocess.Popen(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=Ada',
             '-days', '7', '-keyout', path, '-out', str(tmpdir.join('certificate.pem'))],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError:
        pytest.skip('needs the program openssl')
    output = process.communicate()[0]
    assert process.returncode == 0, output
    with open(path, 'a') as both:
        both.write(tmpdir.join('certificate.pem').read())
    return path


def test_the_certificate_is_recorded(make_https_server, client_file):
    server = make_https_server(client_cafile=client_file)
    requests.get(server.url(), verify=server.cafile, cert=client_file)
    shown = server.history[-1]['tls']['certificate']
    assert shown['subject'] == ((('commonName', 'Ada'),),)


def test_a_client_without_one_is_refused(make_https_server, client_file):
    server = make_https_server(client_cafile=client_file)
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url(), verify=server.cafile)
    failure, = server.wait_failure()
    assert 'handshake' in failure.reason
    server.assert_not_requested()


def test_a_client_without_one_is_accepted_if_it_is_optional(make_https_server, client_file):
    server = make_https_server(client_cafile=client_file, client_cert='optional')
    requests.get(server.url(), verify=server.cafile)
    assert server.history[-1]['tls']['certificate'] is None
