# -*- coding: utf-8 -*-
"""A handler that responds to every request itself."""
import requests

from httptestserver import Handler, http_server


class EchoHandler(Handler):
    def handle_request(self):
        self.send_response(200)
        self.send_header('Content-Type', self.headers.get('Content-Type', 'text/plain'))
        self.end_headers()
        self.wfile.write(self.body)


def test_responds_with_what_was_sent():
    with http_server(handler=EchoHandler) as server:
        response = requests.put(server.url('/any'), data=b'hello')
        assert response.content == b'hello'
        assert response.headers['Content-Length'] == '5'
        assert server.history[-1]['command'] == 'PUT'
        assert server.history[-1]['response_content'] == b'hello'
