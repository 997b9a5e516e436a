# -*- coding: utf-8 -*-
"""The dict that scripts responses and shows the last request."""
import threading
import warnings

from httptestserver.scripting.vocabulary import key_meant, script_of
from httptestserver.waiting import ConnectionThread

__all__ = ['Data']

#: Keys that script nothing, but that are easily written in place of a key of a response.
LIKELY_MISTAKES = ('content', 'json', 'status', 'status_code', 'timeout')


class Data(dict):
    """The facts of the last request, and the ``response_*`` keys that script responses.

    It is a dict whose writes are atomic. A write checks ``response_*`` keys first, and writes
    nothing if one is wrong. ``keys()``, ``items()`` and ``values()`` show a snapshot.

    If a test writes ``status``, ``status_code``, ``content``, ``json`` or ``timeout``, which script
    nothing, a UserWarning names the key that was meant. User code in the thread of a connection
    may write them without a warning.

    :raises ValueError: in a write, if a key is unknown or a value is out of range. The message
        suggests the nearest key, or names what is allowed.
    :raises TypeError: in a write, if a value is of a wrong type.
    """

    def __init__(self, lock, check, written):
        """
        :param lock: a reentrant lock, which is held while the dict is read or written.
        :param check: called without the lock with two dicts: the new ``response_*`` keys, and
            those that the dict has. Raises if they are wrong.
        :param written: called under the lock after each write.
        """
        super(Data, self).__init__()
        self._lock = lock
        self._check = check
        self._written = written

    def __setitem__(self, key, value):
        self._store({key: value})

    def update(self, *args, **keys):
        """Write several keys in one step, or none of them if one is wrong. As `dict.update`."""
        self._store(dict(*args, **keys))

    def __ior__(self, other):
        self._store(dict(other))
        return self

    def setdefault(self, key, default=None):
        with self._lock:
            if key in self:
                return self[key]
        new = {key: default}
        self._check_new(new, 3)
        with self._lock:
            # Another thread may have set the key during the check, which needs no lock.
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
        # Dropped without the lock, because a finalizer may run user code.
        del old

    def copy(self):
        """Return a plain dict with the same items."""
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

    def _store(self, new):
        """Write *new* for a method that a user has called."""
        self._check_new(new, 4)
        with self._lock:
            old = [self.get(key) for key in new]
            self._write(new)
        # Dropped without the lock, because a finalizer may run user code.
        del old

    def _check_new(self, new, level):
        """Check the keys that a method writes, and warn its caller of likely mistakes.

        :param level: how many calls away the line of the user is, as for `warnings.warn`.
        """
        script = script_of(new)
        if script:
            self._check(script, script_of(self.copy()))
        for key in LIKELY_MISTAKES:
            if key in new and not isinstance(threading.current_thread(), ConnectionThread):
                warnings.warn('%s in data is not a key of a response, and scripts nothing; did you '
                              'mean %s?' % (key, key_meant(key)), UserWarning, level)

    def _write(self, new):
        super(Data, self).update(new)
        self._written()
