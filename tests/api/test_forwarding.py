# -*- coding: utf-8 -*-
"""A response that is another server's: what is asked, what is passed on, and what is recorded."""
import json

import pytest
from support.client import request
from support.marks import both_schemes

from httptestserver import http_server


@pytest.fixture
def upstream():
    """The server that is forwarded to."""
    with http_server() as upstream:
        yield upstream


def fields_of(upstream, index=0):
    """Return the fields of a request that was forwarded, as they came: (name, value) pairs."""
    asked = upstream.har()['log']['entries'][index]['request']
    return [(field['name'], field['value']) for field in asked['headers']]


@both_schemes
def test_a_get_is_forwarded_and_its_response_is_recorded(server, client, upstream):
    upstream.route('GET', '/v1/pets', response_json=[1], response_reason='Fine',
                   response_headers=[('X-A', '1'), ('Server', 'real'), ('X-A', '2')])
    server.data['response_forward'] = upstream.url('/v1/')
    answer = client.get('/pets?limit=2', 'X-B: 1', 'Accept: a', 'x-b: 2')
    assert (answer.status, answer.reason) == (200, 'Fine')
    assert answer.body == b'[1]' and answer.get('content-length') == '3'
    assert answer.get('x-a') == '1, 2' and answer.get('server') == 'real'
    [asked], [entry] = upstream.history, server.history
    assert asked.requestline == 'GET /v1/pets?limit=2 HTTP/1.1'
    assert asked.headers.get('Host') == '%s:%d' % (upstream.host, upstream.port)
    assert [field for field in fields_of(upstream)
            if field[0] not in ('Host', 'Via', 'Connection')] == [
                ('X-B', '1'), ('Accept', 'a'), ('x-b', '2')]
    assert entry.response_status == 200 and entry.response_content == b'[1]'
    assert json.loads(server.har()['log']['entries'][0]['response']['content']['text']) == [1]
    server.check()
    assert client.get('/again').status == 404


def test_a_post_is_forwarded_with_its_body(server, client, upstream):
    upstream.route('POST', '/', response_callback=lambda request: request.body[::-1])
    server.data['response_forward'] = upstream.url('')
    client.send(request('POST', '/', body=b'abc'))
    assert client.answer().body == b'cba'
    client.send(request('POST', '/', 'Transfer-Encoding: chunked') +
                b'2\r\nab\r\n1\r\nc\r\n0\r\n\r\n')
    assert client.answer().body == b'cba'
    assert [each.headers.get('Content-Length') for each in upstream.history] == ['3', '3']
    assert [each.body for each in server.history] == [b'abc', b'abc']
    server.check()
