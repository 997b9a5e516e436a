# -*- coding: utf-8 -*-
"""Notices that a script file has changed. It looks at regular intervals, because not every system
and not every file system reports changes.

A `Watch` belongs to one thread. Nothing here takes a lock.
"""
import os

from httptestserver.waiting import clock

__all__ = ['INTERVAL', 'Watch']

#: How often the file should be looked at.
INTERVAL = 0.2          # seconds

#: Some file systems, such as FAT, record times only in steps of this size. If a file has changed
#: twice within a step, its time does not show the second change.
COARSE = 2.0            # seconds


class Watch(object):
    """Reads a file again when it has changed, or was replaced by another one.

    It must be made before the file is first read, so that no change is missed.

    :param path: of the file.
    :raises ValueError: it is not a regular file, and cannot be read twice.
    """

    def __init__(self, path):
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError('cannot watch %s: it is not a regular file' % path)
        self._path = path
        self._stamp = _stamp(path)
        self._content = _content(path)
        # Whether the file has changed since it was last read without an error.
        self._changed = False
        # Whether the content was compared after `COARSE` seconds, when its time hides no change.
        self._compared = False
        # The message of the last error, which is raised once for each change.
        self._error = None

    def poll(self, load):
        """Look at the file once.

        If it has changed, it is read as soon as two looks in a row find it the same, because an
        editor may still be writing. After an error it is read at each look, because the cause may
        be another file, such as one with a body.

        :param load: a function that reads the file, and raises if it is wrong.
        :returns: the result of *load*; None if there is nothing new.
        :raises TypeError, ValueError: as *load*, but the same error only once for each change.
        """
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp, self._changed, self._compared = stamp, True, False
            self._error = None
            return None
        if self._changed:
            return self._load(load)
        if not self._compared and _is_old(stamp):
            self._compared = True
            self._changed = _content(self._path) != self._content
        return None

    def _load(self, load):
        # Kept before load() reads the file, so that a later look finds a change in between.
        self._content = _content(self._path)
        try:
            loaded = load()
        except (TypeError, ValueError) as error:
            if str(error) == self._error:
                return None
            self._error = str(error)
            raise
        self._changed, self._error = False, None
        return loaded


def _stamp(path):
    """Return values that differ after a change of the file; None if there is no such file."""
    try:
        status = os.stat(path)
    except EnvironmentError:
        return None
    # Python 2 has no st_mtime_ns, and the fraction of its st_mtime is exact enough.
    return (status.st_mtime, getattr(status, 'st_mtime_ns', None), status.st_ctime,
            status.st_size, status.st_ino, status.st_dev)


def _is_old(stamp):
    return stamp is not None and abs(clock() - stamp[0]) > COARSE


def _content(path):
    try:
        with open(path, 'rb') as file:
            return file.read()
    except EnvironmentError:
        return None
