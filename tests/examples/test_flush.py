# -*- coding: utf-8 -*-
"""A handler that sends its response in parts, each when the test says so."""
import threading

import requests

from httptestserver import Handler, http_server


class PartsHandler(Handler):
    go_on = threading.Event()

    def handle_request(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'first ')
        self.wfile.flush()
        self.go_on.wait(10)
        self.wfile.write(b'second')


def test_the_first_part_comes_alone():
    with http_server(handler=PartsHandler) as server:
        response = requests.get(server.url(), stream=True)
        parts = response.iter_content(None)
        assert response.headers['Transfer-Encoding'] == 'chunked'
        assert next(parts) == b'first '
        assert len(server.history) == 1
        PartsHandler.go_on.set()
        assert next(parts) == b'second'
