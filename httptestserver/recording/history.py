# -*- coding: utf-8 -*-
"""What went wrong on the wire."""
import collections

__all__ = ['Failure']


class Failure(collections.namedtuple(
        'Failure', 'client_address connection_index time reason')):
    """What went wrong on a connection, where no request came of it.

    ``time`` is in seconds since the epoch, ``reason`` one line of text.
    """

    __slots__ = ()

    def __str__(self):
        return 'connection %s from %s:%s: %s' % (
            (self.connection_index,) + tuple(self.client_address[:2]) + (self.reason,))
