# -*- coding: utf-8 -*-

"""A client that gets an access token, and a new one when the old one has expired."""
import time

import pytest
import requests


class Api(object):
    """An API that is protected by OAuth 2."""

    def __init__(self, url, refresh_token, clock=time.time):
        self.url = url
        self.refresh_token = refresh_token
        self.clock = clock
        self.token = None
        self.expires = 0

    def get(self, path):
        if self.clock() >= self.expires:
            self._renew()
        response = self._send(path)
        # The service may revoke a token before it expires.
        if response.status_code == 401:
            self._renew()
            response = self._send(path)
        response.raise_for_status()
        return response.json()

    def _send(self, path):
        headers = {'Authorization': 'Bearer ' + self.token}
        return requests.get(self.url + path, headers=headers, timeout=5)

    def _renew(self):
        response = requests.post(self.url + '/token', timeout=5, data={
            'grant_type': 'refresh_token', 'refresh_token': self.refresh_token})
        response.raise_for_status()
        fields = response.json()
        self.token = fields['access_token']
        self.refresh_token = fields.get('refresh_token', self.refresh_token)
        self.expires = self.clock() + fields['expires_in']


def serve(server, valid):
    """Serve tokens a1, a2, ... and the orders, to requests whose token is *valid*."""
    for number in 1, 2:
        server.route('POST', '/token', form={'grant_type': 'refresh_token',
                                             'refresh_token': 'r%d' % number},
                     response_json={'access_token': 'a%d' % number, 'expires_in': 3600,
                                    'refresh_token': 'r%d' % (number + 1)},
                     response_times=1)
    server.route('GET', '/orders', response_status=401)
    for token in valid:
        server.route('GET', '/orders', auth=token, response_json=[7])


def test_a_token_is_used_again(http_server):
    serve(http_server, ['a1'])
    api = Api(http_server.url(''), 'r1')
    assert (api.get('/orders'), api.get('/orders')) == ([7], [7])
    http_server.assert_requested('POST', '/token', count=1)


def test_a_revoked_token_is_renewed(http_server):
    serve(http_server, ['a2'])
    assert Api(http_server.url(''), 'r1').get('/orders') == [7]
    assert [(each['path'], each['response_status']) for each in http_server.history] == [
        ('/token', 200), ('/orders', 401), ('/token', 200), ('/orders', 200)]


def test_an_expired_token_is_not_sent(http_server):
    serve(http_server, ['a1', 'a2'])
    now = [0.0]
    api = Api(http_server.url(''), 'r1', clock=lambda: now[0])
    api.get('/orders')
    now[0] = 3600.0
    api.get('/orders')
    assert [each.auth for each in http_server.history] == [
        None, ('bearer', 'a1'), None, ('bearer', 'a2')]


def test_a_refusal_of_the_new_token_is_an_error(http_server):
    serve(http_server, [])
    with pytest.raises(requests.HTTPError):
        Api(http_server.url(''), 'r1').get('/orders')
    http_server.assert_requested('GET', '/orders', count=2)
