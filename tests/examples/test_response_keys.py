# -*- coding: utf-8 -*-
"""A handler with a key of its own: the script may say which token a client has to send."""
import pytest
import requests

from httptestserver import http_server
from httptestserver.server import Handler


def check_token(key, value):
    if not value.startswith('Bearer '):
        raise ValueError("%s starts with 'Bearer ', got %r" % (key, value))


class TokenHandler(Handler):
    response_keys = {'response_token': check_token}

    def handle_request(self):
        token = self.server.data.get('response_token')
        if self.headers.get('Authorization') == token:
            super(TokenHandler, self).handle_request()
        else:
            self.send_response(401)
            self.end_headers()


def test_asks_for_the_token_that_is_scripted():
    with http_server(handler=TokenHandler) as server:
        assert requests.get(server.url()).status_code == 200
        server.data['response_token'] = 'Bearer 123'
        assert requests.get(server.url()).status_code == 401
        token = {'Authorization': 'Bearer 123'}
        assert requests.get(server.url(), headers=token).status_code == 200


def test_a_wrong_token_is_refused_where_it_is_written():
    with http_server(handler=TokenHandler) as server:
        with pytest.raises(ValueError):
            server.data['response_token'] = '123'
