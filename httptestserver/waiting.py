# -*- coding: utf-8 -*-
"""Time that nobody sets back, and waits that another thread can end."""
import threading
import time

__all__ = ['Interrupt', 'LONGEST', 'POLLS', 'monotonic']

#: Seconds since some moment. Pythons without a monotonic clock trust that of the day.
monotonic = getattr(time, 'monotonic', time.time)

#: Whether a wait with a limit polls, a millisecond and then up to 50 ms apart: Python 2 does.
POLLS = hasattr(threading, '_sleep')

#: Seconds that one wait may take. Where it polls it starts anew before that is too slow; others
#: wake when they are told, and only have a limit.
LONGEST = 0.01 if POLLS else 3600.0


class Interrupt(object):
    """An event that is set once. A signal handler may set it while it is being set.

    That of `threading` hangs there, because its lock is taken already.
    """

    def __init__(self):
        self._is_set = False
        self._gate = threading.Lock()           # held until the event is set
        self._gate.acquire()

    def is_set(self):
        return self._is_set

    def set(self):
        self._is_set = True
        try:
            self._gate.release()
        except threading.ThreadError:
            pass                                # it was open

    def wait(self, seconds):
        """Block for *seconds*, or until it is set; returns whether it is."""
        deadline = monotonic() + seconds
        while not self._is_set:
            left = min(deadline - monotonic(), LONGEST)
            if left <= 0:
                return False
            if POLLS:
                time.sleep(left)
            elif self._gate.acquire(timeout=left):
                self.set()                      # let the others through
        return True
