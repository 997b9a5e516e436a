# -*- coding: utf-8 -*-
"""The fixtures for pytest: nothing to import, nothing to configure."""
import requests


def test_a_user_is_fetched(http_server):
    http_server.route('GET', '/users/{id}', response_json={'name': 'Ada'})
    assert requests.get(http_server.url('/users/7')).json() == {'name': 'Ada'}


def test_a_user_is_fetched_over_tls(https_server):
    https_server.data['response_json'] = {'name': 'Ada'}
    response = requests.get(https_server.url('/users/7'), verify=https_server.cafile)
    assert response.json() == {'name': 'Ada'}


def test_each_server_has_its_own_port(http_server, https_server):
    assert http_server.port != https_server.port
    assert http_server.history == []
