# -*- coding: utf-8 -*-
"""Each fixture, and the marker, whose options are those of `http_server()`."""
import pytest
import requests


def test_http(http_server):
    http_server.route('GET', '/users/{id}', response_json={'name': 'Ada'})
    assert requests.get(http_server.url('/users/7')).json() == {'name': 'Ada'}


def test_https(https_server):
    response = requests.get(https_server.url('/'), verify=https_server.cafile)
    assert response.status_code == 200


def test_several(make_http_server):
    users, orders = make_http_server(), make_http_server(body_limit=1000)
    orders.data['response_headers'] = {'Location': users.url('/users/7')}
    orders.data['response_status'] = 302
    requests.get(orders.url('/orders/1'))
    users.assert_requested('GET', '/users/7')


def test_several_with_tls(make_https_server):
    server = make_https_server(check={'unserved': True})
    server.enqueue(503)
    assert requests.get(server.url('/'), verify=server.cafile).status_code == 503


@pytest.mark.httptestserver(history_limit=2, check=False)
class TestOptions(object):
    def test_limit(self, http_server):
        http_server.route('GET', '/users')
        for path in '/1', '/2', '/3':
            assert requests.get(http_server.url(path)).status_code == 404
        assert [each['path'] for each in http_server.history] == ['/2', '/3']
