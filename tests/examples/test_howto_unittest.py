# -*- coding: utf-8 -*-
"""A server of a class with a mixin, a server of a test, and a server of a block."""
import unittest

import requests

from httptestserver import HttpServerTest, http_server, start_server


def fetch_user(url, number):
    response = requests.get('%s/users/%d' % (url, number), timeout=5)
    response.raise_for_status()
    return response.json()


class MixinTest(HttpServerTest, unittest.TestCase):
    """One server for the class. It is reset before each test and checked after it."""

    server_options = {'history_limit': 100}
    check_options = {'unserved': True}

    def test_user_is_fetched(self):
        self.server.route('GET', '/users/{id}', response_json={'name': 'Ada'})
        self.assertEqual(fetch_user(self.url(''), 7), {'name': 'Ada'})

    def test_missing_user_is_an_error(self):
        self.server.enqueue(404)
        self.assertRaises(requests.HTTPError, fetch_user, self.url(''), 7)
        self.assertEqual(len(self.server.history), 1)


class SetUpTest(unittest.TestCase):
    """A server for each test. The clean-ups run in reverse order: stop, then check."""

    def setUp(self):
        self.server = start_server()
        self.addCleanup(self.server.check)
        self.addCleanup(self.server.stop)

    def test_user_is_fetched(self):
        self.server.route('GET', '/users/{id}', response_json={'name': 'Ada'})
        self.assertEqual(fetch_user(self.server.url(''), 7), {'name': 'Ada'})


class BlockTest(unittest.TestCase):
    def test_user_is_fetched(self):
        with http_server(check=True) as server:
            server.route('GET', '/users/{id}', response_json={'name': 'Ada'})
            self.assertEqual(fetch_user(server.url(''), 7), {'name': 'Ada'})
