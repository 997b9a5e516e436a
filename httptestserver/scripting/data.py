# -*- coding: utf-8 -*-
"""The dict that scripts answers and shows the last request."""
from httptestserver.scripting.vocabulary import script_of

__all__ = ['Data']


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
        self._script = {}       # see `script`; replaced, never changed; guarded by _lock

    def __setitem__(self, key, value):
        self.update([(key, value)])

    def update(self, *args, **keys):
        """As `dict.update`; nothing is written where one key or value is wrong."""
        new = dict(*args, **keys)
        self._check(new)
        with self._lock:
            old = [self.get(key) for key in new]
            self._write(new)
        del old             # not before: what a test wrote may end with code of the test's

    def __ior__(self, other):
        self.update(other)
        return self

    def setdefault(self, key, default=None):
        new, missing, checked = {key: default}, object(), False
        while True:
            with self._lock:
                value = self.get(key, missing)
                if value is not missing:
                    return value
                if checked:
                    self._write(new)
                    return default
            self._check(new)
            checked = True

    def __delitem__(self, key):
        self.pop(key)

    def pop(self, key, *default):
        with self._lock:
            value = dict.pop(self, key, *default)
            self._script = None
            return value

    def popitem(self):
        with self._lock:
            item = dict.popitem(self)
            self._script = None
            return item

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

    def _check(self, new):
        """Raise where a ``response_*`` key of *new* is wrong. Runs without the lock."""
        script = script_of(new)
        if script:
            self._checked(script, False, script_of(self.copy()))

    def _write(self, new):
        dict.update(self, new)
        self._script = None

    # What follows is for the endpoint, under the lock.

    def take(self):
        """Return all that is there as a plain dict, and leave nothing."""
        old = dict(self)
        dict.clear(self)
        self._script = None
        return old

    @property
    def script(self):
        """The ``response_*`` keys. The same dict until one is written or dropped."""
        if self._script is None:        # since a write, which a signal handler may interrupt
            self._script = script_of(self)
        return self._script

    def publish(self, state):
        """Write the *state* of a request, which holds no ``response_*`` key."""
        dict.update(self, state)

    def choose(self):
        """Return the `script` of the next answer, and drop it where it says so."""
        script = self.script
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
