# -*- coding: utf-8 -*-
"""A handler that keeps a figure of its own in ``server.data``."""
import requests

from httptestserver import Handler, http_server


class LargestHandler(Handler):
    def update_state(self):
        super(LargestHandler, self).update_state()
        data = self.server.data
        data['largest'] = max(data.get('largest', 0), len(self.body))


def test_knows_the_largest_body():
    with http_server(handler=LargestHandler) as server:
        for size in 1, 300, 20:
            requests.post(server.url(), data=b'x' * size)
        assert server.data['largest'] == 300
