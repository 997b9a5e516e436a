# -*- coding: utf-8 -*-
"""Time that nobody sets back, and waits that another thread can end."""
import threading
import time

__all__ = ['LONGEST', 'monotonic', 'pause']

#: Seconds since some moment. Pythons without a monotonic clock trust that of the day.
monotonic = getattr(time, 'monotonic', time.time)

#: Seconds that one wait may take. Python 2 polls, ever more slowly, up to 50 ms apart, so it
#: starts anew before that; the others wake when they are told, and only have a limit.
LONGEST = 0.01 if hasattr(threading, '_sleep') else 3600.0


def pause(event, seconds):
    """Wait for *seconds*, or until *event* is set; returns whether it is."""
    deadline = monotonic() + seconds
    while not event.is_set():
        left = deadline - monotonic()
        if left <= 0:
            return False
        event.wait(min(left, LONGEST))
    return True
