# -*- coding: utf-8 -*-
"""What came, what did not come, and what went wrong."""
import threading

import pytest
import requests


def register(url, name):
    requests.post(url + '/users', json={'name': name})


def test_what_came(http_server):
    register(http_server.url(''), 'Ada')
    request, = http_server.assert_requested('POST', '/users', json={'name': 'Ada'}, count=1)
    assert request['headers']['Content-Type'] == 'application/json'
    http_server.assert_not_requested('DELETE')


def test_what_comes_later(http_server):
    thread = threading.Thread(target=register, args=[http_server.url(''), 'Ada'])
    thread.start()
    http_server.wait(1, method='POST', path='/users')
    thread.join()


def test_in_which_order(http_server):
    for name in 'Ada', 'Bob':
        register(http_server.url(''), name)
    assert [each.json()['name'] for each in http_server.history] == ['Ada', 'Bob']


def test_a_failure_shows_what_differs(http_server):
    register(http_server.url(''), 'Eve')
    with pytest.raises(AssertionError) as caught:
        http_server.assert_requested('POST', '/users', json={'name': 'Ada'})
    assert '"name": "Eve"' in str(caught.value)


def test_what_went_wrong(http_server):
    http_server.route('POST', '/user', response_status=201)
    register(http_server.url(''), 'Ada')
    with pytest.raises(AssertionError) as caught:
        http_server.check()
    assert 'no route matches POST /users' in str(caught.value)
    # The fixture would raise the same at the end of this test.
    http_server.reset()


def test_what_nobody_fetched(http_server):
    http_server.enqueue(503, 201)
    register(http_server.url(''), 'Ada')
    http_server.check()
    with pytest.raises(AssertionError):
        http_server.check(unserved=True)
