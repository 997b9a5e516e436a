# -*- coding: utf-8 -*-
"""A listener binds an address, gives each connection a thread, and ends them all."""
import errno
import socket
import threading

import pytest

from httptestserver.serving import listener as listener_module
from httptestserver.serving.listener import Listener
from support.servers import Leaks, server_threads
from support.sockets import socket_pair
from support.waiting import TIMEOUT, eventually


def connect(listener):
    connection = socket.create_connection(listener.server_address[:2], TIMEOUT)
    connection.settimeout(TIMEOUT)
    return connection


def rest(connection):
    """Return what comes up to the end of *connection*, and close it."""
    received = b''
    try:
        for octets in iter(lambda: connection.recv(100), b''):
            received += octets
    except socket.error:
        pass
    connection.close()
    return received


def waiting_thread(listener):
    """Return whether a thread waits for its next connection, which nothing public shows."""
    return listener._parked


class Listening(object):
    """A started listener as a context; *serve* by default sends the index."""

    def __init__(self, serve=None, address=('127.0.0.1', 0), kind=Listener):
        self.listener = kind(address, serve or self.send_index)

    def send_index(self, connection, client_address, listener):
        connection.socket.sendall(str(connection.index).encode('ascii'))

    def __enter__(self):
        self.listener.start()
        return self.listener

    def __exit__(self, *error):
        self.listener.close()


def test_an_address_is_bound_before_anything_is_served():
    listener = Listener(('127.0.0.1', 0), None)
    try:
        host, port = listener.server_address
        assert host == '127.0.0.1' and port > 0
        assert (listener.server_name, listener.server_port) == (host, port)
        assert server_threads() == []
    finally:
        listener.close()


def test_connections_are_counted_from_0():
    with Listening() as listener:
        assert [rest(connect(listener)) for _ in range(12)] == [
            str(n).encode('ascii') for n in range(12)]


def test_serve_gets_the_address_of_the_client_and_the_listener():
    seen = []

    def serve(connection, client_address, listener):
        seen.append((client_address, connection.peer, listener))

    with Listening(serve) as listener:
        client = connect(listener)
        address = client.getsockname()
        assert rest(client) == b'' and seen == [(address, address, listener)]


def test_a_thread_whose_connection_ends_during_a_close_is_waited_for(monkeypatch):
    has_parked, go_on = threading.Event(), threading.Event()
    park = Listener.park

    def park_slowly(listener, worker):
        kept = park(listener, worker)
        if not kept:
            has_parked.set()
            go_on.wait(TIMEOUT)
        return kept

    def serve(connection, client_address, listener):
        threads.append(threading.current_thread())
        listener.shutdown()

    threads = []
    monkeypatch.setattr(Listener, 'park', park_slowly)
    with Listening(serve) as listener:
        rest(connect(listener))
        assert has_parked.wait(TIMEOUT)
        worker = threads[0]
        join = worker.join
        monkeypatch.setattr(worker, 'join', lambda *args: [go_on.set(), join(*args)])
        listener.close()
        waited = go_on.is_set()
        go_on.set()
    assert waited and not worker.is_alive()


def test_a_thread_serves_one_connection_after_another():
    threads = []

    def serve(connection, client_address, listener):
        threads.append(threading.current_thread())
        connection.socket.recv(1)

    with Listening(serve) as listener:
        for n in range(1, 15):
            client = connect(listener)
            eventually(lambda: len(threads) == n)
            client.close()
            eventually(lambda: waiting_thread(listener))
        assert len(set(threads)) == 1
        assert all(thread.daemon for thread in threads)


def test_connections_are_served_at_once():
    gate = threading.Event()

    def serve(connection, client_address, listener):
        connection.socket.sendall(b'x')
        gate.wait(TIMEOUT)

    with Listening(serve) as listener:
        clients = [connect(listener) for _ in range(20)]
        assert [client.recv(1) for client in clients] == [b'x'] * 20
        gate.set()
        assert [rest(client) for client in clients] == [b''] * 20


def test_a_connection_for_which_there_is_no_thread_is_closed_and_the_next_one_served(
        monkeypatch, caplog):
    start, left = listener_module.Worker.start, [1]

    def fail_once(worker):
        if left:
            left.pop()
            raise RuntimeError("can't start new thread")
        start(worker)

    monkeypatch.setattr(listener_module.Worker, 'start', fail_once)
    with Listening() as listener:
        assert rest(connect(listener)) == b''
        assert rest(connect(listener)) == b'1'
    assert 'no thread for connection 0' in caplog.text


def test_an_accept_that_fails_is_logged_and_the_next_one_made(caplog):
    class Exhausted(object):
        """A listening socket whose first accepts find no descriptor left."""

        def __init__(self, real):
            self._real, self.left = real, 2

        def accept(self):
            if self.left:
                self.left -= 1
                raise socket.error(errno.EMFILE, 'Too many open files')
            return self._real.accept()

        def __getattr__(self, name):
            return getattr(self._real, name)

    listening = Listening()
    real = listening.listener.socket
    listening.listener.socket = Exhausted(real)
    try:
        listening.listener.start()
        assert rest(connect(listening.listener)) == b'0'
    finally:
        listening.listener.socket = real
        listening.listener.close()
    assert caplog.text.count('Too many open files') == 2


# Addresses that cannot be had.

def test_a_port_in_use_is_told_with_its_address():
    with Listening() as listener:
        address = listener.server_address
        with Leaks():
            with pytest.raises(socket.error) as caught:
                Listener(address, None)
    assert caught.value.errno == errno.EADDRINUSE
    assert "cannot listen on '127.0.0.1' port %d: " % address[1] in str(caught.value)


@pytest.mark.parametrize('host', ['192.0.2.1', 'no-such-host.invalid'])
def test_a_host_that_is_not_here_is_told(host):
    with Leaks():
        with pytest.raises(socket.error) as caught:
            Listener((host, 0), None)
    assert 'cannot listen on %r port 0: ' % host in str(caught.value)
    assert caught.value.errno


@pytest.mark.parametrize('host, port', [
    ('127.0.0.1', -1), ('127.0.0.1', 65536), ('127.0.0.1', 'http?'), (5, 0),
    ('a' * 300, 0)])
def test_what_is_no_address_is_told(host, port):
    with Leaks():
        with pytest.raises((ValueError, socket.error)) as caught:
            Listener((host, port), None)
    assert 'cannot listen on %r port %r: ' % (host, port) in str(caught.value)


@pytest.mark.parametrize('host, bound', [
    ('127.0.0.1', '127.0.0.1'), ('localhost', '127.0.0.1'), (u'127.0.0.1', '127.0.0.1'),
    ('0.0.0.0', '0.0.0.0'), ('', '0.0.0.0')])
def test_a_host_that_has_both_families_is_bound_as_ipv4(host, bound):
    with Listening(address=(host, 0)) as listener:
        assert listener.server_address[0] == bound
        client = socket.create_connection(('127.0.0.1', listener.server_address[1]), TIMEOUT)
        assert rest(client) == b'0'


def test_a_resolver_that_tells_ipv6_first_makes_no_difference(monkeypatch):
    found = [(family, socket.SOCK_STREAM, 6, '', (host, 0)) for family, host in (
        (socket.AF_INET6, '::1'), (socket.AF_INET, '127.0.0.1'))]
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, 'getaddrinfo', lambda host, *rest, **keys: (
        found if host == 'localhost' else real(host, *rest, **keys)))
    listener = Listener(('localhost', 0), None)
    try:
        assert listener.server_address[0] == '127.0.0.1'
    finally:
        listener.close()


# Ending.

def test_closing_ends_connections_and_frees_the_port():
    def serve(connection, client_address, listener):
        connection.socket.sendall(b'x')
        connection.socket.recv(1)

    with Leaks():
        listening = Listening(serve)
        with listening as listener:
            clients = [connect(listener) for _ in range(5)]
            assert [client.recv(1) for client in clients] == [b'x'] * 5
        assert [rest(client) for client in clients] == [b''] * 5
        with pytest.raises(socket.error):
            connect(listener)
        with Listening(address=listener.server_address) as again:
            assert rest(connect(again)) == b'0'


def test_closing_again_is_no_error():
    listening = Listening()
    listening.listener.close()
    with Listening() as listener:
        listener.close()
        listener.close()


def test_a_connections_own_thread_may_close():
    closed = threading.Event()

    def serve(connection, client_address, listener):
        listener.close()
        closed.set()

    with Leaks():
        listening = Listening(serve)
        with listening as listener:
            assert rest(connect(listener)) == b''
            assert closed.wait(TIMEOUT)


def test_a_thread_that_is_busy_with_other_things_is_left_behind(caplog):
    gate, entered = threading.Event(), threading.Event()

    def serve(connection, client_address, listener):
        entered.set()
        gate.wait(TIMEOUT)

    with Leaks():
        listening = Listening(serve)
        listening.listener.start()
        client = connect(listening.listener)
        try:
            assert entered.wait(TIMEOUT)
            listening.listener.close(0.01)
            assert 'is busy with user code' in caplog.text
        finally:
            gate.set()
            client.close()


def test_a_socket_that_replaces_another_is_ended_and_closed_in_its_place():
    ready = threading.Event()
    received = []

    def serve(connection, client_address, listener):
        other, theirs = socket_pair()
        connection.socket.close()
        connection.replace(other)
        ready.set()
        # It ends, although nobody closed the other side.
        received.append(other.recv(1))
        theirs.close()

    with Leaks():
        listening = Listening(serve)
        with listening as listener:
            client = connect(listener)
            assert ready.wait(TIMEOUT)
        client.close()
    assert received == [b'']


def test_a_response_that_is_under_way_is_awaited_and_a_connection_without_one_ends_at_once():
    entered, gate, received = [threading.Event(), threading.Event()], threading.Event(), []

    def serve(connection, client_address, listener):
        connection.busy = connection.index == 0
        entered[connection.index].set()
        if connection.busy:
            gate.wait(TIMEOUT)
            connection.socket.sendall(b'whole')
        else:
            received.append(connection.socket.recv(1))
            gate.set()

    with Leaks():
        listening = Listening(serve)
        with listening as listener:
            first = connect(listener)
            second = connect(listener)
            assert all(each.wait(TIMEOUT) for each in entered)
        assert (rest(first), rest(second), received) == (b'whole', b'', [b''])


# The hooks of socketserver.

def test_a_subclass_may_refuse_requests():
    class Refusing(Listener):
        def verify_request(self, request, client_address):
            return request.index > 0

    with Leaks():
        with Listening(kind=Refusing) as listener:
            assert rest(connect(listener)) == b''
            assert rest(connect(listener)) == b'1'


def test_each_hook_gets_the_record_of_the_connection():
    called = []

    class Hooked(Listener):
        pass

    def hook(name):
        def called_hook(self, request, *rest):
            called.append((name, request.index))
            return getattr(super(Hooked, self), name)(request, *rest)
        return called_hook

    names = ['verify_request', 'process_request', 'process_request_thread', 'finish_request',
             'shutdown_request']
    for name in names:
        setattr(Hooked, name, hook(name))
    with Listening(kind=Hooked) as listener:
        assert rest(connect(listener)) == b'0'
        eventually(lambda: len(called) == len(names))
    # close() may find the connection before its thread has forgotten it, and shut it down again.
    assert called[:len(names)] == [(name, 0) for name in names]


def test_what_serve_raises_is_logged_and_the_connection_closed(caplog):
    def serve(connection, client_address, listener):
        raise ZeroDivisionError('on purpose')

    with Leaks():
        with Listening(serve) as listener:
            assert rest(connect(listener)) == b''
            assert rest(connect(listener)) == b''
    assert 'connection 0 ended' in caplog.text and 'connection 1 ended' in caplog.text
    assert caplog.text.count('ZeroDivisionError: on purpose') == 2


def test_an_address_is_freed_while_connections_go_on():
    def serve(connection, client_address, listener):
        connection.socket.sendall(b'a')
        connection.socket.sendall(connection.socket.recv(1))

    with Listening(serve) as listener:
        client = connect(listener)
        assert client.recv(1) == b'a'
        listener.free()
        with pytest.raises(socket.error):
            connect(listener)
        client.sendall(b'b')
        assert client.recv(1) == b'b'
        client.close()
