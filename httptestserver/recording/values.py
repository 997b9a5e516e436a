# -*- coding: utf-8 -*-
"""The values in the dicts of criteria such as ``query`` and ``files``, and what each one matches.

A value that nothing matches is refused. Nothing here does I/O or takes a lock. Matching may run
user code.
"""
import collections
import functools
import operator

from six import ensure_str, string_types, text_type

from httptestserver.recording.coroutines import condition
from httptestserver.recording.expected import check_names, compares, instead, is_int
from httptestserver.recording.pattern import (
    find_in_bytes, find_in_text, is_of_bytes, is_regex, regex_words)
from httptestserver.wording import Words, name_of, shown, wrong

__all__ = ['ABSENT', 'CONTENT', 'TEXT', 'Wanted', 'accepts_all', 'is_met', 'wanted_values']

#: What is shown of a name that must not be there.
ABSENT = Words('<absent>')

_OTHERS = 'None for absent, a list of these, or an object with an __eq__ of its own'
_NOT_EMPTY = 'for a name that is absent, use None'


class Wanted(collections.namedtuple('Wanted', 'shown accepts')):
    """What a name of a request must have.

    ``accepts(actual)`` decides whether the value of the name is right. ``actual`` is None if the
    name is absent, and a list if it repeats. Messages show ``shown``.
    """

    __slots__ = ()


#: A kind of values. ``allowed`` says in messages which values are allowed. ``scalar(value)``
#: returns (what to show, a function that tries one actual value); None if it does not know *value*.
Kind = collections.namedtuple('Kind', 'allowed scalar')


def wanted_values(criterion, wanted, kind):
    """Return a dict of `Wanted` by name.

    :param criterion: such as ``'query'``, for messages.
    :param kind: `TEXT` or `CONTENT`.
    :raises TypeError: *wanted* is no dict, or has a value that nothing matches.
    """
    check_names(criterion, wanted)
    return {ensure_str(name): _wanted('%s[%s]' % (criterion, shown(name)), wanted[name], kind)
            for name in wanted}


def accepts_all(wanted):
    """Return a function that decides whether a dict meets *wanted*, a dict of `Wanted`."""
    tests = [(name, wanted[name].accepts) for name in wanted]

    def accepts(actual):
        for name, test in tests:
            if not test(actual.get(name)):
                return False
        return True
    return accepts


def is_met(accepts, actual):
    """Return ``accepts(actual)``; False if it raises, because it may be user code."""
    try:
        return accepts(actual)
    except Exception:
        return False


def _wanted(place, value, kind):
    if value is None:
        return Wanted(ABSENT, lambda actual: actual is None)
    if not isinstance(value, (list, tuple)):
        words, test = _one(place, value, kind)
        return Wanted(words, _any(test))
    if not value:
        raise wrong(TypeError, place, kind.allowed, value, _NOT_EMPTY)
    pairs = [_one(place, each, kind) for each in value]
    return Wanted([words for words, _ in pairs], _each([test for _, test in pairs]))


def _any(test):
    """Return a function that decides whether *test* accepts one of the values of a name."""
    def accepts(actual):
        if isinstance(actual, list):
            return any(test(each) for each in actual)
        return actual is not None and test(actual)
    return accepts


def _each(tests):
    """Return a function that decides whether *tests* accept all values of a name, in order."""
    def accepts(actual):
        values = actual if isinstance(actual, list) else [actual]
        return actual is not None and len(values) == len(tests) and all(
            test(each) for test, each in zip(tests, values))
    return accepts


def _one(place, value, kind):
    """Return (what to show, a function that tries one value of a name)."""
    found = kind.scalar(value)
    if found is None and compares(value):
        # The expected value comes first, so that its own `__eq__` decides.
        found = value, functools.partial(operator.eq, value)
    if found is None and callable(value):
        found = name_of(value), condition(place, value)
    if found is None:
        raise wrong(TypeError, place, kind.allowed, value, _instead(value))
    return found


def _instead(value):
    if value is None:
        return 'a list has no absent values'
    return 'a regex of text is needed' if is_regex(value) else instead(value)


def _text(value):
    if is_int(value):
        value = '%d' % value
    if isinstance(value, string_types):
        # On Python 2 unicode and str are equal only if both are ASCII.
        value = ensure_str(value)
        return value, functools.partial(operator.eq, value)
    if is_regex(value) and (str is bytes or not is_of_bytes(value)):
        return regex_words(value), find_in_text(value)
    return None


def _content(value):
    if isinstance(value, text_type):
        value = value.encode('utf-8')
    if isinstance(value, (bytes, bytearray, memoryview)):
        # On Python 2 `bytes` would make the repr of a memoryview.
        value = value.tobytes() if isinstance(value, memoryview) else bytes(value)
        return value, functools.partial(operator.eq, value)
    return (regex_words(value), find_in_bytes(value)) if is_regex(value) else None


#: Values that are text, as in a query.
TEXT = Kind('a str, an int, a compiled regex, a callable of the text, ' + _OTHERS, _text)

#: Values that are bytes, as the content of a file.
CONTENT = Kind('bytes, str for UTF-8, a compiled regex, a callable of the bytes, ' + _OTHERS,
               _content)
