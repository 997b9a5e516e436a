# -*- coding: utf-8 -*-
"""The dict that scripts answers and shows the last request."""
from six import string_types

from httptestserver.response import PREFIX

__all__ = ['Data', 'is_response_key']


def is_response_key(key):
    """Whether *key* belongs to the vocabulary of responses."""
    return isinstance(key, string_types) and key.startswith(PREFIX)


class Data(dict):
    """The state of the last request, and the ``response_*`` keys that script answers.

    It behaves as a dict does, with every write atomic and every ``response_*`` key checked
    where it is written: an unknown key is a ValueError that names the nearest one, a wrong
    value a TypeError or ValueError that tells what is allowed. ``keys()``, ``items()`` and
    ``values()`` are of a snapshot.
    """

    def __init__(self, lock, checked):
        """
        :param checked: called with new ``response_*`` keys, False, and those that are there;
            raises where they are wrong.
        """
        super(Data, self).__init__()
        self._lock = lock
        self._checked = checked
        self._script = {}       # the response_* keys; replaced, never changed; guarded by _lock

    def __setitem__(self, key, value):
        self.update([(key, value)])

    def update(self, *args, **keys):
        """As `dict.update`; nothing is written where one key or value is wrong."""
        new = dict(*args, **keys)
        script = self._checked_script(new)
        with self._lock:
            old = [self[key] for key in new if key in self]
            self._write(new, script)
        del old             # not before: what a test wrote may end with code of the test's

    def __ior__(self, other):
        self.update(other)
        return self

    def setdefault(self, key, default=None):
        new, script = {key: default}, None
        while True:
            with self._lock:
                if key in self:
                    return self[key]
                if script is not None:
                    self._write(new, script)
                    return default
            script = self._checked_script(new)

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
            old = self.take()
        del old             # as in `update`

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

    def _checked_script(self, new):
        """Return the ``response_*`` keys of *new*, which are right. Runs without the lock."""
        script = {key: new[key] for key in new if is_response_key(key)}
        if script:
            self._checked(script, False, self._script)
        return script

    def _write(self, new, script):
        dict.update(self, new)
        if script:
            self._script = dict(self._script, **script)

    # What follows is for the endpoint, under the lock.

    def take(self):
        """Return all that is there as a plain dict, and leave nothing."""
        old = dict(self)
        self._script = {}
        dict.clear(self)
        return old

    @property
    def script(self):
        """The ``response_*`` keys. The same dict until one is written or dropped."""
        return self._script

    def publish(self, state):
        """Write the *state* of a request, which holds no ``response_*`` key."""
        dict.update(self, state)

    def choose(self):
        """Return the `script` of the next answer, and drop it where it says so."""
        script = self._script
        if 'response_clear' in script or 'response_times' in script:
            self._count(script)
        return script

    def _count(self, script):
        times = script.get('response_times', 0)
        if times > 1:
            dict.__setitem__(self, 'response_times', times - 1)
            self._script = dict(script, response_times=times - 1)
        if times == 1 or script.get('response_clear'):
            for key in script:
                dict.__delitem__(self, key)
            self._script = {}
