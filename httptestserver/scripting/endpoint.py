# -*- coding: utf-8 -*-
"""What a test scripts and observes: data and queue, history, waits and assertions.

Methods may be called from any thread, but for those that say that the lock is held. One
lock guards all endpoints of a server. No user code and no I/O runs under it, and guarded
state leaves as a copy.
"""
import collections

from httptestserver.recording.criteria import Criteria
from httptestserver.scripting.data import Data
from httptestserver.scripting.vocabulary import script_of, short_form

__all__ = ['Endpoint', 'Scripts']

TIMEOUT = 5.0           # seconds


class Scripts(object):
    """The scripts of an endpoint: those in its queue, then that of its data.

    :param lock: the one that methods mean.
    :param check: called without the lock with a script, whether it is *whole*, and the keys
        that stand beside it; raises if it is wrong. Keys of data are written one by one, so
        their script is not whole.
    """

    def __init__(self, lock, check):
        self._lock = lock
        self._check = check
        self.data = Data(lock, self._check_data, self._data_written)
        self._queue = collections.deque()       # [script, times left]; guarded by _lock
        self._script = {}                       # that of data, or None; guarded by _lock
        self._names = frozenset()               # of the facts in data; guarded by _lock
        self._counted = False                   # guarded by _lock

    def _check_data(self, new, beside):
        self._check(new, False, beside)

    def _data_written(self):
        self._script = None

    def enqueue(self, responses, response_keys):
        """Add scripts to the queue: all of them, or none if one is wrong."""
        if not responses and not response_keys:
            raise TypeError('enqueue() takes responses, or the response_* keys of one')
        scripts = [dict(response_keys, **short_form(response)) for response in responses or ({},)]
        for script in scripts:
            self._check(script, True, {})
        with self._lock:
            self._queue.extend([[script, script.get('response_times', 1)]
                                for script in scripts])

    def queued(self):
        """Return the (script, times left) in the queue. The lock is held."""
        return [tuple(pair) for pair in self._queue]

    @property
    def exhausted(self):
        """Whether a script that was served a limited number of times was the last one."""
        if not self._counted:
            return False
        with self._lock:
            return not self.peek()

    def peek(self):
        """Return the next script, {} if there is none. The lock is held."""
        if self._queue:
            return self._queue[0][0]
        # The same dict until a key is written, so that its response can be kept.
        if self._script is None:
            self._script = script_of(self.data)
        return self._script

    def next(self):
        """Return the next script, which is served with that. The lock is held."""
        script = self.peek()
        if self._queue:
            self._count_down_queue()
        elif 'response_clear' in script or 'response_times' in script:
            self._count_down_data(script)
        return script

    def _count_down_queue(self):
        first = self._queue[0]
        first[1] -= 1
        if not first[1]:
            self._queue.popleft()

    def _count_down_data(self, script):
        times = script.get('response_times', 0)
        if times > 1:
            dict.__setitem__(self.data, 'response_times', times - 1)
        if times == 1 or script.get('response_clear'):
            for key in script:
                dict.__delitem__(self.data, key)
        if times or script.get('response_clear'):
            self._counted = True
        self._script = None

    def publish(self, facts, names=None):
        """Show the *facts* of a request in data, and none of an older one. The lock is held.

        :param names: a frozenset of those of the facts, if that is at hand.
        """
        # Most requests have the same ones, and to compare names takes longer than the rest.
        if names is None or names is not self._names:
            names = frozenset(facts) if names is None else names
            for stale in self._names.difference(names):
                dict.pop(self.data, stale, None)
            self._names = names
        dict.update(self.data, facts)

    def amend(self, facts):
        """Show more *facts* of the request that data shows. The lock is held."""
        self._names = self._names.union(facts)
        dict.update(self.data, facts)

    def clear(self):
        """Forget all, and return what nobody else may refer to. The lock is held."""
        old = dict(self.data), list(self._queue)
        dict.clear(self.data)
        self._queue.clear()
        self._script, self._names = {}, frozenset()
        self._counted = False
        return old


class Endpoint(object):
    """What a test scripts and observes: a `Server`, or a `Route` of it."""

    def __init__(self, guard, scripts, history):
        self._guard = guard
        self._scripts = scripts
        self._history = history

    @property
    def data(self):
        """The dict that scripts the responses and shows the last request: see `Data`."""
        return self._scripts.data

    @property
    def history(self):
        """The requests so far, oldest first: a list of `RecordedRequest`, a snapshot."""
        return self._history.requests()

    @property
    def response_data(self):
        """The ``response_*`` keys of `data`, a snapshot."""
        return script_of(self.data.copy())

    def enqueue(self, *responses, **response_keys):
        """Respond to the next requests with these, in order; each is served once.

        :param responses: each a status (int), content (bytes or str), a dict of
            ``response_*`` keys or a callable of the request.
        :param response_keys: of one more response, or, beside *responses*, keys that each
            of them has unless it says otherwise.
        :raises TypeError, ValueError: one of them is wrong; then none is queued.
        """
        self._scripts.enqueue(responses, response_keys)

    def wait(self, count=1, timeout=TIMEOUT, **criteria):
        """Block until *count* matching requests have come since the last reset.

        :param timeout: seconds, from the call.
        :param criteria: those of `Server.route`; any request by default.
        :returns: the matching requests, in order; there may be more than *count*.
        :raises AssertionError: with what did come, once the time is over.
        """
        return self._history.wait(count, timeout, Criteria.named(criteria))

    def take_request(self, timeout=TIMEOUT):
        """Return the next request that was not yet taken; block until there is one.

        :param timeout: seconds, from the call.
        :raises AssertionError: with what did come, once the time is over.
        """
        return self._history.take(timeout)

    def assert_requested(self, method=None, path=None, count=None, **criteria):
        """Return the matching requests.

        :param count: how many there have to be; one or more by default.
        :raises AssertionError: there are others; shows where the nearest one differs, and
            all that came.
        """
        return self._history.assert_requested(
            Criteria.named(dict(criteria, method=method, path=path)), count)

    def assert_not_requested(self, method=None, path=None, **criteria):
        """Raise AssertionError, with all that came, if a matching request did."""
        self._history.assert_not_requested(
            Criteria.named(dict(criteria, method=method, path=path)))

    def reset(self):
        """Forget what was scripted and what was recorded."""
        with self._guard.lock:
            old = self._scripts.clear(), self._history.clear()
        # Dropped without the lock, because a finalizer may run user code.
        del old
