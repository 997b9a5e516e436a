# -*- coding: utf-8 -*-
"""JSON values as criteria: checks them, compares them with bodies, and prepares their diffs.

Nothing here does I/O or takes a lock. Comparing may run user code.
"""
import functools
import operator
from numbers import Number

from six import string_types
from six.moves import collections_abc

from httptestserver.recording.expected import compares, instead
from httptestserver.recording.values import is_met
from httptestserver.wording import shown, wrong

__all__ = ['agreed', 'check_json', 'has_part', 'reduced']

_ALLOWED = 'a value that JSON has, or an object with an __eq__ of its own'


def check_json(place, value):
    """Raise TypeError if no JSON value is equal to *value* or to a part of it.

    :param place: what the value is, such as ``'json'``, for the message.
    """
    if isinstance(value, collections_abc.Mapping):
        for name in value:
            if not isinstance(name, string_types):
                raise wrong(TypeError, 'a name in ' + place, 'a str', name, instead(name))
            check_json('%s[%s]' % (place, shown(name)), value[name])
    elif isinstance(value, list):
        for index, each in enumerate(value):
            check_json('%s[%d]' % (place, index), each)
    elif not _is_scalar(value) and not compares(value):
        hint = 'did you mean %s?' % shown(list(value)) if isinstance(value, tuple) else (
            instead(value))
        raise wrong(TypeError, place, _ALLOWED, value, hint)


def _is_scalar(value):
    # NaN equals nothing, itself included.
    return value is None or isinstance(value, string_types) or (
        isinstance(value, Number) and value == value)


def has_part(wanted, actual):
    """Whether *actual* has all that *wanted* has, at any depth.

    A dict may have more names than the wanted one. A list must have as many items as the wanted
    one. All other values must be equal.
    """
    if isinstance(wanted, collections_abc.Mapping):
        return isinstance(actual, dict) and all(
            name in actual and has_part(wanted[name], actual[name]) for name in wanted)
    if isinstance(wanted, list):
        return isinstance(actual, list) and len(actual) == len(wanted) and all(
            has_part(*pair) for pair in zip(wanted, actual))
    # The expected value comes first, so that its own `__eq__` decides.
    return wanted == actual


def reduced(wanted, actual):
    """Return *actual* without the names that *wanted* does not have, at any depth."""
    if isinstance(wanted, collections_abc.Mapping) and isinstance(actual, dict):
        return {name: reduced(wanted[name], actual[name]) for name in wanted if name in actual}
    if isinstance(wanted, list) and isinstance(actual, list):
        return [reduced(*pair) for pair in zip(wanted, actual)] + actual[len(wanted):]
    return actual


def agreed(wanted, actual):
    """Return *wanted*, in which each part that equals the actual value is replaced by it.

    Otherwise a diff would show a line for a value such as `mock.ANY`, which equals anything.
    """
    if isinstance(wanted, collections_abc.Mapping) and isinstance(actual, dict):
        return {name: agreed(wanted[name], actual[name]) if name in actual else wanted[name]
                for name in wanted}
    if isinstance(wanted, list) and isinstance(actual, list):
        return [agreed(*pair) for pair in zip(wanted, actual)] + wanted[len(actual):]
    return actual if is_met(functools.partial(operator.eq, wanted), actual) else wanted
