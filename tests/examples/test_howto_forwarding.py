# -*- coding: utf-8 -*-

"""A client that is tested with a real server, one call of which fails."""
import pytest
import requests

from httptestserver import http_server as start_http_server


@pytest.fixture(name='real')
def fixture_real():
    """Stands for a real server, such as https://api.example.com or one in a container."""
    with start_http_server() as server:
        server.route('GET', '/v1/cart', response_json={'items': ['tea']})
        server.route('POST', '/v1/orders', response_status=201)
        yield server


def order(session, url):
    """Order what is in the cart. Returns whether that worked."""
    cart = session.get(url + '/cart').json()
    return session.post(url + '/orders', json=cart).status_code == 201


def test_everything_is_forwarded_and_recorded(http_server, real):
    http_server.data['response_forward'] = real.url('/v1')
    with requests.Session() as session:
        assert order(session, http_server.url(''))
    cart, _ = http_server.history
    assert (cart.response_status, cart.response_content) == (200, b'{"items": ["tea"]}')
    http_server.assert_requested('POST', '/orders', json={'items': ['tea']})
    http_server.check()


def test_one_call_fails_and_the_others_are_real(http_server, real):
    http_server.data['response_forward'] = real.url('/v1')
    http_server.route('POST', '/orders', response_status=503)
    with requests.Session() as session:
        assert not order(session, http_server.url(''))
    assert [each.path for each in real.history] == ['/v1/cart']


def test_a_real_response_comes_late_and_breaks_off(http_server, real):
    http_server.route('GET', '/cart', response_forward=real.url('/v1'), response_timeout=0.05,
                      response_fault='reset', response_fault_at='body')
    with requests.Session() as session, pytest.raises(requests.RequestException):
        order(session, http_server.url(''))
    assert http_server.history[0].response_content == b'{"items":'
