# -*- coding: utf-8 -*-
"""Which servers were started. Plain objects stand for the servers."""
import gc
import sys
import threading

import pytest

from httptestserver.serving import started


class Thing(object):
    """Stands for a server."""

    # If a test fails, the plugin looks at the servers. At its exit the interpreter stops them.
    history = failures = _listeners = ()


@pytest.fixture
def collector():
    """What is collected within a test."""
    collector = started.collect()
    yield collector
    started.discard(collector)


@pytest.fixture
def switching():
    """Has the interpreter switch between threads as often as it can."""
    if not hasattr(sys, 'setswitchinterval'):
        pytest.skip('this interpreter counts instructions')
    if hasattr(sys, 'pypy_version_info'):
        pytest.skip('PyPy switches too slowly for such an interval, and frees its garbage late')
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_the_one_that_was_started_last_is_last(monkeypatch):
    first, second = Thing(), Thing()
    times = iter([1, 2, 3])
    monkeypatch.setattr(started, 'monotonic', lambda: next(times))
    for thing in (first, second, first):
        started.note(thing)
    assert [each for each in started.servers() if isinstance(each, Thing)] == [second, first]


def test_servers_may_be_started_while_they_are_listed(switching):
    def start():
        things = []
        for _ in range(3000):
            things.append(Thing())
            started.note(things[-1])
            del things[:-100]

    thread = threading.Thread(target=start)
    thread.start()
    while thread.is_alive():
        started.servers()
    thread.join()


def test_only_the_newest_are_collected_until_the_end(collector):
    other = started.collect()
    started.discard(other)
    things = [Thing() for _ in range(started.KEPT + 5)]
    for thing in things:
        started.note(thing)
    assert list(collector) == things[5:]
    assert list(other) == []


def test_a_check_is_remembered_for_its_server():
    checked, other = Thing(), Thing()
    started.note_check(checked, {'unserved': True})
    assert started.check_of(checked) == {'unserved': True}
    assert started.check_of(other) == {}
    del checked
    gc.collect()
    assert not [each for each in started.servers() if type(each) is Thing and each is not other]
