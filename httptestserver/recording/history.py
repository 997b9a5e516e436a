# -*- coding: utf-8 -*-
"""What came over the wire: requests in their order, and failures; waiting for both.

Methods may be called from any thread, but for those that say that the lock is held.
"""
import collections
import itertools

from httptestserver.recording.messages import (
    every_request, expected_failures, expected_no_request, expected_requests)
from httptestserver.waiting import monotonic

__all__ = ['Failure', 'Failures', 'History', 'Newest']


class Failure(collections.namedtuple(
        'Failure', 'client_address connection_index time reason')):
    """What went wrong on a connection, so that no request came of it.

    ``time`` is in seconds since the epoch, ``reason`` one line of text.
    """

    __slots__ = ()

    def __str__(self):
        return 'connection %s from %s:%s: %s' % (
            (self.connection_index,) + tuple(self.client_address[:2]) + (self.reason,))


class Newest(object):
    """The newest of some items. The lock of its owner is held in each method.

    :param limit: how many are kept; None for all.
    """

    def __init__(self, limit=None):
        self.limit = limit
        self.count = 0
        self._items = collections.deque(maxlen=limit)

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __getitem__(self, index):
        return self._items[index]

    @property
    def dropped(self):
        """How many older ones are not kept."""
        return self.count - len(self._items)

    def append(self, item):
        self._items.append(item)
        self.count += 1

    def last(self, count):
        """Return the last *count* items, or as many as there are."""
        return list(itertools.islice(reversed(self._items), count))[::-1]

    def clear(self):
        """Forget all items, and return them."""
        old, self._items = self._items, collections.deque(maxlen=self.limit)
        self.count = 0
        return old


class History(Newest):
    """The requests since the last reset, oldest first.

    :param guard: a `Guard`; its lock is the one that methods mean.
    :param limit: how many requests are kept; None for all.
    """

    def __init__(self, guard, limit=None):
        super(History, self).__init__(limit)
        self._guard = guard
        self._resets = 0                        # guarded by _guard.lock
        self._taken = 0                         # guarded by _guard.lock

    def requests(self):
        """Return a list of the requests."""
        with self._guard.lock:
            return list(self)

    def append(self, request):
        """Add *request*. The lock is held."""
        self._items.append(request)
        self.count += 1
        # Most requests are awaited by nobody, and to ask costs less than to notify.
        if self._guard.waiting:
            self._guard.notify()

    def clear(self):
        """Forget the requests, and return them. The lock is held."""
        self._resets += 1
        self._taken = 0
        return super(History, self).clear()

    def wait(self, count, timeout, wanted):
        """Block until *count* requests that meet *wanted* have come since the last reset.

        :param timeout: seconds, from the call.
        :param wanted: `Criteria`; they are tried without the lock.
        :returns: the requests that meet them, in order; there may be more than *count*.
        :raises AssertionError: with what did come, once the time is over.
        """
        deadline = monotonic() + timeout
        resets, seen, found = 0, 0, []
        while True:
            with self._guard.lock:
                while (len(found) < count and (self._resets, self.count) == (resets, seen)
                       and self._guard.wait(deadline)):
                    pass
                if self._resets != resets:
                    resets, seen, found = self._resets, 0, []
                new = self.last(self.count - seen)
                seen = self.count
            found += [request for request in new if wanted.match(request)]
            if len(found) >= count:
                return found
            if monotonic() >= deadline:
                raise AssertionError('within %s s %s' % (timeout, expected_requests(
                    count, wanted, found, self.requests())))

    def take(self, timeout):
        """Return the next request that was not yet taken; block until there is one.

        :param timeout: seconds, from the call.
        :raises AssertionError: with what did come, once the time is over.
        """
        deadline = monotonic() + timeout
        with self._guard.lock:
            while True:
                # Those that were dropped before anybody took them count as taken.
                taken = max(self._taken, self.dropped)
                if taken < self.count:
                    self._taken = taken + 1
                    return self[taken - self.dropped]
                if not self._guard.wait(deadline):
                    break
        raise AssertionError('within %s s no further request; %s' % (
            timeout, every_request(self.requests())))

    def assert_requested(self, wanted, count=None):
        """Return the requests that meet *wanted*.

        :param count: how many there have to be; None: one or more.
        :raises AssertionError: there are others.
        """
        requests = self.requests()
        found = [request for request in requests if wanted.match(request)]
        if count is None and not found:
            raise AssertionError(expected_requests(1, wanted, found, requests))
        if count is not None and len(found) != count:
            raise AssertionError(expected_requests(count, wanted, found, requests, exactly=True))
        return found

    def assert_not_requested(self, wanted):
        """Raise AssertionError, with all that came, if a request meets *wanted*."""
        requests = self.requests()
        found = [request for request in requests if wanted.match(request)]
        if found:
            raise AssertionError(expected_no_request(wanted, found, requests))


class Failures(Newest):
    """What went wrong on the wire since the last reset, oldest first.

    The parameters are those of `History`.
    """

    def __init__(self, guard, limit=None):
        super(Failures, self).__init__(limit)
        self._guard = guard

    def all(self):
        """Return a list of the failures."""
        with self._guard.lock:
            return list(self)

    def add(self, failure):
        """Append *failure*, and wake the threads that wait for it."""
        with self._guard.lock:
            self.append(failure)
            self._guard.notify()

    def wait(self, count, timeout):
        """Block until there are *count* failures, and return a list of all.

        :param timeout: seconds, from the call.
        :raises AssertionError: with those that there are, once the time is over.
        """
        deadline = monotonic() + timeout
        with self._guard.lock:
            while self.count < count and self._guard.wait(deadline):
                pass
            if self.count >= count:
                return list(self)
        raise AssertionError(expected_failures(count, timeout, self.all()))
