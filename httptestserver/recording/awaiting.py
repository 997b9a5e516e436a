# -*- coding: utf-8 -*-
"""Waits of asyncio tasks. They do not block the event loop, and need no thread.

An `Awaited` belongs to the thread of its event loop. Only its `wake` may be called from any
thread. This module is imported when a test first uses it, because importing asyncio takes long.
"""
import warnings

from httptestserver.waiting import getpid, monotonic

try:
    import asyncio
except ImportError:
    # Python 2 has no asyncio.
    asyncio = None

__all__ = ['Awaited', 'awaited']


def awaited(method, guard, quest, timeout):
    """Return an `Awaited` in the event loop that runs in this thread.

    :param method: the name of the method that the user has called.
    :param timeout: seconds, from the call.
    :raises RuntimeError: no event loop runs in this thread.
    """
    loop = _running_loop()
    if loop is None:
        raise RuntimeError(
            '%s() needs an asyncio event loop that runs in this thread; without one, call %s()' % (
                method, method[:-len('_async')]))
    return Awaited(method, loop, guard, quest, timeout)


def _running_loop():
    """Return the event loop that runs in this thread; None if there is none."""
    if asyncio is None:
        return None
    # In Python 3.6 the name has an underscore, and `get_event_loop` might create a loop.
    get = getattr(asyncio, 'get_running_loop', None) or getattr(
        asyncio, '_get_running_loop', asyncio.get_event_loop)
    try:
        loop = get()
    except RuntimeError:
        return None
    return loop if loop is not None and loop.is_running() else None


class Awaited(object):
    """A coroutine that waits for requests. It is a class, because Python 2 has no ``async def``.

    Until it is awaited it does nothing. A task that is cancelled takes nothing, because a request
    is taken within the step of the task that gets it.

    :param method: the name of the method that the user has called.
    :param loop: the event loop that runs in this thread.
    :param guard: the `Guard` of the history.
    :param quest: a `Search` or a `Take`. It is asked in the thread of the loop.
    """

    def __init__(self, method, loop, guard, quest, timeout):
        self.__name__ = method
        self._loop, self._guard, self._quest = loop, guard, quest
        self._timeout, self._deadline = timeout, monotonic() + timeout
        self._pid = getpid()
        # A generator of what the task has to await; None before the first step.
        self._steps = None
        # The future that the task awaits until there may be something new.
        self._news = None
        # Whether the loop will call `_woken`, so that each step needs only one call.
        self._is_waking = False
        # Whether the time is over.
        self._is_late = False

    # What tasks and `await` call.

    def __await__(self):
        if self._steps is not None:
            raise RuntimeError('this call of %s() was awaited already' % self.__name__)
        return self

    __iter__ = __await__

    def __next__(self):
        return self.send(None)

    def send(self, value):
        """Return the future that the task has to await next; raise StopIteration at the end."""
        try:
            return self._started().send(value)
        except StopIteration:
            pass
        # In Python 2 a generator cannot return a value.
        raise StopIteration(self._quest.found)

    def throw(self, *error):
        """Raise *error* in the wait, which ends it."""
        try:
            return self._started().throw(*error)
        finally:
            # The traceback of the error refers to this frame: that would be a cycle.
            del error

    def close(self):
        """End the wait. It takes nothing."""
        self._started().close()

    def __del__(self):
        if self._steps is None:
            warnings.warn('%s() was never awaited' % self.__name__, RuntimeWarning, 2)

    def _started(self):
        if self._steps is None:
            self._steps = self._run()
        return self._steps

    def _run(self):
        timer = None
        try:
            with self._guard.lock:
                self._guard.tasks.append(self)
            timer = self._new_timer()
            while True:
                # Made before the look, so that what comes during the look is not missed.
                self._news = asyncio.Future(loop=self._loop)
                is_late = self._is_late
                if self._first() is self and self._quest.look():
                    return
                if is_late:
                    raise AssertionError(self._quest.failed(self._timeout))
                for step in self._news:
                    yield step
        finally:
            if timer is not None:
                timer.cancel()
            self._leave()

    def _new_timer(self):
        """Return the handle of a call at the deadline; None if that has passed."""
        left = self._deadline - monotonic()
        if left <= 0:
            self._is_late = True
            return None
        return self._loop.call_later(left, self._end)

    def _end(self):
        self._is_late = True
        self._woken()

    def _woken(self):
        """Let the task look again. It is called in the thread of the loop."""
        # In this order: what comes after the flag is cleared wakes again.
        self._is_waking = False
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    # The other waits.

    def wake(self):
        """Have the loop wake the task. May be called from any thread, without the lock."""
        if self._loop.is_closed() or self._pid != getpid():
            # A task of the parent of a forked process is not here.
            self._forget()
        elif not self._is_waking:
            self._is_waking = True
            try:
                self._loop.call_soon_threadsafe(self._woken)
            except RuntimeError:
                # The loop was closed meanwhile.
                self._forget()

    def is_in_line_of(self, quest, loop):
        """Whether this wait takes from the same history as *quest*, in the same *loop*.

        Each loop has its own line, so that a loop that does not run holds up no other loop.
        """
        return self._loop is loop and self._quest.line is quest.line

    def _first(self):
        """Return the one in the line of this wait that has waited longest; None if it is empty."""
        with self._guard.lock:
            return next((each for each in self._guard.tasks
                         if each.is_in_line_of(self._quest, self._loop)), None)

    def _leave(self):
        """Stop waiting, and let the next in line look."""
        self._news = None
        self._forget()
        # A request that came before the next one waited has not woken it.
        first = self._first()
        if first is not None:
            first.wake()

    def _forget(self):
        with self._guard.lock:
            if self in self._guard.tasks:
                self._guard.tasks.remove(self)
