# -*- coding: utf-8 -*-
"""Responses that end with their head, whatever content the script or a handler gives."""
import pytest

from httptestserver import Handler
from support.client import Client, request
from support.inside import idle
from support.marks import both_schemes
from support.servers import serve

#: Methods and statuses of which the response has no body.
BODILESS = [('HEAD', 200), ('GET', 204), ('GET', 205), ('GET', 304), ('CONNECT', 200)]

#: What a request with each method is for.
TARGETS = {'HEAD': '/', 'GET': '/', 'CONNECT': 'localhost:1'}

bodiless = pytest.mark.parametrize('method, status', BODILESS)


@both_schemes
@bodiless
def test_a_fault_at_half_of_a_stream_comes_behind_the_head(server, client, method, status):
    pieces = iter([b'never', b'read'])
    server.data.update(response_status=status, response_content=pieces,
                       response_fault='disconnect', response_fault_at='body')
    client.send(request(method, TARGETS[method]))
    head, _, content = client.rest().partition(b'\r\n\r\n')
    assert head.startswith(b'HTTP/1.1 %d ' % status)
    assert content == b''
    client.close()
    idle(server)
    server.check()
    assert server.history[0]['response_fault_at'] == 'body'
    assert server.history[0]['response_content'] == b''
    assert list(pieces) == [b'never', b'read']


def test_with_a_body_it_is_a_500(server, client):
    server.data.update(response_content=[b'a', b'b'], response_fault='disconnect',
                       response_fault_at='body')
    assert client.get().status == 500


@bodiless
@pytest.mark.parametrize('flushed', [False, True])
def test_history_has_no_content_of_a_handler_s_response_without_a_body(method, status, flushed):
    class Own(Handler):
        def handle_request(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'content')
            if flushed:
                self.wfile.flush()
                self.wfile.write(b'more')

        do_GET = do_HEAD = handle_request

    with serve('http', handler=Own) as server, Client(server) as client:
        client.send(request(method, TARGETS[method], 'Connection: close'))
        assert client.rest().partition(b'\r\n\r\n')[2] == b''
        idle(server)
        assert server.history[0]['response_content'] == b''
        server.check()
