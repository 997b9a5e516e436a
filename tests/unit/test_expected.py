# -*- coding: utf-8 -*-
"""What criteria expect: what no request can have is refused, with what to write instead."""
import datetime
import decimal
import fractions
import numbers
import re
import uuid

import pytest

from httptestserver.recording.expected import (
    check_method, check_names, check_path, compares, instead, is_int)
from support.equal import Anything, Derived, Kind, OldStyle

try:
    from unittest import mock
except ImportError:
    import mock

PATH = "a str that begins with '/', 'http://' or 'https://', or '*'"
URL = 'a URL whose host is a name or an address'
MATCH = 'use match= with a function of the request'
UUID = uuid.UUID(int=7)
#: PyPy has another name for the type.
BUILTIN = type(len).__name__


def refused(kind, check, *args):
    with pytest.raises(kind) as caught:
        check(*args)
    assert type(caught.value) is kind
    return str(caught.value)


class Whole(object):
    """An integer that is no int, as those of numpy are."""


numbers.Integral.register(Whole)


@pytest.mark.parametrize('value, expected', [
    (5, True), (-2 ** 70, True), (Whole(), True), (True, False), (5.0, False), ('5', False),
    (None, False), (fractions.Fraction(5), False)])
def test_an_integer_may_be_of_any_type(value, expected):
    assert is_int(value) is expected


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
        'method is a str or several, got <built-in function len> (' + BUILTIN + '); a '
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
    ('a.test/b', "'a.test/b' (str); did you mean 'https://a.test/b'?"),
    ('a.test:8443/', "'a.test:8443/' (str); did you mean 'https://a.test:8443/'?"),
    ('http:/a.test/b', "'http:/a.test/b' (str); did you mean 'http://a.test/b'?"),
    ('page.html', "'page.html' (str); did you mean '/page.html'?"),
    (' /users', "' /users' (str); did you mean '/ /users'?")])
def test_a_path_that_no_target_begins_with_is_refused(path, hint):
    assert refused(ValueError, check_path, path, []) == 'path is %s, got %s' % (PATH, hint)


def test_a_path_in_upper_case_beside_a_method_is_a_path():
    assert refused(ValueError, check_path, 'GET', ['PUT']).endswith("; did you mean '/GET'?")


@pytest.mark.parametrize('path', ['a.test:443', '[::1]:443'])
@pytest.mark.parametrize('methods', [['CONNECT'], ['GET', 'CONNECT']])
def test_the_path_of_connect_is_an_authority(path, methods):
    assert check_path(path, methods) is None


def test_another_method_beside_connect_may_have_a_path():
    assert check_path('/a', ['GET', 'CONNECT']) is None
    assert check_path('*', ['CONNECT', 'OPTIONS']) is None


@pytest.mark.parametrize('path, hint', [
    ('/users', "'/users' (str)"), ('*', "'*' (str)"),
    ('a.test', "'a.test' (str); did you mean 'a.test:443'?"),
    ('https://a.test/', "'https://a.test/' (str); did you mean 'a.test:443'?"),
    ('http://a.test', "'http://a.test' (str); did you mean 'a.test:80'?"),
    ('https://[::1]:8443/', "'https://[::1]:8443/' (str); did you mean '[::1]:8443'?"),
    ('*.a.test:443', "'*.a.test:443' (str); several hosts need a compiled regex"),
    (':443', "':443' (str)"), ('', "'' (str)")])
def test_a_path_that_connect_never_has_is_refused(path, hint):
    text = "path is a host and a port for CONNECT, such as 'example.com:443', got " + hint
    assert refused(ValueError, check_path, path, ['CONNECT']) == text


def test_a_star_is_refused_without_options():
    assert refused(ValueError, check_path, '*', ['GET', 'PUT']) == (
        "path is %s, got '*' (str); only OPTIONS has the path '*'" % PATH)
    assert check_path('*', ['GET', 'OPTIONS']) is None
    assert check_path('*', []) is None


@pytest.mark.parametrize('path', [
    'http://a.test:80/b', 'https://[::1]:8443', 'http://10.0.0.1?a=b', 'http://b\xc3\xbccher.test',
    'http://A-b_c.test/%7B'])
def test_a_url_has_a_host_and_maybe_a_port(path):
    assert check_path(path, []) is None


@pytest.mark.parametrize('path, hint', [
    ('http:///a', "'http:///a' (str)"),
    ('http://{tenant}.a.test/', "'http://{tenant}.a.test/' (str); several hosts need "
     "a compiled regex of Host in headers"),
    ('https://*.a.test/', "'https://*.a.test/' (str); several hosts need "
     "a compiled regex of Host in headers"),
    ('http://a.test:b/', "'http://a.test:b/' (str)"), ('http://a b/', "'http://a b/' (str)"),
    ('http://ann:pw@a.test/', "'http://ann:pw@a.test/' (str); did you mean auth=?")])
def test_a_url_that_no_request_has_is_refused(path, hint):
    assert refused(ValueError, check_path, path, []) == 'path is %s, got %s' % (URL, hint)


# Names and values

@pytest.mark.parametrize('wanted', ['a=b', [('a', 'b')], 5, {5: 'b'}, {None: 'b'}])
def test_names_are_text(wanted):
    assert refused(TypeError, check_names, 'query', wanted) == (
        'query is a dict of names and values, got %r (%s)' % (wanted, type(wanted).__name__))


@pytest.mark.parametrize('value', [mock.ANY, Anything(), Derived(), OldStyle(),
                                   Kind('Class', (), {}), pytest.approx(5)])
def test_an_object_with_an_eq_of_its_own_decides(value):
    assert compares(value)


class Half(float):
    """A number of another library, which never equals text."""

    def __eq__(self, other):
        return float(self) == other

    __hash__ = float.__hash__


@pytest.mark.parametrize('value', [
    None, 1, 1.5, Half(0.5), True, 1j, decimal.Decimal(1), fractions.Fraction(1, 2), UUID, 'a',
    b'a', [], {},
    (), {1}, datetime.date(2026, 1, 2), object(), Exception(), len, slice(1), re.compile('a'),
    Anything, iter([]), NotImplemented])
def test_no_value_of_the_standard_library_decides(value):
    assert not compares(value)


@pytest.mark.parametrize('value, hint', [
    (1, "did you mean '1'?"), (1.5, "did you mean '1.5'?"),
    (True, "clients send 'True', 'true' or '1'"),
    (decimal.Decimal('1.5'), "did you mean '1.5'?"),
    (fractions.Fraction(1, 2), "did you mean '1/2'?"), (UUID, "did you mean '%s'?" % UUID),
    (datetime.date(2026, 1, 2), "did you mean '2026-01-02'?"),
    (datetime.timedelta(1), "did you mean '1 day, 0:00:00'?"),
    (b'b\xff', "did you mean %r?" % b'b\xff'.decode('utf-8', 'replace').lstrip('u')
     if str is not bytes else "did you mean %r?" % b'b\xff'),
    (re.compile('a'), MATCH), (len, MATCH), ({}, ''), ({1}, ''), (object(), '')])
def test_what_to_write_instead_is_suggested(value, hint):
    assert instead(value) == hint
