# -*- coding: utf-8 -*-
"""Streams with many readers, slow ones, and such that leave and come back."""
import threading

import pytest

from httptestserver.scripting.feed import CHECKED_EVERY
from support.client import Client, request
from support.inside import size_of
from support.marks import both_schemes, thorough
from support.servers import Leaks, serve
from support.waiting import TIMEOUT, eventually, in_threads

pytestmark = thorough

#: The responses that are open at once.
MANY = 50

#: How often a client comes back. Each time it takes a while until the server sees that it left.
COMINGS = 200


class Reading(Client):
    """A client that reads the chunks of a stream."""

    def __init__(self, server):
        super(Reading, self).__init__(server)
        self.send(request())
        while b'\r\n\r\n' not in self._received:
            self._more()
        self._received = self._received.partition(b'\r\n\r\n')[2]

    def whole(self):
        """Return the content up to its end."""
        return b''.join(iter(self._chunk, b''))

    def read(self, size):
        """Return *size* bytes of the content, of any number of chunks."""
        content = b''
        while len(content) < size:
            content += self._chunk()
        return content


def event(number):
    return ('id: %d\ndata: number %d\n\n' % (number, number)).encode('ascii')


@both_schemes
def test_many_readers_get_all_events_in_order_from_one_buffer(scheme):
    with serve(scheme) as server:
        events = server.stream()
        server.data['response_events'] = events
        clients = in_threads(lambda _: Reading(server), range(MANY), MANY)
        events.wait_opened(MANY)
        sizes = []

        def send():
            for number in range(1000):
                events.send('number %d' % number, id=number)
                sizes.append(size_of(events))
            events.close()

        sender = threading.Thread(target=send)
        sender.start()
        expected = b''.join(map(event, range(1000)))
        try:
            assert set(in_threads(Reading.whole, clients, MANY)) == {expected}
        finally:
            sender.join()
            for client in clients:
                client.close()
        # It never held more than once what was sent.
        assert max(sizes) <= len(expected)
        assert size_of(events) == 0
        events.wait_closed(MANY)
        assert server.failures == []
        assert [each['response_content'] for each in server.history] == [expected] * MANY


def test_readers_that_stall_hold_up_nobody_and_are_cut_at_the_limit():
    with serve('http') as server:
        stream = server.stream(limit=2000000)
        server.data['response_content'] = stream
        stalled = [Reading(server) for _ in range(3)]
        clients = [Reading(server) for _ in range(5)]
        sizes = []
        # The system takes some megabytes for a client that does not read.
        for _ in range(300):
            stream.write(b'x' * 100000)
            sizes.append(size_of(stream))
            for client in clients:
                assert client.read(100000) == b'x' * 100000
        assert max(sizes) <= 4000000
        reasons = [each.reason for each in server.wait_failure(3, TIMEOUT)]
        assert reasons == ['the client was more than 2000000 bytes behind its stream'] * 3
        assert size_of(stream) == 0
        for client in stalled:
            # It gets what the system had taken, and then the end.
            assert not client.rest().endswith(b'0\r\n\r\n')
        for client in stalled + clients:
            client.close()


@both_schemes
def test_a_client_that_comes_back_misses_nothing(scheme):
    with serve(scheme) as server:
        events = server.stream()
        server.data['response_events'] = events
        for number in range(COMINGS):
            with Reading(server) as client:
                if number:
                    assert client.read(len(event(number))) == event(number)
                events.send('while it reads')
            events.wait_closed(number + 1)
            events.send('number %d' % (number + 1), id=number + 1)
        assert len(server.wait_failure(COMINGS)) == COMINGS


@both_schemes
@pytest.mark.parametrize('end', ['stop', 'reset'])
def test_open_streams_end_at_once(scheme, end):
    with Leaks(), serve(scheme) as server:
        stream = server.stream()
        server.data['response_content'] = stream
        clients = in_threads(lambda _: Reading(server), range(MANY), MANY)
        getattr(server, end)()
        stream.wait_closed(MANY)
        assert server.failures == []
        for client in clients:
            client.close()


@both_schemes
@pytest.mark.parametrize('end', ['stop', 'reset'])
def test_streams_that_block_in_a_write_end_at_once(scheme, end):
    with Leaks(), serve(scheme) as server:
        stream = server.stream(limit=100000000)
        server.data['response_content'] = stream
        clients = [Reading(server) for _ in range(3)]
        # More than a client gets without reading.
        stream.write(b'x' * 30000000)
        sizes = [None]

        def is_blocked():
            sizes.append(size_of(stream))
            return len(set(sizes[-50:])) == 1 < len(sizes[-50:])

        eventually(is_blocked)
        getattr(server, end)()
        stream.wait_closed(3)
        assert server.failures == []
        for client in clients:
            client.close()


@both_schemes
def test_a_client_that_leaves_is_noticed_without_a_write(scheme):
    # The documentation promises 20 ms, which a busy machine may exceed.
    assert CHECKED_EVERY < 0.02
    with serve(scheme) as server:
        events = server.stream()
        server.data['response_events'] = events
        for number in range(40):
            with Reading(server):
                pass
            events.wait_closed(number + 1)


def test_readers_that_come_and_go_while_events_are_sent_and_the_server_is_reset():
    with Leaks(), serve('http') as server:
        over = threading.Event()
        streams = [server.stream()]

        def visit(_):
            while not over.is_set():
                with Client(server) as client:
                    client.send(request())
                    client.socket.recv(1000)

        def send():
            while not over.is_set():
                try:
                    streams[-1].send('again')
                except ValueError:
                    # The stream has ended with a reset, or nobody reads.
                    pass

        def reset():
            for number in range(100):
                streams.append(server.stream(limit=100000))
                server.data['response_events'] = streams[-1]
                streams[-1].wait_opened(1 + number % 2)
                if number % 3 == 0:
                    streams[-1].abort('reset')
                server.reset()
            over.set()

        server.data['response_events'] = streams[0]
        jobs = [reset, send] + [lambda: visit(None)] * 4
        in_threads(lambda job: job(), jobs, len(jobs))
