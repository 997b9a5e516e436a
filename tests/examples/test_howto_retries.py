# -*- coding: utf-8 -*-
"""A client that tries again if the service is busy or the connection breaks."""
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from httptestserver import http_server


def session():
    retry = Retry(total=3, backoff_factor=0, status_forcelist=[503])
    made = requests.Session()
    made.mount('http://', HTTPAdapter(max_retries=retry))
    return made


def test_tries_again():
    with http_server() as server, session() as client:
        server.enqueue(503, 503, b'ok')
        assert client.get(server.url('/users')).text == 'ok'
        assert [each['response_status'] for each in server.history] == [503, 503, 200]


def test_gives_up():
    with http_server() as server, session() as client:
        server.data['response_status'] = 503
        with pytest.raises(requests.exceptions.RetryError):
            client.get(server.url('/users'))
        assert len(server.history) == 4


def test_survives_a_connection_that_breaks():
    with http_server() as server, session() as client:
        server.enqueue(response_fault='reset')
        server.enqueue(b'ok')
        assert client.get(server.url('/users')).text == 'ok'
        assert len(server.history) == 2


def test_does_not_send_an_order_twice():
    with http_server() as server, session() as client:
        server.data['response_status'] = 503
        assert client.post(server.url('/orders'), data=b'tea').status_code == 503
        server.assert_requested('POST', '/orders', count=1)
