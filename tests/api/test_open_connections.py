# -*- coding: utf-8 -*-
"""How many connections are open, waits for their number, and a test that ends them."""
from __future__ import unicode_literals

import errno
import socket
import threading
import time

import pytest

from httptestserver import http_server
from httptestserver.server import Handler
from httptestserver.serving import connections
from httptestserver.serving.connections import Connection
from httptestserver.serving.session import serve as serve_connection
from support.client import Client, request
from support.failing import failure
from support.inside import all_ending, idle, stalled
from support.marks import both_schemes, thorough
from support.servers import Leaks, serve
from support.sockets import socket_pair
from support.waiting import TIMEOUT, eventually, in_threads


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A reset waits for threads of connections for as long as a busy machine may need."""
    set_wait(monkeypatch, 2.0 * TIMEOUT)


@pytest.fixture
def impatient(monkeypatch, patient):
    """A reset does not wait for long for the user code of a test."""
    set_wait(monkeypatch, 0.1)


def set_wait(monkeypatch, seconds):
    # It wakes a thread that sends after a tenth of a second, as ever.
    monkeypatch.setattr(connections, 'SENDING_ENDS', 0.1 / seconds)
    monkeypatch.setattr(connections, 'PATIENCE', seconds)


both_faults = pytest.mark.parametrize('fault', ['disconnect', 'reset'])

#: More than the buffers of both systems hold.
LARGE = b'x' * 20000000


def ended(client):
    """Return how the connection of *client* ends at the level of TCP, whatever came before.

    :returns: ``'disconnect'`` or ``'reset'``.
    """
    plain = socket.fromfd(client.socket.fileno(), socket.AF_INET, socket.SOCK_STREAM)
    plain.settimeout(client.socket.gettimeout())
    try:
        while plain.recv(1048576):
            pass
    except socket.timeout:
        raise AssertionError('the connection does not end')
    except socket.error as error:
        assert error.errno == errno.ECONNRESET
        return 'reset'
    finally:
        plain.close()
    return 'disconnect'


# Counting.

@both_schemes
def test_connections_are_open_until_their_clients_close(scheme):
    with serve(scheme) as server:
        assert server.open_connections == 0
        with Client(server) as first:
            first.get()
            assert server.open_connections == 1
            with Client(server) as second:
                second.get()
                second.get()
                assert server.open_connections == 2
            server.wait_connections(1)
            assert first.get().status == 200
        server.wait_connections(0)
        assert (server.open_connections, server.failures) == (0, [])


def test_a_connection_without_a_request_is_open(server):
    with Client(server):
        server.wait_connections(1)
    server.wait_connections(0)


def test_a_connection_is_open_before_its_handshake():
    with serve('https') as server:
        with Client(server, tls=False):
            server.wait_connections(1)
        server.wait_connections(0)


def test_a_connection_ends_with_the_response_that_says_so(server):
    with Client(server) as client:
        assert client.get('/', 'Connection: close').status == 200
        server.wait_connections(0)


def test_a_client_that_resets_its_connection_has_closed_it(server, client):
    client.get()
    client.reset()
    server.wait_connections(0)


def test_a_stalled_response_keeps_its_connection_open_until_the_client_closes(server, client):
    server.data['response_fault'] = 'stall'
    client.send(request())
    stalled(server)
    assert server.open_connections == 1
    client.close()
    server.wait_connections(0)


def test_no_connection_is_open_after_stop(server, client):
    client.get()
    server.stop()
    assert server.open_connections == 0
    server.wait_connections(0)
    server.start()
    with Client(server) as again:
        again.get()
        assert server.open_connections == 1


def test_a_reset_of_the_server_ends_no_connection(server, client):
    client.get()
    server.reset()
    assert server.open_connections == 1 and client.get().status == 200


@thorough
def test_no_connection_is_open_after_stop_even_if_user_code_still_runs(server, client):
    entered, gate = threading.Event(), threading.Event()

    def callback(request):
        entered.set()
        gate.wait(TIMEOUT)

    server.data['response_callback'] = callback
    client.send(request())
    assert entered.wait(TIMEOUT)
    try:
        server.stop()
        assert server.open_connections == 0
    finally:
        gate.set()


# Waiting.

def test_a_wait_blocks_until_exactly_so_many_are_open(server):
    clients = []
    threads = [threading.Timer(0.01 * index, lambda: clients.append(Client(server)))
               for index in range(3)]
    for thread in threads:
        thread.start()
    server.wait_connections(3, TIMEOUT)
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    server.wait_connections(0, TIMEOUT)


def test_a_wait_that_is_in_vain_lists_what_is_open(server, client):
    hold = threading.Event()
    server.data['response_hold'] = hold
    client.send(request('GET', '/slow'))
    server.wait()
    with Client(server) as other:
        server.wait_connections(2)
        text = failure(server.wait_connections, 1, 0.01)
        ports = client.socket.getsockname()[1], other.socket.getsockname()[1]
    assert text == (
        'within 0.01 s expected exactly 1 open connection, got 2:\n'
        '  connection 0 from 127.0.0.1:%d, busy with GET /slow HTTP/1.1\n'
        '  connection 1 from 127.0.0.1:%d, idle' % ports)
    hold.set()
    client.answer()
    client.close()
    server.wait_connections(0)
    assert failure(server.wait_connections, 2, 0.01) == (
        'within 0.01 s expected exactly 2 open connections, got 0')


def test_a_wait_for_fewer_connections_than_are_open_fails(server, client):
    client.get()
    assert failure(server.wait_connections, 0, 0).startswith('within 0 s expected exactly 0 ')


@pytest.mark.parametrize('arguments, kind', [
    ((.1,), TypeError), (('1',), TypeError), ((-1,), ValueError), ((1, None), TypeError),
    ((1, '5'), TypeError)])
def test_a_wrong_argument_of_a_wait_is_refused(server, arguments, kind):
    with pytest.raises(kind):
        server.wait_connections(*arguments)


# Ending.

@both_schemes
@both_faults
def test_an_idle_connection_is_ended_when_the_call_returns(scheme, fault):
    with Leaks(), serve(scheme) as server:
        for _ in range(200):
            with Client(server) as client:
                client.get()
                server.close_connections(fault)
                assert server.open_connections == 0
                assert ended(client) == fault
        idle(server)
        assert server.failures == []
        server.check()


@both_faults
def test_all_connections_of_the_moment_are_ended_and_later_ones_served(server, fault):
    clients = [Client(server) for _ in range(20)]
    server.wait_connections(20)
    server.close_connections(fault)
    with Client(server) as later:
        assert [ended(client) for client in clients] == [fault] * 20
        assert later.get().status == 200 and later.get().status == 200
        assert server.open_connections == 1
    for client in clients:
        client.close()
    assert server.history[0]['connection_index'] == 20


def test_a_disconnection_is_the_default(server, client):
    client.get()
    server.close_connections()
    assert ended(client) == 'disconnect'


def test_without_connections_nothing_happens(server):
    server.close_connections()
    server.close_connections('reset')
    server.stop()
    server.close_connections()


def body(pieces=1000):
    for _ in range(pieces):
        yield b'x' * 100
        time.sleep(0.001)


@both_schemes
@both_faults
@pytest.mark.parametrize('keys', [
    {'response_timeout': 1000}, {'response_hold': threading.Event()}, {'response_fault': 'stall'},
    {'response_fault': 'stall', 'response_fault_at': 3, 'response_content': b'content'},
    {'response_rate': 1, 'response_content': b'content'},
    {'response_content': lambda request: body()},
    {'response_timeout': 1000, 'response_fault': 'reset', 'response_fault_at': 'request'},
], ids=['timeout', 'hold', 'stall', 'stall within', 'rate', 'stream', 'early'])
def test_an_exchange_is_aborted(scheme, fault, keys):
    with serve(scheme) as server:
        server.enqueue(keys)
        with Client(server) as client:
            client.send(request())
            server.wait()
            server.close_connections(fault)
            assert server.open_connections == 0
            assert ended(client) == fault
            idle(server)
        assert server.failures == []
        server.check()
        # It is not sent, and the next response is another one.
        with Client(server) as client:
            assert client.get().body == b''
        if 'response_fault' not in keys:
            assert server.history[0]['duration'] is None


@both_faults
@pytest.mark.parametrize('content', [LARGE, [LARGE[:100000]] * 200], ids=['bytes', 'pieces'])
def test_a_response_that_the_client_does_not_read_is_aborted(
        server, client, fault, content):
    server.data['response_content'] = content
    client.send(request())
    assert client.socket.recv(1)
    begun = time.time()
    server.close_connections(fault)
    assert time.time() - begun < TIMEOUT
    assert ended(client) == fault
    idle(server)
    assert server.failures == []


@both_faults
def test_a_client_within_its_request_is_ended(server, client, fault):
    client.send(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab')
    server.wait_connections(1)
    server.close_connections(fault)
    assert ended(client) == fault
    idle(server)
    assert (server.failures, server.history) == ([], [])


@both_faults
def test_a_client_within_its_handshake_is_ended(fault):
    with serve('https') as server, Client(server, tls=False) as client:
        client.send(b'\x16\x03\x01')
        server.wait_connections(1)
        server.close_connections(fault)
        assert ended(client) == fault
        idle(server)
        assert server.failures == []


@both_faults
@pytest.mark.parametrize('keys', [{'response_timeout': 1000}, {'response_fault': 'stall'}])
@pytest.mark.parametrize('moment', ['accept', 'handshake'])
def test_an_early_fault_is_ended(fault, keys, moment):
    with serve('https') as server, Client(server, tls=False) as client:
        server.enqueue(dict({'response_fault': 'disconnect', 'response_fault_at': moment}, **keys))
        with Client(server, tls=False) as client:
            client.send(b'\x16')
            server.wait_connections(2)
            server.close_connections(fault)
            assert ended(client) == fault
            idle(server)
        assert server.failures == []


@thorough
@both_faults
def test_user_code_goes_on_but_its_client_is_ended(server, client, impatient, fault):
    entered, gate = threading.Event(), threading.Event()

    def callback(request):
        entered.set()
        gate.wait(3 * TIMEOUT)
        return b'too late'

    server.enqueue(callback)
    client.send(request())
    assert entered.wait(TIMEOUT)
    begun = time.time()
    server.close_connections(fault)
    assert time.time() - begun < TIMEOUT
    assert server.open_connections == 0
    assert ended(client) == 'disconnect'
    gate.set()
    idle(server)
    assert server.failures == []
    server.check()


class Pieces(object):
    """An iterable that reports when it is closed."""

    def __init__(self):
        self.closed = threading.Event()

    def __iter__(self):
        return iter([b'piece'])

    def close(self):
        self.closed.set()


@thorough
@both_faults
def test_content_that_is_made_too_late_is_closed(server, impatient, fault):
    entered, gate, content = threading.Event(), threading.Event(), Pieces()

    def callback(request):
        entered.set()
        gate.wait(TIMEOUT)
        return {'response_content': content}

    server.enqueue(callback)
    with Client(server) as client:
        client.send(request())
        assert entered.wait(TIMEOUT)
        server.close_connections(fault)
        gate.set()
        assert content.closed.wait(TIMEOUT)
    idle(server)
    server.check()


@thorough
@both_faults
def test_an_exception_of_user_code_is_checked_even_if_its_connection_was_ended(
        server, impatient, fault):
    entered, gate = threading.Event(), threading.Event()

    def callback(request):
        entered.set()
        gate.wait(TIMEOUT)
        raise ZeroDivisionError('on purpose')

    server.enqueue(callback)
    with Client(server) as client:
        client.send(request())
        assert entered.wait(TIMEOUT)
        server.close_connections(fault)
        gate.set()
        assert ended(client) == 'disconnect'
        idle(server)
    assert 'on purpose' in failure(server.check)


@both_faults
def test_a_response_that_is_chosen_after_the_call_does_not_wait(server, client, fault):
    entered, gate = threading.Event(), threading.Event()

    def match(request):
        entered.set()
        return gate.wait(TIMEOUT)

    server.route(match=match, response_hold=threading.Event())
    client.send(request())
    assert entered.wait(TIMEOUT)
    ending = threading.Thread(target=server.close_connections, args=[fault])
    ending.start()
    eventually(lambda: all_ending(server))
    gate.set()
    assert ended(client) == fault
    idle(server)
    ending.join(TIMEOUT)


def test_an_early_fault_that_is_chosen_after_the_call_does_not_wait(server):
    server.enqueue(response_fault='disconnect', response_fault_at='accept',
                   response_hold=threading.Event())
    ours, theirs = socket_pair()
    connection = Connection(0, None, ours)
    connection.fault = 'disconnect'
    serving = threading.Thread(target=serve_connection, args=(server, connection, None, None))
    serving.start()
    serving.join(TIMEOUT)
    assert not serving.is_alive()
    ours.close()
    theirs.close()


def test_an_exception_of_user_code_sends_nothing_to_a_connection_that_is_reset(server, client):
    def callback(request):
        ending.start()
        eventually(lambda: all_ending(server))
        raise ZeroDivisionError('on purpose')

    ending = threading.Thread(target=server.close_connections, args=['reset'])
    server.enqueue(callback)
    client.send(request())
    assert client.rest() == b''
    ending.join(TIMEOUT)


def test_a_handler_that_writes_by_itself_is_ended():
    entered, gate = threading.Event(), threading.Event()

    class Pinging(Handler):
        def do_PING(self):
            self.send_response(200)
            self.end_headers()
            self.flush_headers()
            entered.set()
            gate.wait(TIMEOUT)
            self.wfile.write(b'more')

    with http_server(handler=Pinging) as server, Client(server) as client:
        client.send(request('PING'))
        assert entered.wait(TIMEOUT)
        server.close_connections()
        assert ended(client) == 'disconnect'
        gate.set()
        idle(server)
        assert server.failures == []


@both_schemes
@both_faults
def test_the_own_connection_of_a_callback_ends_after_its_response(scheme, fault):
    seen = []

    def callback(request):
        server.close_connections(fault)
        seen.append(server.open_connections)
        return b'whole'

    with serve(scheme) as server:
        with Client(server) as other, Client(server) as client:
            other.get()
            server.enqueue(callback)
            answer = client.get()
            assert (answer.body, seen) == (b'whole', [1])
            assert ended(other) == fault
            assert ended(client) == 'disconnect'
            server.wait_connections(0)
        assert server.failures == []


def test_a_response_that_resets_the_server_does_so_even_if_its_callback_ends_connections(
        server, client):
    def callback(request):
        server.close_connections()
        return {'response_reset': True, 'response_content': b'whole'}

    server.enqueue(callback)
    assert client.get().body == b'whole'
    assert server.history == []


@thorough
@both_faults
def test_callbacks_that_end_each_other_do_not_block(server, impatient, fault):
    together = [threading.Event(), threading.Event()]

    def callback(request):
        mine, other = together if request.path == '/0' else together[::-1]
        mine.set()
        other.wait(3 * TIMEOUT)
        server.close_connections(fault)
        return b'whole'

    server.data['response_callback'] = callback

    def ask(number):
        with Client(server) as client:
            client.send(request('GET', '/%d' % number))
            return client.rest()

    begun = time.time()
    in_threads(ask, range(2), 2)
    assert time.time() - begun < TIMEOUT
    server.wait_connections(0)


def test_a_restarted_server_has_its_connections_of_before_only_if_they_are_open(server, client):
    client.get()
    server.stop()
    server.start()
    with Client(server) as again:
        again.get()
        assert server.open_connections == 1
        server.close_connections()
        assert ended(again) == 'disconnect'
    with Client(server) as again:
        assert again.get().status == 200


def test_responses_of_later_connections_are_not_interrupted(server):
    """A client that connects after the call gets its response, however it takes turns."""
    server.data.update(response_timeout=0.001, response_content=b'whole')
    stop = threading.Event()

    def disturb():
        while not stop.is_set():
            with Client(server) as other:
                other.send(request())
                server.close_connections()

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        for _ in range(50):
            with Client(server) as client:
                client.send(request())
                received = client.rest()
                # It is ended by the other thread, or gets the whole response and is ended then.
                assert received == b'' or received.endswith(b'whole')
    finally:
        stop.set()
        disturber.join(TIMEOUT)
    eventually(lambda: server.open_connections == 0)
    assert server.failures == []


@pytest.mark.parametrize('fault', ['stall', 'resett', None, 5])
def test_another_fault_is_refused_with_the_choices(server, client, fault):
    client.get()
    with pytest.raises(ValueError) as caught:
        server.close_connections(fault)
    assert str(caught.value).startswith("fault is one of 'disconnect', 'reset', got ")
    assert server.open_connections == 1 and client.get().status == 200


@both_schemes
@both_faults
def test_a_stream_goes_on_for_clients_that_connect_again(scheme, fault):
    with serve(scheme) as server:
        stream = server.stream()
        server.data['response_content'] = stream
        with Client(server) as client:
            client.send(request())
            stream.wait_opened()
            stream.write(b'one')
            server.close_connections(fault)
            assert ended(client) == fault
            stream.wait_closed()
        stream.write(b'two')
        stream.close()
        with Client(server) as client:
            assert client.get().body == b'two'
        assert server.failures == []
