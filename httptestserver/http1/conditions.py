# -*- coding: utf-8 -*-
"""Evaluates the preconditions of a request: RFC 9110, section 13.

It compares validators and knows neither requests nor scripts. A date is a tuple of year, month,
day, hour, minute and second, in UTC. Nothing here does I/O or takes a lock.
"""
import re

from httptestserver.http1.response_head import DAYS, MONTHS
from httptestserver.waiting import clock, utc

__all__ = ['date_of', 'evaluate', 'range_applies', 'selects_representation']

#: Methods that neither select nor change a representation: RFC 9110, section 13.2.1.
UNCONDITIONAL = ('CONNECT', 'OPTIONS', 'TRACE')

_LONG_DAYS = ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')

_TIME = '([0-9]{2}):([0-9]{2}):([0-9]{2})'
_MONTH = '(%s)' % '|'.join(MONTHS)

_entity_tag = re.compile('(W/)?"([\x21\x23-\x7e\x80-\xff]*)"').match
_between = re.compile('[ \t]*(?:,[ \t]*)+').match
_fixdate = re.compile('(?:%s), ([0-9]{2}) %s ([0-9]{4}) %s GMT\\Z'
                      % ('|'.join(DAYS), _MONTH, _TIME)).match
_rfc850 = re.compile('(?:%s), ([0-9]{2})-%s-([0-9]{2}) %s GMT\\Z'
                     % ('|'.join(_LONG_DAYS), _MONTH, _TIME)).match
_asctime = re.compile('(?:%s) %s ([ 0-9][0-9]) %s ([0-9]{4})\\Z'
                      % ('|'.join(DAYS), _MONTH, _TIME)).match


def selects_representation(method):
    """Whether *method* selects or changes a representation, so that it can have conditions.

    RFC 9110, section 13.2.1.
    """
    return method not in UNCONDITIONAL


def evaluate(method, field, etag, modified):
    """Return the status to which the preconditions lead: 200, 304 or 412.

    They are evaluated in the order of RFC 9110, section 13.2.2, without If-Range.

    :param method: of the request.
    :param field: a function that returns the value of a field of the request, by its name; None
        if there is none. The values of a field that repeats are joined by commas.
    :param etag: the current ETag as it is sent, maybe weak; None if there is none.
    :param modified: the current date of Last-Modified; None if there is none.
    """
    if not _is_expected(field, etag, modified):
        return 412
    is_read = method in ('GET', 'HEAD')
    none_match = field('If-None-Match')
    if none_match is not None:
        if _matches(none_match, etag, _weakly_equal):
            return 304 if is_read else 412
    elif is_read and _is_unmodified_since(modified, field('If-Modified-Since')):
        return 304
    return 200


def _is_expected(field, etag, modified):
    """Whether If-Match is true, or if there is none, If-Unmodified-Since: steps 1 and 2."""
    match = field('If-Match')
    if match is not None:
        return _matches(match, etag, _strongly_equal)
    return _is_unmodified_since(modified, field('If-Unmodified-Since')) is not False


def range_applies(field, etag, modified):
    """Whether If-Range is true or absent: RFC 9110, section 13.1.5. For parameters see `evaluate`.

    A value that is neither a tag nor a date is false, so that the client gets the whole content.
    The caller gives None for a date that is weak in the sense of section 8.8.2.2.
    """
    value = field('If-Range')
    if value is None:
        return True
    tags = _tags(value)
    if tags:
        return len(tags) == 1 and _strongly_equal(tags[0], _tag(etag))
    date = date_of(value)
    return date is not None and date == modified


def _is_unmodified_since(modified, value):
    """Whether *modified* is not after the date *value*; None if one of the two is not known."""
    date = None if value is None else date_of(value)
    if date is None or modified is None:
        return None
    return modified <= date


def _matches(value, etag, equal):
    """Whether *value*, of If-Match or If-None-Match, is ``*`` or a list with the current tag.

    A value that is neither matches nothing: RFC 9110, sections 13.1.1 and 13.1.2.
    """
    if value == '*':
        return True
    current = _tag(etag)
    return any([equal(tag, current) for tag in _tags(value)])


def _strongly_equal(tag, current):
    """RFC 9110, section 8.8.3.2."""
    return current is not None and tag == current and not tag[0]


def _weakly_equal(tag, current):
    """RFC 9110, section 8.8.3.2."""
    return current is not None and tag[1] == current[1]


def _tag(etag):
    """Return *etag* as a pair of ``'W/'`` or None, and what is in the quotes; None if it is no tag.
    """
    tags = _tags(etag or '')
    return tags[0] if len(tags) == 1 else None


def _tags(value):
    """Return the entity tags in a list that is separated by commas; [] if it is malformed."""
    tags, end = [], len(value)
    # Empty elements of a list are allowed: RFC 9110, section 5.6.1.2.
    first = _between(value)
    at = first.end() if first else 0
    while at < end:
        tag = _entity_tag(value, at)
        if tag is None:
            return []
        tags.append(tag.groups())
        following = _between(value, tag.end())
        at = following.end() if following else tag.end()
        if following is None and at < end:
            return []
    return tags


def date_of(value):
    """Return the date that *value*, an HTTP-date, stands for; None if it is none.

    RFC 9110, section 5.6.7, has three forms of it. The day of the week is not compared.
    """
    found = _fixdate(value) or _rfc850(value)
    if found:
        day, month, year, hour, minute, second = found.groups()
    else:
        found = _asctime(value)
        if found is None:
            return None
        month, day, hour, minute, second, year = found.groups()
    date = (_full_year(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute),
            int(second))
    return date if _is_valid(date) else None


def _full_year(digits):
    """Return a year of two or four *digits* as an int. Two are at most 50 years in the future."""
    year = int(digits)
    if len(digits) == 4:
        return year
    now = utc(clock())[0]
    year += now - now % 100
    return year - 100 if year > now + 50 else year


def _is_valid(date):
    year, month, day, hour, minute, second = date
    # A leap second is 60.
    return 1 <= day <= _days(year, month) and hour < 24 and minute < 60 and second <= 60


def _days(year, month):
    """Return how many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
