# -*- coding: utf-8 -*-
"""What a request costs in memory once it is recorded, as the interpreter counts it."""
from __future__ import unicode_literals

import contextlib
import gc
import json
import sys

import pytest

from httptestserver import start_server
from httptestserver.http1.fields import Headers
from support.client import Client, request
from support.inside import idle
from support.marks import thorough
from support.waiting import eventually

# Neither Python 2 nor PyPy counts what it allocates.
tracemalloc = pytest.importorskip('tracemalloc')

#: Bytes that an entry may take. Tables of text keys are smaller from Python 3.11 on.
ENTRY = 1229 if sys.version_info >= (3, 11) else 1638
COUNT = 2000


@pytest.fixture(autouse=True)
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@contextlib.contextmanager
def counted(each, at_most):
    """Fail if at the end there are more than *at_most* bytes for each of *each* entries."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    yield
    gc.collect()
    assert (tracemalloc.get_traced_memory()[0] - before) / each <= at_most


def ask_kept(server, count, path='/path/%d', **keys):
    """Send *count* requests over kept connections."""
    clients = [Client(server) for _ in range(4)]
    try:
        for number in range(count):
            client = clients[number % len(clients)]
            client.send(request('POST', path.replace('%d', str(number)), 'User-Agent: x', **keys))
            assert client.answer().status == 200
    finally:
        for client in clients:
            client.close()


def ask_fresh(server, count, path='/path/%d'):
    """Send *count* requests, each over a connection of its own."""
    for number in range(count):
        with Client(server) as client:
            assert client.get(path.replace('%d', str(number))).status == 200


def test_a_recorded_request_costs_less_than_its_share():
    with start_server() as server:
        ask_kept(server, COUNT)
        idle(server)
        server.reset()
        with counted(COUNT, ENTRY):
            ask_kept(server, COUNT)
            # A thread that serves a connection has buffers.
            idle(server)
            assert len(server.history) == COUNT


def test_fields_cost_no_more_after_those_of_the_first_request_were_used():
    class Unused(Headers):
        __slots__ = ()

    class Used(Headers):
        __slots__ = ()

    assert Used(b'A: b\r\n')['a'] == 'b'
    sizes = [size_of_many(kind) for kind in (Unused, Used)]
    assert sizes[1] <= sizes[0] + COUNT


def size_of_many(kind):
    """Return how many bytes `COUNT` objects of a class of `Headers` take."""
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    kept = [kind(b'A: b\r\n') for _ in range(COUNT)]
    size = tracemalloc.get_traced_memory()[0] - before
    del kept
    return size


def test_a_body_is_held_once():
    with start_server() as server:
        ask_kept(server, 20, body=b'x' * 100000)
        idle(server)
        server.reset()
        with counted(200, 100000 + 2 * ENTRY):      # the connections too
            ask_kept(server, 200, body=b'x' * 100000)
            # A thread that serves a connection has buffers.
            idle(server)
            assert len(server.history) == 200


@thorough
@pytest.mark.parametrize('ask', [ask_kept, ask_fresh])
def test_a_limit_of_history_holds_memory_flat(ask):
    with start_server(history_limit=10) as server:
        ask(server, 500, '/')           # until all threads are there, and all that is remembered
        idle(server)
        with counted(COUNT, 64):        # of a thread more, say
            ask(server, COUNT, '/')
            # A thread that serves a connection has buffers.
            idle(server)
            assert len(server.history) == 10


def test_a_connection_that_is_closed_leaves_its_entry_and_no_more_than_that_again():
    with start_server() as server:
        ask_fresh(server, 500)
        server.reset()
        with counted(500, 2 * ENTRY):
            ask_fresh(server, 500)
            assert len(server.history) == 500
            eventually(lambda: [entry['connection'].fileno() for entry in server.history]
                       == [-1] * 500)


@thorough
def test_a_forwarded_response_is_kept_up_to_the_limit_of_bodies():
    piece = b'x' * 65536
    with start_server() as upstream, start_server(body_limit=1000) as server:
        upstream.data['response_content'] = lambda request: (piece for _ in range(256))
        server.data['response_forward'] = upstream.url('/')
        with Client(server) as client:
            client.send(request('GET', '/', 'Connection: close'))
            before = tracemalloc.get_traced_memory()[0]
            size = sum(iter(lambda: len(client.socket.recv(65536)), 0))
            peak = tracemalloc.get_traced_memory()[1]
        assert size > 16 * 1048576 and peak - before < 4 * 1048576
        assert server.history[-1]['response_content'] == piece[:1000]


def test_a_replay_needs_at_most_four_times_the_size_of_its_file(tmpdir):
    path, size = tmpdir.join('large.har'), 5000000
    entries = [{'request': {'method': 'GET', 'url': 'http://x/%d' % number, 'headers': []},
                'response': {'status': 200, 'headers': [], 'content': {'text': 'x' * 50000}}}
               for number in range(size // 50000)]
    path.write(json.dumps({'log': {'entries': entries}}))
    del entries
    with start_server() as server:
        gc.collect()
        tracemalloc.clear_traces()
        server.replay(str(path))
        gc.collect()
        kept, peak = tracemalloc.get_traced_memory()
        assert peak < 4 * size and kept < 1.2 * size
