# -*- coding: utf-8 -*-
"""Ranges of bytes: RFC 9110, section 14."""
import pytest

from httptestserver.http1.byteranges import content_range, parse_range, selected, unsatisfied

HUGE = '9' * 10000


@pytest.mark.parametrize('value, ranges', [
    ('bytes=0-4', [(0, 4)]), ('bytes=5-', [(5, None)]), ('bytes=-3', [(None, 3)]),
    ('BYTES=0-4', [(0, 4)]), ('bytes=0-0,-1', [(0, 0), (None, 1)]),
    ('bytes=0-1 ,\t 3-4', [(0, 1), (3, 4)]), ('bytes=,0-1,,', [(0, 1)]),
    ('bytes=007-0008', [(7, 8)]), ('bytes=0-' + HUGE, [(0, 10 ** 18)]),
    ('bytes=%s-' % HUGE, [(10 ** 18, None)]), ('bytes=-' + HUGE, [(None, 10 ** 18)]),
    ('bytes=-0', [(None, 0)]),
    # Malformed ones, and other units.
    ('bytes=4-3', []), ('bytes=0-1,4-3', []), ('bytes=', []), ('bytes=,', []), ('bytes=-', []),
    ('bytes=--1', []), ('bytes=0--1', []), ('bytes=a-b', []), ('bytes=0-1,x', []), ('bytes', []),
    ('bytes 0-1', []), ('bytes =0-1', []), ('bytes= 0-1', []), ('bytes=0 - 1', []),
    ('bytes=0-1;q=1', []), ('bytes=0-1\n', []), ('bytes=+0-1', []), ('bytes=1_0-', []),
    ('items=0-1', []), ('none', []), ('', []), ('bytes=0-1, bytes=2-3', []), ('0-1', []),
    (u'bytes=\u0661-\u0662', []),
])
def test_a_value_of_range(value, ranges):
    assert parse_range(value) == ranges


@pytest.mark.parametrize('value, length, parts', [
    ('bytes=0-4', 10, [(0, 5)]), ('bytes=5-', 10, [(5, 5)]), ('bytes=-3', 10, [(7, 3)]),
    ('bytes=0-99', 10, [(0, 10)]), ('bytes=-99', 10, [(0, 10)]), ('bytes=9-9', 10, [(9, 1)]),
    ('bytes=10-', 10, []), ('bytes=-0', 10, []), ('bytes=10-,-0', 10, []),
    ('bytes=0-', 0, []), ('bytes=0-0', 0, []), ('bytes=-0', 0, []), ('bytes=-5', 0, None),
    ('bytes=0-0,-1', 10, [(0, 1), (9, 1)]), ('bytes=-1,0-0', 10, [(9, 1), (0, 1)]),
    ('bytes=20-,0-0', 10, [(0, 1)]), ('bytes=0-1,2-3', 10, [(0, 2), (2, 2)]),
    # Overlapping ones.
    ('bytes=0-5,5-9', 10, None), ('bytes=5-9,0-5', 10, None), ('bytes=0-,-1', 10, None),
    ('bytes=0-0,0-0', 10, None), ('bytes=0-9,3-4', 10, None),
    (HUGE, 10, None), ('items=0-1', 10, None),
    ('bytes=%s-' % HUGE, 10, []), ('bytes=0-' + HUGE, 10, [(0, 10)]),
])
def test_what_is_selected(value, length, parts):
    assert selected(parse_range(value), length) == parts


def test_more_than_16_ranges_select_the_whole():
    ranges = ['%d-%d' % (at, at) for at in range(0, 34, 2)]
    assert len(selected(parse_range('bytes=' + ','.join(ranges[:16])), 100)) == 16
    assert selected(parse_range('bytes=' + ','.join(ranges)), 100) is None
    # Those that cannot be satisfied count too.
    assert selected(parse_range('bytes=0-0' + ',200-' * 16), 100) is None


def test_the_fields():
    assert content_range(2, 3, 10) == 'bytes 2-4/10'
    assert unsatisfied(10) == 'bytes */10'
