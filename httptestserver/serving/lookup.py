# -*- coding: utf-8 -*-
"""Looks up the addresses of a host, in a wait that another thread can end.

The system cannot end a look-up. So each has a thread, which may outlive the wait. That thread is a
daemon, takes no lock and touches nothing but its own result.
"""
import threading

from httptestserver.http1.address import addresses_of
from httptestserver.http1.upstream import POLL, TIMEOUT, TooSlow
from httptestserver.waiting import monotonic

__all__ = ['look_up']


def look_up(host, port, pause):
    """Return what `address.addresses_of` returns, and raise as that.

    :param pause: as that of `Upstream`.
    :raises TooSlow: there is no result within `upstream.TIMEOUT`. Or what *pause* raises.
    """
    result = []
    thread = threading.Thread(
        target=_look_up, args=(host, port, result), name='httptestserver look-up')
    thread.daemon = True
    thread.start()
    deadline = monotonic() + TIMEOUT
    thread.join(POLL)
    while thread.is_alive():
        if monotonic() > deadline:
            raise TooSlow(TIMEOUT)
        # `join` has waited for a while already, so this only asks whether the wait has to end.
        pause(0)
        thread.join(POLL)
    addresses, error = result.pop()
    if error is not None:
        raise error
    return addresses


def _look_up(host, port, result):
    try:
        result.append((addresses_of(host, port), None))
    except Exception as error:
        # The thread that waits raises it.
        result.append(([], error))
