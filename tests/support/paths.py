# -*- coding: utf-8 -*-
"""Paths for every Python and locale: an object, because 2.7 has no `pathlib`, and bytes."""
import os

__all__ = ['Path', 'bytes_path']


class Path(object):
    """A path object that is none of `pathlib`.

    :param name: the name of a file, or an object whose text is one.
    """

    def __init__(self, name):
        self._name = str(name)

    def __fspath__(self):
        return self._name

    # Python 2 has no protocol of paths, so there the text is the name.
    __str__ = __fspath__


def bytes_path(folder, name):
    """Return the path of *name*, text, in a *folder* as bytes, which need no locale."""
    return os.path.join(str(folder).encode('utf-8'), name.encode('utf-8'))
