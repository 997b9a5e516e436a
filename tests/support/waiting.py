# -*- coding: utf-8 -*-
"""Waits that end when something has become true, and threads that all end.

No test sleeps until something has probably happened: it reads a response or the end of the
connection, or calls `eventually` with what has to become true.
"""
import threading
import time

__all__ = ['TIMEOUT', 'cpu_time', 'eventually', 'in_threads']

#: Seconds that anything which has to happen may take.
TIMEOUT = 20

#: Seconds of the processor that this process has used, whatever else the machine does.
cpu_time = getattr(time, 'process_time', None) or time.clock


def eventually(predicate, timeout=TIMEOUT):
    """Wait until *predicate()* is true and return its value; fails after *timeout* seconds."""
    tick = threading.Event()
    deadline = time.time() + timeout
    while True:
        value = predicate()
        if value or time.time() > deadline:
            assert value, 'not within %s s: %r' % (timeout, value)
            return value
        tick.wait(0.002)


def in_threads(function, items, count):
    """Return [function(item) for item in items], worked out by *count* threads."""
    items = list(items)
    results = [None] * len(items)
    left = iter(range(len(items)))
    lock = threading.Lock()
    errors = []

    def work():
        while not errors:
            with lock:
                index = next(left, None)
            if index is None:
                return
            try:
                results[index] = function(items[index])
            except BaseException as error:
                errors.append(error)
                raise

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), 'a thread of the test hangs'
    assert not errors, errors
    return results
