# -*- coding: utf-8 -*-
"""Clocks, waits that another thread can end, and the class of the threads that serve.

What is here may be used from any thread. A test may patch or freeze `time`, so the clocks are
bound when this module is imported, in a form in which such a tool does not find them. The
package imports it first of all, because other modules may be imported within such a test.
"""
import functools
import os
import threading
import time

__all__ = ['ConnectionThread', 'Guard', 'Interrupt', 'LONGEST', 'POLLS', 'clock', 'getpid',
           'monotonic', 'sleep', 'utc']

#: Seconds since the epoch.
clock = functools.partial(time.time)

#: Seconds since an arbitrary moment. Python 2 has no monotonic clock, so there it is `clock`.
monotonic = functools.partial(getattr(time, 'monotonic', time.time))

#: The calendar time in UTC of seconds since the epoch, as `time.gmtime`.
utc = functools.partial(time.gmtime)

getpid = os.getpid

#: Whether waits with a timeout poll, as on Python 2. Its sleeps get longer, up to 50 ms.
POLLS = hasattr(threading, '_sleep')

#: The longest single wait in seconds. On Python 2 each new wait begins with short sleeps again.
LONGEST = 0.01 if POLLS else 3600.0


def sleep(seconds):
    """Sleep, on Pythons whose waits poll."""
    # Looked up late, because gevent replaces it; those who patch `time` do not.
    threading._sleep(seconds)


class ConnectionThread(threading.Thread):
    """The base class of threads that serve connections. By it, other modules recognize them."""


class Guard(object):
    """A lock, and a condition of it for threads that wait until guarded state changes.

    The lock is reentrant, because a signal handler may interrupt a thread that holds it, and use
    the same server.
    """

    def __init__(self):
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        #: How many threads wait.
        self.waiting = 0                        # guarded by lock
        #: The waits of asyncio tasks, oldest first: objects with a method `wake`.
        self.tasks = []                         # guarded by lock

    def wait(self, deadline):
        """Release the lock until the state may have changed. The lock is held.

        :param deadline: as of `monotonic`.
        :returns: False, without waiting, if the deadline has passed.
        """
        seconds = deadline - monotonic()
        if seconds <= 0:
            return False
        self.waiting += 1
        try:
            self._changed.wait(min(seconds, LONGEST))
        finally:
            self.waiting -= 1
        return True

    def notify(self):
        """Wake all threads that wait. The lock is held."""
        self._changed.notify_all()

    def wake_tasks(self):
        """Wake the asyncio tasks that wait. The lock is not held, because `wake` does I/O."""
        with self.lock:
            tasks = list(self.tasks)
        for each in tasks:
            each.wake()


class Interrupt(object):
    """An event that is never cleared. Its lock is reentrant, unlike that of `threading.Event`.

    So a signal handler may set it while it interrupts one of its methods.
    """

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
        """Block until the event is set, for at most *seconds*. Returns whether it is set."""
        deadline = monotonic() + seconds
        with self._changed:
            while not self._is_set:
                left = deadline - monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, LONGEST))
        return True
