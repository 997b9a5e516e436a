# -*- coding: utf-8 -*-
"""Clients that verify the server's certificate."""
import contextlib

import requests
import urllib3
from six.moves.urllib.request import urlopen

from httptestserver import https_server


def test_requests():
    with https_server() as server:
        assert requests.get(server.url(), verify=server.cafile).status_code == 200


def test_urllib3():
    with https_server() as server:
        with urllib3.PoolManager(cert_reqs='CERT_REQUIRED', ca_certs=server.cafile) as pool:
            assert pool.request('GET', server.url()).status == 200


def test_the_standard_library():
    with https_server() as server:
        response = urlopen(server.url(), context=server.client_context())
        with contextlib.closing(response):
            assert response.getcode() == 200
