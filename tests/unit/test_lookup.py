# -*- coding: utf-8 -*-
"""A look-up of addresses: another thread can end the wait for it, though not the look-up."""
import socket
import threading

import pytest

from httptestserver.http1.upstream import TooSlow
from httptestserver.serving import lookup
from httptestserver.serving.lookup import look_up
from support.servers import server_threads
from support.waiting import TIMEOUT, eventually


class Ended(Exception):
    """What ends a wait."""


@pytest.fixture
def blocked(monkeypatch):
    """Look-ups that block until this event is set."""
    blocked = threading.Event()
    monkeypatch.setattr(lookup, 'addresses_of', lambda *_: blocked.wait(TIMEOUT) and ['found'])
    yield blocked
    blocked.set()
    eventually(lambda: not server_threads())


def test_the_addresses_are_those_of_the_system():
    found = look_up('127.0.0.1', 80, lambda seconds: None)
    assert [each[4] for each in found] == [('127.0.0.1', 80)]
    assert not server_threads()


def test_what_the_system_raises_is_raised(monkeypatch):
    def fails(*_):
        raise socket.gaierror(-2, 'unknown')
    monkeypatch.setattr(lookup, 'addresses_of', fails)
    with pytest.raises(socket.gaierror) as caught:
        look_up('none.example', 80, lambda seconds: None)
    assert 'unknown' in str(caught.value)


def test_a_slow_result_is_awaited(blocked):
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        blocked.set()
    assert look_up('slow.example', 80, pause) == ['found']
    assert set(pauses) == {0}


def test_what_a_pause_raises_ends_the_wait(blocked):
    def pause(seconds):
        raise Ended
    with pytest.raises(Ended):
        look_up('slow.example', 80, pause)


def test_a_result_that_does_not_come_is_too_slow(blocked, monkeypatch):
    monkeypatch.setattr(lookup, 'TIMEOUT', -1)
    with pytest.raises(TooSlow):
        look_up('slow.example', 80, lambda seconds: None)
