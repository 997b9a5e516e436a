# -*- coding: utf-8 -*-

from users import fetch_user


def test_a_busy_service(http_server):
    http_server.enqueue(503)
    http_server.enqueue(response_json={'name': 'Ada'})

    user = fetch_user(http_server.url(''), 7)

    assert user == {'name': 'Ada'}
    assert len(http_server.history) == 2
