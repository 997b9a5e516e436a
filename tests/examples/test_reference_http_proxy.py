# -*- coding: utf-8 -*-
"""A fixture to which clients are led that ask for real hosts."""
import sys

import pytest
import requests

pytestmark = pytest.mark.skipif(sys.version_info < (3, 8), reason='the extra tls needs 3.8')


@pytest.mark.httptestserver(check={'unrequested': True})
def test_user_is_fetched(http_proxy):
    http_proxy.route('GET', 'https://api.example.com/users/7', response_json={'name': 'Ada'})
    assert requests.get('https://api.example.com/users/7').json() == {'name': 'Ada'}
