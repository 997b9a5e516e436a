# -*- coding: utf-8 -*-

from unittest import TestCase

from httptestserver import HttpServerTest
from users import fetch_user


class UserTest(HttpServerTest, TestCase):
    def test_a_busy_service(self):
        self.server.enqueue(503)
        self.server.enqueue(b'{"name": "Ada"}')

        user = fetch_user(self.url(''), 7)

        self.assertEqual(user, {'name': 'Ada'})
        self.assertEqual(len(self.server.history), 2)
