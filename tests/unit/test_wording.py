# -*- coding: utf-8 -*-
"""How messages show values, and what they say of wrong ones."""
import pytest

from httptestserver.wording import Words, nearest, shown, wrong


@pytest.mark.parametrize('value, text', [
    (5, '5'), (None, 'None'), ('a', "'a'"), ('', "''"), ([1, 'a'], "[1, 'a']"),
    (b'a', "'a'"), (b'', "''"), (b'\xff\n', "'\\xff\\n'"), (b"it's", '"it\'s"'), (b'b', "'b'"),
    (Words('GET /'), 'GET /'), (Words(''), '')])
def test_a_value_is_shown_as_its_repr_and_bytes_without_a_prefix(value, text):
    assert shown(value) == text


@pytest.mark.parametrize('value, text', [
    (b'a' * 200, "'%s'" % ('a' * 200)),
    (b'a' * 201, "'%s'... (201 bytes)" % ('a' * 200)),
    (b'\x00' * 1000, "'%s'... (1000 bytes)" % (200 * '\\x00')),
    (Words('a' * 200), 'a' * 200),
    (Words('a' * 201), 'a' * 200 + '... (201 characters)'),
    ([7] * 66, repr([7] * 66)),
    ([7] * 67, repr([7] * 67)[:200] + '... (201 characters)')])
def test_what_is_longer_than_the_limit_is_cut_and_its_size_follows(value, text):
    assert shown(value) == text


def test_the_limit_may_be_another():
    assert shown(b'abcdef', 3) == "'abc'... (6 bytes)"
    assert shown(Words('abcdef'), 3) == 'abc... (6 characters)'
    assert shown(Words('abc'), 3) == 'abc'


@pytest.mark.parametrize('word, expected', [
    ('stauts', 'status'), ('status', 'status'), ('header', 'headers'), ('jsn', 'json')])
def test_the_nearest_word_is_the_one_with_the_most_similar_spelling(word, expected):
    assert nearest(word, ['headers', 'json', 'status']) == expected


def test_there_is_always_a_nearest_word():
    assert nearest('', ['headers', 'json']) in ('headers', 'json')
    assert nearest('~~~', ('headers',)) == 'headers'


@pytest.mark.parametrize('kind', [TypeError, ValueError])
def test_a_wrong_value_is_named_with_what_is_allowed_and_what_came(kind):
    error = wrong(kind, 'response_status', 'an int', [1])
    assert type(error) is kind
    assert str(error) == 'response_status is an int, got [1] (list)'


def test_a_wrong_value_that_is_long_is_cut():
    assert str(wrong(ValueError, 'key', 'short', [7] * 67)) == (
        'key is short, got %s... (201 characters) (list)' % repr([7] * 67)[:200])
