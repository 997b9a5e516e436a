# -*- coding: utf-8 -*-
"""The fixture of one test has a handler of its own."""
import pytest
import requests

from httptestserver import Handler


class QuietHandler(Handler):
    def save_history(self):
        if self.path != '/health':
            super(QuietHandler, self).save_history()


@pytest.mark.httptestserver(handler=QuietHandler)
def test_health_checks_are_not_recorded(http_server):
    for path in '/a', '/health', '/b':
        assert requests.get(http_server.url(path)).status_code == 200
    assert [each.path for each in http_server.history] == ['/a', '/b']
