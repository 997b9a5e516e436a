# -*- coding: utf-8 -*-
"""Serves one accepted connection to its end: early faults, TLS, the handler, failures.

`serve` runs in the thread of the connection.
"""
import logging
import socket

from httptestserver import tls
from httptestserver.http1.connection import abort, linger
from httptestserver.scripting.response import Response
from httptestserver.serving.delivery import Interrupted, wait

__all__ = ['abort_early', 'fail', 'secure', 'serve']

log = logging.getLogger('httptestserver')

#: The keys that delay a fault before there is a request. Such a script's other keys are ignored.
WAITS = ('response_timeout', 'response_hold')


def serve(server, connection, client_address, listener):
    """Serve *connection* until it ends. The listener closes it afterwards.

    Exceptions become failures of the connection, because nobody could catch them here.
    """
    backend = server._backend
    try:
        if listener.tcp:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if abort_early(backend, connection, 'accept'):
            return
        if backend.context is not None:
            if abort_early(backend, connection, 'handshake'):
                return
            secure(backend.context, connection)
        backend.handle(connection, server)
        if connection.tunnel is not None and not connection.ending:
            if backend.proxy.enter(backend, connection):
                backend.handle(connection, server)
    except Interrupted:
        pass
    except socket.error as error:
        fail(backend, connection, _reason(error, backend.context))
    except BaseException as error:
        log.exception('connection %s ended', connection.index)
        backend.add_failure(connection, 'the handler raised %r' % error)


def fail(backend, connection, reason):
    """Record a `Failure` of *connection*, which the caller ends."""
    backend.add_failure(connection, reason)
    if not connection.fault:
        # Without this the client may lose the TLS alert that explains the failure.
        linger(connection.socket)


def abort_early(backend, connection, moment):
    """Abort *connection* if the next script has a fault at *moment*. Returns whether it has."""
    if not backend.router.has_early:
        return False
    script, interrupt = backend.router.early(moment)
    if script is None:
        return False
    if connection.fault:
        raise Interrupted('the connection')
    if moment == 'handshake':
        # Wait for the first byte, with which the client begins the handshake.
        connection.socket.recv(1, socket.MSG_PEEK)
    wait(interrupt, Response({key: script[key] for key in script if key in WAITS}))
    abort(connection.socket, script['response_fault'], interrupt)
    return True


def secure(context, connection):
    """Do the TLS handshake on *connection*."""
    accepted = connection.socket
    # Raises if the client has closed. In `wrap_socket` that would leave the socket unclosed.
    accepted.getpeername()
    secured = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
    # On Python 2 the accepted socket stays open after it was wrapped.
    accepted.close()
    connection.replace(secured)
    secured.do_handshake()
    connection.tls = tls.describe(secured)


def _reason(error, context):
    """Return the reason of a failure, from the error of a socket."""
    if context is None:
        return 'the client left: %s' % error
    if getattr(error, 'reason', None) == 'HTTP_REQUEST':
        return 'plain HTTP, but this server speaks TLS'
    return 'TLS handshake failed: %s' % error
