# -*- coding: utf-8 -*-
"""Clients that verify the server's certificate, and that refuse a wrong one."""
import contextlib
import subprocess

import pytest
import requests
import urllib3
from six.moves.urllib.request import urlopen


def test_requests(https_server):
    assert requests.get(https_server.url(), verify=https_server.cafile).status_code == 200


def test_urllib3(https_server):
    with urllib3.PoolManager(cert_reqs='CERT_REQUIRED', ca_certs=https_server.cafile) as pool:
        assert pool.request('GET', https_server.url()).status == 200


def test_the_standard_library(https_server):
    response = urlopen(https_server.url(), context=https_server.client_context())
    with contextlib.closing(response):
        assert response.getcode() == 200


def test_an_authority_that_the_client_does_not_trust(https_server):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(https_server.url())
    failure, = https_server.wait_failure()
    assert failure.reason.startswith('TLS handshake failed')
    https_server.assert_not_requested()


def certificate(folder, name):
    """Return the files of a new self-signed certificate for *name*, and of its key."""
    files = {'certfile': str(folder.join('certificate.pem')),
             'keyfile': str(folder.join('key.pem'))}
    try:
        process = subprocess.Popen(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7',
             '-subj', '/CN=test', '-addext', 'subjectAltName=' + name,
             '-keyout', files['keyfile'], '-out', files['certfile']],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError:
        pytest.skip('needs the program openssl')
    output = process.communicate()[0]
    assert process.returncode == 0, output
    return files


def test_a_certificate_of_your_own(make_https_server, tmpdir):
    server = make_https_server(**certificate(tmpdir, 'DNS:localhost'))
    url = server.url().replace('127.0.0.1', 'localhost')
    assert requests.get(url, verify=server.cafile).status_code == 200


def test_a_certificate_for_another_host(make_https_server, tmpdir):
    server = make_https_server(**certificate(tmpdir, 'DNS:api.example.com'))
    with pytest.raises(requests.exceptions.SSLError) as caught:
        requests.get(server.url(), verify=server.cafile)
    # The authority is trusted, the name does not match.
    assert 'match' in str(caught.value)
