# -*- coding: utf-8 -*-
"""Refuses user code that is asynchronous, because nothing awaits what it returns.

Nothing here does I/O, takes a lock or imports asyncio. On a Python without coroutines nothing is
refused.
"""
import functools

from six import text_type

from httptestserver.wording import name_of, wrong

__all__ = ['check_function', 'check_result', 'condition']

# Flags of the code of a function: one that `types.coroutine` has made, any coroutine function, and
# an async generator function. They are those of `inspect`, whose import takes milliseconds.
_ITERABLE = 0x100
_COROUTINE = 0x80 | _ITERABLE
_GENERATOR = 0x200

#: The types of most results. A look-up here is ten times as fast as a look for attributes.
_PLAIN = frozenset([bool, bytes, dict, float, int, list, str, text_type, tuple, type(None)])

#: What to write instead.
_DEF = 'nothing would await it: write def instead of async def'
_VALUE = 'nothing awaits it: give the value itself'


def check_function(name, function):
    """Raise TypeError if *function* is a coroutine function or an async generator function.

    It may also be a `functools.partial` of one, or an object whose ``__call__`` is one.

    :param name: what the function is in the message, such as ``'response_callback'``.
    """
    while isinstance(function, functools.partial):
        function = function.func
    flags = _flags(function, '__code__') or _flags(
        getattr(type(function), '__call__', None), '__code__')
    if flags & (_COROUTINE | _GENERATOR):
        kind = 'async generator' if flags & _GENERATOR else 'coroutine'
        raise TypeError('%s is a plain function, got the %s function %s; %s' % (
            name, kind, name_of(function), _DEF))


def check_result(name, result):
    """Raise TypeError if *result*, of user code, is awaitable or an async generator.

    A coroutine is closed, because it would cause a warning that it was never awaited.

    :param name: what the result is in the message, such as ``'response_status'``.
    """
    # The type is asked, because a `mock.MagicMock` has every attribute.
    kind = type(result)
    if kind in _PLAIN or not (
            hasattr(kind, '__await__') or hasattr(kind, 'ag_code')
            or hasattr(kind, 'gi_code') and _flags(result, 'gi_code') & _ITERABLE):
        return
    error = wrong(TypeError, name, 'a plain value', result,
                  _DEF if hasattr(kind, 'ag_code') else _VALUE)
    if hasattr(kind, 'cr_code'):
        result.close()
    raise error


def condition(name, function):
    """Return *function*, a condition of user code, as one that never returns an awaitable.

    An awaitable is true, so without this check every request would meet the condition.

    :param name: what the condition is in messages, such as ``'match'``.
    :raises TypeError: it is a coroutine function. The function that is returned raises TypeError
        if the condition returns an awaitable.
    """
    check_function(name, function)
    place = 'the result of %s' % name

    def is_met(value):
        met = function(value)
        if met is not True and met is not False:
            check_result(place, met)
        return met
    return is_met


def _flags(thing, name):
    """Return the flags of the code that *thing* has in the attribute *name*; 0 if it has none."""
    flags = getattr(getattr(thing, name, None), 'co_flags', 0)
    # A `mock.MagicMock` of a function has flags that are mocks.
    return flags if isinstance(flags, int) else 0
