# -*- coding: utf-8 -*-
"""A file whose length changes while it is the content of a response."""
import contextlib
import io
import threading

import pytest

from support.client import Client, request
from support.failing import problems
from support.inside import idle
from support.marks import both_schemes, thorough
from support.paths import Path

SECOND = b'the second response'
SIZE = 200000


@contextlib.contextmanager
def path_object(name):
    yield Path(name)


def open_file(name):
    return io.open(name, 'rb')


@pytest.fixture
def gate():
    """What the response waits for, so that the file can change after it was measured."""
    return threading.Event()


@pytest.fixture(params=[path_object, open_file])
def served(request, server, tmpdir, gate):
    """The file that is the response to ``/file``, as the test sees it."""
    file = tmpdir.join('file')
    file.write_binary(b'x' * SIZE)
    with request.param(str(file)) as content:
        server.route('GET', '/file', response_content=content, response_hold=gate,
                     response_informational=[(103, {})])
        server.route('GET', '/second', response_content=SECOND)
        yield file


def begin(client):
    """Ask for the file, and return once the server has measured it."""
    client.send(request('GET', '/file') + request('GET', '/second'))
    assert client.answer().status == 103


@both_schemes
def test_of_a_file_that_has_grown_as_many_bytes_are_sent_as_announced(server, client, served, gate):
    begin(client)
    with served.open('ab') as file:
        file.write(b'y' * SIZE)
    gate.set()
    answer = client.answer()
    assert (answer.get('content-length'), answer.body) == (str(SIZE), b'x' * SIZE)
    # Bytes too many would stand before its status line.
    second = client.answer()
    assert (second.version, second.body) == ('HTTP/1.1', SECOND)
    server.check()


@both_schemes
@pytest.mark.parametrize('size', [SIZE - 1, 70000, 1, 0])
def test_a_file_that_has_shrunk_ends_the_connection_and_is_reported(
        server, client, served, gate, size):
    begin(client)
    with served.open('r+b') as file:
        file.truncate(size)
    gate.set()
    head, _, content = client.rest().partition(b'\r\n\r\n')
    assert b'\r\nContent-Length: %d' % SIZE in head + b'\r\n'
    assert content == b'x' * size
    idle(server)
    assert [entry['path'] for entry in server.history] == ['/file']
    text = problems(server)
    assert 'GET /file' in text
    assert 'response_content is a file of %d bytes, but it ended after %d: ' % (SIZE, size) in text
    assert str(served) in text


@both_schemes
def test_one_that_shrinks_within_chunks_gets_no_last_chunk(server, client, served, gate):
    server.route('GET', '/file', response_content=Path(served), response_hold=gate,
                 response_informational=[(103, {})], response_trailers={'X-Sum': '1'})
    begin(client)
    with served.open('r+b') as file:
        file.truncate(0)
    gate.set()
    head, _, content = client.rest().partition(b'\r\n\r\n')
    assert b'Transfer-Encoding: chunked' in head
    assert content == b''
    idle(server)
    assert 'it ended after 0: ' in problems(server)


@thorough
@both_schemes
def test_one_that_shrinks_behind_what_a_fault_sends_is_right(server, client, served, gate):
    server.route('GET', '/file', response_content=Path(served), response_hold=gate,
                 response_informational=[(103, {})], response_fault='disconnect',
                 response_fault_at=10)
    begin(client)
    with served.open('r+b') as file:
        file.truncate(10)
    gate.set()
    assert client.rest().partition(b'\r\n\r\n')[2] == b'x' * 10
    # The server waits a second for that.
    client.close()
    idle(server)
    server.check()


def test_a_client_that_wants_the_head_alone_does_not_see_the_change(server, client, served, gate):
    server.route('HEAD', '/file', response_content=Path(served), response_hold=gate,
                 response_informational=[(103, {})])
    client.send(request('HEAD', '/file') + request('GET', '/second'))
    assert client.answer('HEAD').status == 103
    served.write_binary(b'')
    gate.set()
    assert client.answer('HEAD').get('content-length') == str(SIZE)
    assert client.answer().body == SECOND
    server.check()


def test_the_next_request_gets_the_length_that_the_file_has_then(server, served, gate):
    gate.set()
    for content in (b'', b'more than nothing'):
        served.write_binary(content)
        with Client(server) as client:
            begin(client)
            assert client.answer().body == content
    server.check()
