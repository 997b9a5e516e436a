# -*- coding: utf-8 -*-
"""Clients of a proxy: they open tunnels, and send bytes through them."""
from __future__ import unicode_literals

import socket

import pytest

from support.client import Client, client_context
from support.waiting import TIMEOUT

__all__ = ['TunnelClient', 'connect']


def connect(target, *fields, **keys):
    """Return the bytes of a CONNECT request; *fields* are lines."""
    version = keys.pop('version', '1.1')
    lines = ['CONNECT %s HTTP/%s' % (target, version), 'Host: %s' % target]
    return '\r\n'.join(lines + list(fields) + ['', '']).encode('utf-8')


class TunnelClient(Client):
    """A connection to the proxy *server* that may open a tunnel; a context manager.

    :param target: the ``'host:port'`` to which a tunnel is opened at once; None for none.
    :param tls: whether TLS is spoken in it.
    """

    def __init__(self, server, target=None, tls=True, **keys):
        self._server = server
        super(TunnelClient, self).__init__(server, tls=False, **keys)
        if target is not None:
            assert self.connect(target).status == 200
            if tls:
                self.secure(target.rpartition(':')[0].strip('[]'))

    def connect(self, target, *fields, **keys):
        """Send a CONNECT request, and return the `Answer`."""
        self.send(connect(target, *fields, **keys))
        return self.answer('CONNECT')

    def secure(self, name, context=None):
        """Do the TLS handshake with a server that has to be *name*; '' to send none."""
        context = context or client_context(self._server)
        plain = self.socket
        try:
            self.socket = context.wrap_socket(plain, server_hostname=str(name) or None)
        finally:
            if self.socket is not plain:
                plain.close()

    def expect_silence(self):
        """Check that nothing comes for a moment, and that the connection stays open."""
        self.socket.settimeout(0.04)
        with pytest.raises(socket.timeout):
            self.socket.recv(1)
        self.socket.settimeout(TIMEOUT)
