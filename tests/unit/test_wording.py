# -*- coding: utf-8 -*-
"""How messages show values, and what they say of wrong ones."""
import pytest
from six import ensure_text

from httptestserver.wording import Words, name_of, native, nearest, shown, unknown, wrong


@pytest.mark.parametrize('value, text', [
    (5, '5'), (None, 'None'), ('a', "'a'"), ('', "''"), ([1, 'a'], "[1, 'a']"), (u'a', "'a'"),
    (u'u', "'u'"), (b'a', "'a'"),
    (b'', "''"), (b'\xff\n', "'\\xff\\n'"), (b"it's", '"it\'s"'), (b'b', "'b'"),
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


def test_what_is_nested_deeper_than_python_can_show_is_named_by_its_type():
    value = []
    for _ in range(100000):
        value = [value]
    try:
        assert shown(value).startswith('<list object at ')
    finally:
        # Python 2 could not drop it at once.
        while value:
            value = value.pop()


def test_the_limit_may_be_another():
    assert shown(b'abcdef', 3) == "'abc'... (6 bytes)"
    assert shown(Words('abcdef'), 3) == 'abc... (6 characters)'
    assert shown(Words('abc'), 3) == 'abc'


@pytest.mark.parametrize('word, expected', [
    ('stauts', 'status'), ('status', 'status'), ('header', 'headers'), ('jsn', 'json')])
def test_the_nearest_word_is_the_one_with_the_most_similar_spelling(word, expected):
    assert nearest(word, ['headers', 'json', 'status']) == expected


@pytest.mark.parametrize('word', ['', '~~~', 'name', 'id', 'users', 5, None, ('status',)])
def test_a_word_that_is_near_to_none_has_no_nearest(word):
    assert nearest(word, ['headers', 'json', 'status', 'times']) == ''


@pytest.mark.parametrize('word, expected', [
    ('hist', 'history_limit'), ('hos', 'host'), ('hi', ''), ('bod', ''), ('body_l', 'body_limit'),
    ('histroy_limit', 'history_limit')])
def test_the_nearest_word_may_be_the_only_one_that_begins_so(word, expected):
    words = ['host', 'history_limit', 'body_limit', 'body_size']
    assert nearest(word, words) == expected


@pytest.mark.parametrize('word, expected', [
    ('x_stauts', 'x_status'), ('stauts', 'x_status'), ('x_Status', 'x_status'),
    ('xx_status', 'x_status'), ('x_', ''), ('x_name', ''), ('header', 'headers'),
    ('x_header', 'headers')])
def test_a_prefix_makes_no_word_similar(word, expected):
    assert nearest(word, ['headers', 'x_headers', 'x_json', 'x_status'], 'x_') == expected


def test_an_unknown_name_is_shown_with_the_one_that_was_meant_and_with_all():
    assert unknown('stauts', 'a key', ['json', 'status'], 'status') == (
        'stauts is not a key; did you mean status? All of them: json, status')
    assert unknown('name', 'a key', ['json', 'status'], '') == (
        'name is not a key. All of them: json, status')


@pytest.mark.parametrize('name, text', [(u'a', 'a'), ('a', 'a'), (5, '5'), (None, 'None')])
def test_a_name_is_a_str_whatever_it_is(name, text):
    assert type(native(name)) is str and native(name) == text


def test_an_unknown_name_may_have_any_letters():
    message = unknown(u'caf\xe9', 'a key', ['json'], '')
    assert type(message) is str
    assert ensure_text(message) == u'caf\xe9 is not a key. All of them: json'


def test_a_function_is_shown_by_its_name():
    assert name_of(len) == 'len' and isinstance(name_of(len), Words)
    assert name_of(5) == '5'


def test_wording_is_shown_without_quotes_in_an_exception_too():
    assert str(KeyError(Words('no key'))) == 'no key'


@pytest.mark.parametrize('kind', [TypeError, ValueError])
def test_a_wrong_value_is_named_with_what_is_allowed_and_what_came(kind):
    error = wrong(kind, 'response_status', 'an int', [1])
    assert type(error) is kind
    assert str(error) == 'response_status is an int, got [1] (list)'


def test_a_hint_follows_a_wrong_value():
    assert str(wrong(TypeError, 'port', 'an int', '80', 'did you mean 80?')) == (
        "port is an int, got '80' (str); did you mean 80?")


def test_a_wrong_value_that_is_long_is_cut():
    assert str(wrong(ValueError, 'key', 'short', [7] * 67)) == (
        'key is short, got %s... (201 characters) (list)' % repr([7] * 67)[:200])
