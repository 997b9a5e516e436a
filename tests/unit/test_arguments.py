# -*- coding: utf-8 -*-
"""Counts and timeouts of waits and assertions: what is refused, and what was meant."""
import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from httptestserver.scripting.arguments import check_count, check_take, check_timeout


def refused(kind, check, *args):
    with pytest.raises(kind) as caught:
        check(*args)
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize('count', [0, 1, 10 ** 30])
def test_a_count_is_an_int(count):
    assert check_count(count) is None


@pytest.mark.parametrize('count, kind, text', [
    (.1, TypeError, '0.1 (float); did you mean timeout=0.1?'),
    (5.0, TypeError, '5.0 (float); did you mean timeout=5.0?'),
    ('GET', TypeError, "'GET' (str); did you mean method='GET'?"),
    ('/a', TypeError, "'/a' (str); did you mean path='/a'?"),
    (True, TypeError, 'True (bool)'), (None, TypeError, 'None (NoneType)'),
    ([1], TypeError, '[1] (list)'), (Decimal(1), TypeError, "Decimal('1') (Decimal)"),
    (-1, ValueError, '-1 (int)')])
def test_another_count_is_refused_with_what_was_meant(count, kind, text):
    assert refused(kind, check_count, count, True) == 'count is an int of 0 or more, got ' + text


def test_no_criterion_is_suggested_where_there_is_none():
    assert refused(TypeError, check_count, 'GET') == (
        "count is an int of 0 or more, got 'GET' (str)")


@pytest.mark.parametrize('timeout', [0, -1, 5, 0.5, float('inf'), Fraction(1, 2), 10 ** 9])
def test_a_timeout_is_a_number(timeout):
    assert check_timeout(timeout) is None


@pytest.mark.parametrize('timeout, kind, text', [
    ('5', TypeError, "'5' (str)"), ('GET', TypeError, "'GET' (str)"),
    (True, TypeError, 'True (bool)'), (None, TypeError, 'None (NoneType)'),
    (1j, TypeError, '1j (complex)'), (float('nan'), ValueError, 'nan (float)'),
    (datetime.timedelta(0), TypeError, '%r (timedelta)' % datetime.timedelta(0))])
def test_another_timeout_is_refused(timeout, kind, text):
    assert refused(kind, check_timeout, timeout) == 'timeout is a number of seconds, got ' + text


def test_a_method_in_the_place_of_the_timeout_leads_to_the_wait_that_takes_it():
    assert refused(TypeError, check_take, 'GET', {}, 'take_request') == (
        "timeout is a number of seconds, got 'GET' (str); take_request() takes no criteria, but "
        'wait() does')
