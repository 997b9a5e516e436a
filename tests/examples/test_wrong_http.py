# -*- coding: utf-8 -*-
"""A handler that writes bytes that are not HTTP."""
import pytest
import requests

from httptestserver import Handler, http_server


class GarbageHandler(Handler):
    def handle_request(self):
        self.wfile.write(b'220 mail.example.com ESMTP\r\n')


def test_the_client_reports_wrong_http():
    with http_server(handler=GarbageHandler) as server:
        with pytest.raises(requests.ConnectionError):
            requests.get(server.url())
        assert server.history[-1]['path'] == '/'
