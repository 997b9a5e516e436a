# -*- coding: utf-8 -*-

from httptestserver import http_server
from users import fetch_user


def test_a_busy_service():
    with http_server() as server:
        server.enqueue(503)
        server.enqueue(b'{"name": "Ada"}')

        user = fetch_user(server.url(''), 7)

        assert user == {'name': 'Ada'}
        assert len(server.history) == 2
