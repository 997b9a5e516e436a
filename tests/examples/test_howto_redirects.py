# -*- coding: utf-8 -*-

"""A client that follows redirects, but not for ever, and keeps its token to itself."""
import pytest
import requests


def connect(token):
    session = requests.Session()
    session.max_redirects = 5
    session.headers['Authorization'] = 'Bearer ' + token
    return session


def place(session, url, order):
    """Send an order and return the status page, to which the service redirects."""
    response = session.post(url, json=order, timeout=5)
    response.raise_for_status()
    if not response.history:
        raise ValueError('the service did not redirect')
    return response.json()


def test_a_post_becomes_a_get(http_server):
    http_server.route('POST', '/orders', json={'tea': 2}, response_status=303,
                      response_headers={'Location': '/orders/7'})
    http_server.route('GET', '/orders/7', response_json={'state': 'sent'})
    with connect('t1') as session:
        assert place(session, http_server.url('/orders'), {'tea': 2}) == {'state': 'sent'}
    http_server.assert_requested('GET', '/orders/7', body=b'', count=1)


@pytest.mark.parametrize('status', [307, 308])
def test_a_post_stays_a_post(http_server, status):
    http_server.route('POST', '/orders', response_status=status,
                      response_headers={'Location': '/v2/orders'})
    http_server.route('POST', '/v2/orders', json={'tea': 2}, response_json={'state': 'sent'})
    with connect('t1') as session:
        assert place(session, http_server.url('/orders'), {'tea': 2}) == {'state': 'sent'}


def test_a_loop_ends(http_server):
    http_server.route(path='/a', response_status=302, response_headers={'Location': '/b'})
    http_server.route(path='/b', response_status=302, response_headers={'Location': '/a'})
    with connect('t1') as session, pytest.raises(requests.TooManyRedirects):
        place(session, http_server.url('/a'), {'tea': 2})
    http_server.assert_requested(count=6)


def test_another_host_does_not_get_the_token(http_server, make_http_server):
    other = make_http_server()
    other.route('GET', '/orders/7', response_json={'state': 'sent'})
    http_server.route('POST', '/orders', headers={'Authorization': 'Bearer t1'},
                      response_status=303, response_headers={'Location': other.url('/orders/7')})
    with connect('t1') as session:
        place(session, http_server.url('/orders'), {})
    assert 'Authorization' not in other.history[0]['headers']
