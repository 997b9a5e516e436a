# -*- coding: utf-8 -*-
"""Many clients and threads at once: nothing is lost, nothing is mixed, nobody waits."""
from __future__ import unicode_literals

import threading
import time

import pytest

from httptestserver.server import Handler
from support.client import Client, request
from support.marks import both_schemes, thorough
from support.servers import serve
from support.waiting import TIMEOUT, eventually, in_threads

REQUESTS = 10000
THREADS = 64


def tag(entry):
    """Return what each part of *entry* says of the request it belongs to."""
    return set([entry['path'].rsplit('/', 1)[1], entry['headers']['X-Tag'],
                entry['body'].decode('ascii'), entry['requestline'].split(' ')[1][3:],
                entry['command'][3:]])


@thorough
@both_schemes
def test_10000_requests_from_64_threads_are_recorded_once_and_unmixed(scheme):
    def send(numbers):
        with Client(server) as client:
            for number in numbers:
                client.send(request('TAG%d' % number, '/t/%d' % number, 'X-Tag: %d' % number,
                                    body=b'%d' % number))
                assert client.answer().body == b'ok'

    with serve(scheme) as server:
        server.data['response_content'] = b'ok'
        in_threads(send, [range(start, REQUESTS, THREADS) for start in range(THREADS)], THREADS)
        history = server.history
        assert len(history) == REQUESTS
        mixed = [entry for entry in history if len(tag(entry)) != 1]
        assert mixed == []
        assert set(entry['body'] for entry in history) == set(
            b'%d' % number for number in range(REQUESTS))
        assert len(set((entry['connection_index'], entry['exchange_index'])
                       for entry in history)) == REQUESTS
        assert all(entry['response_content'] == b'ok' and entry['duration'] >= 0
                   for entry in history)
        assert server.failures == []


@thorough
@both_schemes
def test_connections_of_one_request_each_are_recorded_once(scheme):
    def send(number):
        with Client(server) as client:
            assert client.get('/%d' % number, 'Connection: close').status == 200

    with serve(scheme) as server:
        in_threads(send, range(640), 64)
        assert sorted(int(entry['path'][1:]) for entry in server.history) == list(range(640))
        assert set(entry['exchange_index'] for entry in server.history) == set([0])
        assert set(entry['connection_index'] for entry in server.history) == set(range(640))


@both_schemes
def test_each_entry_holds_the_answer_that_its_own_client_got(scheme):
    class Counting(Handler):
        def handle_request(self):
            self.send_response(200)
            self.send_header('X-Tag', self.path)
            self.end_headers()
            self.wfile.write(self.path.encode('ascii'))

    def send(numbers):
        with Client(server) as client:
            for number in numbers:
                assert client.get('/%d' % number).body == b'/%d' % number

    with serve(scheme, handler=Counting) as server:
        in_threads(send, [range(start, 1000, 16) for start in range(16)], 16)
        assert len(server.history) == 1000
        for entry in server.history:
            assert entry['response_content'].decode('ascii') == entry['path']
            assert dict(entry['response_headers'])['X-Tag'] == entry['path']


@both_schemes
def test_response_clear_serves_exactly_one_of_many_clients(scheme):
    def get(_):
        with Client(server) as client:
            return client.get().status

    with serve(scheme) as server:
        for _ in range(10):
            server.data.update(response_status=503, response_clear=True)
            assert sorted(in_threads(get, range(8), 8)) == [200] * 7 + [503]


@both_schemes
def test_data_and_history_may_be_read_and_written_while_requests_come(scheme):
    def send(_):
        with Client(server) as client:
            for number in range(50):
                assert client.get('/%d' % number).status in (200, 201)

    def look():
        while not done.is_set():
            server.data.update(response_status=201, response_headers={'X-A': 'b'})
            repr(server.data)
            dict(server.data)
            for entry in server.history:
                repr(entry), list(entry.items())
            sorted(server.data.items(), key=repr)
            server.data.pop('response_status', None)
            assert server.data != {'response_status': 0}
            server.failures, server.response_data

    done = threading.Event()
    errors = []

    def looking():
        try:
            look()
        except BaseException as error:
            errors.append(error)
            raise

    with serve(scheme) as server:
        thread = threading.Thread(target=looking)
        thread.start()
        try:
            in_threads(send, range(4), 4)
        finally:
            done.set()
            thread.join(TIMEOUT)
        assert errors == []
        assert len(server.history) == 200


@both_schemes
def test_reset_while_requests_come_leaves_whole_entries(scheme):
    def send(number):
        with Client(server) as client:
            for _ in range(100):
                assert client.get('/%d' % number).status == 200

    with serve(scheme) as server:
        stop = threading.Event()

        def reset():
            while not stop.wait(0.001):
                server.reset()

        thread = threading.Thread(target=reset)
        thread.start()
        try:
            in_threads(send, range(8), 8)
        finally:
            stop.set()
            thread.join(TIMEOUT)
        server.reset()
        assert server.data == {}
        assert server.history == []


# What one client does costs another nothing.

@both_schemes
@pytest.mark.parametrize('octets', [b'', b'GET / HTT', b'GET / HTTP/1.1\r\nHost: a\r\n'
                                    b'Content-Length: 9\r\n\r\nhalf'],
                         ids=['silent', 'half a line', 'half a body'])
def test_50_clients_that_wait_delay_nobody(scheme, octets):
    with serve(scheme) as server:
        waiting = [Client(server, tls=False) for _ in range(25)]
        waiting += [Client(server) for _ in range(25)]
        try:
            for client in waiting[25 if scheme == 'https' else 0:]:
                client.send(octets)
            with Client(server) as client:
                assert client.get().status == 200
            assert server.failures == []        # so they wait still
        finally:
            for client in waiting:
                client.close()
        assert len(server.history) == 1


@both_schemes
def test_delayed_answer_delays_nobody_else(scheme):
    with serve(scheme) as server:
        server.data['response_timeout'] = 1000
        with Client(server) as slow, Client(server) as other:
            slow.send(request('GET', '/slow'))
            eventually(lambda: server.history)
            server.data['response_timeout'] = 0
            assert other.get('/other').status == 200
            assert [entry['path'] for entry in server.history] == ['/slow', '/other']
            assert [entry['duration'] is None for entry in server.history] == [True, False]


@both_schemes
def test_handler_that_is_busy_delays_nobody_else(scheme):
    leave = threading.Event()

    class Busy(Handler):
        def handle_request(self):
            if self.path == '/busy':
                leave.wait(TIMEOUT)
            super(Busy, self).handle_request()

    with serve(scheme, handler=Busy) as server:
        with Client(server) as busy, Client(server) as other:
            try:
                busy.send(request('GET', '/busy'))
                assert other.get('/other').status == 200
            finally:
                leave.set()
            assert busy.answer().status == 200


# When a client has its answer, the test sees the final state.

@both_schemes
def test_request_is_recorded_before_its_response_starts(scheme):
    with serve(scheme) as server, Client(server) as client:
        for number in range(300):
            client.send(request('GET', '/%d' % number))
            assert client.socket.recv(1) == b'H'
            assert len(server.history) == number + 1
            client.answer_begun(b'H')


@both_schemes
def test_entry_is_complete_when_the_client_has_its_answer(scheme):
    with serve(scheme) as server, Client(server) as client:
        server.data['response_content'] = b'content'
        for _ in range(300):
            started = time.time()
            client.get()
            entry = server.history[-1]
            assert 0 <= entry['duration'] <= time.time() - started + 0.1
            assert (entry['response_status'], entry['response_reason'],
                    entry['response_content']) == (200, 'OK', b'content')


@both_schemes
def test_clear_has_happened_when_the_client_has_its_answer(scheme):
    with serve(scheme) as server, Client(server) as client:
        for _ in range(200):
            server.data.update(response_status=404, response_clear=True)
            assert client.get().status == 404
            assert server.response_data == {}
            assert server.data['path'] == '/'
            assert client.get().status == 200


@both_schemes
def test_reset_has_happened_when_the_client_has_its_answer(scheme):
    with serve(scheme) as server, Client(server) as client:
        for _ in range(200):
            server.data.update(response_status=404, response_content=b'content',
                               response_reset=True)
            answer = client.get()
            assert (answer.status, answer.body) == (404, b'content')
            assert server.data == {}
            assert server.history == []
            assert client.get().status == 200


@both_schemes
def test_failure_is_noted_when_the_client_sees_its_end(scheme):
    with serve(scheme) as server:
        for number in range(50):
            with Client(server) as client:
                client.send(b'bad\r\n\r\n')
                assert client.answer().status == 400
                assert len(server.failures) == number + 1


@both_schemes
def test_history_is_a_snapshot(scheme):
    with serve(scheme) as server, Client(server) as client:
        client.get('/1')
        before = server.history
        client.get('/2')
        assert [entry['path'] for entry in before] == ['/1']
        before.append('mine')
        del before[0]
        assert [entry['path'] for entry in server.history] == ['/1', '/2']
        assert server.history is not server.history


@both_schemes
def test_history_limit_keeps_the_newest(scheme):
    with serve(scheme, history_limit=3) as server, Client(server) as client:
        for number in range(10):
            client.get('/%d' % number)
        assert [entry['path'] for entry in server.history] == ['/7', '/8', '/9']


@both_schemes
def test_response_timeout_delays_the_answer_not_the_record(scheme):
    with serve(scheme) as server, Client(server) as waiting, Client(server) as client:
        server.data['response_timeout'] = 1000
        waiting.send(request())
        eventually(lambda: server.history)
        assert server.history[0]['duration'] is None
        server.data['response_timeout'] = 0.3
        started = time.time()
        assert client.get().status == 200
        assert time.time() - started >= 0.29
        assert server.history[1]['duration'] >= 0.29
