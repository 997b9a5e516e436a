# -*- coding: utf-8 -*-
"""Time that nobody sets back, and waits that another thread can end."""
import threading
import time

__all__ = ['LONGEST', 'POLLS', 'monotonic', 'pause']

#: Seconds since some moment. Pythons without a monotonic clock trust that of the day.
monotonic = getattr(time, 'monotonic', time.time)

#: Whether a wait with a limit polls, a millisecond and then up to 50 ms apart: Python 2 does.
POLLS = hasattr(threading, '_sleep')

#: Seconds that one wait may take. Where it polls it starts anew before that is too slow; others
#: wake when they are told, and only have a limit.
LONGEST = 0.01 if POLLS else 3600.0


def pause(event, seconds):
    """Wait for *seconds*, or until *event* is set; returns whether it is."""
    deadline = monotonic() + seconds
    while not event.is_set():
        left = deadline - monotonic()
        if left <= 0:
            return False
        event.wait(min(left, LONGEST))
    return True
