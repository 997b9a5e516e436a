# -*- coding: utf-8 -*-
"""Criteria in a script file: what each may be, and the errors that name their place."""
from __future__ import unicode_literals

import json

import pytest

from httptestserver.cli.document import ScriptError
from httptestserver.cli.scriptcriteria import NAMES, criterion
from httptestserver.recording.criteria import CRITERIA
from httptestserver.recording.pattern import is_of_bytes, is_regex

VALUE = 'a string, an integer, {"regex": "PATTERN"}, null for absent, or a list of these'
CONTENT = 'a string, {"regex": "PATTERN"}, null for absent, or a list of these'
TEXT = 'a string or {"regex": "PATTERN"}'
ITEM = 'a string, an integer or {"regex": "PATTERN"}'
NOT_NULL = 'any value but null; for the body null: "body": "null"'


def refused(name, value):
    with pytest.raises(ScriptError) as caught:
        criterion(name, 'routes[0].' + name, json.loads(json.dumps(value)))
    return str(caught.value)


def test_all_but_functions_may_be_in_a_file():
    assert NAMES == tuple([name for name in CRITERIA if name != 'match'])


@pytest.mark.parametrize('name, value', [
    ('method', 'GET'), ('method', ['GET', 'PUT']), ('path', '/a/{b...}'), ('body', 'a'),
    ('query', {'a': 'b', 'c': 2, 'd': None, 'e': ['f', 3]}), ('headers', {}),
    ('form', {'a': ''}), ('cookies', {'a': None}), ('files', {'a': 'b', 'c': None, 'd': ['e']}),
    ('json', 0), ('json', {'a': None, 'regex': '('}), ('json_has', {'regex': '('}),
    ('json_has', [{'a': {'regex': 1}}]), ('auth', 't'), ('auth', ['a', 'b'])])
def test_a_value_is_that_of_the_api(name, value):
    assert criterion(name, 'x', json.loads(json.dumps(value))) == value


@pytest.mark.parametrize('name', ['path', 'body'])
def test_an_object_with_a_regex_is_one(name):
    found = criterion(name, 'x', {'regex': '^/a'})
    assert is_regex(found) and not is_of_bytes(found) and found.pattern == '^/a'


@pytest.mark.parametrize('name', ['query', 'headers', 'form', 'cookies', 'files'])
def test_a_value_of_a_name_may_be_a_regex(name):
    found = criterion(name, 'x', {'a': {'regex': 'b'}, 'c': ['d', {'regex': 'e'}]})
    assert found['a'].search('abc') and found['c'][1].search('e')


@pytest.mark.parametrize('name, value, place, allowed, shown', [
    ('method', 5, '', 'a string, or a list of strings', '5'),
    ('method', {'regex': 'a'}, '', 'a string, or a list of strings', '{"regex": "a"}'),
    ('path', 5, '', TEXT, '5'), ('path', None, '', TEXT, 'null'),
    ('path', ['/a'], '', TEXT, '["/a"]'),
    ('path', {'regex': 'a', 'b': 1}, '', TEXT, None), ('path', {'regexp': 'a'}, '', TEXT, None),
    ('body', {'a': 1}, '', TEXT, '{"a": 1}'), ('path', {'regex': 5}, '.regex', 'a string', '5'),
    ('query', None, '', 'an object of names and values', 'null'),
    ('query', {'a': True}, '.a', VALUE, 'true'), ('query', {'a': 1.5}, '.a', VALUE, '1.5'),
    ('headers', {'a': {'b': 1}}, '.a', VALUE, '{"b": 1}'),
    ('form', {'a': ['b', None]}, '.a[1]', ITEM, 'null'),
    ('cookies', {'a': [['b']]}, '.a[0]', ITEM, '["b"]'),
    ('form', {'a': ['b', {'regex': None}]}, '.a[1].regex', 'a string', 'null'),
    ('files', {'a': 5}, '.a', CONTENT, '5'), ('json', None, '', NOT_NULL, 'null'),
    ('json_has', None, '', NOT_NULL, 'null'),
    ('auth', 5, '', 'a string for a Bearer token, or ["USER", "PASSWORD"] for Basic', '5'),
    ('auth', ['a'], '', 'a string for a Bearer token, or ["USER", "PASSWORD"] for Basic', '["a"]')])
def test_another_value_is_refused_with_its_place(name, value, place, allowed, shown):
    text = refused(name, value)
    assert text.startswith('routes[0].%s%s is %s, got ' % (name, place, allowed))
    assert shown is None or text.endswith('got ' + shown)


@pytest.mark.parametrize('name, value, place', [
    ('path', {'regex': '('}, ''), ('query', {'a': {'regex': '[b'}}, '.a'),
    ('files', {'a': ['b', {'regex': '*'}]}, '.a[1]'), ('body', {'regex': '(?P<a'}, '')])
def test_a_wrong_regex_is_refused_with_its_place(name, value, place):
    text = refused(name, value)
    assert text.startswith('routes[0].%s%s.regex is a regular expression, got "' % (name, place))
    assert not text.endswith(': ')
