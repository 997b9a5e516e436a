# -*- coding: utf-8 -*-
"""A client that talks to two services, and a test with a server for each."""
import pytest
import requests


class Shop(object):
    """A client of two services: one has the users, the other takes their orders."""

    def __init__(self, users, orders):
        self.users, self.orders = users, orders

    def order(self, user, item):
        found = requests.get('%s/users/%d' % (self.users, user), timeout=5)
        found.raise_for_status()
        made = requests.post(self.orders + '/orders', timeout=5, json={
            'item': item, 'address': found.json()['address']})
        made.raise_for_status()
        return made.json()['number']


@pytest.fixture(name='users')
def fixture_users(make_http_server):
    server = make_http_server()
    server.route('GET', '/users/{id}', response_json={'address': '1 Main Street'})
    return server


@pytest.fixture(name='orders')
def fixture_orders(make_http_server):
    return make_http_server(body_limit=10000)


@pytest.fixture(name='shop')
def fixture_shop(users, orders):
    return Shop(users.url(''), orders.url(''))


def test_the_order_has_the_address_of_the_user(shop, orders):
    orders.route('POST', '/orders', response_status=201, response_json={'number': 1})
    assert shop.order(7, 'tea') == 1
    orders.assert_requested('POST', json={'item': 'tea', 'address': '1 Main Street'})


def test_nothing_is_ordered_for_an_unknown_user(shop, users, orders):
    users.route('GET', '/users/{id}', response_status=404)
    with pytest.raises(requests.HTTPError):
        shop.order(8, 'tea')
    orders.assert_not_requested()


def test_the_users_are_asked_first(shop, users, orders):
    orders.data['response_json'] = {'number': 1}
    shop.order(7, 'tea')
    assert users.history[0]['time'] <= orders.history[0]['time']
