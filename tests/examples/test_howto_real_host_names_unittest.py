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
        self.server.route('GET', 'https://api.example.com/users/7', response_json={'name': 'Ada'})
        response = requests.get('https://api.example.com/users/7', timeout=5)
        self.assertEqual(response.json(), {'name': 'Ada'})
