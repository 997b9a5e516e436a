# -*- coding: utf-8 -*-
"""Servers that are other hosts than this machine, and a server that is particular about TLS."""
import ssl
import sys

import pytest
import requests
import urllib3

pytestmark = pytest.mark.skipif(sys.version_info < (3, 8), reason='the extra tls needs 3.8')


def pool(server, host):
    """Return a pool of connections to *server*, for a client that wants to reach *host*."""
    return urllib3.HTTPSConnectionPool(
        server.host, server.port, server_hostname=host, assert_hostname=host,
        cert_reqs='CERT_REQUIRED', ca_certs=server.cafile, retries=False)


def test_a_host_by_its_name(make_https_server):
    server = make_https_server(hosts=['api.example.com', '10.0.0.7'])
    with pool(server, 'api.example.com') as client:
        assert client.request('GET', '/').status == 200
    assert server.history[0].tls['sni'] == 'api.example.com'
    # The certificate is also valid for this machine.
    assert requests.get(server.url(), verify=server.cafile).status_code == 200


def test_a_host_that_the_server_is_not(make_https_server):
    server = make_https_server(hosts=['api.example.com'])
    with pool(server, 'other.example.com') as client:
        with pytest.raises(urllib3.exceptions.SSLError) as caught:
            client.request('GET', '/')
    assert 'match' in str(caught.value) or 'not valid for' in str(caught.value)


def test_several_hosts(make_https_server):
    server = make_https_server(hosts=['api.example.com', '*.files.example.com'])
    for host in ('api.example.com', 'one.files.example.com', 'two.files.example.com'):
        with pool(server, host) as client:
            assert client.request('GET', '/', headers={'Host': host}).status == 200
    server.assert_requested('GET', 'https://two.files.example.com/')


def test_a_client_that_is_too_old_for_the_server(make_https_server, https_server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(https_server.certfile)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    server = make_https_server(ssl_context=context)

    old = https_server.client_context()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with urllib3.PoolManager(ssl_context=old, retries=False) as client:
        with pytest.raises(urllib3.exceptions.SSLError):
            client.request('GET', server.url())
    assert 'UNSUPPORTED_PROTOCOL' in server.wait_failure()[0].reason
