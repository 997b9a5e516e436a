# -*- coding: utf-8 -*-
"""A handler with a method for one HTTP method; other requests get the scripted response."""
import requests

from httptestserver import Handler, http_server


class PingHandler(Handler):
    def do_PING(self):
        self.send_response(200, 'Pong')
        self.send_header('X-Seen', len(self.server.history))
        self.end_headers()


def test_pings_and_serves_what_is_scripted():
    with http_server(handler=PingHandler) as server:
        server.data['response_status'] = 418
        requests.get(server.url())
        response = requests.request('PING', server.url())
        assert (response.status_code, response.reason) == (200, 'Pong')
        assert response.headers['X-Seen'] == '1'
        assert [each['response_status'] for each in server.history] == [418, 200]
