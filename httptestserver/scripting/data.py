# -*- coding: utf-8 -*-
"""The dict that scripts responses and shows the last request."""
from httptestserver.scripting.vocabulary import script_of

__all__ = ['Data']


class Data(dict):
    """The facts of the last request, and the ``response_*`` keys that script responses.

    It behaves as a dict does. Each write is atomic, and checks ``response_*`` keys: an
    unknown key is a ValueError that names the nearest one, a wrong value a TypeError or
    ValueError that says what is allowed. ``keys()``, ``items()`` and ``values()`` are of a
    snapshot.
    """

    def __init__(self, lock, check, written):
        """
        :param check: called without the lock with new ``response_*`` keys, and with those
            that are there; raises if they are wrong.
        :param written: called under the lock after each write.
        """
        super(Data, self).__init__()
        self._lock = lock
        self._check = check
        self._written = written

    def __setitem__(self, key, value):
        self.update([(key, value)])

    def update(self, *args, **keys):
        """As `dict.update`; nothing is written if one key or value is wrong."""
        new = dict(*args, **keys)
        self._check_script(new)
        with self._lock:
            old = [self.get(key) for key in new]
            self._write(new)
        # Dropped without the lock, because a finalizer may run user code.
        del old

    def __ior__(self, other):
        self.update(other)
        return self

    def setdefault(self, key, default=None):
        with self._lock:
            if key in self:
                return self[key]
        new = {key: default}
        self._check_script(new)
        with self._lock:
            # Another thread may have been faster.
            if key not in self:
                self._write(new)
            return self[key]

    def __delitem__(self, key):
        self.pop(key)

    def pop(self, key, *default):
        with self._lock:
            value = super(Data, self).pop(key, *default)
            self._written()
            return value

    def popitem(self):
        with self._lock:
            item = super(Data, self).popitem()
            self._written()
            return item

    def clear(self):
        with self._lock:
            old = dict(self)
            super(Data, self).clear()
            self._written()
        # As in `update`.
        del old

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

    def _check_script(self, new):
        script = script_of(new)
        if script:
            self._check(script, script_of(self.copy()))

    def _write(self, new):
        super(Data, self).update(new)
        self._written()
