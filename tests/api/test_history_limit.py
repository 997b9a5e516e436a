# -*- coding: utf-8 -*-
"""history_limit bounds all that a server keeps of requests, not the history alone."""
import pytest

from support.client import Client, request
from support.failing import problems
from support.inside import idle
from support.servers import serve


@pytest.fixture
def server():
    """A server that keeps the newest three of everything."""
    with serve('http', history_limit=3) as server:
        yield server


def test_of_unmatched_requests_the_newest_are_kept(server, client):
    server.route('GET', '/here')
    for index in range(10):
        assert client.get('/%d' % index).status == 404
    assert [entry['path'] for entry in server.unmatched] == ['/7', '/8', '/9']
    text = problems(server)
    assert 'history_limit dropped 7 older unmatched requests' in text
    assert '/9' in text and '/6' not in text


def test_of_exceptions_the_newest_are_reported(server):
    def fail(request):
        raise ValueError('in ' + request['path'])

    server.data['response_callback'] = fail
    for index in range(10):
        with Client(server) as client:
            assert client.get('/%d' % index).status == 500
    text = problems(server)
    assert 'history_limit dropped 7 older exceptions' in text
    assert 'in /9' in text and 'in /6' not in text


def test_of_failures_the_newest_are_kept(server):
    for index in range(10):
        with Client(server) as client:
            client.send(b'GET /%d HTTP/9.9\r\n\r\n' % index)
            assert client.answer().status == 505
            client.end_sending()
            client.rest()
    idle(server)
    assert [each.connection_index for each in server.failures] == [7, 8, 9]
    assert server.wait_failure(10) == server.failures


def test_a_limit_of_0_keeps_nothing_and_check_fails_all_the_same():
    with serve('http', history_limit=0) as server, Client(server) as client:
        server.route('GET', '/here')
        client.send(request('GET', '/there'))
        assert client.answer().status == 404
        assert (server.history, server.unmatched) == ([], [])
        assert 'history_limit dropped 1 unmatched request' in problems(server)


def test_a_reset_forgets_what_was_dropped(server, client):
    server.route('GET', '/here')
    for index in range(10):
        client.get('/%d' % index)
    server.reset()
    server.check()
    assert server.unmatched == []
