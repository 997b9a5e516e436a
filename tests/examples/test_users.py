# -*- coding: utf-8 -*-
import pytest
import requests

import users


def test_a_user_is_fetched(http_server):
    http_server.route('GET', '/users/{id}', response_json={'name': 'Ada'})

    assert users.fetch_user(http_server.url(''), 7) == {'name': 'Ada'}


def test_a_busy_service_is_asked_again(http_server):
    http_server.enqueue(503)
    http_server.enqueue(response_json={'name': 'Ada'})

    assert users.fetch_user(http_server.url(''), 7) == {'name': 'Ada'}


def test_a_service_that_stays_busy_is_asked_three_times(http_server):
    http_server.data['response_status'] = 503

    with pytest.raises(requests.HTTPError):
        users.fetch_user(http_server.url(''), 7)
    assert len(http_server.history) == 3


def test_the_client_waits_as_long_as_the_service_asks(http_server, monkeypatch):
    pauses = []
    monkeypatch.setattr(users.time, 'sleep', pauses.append)
    http_server.enqueue(response_status=503, response_headers={'Retry-After': '30'})
    http_server.enqueue(response_json={'name': 'Ada'})

    assert users.fetch_user(http_server.url(''), 7) == {'name': 'Ada'}
    assert pauses == [30]


def test_a_service_that_is_silent_is_asked_again(http_server):
    http_server.enqueue(response_fault='stall')
    http_server.enqueue(response_json={'name': 'Ada'})

    assert users.fetch_user(http_server.url(''), 7, timeout=1) == {'name': 'Ada'}


def test_a_connection_that_breaks_is_made_again(http_server):
    http_server.enqueue(response_fault='reset')
    http_server.enqueue(response_json={'name': 'Ada'})

    assert users.fetch_user(http_server.url(''), 7) == {'name': 'Ada'}


def test_each_request_asks_for_json(http_server):
    http_server.enqueue(503, 503)
    http_server.enqueue(response_json={'name': 'Ada'})

    users.fetch_user(http_server.url(''), 7)

    http_server.assert_requested(
        'GET', '/users/7', headers={'Accept': 'application/json'}, count=3)
