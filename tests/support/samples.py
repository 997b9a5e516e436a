# -*- coding: utf-8 -*-
"""What the samples of test_testing.py import: they note what happens, and in which order.

Nothing of pytest is imported, which other runners would not have.
"""
import threading
import unittest         # noqa: F401

from support.client import ask
from httptestserver.server import start_server                          # noqa: F401
from httptestserver.testing import HttpServerTest, HttpsServerTest      # noqa: F401

#: Pairs of a class's name and what it noted.
events = []

#: Those that `see` has seen.
servers = []


def note(owner, what):
    events.append(((owner if isinstance(owner, type) else type(owner)).__name__, what))


def see(test):
    """Note which server a test has, that it is empty, and leave it full."""
    if test.server not in servers:
        servers.append(test.server)
    note(test, servers.index(test.server))
    assert test.server.history == [] and test.server.data == {}
    test.server.data['response_status'] = 418
    assert ask(test.server).status == 418


def serving():
    """Return how many servers accept connections; their ports may be others' by now."""
    return len([each for each in threading.enumerate() if each.name == 'httptestserver accept'])


class Pair(object):
    def test_first(self):
        see(self)

    def test_second(self):
        see(self)
