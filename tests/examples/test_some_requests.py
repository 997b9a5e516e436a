# -*- coding: utf-8 -*-
"""A handler that responds to some requests itself and leaves the others to the script."""
import requests

from httptestserver import Handler, http_server


class LoginHandler(Handler):
    def handle_request(self):
        if 'Authorization' in self.headers:
            super(LoginHandler, self).handle_request()
        else:
            self.send_response(401)
            self.send_header('WWW-Authenticate', 'Basic realm="test"')
            self.end_headers()


def test_asks_for_a_login_first():
    with http_server(handler=LoginHandler) as server:
        server.data['response_content'] = 'secret'
        assert requests.get(server.url()).status_code == 401
        assert requests.get(server.url(), auth=('ada', 'pw')).text == 'secret'
        assert [each['response_status'] for each in server.history] == [401, 200]
