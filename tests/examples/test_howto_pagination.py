# -*- coding: utf-8 -*-

"""Clients that read all pages of a list: by Link, by cursor and by page number."""
import pytest
import requests


def by_link(url):
    while url:
        response = requests.get(url, timeout=5)
        for item in response.json():
            yield item
        url = response.links.get('next', {}).get('url')


def by_cursor(url):
    cursors = [None]
    while True:
        page = requests.get(url, params={'cursor': cursors[-1]}, timeout=5).json()
        for item in page['items']:
            yield item
        if not page['next']:
            return
        if page['next'] in cursors:
            raise ValueError('the pages go round in a circle')
        cursors.append(page['next'])


def by_number(url):
    number, items = 1, True
    while items:
        items = requests.get(url, params={'page': number}, timeout=5).json()
        for item in items:
            yield item
        number += 1


def test_links_are_followed(http_server):
    second = '<%s>; rel="next", <%s>; rel="last"' % ((http_server.url('/users?team=a&p=2'),) * 2)
    http_server.route('GET', '/users?team=a', response_json=['Ada', 'Bob'],
                      response_headers={'Link': second})
    http_server.route('GET', '/users?team=a&p=2', response_json=['Eve'])
    assert list(by_link(http_server.url('/users?team=a'))) == ['Ada', 'Bob', 'Eve']


def test_a_cursor_is_sent_back_as_it_came(http_server):
    http_server.route('GET', '/users', response_json={'items': ['Ada'], 'next': 'a/+='})
    last = http_server.route('GET', '/users', query={'cursor': 'a/+='},
                             response_json={'items': ['Bob'], 'next': None})
    assert list(by_cursor(http_server.url('/users'))) == ['Ada', 'Bob']
    assert len(last.history) == 1


def test_a_cursor_that_repeats_ends_the_loop(http_server):
    http_server.data['response_json'] = {'items': [], 'next': 'again'}
    with pytest.raises(ValueError):
        list(by_cursor(http_server.url('/users')))
    http_server.assert_requested('GET', count=2)


def test_page_numbers_end_at_an_empty_page(http_server):
    pages = {'1': ['Ada', 'Bob'], '2': ['Eve']}
    http_server.route('GET', '/users',
                      response_json=lambda request: pages.get(request.query['page'], []))
    assert list(by_number(http_server.url('/users'))) == ['Ada', 'Bob', 'Eve']
    assert [each.query['page'] for each in http_server.history] == ['1', '2', '3']
