# -*- coding: utf-8 -*-

"""A client with a pool: it reuses connections, survives dead ones, and closes them at its end."""
import gc
import threading

import pytest
import requests
from requests.adapters import HTTPAdapter


class Users(object):
    """A client of a service of users, which keeps at most two connections."""

    def __init__(self, base):
        self._base = base
        self._session = requests.Session()
        self._session.mount('http://', HTTPAdapter(pool_maxsize=2, pool_block=True))

    def get(self, number):
        response = self._session.get('%s/users/%d' % (self._base, number), timeout=5)
        response.raise_for_status()
        return response.json()

    def close(self):
        self._session.close()


@pytest.fixture(name='users')
def users_of_the_server(http_server):
    http_server.data['response_json'] = {'name': 'Ada'}
    users = Users(http_server.url(''))
    yield users
    users.close()


def test_a_connection_is_reused(http_server, users):
    for number in range(5):
        users.get(number)
    assert http_server.open_connections == 1
    assert [each.exchange_index for each in http_server.history] == [0, 1, 2, 3, 4]


def test_connections_are_closed_with_the_client(http_server, users):
    users.get(7)
    users.close()
    # PyPy closes what a session has dropped later: in the second collection of garbage.
    for _ in range(2):
        gc.collect()
    http_server.wait_connections(0)


@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_dead_connection_in_the_pool_is_replaced(http_server, users, fault):
    users.get(7)
    http_server.close_connections(fault)
    assert users.get(8) == {'name': 'Ada'}
    assert [each.connection_index for each in http_server.history] == [0, 1]


def test_the_service_ends_within_a_request(http_server, users):
    http_server.enqueue(response_hold=threading.Event())
    end = threading.Thread(target=lambda: (http_server.wait(), http_server.close_connections()))
    end.start()
    with pytest.raises(requests.ConnectionError):
        users.get(7)
    end.join()
    assert users.get(8) == {'name': 'Ada'}


def test_the_pool_has_no_more_connections_than_it_may(http_server, users):
    go_on = threading.Event()
    http_server.data['response_hold'] = go_on
    jobs = [threading.Thread(target=users.get, args=[number]) for number in range(4)]
    for job in jobs:
        job.start()
    http_server.wait(2)
    assert http_server.open_connections == 2
    go_on.set()
    for job in jobs:
        job.join()
    assert {each.connection_index for each in http_server.history} == {0, 1}
