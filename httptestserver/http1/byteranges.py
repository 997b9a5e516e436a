# -*- coding: utf-8 -*-
"""Parses Range, and writes Content-Range: RFC 9110, section 14.

It knows neither requests nor content. Nothing here does I/O or takes a lock.
"""
import re

__all__ = ['MAX_RANGES', 'content_range', 'parse_range', 'selected', 'unsatisfied']

#: A request for more ranges than this gets the whole content, because many small ranges cost more
#: than that: RFC 9110, section 14.2.
MAX_RANGES = 16

#: A position has at most so many digits. A larger one lies behind the end of every content.
DIGITS = 18

# The first element follows the equals sign at once, and the last one ends the value.
_ranges = re.compile('(?i)bytes=([0-9,-](?:[0-9, \t-]*[0-9,-])?)\\Z').match
_range = re.compile('([0-9]+)-([0-9]*)\\Z|-([0-9]+)\\Z').match


def parse_range(value):
    """Return the ranges of bytes that *value*, of Range, asks for: (first, last) pairs.

    *last* is None up to the end. *first* is None for the last *last* bytes.

    :returns: [] if the value is malformed or has another unit. Then it is ignored.
    """
    found = _ranges(value)
    if not found:
        return []
    parsed = []
    for element in found.group(1).split(','):
        element = element.strip(' \t')
        if element:
            each = _range(element)
            pair = each and _pair(*each.groups())
            if not pair:
                return []
            parsed.append(pair)
    return parsed


def _pair(first, last, suffix):
    """Return a (first, last) pair of ints; None if the last byte comes before the first one."""
    if suffix:
        return None, _position(suffix)
    if not last:
        return _position(first), None
    pair = _position(first), _position(last)
    return pair if pair[0] <= pair[1] else None


def _position(digits):
    digits = digits.lstrip('0')
    # Python refuses to convert thousands of digits.
    return int(digits or '0') if len(digits) <= DIGITS else 10 ** DIGITS


def selected(ranges, length):
    """Return what is sent of a content: None for the whole, else a list of (first, size) pairs.

    The list is empty if no range can be satisfied: RFC 9110, section 14.1.2.

    :param ranges: (first, last) pairs, as `parse_range` returns them.
    :param length: of the content in bytes.
    """
    if not ranges or len(ranges) > MAX_RANGES:
        return None
    if not length and any(first is None and last for first, last in ranges):
        # It asks for the last bytes of nothing, for which there is no Content-Range.
        return None
    found = [each for each in [_within(first, last, length) for first, last in ranges] if each]
    return None if _overlap(found) else found


def _within(first, last, length):
    """Return the (first, size) of a range; None if it has no byte of the content."""
    if first is None:
        size = min(last, length)
        return (length - size, size) if size else None
    if first >= length:
        return None
    return first, (length if last is None else min(last + 1, length)) - first


def _overlap(found):
    ordered = sorted(found)
    return any(first + size > after for (first, size), (after, _) in zip(ordered, ordered[1:]))


def content_range(first, size, length):
    """Return the value of Content-Range for *size* bytes of a content. *size* is not 0."""
    return 'bytes %d-%d/%d' % (first, first + size - 1, length)


def unsatisfied(length):
    """Return the value of Content-Range for a 416."""
    return 'bytes */%d' % length
