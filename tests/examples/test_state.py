# -*- coding: utf-8 -*-
"""A handler that records one more fact of each request."""
import requests

from httptestserver import Handler, http_server


class TracingHandler(Handler):
    @property
    def state(self):
        return dict(super(TracingHandler, self).state,
                    trace=self.headers.get('X-Trace'))


def test_records_the_trace():
    with http_server(handler=TracingHandler) as server:
        requests.get(server.url(), headers={'X-Trace': 'abc'})
        requests.get(server.url())
        assert [each['trace'] for each in server.history] == ['abc', None]
        assert server.data['trace'] is None
