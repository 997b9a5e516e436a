# -*- coding: utf-8 -*-
"""A client that has to refuse bad certificates, and what it reports of them."""
import pytest
import requests


def fetch(url, cafile):                              # the client under test
    try:
        return requests.get(url, verify=cafile, timeout=5).text
    except requests.exceptions.SSLError:
        return 'not secure'


@pytest.mark.parametrize('certificate', [
    'expired', 'not_yet_valid', 'wrong_host', 'self_signed', 'untrusted'])
def test_a_bad_certificate_is_refused(make_https_server, certificate):
    server = make_https_server(certificate=certificate)
    assert fetch(server.url(), server.cafile) == 'not secure'
    server.assert_not_requested()


def test_a_good_certificate_is_accepted(https_server):
    https_server.data['response_content'] = 'hello'
    assert fetch(https_server.url(), https_server.cafile) == 'hello'


def test_the_server_knows_why_it_was_refused(make_https_server):
    server = make_https_server(certificate='expired')
    fetch(server.url(), server.cafile)
    failure, = server.wait_failure()
    assert 'CERTIFICATE_EXPIRED' in failure.reason
