# -*- coding: utf-8 -*-
"""Tests that may run at the same time, in any order, in any number of processes."""
import json

import pytest
import requests


@pytest.mark.parametrize('number', range(20))
def test_each_user_is_fetched(http_server, number):
    http_server.route('GET', '/users/{id}', response_json={'id': number})
    response = requests.get(http_server.url('/users/%d' % number), timeout=5)
    assert response.json() == {'id': number}
    assert len(http_server.history) == 1


def test_the_traffic_is_kept_in_a_file_of_this_test(http_server, tmpdir):
    requests.get(http_server.url('/users'), timeout=5)
    tmpdir.join('traffic.har').write(json.dumps(http_server.har()))
    assert json.loads(tmpdir.join('traffic.har').read())['log']['version'] == '1.2'
