# -*- coding: utf-8 -*-

"""A client that returns a whole body or raises, wherever the connection breaks."""
import pytest
import requests
from requests.adapters import HTTPAdapter


class Broken(Exception):
    """The connection broke before the whole response was there."""


def connect():
    session = requests.Session()
    session.mount('http://', HTTPAdapter(max_retries=1))
    return session


def fetch(session, url):
    try:
        response = session.get(url, timeout=5)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise Broken(str(error))
    # With urllib3 1, requests does not notice that a body is too short.
    if response.raw.tell() < int(response.headers.get('Content-Length', 0)):
        raise Broken('only %d bytes came' % response.raw.tell())
    return response.content


@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
@pytest.mark.parametrize('moment', ['accept', 'request', 'response', 0, 7, 'body'])
def test_a_broken_connection_is_noticed(http_server, fault, moment):
    http_server.data.update(response_content=b'x' * 1000, response_fault=fault,
                            response_fault_at=moment)
    with connect() as session, pytest.raises(Broken):
        fetch(session, http_server.url('/users'))


@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_kept_connection_may_be_dead(http_server, fault):
    http_server.enqueue(b'one', response_fault=fault, response_fault_at='end')
    http_server.enqueue(b'two')
    with connect() as session:
        assert fetch(session, http_server.url('/users/1')) == b'one'
        assert fetch(session, http_server.url('/users/2')) == b'two'
    first, second = http_server.history
    assert second['connection_index'] > first['connection_index']


def test_a_length_may_be_false(http_server):
    http_server.enqueue(b'short', response_headers={'Content-Length': '100'})
    with connect() as session, pytest.raises(Broken):
        fetch(session, http_server.url('/users'))


def test_a_response_may_not_be_http(http_server):
    http_server.data['response_raw'] = b'220 mail.example.com ESMTP\r\n'
    with connect() as session, pytest.raises(Broken):
        fetch(session, http_server.url('/users'))


def test_a_body_may_come_in_small_pieces(http_server):
    http_server.enqueue(b'{"name": "Ada"}', response_rate=100)
    with connect() as session:
        assert fetch(session, http_server.url('/users')) == b'{"name": "Ada"}'
