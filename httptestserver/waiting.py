# -*- coding: utf-8 -*-
"""Clocks, and waits that another thread can end.

What is here may be used from any thread. A test may patch or freeze `time`, so the clocks are
bound when this module is imported, in a form in which such a tool does not find them. The
package imports it first of all, because other modules may be imported within such a test.
"""
import functools
import os
import threading
import time

__all__ = ['Guard', 'Interrupt', 'LONGEST', 'POLLS', 'clock', 'getpid', 'monotonic', 'sleep',
           'utc']

#: Seconds since the epoch.
clock = functools.partial(time.time)

#: Seconds since some moment. Pythons without a monotonic clock have that of the day.
monotonic = functools.partial(getattr(time, 'monotonic', time.time))

#: The calendar time in UTC of seconds since the epoch, as `time.gmtime`.
utc = functools.partial(time.gmtime)

getpid = os.getpid

#: Whether a wait with a limit polls, with sleeps of up to 50 ms, as Python 2 implements it.
POLLS = hasattr(threading, '_sleep')

#: Seconds that one wait takes at most. Python 2's starts again before its sleeps get long.
LONGEST = 0.01 if POLLS else 3600.0


def sleep(seconds):
    """Sleep, on Pythons whose waits poll."""
    # Looked up late, because gevent replaces it; those who patch `time` do not.
    threading._sleep(seconds)


class Guard(object):
    """A lock, and threads that wait under it for news.

    The lock is reentrant, because a signal handler may use a server that it interrupts.
    """

    def __init__(self):
        self.lock = threading.RLock()
        self._news = threading.Condition(self.lock)
        #: How many threads wait.
        self.waiting = 0                        # guarded by lock

    def wait(self, deadline):
        """Let go of the lock, which is held, until there may be news.

        :param deadline: as of `monotonic`.
        :returns: False, without waiting, once the deadline has passed.
        """
        seconds = deadline - monotonic()
        if seconds <= 0:
            return False
        self.waiting += 1
        try:
            self._news.wait(min(seconds, LONGEST))
        finally:
            self.waiting -= 1
        return True

    def notify(self):
        """Wake the threads that wait. The lock is held."""
        self._news.notify_all()


class Interrupt(object):
    """An event that is set once. Unlike that of `threading` its lock is reentrant."""

    def __init__(self):
        self._changed = threading.Condition(threading.RLock())
        self._is_set = False

    def is_set(self):
        return self._is_set

    def set(self):
        with self._changed:
            self._is_set = True
            self._changed.notify_all()

    def wait(self, seconds):
        """Block for *seconds*, or until it is set. Returns whether it is."""
        deadline = monotonic() + seconds
        with self._changed:
            while not self._is_set:
                left = deadline - monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, LONGEST))
        return True
