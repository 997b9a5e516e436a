# -*- coding: utf-8 -*-
"""Checks the counts and timeouts of waits and assertions. Nothing here does I/O or takes a lock."""
import numbers

from six import string_types

from httptestserver.recording.expected import is_int
from httptestserver.wording import shown, wrong

__all__ = ['check_count', 'check_timeout']

_COUNT = 'an int of 0 or more'
_SECONDS = 'a number of seconds'


def check_count(count, criteria=False, timeout=False):
    """Check the parameter *count* of a wait, an assertion or a route.

    :param criteria: whether the method takes criteria and a timeout, which the message may
        suggest.
    :param timeout: whether it takes a timeout.
    :raises TypeError: it is no int. The message suggests the parameter that was meant.
    :raises ValueError: it is less than 0.
    """
    if not is_int(count):
        raise wrong(TypeError, 'count', _COUNT, count, _instead(count, criteria, timeout))
    if count < 0:
        raise wrong(ValueError, 'count', _COUNT, count)


def check_timeout(timeout, method=''):
    """Check the parameter *timeout* of a wait. If it is 0 or less, the wait ends at once.

    :param method: the name of the method if *timeout* is its first parameter.
    :raises TypeError: it is no number.
    :raises ValueError: it is NaN.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, numbers.Real):
        hint = ''
        if method and isinstance(timeout, string_types):
            hint = '%s() takes no criteria, but %s() does' % (
                method, method.replace('take_request', 'wait'))
        raise wrong(TypeError, 'timeout', _SECONDS, timeout, hint)
    if timeout != timeout:
        raise wrong(ValueError, 'timeout', _SECONDS, timeout)


def _instead(count, criteria, timeout):
    if (criteria or timeout) and isinstance(count, float):
        return 'did you mean timeout=%r?' % count
    if criteria and isinstance(count, string_types):
        name = 'path' if count.startswith('/') else 'method'
        return 'did you mean %s=%s?' % (name, shown(count))
    return ''
