# -*- coding: utf-8 -*-
"""Checks the counts and timeouts of waits and assertions. Nothing here does I/O or takes a lock."""
import numbers

from six import string_types

from httptestserver.recording.criteria import CRITERIA
from httptestserver.recording.expected import is_int
from httptestserver.wording import nearest, shown, unknown, wrong

__all__ = ['check_count', 'check_take', 'check_timeout']

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


def check_take(timeout, others, method):
    """Check the parameters of a take.

    :param others: a dict of further keywords, which a take does not have.
    :param method: its name.
    :raises TypeError: there are such keywords. Or as for `check_timeout`.
    """
    for name in others:
        if name in CRITERIA:
            raise TypeError('%s, got %s=%s' % (
                _no_criteria(method), name, shown(others[name])))
        raise TypeError(unknown(name, 'a keyword of %s()' % method, ('timeout',),
                                nearest(name, ('timeout',))))
    check_timeout(timeout, _no_criteria(method) if isinstance(timeout, string_types) else '')


def _no_criteria(method):
    return '%s() takes no criteria, but %s() does' % (
        method, method.replace('take_request', 'wait'))


def check_timeout(timeout, hint=''):
    """Check the parameter *timeout* of a wait. If it is 0 or less, the wait ends at once.

    :param hint: what to write instead if it is no number; '' if that is not known.
    :raises TypeError: it is no number.
    :raises ValueError: it is NaN.
    """
    if isinstance(timeout, bool) or not isinstance(timeout, numbers.Real):
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
