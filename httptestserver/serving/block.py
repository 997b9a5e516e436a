# -*- coding: utf-8 -*-
"""The ``with`` block of `http_server` and `https_server`. It belongs to one thread."""
from httptestserver.serving import started

__all__ = ['Block']


class Block(object):
    """A context manager that starts a server, stops it, and may check it.

    :param start: a function that returns a started server.
    :param keywords: the keyword arguments of `Server.check`; None for no check.
    :param name: what has made the block, such as ``'http_server()'``, for a message.
    :param other: what returns a server instead.
    """

    # A class, because with a generator a traceback from `check` would end in contextlib.

    def __init__(self, start, keywords, name, other):
        self._start = start
        self._keywords = keywords
        self._name, self._other = name, other
        self._server = None

    def __getattr__(self, name):
        # Python calls this only if the attribute is missing.
        if name[:1] == '_':
            return object.__getattribute__(self, name)
        raise AttributeError(
            '%s is a context manager and has no attribute %s; use "with %s as server:", or %s, '
            'which returns a server' % (self._name, name, self._name, self._other))

    def __enter__(self):
        self._server = self._start()
        if self._keywords is not None:
            started.note_check(self._server, self._keywords)
        return self._server

    def __exit__(self, kind, error, trace):
        self._server.stop()
        if kind is None and self._keywords is not None:
            self._server.check(**self._keywords)
