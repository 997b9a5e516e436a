# -*- coding: utf-8 -*-
"""The values of names: what each matches, how it is shown, and which are refused."""
import collections
import datetime
import re
import uuid

import pytest

from httptestserver.recording.values import CONTENT, TEXT, accepts_all, is_met, wanted_values
from support.equal import Anything, Derived, Kind, OldStyle

try:
    from unittest import mock
except ImportError:
    import mock

OTHERS = 'None for absent, a list of these, or an object with an __eq__ of its own'
VALUE = 'a str, an int, a compiled regex, a callable of the text, ' + OTHERS
BYTES = 'bytes, str for UTF-8, a compiled regex, a callable of the bytes, ' + OTHERS
UUID = uuid.UUID(int=7)


class Text(str):
    pass


class Number(int):
    def __str__(self):
        return 'seven'


def is_long(text):
    return len(text) > 2


def accepts(value, actual, kind=TEXT):
    """Whether *value* accepts *actual*, of which None stands for an absent name."""
    test = accepts_all(wanted_values('query', {'a': value}, kind))
    return bool(test({'b': 'c'} if actual is None else {'b': 'c', 'a': actual}))


def shown(value, kind=TEXT):
    return repr(wanted_values('query', {'a': value}, kind)['a'].shown)


def refused(value, kind=TEXT, criterion='query'):
    with pytest.raises(TypeError) as caught:
        wanted_values(criterion, {'b': 'c', 'a': value}, kind)
    return str(caught.value)


@pytest.mark.parametrize('value, actual, expected', [
    (None, None, True), (None, '', False), (None, 'x', False), (None, ['x', 'y'], False),
    ('x', 'x', True), ('x', 'y', False), ('x', None, False), ('x', ['y', 'x'], True),
    ('x', ['y', 'z'], False), ('', '', True), ('', None, False), (u'x', 'x', True),
    (Text('x'), 'x', True), ('None', None, False),
    (2, '2', True), (2, '02', False), (2, '2.0', False), (2, None, False), (2, ['1', '2'], True),
    (-1, '-1', True), (0, '0', True), (0, '', False), (Number(7), '7', True),
    (10 ** 20, '1' + '0' * 20, True),
    (re.compile('^b'), 'bc', True), (re.compile('c'), 'bcd', True), (re.compile('^c'), 'bc', False),
    (re.compile('b'), None, False), (re.compile(''), '', True),
    (re.compile('^b'), ['a', 'b'], True),
    (re.compile('(?i)B'), 'b', True),
    (['x'], 'x', True), (['x'], ['x', 'x'], False), (['x', 'y'], ['x', 'y'], True),
    (['x', 'y'], ['y', 'x'], False), (('x', 'y'), ['x', 'y'], True), (['x', 'y'], 'x', False),
    (['x'], None, False), ([1, re.compile('y'), is_long, mock.ANY], ['1', 'xyz', 'abc', ''], True),
    ([1, re.compile('y'), is_long, mock.ANY], ['1', 'xyz', 'ab', ''], False),
    ([mock.ANY], None, False),
    (mock.ANY, '', True), (mock.ANY, None, False), (mock.ANY, ['x', 'y'], True),
    (Anything(), 'x', True), (Derived(), 'x', True), (OldStyle(), 'x', True),
    (Kind('Class', (), {}), 'x', True),
    (is_long, 'xyz', True), (is_long, 'xy', False), (is_long, None, False),
    (is_long, ['x', 'xyz'], True), (is_long, ['x', 'y'], False), (int, '0', False),
    (int, '1', True),
    (lambda text: None, 'x', False)])
def test_a_value_of_text_matches(value, actual, expected):
    assert accepts(value, actual) is expected


@pytest.mark.parametrize('value, actual, expected', [
    (b'x', b'x', True), (b'x', b'y', False), (b'x', None, False), (b'x', [b'y', b'x'], True),
    (u'\xe9', b'\xc3\xa9', True), (u'\xe9', b'\xe9', False),
    (bytearray(b'x'), b'x', True), (memoryview(b'x'), b'x', True),
    (None, None, True), (None, b'', False),
    (re.compile(b'^\x89'), b'\x89PNG', True), (re.compile(b'^PNG'), b'\x89PNG', False),
    (re.compile(u'^\xe9'), b'\xc3\xa9\xff', True), (re.compile(u'^\xe9'), b'\xe9', False),
    ([b'x', re.compile(b'y')], [b'x', b'y'], True), ([b'x', b'y'], [b'y', b'x'], False),
    (mock.ANY, b'', True), (mock.ANY, None, False), (is_long, b'xyz', True),
    (is_long, b'x', False)])
def test_a_value_of_content_matches(value, actual, expected):
    assert accepts(value, actual, CONTENT) is expected


@pytest.mark.parametrize('value, words', [
    (None, '<absent>'), ('x', "'x'"), (u'x', "'x'"), (2, "'2'"), (re.compile('^b'), '/^b/'),
    (is_long, 'is_long'), (['x', 2, re.compile('y')], "['x', '2', /y/]"), (Anything(), 'anything'),
    (re.compile(u'\xe9'), '/%s/' % (u'\xe9' if str is not bytes else b'\xc3\xa9'))])
def test_a_value_is_shown_as_what_it_stands_for(value, words):
    assert shown(value) == words


def test_text_that_is_not_ascii_is_compared_in_native_form():
    native = u'\xe9' if str is not bytes else b'\xc3\xa9'
    assert accepts(u'\xe9', native) and accepts(re.compile(u'^\xe9$'), native)
    assert accepts_all(wanted_values('query', {u'\xe9': '1'}, TEXT))({native: '1'})


@pytest.mark.parametrize('value, hint', [
    (1.5, "1.5 (float); did you mean '1.5'?"),
    (True, "True (bool); clients send 'True', 'true' or '1'"),
    (UUID, "%r (UUID); did you mean '%s'?" % (UUID, UUID)),
    (datetime.date(2026, 1, 2),
     "datetime.date(2026, 1, 2) (date); did you mean '2026-01-02'?"),
    ({'b': 'c'}, "{'b': 'c'} (dict)"),
    (collections.OrderedDict(), '%r (OrderedDict)' % collections.OrderedDict()),
    ({1}, '%r (set)' % {1}), (slice(1), 'slice(None, 1, None) (slice)')])
@pytest.mark.parametrize('criterion', ['query', 'headers'])
def test_a_value_that_no_text_equals_is_refused(criterion, value, hint):
    text = '%s[%r] is %s, got %s' % (criterion, 'a', VALUE, hint)
    assert refused(value, TEXT, criterion) == text
    assert refused(['d', value], TEXT, criterion) == text


@pytest.mark.parametrize('value', [object(), iter([]), Exception('a'), 1j, NotImplemented])
@pytest.mark.parametrize('kind, allowed', [(TEXT, VALUE), (CONTENT, BYTES)])
def test_an_object_without_an_eq_of_its_own_is_refused(kind, allowed, value):
    assert refused(value, kind).startswith("query['a'] is %s, got " % allowed)


@pytest.mark.parametrize('value', [[None], ['x', None], [['x']], [('x',)]])
def test_what_no_single_value_can_be_is_refused_in_a_list(value):
    assert refused(value).startswith("query['a'] is %s, got " % VALUE)


def test_none_in_a_list_is_refused_because_it_is_no_value():
    assert refused(['x', None]).endswith('got None (NoneType); a list has no absent values')


@pytest.mark.parametrize('value', [[], ()])
def test_a_list_without_values_is_refused_with_what_is_absent(value):
    assert refused(value).endswith('; for a name that is absent, use None')


@pytest.mark.parametrize('value', [1, 1.5, True, {'a': b'x'}])
def test_content_that_no_file_has_is_refused(value):
    assert refused(value, CONTENT, 'files').startswith("files['a'] is %s, got " % BYTES)


@pytest.mark.skipif(str is bytes, reason='on Python 2 bytes are a str')
def test_bytes_and_a_regex_of_bytes_are_refused_where_text_is_compared():
    assert refused(b'b\xff').endswith(
        u"got 'b\\xff' (bytes); did you mean 'b\ufffd'?")
    assert refused(re.compile(b'a')).endswith('; a regex of text is needed')


@pytest.mark.skipif(str is bytes, reason='pathlib is newer than Python 2')
def test_a_path_object_is_refused_with_its_text():
    import pathlib
    assert refused(pathlib.PurePosixPath('b')).endswith(
        "got PurePosixPath('b') (PurePosixPath); did you mean 'b'?")


def test_names_are_those_of_a_dict():
    with pytest.raises(TypeError) as caught:
        wanted_values('files', [('a', b'b')], CONTENT)
    assert str(caught.value).startswith('files is a dict of names and values, got ')


def test_all_names_have_to_be_there():
    test = accepts_all(wanted_values('query', {'a': '1', 'b': None, 'c': is_long}, TEXT))
    assert test({'a': '1', 'c': 'xyz', 'd': ''})
    assert not test({'a': '1', 'c': 'xyz', 'b': ''})
    assert not test({'a': '1'}) and not test({})
    assert accepts_all({})({}) is True


def test_user_code_that_raises_accepts_nothing():
    assert is_met(int, '1') and not is_met(int, 'x')
    with pytest.raises(KeyboardInterrupt):
        is_met(mock.Mock(side_effect=KeyboardInterrupt), 1)
