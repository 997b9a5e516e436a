# -*- coding: utf-8 -*-
"""A connection is ended by any thread, with or without its response."""
import threading

from httptestserver.serving.connections import Connection
from support.sockets import socket_pair


def test_a_connection_without_a_response_ends_at_once():
    ours, theirs = socket_pair()
    Connection(0, None, ours).end()
    assert theirs.recv(1) == b''
    ours.close()
    theirs.close()


def test_a_stall_ends_if_the_server_stopped_while_a_response_was_under_way():
    ours, theirs = socket_pair()
    connection = Connection(0, None, ours)
    connection.busy = True
    connection.end()
    ours.sendall(b'a')
    assert theirs.recv(1) == b'a' and connection.ending
    connection.rest()
    assert theirs.recv(1) == b''
    ours.close()
    theirs.close()


def test_a_socket_that_comes_after_the_end_of_its_connection_is_ended():
    ours, theirs = socket_pair()
    connection = Connection(0, None, None)
    connection.busy = True
    connection.end()
    connection.replace(ours)
    assert theirs.recv(1) == b''
    ours.close()
    theirs.close()


def test_the_own_thread_of_a_connection_does_not_end_its_socket():
    ours, theirs = socket_pair()
    connection = Connection(0, None, ours)
    connection.thread = threading.current_thread()
    connection.end()
    connection.cut()
    ours.sendall(b'a')
    assert theirs.recv(1) == b'a' and connection.ending
    ours.close()
    theirs.close()
