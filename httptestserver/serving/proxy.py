# -*- coding: utf-8 -*-
"""Tunnels through this server: what a CONNECT opens ends in the server itself.

A tunnel lies on the connection that has opened it, and belongs to the same thread. Nothing that
comes through it goes on to the network.
"""
import functools
import socket

from httptestserver.http1.grammar import BadRequest
from httptestserver.recording.tunnel import Tunnel
from httptestserver.serving import authority
from httptestserver.serving.session import abort_early, fail, secure
from httptestserver.waiting import clock

__all__ = ['Proxy']

#: The first byte that a client sends which speaks TLS: a record of its handshake.
#: RFC 8446, section 5.1.
HANDSHAKE = b'\x16'


class Proxy(object):
    """What makes a server a proxy. May be used from any thread.

    :param router: the `ProxyRouter` of the server.
    :raises ImportError: certificates for hosts need the extra ``tls``.
    """

    def __init__(self, router):
        authority.require('proxy=True')
        self._router = router
        #: Called with each `Tunnel` before it is open, in the connection's thread.
        self.observer = None

    def opens(self, response):
        """Whether *response*, a `Response` to a CONNECT, opens a tunnel. RFC 9110, section 9.3.6.
        """
        return response.raw is None and not response.fault and 200 <= response.status < 300

    def opener(self, connection, exchange, target):
        """Return what `deliver` calls with the `Response`: it records the tunnel if that opens one.

        :param exchange: that of the CONNECT, in the thread of *connection*.
        :raises BadRequest: the connection has a tunnel already.
        """
        if connection.tunnel is not None:
            raise BadRequest(501, 'a CONNECT in the tunnel to %s: no tunnel leads through another'
                             % connection.tunnel)
        return functools.partial(self._open, connection, exchange, target)

    def _open(self, connection, exchange, target, response):
        if self.opens(response):
            # Whatever the client says of its connection, the tunnel lies on it.
            exchange.persistent = True
            tunnel = Tunnel(connection.index, target, clock())
            self._router.add_tunnel(tunnel)
            if self.observer is not None:
                self.observer(tunnel)

    def enter(self, backend, connection):
        """Do the TLS handshake in the tunnel on *connection*, if the client speaks TLS.

        :returns: whether requests can be read from the connection.
        """
        # `Handler.finish` has set a timeout of 0, and a subclass may have one for its reads.
        connection.socket.settimeout(backend.handler.timeout)
        if connection.ahead:
            # The bytes cannot be given back to the socket, where a handshake would read them.
            if connection.ahead[:1] == HANDSHAKE:
                fail(backend, connection, 'a TLS handshake right behind the CONNECT to %s, before '
                                          'its response' % connection.tunnel)
                return False
            return True
        first = _first_byte(connection.socket)
        if first == HANDSHAKE:
            return self._secure(backend, connection)
        return bool(first)

    def _secure(self, backend, connection):
        if abort_early(backend, connection, 'handshake'):
            return False
        host = connection.tunnel.rpartition(':')[0].strip('[]')
        try:
            context = authority.server_context(host)
        except Exception as error:
            # A test may have patched what it takes, such as `datetime`.
            fail(backend, connection, 'no certificate for the tunnel to %s: %r' % (
                connection.tunnel, error))
            return False
        try:
            secure(context, connection)
        except socket.error as error:
            fail(backend, connection, 'TLS handshake in the tunnel to %s failed: %s' % (
                connection.tunnel, error))
            return False
        return True


def _first_byte(accepted):
    """Wait for the first byte and leave it there. Returns b'' if the client closes before it."""
    try:
        return accepted.recv(1, socket.MSG_PEEK)
    except socket.error:
        return b''
