# -*- coding: utf-8 -*-
"""In which order requests came, how many there were, and which ones never came."""
import pytest
import requests


def publish(url, text, draft=False):                # the client under test
    token = requests.post(url + '/login', json={'name': 'Ada'}).json()['token']
    headers = {'Authorization': 'Bearer ' + token}
    requests.get(url + '/limits', headers=headers)
    requests.post(url + '/posts', json={'text': text}, headers=headers)
    if not draft:
        requests.put(url + '/posts/1/state', data='public', headers=headers)


@pytest.fixture(name='service')
def a_service(http_server):
    http_server.route('POST', '/login', count=1, response_json={'token': 'abc'})
    http_server.route('GET', '/limits')
    http_server.route('POST', '/posts', count=1, response_status=201)
    http_server.route('PUT', '/posts/{id}/state', response_status=204)
    return http_server


def test_the_order(service):
    publish(service.url(''), 'Hello')
    login, post, state = service.assert_requested_in_order(
        ('POST', '/login'),
        {'method': 'POST', 'path': '/posts', 'json': {'text': 'Hello'}},
        ('PUT', '/posts/{id}/state'))
    assert state.text == 'public'


def test_a_failure_shows_both_orders(service):
    publish(service.url(''), 'Hello', draft=True)
    with pytest.raises(AssertionError) as caught:
        service.assert_requested_in_order(('POST', '/posts'), ('POST', '/login'))
    assert 'number 2 came only before number 1: POST /login' in str(caught.value)


def test_the_number(service):
    publish(service.url(''), 'Hello')
    requests.post(service.url('/login'))
    with pytest.raises(AssertionError) as caught:
        service.check()
    assert 'expected 1 request to <Route POST /login>, got 2' in str(caught.value)
    # The fixture would raise the same at the end of this test.
    service.reset()


@pytest.mark.httptestserver(check={'unrequested': True})
def test_that_every_route_is_used(service):
    publish(service.url(''), 'Hello')


def test_which_routes_are_not_used(service):
    publish(service.url(''), 'Hello', draft=True)
    with pytest.raises(AssertionError) as caught:
        service.check(unrequested=True)
    assert str(caught.value) == 'no request came to <Route PUT /posts/{id}/state>'
