# -*- coding: utf-8 -*-
"""An endpoint shows the keys that script, and its history is a snapshot."""
from operator import methodcaller as call

import pytest

from support.inside import Unbound


@pytest.fixture
def endpoint():
    return Unbound()


def test_response_data_are_the_keys_that_script(endpoint):
    endpoint.data.update(path='/', response_status=201, response_content=b'x')
    assert endpoint.response_data == {'response_status': 201, 'response_content': b'x'}
    endpoint.response_data['response_status'] = 500
    assert endpoint.data['response_status'] == 201


@pytest.mark.parametrize('write, left', [
    (call('pop', 'response_status'), ['response_content']),
    (call('__delitem__', 'response_content'), ['response_status']),
    (call('clear'), []),
    (lambda data: data.popitem() and data.popitem(), []),
    (call('pop', 'path', None), ['response_content', 'response_status']),
    (call('setdefault', 'response_timeout', 0),
     ['response_content', 'response_status', 'response_timeout'])])
def test_response_data_follow_every_write(endpoint, write, left):
    endpoint.data.update(response_status=201, response_content=b'x')
    write(endpoint.data)
    assert sorted(endpoint.response_data) == left


def test_a_reset_forgets_everything(endpoint):
    endpoint.data.update(path='/', response_status=201)
    same = endpoint.data
    endpoint.reset()
    assert endpoint.data == {} and endpoint.response_data == {} and endpoint.history == []
    assert endpoint.data is same


def test_data_cannot_be_replaced(endpoint):
    with pytest.raises(AttributeError):
        endpoint.data = {}


def test_history_is_a_list_of_ones_own(endpoint):
    endpoint.history.append(1)
    assert endpoint.history == [] and type(endpoint.history) is list
