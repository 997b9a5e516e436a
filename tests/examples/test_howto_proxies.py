# -*- coding: utf-8 -*-
"""A client that sends its requests through a proxy: the server is the proxy."""
import base64

import pytest
import requests


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """No proxy of this machine may take part."""
    for name in 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY':
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_the_proxy_gets_the_whole_url(http_server):
    http_server.route('GET', 'http://api.example.com/users', response_json=['Ada'])
    response = requests.get('http://api.example.com/users?page=2',
                            proxies={'http': http_server.url('')})
    assert response.json() == ['Ada']
    request = http_server.history[-1]
    assert request['path'] == 'http://api.example.com/users?page=2'
    assert request['headers']['Host'] == 'api.example.com'
    assert request.query == {'page': '2'}


def test_the_proxy_gets_the_password_and_the_service_does_not(http_server):
    proxy = http_server.url('').replace('://', '://ada:secret@')
    requests.get('http://api.example.com/', proxies={'http': proxy})
    sent = http_server.history[-1]['headers']['Proxy-Authorization']
    assert sent == 'Basic ' + base64.b64encode(b'ada:secret').decode('ascii')
    assert 'Authorization' not in http_server.history[-1]['headers']


def test_a_host_that_needs_no_proxy(http_server, make_http_server, monkeypatch):
    service = make_http_server()
    monkeypatch.setenv('HTTP_PROXY', http_server.url(''))
    monkeypatch.setenv('NO_PROXY', '127.0.0.1,internal.example.com')
    requests.get(service.url('/direct'))
    requests.get('http://api.example.com/through')
    service.assert_requested(path='/direct', count=1)
    http_server.assert_requested(path='http://api.example.com/through', count=1)
    http_server.assert_not_requested(path='/direct')


def test_a_tunnel_that_is_refused(http_server):
    http_server.route('CONNECT', 'api.example.com:443', response_status=407,
                      response_headers={'Proxy-Authenticate': 'Basic realm="proxy"'})
    with pytest.raises(requests.exceptions.ProxyError):
        requests.get('https://api.example.com/', proxies={'https': http_server.url('')})
    http_server.assert_requested('CONNECT', 'api.example.com:443', count=1)
