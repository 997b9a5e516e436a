# -*- coding: utf-8 -*-
"""Compiled regular expressions: what they are searched in, and how they are shown."""
import re

import pytest
from six import ensure_str

from httptestserver.recording.pattern import (
    find_in_bytes, find_in_text, is_of_bytes, is_regex, regex_words)


@pytest.mark.parametrize('value, expected', [
    (re.compile('a'), True), (re.compile(b'a'), True), (re.compile(u'a'), True), ('a', False),
    (None, False), (re, False), (re.match('a', 'a'), False)])
def test_a_regex_is_a_compiled_one(value, expected):
    assert is_regex(value) is expected


def test_a_regex_is_of_bytes_or_of_text():
    assert is_of_bytes(re.compile(b'a')) and not is_of_bytes(re.compile(u'a'))
    assert is_of_bytes(re.compile('a')) is (str is bytes)


@pytest.mark.parametrize('pattern, words', [
    (u'^a$', '/^a$/'), (b'^a', '/^a/'), (u'\xe9', '/%s/' % ensure_str(u'\xe9')), (u'a/b', '/a/b/')])
def test_a_regex_is_shown_between_slashes(pattern, words):
    assert repr(regex_words(re.compile(pattern))) == words


def test_a_regex_of_bytes_that_are_no_text_is_shown():
    assert repr(regex_words(re.compile(b'\xff'))).startswith('/')


@pytest.mark.parametrize('pattern', ['^\xe9.$', u'^\xe9.$'])
def test_text_is_searched_by_its_characters(pattern):
    pattern = ensure_str(pattern) if isinstance(pattern, str) else pattern
    text = ensure_str(u'\xe9x')
    if str is bytes and isinstance(pattern, str):
        pattern = '^\xc3\xa9.$'
    assert find_in_text(re.compile(pattern))(text)
    assert not find_in_text(re.compile(pattern))(text + 'y')


def test_bytes_are_searched_as_bytes_or_as_utf_8():
    assert find_in_bytes(re.compile(b'^\xc3.x'))(b'\xc3\xa9x')
    assert find_in_bytes(re.compile(u'^\xe9x'))(b'\xc3\xa9x')
    assert not find_in_bytes(re.compile(u'^\xe9x'))(b'\xe9x')
    assert find_in_bytes(re.compile(u'x$'))(b'\xffx')
