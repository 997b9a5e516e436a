# -*- coding: utf-8 -*-
"""Heads and bodies are read in whatever pieces they come."""
import io
import random
import socket

import pytest

from httptestserver.http1 import grammar
from httptestserver.http1.connection import Disconnected, RESET_ON_CLOSE
from httptestserver.http1.grammar import BadRequest, parse_head
from httptestserver.http1.reader import Reader
from support.pieces import Pieces, cut
from support.waiting import eventually


def repr_of_start(value):
    return repr(value[:12])


def read_all(reader):
    """Return (head, content, trailers) of each request up to the end of the connection."""
    found = []
    for head in iter(reader.read_head, b''):
        found.append((head,) + reader.read_body(parse_head(head)[-1]))
    return found


GET = b'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
POST = b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n'
CHUNKED = b'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
STREAM = (
    GET + POST + b'a\r\n\r\nbc' + b'\r\n\r\n' + GET + CHUNKED
    + b'3;ext="a;b"\r\nabc\r\n00A\r\n0123456789\r\n0\r\nX: 1\r\nY:\r\n\r\n' + CHUNKED
    + b'0\r\n\r\n' + b'\r\n' + GET)
REQUESTS = [
    (GET, b'', ()), (POST, b'a\r\n\r\nbc', ()), (GET, b'', ()),
    (CHUNKED, b'abc0123456789', (('X', '1'), ('Y', ''))), (CHUNKED, b'', ()), (GET, b'', ())]


def test_pipelined_requests_are_read_one_after_another():
    assert read_all(Reader(Pieces(STREAM))) == REQUESTS


def test_requests_are_read_byte_by_byte():
    pieces = [STREAM[n:n + 1] for n in range(len(STREAM))]
    assert read_all(Reader(Pieces(*pieces))) == REQUESTS


@pytest.mark.parametrize('at', range(1, len(STREAM)))
def test_it_does_not_matter_where_a_stream_is_cut(at):
    assert read_all(Reader(Pieces(STREAM[:at], STREAM[at:]))) == REQUESTS


@pytest.mark.parametrize('seed', range(30))
def test_requests_are_read_from_random_pieces(seed):
    assert read_all(Reader(Pieces(*cut(STREAM, random.Random(seed))))) == REQUESTS


# The lengths at which a stream ends between two requests; an empty line may precede one.
ENDS = [sum(len(part) for part in (
    [GET, POST + b'a\r\n\r\nbc', b'\r\n\r\n' + GET][:n])) for n in range(4)]


@pytest.mark.parametrize('end', range(len(GET + POST) + 14 + len(GET)))
def test_a_stream_that_ends_within_a_request_is_told_from_one_that_ends_after_it(end):
    reader = Reader(Pieces(STREAM[:end]))
    done = [n for n in range(4) if ENDS[n] <= end][-1]
    after = STREAM[ENDS[done]:end]
    if after in (b'', b'\r\n', b'\r\n\r\n'):
        assert read_all(reader) == REQUESTS[:done]
    else:
        with pytest.raises(Disconnected):
            read_all(reader)


@pytest.mark.parametrize('error', [socket.error(104, 'reset'), socket.timeout('timed out')])
def test_a_connection_that_breaks_ends_as_one_that_closes(error):
    assert Reader(Pieces(error=error)).read_head() == b''
    with pytest.raises(Disconnected) as caught:
        Reader(Pieces(GET[:5], error=error)).read_head()
    assert str(caught.value) == "the client left within a request head: 'GET /'"
    reader = Reader(Pieces(POST, b'abc', error=error))
    with pytest.raises(Disconnected) as caught:
        read_all(reader)
    assert str(caught.value) == 'the client left within a request body'


def test_a_head_that_cannot_be_one_is_refused_before_its_end():
    for start in (b'\x16\x03\x01', b'GET / HTTP/1.1\n', b' ', b'GET / HTTP/1.1\r\nA: b\rc'):
        connection = Pieces(start, b'x' * 1000000)
        with pytest.raises(BadRequest) as caught:
            Reader(connection).read_head()
        assert caught.value.status == 400 and connection.received == len(start)


def test_a_head_has_a_limit():
    fields = b'A: b\r\n' * (grammar.HEAD_LIMIT // 6)
    start = b'GET / HTTP/1.1\r\nHost: a\r\n'
    connection = Pieces(start, *[fields] * 10)
    with pytest.raises(BadRequest) as caught:
        Reader(connection).read_head()
    assert (caught.value.status, caught.value.reason) == (
        431, 'a head of more than %d bytes' % grammar.HEAD_LIMIT)
    assert connection.received < 2 * grammar.HEAD_LIMIT


@pytest.mark.parametrize('piece', [1000, 65536, 262144])
def test_a_head_of_the_limit_is_read_and_not_an_octet_more_however_it_comes(piece):
    start = b'GET / HTTP/1.1\r\nHost: a\r\nA: '
    for size in (grammar.HEAD_LIMIT, grammar.HEAD_LIMIT + 1):
        head = start + b'x' * (size - len(start) - 4) + b'\r\n\r\n'
        reader = Reader(Pieces(*[head[n:n + piece] for n in range(0, size, piece)]))
        if size == grammar.HEAD_LIMIT:
            assert reader.read_head() == head
        else:
            with pytest.raises(BadRequest):
                reader.read_head()


def test_a_trailer_section_has_a_limit():
    connection = Pieces(CHUNKED + b'0\r\n', *[b'A: b\r\n' * 10000] * 20)
    with pytest.raises(BadRequest) as caught:
        read_all(Reader(connection))
    assert (caught.value.status, caught.value.reason) == (
        431, 'a trailer section of more than %d bytes' % grammar.HEAD_LIMIT)
    assert connection.received < 2 * grammar.HEAD_LIMIT


@pytest.mark.parametrize('body, reason', [
    (b'3\r\nabcd\r\n', 'a chunk is longer than its size says'),
    (b'3\r\nabc\n', 'a chunk is longer than its size says'),
    (b'3\r\nabc0\r\n\r\n', 'a chunk is longer than its size says'),
    (b'x\r\n', "not a chunk size: 'x\\r\\n'"),
    (b'3\nabc\r\n', "not a chunk size: '3\\n'"),
    (b'1;' + b'a' * 100000, "not a chunk size: '1;aaa"),
    (b'0\r\nA b\r\n\r\n', "not a header field line: 'A b'"),
    (b'0\r\nA: bc\n\r\n', "not a header field line: 'A: bc\\n'"),
    (b'0\r\n A: b\r\n\r\n', "not a header field line: ' A: b'")], ids=repr_of_start)
def test_chunks_that_are_wrong_are_refused(body, reason):
    for pieces in ([CHUNKED + body], [CHUNKED] + [body[n:n + 1] for n in range(len(body))]):
        with pytest.raises(BadRequest) as caught:
            read_all(Reader(Pieces(*pieces)))
        assert caught.value.status == 400
        assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize('head, more', [
    (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\n', b'abc'),
    (CHUNKED, b'fffffffffffffff\r\nabc')])
def test_a_false_length_is_no_reason_to_take_memory(head, more):
    with pytest.raises(Disconnected):
        read_all(Reader(Pieces(head, more)))


def test_a_large_content_is_read_whole():
    content = bytes(bytearray(random.Random(5).randrange(256) for _ in range(70000))) * 20
    head = POST.replace(b'7', str(len(content)).encode('ascii'))
    expected = [(head, content, ()), (GET, b'', ())]
    assert read_all(Reader(Pieces(head + content + GET))) == expected
    assert read_all(Reader(Pieces(head, content, GET))) == expected


def test_what_was_not_read_is_pending():
    reader = Reader(Pieces(GET + b'G', b'ET'))
    assert not reader.pending
    reader.read_head()
    assert reader.pending


# As a file.

@pytest.mark.parametrize('seed', range(40))
def test_a_reader_reads_as_a_file_does(seed):
    chance = random.Random(seed)
    content = b''.join(chance.choice([b'a', b'bcd', b'\n', b'\r\n', b'x' * 70])
                       for _ in range(chance.randint(0, 60)))
    reader, model = Reader(Pieces(*cut(content, chance))), io.BytesIO(content)
    for _ in range(30):
        size = chance.choice([0, 1, 2, 5, 100])
        name = chance.choice(['read', 'read', 'readline', 'readline', 'readline all'])
        if name == 'readline all':
            assert reader.readline() == model.readline()
        else:
            assert getattr(reader, name)(size) == getattr(model, name)(size), (name, size)
    assert reader.read() == model.read()
    assert reader.read() == reader.readline() == b''


# The end, without waiting for it.

def test_a_client_that_is_silent_has_not_ended(pair):
    server, client = pair
    server.settimeout(5)
    reader = Reader(server)
    assert not reader.has_ended()
    assert server.gettimeout() == 5
    client.close()
    assert reader.has_ended() and reader.has_ended()
    assert reader.read_head() == b''


def test_what_comes_before_the_end_is_kept(pair):
    server, client = pair
    reader = Reader(server)
    client.sendall(STREAM[:100])
    assert not reader.has_ended() and reader.pending
    client.sendall(STREAM[100:])
    client.close()
    eventually(reader.has_ended)
    assert read_all(reader) == REQUESTS


def test_no_more_than_the_limit_is_received_ahead(pair):
    server, client = pair
    reader = Reader(server)
    client.setblocking(False)
    with pytest.raises(socket.error):
        while True:
            client.send(b'x' * 65536)
    for _ in range(10):
        assert not reader.has_ended()
    client.close()
    # The system holds the rest, so the end cannot be seen.
    assert not reader.has_ended()


def test_a_reset_is_an_end(pair):
    server, client = pair
    reader = Reader(server)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    client.close()
    eventually(reader.has_ended)
