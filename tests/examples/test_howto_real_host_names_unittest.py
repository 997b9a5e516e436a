# -*- coding: utf-8 -*-
"""A test class whose clients are intercepted."""
import sys
import unittest

import requests

from httptestserver import HttpServerTest


@unittest.skipIf(sys.version_info < (3, 8), 'the extra tls needs 3.8')
class UserTest(HttpServerTest, unittest.TestCase):
    intercept = True

    def test_user_is_fetched(self):
        url = 'https://api.example.com/users/7'
        self.server.route('GET', url, response_json={'name': 'Ada'})
        response = requests.get(url, timeout=5)
        self.assertEqual(response.json(), {'name': 'Ada'})
