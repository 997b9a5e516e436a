# -*- coding: utf-8 -*-
"""The response_* vocabulary: what each key may hold, what the errors say, how messages end."""
from fractions import Fraction

import pytest

from httptestserver.http1.fields import pairs
from httptestserver.http1.response_head import frame
from httptestserver.scripting.response import Response
from httptestserver.scripting.vocabulary import VOCABULARY, check

PAIRS = 'a dict, or a sequence of (name, value)'
TEXT = 'made of names and values that are str, bytes or int'
CLEAN = 'made of names and values without CR, LF and NUL'
STATUS = 'an int from 100 to 999'
SECONDS = 'a number of seconds, 0 or more'
CONTENT = ('bytes, str (sent as UTF-8), a path object, an open binary file or an iterable of'
           ' bytes')

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
]

WRONG = [
    ('response_status', '200', TypeError, STATUS, "'200' (str)"),
    ('response_status', 200.0, TypeError, STATUS, '200.0 (float)'),
    ('response_status', None, TypeError, STATUS, 'None (NoneType)'),
    ('response_status', True, TypeError, STATUS, 'True (bool)'),
    ('response_status', [200], TypeError, STATUS, '[200] (list)'),
    ('response_status', 99, ValueError, STATUS, '99 (int)'),
    ('response_status', 1000, ValueError, STATUS, '1000 (int)'),
    ('response_status', -200, ValueError, STATUS, '-200 (int)'),
    ('response_status', 0, ValueError, STATUS, '0 (int)'),
    ('response_headers', 'A: b', TypeError, PAIRS, "'A: b' (str)"),
    ('response_headers', 5, TypeError, PAIRS, '5 (int)'),
    ('response_headers', ['A: b'], TypeError, PAIRS, "['A: b'] (list)"),
    ('response_headers', ['A', 'b'], TypeError, PAIRS, "['A', 'b'] (list)"),
    ('response_headers', ['ab', 'cd'], TypeError, PAIRS, "['ab', 'cd'] (list)"),
    ('response_headers', [('A', 'b', 'c')], TypeError, PAIRS, "[('A', 'b', 'c')] (list)"),
    ('response_headers', [5], TypeError, PAIRS, '[5] (list)'),
    ('response_headers', {'A': None}, TypeError, TEXT, 'None (NoneType)'),
    ('response_headers', {'A': 1.5}, TypeError, TEXT, '1.5 (float)'),
    ('response_headers', {'A': True}, TypeError, TEXT, 'True (bool)'),
    ('response_headers', {'A': ['b']}, TypeError, TEXT, "['b'] (list)"),
    ('response_headers', {None: 'b'}, TypeError, TEXT, 'None (NoneType)'),
    ('response_headers', {'A': 'b\r\nC: d'}, ValueError, CLEAN, "'b\\r\\nC: d' (str)"),
    ('response_headers', {'A': 'b\n'}, ValueError, CLEAN, "'b\\n' (str)"),
    ('response_headers', {'A': '\r'}, ValueError, CLEAN, "'\\r' (str)"),
    ('response_headers', {'A': 'b\0'}, ValueError, CLEAN, "'b\\x00' (str)"),
    ('response_headers', {'A\n': 'b'}, ValueError, CLEAN, "'A\\n' (str)"),
    ('response_headers', [('A', b'b\r\nC: d')], ValueError, CLEAN, "'b\\r\\nC: d' (str)"),
    ('response_content', 5, TypeError, CONTENT, '5 (int)'),
    ('response_content', {'a': 1}, TypeError, CONTENT, "{'a': 1} (dict)"),
    ('response_timeout', '1', TypeError, SECONDS, "'1' (str)"),
    ('response_timeout', True, TypeError, SECONDS, 'True (bool)'),
    ('response_timeout', 1j, TypeError, SECONDS, '1j (complex)'),
    ('response_timeout', -1, ValueError, SECONDS, '-1 (int)'),
    ('response_timeout', -0.1, ValueError, SECONDS, '-0.1 (float)'),
    ('response_timeout', float('inf'), ValueError, SECONDS, 'inf (float)'),
    ('response_timeout', float('nan'), ValueError, SECONDS, 'nan (float)'),
    ('response_clear', 1, TypeError, 'True or False', '1 (int)'),
    ('response_clear', 'yes', TypeError, 'True or False', "'yes' (str)"),
    ('response_reset', 0, TypeError, 'True or False', '0 (int)'),
]


@pytest.mark.parametrize('key, value', [(key, value) for key, values in RIGHT for value in values])
def test_a_right_value_is_accepted(key, value):
    assert check(key, value) is None


def test_every_key_of_release_0_1_0_is_in_the_vocabulary():
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
    ('response_stauts', 'response_status'), ('response_code', 'response_content'),
    ('response_header', 'response_headers'), ('response_contents', 'response_content'),
    ('response_time_out', 'response_timeout'), ('response_clean', 'response_clear'),
    ('response_rest', 'response_reset'), ('response_Status', 'response_status')])
def test_an_unknown_key_is_refused_with_the_nearest_one(key, near):
    with pytest.raises(ValueError) as caught:
        check(key, 200)
    told = '%s is not a key of a response; did you mean ' % key
    assert str(caught.value).startswith(told)
    if key != 'response_code':          # nothing is really near
        assert str(caught.value).startswith(told + near + '? ')
    assert str(caught.value).endswith('All of them: ' + ', '.join(sorted(VOCABULARY)))


@pytest.mark.parametrize('key', ['response_', 'response_zzzzzzzzzzzzzzzzzz', 'response_\n'])
def test_a_key_that_is_near_to_nothing_is_refused_too(key):
    with pytest.raises(ValueError):
        check(key, 200)


def test_a_vocabulary_of_ones_own_decides():
    checked = []
    vocabulary = {'response_mood': lambda key, value: checked.append((key, value))}
    check('response_mood', 'good', vocabulary)
    assert checked == [('response_mood', 'good')]
    with pytest.raises(ValueError) as caught:
        check('response_status', 200, vocabulary)
    assert str(caught.value).endswith('did you mean response_mood? All of them: response_mood')


# Header pairs.

@pytest.mark.parametrize('headers, expected', [
    ({}, ()), ([], ()), ({'A': 'b'}, (('A', 'b'),)),
    ([('A', 'b'), ('a', 'c'), ('A', 'b')], (('A', 'b'), ('a', 'c'), ('A', 'b'))),
    ([(u'A', b'b')], (('A', 'b'),)), ([('A', 5)], (('A', '5'),)), ([('A', 10 ** 30)], (
        ('A', '1' + '0' * 30),)), ((['A', ''],), (('A', ''),))])
def test_headers_become_pairs_of_native_text_in_order(headers, expected):
    found = pairs(headers)
    assert found == expected and type(found) is tuple
    assert all(type(part) is str for pair in found for part in pair)


@pytest.mark.parametrize('key', ['send_header', 'response_trailers'])
def test_an_error_of_pairs_names_the_given_key(key):
    with pytest.raises(TypeError) as caught:
        pairs({'A': None}, key)
    assert str(caught.value) == '%s is %s, got None (NoneType)' % (key, TEXT)


# Settled responses.

def test_a_response_of_no_keys_is_200_without_content():
    response = Response({})
    assert (response.status, response.reason, response.headers, response.content,
            response.delay, response.reset) == (200, 'OK', (), b'', 0, False)


def test_a_response_settles_every_key():
    response = Response({'response_status': 404, 'response_headers': {'A': 1},
                         'response_content': u'\u20ac', 'response_timeout': 1.5,
                         'response_reset': True})
    assert (response.status, response.reason, response.headers, response.content,
            response.delay, response.reset) == (
                404, 'Not Found', (('A', '1'),), b'\xe2\x82\xac', 1.5, True)


@pytest.mark.parametrize('status, reason', [
    (100, 'Continue'), (103, 'Early Hints'), (200, 'OK'), (204, 'No Content'),
    (308, 'Permanent Redirect'), (418, "I'm a Teapot"), (421, 'Misdirected Request'),
    (429, 'Too Many Requests'), (451, 'Unavailable For Legal Reasons'),
    (511, 'Network Authentication Required'), (299, ''), (999, '')])
def test_a_status_has_its_standard_reason_on_every_python(status, reason):
    assert Response({'response_status': status}).reason.lower() == reason.lower()


@pytest.mark.parametrize('value, content', [
    (b'a', b'a'), (bytearray(b'a'), b'a'), (memoryview(b'a'), b'a'), (u'\xe9', b'\xc3\xa9'),
    ('', b''), (None, b'')])
def test_content_is_bytes(value, content):
    found = Response({'response_content': value}).content
    assert found == content and type(found) is bytes


# How a message ends.

CLOSE = ('Connection', 'close')
ALIVE = ('Connection', 'keep-alive')
CHUNKED = ('Transfer-Encoding', 'chunked')


def length(count):
    return 'Content-Length', str(count)


@pytest.mark.parametrize('status, headers, size, command, version, persistent, expected', [
    (200, (), 5, 'GET', '1.1', True, ([length(5)], True, False, True)),
    (200, (), 0, 'GET', '1.1', True, ([length(0)], True, False, True)),
    (200, (), 5, 'GET', '1.1', False, ([length(5), CLOSE], True, False, False)),
    (200, (), 5, 'GET', '1.0', False, ([length(5), CLOSE], True, False, False)),
    (200, (), 5, 'GET', '1.0', True, ([length(5), ALIVE], True, False, True)),
    (200, (), None, 'GET', '1.1', True, ([CHUNKED], True, True, True)),
    (200, (), None, 'GET', '1.0', True, ([CLOSE], True, False, False)),
    (200, (), 5, 'HEAD', '1.1', True, ([length(5)], False, False, True)),
    (200, (), None, 'HEAD', '1.1', True, ([], False, False, True)),
    (204, (), 5, 'GET', '1.1', True, ([], False, False, True)),
    (304, (), 5, 'GET', '1.1', True, ([], False, False, True)),
    (100, (), 0, 'GET', '1.1', True, ([], False, False, True)),
    (199, (), 5, 'GET', '1.1', True, ([], False, False, True)),
    (205, (), 5, 'GET', '1.1', True, ([length(0)], False, False, True)),
    (205, (), None, 'GET', '1.1', True, ([length(0)], False, False, True)),
    (200, (), 5, 'CONNECT', '1.1', True, ([], False, False, True)),
    (407, (), 5, 'CONNECT', '1.1', True, ([length(5)], True, False, True)),
    (200, (length(5),), 5, 'GET', '1.1', True, ([], True, False, True)),
    (200, (length(9),), 5, 'GET', '1.1', True, ([CLOSE], True, False, False)),
    (200, (('content-length', '5'),), 5, 'GET', '1.1', True, ([], True, False, True)),
    (200, (length(9),), 5, 'HEAD', '1.1', True, ([], False, False, True)),
    (304, (length(9),), 0, 'GET', '1.1', True, ([], False, False, True)),
    (200, (CHUNKED,), 5, 'GET', '1.1', True, ([CLOSE], True, False, False)),
    (200, (length(5), CHUNKED), 5, 'GET', '1.1', True, ([CLOSE], True, False, False)),
    (205, (length(5),), 5, 'GET', '1.1', True, ([CLOSE], False, False, False)),
    (205, (CHUNKED,), 5, 'GET', '1.1', True, ([CLOSE], False, False, False)),
    (205, (length(0),), 5, 'GET', '1.1', True, ([], False, False, True)),
    (200, (CLOSE,), 5, 'GET', '1.1', True, ([length(5)], True, False, False)),
    (200, (('connection', 'Close'),), 5, 'GET', '1.1', True, ([length(5)], True, False, False)),
    (200, (('Connection', 'x'),), 5, 'GET', '1.1', True, ([length(5)], True, False, True)),
    (200, (('Connection', 'x'),), 5, 'GET', '1.1', False, ([length(5)], True, False, False))])
def test_how_a_message_ends(status, headers, size, command, version, persistent, expected):
    found = frame(status, headers, size, (), command, 'HTTP/' + version, persistent)
    assert (list(found[0]),) + tuple(found[1:]) == expected


@pytest.mark.parametrize('command, version, size, expected', [
    ('GET', '1.1', 5, ([CHUNKED, ('Trailer', 'A, B')], True, True, True)),
    ('GET', '1.1', None, ([CHUNKED, ('Trailer', 'A, B')], True, True, True)),
    ('GET', '1.0', 5, ([length(5), ALIVE], True, False, True)),
    ('HEAD', '1.1', 5, ([], False, False, True))])
def test_trailers_need_chunks(command, version, size, expected):
    trailers = ('A', '1'), ('B', '2')
    found = frame(200, (), size, trailers, command, 'HTTP/' + version, True)
    assert (list(found[0]),) + tuple(found[1:]) == expected


@pytest.mark.parametrize('status', [100, 101, 200, 204, 205, 206, 301, 304, 404, 500, 999])
@pytest.mark.parametrize('command', ['GET', 'HEAD', 'CONNECT', 'PING'])
@pytest.mark.parametrize('version', ['HTTP/1.0', 'HTTP/1.1'])
@pytest.mark.parametrize('size', [0, 5, None])
def test_no_message_that_goes_on_leaves_its_end_open(status, command, version, size):
    added, carries, chunked, persistent = frame(status, (), size, (), command, version, True)
    names = [name for name, _ in added]
    assert len(names) == len(set(names))
    assert ('Transfer-Encoding' in names) is chunked
    assert not (chunked and version == 'HTTP/1.0')
    if carries and persistent:
        assert ('Content-Length' in names) is not chunked
    assert (CLOSE in added) is not persistent
