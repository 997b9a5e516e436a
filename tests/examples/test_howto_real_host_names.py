# -*- coding: utf-8 -*-
"""A client that has its real URLs in it, and a program that a test starts."""
import subprocess
import sys

import pytest
import requests

from httptestserver import http_server

pytestmark = pytest.mark.skipif(sys.version_info < (3, 8), reason='the extra tls needs 3.8')


def fetch_user(number):
    """The client under test. It knows of no proxy, and verifies the certificate."""
    response = requests.get('https://api.example.com/users/%d' % number, timeout=5)
    response.raise_for_status()
    return response.json()


def test_a_client_in_this_process(http_proxy):
    http_proxy.route('GET', 'https://api.example.com/users/{id}', response_json={'name': 'Ada'})
    assert fetch_user(7) == {'name': 'Ada'}
    assert http_proxy.history[0].url == 'https://api.example.com/users/7'


def test_several_hosts(http_proxy):
    http_proxy.route('GET', 'https://api.example.com/users/7', response_status=302,
                     response_headers={'Location': 'https://eu.example.com/users/7'})
    http_proxy.route('GET', 'https://eu.example.com/users/7', response_json={'name': 'Ada'})
    assert fetch_user(7) == {'name': 'Ada'}
    assert [each.tunnel for each in http_proxy.history] == [
        'api.example.com:443', 'eu.example.com:443']


def test_a_program():
    program = ('from urllib.request import urlopen\n'
               'print(urlopen("https://api.example.com/status", timeout=5).read())')
    with http_server(proxy=True, check=True) as server:
        server.route('GET', 'https://api.example.com/status', response_content='fine')
        output = subprocess.check_output([sys.executable, '-c', program], env=server.environ())
        assert output.strip() == b"b'fine'"


def test_a_part_of_a_test():
    with http_server(proxy=True, check=True) as server, http_server() as local:
        server.route('GET', 'https://api.example.com/users/{id}', response_json={'name': 'Ada'})
        # Clients reach the other server as before.
        with server.intercept(no_proxy='127.0.0.1'):
            assert fetch_user(7) == {'name': 'Ada'}
            assert requests.get(local.url(), timeout=5).status_code == 200


def test_a_tunnel_that_the_proxy_refuses(http_proxy):
    http_proxy.route('CONNECT', 'api.example.com:443', response_status=502)
    with pytest.raises(requests.exceptions.ProxyError):
        fetch_user(7)


def test_a_proxy_that_wants_a_password(http_proxy):
    http_proxy.route('CONNECT', headers={'Proxy-Authorization': None}, response_status=407,
                     response_headers={'Proxy-Authenticate': 'Basic realm="proxy"'})
    http_proxy.route('GET', 'https://api.example.com/users/7', response_json={'name': 'Ada'})
    with pytest.raises(requests.exceptions.ProxyError):
        fetch_user(7)
    # With a password the route for CONNECT does not match, so the tunnel opens.
    url = http_proxy.url('').replace('://', '://ada:secret@')
    response = requests.get('https://api.example.com/users/7', proxies={'https': url}, timeout=5)
    assert response.json() == {'name': 'Ada'}


def test_a_service_that_is_busy_once(http_proxy):
    http_proxy.enqueue(503)
    http_proxy.enqueue(response_json={'name': 'Ada'})
    with pytest.raises(requests.HTTPError):
        fetch_user(7)
    assert fetch_user(7) == {'name': 'Ada'}


def test_a_connection_that_breaks(http_proxy):
    http_proxy.route('GET', 'https://api.example.com/users/7', response_fault='reset')
    with pytest.raises(requests.ConnectionError):
        fetch_user(7)
