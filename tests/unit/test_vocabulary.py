# -*- coding: utf-8 -*-
"""The response_* vocabulary: what each key may hold, and what the errors say."""
import numbers
from fractions import Fraction

import pytest

from httptestserver.scripting.response import Response
from httptestserver.scripting.vocabulary import VOCABULARY, check, key_meant

PAIRS = 'a dict, or a sequence of (name, value)'
TEXT = 'made of names and values that are str, bytes or int'
CLEAN = 'made of names and values without CR, LF and NUL'
STATUS = 'an int from 100 to 999'
SECONDS = 'a number of seconds, 0 or more'
CONTENT = ('bytes, str (sent as UTF-8), a path object, an open binary file, an iterable of '
           'bytes or a Stream')


class Whole(object):
    """An integer that JSON cannot hold, as those of numpy are."""

    def __repr__(self):
        return 'whole'


numbers.Integral.register(Whole)

RIGHT = [
    ('response_status', [100, 200, 299, 404, 600, 999]),
    ('response_headers', [
        {}, [], (), {'A': 'b'}, [('A', 'b'), ('A', 'c')], (('A', 'b'),), [['A', 'b']],
        {'A': 5}, {'A': ''}, {b'A': b'\xff'}, {u'A': u'\u20ac'}, {'A': 'b\tc'}]),
    ('response_content', [b'', b'abc', 'abc', u'\u20ac', bytearray(b'abc'), memoryview(b'abc'),
                          None]),
    ('response_timeout', [0, 1, 0.5, 30.0, Fraction(1, 2)]),
    ('response_clear', [True, False]),
    ('response_reset', [True, False]),
    ('response_early', [True, False]),
]

WRONG = [
    ('response_status', '200', TypeError, STATUS, "'200' (str); did you mean 200?"),
    ('response_status', '404 Not Found', TypeError, STATUS, "'404 Not Found' (str)"),
    ('response_status', b'2xx', TypeError, STATUS, "'2xx' (%s)" % bytes.__name__),
    ('response_status', [], TypeError, STATUS, '[] (list)'),
    ('response_status', 200.0, TypeError, STATUS, '200.0 (float)'),
    ('response_status', None, TypeError, STATUS,
     'None (NoneType); to unset the key, delete it or leave it out'),
    ('response_status', True, TypeError, STATUS, 'True (bool)'),
    ('response_status', [200], TypeError, STATUS, '[200] (list)'),
    ('response_status', 99, ValueError, STATUS, '99 (int)'),
    ('response_status', 1000, ValueError, STATUS, '1000 (int)'),
    ('response_status', -1, ValueError, STATUS, '-1 (int)'),
    ('response_status', -200, ValueError, STATUS, '-200 (int)'),
    ('response_status', 0, ValueError, STATUS, '0 (int)'),
    ('response_status', Whole(), TypeError, STATUS, 'whole (Whole)'),
    ('response_headers', 'A: b', TypeError, PAIRS, "'A: b' (str)"),
    ('response_headers', 5, TypeError, PAIRS, '5 (int)'),
    ('response_headers', ['A: b'], TypeError, PAIRS, "['A: b'] (list)"),
    ('response_headers', ['A', 'b'], TypeError, PAIRS, "['A', 'b'] (list)"),
    ('response_headers', ['ab', 'cd'], TypeError, PAIRS, "['ab', 'cd'] (list)"),
    ('response_headers', [('A', 'b', 'c')], TypeError, PAIRS, "[('A', 'b', 'c')] (list)"),
    ('response_headers', [5], TypeError, PAIRS, '[5] (list)'),
    ('response_headers', {'A': None}, TypeError, TEXT,
     "None (NoneType); it is the value of 'A'"),
    ('response_headers', {'A': 1.5}, TypeError, TEXT,
     "1.5 (float); it is the value of 'A'; did you mean '1.5'?"),
    ('response_headers', {'A': True}, TypeError, TEXT, "True (bool); it is the value of 'A'"),
    ('response_headers', {'A': ['b']}, TypeError, TEXT,
     "['b'] (list); it is the value of 'A'; for a field that repeats: "
     '[(name, value), (name, value)]'),
    ('response_headers', {None: 'b'}, TypeError, TEXT, 'None (NoneType)'),
    ('response_headers', {'A': 'b\r\nC: d'}, ValueError, CLEAN, "'b\\r\\nC: d' (str)"),
    ('response_headers', {'A': 'b\n'}, ValueError, CLEAN, "'b\\n' (str)"),
    ('response_headers', {'A': '\r'}, ValueError, CLEAN, "'\\r' (str)"),
    ('response_headers', {'A': 'b\rc'}, ValueError, CLEAN, "'b\\rc' (str)"),
    ('response_headers', {'A': 'b\0'}, ValueError, CLEAN, "'b\\x00' (str)"),
    ('response_headers', {'A\n': 'b'}, ValueError, CLEAN, "'A\\n' (str)"),
    ('response_headers', {'A\0': 'b'}, ValueError, CLEAN, "'A\\x00' (str)"),
    ('response_headers', {'A: b\r\nC': 'd'}, ValueError, CLEAN, "'A: b\\r\\nC' (str)"),
    ('response_headers', [('A', 'b'), ('C', 'd\n')], ValueError, CLEAN, "'d\\n' (str)"),
    ('response_headers', [('A', b'b\r\nC: d')], ValueError, CLEAN, "'b\\r\\nC: d' (str)"),
    ('response_content', 5, TypeError, CONTENT, '5 (int); did you mean response_json?'),
    ('response_content', 1.5, TypeError, CONTENT,
     '1.5 (float); did you mean response_json?'),
    ('response_content', [7], TypeError, CONTENT, '[7] (list); did you mean response_json?'),
    ('response_content', {'a': 1}, TypeError, CONTENT,
     "{'a': 1} (dict); did you mean response_json?"),
    ('response_timeout', '1', TypeError, SECONDS, "'1' (str); did you mean 1?"),
    ('response_timeout', '1.5', TypeError, SECONDS, "'1.5' (str); did you mean 1.5?"),
    ('response_timeout', '1s', TypeError, SECONDS, "'1s' (str)"),
    ('response_timeout', True, TypeError, SECONDS, 'True (bool)'),
    ('response_timeout', 1j, TypeError, SECONDS, '1j (complex)'),
    ('response_timeout', -1, ValueError, SECONDS, '-1 (int)'),
    ('response_timeout', -0.1, ValueError, SECONDS, '-0.1 (float)'),
    ('response_timeout', float('inf'), ValueError, SECONDS, 'inf (float)'),
    ('response_timeout', float('nan'), ValueError, SECONDS, 'nan (float)'),
    ('response_clear', 1, TypeError, 'True or False', '1 (int)'),
    ('response_clear', 'yes', TypeError, 'True or False', "'yes' (str)"),
    ('response_reset', 0, TypeError, 'True or False', '0 (int)'),
    ('response_early', 1, TypeError, 'True or False', '1 (int)'),
]


@pytest.mark.parametrize('key, value', [(key, value) for key, values in RIGHT for value in values])
def test_a_right_value_is_accepted(key, value):
    assert check(key, value) is None


def test_each_of_these_keys_is_in_the_vocabulary():
    assert set(key for key, _ in RIGHT) <= set(VOCABULARY)


@pytest.mark.parametrize('key, value, kind, allowed, got', WRONG)
def test_a_wrong_value_raises_with_what_is_allowed_and_what_came(key, value, kind, allowed, got):
    with pytest.raises(kind) as caught:
        check(key, value)
    assert type(caught.value) is kind
    assert str(caught.value) == '%s is %s, got %s' % (key, allowed, got)


@pytest.mark.parametrize('kind', [iter, lambda items: (item for item in items)],
                         ids=['iterator', 'generator'])
def test_headers_that_can_be_read_only_once_are_refused_or_kept(kind):
    keys = {'response_headers': kind([('A', 'b')])}
    try:
        check('response_headers', keys['response_headers'])
    except TypeError:
        return                          # and never: accepted, but gone when they are sent
    assert Response(keys).headers == (('A', 'b'),)


@pytest.mark.parametrize('key, near', [
    ('response_stauts', 'response_status'), ('response_code', 'response_status'),
    ('response_body', 'response_content'), ('response_delay', 'response_timeout'),
    ('response_header', 'response_headers'), ('response_contents', 'response_content'),
    ('response_time_out', 'response_timeout'), ('response_clean', 'response_clear'),
    ('response_rest', 'response_reset'), ('response_Status', 'response_status')])
def test_an_unknown_key_is_refused_with_the_nearest_one(key, near):
    with pytest.raises(ValueError) as caught:
        check(key, 200)
    assert str(caught.value) == (
        '%s is not a key of a response; did you mean %s? All of them: ' % (key, near)
        + ', '.join(sorted(VOCABULARY)))


@pytest.mark.parametrize('key', ['response_', 'response_zzzzzzzzzzzzzzzzzz', 'response_\n',
                                 'response_name', 5, None])
def test_a_key_that_is_near_to_nothing_is_refused_with_all(key):
    with pytest.raises(ValueError) as caught:
        check(key, 200)
    assert str(caught.value) == '%s is not a key of a response. All of them: %s' % (
        key, ', '.join(sorted(VOCABULARY)))


@pytest.mark.parametrize('name, key', [
    ('status', 'status'), ('status_code', 'status'), ('code', 'status'), ('stauts', 'status'),
    ('content', 'content'), ('body', 'content'), ('data', 'content'), ('text', 'content'),
    ('json', 'json'), ('headers', 'headers'), ('header', 'headers'), ('timeout', 'timeout'),
    ('delay', 'timeout'), ('callback', 'callback'), ('handler', 'callback'), ('raw', 'raw')])
@pytest.mark.parametrize('prefix', ['', 'response_'])
def test_what_other_libraries_call_it_leads_to_the_key(prefix, name, key):
    assert key_meant(prefix + name) == 'response_' + key


@pytest.mark.parametrize('name', ['name', 'id', 'users', 'items', 'error', 'url', '', 5, None])
def test_what_is_no_key_leads_to_none(name):
    assert key_meant(name) == ''


def test_a_vocabulary_of_ones_own_decides():
    checked = []
    vocabulary = {'response_mood': lambda key, value: checked.append((key, value))}
    check('response_mood', 'good', vocabulary)
    assert checked == [('response_mood', 'good')]
    with pytest.raises(ValueError) as caught:
        check('response_status', 200, vocabulary)
    assert str(caught.value).endswith('. All of them: response_mood')
    assert key_meant('mod', vocabulary) == 'response_mood'
    assert key_meant('response_moood', vocabulary) == 'response_mood'


def test_a_wrong_value_that_is_long_is_cut_with_its_size():
    with pytest.raises(TypeError) as caught:
        check('response_status', b'a' * 100000)
    assert str(caught.value) == "response_status is %s, got '%s'... (100000 bytes) (%s)" % (
        STATUS, 'a' * 200, bytes.__name__)
    with pytest.raises(TypeError) as caught:
        check('response_status', ['a'] * 1000)
    assert str(caught.value).endswith('... (5000 characters) (list)')
