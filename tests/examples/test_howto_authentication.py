# -*- coding: utf-8 -*-

"""Clients that authenticate with a password or a token."""
import hashlib

import pytest
import requests
from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header


def fetch(url, auth=None, token=None):
    headers = {'Authorization': 'Bearer ' + token} if token else {}
    response = requests.get(url, auth=auth, headers=headers, timeout=5)
    response.raise_for_status()
    return response.json()


def protect(server, auth, challenge):
    """Serve /orders to requests with the credentials *auth*, and a challenge to others."""
    server.route('GET', '/orders', response_status=401,
                 response_headers={'WWW-Authenticate': challenge})
    server.route('GET', '/orders', auth=auth, response_json=[7])


def test_basic(http_server):
    protect(http_server, ('ada', 'secret'), 'Basic realm="orders"')
    assert fetch(http_server.url('/orders'), auth=('ada', 'secret')) == [7]
    assert http_server.history[-1].auth == ('basic', ('ada', 'secret'))


def test_bearer(http_server):
    protect(http_server, 't1', 'Bearer realm="orders"')
    assert fetch(http_server.url('/orders'), token='t1') == [7]


def test_wrong_credentials_are_an_error(http_server):
    protect(http_server, 't1', 'Bearer realm="orders", error="invalid_token"')
    with pytest.raises(requests.HTTPError):
        fetch(http_server.url('/orders'), token='t2')
    http_server.assert_requested('GET', '/orders', count=1)


def sha256(*parts):
    return hashlib.sha256(':'.join(parts).encode('utf-8')).hexdigest()


def digest(request):
    """Verify the digest of RFC 7616, section 3.4, or send a challenge."""
    scheme, rest = request.auth or ('', '')
    sent = parse_dict_header(rest)
    if scheme == 'digest' and sent['nonce'] == 'n1' and sent['uri'] == request['path']:
        proof = sha256(sha256('ada', 'orders', 'secret'),
                       'n1', sent['nc'], sent['cnonce'], 'auth',
                       sha256(request['command'], sent['uri']))
        if sent['response'] == proof:
            return {'response_json': [7]}
    challenge = 'Digest realm="orders", nonce="n1", qop="auth", algorithm=SHA-256'
    return {'response_status': 401, 'response_headers': {'WWW-Authenticate': challenge}}


def test_digest(http_server):
    http_server.route('GET', '/orders', response_callback=digest)
    assert fetch(http_server.url('/orders?of=ada'), auth=HTTPDigestAuth('ada', 'secret')) == [7]
    assert [each['response_status'] for each in http_server.history] == [401, 200]


def test_digest_of_a_wrong_password(http_server):
    http_server.route('GET', '/orders', response_callback=digest)
    with pytest.raises(requests.HTTPError):
        fetch(http_server.url('/orders'), auth=HTTPDigestAuth('ada', 'wrong'))
    http_server.assert_requested('GET', '/orders', count=2)
