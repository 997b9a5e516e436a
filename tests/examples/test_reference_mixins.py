# -*- coding: utf-8 -*-
"""Test classes with a server, and the attributes that they may override."""
import unittest

import requests

from httptestserver import HttpServerTest, HttpsServerTest


class UserTest(HttpServerTest, unittest.TestCase):
    default_path = '/users/7'
    server_options = {'history_limit': 100}
    check_options = {'unserved': True}

    def test_user_is_fetched(self):
        self.server.enqueue('{"name": "Ada"}')
        assert requests.get(self.default_url).json() == {'name': 'Ada'}
        assert self.server.history[0]['path'] == '/users/7'

    def test_users_are_fetched(self):
        assert requests.get(self.url('/users')).status_code == 200


class SecureTest(HttpsServerTest, unittest.TestCase):
    def test_any_certificate_is_accepted(self):
        assert self.options == {'verify': False}

    def test_the_certificate_is_verified(self):
        assert requests.get(self.default_url, verify=self.server.cafile).status_code == 200


class OwnServerTest(HttpServerTest, unittest.TestCase):
    @classmethod
    def setupClass(cls):
        super(OwnServerTest, cls).setupClass()
        cls.session = requests.Session()

    @classmethod
    def teardownClass(cls):
        cls.session.close()
        super(OwnServerTest, cls).teardownClass()

    def test_session(self):
        assert self.session.get(self.default_url).status_code == 200
