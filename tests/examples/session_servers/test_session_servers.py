# -*- coding: utf-8 -*-
"""Tests of a client that is made once, with the URL of the server."""
import pytest
import requests


class UserClient(object):
    def __init__(self, url):
        self.url = url
        self.session = requests.Session()

    def name(self, number):
        response = self.session.get('%s/users/%d' % (self.url, number), timeout=5)
        response.raise_for_status()
        return response.json()['name']


@pytest.fixture(name='users', scope='session')
def fixture_users(session_server):
    client = UserClient(session_server.url(''))
    yield client
    client.session.close()


def test_a_user_has_a_name(users, service):
    service.route('GET', '/users/7', response_json={'name': 'Ada'})
    assert users.name(7) == 'Ada'


def test_nothing_is_left_of_the_other_test(users, service):
    service.data['response_status'] = 404
    with pytest.raises(requests.HTTPError):
        users.name(7)
    assert len(service.history) == 1


def test_the_connection_is_kept_after_a_reset(users, service):
    service.data['response_json'] = {'name': 'Ada'}
    assert users.name(7) == 'Ada'
    service.reset()
    service.data['response_json'] = {'name': 'Bob'}
    assert users.name(8) == 'Bob'
    assert service.history[0]['exchange_index'] > 0
