# -*- coding: utf-8 -*-

"""A client that tries again if the service is busy or the connection breaks."""
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


def connect():
    """Return a session that tries up to three times more, but not for a POST."""
    retry = Retry(total=3, backoff_factor=0, status_forcelist=[429, 503])
    session = requests.Session()
    session.mount('http://', HTTPAdapter(max_retries=retry))
    return session


def test_tries_again(http_server):
    http_server.enqueue(503, 503, b'ok')
    with connect() as session:
        assert session.get(http_server.url('/users')).text == 'ok'
    assert [each['response_status'] for each in http_server.history] == [503, 503, 200]


def test_gives_up(http_server):
    http_server.data['response_status'] = 503
    with connect() as session, pytest.raises(requests.exceptions.RetryError):
        session.get(http_server.url('/users'))
    http_server.assert_requested('GET', '/users', count=4)


def test_waits_as_long_as_the_service_asks(http_server, monkeypatch):
    http_server.enqueue(response_status=429, response_headers={'Retry-After': '7'})
    http_server.enqueue(b'ok')
    pauses = []
    monkeypatch.setattr('time.sleep', pauses.append)
    with connect() as session:
        assert session.get(http_server.url('/users')).text == 'ok'
    assert pauses == [7]


def test_survives_a_connection_that_breaks(http_server):
    http_server.enqueue(response_fault='reset')
    http_server.enqueue(b'ok')
    with connect() as session:
        assert session.get(http_server.url('/users')).text == 'ok'
    http_server.assert_requested('GET', '/users', count=2)


def test_does_not_send_an_order_twice(http_server):
    http_server.data['response_status'] = 503
    with connect() as session:
        assert session.post(http_server.url('/orders'), data=b'tea').status_code == 503
    http_server.assert_requested('POST', '/orders', count=1)
