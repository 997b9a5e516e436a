# -*- coding: utf-8 -*-
"""A server for each test, options for its server, and a fixture that builds on it."""
import pytest
import requests


def fetch_user(url, number):
    response = requests.get('%s/users/%d' % (url, number), timeout=5)
    response.raise_for_status()
    return response.json()


def test_a_user_is_fetched(http_server):
    http_server.route('GET', '/users/{id}', response_json={'name': 'Ada'})
    assert fetch_user(http_server.url(''), 7) == {'name': 'Ada'}


def test_a_user_is_fetched_over_tls(https_server, monkeypatch):
    monkeypatch.setenv('REQUESTS_CA_BUNDLE', https_server.cafile)
    https_server.route('GET', '/users/{id}', response_json={'name': 'Ada'})
    assert fetch_user(https_server.url(''), 7) == {'name': 'Ada'}


@pytest.fixture(name='users')
def fixture_users(http_server):
    """A service with one user; other users are not found."""
    http_server.route('GET', '/users/{id}', response_status=404)
    http_server.route('GET', '/users/7', response_json={'name': 'Ada'})
    return http_server


def test_the_service_knows_one_user(users):
    assert fetch_user(users.url(''), 7) == {'name': 'Ada'}
    with pytest.raises(requests.HTTPError):
        fetch_user(users.url(''), 8)


@pytest.mark.httptestserver(history_limit=10, check={'unserved': True})
class TestPolling(object):
    """The options of the marker are those of `http_server()`."""

    def test_the_last_requests_are_kept(self, http_server):
        http_server.data['response_json'] = {}
        for number in range(100):
            fetch_user(http_server.url(''), number)
        assert http_server.history[0]['path'] == '/users/90'

    def test_each_queued_response_is_used(self, http_server):
        http_server.enqueue('{"name": "Ada"}', '{"name": "Bob"}')
        assert [fetch_user(http_server.url(''), number)['name'] for number in (1, 2)] == [
            'Ada', 'Bob']
