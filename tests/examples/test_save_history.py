# -*- coding: utf-8 -*-
"""A handler that responds to health checks but does not record them."""
import requests

from httptestserver import Handler, http_server


class QuietHandler(Handler):
    def save_history(self):
        if self.path != '/health':
            super(QuietHandler, self).save_history()


def test_health_checks_are_not_recorded():
    with http_server(handler=QuietHandler) as server:
        for path in '/a', '/health', '/b':
            assert requests.get(server.url(path)).status_code == 200
        assert [each['path'] for each in server.history] == ['/a', '/b']
