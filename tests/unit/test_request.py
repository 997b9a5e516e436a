# -*- coding: utf-8 -*-
"""A recorded request: a dict that is shown, copied and compared by what it is of the exchange."""
import copy
import pickle

import pytest

from httptestserver.recording.request import RecordedRequest, facts_of


def test_an_entry_is_a_dict_that_shows_its_request_and_its_response():
    keys = {'command': 'GET', 'path': '/a', 'body': b'abc'}
    entry = RecordedRequest(keys)
    assert entry == keys and isinstance(entry, dict)
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> no response yet>'
    entry['response_status'] = 404
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> 404>'


def test_an_entry_without_facts_can_be_shown():
    assert repr(RecordedRequest()).startswith('<RecordedRequest ')


def test_an_entry_is_shown_copied_and_compared_by_itself_and_else_a_plain_dict():
    own = set(vars(RecordedRequest)) & set(vars(dict)) - {'__doc__'}
    assert own == {'__repr__', 'copy', '__eq__', '__ne__', '__hash__'}


def test_an_entry_has_the_attributes_of_the_reference_and_of_a_dict():
    public = {name for name in set(dir(RecordedRequest)) - set(dir(dict)) if name[0] != '_'}
    assert public == {'cookies', 'files', 'form', 'json', 'method', 'params', 'query', 'route',
                      'text', 'url'}


def responded():
    """Return an entry as it stands in history once its response has been made."""
    entry = RecordedRequest(command='GET', path='/a', body=b'abc', duration=None)
    entry.update(duration=0.5, response_status=404, response_reason='Not Found',
                 response_headers=(('X-A', '1'),), response_content=b'ok')
    return entry


@pytest.mark.parametrize('whole', [
    dict, lambda entry: dict(entry, **entry), lambda entry: (lambda **keys: keys)(**entry),
    copy.copy, copy.deepcopy, lambda entry: pickle.loads(pickle.dumps(entry)),
    RecordedRequest, facts_of],
    ids=['dict', 'merge', 'keywords', 'copy', 'deepcopy', 'pickle', 'entry', 'facts'])
def test_a_copy_of_an_entry_has_the_response(whole):
    copied = whole(responded())
    assert {key: copied[key] for key in copied if key not in ('body', 'command', 'path')} == {
        'duration': 0.5, 'response_status': 404, 'response_reason': 'Not Found',
        'response_content': b'ok', 'response_headers': (('X-A', '1'),)}
