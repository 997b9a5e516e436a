# -*- coding: utf-8 -*-
"""Remembers which servers were started: for the exit of the interpreter, and for reports of tests.

It does not import the server, because the pytest plugin imports this module at every start of
pytest, which must stay fast. Functions may be called from any thread.
"""
import collections
import weakref

from httptestserver.waiting import monotonic

__all__ = ['KEPT', 'check_of', 'collect', 'discard', 'note', 'note_check', 'servers']

#: At most so many stopped servers of one test are kept for its report.
KEPT = 10

# The servers that still exist, and when each was started last.
_times = weakref.WeakKeyDictionary()

# The servers that a ``with`` block checks, each with the keyword arguments for its `check`.
_checks = weakref.WeakKeyDictionary()

# The sequences that `collect` has returned. `note` adds each started server to all of them.
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
    """Return the keyword arguments for the `check` of *server*; {} if no block has noted any."""
    return _checks.get(server, {})


def servers():
    """Return a list of the servers that still exist. The one that was started last is last."""
    # A loop over the dict fails if another thread starts a server. keyrefs() returns a copy.
    existing = [reference() for reference in _times.keyrefs()]
    return sorted([each for each in existing if each is not None], key=_times.get)


def collect():
    """Return a sequence. Each server that is started before `discard` is added to it.

    It keeps the newest `KEPT` servers, so that many servers in one test need no more memory.
    """
    collector = collections.deque(maxlen=KEPT)
    _collectors.append(collector)
    return collector


def discard(collector):
    """Add no more servers to a result of `collect`."""
    # Compared by identity, because two collectors with the same servers are equal.
    _collectors[:] = [each for each in _collectors if each is not collector]
