# -*- coding: utf-8 -*-
"""A connection is ended by any thread, with or without its response; a server knows which exist."""
import contextlib
import os
import threading

import pytest

from httptestserver.serving import connections as connections_module
from httptestserver.serving.connections import Connection, Connections
from httptestserver.waiting import Guard
from support.failing import failure
from support.marks import needs_fork
from support.sockets import socket_pair
from support.waiting import TIMEOUT, eventually


def test_a_connection_without_a_response_ends_at_once(pair):
    ours, theirs = pair
    Connection(0, None, ours).end()
    assert theirs.recv(1) == b''


def test_a_stall_ends_if_the_server_stopped_while_a_response_was_under_way(pair):
    ours, theirs = pair
    connection = Connection(0, None, ours)
    connection.busy = 'GET / HTTP/1.1'
    connection.end()
    ours.sendall(b'a')
    assert theirs.recv(1) == b'a' and connection.ending
    connection.rest()
    assert theirs.recv(1) == b''


def test_a_socket_that_comes_after_the_end_of_its_connection_is_ended(pair):
    ours, theirs = pair
    connection = Connection(0, None, None)
    connection.busy = 'GET / HTTP/1.1'
    connection.end()
    connection.replace(ours)
    assert theirs.recv(1) == b''


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


# The connections of a server.

@contextlib.contextmanager
def present(count=1):
    """Yield a `Connections`, a list of *count* in it, and the sockets of their clients."""
    connections, pairs = Connections(Guard()), [socket_pair() for _ in range(count)]
    members = [Connection(index, ('127.0.0.1', 1000 + index), ours)
               for index, (ours, _) in enumerate(pairs)]
    for each in members:
        connections.add(each)
    yield connections, members, [theirs for _, theirs in pairs]
    for pair in pairs:
        for each in pair:
            each.close()


def nothing():
    """Interrupt no response."""


def test_open_connections_are_listed_in_their_order():
    with present(3) as (connections, members, _):
        assert connections.open() == members
        connections.discard(members[1])
        assert connections.open() == [members[0], members[2]]
        connections.discard(members[1])
        connections.discard(members[0])
        connections.discard(members[2])
        assert connections.open() == []


def test_each_owner_has_its_own():
    connections, owners = Connections(Guard()), [object(), object()]
    members = [Connection(0, None, None, owner) for owner in owners]
    for each in members:
        connections.add(each)
    assert [connections.of(owner) for owner in owners] == [[each] for each in members]


def test_a_wait_is_woken_by_each_change():
    with present(2) as (connections, members, _):
        done = []
        for count in (1, 2):
            waiting = threading.Thread(
                target=lambda: done.append(connections.wait(count, TIMEOUT)))
            waiting.start()
            eventually(lambda: connections._guard.waiting or done)
            (connections.discard if count == 1 else connections.add)(members[0])
            members[0].open = True
            waiting.join(TIMEOUT / 2)
            assert len(done) == count


def test_an_old_connection_is_not_listed_if_there_are_many(monkeypatch):
    monkeypatch.setattr(connections_module, 'LINES', 2)
    with present(3) as (connections, _, _):
        assert failure(connections.wait, 1, 0) == (
            'within 0 s expected exactly 1 open connection, got 3:\n  ... 1 older ones\n'
            '  connection 1 from 127.0.0.1:1001, idle\n'
            '  connection 2 from 127.0.0.1:1002, idle')


def test_a_long_request_line_is_cut():
    connection = Connection(0, ('::1', 5, 0, 0), None)
    connection.busy = 'GET /%s HTTP/1.1' % ('a' * 1000)
    text = str(connection)
    assert text.startswith('connection 0 from ::1:5, busy with GET /aaa') and len(text) < 200


def test_a_disconnection_does_not_wait_for_the_threads_of_connections():
    with present(2) as (connections, members, clients):
        connections.close('disconnect', nothing)
        assert connections.open() == [] and [each.recv(1) for each in clients] == [b'', b'']
        # Their threads have still to close them, so a listener finds them.
        assert len(connections.of(None)) == 2


def test_a_reset_waits_for_the_threads_of_connections_for_a_bounded_time(monkeypatch):
    monkeypatch.setattr(connections_module, 'PATIENCE', 0.02)
    with present() as (connections, _, clients):
        connections.close('reset', nothing)
        assert connections.open() == [] and clients[0].recv(1) == b''


def test_responses_are_interrupted_after_each_connection_has_its_fault_and_under_the_lock():
    with present(2) as (connections, members, _):
        seen = []
        connections.close('disconnect', lambda: seen.append(
            ([(each.fault, each.ending) for each in members],
             connections._guard.lock._is_owned())))
        assert seen == [([('disconnect', True)] * 2, True)]
        connections.close('disconnect', lambda: seen.append('again'))
        assert len(seen) == 1


def test_the_own_connection_of_a_thread_stays_open_and_ends_after_its_response():
    with present(2) as (connections, members, clients):
        members[0].thread = threading.current_thread()
        connections.close('disconnect', nothing)
        assert connections.open() == members[:1]
        assert (members[0].ending, members[0].fault) == (True, None)
        members[0].socket.sendall(b'a')
        assert (clients[0].recv(1), clients[1].recv(1)) == (b'a', b'')


@pytest.mark.parametrize('fault', ['stall', 'Reset', None])
def test_another_fault_ends_nothing(fault):
    with present() as (connections, members, _):
        with pytest.raises(ValueError):
            connections.close(fault, nothing)
        assert connections.open() == members and not members[0].ending


def test_a_socket_that_comes_after_the_fault_of_its_connection_is_broken_off():
    for fault in ('disconnect', 'reset'):
        ours, theirs = socket_pair()
        connection = Connection(0, None, None)
        connection.ending, connection.fault = True, fault
        connection.replace(ours)
        # Only what its own thread reads ends with a reset; what it sends still comes.
        assert ours.recv(1) == b''
        ours.close()
        theirs.close()


@needs_fork
def test_a_forked_child_has_none_and_ends_none():
    with present() as (connections, members, clients):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                assert connections.open() == []
                connections.wait(0, 0)
                connections.close('disconnect', nothing)
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(pid, 0)[1] == 0
        assert connections.open() == members
        members[0].socket.sendall(b'a')
        assert clients[0].recv(1) == b'a'
