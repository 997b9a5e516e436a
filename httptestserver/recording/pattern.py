# -*- coding: utf-8 -*-
"""Compiled regular expressions: whether text or bytes have a match, and how to show them.

Nothing here does I/O or takes a lock.
"""
import re

from six import ensure_str, text_type

from httptestserver.wording import Words

__all__ = ['find_in_bytes', 'find_in_text', 'is_of_bytes', 'is_regex', 'regex_words']

_Pattern = type(re.compile(''))


def is_regex(value):
    """Whether *value* is a compiled regular expression."""
    return isinstance(value, _Pattern)


def is_of_bytes(regex):
    """Whether *regex* was made of bytes. On Python 2 a str is bytes."""
    return isinstance(regex.pattern, bytes)


def regex_words(regex):
    """Return `Words` that show *regex*."""
    return Words('/%s/' % ensure_str(regex.pattern, 'utf-8', 'replace'))


def find_in_text(regex):
    """Return a function that searches a str for *regex*, which was made of text.

    On Python 2 it may have been made of bytes.
    """
    if str is text_type or is_of_bytes(regex):
        return regex.search
    return lambda value: regex.search(value.decode('utf-8', 'replace'))


def find_in_bytes(regex):
    """Return a function that searches bytes for *regex*. A regex of text takes them as UTF-8."""
    if is_of_bytes(regex):
        return regex.search
    return lambda value: regex.search(value.decode('utf-8', 'replace'))
