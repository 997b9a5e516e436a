# -*- coding: utf-8 -*-

"""A client whose requests vary: identifiers, optional fields, and more than the test is about."""
import re
import uuid

import pytest
import requests


class Shop(object):
    """The client under test."""

    def __init__(self, url, debug=False):
        self.url = url
        self.session = requests.Session()
        self.session.headers['X-Request-Id'] = uuid.uuid4().hex
        if debug:
            self.session.headers['X-Debug'] = '1'

    def search(self, words, page=1):
        found = self.session.get(self.url + '/search', params={'q': words, 'page': page})
        found.raise_for_status()
        return found.json()

    def order(self, item, **details):
        order = {'item': {'id': item, 'details': details}, 'time': '2026-11-28T12:00:00Z'}
        return self.session.post(self.url + '/orders', json=order).status_code

    def image(self, path):
        return self.session.get(self.url + '/images/' + path).content


def test_a_value_that_varies(http_server):
    http_server.route('GET', '/search', headers={'X-Request-Id': re.compile('^[0-9a-f]{32}$')},
                      response_json=['tea'])
    assert Shop(http_server.url('')).search('tea') == ['tea']


def test_a_number_and_a_condition(http_server):
    http_server.route('GET', '/search', query={'page': 2, 'q': lambda text: len(text) <= 20},
                      response_json=['tea'])
    shop = Shop(http_server.url(''))
    assert shop.search('tea', page=2) == ['tea']
    with pytest.raises(requests.HTTPError):
        shop.search('tea' * 10, page=2)
    http_server.reset()


def test_a_field_that_must_not_be_sent(http_server):
    http_server.data['response_json'] = []
    Shop(http_server.url('')).search('tea')
    http_server.assert_requested('GET', '/search', headers={'X-Debug': None})
    Shop(http_server.url(''), debug=True).search('milk')
    http_server.assert_not_requested(query={'q': 'milk'}, headers={'X-Debug': None})


def test_a_part_of_the_json(http_server):
    http_server.route('POST', '/orders', json_has={'item': {'id': 7}}, response_status=201)
    assert Shop(http_server.url('')).order(7, color='red') == 201


def test_the_rest_of_a_path(http_server):
    http_server.route('GET', '/images/{path...}',
                      response_content=lambda request: request.params['path'])
    assert Shop(http_server.url('')).image('2026/cat.png') == b'2026/cat.png'


def test_several_services_on_one_server(http_server):
    http_server.route('GET', 'http://books.test/{id}', response_content='a book')
    http_server.route('GET', 'http://films.test/{id}', response_content='a film')
    for name, text in ('books.test', 'a book'), ('films.test', 'a film'):
        response = requests.get(http_server.url('/7'), headers={'Host': name})
        assert response.text == text


def test_what_differs_is_shown(http_server):
    http_server.data['response_json'] = []
    Shop(http_server.url('')).search('tea', page=3)
    with pytest.raises(AssertionError) as caught:
        http_server.assert_requested('GET', '/search', query={'page': 2, 'q': re.compile('^t')})
    assert '/^t/' in str(caught.value) and "'page': '3'" in str(caught.value)
