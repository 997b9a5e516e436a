# -*- coding: utf-8 -*-
"""Reading heads and bodies in whatever pieces they come, and writing what a client can read."""
import email.utils
import io
import random
import socket
import threading

import pytest

from httptestserver.http1 import connection, grammar
from httptestserver.http1 import reader
from httptestserver.http1.grammar import BadRequest, parse_head
from httptestserver.http1.response_head import Heads
from httptestserver.http1.connection import Disconnected
from httptestserver.http1.reader import Reader


class Pieces(object):
    """A connection on which *pieces* arrive one by one, then its end (or *error*)."""

    def __init__(self, *pieces, **keys):
        self._pieces = [piece for piece in pieces if piece]
        self._error = keys.get('error')
        self.received = 0

    def recv(self, size):
        if self._pieces:
            taken, rest = self._pieces[0][:size], self._pieces[0][size:]
            self._pieces[:1] = [rest] if rest else []
            self.received += len(taken)
            return taken
        if self._error:
            raise self._error
        return b''


class Sink(object):
    """A connection that takes *limit* writes, then fails."""

    def __init__(self, limit=1000):
        self.writes = []
        self._limit = limit

    def sendall(self, octets):
        if len(self.writes) >= self._limit:
            raise socket.error(32, 'Broken pipe')
        self.writes.append(bytes(octets))


def cut(octets, chance):
    """Return *octets* in pieces of random sizes."""
    pieces = []
    while octets:
        size = chance.choice([1, 1, 2, 3, 7, 50, 1000])
        pieces.append(octets[:size])
        octets = octets[size:]
    return pieces


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


# Where a stream ends between two requests (an empty line may come before one).
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
        431, 'a head of more than %d octets' % grammar.HEAD_LIMIT)
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
        431, 'a trailer section of more than %d octets' % grammar.HEAD_LIMIT)
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


# Response heads.

def lines_of(head):
    assert head.octets.endswith(b'\r\n\r\n')
    return head.octets[:-4].decode('iso-8859-1').split('\r\n')


def make(heads, now=0, status=200, reason='OK', headers=(), length=0, command='GET',
         version='HTTP/1.1', persistent=True):
    return heads.get(now, status, reason, headers, length, (), command, version, persistent)


def test_a_head_says_what_it_is_made_of():
    head = make(Heads('software'), 784111777, 404, 'Not Found', (('A', 'b'), ('A', 'c')), 5)
    assert lines_of(head) == [
        'HTTP/1.1 404 Not Found', 'Server: software', 'Date: Sun, 06 Nov 1994 08:49:37 GMT',
        'A: b', 'A: c', 'Content-Length: 5']
    assert head.fields == (
        ('Server', 'software'), ('Date', 'Sun, 06 Nov 1994 08:49:37 GMT'), ('A', 'b'), ('A', 'c'),
        ('Content-Length', '5'))
    assert (head.status, head.reason, head.carries, head.chunked, head.persistent) == (
        404, 'Not Found', True, False, True)


@pytest.mark.parametrize('name', ['Server', 'server', 'Date', 'DATE'])
def test_a_field_of_the_author_stands_in_place_of_ours(name):
    head = make(Heads('software'), headers=((name, 'mine'),))
    found = [field for field in head.fields if field[0].lower() == name.lower()]
    assert found == [(name, 'mine')]


def test_a_date_is_of_its_second():
    heads = Heads('software')
    times = [1000.0, 1000.9, 1001.0, 1000.5, 2000000000.25, 1001.5]
    for now in times * 2:
        assert dict(make(heads, now).fields)['Date'] == email.utils.formatdate(
            int(now), usegmt=True)


@pytest.mark.parametrize('value, octets', [
    ('b', b'A: b\r\n'), ('', b'A: \r\n'), (u'\xe9', b'A: \xe9\r\n'),
    (u'\u20ac', b'A: \xe2\x82\xac\r\n')])
def test_a_value_goes_out_as_iso_8859_1_or_else_utf_8(value, octets):
    assert octets in make(Heads('software'), headers=(('A', value),)).octets


def test_a_reason_may_be_empty():
    assert lines_of(make(Heads('software'), 0, 299, ''))[0] == 'HTTP/1.1 299 '


def test_many_heads_of_one_second_are_each_right():
    heads = Heads('software')
    for _ in range(2):
        for length in range(600):
            assert dict(make(heads, length=length).fields)['Content-Length'] == str(length)


def test_heads_may_be_made_by_many_threads():
    heads, wrong = Heads('software'), []

    def work(offset):
        for n in range(400):
            now = offset + n // 7
            found = dict(make(heads, now, length=n).fields)
            if found != {'Server': 'software', 'Content-Length': str(n),
                         'Date': email.utils.formatdate(now, usegmt=True)}:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in (0, 5, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong


# Sending and closing.

@pytest.mark.parametrize('parts, writes', [
    ([b'head', b'content'], 1), ([b'head'], 1), ([b'head', b'', b''], 1),
    ([b'h' * 100, b'c' * 65436], 1)])
def test_head_and_small_content_leave_in_one_write(parts, writes):
    sink = Sink()
    connection.send(sink, *parts)
    assert sink.writes == [b''.join(parts)]


def test_a_large_content_is_not_copied_to_its_head():
    sink = Sink()
    connection.send(sink, b'head', b'c' * 1000000, b'end')
    assert b''.join(sink.writes) == b'head' + b'c' * 1000000 + b'end'
    assert b'c' * 1000000 in sink.writes


@pytest.mark.parametrize('parts, limit', [([b'a'], 0), ([b'a' * 100000, b'b'], 1)])
def test_a_client_that_takes_no_more_is_told_of(parts, limit):
    with pytest.raises(Disconnected) as caught:
        connection.send(Sink(limit), *parts)
    assert str(caught.value).startswith('the client left within a response: ')
    assert 'Broken pipe' in str(caught.value)


@pytest.fixture
def pair():
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(1)
    ours = socket.create_connection(listener.getsockname(), 20)
    theirs, _ = listener.accept()
    listener.close()
    theirs.settimeout(20)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_refused_client_reads_the_answer_although_it_sends_on(pair):
    ours, theirs = pair
    theirs.sendall(b'x' * 200000)
    ours.sendall(b'answer')
    done = threading.Thread(target=connection.linger, args=(ours,))
    done.start()
    assert theirs.recv(100) == b'answer' and theirs.recv(100) == b''
    theirs.shutdown(socket.SHUT_WR)
    done.join(20)
    assert not done.is_alive()
    connection.close(ours)


def test_a_client_that_sends_for_ever_is_left_in_the_end(pair):
    ours, theirs = pair
    done = threading.Thread(target=lambda: (connection.linger(ours), connection.close(ours)))
    done.start()
    try:
        for _ in range(10000):
            theirs.sendall(b'x' * 65536)
    except socket.error:
        pass
    done.join(20)
    assert not done.is_alive()


def test_a_connection_that_is_closed_is_no_error(pair):
    ours, theirs = pair
    ours.close()
    connection.linger(ours)
    connection.close(ours)


def test_closing_ends_the_stream_of_the_client(pair):
    ours, theirs = pair
    ours.sendall(b'last')
    connection.close(ours)
    assert theirs.recv(100) == b'last' and theirs.recv(100) == b''
