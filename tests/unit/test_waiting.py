# -*- coding: utf-8 -*-
"""Clocks, and waits that another thread ends."""
import signal
import threading
import time

import pytest

from httptestserver import waiting
from httptestserver.waiting import POLLS, Guard, Interrupt, clock, monotonic, sleep
from support.waiting import TIMEOUT, eventually

#: Seconds that pass only if something is broken.
FOREVER = 3600


def started(function):
    thread = threading.Thread(target=function)
    thread.daemon = True
    thread.start()
    return thread


def joined(*threads):
    for thread in threads:
        thread.join(TIMEOUT)
        assert not thread.is_alive()


# The interrupt.

def test_an_interrupt_that_is_not_set_is_awaited_for_its_seconds():
    interrupt = Interrupt()
    before = monotonic()
    assert interrupt.wait(0.05) is False
    assert monotonic() - before >= 0.05
    assert not interrupt.is_set()


@pytest.mark.parametrize('seconds', [0, -1])
def test_a_wait_whose_time_is_over_returns_at_once(seconds):
    interrupt = Interrupt()
    assert interrupt.wait(seconds) is False
    interrupt.set()
    assert interrupt.wait(seconds) is True


def test_an_interrupt_stays_set():
    interrupt = Interrupt()
    interrupt.set()
    interrupt.set()
    assert interrupt.is_set()
    assert interrupt.wait(FOREVER) is True and interrupt.wait(FOREVER) is True


def test_an_interrupt_ends_the_waits_of_all_threads():
    interrupt, results = Interrupt(), []
    threads = [started(lambda: results.append(interrupt.wait(FOREVER))) for _ in range(5)]
    interrupt.set()
    joined(*threads)
    assert results == [True] * 5


class Trace(object):
    """A lock that calls *function* once while it is held."""

    def __init__(self, lock, function):
        self._lock, self._function = lock, function

    def __enter__(self):
        result = self._lock.__enter__()
        function, self._function = self._function, None
        if function is not None:
            function()
        return result

    def __exit__(self, *error):
        return self._lock.__exit__(*error)

    def __getattr__(self, name):
        return getattr(self._lock, name)


@pytest.mark.parametrize('outer', [lambda each: each.set(), lambda each: each.wait(FOREVER)])
def test_a_set_within_a_call_of_the_same_thread_does_not_block(outer):
    """As if a signal handler or a finalizer came while the lock is held."""
    interrupt = Interrupt()
    interrupt._changed = Trace(interrupt._changed, interrupt.set)
    thread = started(lambda: outer(interrupt))
    joined(thread)
    assert interrupt.is_set()


@pytest.mark.skipif(not hasattr(signal, 'setitimer'), reason='Windows has no timer signals')
def test_a_signal_handler_may_end_the_wait_that_it_interrupts():
    interrupt = Interrupt()
    before = signal.signal(signal.SIGALRM, lambda *_: interrupt.set())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        assert interrupt.wait(TIMEOUT)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# The guard.

def test_a_guards_lock_is_reentrant_and_excludes_other_threads():
    guard, taken = Guard(), []

    def take():
        with guard.lock:
            taken.append(1)

    with guard.lock:
        with guard.lock:
            thread = started(take)
            thread.join(0.02)
            assert not taken
    joined(thread)
    assert taken


@pytest.mark.parametrize('seconds', [0, -1])
def test_a_deadline_that_has_passed_is_not_awaited(seconds):
    guard = Guard()
    with guard.lock:
        assert guard.wait(monotonic() + seconds) is False
    assert guard.waiting == 0


def test_a_wait_ends_at_its_deadline_and_has_returned_true_before():
    guard = Guard()
    results = []
    # On a busy machine the deadline may be over before the first wait.
    while not results:
        deadline = monotonic() + 0.05
        with guard.lock:
            while guard.wait(deadline):
                results.append(guard.waiting)
        assert monotonic() >= deadline
    assert set(results) == {0}


def test_news_wake_all_threads_that_wait_and_the_lock_is_free_meanwhile():
    guard, results = Guard(), []

    def wait():
        with guard.lock:
            while not results:
                assert guard.wait(monotonic() + FOREVER)

    threads = [started(wait) for _ in range(4)]
    eventually(lambda: guard.waiting == 4)
    with guard.lock:
        results.append(1)
        guard.notify()
    joined(*threads)
    assert guard.waiting == 0


def test_a_wait_that_an_exception_ends_is_no_longer_counted():
    guard = Guard()

    class Failing(object):
        def wait(self, seconds):
            raise KeyboardInterrupt

    guard._changed = Failing()
    with guard.lock:
        with pytest.raises(KeyboardInterrupt):
            guard.wait(monotonic() + FOREVER)
    assert guard.waiting == 0


def test_tasks_are_woken_in_order_and_without_the_lock():
    guard, woken = Guard(), []

    class Task(object):
        def __init__(self, name):
            self._name = name

        def wake(self):
            # It may leave while the others are woken.
            guard.tasks.remove(self)
            thread = started(lambda: guard.lock.acquire() and guard.lock.release())
            joined(thread)
            woken.append(self._name)

    guard.tasks.extend([Task(1), Task(2), Task(3)])
    guard.wake_tasks()
    assert woken == [1, 2, 3] and guard.tasks == []


# Clocks.

def test_clocks_and_sleep_are_not_those_that_a_test_patches(monkeypatch):
    for name in ('time', 'monotonic', 'sleep'):
        monkeypatch.setattr(time, name, lambda *_: 1 / 0, raising=False)
    before = monotonic()
    if POLLS:
        sleep(0.001)
    assert clock() > 1e9 and monotonic() >= before
    assert Interrupt().wait(0.001) is False
    assert not [name for name in ('clock', 'monotonic', 'sleep')
                if getattr(waiting, name) is getattr(time, name, None)]
