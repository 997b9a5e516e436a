# -*- coding: utf-8 -*-
"""Values of JSON: which are refused, which part a body has, and what differs."""
import collections
import datetime
import decimal
import re

import pytest

from httptestserver.recording.jsonvalue import agreed, check_json, has_part, reduced
from support.equal import Anything

try:
    from unittest import mock
except ImportError:
    import mock

ALLOWED = 'a value that JSON has, or an object with an __eq__ of its own'
MATCH = 'use match= with a function of the request'


class Error(object):
    def __eq__(self, other):
        raise ZeroDivisionError

    __hash__ = None


@pytest.mark.parametrize('value', [
    {}, [], '', u'\xe9', 0, -1.5, True, None, float('inf'), {'a': [1, {'b': None}]}, mock.ANY,
    {'a': mock.ANY, 'b': [Anything()]}, collections.OrderedDict(a=1), decimal.Decimal('1.5'),
    {'regex': 'a'}, pytest.approx(1.5)])
def test_a_value_that_json_can_have_is_accepted(value):
    assert check_json('json', value) is None


@pytest.mark.parametrize('value, hint', [
    ((1, 2), '(1, 2) (tuple); did you mean [1, 2]?'), ({1}, '%r (set)' % {1}),
    (datetime.date(2026, 1, 2), "datetime.date(2026, 1, 2) (date); did you mean '2026-01-02'?"),
    (float('nan'), "nan (float); did you mean 'nan'?"),
    (object, '%r (type); %s' % (object, MATCH))])
@pytest.mark.parametrize('criterion', ['json', 'json_has'])
def test_a_value_that_json_cannot_have_is_refused_with_its_place(criterion, value, hint):
    for place, whole in [('', value), ("['a']", {'a': value, 'b': 1}), ('[1]', [0, value]),
                         ("['a'][0]['b']", {'a': [{'b': value}]})]:
        with pytest.raises(TypeError) as caught:
            check_json(criterion, whole)
        assert str(caught.value) == '%s%s is %s, got %s' % (criterion, place, ALLOWED, hint)


def test_a_regex_and_a_function_mean_nothing_in_json():
    for value in re.compile('a'), lambda value: True:
        with pytest.raises(TypeError) as caught:
            check_json('json', {'a': value})
        assert str(caught.value).endswith('; ' + MATCH)


@pytest.mark.parametrize('name, hint', [
    (1, "1 (int); did you mean '1'?"), (None, 'None (NoneType)')])
def test_a_name_that_is_no_text_is_refused(name, hint):
    with pytest.raises(TypeError) as caught:
        check_json('json', {'a': {name: 1}})
    assert str(caught.value) == "a name in json['a'] is a str, got " + hint


@pytest.mark.skipif(str is bytes, reason='on Python 2 bytes are a str')
def test_bytes_are_refused_with_their_text():
    with pytest.raises(TypeError) as caught:
        check_json('json', [b'a'])
    assert str(caught.value) == "json[0] is %s, got 'a' (bytes); did you mean 'a'?" % ALLOWED


@pytest.mark.parametrize('wanted, actual, expected', [
    ({}, {}, True), ({}, {'a': 1}, True), ({}, [], False), ({}, None, False), ([], [], True),
    ([], [1], False), ([], {}, False),
    ({'a': 1}, {'a': 1, 'b': 2}, True), ({'a': 1}, {'a': 2}, False), ({'a': 1}, {'b': 1}, False),
    ({'a': None}, {'a': None}, True), ({'a': None}, {}, False),
    ({'a': {'b': 1}}, {'a': {'b': 1, 'c': 2}, 'd': 3}, True),
    ({'a': {'b': 1}}, {'a': {'b': 2}}, False), ({'a': {'b': 1}}, {'a': [1]}, False),
    ([1, 2], [1, 2], True), ([1, 2], [2, 1], False), ([1], [1, 2], False), ([1, 2], [1], False),
    ([{'a': 1}, {}], [{'a': 1, 'b': 2}, {'c': 3}], True), ([{'a': 1}], [{'a': 2}], False),
    ([{}], [1], False), ('a', 'a', True), ('a', 'ab', False), (1, 1.0, True), (None, None, True),
    (None, 0, False), ({'a': mock.ANY}, {'a': [1], 'b': 2}, True), ({'a': mock.ANY}, {}, False),
    (mock.ANY, {'a': 1}, True), (collections.OrderedDict(a=1), {'a': 1, 'b': 2}, True)])
def test_a_part_is_there_at_any_depth(wanted, actual, expected):
    assert has_part(wanted, actual) is expected


@pytest.mark.parametrize('wanted, actual, expected', [
    ({'a': 1}, {'a': 2, 'b': 3}, {'a': 2}), ({'a': 1}, {'b': 3}, {}), ({'a': 1}, [1], [1]),
    ({'a': {'b': 1}}, {'a': {'b': 2, 'c': 3}}, {'a': {'b': 2}}),
    ([{'a': 1}], [{'a': 2, 'b': 3}, {'c': 4}], [{'a': 2}, {'c': 4}]),
    ([1, 2], [3], [3]), (1, {'a': 2}, {'a': 2})])
def test_what_is_not_expected_is_left_out(wanted, actual, expected):
    assert reduced(wanted, actual) == expected


@pytest.mark.parametrize('wanted, actual, expected', [
    ({'a': mock.ANY, 'b': 1}, {'a': 2, 'b': 3}, {'a': 2, 'b': 1}), ([mock.ANY], [1, 2], [1]),
    ({'a': 1}, {}, {'a': 1}), ([1, 2], [1], [1, 2]), ('a', 'b', 'a')])
def test_what_is_equal_is_replaced_by_what_came(wanted, actual, expected):
    assert agreed(wanted, actual) == expected


def test_a_comparison_that_raises_is_no_equality():
    wanted = {'a': Error()}
    assert agreed(wanted, {'a': 1})['a'] is wanted['a']
