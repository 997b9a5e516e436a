# -*- coding: utf-8 -*-
"""The recorded requests and failures, in order, with waits and assertions.

Methods may be called from any thread and take the lock themselves. The exceptions have "The lock
is held" in their docstring: for them the caller holds it.
"""
import collections
import itertools

from httptestserver.recording.messages import (
    blocked_loop, every_request, expected_failures, expected_no_request, expected_requests,
    other_requests)
from httptestserver.recording.order import found_in_order, not_in_order
from httptestserver.waiting import monotonic

__all__ = ['Failure', 'Failures', 'History', 'Newest']


class Failure(collections.namedtuple(
        'Failure', 'client_address connection_index time reason')):
    """What went wrong on a connection: a failed handshake, a bad request, a client that left.

    ``client_address`` is that of the socket, ``connection_index`` counts from 0, ``time`` is in
    seconds since the epoch, and ``reason`` is one line of text.
    """

    __slots__ = ()

    def __str__(self):
        return 'connection %s from %s:%s: %s' % (
            (self.connection_index,) + tuple(self.client_address[:2]) + (self.reason,))


class Newest(object):
    """A list that keeps its newest items. The lock of its owner is held in each method.

    ``count`` is how many items were added since the last `clear`, with those that were dropped.

    :param limit: how many items are kept; None keeps all.
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
        """How many items were dropped because of the limit."""
        return self.count - len(self._items)

    def append(self, item):
        self._items.append(item)
        self.count += 1

    def last(self, count):
        """Return a list of the last *count* items, or of all if there are fewer."""
        return list(itertools.islice(reversed(self._items), count))[::-1]

    def clear(self):
        """Remove all items, and return them."""
        old, self._items = self._items, collections.deque(maxlen=self.limit)
        self.count = 0
        return old


class History(Newest):
    """The requests since the last reset, oldest first.

    :param guard: a `Guard`. "The lock" is the lock of it.
    :param limit: how many requests are kept; None keeps all.
    :param whole: for the history of a route, that of its server. Messages list its requests,
        because an expected one may have come to another route.
    """

    def __init__(self, guard, limit=None, whole=None):
        super(History, self).__init__(limit)
        self._guard = guard
        self._whole = whole
        # How many times this was cleared.
        self._resets = 0                        # guarded by _guard.lock
        # How many requests `take` has returned since the last reset.
        self._taken = 0                         # guarded by _guard.lock

    def requests(self):
        """Return a new list of the requests."""
        with self._guard.lock:
            return list(self)

    def append(self, request):
        """Add *request*. The lock is held."""
        self._items.append(request)
        self.count += 1
        # Notifying costs more than this check, and usually no thread waits.
        if self._guard.waiting:
            self._guard.notify()

    def clear(self):
        """Remove all requests, and return them. The lock is held."""
        self._resets += 1
        self._taken = 0
        return super(History, self).clear()

    def wait(self, count, timeout, wanted):
        """Block until *count* requests that meet *wanted* have come since the last reset.

        :param timeout: seconds, from the call.
        :param wanted: a `Criteria`. It runs user code, so it is tried without the lock.
        :returns: a list of the requests that meet it, in order; maybe more than *count*.
        :raises AssertionError: the time is over. The message lists what has come.
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
                raise AssertionError('within %s s %s%s' % (timeout, expected_requests(
                    count, wanted, found, self.requests()), self._elsewhere(waited=True)))

    def take(self, timeout):
        """Return the next request that no call has returned; block until there is one.

        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over. The message lists what has come.
        """
        deadline = monotonic() + timeout
        with self._guard.lock:
            while True:
                # A request that the limit has dropped cannot be returned, so it counts as taken.
                taken = max(self._taken, self.dropped)
                if taken < self.count:
                    self._taken = taken + 1
                    return self[taken - self.dropped]
                if not self._guard.wait(deadline):
                    break
        raise AssertionError('within %s s no further request; %s%s' % (
            timeout, every_request(self.requests()), self._elsewhere(waited=True)))

    def assert_requested(self, wanted, count=None):
        """Return a list of the requests that meet *wanted*, a `Criteria`. Does not wait.

        :param count: how many there must be; None for one or more.
        :raises AssertionError: there is another number of them.
        """
        requests = self.requests()
        found = [request for request in requests if wanted.match(request)]
        if count is None and not found:
            raise AssertionError(
                expected_requests(1, wanted, found, requests) + self._elsewhere())
        if count is not None and len(found) != count:
            raise AssertionError(
                expected_requests(count, wanted, found, requests, exactly=True)
                + self._elsewhere())
        return found

    def assert_in_order(self, wanted):
        """Return a list of requests that meet *wanted*, one each, in that order. Does not wait.

        :param wanted: a list of `Criteria`. Other requests may stand between.
        :raises AssertionError: they did not come in that order.
        """
        requests = self.requests()
        found = found_in_order(wanted, requests)
        if len(found) < len(wanted):
            raise AssertionError(not_in_order(wanted, found, requests) + self._elsewhere())
        return [requests[index] for index in found]

    def _elsewhere(self, waited=False):
        """Return the end of a message: where requests have come instead, and why none could come.

        :param waited: whether the call has blocked.
        """
        everything = self._whole.requests() if self._whole is not None else []
        return other_requests(self.requests(), everything) + (blocked_loop() if waited else '')

    def assert_not_requested(self, wanted):
        """Check that no request meets *wanted*, a `Criteria`. Does not wait.

        :raises AssertionError: one does. The message lists all requests.
        """
        requests = self.requests()
        found = [request for request in requests if wanted.match(request)]
        if found:
            raise AssertionError(expected_no_request(wanted, found, requests))


class Failures(Newest):
    """The `Failure` records since the last reset, oldest first.

    The parameters are those of `History`.
    """

    def __init__(self, guard, limit=None):
        super(Failures, self).__init__(limit)
        self._guard = guard

    def all(self):
        """Return a new list of the failures."""
        with self._guard.lock:
            return list(self)

    def add(self, failure):
        """Append *failure*, and wake the threads that wait for one."""
        with self._guard.lock:
            self.append(failure)
            self._guard.notify()

    def wait(self, count, timeout):
        """Block until there are *count* failures, and return a new list of all.

        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over. The message lists the failures.
        """
        deadline = monotonic() + timeout
        with self._guard.lock:
            while self.count < count and self._guard.wait(deadline):
                pass
            if self.count >= count:
                return list(self)
        raise AssertionError(expected_failures(count, timeout, self.all()) + blocked_loop())
