# -*- coding: utf-8 -*-
"""A path object for every Python, because 2.7 has no `pathlib`."""

__all__ = ['Path']


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
