# -*- coding: utf-8 -*-
"""What one socket does for a connection: send, linger, drain, close.

A connection belongs to one thread; every call blocks until it is done or the connection
ends.
"""
import socket

__all__ = ['Disconnected', 'close', 'drain', 'linger', 'send']

STEP = 65536                # octets asked of the socket, or sent with their head, at a time
LINGER = 1.0                # seconds, and
LINGER_LIMIT = 1048576      # octets, that a refused client may go on sending


class Disconnected(socket.error):
    """The client went away before its request, or the response, was whole."""


def send(connection, *parts):
    """Send *parts*, bytes, in as few writes as they fit.

    :raises Disconnected: the client does not take them.
    """
    if len(parts) > 1 and sum(map(len, parts)) <= STEP:
        parts = (b''.join(parts),)
    try:
        for part in parts:
            connection.sendall(part)
    except socket.error as error:
        raise Disconnected('the client left within a response: %s' % error)


def linger(connection):
    """Send no more, and drop what the client still sends, until it ends or for a second.

    Closing on octets that nobody read resets a connection, and then the client may lose the
    answer that tells it what was wrong: RFC 9112, section 9.6.
    """
    try:
        socket.socket.shutdown(connection, socket.SHUT_WR)
        drain(connection, LINGER, LINGER_LIMIT)
    except socket.error:
        pass                                # it has ended


def drain(connection, seconds=None, limit=float('inf')):
    """Drop what comes, until the client ends; *seconds* is the longest pause in it."""
    try:
        # A socket beside it, because that of `ssl` may be in no state to receive.
        beside = socket.fromfd(connection.fileno(), connection.family, connection.type)
    except socket.error:
        return                              # `Server.stop` closed it
    try:
        beside.settimeout(seconds)
        while limit > 0:
            limit -= len(beside.recv(STEP)) or limit
    except socket.error:
        pass
    finally:
        beside.close()


def close(connection):
    """Close *connection*, in order unless that is meant to reset it."""
    try:
        if not connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
            socket.socket.shutdown(connection, socket.SHUT_WR)
    except socket.error:
        pass
    connection.close()
