# -*- coding: utf-8 -*-
"""Preconditions, one by one and in their order: RFC 9110, section 13."""
import pytest

from httptestserver.http1 import conditions
from httptestserver.http1.conditions import date_of, evaluate, range_applies, selects_representation

BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'
AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
MODIFIED = (1994, 11, 6, 8, 49, 37)


def status(method='GET', etag='"a"', modified=MODIFIED, **fields):
    fields = {name.replace('_', '-'): fields[name] for name in fields}
    return evaluate(method, fields.get, etag, modified)


@pytest.mark.parametrize('value, date', [
    (DATE, MODIFIED), ('Sunday, 06-Nov-94 08:49:37 GMT', MODIFIED),
    ('Sun Nov  6 08:49:37 1994', MODIFIED),
    # The day of the week may be wrong.
    ('Mon, 06 Nov 1994 08:49:37 GMT', MODIFIED),
    ('Thu, 29 Feb 2024 23:59:60 GMT', (2024, 2, 29, 23, 59, 60)),
    ('Tue, 29 Feb 2000 00:00:00 GMT', (2000, 2, 29, 0, 0, 0)),
    ('Thu, 29 Feb 1900 00:00:00 GMT', None), ('Wed, 29 Feb 2023 00:00:00 GMT', None),
    ('Thu, 31 Apr 2026 00:00:00 GMT', None), ('Thu, 00 Apr 2026 00:00:00 GMT', None),
    ('Thu, 01 Apr 2026 24:00:00 GMT', None), ('Thu, 01 Apr 2026 00:60:00 GMT', None),
    ('Thu, 01 Apr 2026 00:00:61 GMT', None), ('Thu, 1 Apr 2026 00:00:00 GMT', None),
    (DATE + ' ', None), (DATE.replace('GMT', 'UTC'), None), (DATE.lower(), None),
    (DATE + ', ' + DATE, None), ('', None), ('0', None),
    (u'Sun, 0\u0666 Nov 1994 08:49:37 GMT', None),
])
def test_a_date(value, date):
    assert date_of(value) == date


@pytest.mark.parametrize('digits, year', [('26', 2026), ('76', 2076), ('77', 1977), ('99', 1999)])
def test_a_year_of_two_digits_is_at_most_50_years_in_the_future(monkeypatch, digits, year):
    monkeypatch.setattr(conditions, 'clock', lambda: 1795000000)        # in 2026
    assert date_of('Sunday, 06-Nov-%s 08:49:37 GMT' % digits)[0] == year


@pytest.mark.parametrize('match, expected', [
    ('"a"', 200), ('"b"', 412), ('*', 200), ('"b", "a"', 200), ('"b","c"', 412),
    ('W/"a"', 412), ('', 412), ('a', 412), ('"a', 412), ('"a" "a"', 412), ('w/"a"', 412),
    (' , "a",, ', 200), ('"a", x', 412), ('*, "a"', 412),
])
@pytest.mark.parametrize('method', ['GET', 'HEAD', 'PUT', 'DELETE'])
def test_if_match(method, match, expected):
    assert status(method, If_Match=match) == expected
    # The date is not looked at.
    assert status(method, If_Match=match, If_Unmodified_Since=BEFORE) == expected


@pytest.mark.parametrize('match', ['"a"', 'W/"a"'])
def test_a_weak_tag_does_not_meet_if_match(match):
    assert status(etag='W/"a"', If_Match=match) == 412


@pytest.mark.parametrize('none, matches', [
    ('"a"', True), ('"b"', False), ('*', True), ('"b", "a"', True), ('W/"a"', True),
    ('', False), ('a', False), ('"a" "b"', False), ('"A"', False), ('"a,b"', False),
])
@pytest.mark.parametrize('etag', ['"a"', 'W/"a"'])
def test_if_none_match(etag, none, matches):
    for method in 'GET', 'HEAD':
        assert status(method, etag, If_None_Match=none) == (304 if matches else 200)
        # The date is not looked at.
        assert status(method, etag, If_None_Match=none, If_Modified_Since=AFTER) == (
            304 if matches else 200)
    for method in 'PUT', 'POST', 'DELETE', 'PATCH':
        assert status(method, etag, If_None_Match=none) == (412 if matches else 200)


@pytest.mark.parametrize('value, expected', [
    (BEFORE, 200), (DATE, 304), (AFTER, 304), ('yesterday', 200), (DATE + ', ' + DATE, 200)])
def test_if_modified_since(value, expected):
    assert status(If_Modified_Since=value) == status('HEAD', If_Modified_Since=value) == expected
    assert status('PUT', If_Modified_Since=value) == 200
    assert status(modified=None, If_Modified_Since=value) == 200


@pytest.mark.parametrize('value, expected', [
    (BEFORE, 412), (DATE, 200), (AFTER, 200), ('yesterday', 200)])
@pytest.mark.parametrize('method', ['GET', 'PUT'])
def test_if_unmodified_since(method, value, expected):
    assert status(method, If_Unmodified_Since=value) == expected
    assert status(method, modified=None, If_Unmodified_Since=value) == 200


def test_a_412_comes_before_a_304():
    assert status(If_Match='"b"', If_None_Match='"a"') == 412
    assert status(If_Unmodified_Since=BEFORE, If_Modified_Since=AFTER) == 412
    assert status(If_Match='"a"', If_None_Match='"a"') == 304


def test_without_a_tag_only_a_star_matches():
    assert status(etag=None, If_Match='"a"') == 412
    assert status(etag=None, If_None_Match='"a"') == 200
    assert status(etag=None, If_Match='*') == 200
    assert status(etag='unquoted', If_None_Match='unquoted') == 200


@pytest.mark.parametrize('value, applies', [
    (None, True), ('"a"', True), ('"b"', False), ('W/"a"', False), ('"a", "a"', False),
    (DATE, True), ('Sun Nov  6 08:49:37 1994', True), (BEFORE, False), (AFTER, False),
    ('', False), ('a', False), ('*', False)])
def test_if_range(value, applies):
    assert range_applies({'If-Range': value}.get, '"a"', MODIFIED) is applies


def test_if_range_compares_strongly():
    for value in 'W/"a"', '"a"':
        assert not range_applies({'If-Range': value}.get, 'W/"a"', None)
    assert not range_applies({'If-Range': DATE}.get, '"a"', None)


def test_methods_without_a_representation_have_no_conditions():
    assert [method for method in ('GET', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT')
            if selects_representation(method)] == ['GET', 'PUT']
