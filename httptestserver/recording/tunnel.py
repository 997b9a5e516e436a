# -*- coding: utf-8 -*-
"""What is recorded of a tunnel that a client has opened through a proxy.

Nothing here does I/O or takes a lock.
"""
import collections

__all__ = ['Tunnel']


class Tunnel(collections.namedtuple('Tunnel', 'connection_index target time')):
    """A tunnel that a client has opened by a CONNECT request, through a server that is a proxy.

    ``connection_index`` counts from 0, ``target`` is the ``'host:port'`` as the client has sent
    it, and ``time`` is in seconds since the epoch.
    """

    __slots__ = ()
