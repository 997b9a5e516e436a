# -*- coding: utf-8 -*-
"""What a test scripts and observes: the data of an endpoint and its history.

Every method may be called from any thread. One lock guards all of it; guarded state
leaves as a copy, and no code of the test's and no I/O runs under the lock.
"""
import collections

from six import string_types

from httptestserver.response import PREFIX, VOCABULARY, check

__all__ = ['Data', 'Endpoint']


def _scripts(key):
    return isinstance(key, string_types) and key.startswith(PREFIX)


class Data(dict):
    """The state of the last request, and the ``response_*`` keys that script answers.

    It behaves as a dict does, with every write atomic and every ``response_*`` key checked
    where it is written: an unknown key is a ValueError that names the nearest one, a wrong
    value a TypeError or ValueError that tells what is allowed. ``keys()``, ``items()`` and
    ``values()`` are of a snapshot.
    """

    def __init__(self, lock, vocabulary=VOCABULARY):
        super(Data, self).__init__()
        self._lock = lock
        self._vocabulary = vocabulary
        self._script = {}       # the response_* keys; replaced, never changed; guarded by _lock

    def __setitem__(self, key, value):
        self.update([(key, value)])

    def update(self, *args, **keys):
        """As `dict.update`; nothing is written where one key or value is wrong."""
        new = dict(*args, **keys)
        script = {key: new[key] for key in new if _scripts(key)}
        for key in script:
            check(key, script[key], self._vocabulary)
        with self._lock:
            dict.update(self, new)
            if script:
                self._script = dict(self._script, **script)

    def __ior__(self, other):
        self.update(other)
        return self

    def setdefault(self, key, default=None):
        with self._lock:
            if key not in self:
                self.update([(key, default)])
            return self[key]

    def __delitem__(self, key):
        self.pop(key)

    def pop(self, key, *default):
        with self._lock:
            value = dict.pop(self, key, *default)
            self._script = {name: self[name] for name in self._script if name in self}
            return value

    def popitem(self):
        with self._lock:
            key, value = dict.popitem(self)
            self._script = {name: self[name] for name in self._script if name in self}
            return key, value

    def clear(self):
        with self._lock:
            self._script = {}
            dict.clear(self)

    def copy(self):
        """Return a plain dict of what is there now."""
        with self._lock:
            return dict(self)

    def keys(self):
        return self.copy().keys()

    def values(self):
        return self.copy().values()

    def items(self):
        return self.copy().items()

    def __eq__(self, other):
        return self.copy() == (other.copy() if isinstance(other, Data) else other)

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    def __repr__(self):
        return repr(self.copy())

    def __reduce__(self):
        return dict, (self.copy(),)

    # What follows is for the endpoint, under the lock.

    def publish(self, state):
        """Write the *state* of a request, which holds no ``response_*`` key."""
        dict.update(self, state)

    def choose(self):
        """Return the keys that script the next answer, and drop them where they say so.

        The dict is the same one until a key is written or dropped, and never changes.
        """
        script = self._script
        if 'response_clear' in script and script['response_clear']:
            for key in script:
                dict.__delitem__(self, key)
            self._script = {}
        return script


class Endpoint(object):
    """What a test scripts and observes."""

    def __init__(self, lock, vocabulary=VOCABULARY, history_limit=None):
        """
        :param history_limit: how many of the newest entries are kept, all by default.
        """
        self._lock = lock
        self._data = Data(lock, vocabulary)
        self._history = collections.deque(maxlen=history_limit)     # guarded by _lock

    @property
    def data(self):
        """The one dict that scripts the answers and shows the last request: see `Data`."""
        return self._data

    @property
    def history(self):
        """The requests so far, oldest first: a list of `RecordedRequest`, a snapshot."""
        with self._lock:
            return list(self._history)

    @property
    def response_data(self):
        """The ``response_*`` keys of `data`, a snapshot."""
        data = self._data.copy()
        return {key: data[key] for key in data if _scripts(key)}

    def reset(self):
        """Forget what was scripted and what was recorded."""
        with self._lock:
            self._data.clear()
            self._history.clear()
