# -*- coding: utf-8 -*-
"""Uploads that are too large to be kept in memory."""
import requests

from httptestserver import http_server


def test_a_large_upload():
    with http_server(body_limit=1000) as server:
        requests.post(server.url('/backup'), data=b'x' * 3000000)
        request = server.history[-1]
        assert request['body'] == b'x' * 1000
        assert request['body_discarded'] == 2999000
