# -*- coding: utf-8 -*-
"""What files and their ranges cost and leave behind: memory, descriptors, and no clock."""
from __future__ import unicode_literals

import io
import os
import socket
import stat
import sys

import pytest

from httptestserver.scripting import files
from support.client import Client, ask, request
from support.installed import module
from support.marks import both_schemes, needs_fork, thorough
from support.paths import Path
from support.processes import run
from support.servers import Leaks, descriptors, serve
from support.waiting import eventually, in_threads

DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'
SIZE = 32 * 1048576

#: Fields of requests, each with the status of the response.
ASKED = [('', 200), ('Range: bytes=5-', 206), ('Range: bytes=0-99,200-', 206),
         ('Range: bytes=99999999-', 416), ('If-None-Match: *', 304), ('If-Match: "other"', 412)]


def from_path(server, path, **keys):
    """Serve the file at *path* by the key of a content."""
    server.data.update(response_content=path, response_ranges=True, **keys)


def from_folder(server, path, **keys):
    """Serve the folder in which the file is. Its name is that of the request."""
    server.data.update(response_folder=os.path.dirname(str(path)), **keys)


each_way = pytest.mark.parametrize('give', [from_path, from_folder])


@pytest.fixture
def large(tmpdir):
    """The path of a file of `SIZE` bytes, of which the system stores none."""
    path = tmpdir.join('large')
    with io.open(str(path), 'wb') as file:
        file.truncate(SIZE)
    return Path(path)


@pytest.fixture
def small(tmpdir):
    tmpdir.join('small').write_binary(b'0123456789' * 30)
    return Path(tmpdir.join('small'))


def drain(client, head_only=False):
    """Read one response without keeping it, and return its status and how long its content is."""
    received = b''
    while b'\r\n\r\n' not in received:
        received += client.socket.recv(65536)
    head, _, rest = received.partition(b'\r\n\r\n')
    lines = head.decode('latin-1').lower().split('\r\n')
    length = [int(line.split(':')[1]) for line in lines if line.startswith('content-length')][0]
    size, buffer = len(rest), bytearray(262144)
    while size < length:
        size += client.socket.recv_into(buffer)
    assert size == length
    return int(head.split()[1]), size


@thorough
@each_way
@pytest.mark.parametrize('ranges, status', [
    (None, 200), ('bytes=0-', 206), ('bytes=1000000-', 206), ('bytes=0-10000000,20000000-', 206)])
def test_a_large_file_is_never_whole_in_memory(large, give, ranges, status):
    tracemalloc = pytest.importorskip('tracemalloc')
    with serve('http') as server:
        give(server, large)
        tracemalloc.start()
        try:
            with Client(server) as client:
                client.send(request('GET', '/large', *['Range: ' + ranges] if ranges else []))
                seen, size = drain(client)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert seen == status and size > SIZE // 2
        assert peak < 4 * 1048576
        eventually(lambda: server.history[-1]['duration'] is not None)


@each_way
@both_schemes
@pytest.mark.parametrize('method', ['GET', 'HEAD', 'PUT'])
def test_no_response_leaves_a_descriptor(scheme, small, give, method):
    with Leaks(), serve(scheme) as server:
        give(server, small)
        with Client(server) as client:
            for fields, status in ASKED * 5:
                client.send(request(method, '/small', *[fields] if fields else []))
                answer = client.answer(method)
                assert method != 'GET' or answer.status == status
            client.send(request(method, '/missing'))
            client.answer(method)
            # The connection is open, but the file is not.
            eventually(lambda: str(small) not in descriptors().values())


@each_way
@both_schemes
@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_fault_in_a_part_leaves_no_descriptor(scheme, small, give, fault):
    with Leaks(), serve(scheme) as server:
        give(server, small, response_fault=fault, response_fault_at=150)
        for ranges in ['bytes=5-', 'bytes=0-99,120-', 'bytes=0-3']:
            with Client(server) as client:
                client.send(request('GET', '/small', 'Range: ' + ranges))
                client.rest()
        server.wait(3)


@each_way
@both_schemes
def test_a_client_that_leaves_within_a_part_leaves_no_descriptor(scheme, large, give):
    with Leaks(), serve(scheme) as server:
        give(server, large)
        for ranges in ['bytes=5-', 'bytes=0-9999999,10000001-']:
            with Client(server) as client:
                client.send(request('GET', '/large', 'Range: ' + ranges))
                assert client.socket.recv(1000)
        server.wait(2)


def test_a_file_that_a_directory_replaces_leaves_no_descriptor(monkeypatch, tmpdir):
    def real(root, names):
        return str(tmpdir.ensure('large', dir=True)), stat.S_IFREG

    with Leaks(), serve('http') as server:
        server.data['response_folder'] = str(tmpdir)
        # A directory is there just after the server has seen a file.
        monkeypatch.setattr(files, '_real', real)
        assert ask(server, 'GET', '/large').status == 404


@each_way
@both_schemes
def test_connections_at_once_get_their_parts(scheme, tmpdir, give):
    content = bytes(bytearray(number * number % 251 for number in range(200000)))
    tmpdir.join('parts').write_binary(content)
    with Leaks(), serve(scheme) as server:
        give(server, Path(tmpdir.join('parts')))

        def part(first):
            with Client(server) as client:
                answer = client.get('/parts', 'Range: bytes=%d-%d' % (first, first + 9999))
                assert answer.status == 206
                return answer.body

        assert b''.join(in_threads(part, range(0, 200000, 10000), 8)) == content
        assert len(server.history) == 20


@each_way
def test_a_file_that_is_replaced_within_a_download_is_sent_to_its_end(server, large, give):
    give(server, large)
    with Client(server) as client:
        client.send(request('GET', '/large', 'Range: bytes=10-'))
        assert client.socket.recv(1, socket.MSG_PEEK)
        tag = ask(server, 'HEAD', '/large').get('etag')
        os.rename(str(large), str(large) + '.old')
        with io.open(str(large), 'wb') as file:
            file.write(b'new')
        assert drain(client) == (206, SIZE - 10)
        answer = client.get('/large', 'Range: bytes=1-', 'If-Range: ' + tag)
        assert (answer.status, answer.body) == (200, b'new')


@each_way
@pytest.mark.skipif(sys.version_info < (3, 7), reason='freezegun needs 3.7')
def test_preconditions_do_not_look_at_a_clock_that_is_frozen(server, client, small, give):
    freezegun = module('freezegun')
    os.utime(str(small), (784111777, 784111777))
    give(server, small)
    with freezegun.freeze_time('1990-02-03'):
        assert client.get('/small', 'If-Modified-Since: ' + DATE).status == 304
        other = 'If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT'
        assert client.get('/small', other).status == 304
        assert client.get('/small', 'If-Unmodified-Since: ' + DATE).status == 200
        assert client.get('/small', 'Range: bytes=1-2', 'If-Range: ' + DATE).status == 206
        assert client.get('/small').get('last-modified') == DATE


@needs_fork
def test_a_forked_child_serves_parts_of_its_own(tmpdir):
    tmpdir.join('file').write_binary(b'0123456789')
    assert run('''
        import os
        from support.client import ask
        from support.paths import Path
        from support.servers import serve

        def check(server):
            server.data.update(response_content=Path(%r), response_ranges=True)
            for _ in range(3):
                answer = ask(server, 'GET', '/', 'Range: bytes=2-4')
                assert (answer.status, answer.body) == (206, b'234'), answer.body

        with serve('http') as parent:
            check(parent)
            child = os.fork()
            if not child:
                try:
                    with serve('http') as server:
                        check(server)
                    os._exit(0)
                finally:
                    os._exit(1)
            assert os.waitpid(child, 0)[1] == 0
            check(parent)
        print('right')
    ''' % str(tmpdir.join('file'))).split() == ['right']
