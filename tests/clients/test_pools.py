# -*- coding: utf-8 -*-
"""Clients that keep connections meet a dead one each time the test has ended it."""
from __future__ import unicode_literals

import errno
import ssl
import sys

import pytest
from six.moves import http_client

from support import installed
from support.marks import both_schemes
from support.servers import serve
from support.waiting import TIMEOUT

#: With TLS fewer, because each new connection has a handshake.
TIMES = {'http': 200, 'https': 50}

both_faults = pytest.mark.parametrize('fault', ['disconnect', 'reset'])

#: What a client sees that sends on a connection which the server has ended, or reads from it.
DEAD = errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED


def http_client_of(server):
    if server.scheme == 'https':
        return http_client.HTTPSConnection(server.host, server.port, timeout=TIMEOUT,
                                           context=server.client_context())
    return http_client.HTTPConnection(server.host, server.port, timeout=TIMEOUT)


def indices(server):
    return [(entry['connection_index'], entry['exchange_index']) for entry in server.history]


@both_schemes
@both_faults
def test_the_client_of_the_standard_library_fails_and_connects_again(scheme, fault):
    with serve(scheme) as server:
        client = http_client_of(server)
        for index in range(TIMES[scheme]):
            client.request(str('GET'), str('/a'))
            assert client.getresponse().read() == b''
            server.close_connections(fault)
            assert server.open_connections == 0
            with pytest.raises((EnvironmentError, http_client.BadStatusLine)) as caught:
                client.request(str('GET'), str('/a'))
                client.getresponse()
            error = caught.value
            assert (isinstance(error, (http_client.BadStatusLine, ssl.SSLError))
                    or error.errno in DEAD)
            client.close()
        assert indices(server) == [(index, 0) for index in range(TIMES[scheme])]
        assert server.failures == []


@both_schemes
@both_faults
def test_requests_replaces_the_connection_in_its_pool(scheme, fault):
    requests = installed.module('requests')
    with serve(scheme) as server, requests.Session() as session:
        session.trust_env = False
        session.verify = server.cafile
        for _ in range(TIMES[scheme]):
            for _ in range(2):
                assert session.get(server.url('/a'), timeout=TIMEOUT).status_code == 200
            server.close_connections(fault)
        assert indices(server) == [
            (index, turn) for index in range(TIMES[scheme]) for turn in (0, 1)]
    assert server.failures == []


@pytest.mark.skipif(sys.version_info < (3, 6), reason='httpx needs Python 3.6')
@both_schemes
@both_faults
def test_httpx_replaces_the_connection_in_its_pool(scheme, fault):
    httpx = installed.module('httpx')
    with serve(scheme) as server:
        verify = server.client_context() or True
        with httpx.Client(verify=verify, trust_env=False, timeout=TIMEOUT) as client:
            for _ in range(TIMES[scheme]):
                for _ in range(2):
                    assert client.get(server.url('/a')).status_code == 200
                server.close_connections(fault)
        assert indices(server) == [
            (index, turn) for index in range(TIMES[scheme]) for turn in (0, 1)]
        server.wait_connections(0)
    assert server.failures == []
