# -*- coding: utf-8 -*-
"""What came, what did not come, and what went wrong."""
import pytest
import requests

from httptestserver import http_server


def test_what_came():
    with http_server() as server:
        requests.post(server.url('/users'), json={'name': 'Ada'})
        request, = server.assert_requested('POST', '/users', json={'name': 'Ada'}, count=1)
        assert request['headers']['Content-Type'] == 'application/json'
        server.assert_not_requested('DELETE')


def test_a_failure_shows_what_differs():
    with http_server() as server:
        requests.post(server.url('/users'), json={'name': 'Eve'})
        with pytest.raises(AssertionError) as caught:
            server.assert_requested('POST', '/users', json={'name': 'Ada'})
        assert '"name": "Eve"' in str(caught.value)


def test_what_went_wrong():
    with http_server() as server:
        server.route('GET', '/users/7', response_json={'name': 'Ada'})
        requests.get(server.url('/user/7'))
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'no route matches GET /user/7' in str(caught.value)


def test_what_nobody_fetched():
    with http_server() as server:
        server.enqueue(503, b'ok')
        requests.get(server.url())
        server.check()
        with pytest.raises(AssertionError):
            server.check(unserved=True)
