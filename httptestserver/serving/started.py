# -*- coding: utf-8 -*-
"""Remembers which servers were started: for the exit of the interpreter, and for reports of tests.

It imports no server, so that the pytest plugin can use it at the start of every test. Functions
may be called from any thread.
"""
import collections
import weakref

from httptestserver.waiting import monotonic

__all__ = ['KEPT', 'check_of', 'collect', 'discard', 'note', 'note_check', 'servers']

#: At most so many stopped servers of one test are kept for its report.
KEPT = 10

# The servers that still exist, and when each was started last.
_times = weakref.WeakKeyDictionary()

# Keyword arguments for the `check` of servers whose block checks them.
_checks = weakref.WeakKeyDictionary()

# What `collect` has returned to those who collect the servers that are started.
_collectors = []


def note(server):
    """Remember that *server* was started, and add it to what `collect` has returned."""
    _times[server] = monotonic()
    for collector in list(_collectors):
        collector.append(server)


def note_check(server, keywords):
    """Remember the keyword arguments with which a block checks *server* at its end."""
    _checks[server] = keywords


def check_of(server):
    """Return the keyword arguments for the `check` of *server*; none if no block has noted any."""
    return _checks.get(server, {})


def servers():
    """Return a list of the servers that still exist. The one that was started last is last."""
    # keyrefs() is a copy. Other threads may start servers, so a loop over the dict may fail.
    existing = [reference() for reference in _times.keyrefs()]
    return sorted([each for each in existing if each is not None], key=_times.get)


def collect():
    """Return a sequence to which each server is added that is started until `discard`.

    It keeps the newest `KEPT` servers, so that a test that starts many needs no more memory.
    """
    collector = collections.deque(maxlen=KEPT)
    _collectors.append(collector)
    return collector


def discard(collector):
    """Add no more servers to a result of `collect`."""
    # By identity, because two of them with the same servers are equal.
    _collectors[:] = [each for each in _collectors if each is not collector]
