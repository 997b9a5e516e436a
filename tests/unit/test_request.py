# -*- coding: utf-8 -*-
"""A recorded request: a dict of facts, with views of them as attributes."""
import collections
import copy
import pickle

import pytest

from httptestserver.http1.response_head import Heads
from httptestserver.recording.request import RecordedRequest


def test_an_entry_is_a_dict_that_shows_its_request_and_its_answer():
    keys = {'command': 'GET', 'path': '/a', 'body': b'abc'}
    entry = RecordedRequest(keys)
    assert entry == keys and isinstance(entry, dict)
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> no answer yet>'
    entry['response_status'] = 404
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> 404>'


def test_an_entry_without_facts_can_be_shown():
    assert repr(RecordedRequest()).startswith('<RecordedRequest ')


#: Every way to look at a dict, or to change it, by the name of the method that does it.
DICT_LOOKS = {
    '__class_getitem__': None, '__contains__': lambda entry: 'response_content' in entry,
    '__delitem__': lambda entry: entry.__delitem__('response_reason'),
    '__eq__': lambda entry: entry == dict(entry), '__ne__': lambda entry: entry != dict(entry),
    '__getitem__': lambda entry: entry['response_status'],
    '__ior__': lambda entry: entry.__ior__({'response_status': 1}),
    '__iter__': lambda entry: list(entry), '__len__': len,
    '__or__': lambda entry: list((entry | {}).items()),
    '__repr__': None,                       # tells more, and is tested above
    '__reversed__': lambda entry: list(reversed(entry)),
    '__ror__': lambda entry: list(({} | entry).items()),
    '__setitem__': lambda entry: entry.__setitem__('response_status', 1),
    'clear': lambda entry: entry.clear(), 'copy': lambda entry: sorted(entry.copy()),
    'fromkeys': None, 'get': lambda entry: entry.get('response_reason'),
    'has_key': lambda entry: entry.has_key('response_status'),      # noqa: W601
    'items': lambda entry: list(entry.items()), 'iteritems': lambda entry: list(entry.iteritems()),
    'iterkeys': lambda entry: list(entry.iterkeys()),
    'itervalues': lambda entry: list(entry.itervalues()), 'keys': lambda entry: list(entry.keys()),
    'pop': lambda entry: entry.pop('response_reason'),
    'popitem': lambda entry: sorted(repr(entry.popitem()) for _ in range(8)),
    'setdefault': lambda entry: entry.setdefault('response_status', 1),
    'update': lambda entry: entry.update(response_status=1),
    'values': lambda entry: list(entry.values()),
    'viewitems': lambda entry: list(entry.viewitems()),
    'viewkeys': lambda entry: list(entry.viewkeys()),
    'viewvalues': lambda entry: list(entry.viewvalues()),
}
NOT_LOOKS = ('__cmp__', '__doc__', '__ge__', '__getattribute__', '__gt__', '__hash__', '__init__',
             '__le__', '__lt__', '__new__', '__sizeof__')


def answered():
    """Return an entry as one finds it in history, at which nobody has looked yet."""
    entry = RecordedRequest(command='GET', path='/a', body=b'abc', duration=None)
    head = Heads('software').get(0, 404, 'Not Found', (('X-A', '1'),), 2, (), 'GET', 'HTTP/1.1',
                                 True)
    entry.answer(0.5, head, b'ok', {})
    return entry


def test_every_method_of_dict_is_one_that_is_looked_through():
    assert set(vars(dict)) - set(DICT_LOOKS) - set(NOT_LOOKS) == set()


@pytest.mark.parametrize('name', sorted(
    name for name in DICT_LOOKS if DICT_LOOKS[name] and hasattr(dict, name)))
def test_an_answered_entry_looks_as_a_dict_that_had_it_all_from_the_start(name):
    plain = collections.OrderedDict(answered().items())
    plain = dict(plain) if name in ('copy', 'has_key') or not hasattr(plain, name) else plain
    assert len(plain) == 8
    entry = answered()
    assert DICT_LOOKS[name](entry) == DICT_LOOKS[name](plain)
    assert dict(entry) == dict(plain)


@pytest.mark.parametrize('whole', [
    dict, lambda entry: dict(entry, **entry), lambda entry: (lambda **keys: keys)(**entry),
    copy.copy, copy.deepcopy, lambda entry: pickle.loads(pickle.dumps(entry)),
    lambda entry: RecordedRequest(entry), lambda entry: entry.facts()],
    ids=['dict', 'merge', 'keywords', 'copy', 'deepcopy', 'pickle', 'entry', 'facts'])
def test_a_copy_of_an_answered_entry_has_the_answer(whole):
    copied = whole(answered())
    assert {key: copied[key] for key in copied if key not in ('body', 'command', 'path')} == {
        'duration': 0.5, 'response_status': 404, 'response_reason': 'Not Found',
        'response_content': b'ok', 'response_headers': (
            ('Server', 'software'), ('Date', 'Thu, 01 Jan 1970 00:00:00 GMT'), ('X-A', '1'),
            ('Content-Length', '2'))}


def test_a_key_that_an_answered_entry_has_not_is_a_key_error():
    with pytest.raises(KeyError) as caught:
        answered()['response_fault']
    assert caught.value.args == ('response_fault',)


def test_what_a_test_changes_in_an_answered_entry_stays():
    entry = answered()
    entry['response_status'] = 500
    del entry['response_reason']
    assert entry['response_status'] == 500 and 'response_reason' not in entry
