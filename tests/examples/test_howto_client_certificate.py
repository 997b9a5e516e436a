# -*- coding: utf-8 -*-
"""Clients that have a certificate of their own."""
import subprocess

import pytest
import requests

from httptestserver import https_server


@pytest.fixture(name='client_file')
def a_client_file(tmpdir):
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


def test_the_certificate_is_recorded(client_file):
    with https_server(client_cafile=client_file) as server:
        requests.get(server.url(), verify=server.cafile, cert=client_file)
        shown = server.history[-1]['tls']['certificate']
        assert shown['subject'] == ((('commonName', 'Ada'),),)


def test_a_client_without_one_is_refused(client_file):
    with https_server(client_cafile=client_file) as server:
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url(), verify=server.cafile)
    # Once the server has stopped, its failures are complete.
    assert server.history == []
    assert 'handshake' in server.failures[0].reason


def test_a_client_without_one_is_accepted_if_it_is_optional(client_file):
    with https_server(client_cafile=client_file, client_cert='optional') as server:
        requests.get(server.url(), verify=server.cafile)
        assert server.history[-1]['tls']['certificate'] is None
