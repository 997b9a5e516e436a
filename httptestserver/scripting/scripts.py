# -*- coding: utf-8 -*-
"""The scripts of an endpoint: which one is served next, and how often.

The lock of the server guards them. A method takes it, unless its docstring says "The lock is
held": then its caller has taken it.
"""
import collections

from httptestserver.scripting.data import Data
from httptestserver.scripting.shorthand import short_form
from httptestserver.scripting.vocabulary import script_of

__all__ = ['Scripts']


class Scripts(object):
    """The scripts of an endpoint: those in its queue, and then that of its data.

    :param lock: the lock of the server, a reentrant one.
    :param check: called without the lock as ``check(script, whole, beside)``. *beside* are the
        keys that data has already. *whole* is False for keys of data, because more may follow.
        Raises if the script is wrong.
    """

    def __init__(self, lock, check):
        self._lock = lock
        self._check = check
        self.data = Data(lock, self._check_data, self._data_written)
        #: Lists of [script, how many times it is still served].
        self.queue = collections.deque()        # guarded by _lock
        # The response_* keys of data; None if data was written since they were collected.
        self._script = {}                       # guarded by _lock
        # The names of the facts that data shows.
        self._names = frozenset()               # guarded by _lock
        # Whether the script of data was counted down or cleared.
        self._counted = False                   # guarded by _lock

    def _check_data(self, new, beside):
        self._check(new, False, beside)

    def _data_written(self):
        self._script = None

    def enqueue(self, responses, response_keys):
        """Add scripts to the queue: all, or none if one is wrong. See `Endpoint.enqueue`."""
        if not responses and not response_keys:
            raise TypeError('enqueue() takes responses, or the response_* keys of one')
        scripts = [dict(response_keys, **short_form(response)) for response in responses or ({},)]
        for script in scripts:
            self._check(script, True, {})
        with self._lock:
            self.queue.extend([[script, script.get('response_times', 1)]
                               for script in scripts])

    def queued(self):
        """Return a list of the (script, times left) in the queue. The lock is held."""
        return [tuple(pair) for pair in self.queue]

    @property
    def exhausted(self):
        """Whether nothing is left to serve, because the script of data was used up.

        An endpoint that never had a script is not exhausted.
        """
        if not self._counted:
            return False
        with self._lock:
            return not self.peek()

    def peek(self):
        """Return the next script, and leave it; {} if there is none. The lock is held."""
        if self.queue:
            return self.queue[0][0]
        # Until a key is written this is the same dict, so a cached response can be reused.
        if self._script is None:
            self._script = script_of(self.data)
        return self._script

    def next(self):
        """Return the next script, and count it as served. The lock is held."""
        script = self.peek()
        if self.queue:
            self._count_down_queue()
        elif 'response_clear' in script or 'response_times' in script:
            self._count_down_data(script)
        return script

    def _count_down_queue(self):
        first = self.queue[0]
        first[1] -= 1
        if not first[1]:
            self.queue.popleft()

    def _count_down_data(self, script):
        times = script.get('response_times', 0)
        # The methods of `dict` skip the check and the lock of `Data`.
        if times > 1:
            dict.__setitem__(self.data, 'response_times', times - 1)
        if times == 1 or script.get('response_clear'):
            for key in script:
                dict.__delitem__(self.data, key)
        if times or script.get('response_clear'):
            self._counted = True
        self._script = None

    def publish(self, facts, names=None):
        """Replace the facts in data by the *facts* of a request. The lock is held.

        :param names: a frozenset of the names of *facts*. Callers pass the same object for the
            same names; None if they have none.
        :returns: the values that were replaced, or None. The caller drops them without the lock.
        """
        old = None
        # Most requests have the same names, and to compare these would take longer than the rest.
        # Then the replaced values need no copy, because the history holds them too.
        if names is None or names is not self._names:
            old = dict(self.data)
            names = frozenset(facts) if names is None else names
            for stale in self._names.difference(names):
                dict.pop(self.data, stale, None)
            self._names = names
        dict.update(self.data, facts)
        return old

    def amend(self, facts):
        """Add *facts* about the request that data shows. Return as `publish`. The lock is held."""
        old = dict(self.data)
        self._names = self._names.union(facts)
        dict.update(self.data, facts)
        return old

    def clear(self):
        """Remove and return all. The caller drops it without the lock. The lock is held."""
        old = dict(self.data), list(self.queue)
        dict.clear(self.data)
        self.queue.clear()
        self._script, self._names = {}, frozenset()
        self._counted = False
        return old
