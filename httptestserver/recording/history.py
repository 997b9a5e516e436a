# -*- coding: utf-8 -*-
"""The recorded requests and failures, in order, with waits and assertions.

Methods may be called from any thread and take the lock themselves. The exceptions have "The lock
is held" in their docstring: for them the caller holds it.
"""
import collections
import itertools

from httptestserver.http1.address import from_client
from httptestserver.recording.messages import (
    blocked_loop, every_request, expected_failures, expected_no_request, expected_requests,
    other_requests)
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
        return 'connection %s%s: %s' % (
            self.connection_index, from_client(self.client_address), self.reason)


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
        # How many requests were taken since the last reset.
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
        return self._block(Search(self, count, wanted), timeout, 'wait_async')

    def take(self, timeout):
        """Return the next request that no call has returned; block until there is one.

        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over. The message lists what has come.
        """
        return self._block(Take(self), timeout, 'take_request_async')

    def wait_async(self, count, timeout, wanted):
        """Return an awaitable of what `wait` returns. *wanted* is tried in the thread of the loop.

        :raises RuntimeError: no asyncio event loop runs in this thread.
        """
        # Imported here, because importing asyncio takes long, and few tests need it.
        from httptestserver.recording.awaiting import awaited
        return awaited('wait_async', self._guard, Search(self, count, wanted), timeout)

    def take_async(self, timeout):
        """Return an awaitable of what `take` returns.

        :raises RuntimeError: no asyncio event loop runs in this thread.
        """
        from httptestserver.recording.awaiting import awaited
        return awaited('take_request_async', self._guard, Take(self), timeout)

    def _block(self, quest, timeout, method):
        """Block until *quest* has found what it looks for, and return that.

        :param method: the one that does not block an event loop, for the message.
        """
        deadline = monotonic() + timeout
        while not quest.look():
            if monotonic() >= deadline:
                raise AssertionError(
                    quest.failed(timeout) + blocked_loop('await %s() instead' % method))
            with self._guard.lock:
                while not quest.has_news() and self._guard.wait(deadline):
                    pass
        return quest.found

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
        # Imported here, because few tests need it.
        from httptestserver.recording.order import found_in_order, not_in_order
        found = found_in_order(wanted, requests)
        if len(found) < len(wanted):
            raise AssertionError(not_in_order(wanted, found, requests) + self._elsewhere())
        return [requests[index] for index in found]

    def _elsewhere(self):
        """Return the end of a message: which requests have come to another route, or ''."""
        everything = self._whole.requests() if self._whole is not None else []
        return other_requests(self.requests(), everything)

    def assert_not_requested(self, wanted):
        """Check that no request meets *wanted*, a `Criteria`. Does not wait.

        :raises AssertionError: one does. The message lists all requests.
        """
        requests = self.requests()
        found = [request for request in requests if wanted.match(request)]
        if found:
            raise AssertionError(expected_no_request(wanted, found, requests))


class Search(object):
    """What a wait has seen of a `History`, and which of these requests meet *wanted*.

    :param count: how many have to meet it.
    """

    def __init__(self, history, count, wanted):
        self._history, self._count, self._wanted = history, count, wanted
        self._resets, self._seen = 0, 0
        #: The requests that meet *wanted*, in order. This list is what the wait returns.
        self.found = []
        #: Waits with the same line take in turn. A search takes nothing, so its line is its own.
        self.line = object()

    def look(self):
        """Try *wanted*, which is user code, on what has come since the last look.

        :returns: whether there are enough requests now.
        """
        history = self._history
        with history._guard.lock:
            if history._resets != self._resets:
                self._resets, self._seen, self.found = history._resets, 0, []
            new = history.last(history.count - self._seen)
            self._seen = history.count
        self.found += [request for request in new if self._wanted.match(request)]
        return len(self.found) >= self._count

    def has_news(self):
        """Whether anything has changed since the last look. The lock is held."""
        return (self._resets, self._seen) != (self._history._resets, self._history.count)

    def failed(self, timeout):
        """Return the message for a wait that has found too few in *timeout* seconds."""
        history = self._history
        return 'within %s s %s%s' % (timeout, expected_requests(
            self._count, self._wanted, self.found, history.requests()), history._elsewhere())


class Take(object):
    """A wait for the next request of a `History` that no other has taken. As `Search`."""

    def __init__(self, history):
        self._history = self.line = history
        #: The request that was taken.
        self.found = None

    def look(self):
        """Take the next request if there is one, and return whether there is."""
        history = self._history
        with history._guard.lock:
            if not self.has_news():
                return False
            index = self._next()
            history._taken = index + 1
            self.found = history[index - history.dropped]
            return True

    def has_news(self):
        """Whether there is a request to take. The lock is held."""
        return self._next() < self._history.count

    def _next(self):
        # A request that the limit has dropped cannot be returned, so it counts as taken.
        return max(self._history._taken, self._history.dropped)

    def failed(self, timeout):
        history = self._history
        return 'within %s s no further request; %s%s' % (
            timeout, every_request(history.requests()), history._elsewhere())


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
