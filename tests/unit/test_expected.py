# -*- coding: utf-8 -*-
"""What criteria expect: what no request can have is refused, with what to write instead."""
import collections
import datetime
import decimal
import fractions
import re
import uuid

import pytest

from httptestserver.recording.expected import (
    check_body, check_method, check_names, check_path, check_values)

try:
    from unittest import mock
except ImportError:
    import mock

PATH = "a str that begins with '/' or with 'http://', or '*'"
VALUE = 'a str, a list or tuple of str, or an object with an __eq__ of its own'
MATCH = 'use match= with a function of the request'
UUID = uuid.UUID(int=7)


class Anything(object):
    """It equals everything, as objects of dirty-equals do."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None


class Derived(Anything):
    pass


class OldStyle:
    def __eq__(self, other):
        return True


class Text(str):
    pass


class Kind(type):
    def __eq__(self, other):
        return True

    __hash__ = type.__hash__


def named(request):
    return True


def refused(kind, check, *args):
    with pytest.raises(kind) as caught:
        check(*args)
    assert type(caught.value) is kind
    return str(caught.value)


# Methods

@pytest.mark.parametrize('method, methods', [
    ('GET', ['GET']), (u'get', ['GET']), (('GET', 'post'), ['GET', 'POST']), (['M-SEARCH'],) * 2,
    ({'PUT'}, ['PUT']), (frozenset(['PUT']), ['PUT']), ("!#$%&'*+-.^_`|~09AZ",) * 2])
def test_a_method_is_a_token_or_several(method, methods):
    methods = [methods] if isinstance(methods, str) else methods
    assert check_method(method) == methods


@pytest.mark.parametrize('method, hint', [
    ('/users', "'/users' (str); did you mean path='/users'?"),
    ('/users/{id}?a=b', "'/users/{id}?a=b' (str); did you mean path='/users/{id}?a=b'?"),
    ('http://a.test/', "'http://a.test/' (str); did you mean path='http://a.test/'?"),
    ('GET ', "'GET ' (str); did you mean 'GET'?"),
    (' get\n', "' get\\n' (str); did you mean 'get'?"),
    ('GET /users', "'GET /users' (str); did you mean 'GET', '/users'?"),
    ('', "'' (str)"), ('GET,POST', "'GET,POST' (str)"), ('GET POST', "'GET POST' (str)"),
    ('G\xc9T', "%r (str)" % 'G\xc9T')])
def test_a_method_that_is_no_token_is_refused(method, hint):
    text = "method is a word such as 'GET', got " + hint
    assert refused(ValueError, check_method, method) == text
    assert refused(ValueError, check_method, ['GET', method]) == text


def test_a_function_in_the_place_of_a_method_is_refused_with_its_places():
    assert refused(TypeError, check_method, len) == (
        'method is a str or several, got <built-in function len> (builtin_function_or_method); a '
        'decorator is @server.route(...), a condition is match=')


@pytest.mark.parametrize('method', [5, None, [], (), ['GET', 5], {'GET': 1}])
def test_a_method_that_is_no_text_is_refused(method):
    assert refused(TypeError, check_method, method) == 'method is a str or several, got %r (%s)' % (
        method, type(method).__name__)


# Paths

@pytest.mark.parametrize('path', ['/', '/a', '/a/{b}', '/a?b=c', '//', '*', 'http://a.test',
                                  'https://a.test/b', 'HTTP://a.test', 'x-y+z.1://a'])
def test_a_path_begins_as_a_target_does(path):
    assert check_path(path, []) is None


@pytest.mark.parametrize('path, hint', [
    ('users', "'users' (str); did you mean '/users'?"),
    ('users/{id}', "'users/{id}' (str); did you mean '/users/{id}'?"),
    ('', "'' (str); did you mean '/'?"),
    ('?a=b', "'?a=b' (str); did you mean '/?a=b'?"),
    ('{id}', "'{id}' (str); did you mean '/{id}'?"),
    ('^/a', "'^/a' (str); did you mean re.compile('^/a')?"),
    ('a/.*', "'a/.*' (str); did you mean re.compile('a/.*')?"),
    ('users$', "'users$' (str); did you mean re.compile('users$')?"),
    ('*/users', "'*/users' (str)"),
    ('GET', "'GET' (str); did you mean method='GET'?"),
    ('a.test:443', "'a.test:443' (str); an authority needs method='CONNECT'"),
    (' /users', "' /users' (str); did you mean '/ /users'?")])
def test_a_path_that_no_target_begins_with_is_refused(path, hint):
    assert refused(ValueError, check_path, path, []) == 'path is %s, got %s' % (PATH, hint)


def test_a_path_in_upper_case_beside_a_method_is_a_path():
    assert refused(ValueError, check_path, 'GET', ['PUT']).endswith("; did you mean '/GET'?")


@pytest.mark.parametrize('path', ['a.test:443', '[::1]:443', 'users'])
@pytest.mark.parametrize('methods', [['CONNECT'], ['GET', 'CONNECT']])
def test_the_path_of_connect_may_be_an_authority(path, methods):
    assert check_path(path, methods) is None


# Values

@pytest.mark.parametrize('value', [
    'a', u'\xe9', '', Text('a'), [], ['a', u'b'], ('a',), [mock.ANY, 'a'], mock.ANY, Anything(),
    Derived(), OldStyle(), Kind('Class', (), {}), pytest.approx(5)])
def test_a_value_is_text_or_decides_by_itself(value):
    assert check_values('query', {'a': value}) is None


@pytest.mark.parametrize('value, hint', [
    (1, "1 (int); did you mean '1'?"), (1.5, "1.5 (float); did you mean '1.5'?"),
    (True, "True (bool); clients send 'True', 'true' or '1'"),
    (decimal.Decimal('1.5'), "Decimal('1.5') (Decimal); did you mean '1.5'?"),
    (fractions.Fraction(1, 2), "Fraction(1, 2) (Fraction); did you mean '1/2'?"),
    (UUID, "%r (UUID); did you mean '%s'?" % (UUID, UUID)),
    (datetime.date(2026, 1, 2),
     "datetime.date(2026, 1, 2) (date); did you mean '2026-01-02'?"),
    (datetime.timedelta(1), '%r (timedelta); did you mean \'1 day, 0:00:00\'?'
     % datetime.timedelta(1)),
    (None, 'None (NoneType); to match requests that lack it, ' + MATCH),
    (len, '<built-in function len> (builtin_function_or_method); ' + MATCH),
    (str, '%r (type); %s' % (str, MATCH)),
    ({'b': 'c'}, "{'b': 'c'} (dict)"), (collections.OrderedDict(), '%r (OrderedDict)'
                                        % collections.OrderedDict()),
    ({1}, '%r (set)' % {1}), (frozenset(), 'frozenset() (frozenset)'
                              if str is not bytes else 'frozenset([]) (frozenset)'),
    (slice(1), 'slice(None, 1, None) (slice)')])
@pytest.mark.parametrize('criterion', ['query', 'headers'])
def test_a_value_that_no_text_equals_is_refused(criterion, value, hint):
    text = '%s[%r] is %s, got %s' % (criterion, 'a', VALUE, hint)
    assert refused(TypeError, check_values, criterion, {'a': value}) == text
    assert refused(TypeError, check_values, criterion, {'b': 'c', 'a': ['d', value]}) == text


@pytest.mark.parametrize('value', [re.compile('a'), named, lambda text: True, Anything,
                                   collections.namedtuple('P', 'a')])
def test_a_regex_or_a_function_is_refused_with_the_criterion_that_takes_one(value):
    assert refused(TypeError, check_values, 'form', {'a': value}).endswith('; ' + MATCH)


@pytest.mark.parametrize('value', [object(), iter([]), Exception('a'), 1j, NotImplemented])
def test_an_object_without_an_eq_of_its_own_is_refused(value):
    assert refused(TypeError, check_values, 'form', {'a': value}).startswith(
        "form['a'] is %s, got " % VALUE)


if str is not bytes:        # On Python 2 bytes are a str.
    def test_bytes_are_refused_with_their_text():
        assert refused(TypeError, check_values, 'query', {'a': b'b\xff'}) == (
            "query['a'] is %s, got 'b\\xff' (bytes); did you mean 'b\ufffd'?" % VALUE)

    def test_a_path_object_is_refused_with_its_text():
        import pathlib
        assert refused(TypeError, check_values, 'query', {'a': pathlib.PurePosixPath('b')}) == (
            "query['a'] is %s, got PurePosixPath('b') (PurePosixPath); did you mean 'b'?" % VALUE)


@pytest.mark.parametrize('wanted', ['a=b', [('a', 'b')], 5, {5: 'b'}, {None: 'b'}])
def test_names_are_text(wanted):
    for check in (check_names, check_values):
        assert refused(TypeError, check, 'query', wanted) == (
            'query is a dict of names and values, got %r (%s)' % (wanted, type(wanted).__name__))


# Bodies

@pytest.mark.parametrize('body', [b'a', u'\xe9', bytearray(b'a'), memoryview(b'a'), mock.ANY,
                                  Anything()])
def test_a_body_is_bytes_or_text_or_decides_by_itself(body):
    assert check_body(body) is None


@pytest.mark.parametrize('body, hint', [
    (5, '5 (int)'), (True, 'True (bool)'),
    ({'a': 1}, "{'a': 1} (dict); did you mean json= or form=?"),
    ([1], '[1] (list); did you mean json= or form=?'),
    ((), '() (tuple); did you mean json= or form=?'),
    (len, '<built-in function len> (builtin_function_or_method); ' + MATCH)])
def test_a_body_that_no_request_has_is_refused(body, hint):
    assert refused(TypeError, check_body, body) == (
        'body is bytes, str for UTF-8, or an object with an __eq__ of its own, got ' + hint)


def test_a_regex_for_a_body_is_refused_with_the_criterion_that_takes_one():
    assert refused(TypeError, check_body, re.compile(b'a')).endswith('; ' + MATCH)
