# -*- coding: utf-8 -*-
"""RFC 9110, section 13: what each precondition does, alone and with others.

The table is written from the standard's text. Each row is (section, method and resource, fields
of the request, what is expected). Several fields are joined by `` & ``.
"""
from __future__ import unicode_literals

import datetime

import pytest

from support.client import request
from support.representation import Representation

CONTENT = b'0123456789'

#: The names that rows use. The first date is that of the resources, in each format.
NAMES = {
    'date': 'Sun, 06 Nov 1994 08:49:37 GMT',
    'date850': 'Sunday, 06-Nov-94 08:49:37 GMT',
    'dateasc': 'Sun Nov  6 08:49:37 1994',
    'before': 'Sun, 06 Nov 1994 08:49:36 GMT',
    'before850': 'Sunday, 06-Nov-94 08:49:36 GMT',
    'beforeasc': 'Sun Nov  6 08:49:36 1994',
    'after': 'Sun, 06 Nov 1994 08:49:38 GMT',
    'after850': 'Sunday, 06-Nov-94 08:49:38 GMT',
    'afterasc': 'Sun Nov  6 08:49:38 1994',
    'many': ', '.join('"%d"' % number for number in range(400)),
}


def _year(distance, weekday=''):
    """Return the first of January *distance* years from now, in the format with two digits."""
    day = datetime.date(datetime.date.today().year + distance, 1, 1)
    return '%s, 01-Jan-%02d 00:00:00 GMT' % (
        'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split()[day.weekday()],
        day.year % 100)


# Two digits are a year that is at most 50 years ahead. RFC 9110, section 5.6.7.
NAMES['ahead'] = _year(45)
NAMES['behind'] = _year(-45)

#: The validators of each resource, which all have the same content.
RESOURCES = {
    'strong': {'etag': '"a"', 'last-modified': NAMES['date']},
    'weak': {'etag': 'W/"a"', 'last-modified': NAMES['date']},
    'comma': {'etag': '"a,b"', 'last-modified': NAMES['date']},
    'backslash': {'etag': '"a\\"', 'last-modified': NAMES['date']},
    'empty': {'etag': '""', 'last-modified': NAMES['date']},
    'undated': {'etag': '"a"'},
    'misdated': {'etag': '"a"', 'last-modified': 'yesterday'},
}

TABLE = [
    # Without a precondition.
    ('13.2.1', 'GET strong', '', '200'),
    ('13.2.1', 'HEAD strong', '', '200'),
    ('13.2.1', 'PUT strong', '', '200'),

    # If-Match compares strongly.
    ('13.1.1', 'GET strong', 'If-Match: "a"', '200'),
    ('13.1.1', 'GET strong', 'If-Match: "b"', '412'),
    ('13.1.1', 'HEAD strong', 'If-Match: "a"', '200'),
    ('13.1.1', 'HEAD strong', 'If-Match: "b"', '412'),
    ('13.1.1', 'PUT strong', 'If-Match: "a"', '200'),
    ('13.1.1', 'PUT strong', 'If-Match: "b"', '412'),
    ('13.1.1', 'POST strong', 'If-Match: "b"', '412'),
    ('13.1.1', 'PATCH strong', 'If-Match: "b"', '412'),
    ('13.1.1', 'DELETE strong', 'If-Match: "a"', '200'),
    ('13.1.1', 'DELETE strong', 'If-Match: "b"', '412'),
    ('13.1.1', 'GET strong', 'If-Match: *', '200'),
    ('13.1.1', 'PUT strong', 'If-Match: *', '200'),
    ('13.1.1', 'GET weak', 'If-Match: *', '200'),
    ('13.1.1', 'PUT weak', 'If-Match: W/"a"', '412'),
    ('13.1.1', 'PUT weak', 'If-Match: "a"', '412'),
    ('13.1.1', 'PUT strong', 'If-Match: W/"a"', '412'),
    ('13.1.1', 'GET weak', 'If-Match: W/"a"', '412'),
    ('13.1.1', 'GET strong', 'If-Match: "x", "a"', '200'),
    ('13.1.1', 'GET strong', 'If-Match: "x", "y"', '412'),
    ('13.1.1', 'GET strong', 'If-Match: W/"a", "a"', '200'),
    ('13.1.1', 'GET strong', 'If-Match: "x" & If-Match: "a"', '200'),
    ('13.1.1', 'GET strong', 'If-Match: "x" & If-Match: "y"', '412'),
    ('13.1.1', 'PUT strong', 'If-Match: "A"', '412'),
    ('13.1.1', 'PUT strong', 'If-Match: "*"', '412'),
    ('13.1.1', 'PUT strong', 'If-Match: ""', '412'),
    ('13.1.1', 'PUT strong', 'If-Match:', '412'),
    ('13.1.1', 'PUT strong', 'If-Match: {many}', '412'),
    ('13.1.1', 'PUT strong', 'If-Match: {many}, "a"', '200'),
    # Unquoted is not a tag. No text says more than that the request must not be performed.
    ('13.1.1', 'PUT strong', 'If-Match: b', '412|400'),

    # If-None-Match compares weakly.
    ('13.1.2', 'GET strong', 'If-None-Match: "a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: "b"', '200'),
    ('13.1.2', 'HEAD strong', 'If-None-Match: "a"', '304'),
    ('13.1.2', 'HEAD strong', 'If-None-Match: "b"', '200'),
    ('13.1.2', 'PUT strong', 'If-None-Match: "a"', '412'),
    ('13.1.2', 'PUT strong', 'If-None-Match: "b"', '200'),
    ('13.1.2', 'POST strong', 'If-None-Match: "a"', '412'),
    ('13.1.2', 'DELETE strong', 'If-None-Match: "a"', '412'),
    ('13.1.2', 'GET strong', 'If-None-Match: *', '304'),
    ('13.1.2', 'HEAD strong', 'If-None-Match: *', '304'),
    ('13.1.2', 'PUT strong', 'If-None-Match: *', '412'),
    ('13.1.2', 'GET weak', 'If-None-Match: *', '304'),
    ('13.1.2', 'GET weak', 'If-None-Match: W/"a"', '304'),
    ('13.1.2', 'GET weak', 'If-None-Match: "a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: W/"a"', '304'),
    ('13.1.2', 'PUT strong', 'If-None-Match: W/"a"', '412'),
    ('13.1.2', 'GET weak', 'If-None-Match: W/"b"', '200'),
    ('13.1.2', 'GET strong', 'If-None-Match: "x", "a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: "x","a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: "x"\t,\t"a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: "x", "y"', '200'),
    ('13.1.2', 'GET strong', 'If-None-Match: "x" & If-None-Match: "a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: "a" & If-None-Match: "x"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: {many}, "a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: {many}', '200'),
    ('13.1.2', 'GET strong', 'If-None-Match: "*"', '200'),
    ('13.1.2', 'GET strong', 'If-None-Match:', '200'),
    ('13.1.2', 'GET strong', 'if-none-match: "a"', '304'),
    ('13.1.2', 'GET strong', 'If-None-Match: "b', '200'),
    # An empty element of a list is ignored.
    ('5.6.1.2', 'GET strong', 'If-None-Match: , "x",, "a",', '304'),
    ('5.6.1.2', 'GET strong', 'If-None-Match: ,', '200'),
    ('5.6.1.2', 'GET strong', 'If-Match: ,, "a"', '200'),
    # A tag is compared character by character. A comma and a backslash are characters of it.
    ('8.8.3', 'GET strong', 'If-None-Match: "A"', '200'),
    ('8.8.3', 'GET strong', 'If-None-Match: "a "', '200'),
    ('8.8.3', 'GET strong', 'If-None-Match: "aa"', '200'),
    ('8.8.3', 'GET strong', 'If-None-Match: ""', '200'),
    ('8.8.3', 'GET empty', 'If-None-Match: ""', '304'),
    ('8.8.3', 'GET empty', 'If-None-Match: W/""', '304'),
    ('8.8.3', 'GET comma', 'If-None-Match: "x", "a,b"', '304'),
    ('8.8.3', 'GET comma', 'If-None-Match: "a"', '200'),
    ('8.8.3', 'GET backslash', 'If-None-Match: "a\\"', '304'),
    ('8.8.3', 'GET backslash', 'If-None-Match: "x\\", "a\\"', '304'),
    ('8.8.3', 'PUT backslash', 'If-Match: "a"', '412'),
    # The W is case-sensitive, so this is not a tag.
    ('8.8.3', 'PUT strong', 'If-Match: w/"a"', '412|400'),

    # If-Modified-Since is for GET and HEAD, and is false if the resource is not newer.
    ('13.1.3', 'GET strong', 'If-Modified-Since: {date}', '304'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: {after}', '304'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: {before}', '200'),
    ('13.1.3', 'HEAD strong', 'If-Modified-Since: {date}', '304'),
    ('13.1.3', 'HEAD strong', 'If-Modified-Since: {before}', '200'),
    ('13.1.3', 'PUT strong', 'If-Modified-Since: {date}', '200'),
    ('13.1.3', 'PUT strong', 'If-Modified-Since: {before}', '200'),
    ('13.1.3', 'POST strong', 'If-Modified-Since: {date}', '200'),
    ('13.1.3', 'DELETE strong', 'If-Modified-Since: {date}', '200'),
    ('13.1.3', 'GET weak', 'If-Modified-Since: {date}', '304'),
    ('13.1.3', 'GET undated', 'If-Modified-Since: {date}', '200'),
    ('13.1.3', 'GET misdated', 'If-Modified-Since: {date}', '200'),
    ('13.1.3', 'GET misdated', 'If-Modified-Since: yesterday', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: yesterday', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since:', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: 0', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: -1', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: 784111777', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: "a"', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: *', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: {date}, {date}', '200'),
    ('13.1.3', 'GET strong', 'If-Modified-Since: {date} & If-Modified-Since: {date}', '200'),

    # Three formats of dates, and what is none.
    ('5.6.7', 'GET strong', 'If-Modified-Since: {date850}', '304'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: {after850}', '304'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: {before850}', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: {dateasc}', '304'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: {afterasc}', '304'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: {beforeasc}', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: {ahead}', '304'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: {behind}', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Wed, 31 Dec 1969 23:59:59 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Mon, 01 Jan 0001 00:00:00 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT', '304'),
    # A leap second is a second, and a leap day is a day.
    ('5.6.7', 'GET strong', 'If-Modified-Since: Sat, 31 Dec 2016 23:59:60 GMT', '304'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Thu, 29 Feb 1996 00:00:00 GMT', '304'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Thu, 30 Feb 1996 00:00:00 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Thu, 00 Nov 1996 00:00:00 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Thu, 07 Nov 1996 25:00:00 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Thu, 07 Nov 1996 00:61:00 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Thu, 07 Xxx 1996 00:00:00 GMT', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Sun, 06 Nov 1994 GMT', '200'),
    # The zone is GMT. To read another one as that zone is allowed, to read it as GMT is not.
    ('5.6.7', 'GET strong', 'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 +0100', '200'),
    ('5.6.7', 'GET strong', 'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 PST', '200|304'),

    # If-Unmodified-Since is for all methods, and is true if the resource is not newer.
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: {date}', '200'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: {after}', '200'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: {before}', '412'),
    ('13.1.4', 'HEAD strong', 'If-Unmodified-Since: {before}', '412'),
    ('13.1.4', 'PUT strong', 'If-Unmodified-Since: {date}', '200'),
    ('13.1.4', 'PUT strong', 'If-Unmodified-Since: {before}', '412'),
    ('13.1.4', 'POST strong', 'If-Unmodified-Since: {before}', '412'),
    ('13.1.4', 'DELETE strong', 'If-Unmodified-Since: {before}', '412'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: {before850}', '412'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: {date850}', '200'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: {beforeasc}', '412'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: {dateasc}', '200'),
    ('13.1.4', 'GET undated', 'If-Unmodified-Since: {before}', '200'),
    ('13.1.4', 'GET misdated', 'If-Unmodified-Since: {before}', '200'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since: yesterday', '200'),
    ('13.1.4', 'GET strong', 'If-Unmodified-Since:', '200'),
    ('13.1.4', 'PUT strong', 'If-Unmodified-Since: {before}, {before}', '200'),
    ('13.1.4', 'PUT strong', 'If-Unmodified-Since: {before} & If-Unmodified-Since: {before}',
     '200'),

    # If-Range: the range only if nothing has changed, else the whole.
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: "a"', '206 2-4'),
    ('13.1.5', 'GET strong', 'If-Range: "a" & Range: bytes=2-4', '206 2-4'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: "b"', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: W/"a"', '200'),
    ('13.1.5', 'GET weak', 'Range: bytes=2-4 & If-Range: W/"a"', '200'),
    ('13.1.5', 'GET weak', 'Range: bytes=2-4 & If-Range: "a"', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: {date}', '206 2-4'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: {before}', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: {after}', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: {before850}', '200'),
    ('13.1.5', 'GET undated', 'Range: bytes=2-4 & If-Range: {date}', '200'),
    ('13.1.5', 'GET misdated', 'Range: bytes=2-4 & If-Range: yesterday', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: yesterday', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: *', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range:', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: a', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=2-4 & If-Range: "b", "a"', '200'),
    ('13.1.5', 'GET strong', 'If-Range: "a"', '200'),
    ('13.1.5', 'GET strong', 'If-Range: "b"', '200'),
    ('13.1.5', 'HEAD strong', 'Range: bytes=2-4 & If-Range: "a"', '200'),
    ('13.1.5', 'PUT strong', 'Range: bytes=2-4 & If-Range: "a"', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=20- & If-Range: "a"', '416'),
    ('13.1.5', 'GET strong', 'Range: bytes=20- & If-Range: "b"', '200'),
    ('13.1.5', 'GET strong', 'Range: bytes=0-1,4-5 & If-Range: "a"', '206 0-1,4-5'),
    ('13.1.5', 'GET strong', 'Range: bytes=0-1,4-5 & If-Range: "b"', '200'),

    # Methods that select no representation have no preconditions.
    ('13.2.1', 'OPTIONS strong', 'If-Match: "b"', '200'),
    ('13.2.1', 'OPTIONS strong', 'If-None-Match: *', '200'),
    ('13.2.1', 'OPTIONS strong', 'If-Unmodified-Since: {before}', '200'),
    ('13.2.1', 'TRACE strong', 'If-Match: "b"', '200'),

    # Step 1 before step 2: If-Match makes If-Unmodified-Since unimportant.
    ('13.2.2', 'GET strong', 'If-Match: "a" & If-Unmodified-Since: {before}', '200'),
    ('13.2.2', 'PUT strong', 'If-Unmodified-Since: {before} & If-Match: "a"', '200'),
    ('13.2.2', 'PUT strong', 'If-Match: "b" & If-Unmodified-Since: {after}', '412'),
    # Step 3 before step 4: If-None-Match makes If-Modified-Since unimportant.
    ('13.2.2', 'GET strong', 'If-None-Match: "b" & If-Modified-Since: {date}', '200'),
    ('13.2.2', 'GET strong', 'If-Modified-Since: {after} & If-None-Match: "b"', '200'),
    ('13.2.2', 'GET strong', 'If-None-Match: "a" & If-Modified-Since: {before}', '304'),
    ('13.2.2', 'GET strong', 'If-None-Match: "a" & If-Modified-Since: {date}', '304'),
    ('13.2.2', 'GET strong', 'If-None-Match: & If-Modified-Since: {date}', '200'),
    ('13.2.2', 'HEAD strong', 'If-None-Match: "b" & If-Modified-Since: {date}', '200'),
    ('13.2.2', 'PUT strong', 'If-None-Match: "a" & If-Modified-Since: {before}', '412'),
    # A false If-Match wins over a false If-None-Match, a true one leads to it.
    ('13.2.2', 'GET strong', 'If-Match: "b" & If-None-Match: "a"', '412'),
    ('13.2.2', 'GET strong', 'If-None-Match: "a" & If-Match: "a"', '304'),
    ('13.2.2', 'PUT strong', 'If-Match: "a" & If-None-Match: "a"', '412'),
    ('13.2.2', 'PUT strong', 'If-Match: "a" & If-None-Match: "b"', '200'),
    ('13.2.2', 'GET strong', 'If-Match: "a" & If-None-Match: "b"', '200'),
    ('13.2.2', 'GET weak', 'If-Match: W/"a" & If-None-Match: W/"a"', '412'),
    ('13.2.2', 'GET strong', 'If-Match: "b" & If-Modified-Since: {date}', '412'),
    ('13.2.2', 'GET strong', 'If-Match: "a" & If-Modified-Since: {date}', '304'),
    ('13.2.2', 'GET strong', 'If-Match: "a" & If-Modified-Since: {before}', '200'),
    ('13.2.2', 'GET strong', 'If-Unmodified-Since: {before} & If-None-Match: "a"', '412'),
    ('13.2.2', 'GET strong', 'If-Unmodified-Since: {date} & If-None-Match: "a"', '304'),
    ('13.2.2', 'GET strong', 'If-Unmodified-Since: {date} & If-None-Match: "b"', '200'),
    ('13.2.2', 'PUT strong', 'If-Unmodified-Since: {date} & If-None-Match: *', '412'),
    ('13.2.2', 'GET strong', 'If-Unmodified-Since: {before} & If-Modified-Since: {date}', '412'),
    ('13.2.2', 'GET strong', 'If-Unmodified-Since: {date} & If-Modified-Since: {date}', '304'),
    ('13.2.2', 'GET strong', 'If-Unmodified-Since: {date} & If-Modified-Since: {before}', '200'),
    ('13.2.2', 'GET strong', 'If-Unmodified-Since: no & If-Modified-Since: {date}', '304'),
    # Three of them.
    ('13.2.2', 'GET strong',
     'If-Match: "a" & If-Unmodified-Since: {before} & If-None-Match: "a"', '304'),
    ('13.2.2', 'GET strong',
     'If-Match: "a" & If-Unmodified-Since: {before} & If-Modified-Since: {date}', '304'),
    ('13.2.2', 'GET strong',
     'If-Match: "a" & If-None-Match: "b" & If-Modified-Since: {date}', '200'),
    ('13.2.2', 'GET strong',
     'If-Unmodified-Since: {date} & If-None-Match: "b" & If-Modified-Since: {date}', '200'),
    ('13.2.2', 'GET strong',
     'If-Match: "b" & If-None-Match: "b" & If-Modified-Since: {before}', '412'),
    # Step 5 is the last: a range is of what the other preconditions have let through.
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Match: "a"', '206 2-4'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Match: "b"', '412'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Unmodified-Since: {date}', '206 2-4'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Unmodified-Since: {before}', '412'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-None-Match: "a"', '304'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-None-Match: "b"', '206 2-4'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Modified-Since: {date}', '304'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Modified-Since: {before}', '206 2-4'),
    ('13.2.2', 'GET strong', 'Range: bytes=20- & If-Match: "b"', '412'),
    ('13.2.2', 'GET strong', 'Range: bytes=20- & If-None-Match: "a"', '304'),
    ('13.2.2', 'GET strong', 'Range: bytes=20- & If-None-Match: "b"', '416'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Range: "a" & If-None-Match: "a"', '304'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Range: "b" & If-None-Match: "a"', '304'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Range: "a" & If-None-Match: "b"', '206 2-4'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Range: "b" & If-None-Match: "b"', '200'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Range: "a" & If-Match: "b"', '412'),
    ('13.2.2', 'GET strong', 'Range: bytes=2-4 & If-Range: "b" & If-Match: "a"', '200'),
    ('13.2.2', 'GET strong',
     'Range: bytes=2-4 & If-Range: {date} & If-Unmodified-Since: {date}', '206 2-4'),
    ('13.2.2', 'GET strong',
     'Range: bytes=2-4 & If-Range: {before} & If-Unmodified-Since: {date}', '200'),
]


def fields_of(text, names):
    """Return the lines of the fields of a row."""
    return [field.strip().format(**names) for field in text.split(' & ')] if text else []


def route(server, resource):
    """Add the route of a *resource* of `RESOURCES`, and return its `Representation`."""
    fields = dict(RESOURCES[resource], **{
        'content-type': 'text/plain', 'cache-control': 'max-age=60', 'vary': 'Accept',
        'expires': 'Sun, 06 Nov 2050 08:49:37 GMT', 'content-location': '/' + resource})
    server.route(None, '/' + resource, response_content=CONTENT, response_ranges=True,
                 response_headers=fields)
    return Representation(CONTENT, **fields)


@pytest.mark.parametrize('section, what, fields, expected', TABLE, ids=[
    '%s %s %s' % row[:3] for row in TABLE])
def test_a_precondition(server, client, section, what, fields, expected):
    method, resource = what.split()
    representation = route(server, resource)
    # The same fields must lead to the same response on a connection that stays open.
    for _ in range(2):
        client.send(request(method, '/' + resource, *fields_of(fields, NAMES)))
        answer = client.answer(method)
        assert representation.wrong(answer, expected, method) == ''
        entry = server.history[-1]
        assert entry['response_status'] == answer.status
        assert entry['response_content'] == answer.body
    server.check()


@pytest.mark.parametrize('status', [201, 202, 203, 299, 301, 400, 404, 410, 500, 503])
@pytest.mark.parametrize('field', [
    'If-Match: "b"', 'If-None-Match: "a"', 'If-Modified-Since: {date}',
    'If-Unmodified-Since: {before}', 'Range: bytes=2-4', 'Range: bytes=20-'])
def test_a_precondition_counts_only_for_a_200(server, client, status, field):
    server.data.update(response_status=status, response_content=CONTENT, response_ranges=True,
                       response_headers=RESOURCES['strong'])
    answer = client.get('/', *fields_of(field, NAMES))
    assert (answer.status, answer.body) == (status, CONTENT)
    assert answer.get('content-range') is None


@pytest.mark.parametrize('status', [204, 304])
def test_a_precondition_leaves_a_response_without_a_body_alone(server, client, status):
    server.data.update(response_status=status, response_ranges=True,
                       response_headers=RESOURCES['strong'])
    answer = client.get('/', 'If-Match: "b"', 'Range: bytes=2-4')
    assert (answer.status, answer.body) == (status, b'')


def test_without_the_key_nothing_is_conditional(server, client):
    server.data.update(response_content=CONTENT, response_headers=RESOURCES['strong'])
    for fields in ['If-None-Match: "a"', 'If-Match: "b"', 'Range: bytes=2-4']:
        answer = client.get('/', fields)
        assert (answer.status, answer.body) == (200, CONTENT)
        assert answer.get('accept-ranges') is None


@pytest.mark.parametrize('expected', ['412', '206 2-3', '206 1-4', '206 2-4,6-7', '304|416'])
def test_the_table_sees_a_wrong_response(server, client, expected):
    representation = route(server, 'strong')
    answer = client.get('/strong', 'Range: bytes=2-4')
    assert representation.wrong(answer, '206 2-4') == ''
    assert representation.wrong(answer, expected)
    other = Representation(b'0123456780', **representation.fields)
    assert other.wrong(client.get('/strong'), '200')


def test_the_table_is_long_enough():
    assert len(TABLE) >= 120 and len(set(row[1:3] for row in TABLE)) == len(TABLE)
