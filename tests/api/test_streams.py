# -*- coding: utf-8 -*-
"""Content that comes as it is made: events, files, paced bodies, and what ends them."""
import io
import os
import threading
import time

import pytest
import requests
from six.moves import queue

from httptestserver import start_server
from support.client import Client, request
from support.contents import content_of
from support.inside import idle, stalled
from support.marks import both_schemes, thorough
from support.paths import Path
from support.processes import run
from support.servers import serve, server_threads
from support.waiting import TIMEOUT, eventually, in_threads

try:
    import pathlib
except ImportError:
    # Python 2 has none.
    pathlib = None


class Recorder(object):
    """An iterator that counts its pieces, and has an event for its being closed."""

    def __init__(self, pieces):
        self._pieces = iter(pieces)
        self.taken = 0
        self.closed = threading.Event()

    def __iter__(self):
        return self

    def __next__(self):
        piece = next(self._pieces)
        self.taken += 1
        return piece

    next = __next__                 # Python 2

    def close(self):
        self.closed.set()


def endless(piece=b'x' * 65536):
    while True:
        yield piece


def send(server, *what):
    client = Client(server)
    client.send(request(*what))
    return client


# Events.

@both_schemes
def test_a_client_sees_each_event_before_the_next_is_sent(scheme):
    events = queue.Queue()
    with serve(scheme) as server:
        server.data.update(response_headers={'Content-Type': 'text/event-stream'},
                           response_content=lambda request: iter(events.get, None))
        session = requests.Session()
        session.trust_env = False
        try:
            answer = session.get(server.url(), stream=True, timeout=TIMEOUT,
                                 verify=server.cafile or True)
            assert answer.headers['Content-Type'] == 'text/event-stream'
            lines = answer.iter_lines(chunk_size=1)
            for number in range(5):
                events.put(b'data: %d\n\n' % number)
                assert next(lines) == b'data: %d' % number
                assert next(lines) == b''
            events.put(None)
            assert list(lines) == []
            answer.close()
        finally:
            session.close()
        assert server.history[0]['response_content'] == b''.join(
            [b'data: %d\n\n' % number for number in range(5)])
        server.check()


def test_the_head_of_a_stream_comes_before_its_first_piece():
    events = queue.Queue()
    with start_server() as server:
        server.enqueue(response_status=206, response_content=iter(events.get, None))
        with send(server) as client:
            head = b''
            while not head.endswith(b'\r\n\r\n'):
                head += client.socket.recv(1)
            assert head.startswith(b'HTTP/1.1 206') and b'Transfer-Encoding: chunked' in head
            events.put(b'late')
            events.put(None)
            assert client.answer_begun(head).body == b'late'


@both_schemes
def test_a_stream_of_a_length_that_was_announced_is_told_of_before_its_end(scheme):
    more = threading.Event()

    def content():
        yield b'w'
        assert more.wait(TIMEOUT)
        yield b'beyond'

    with serve(scheme) as server:
        server.data.update(response_content=content(), response_headers={'Content-Length': '1'})
        with send(server) as client:
            assert client.answer().body == b'w'
            assert server.history[0]['response_content'] == b'w'
            assert server.history[0]['duration'] is not None
            more.set()
            client.rest()
        assert server.history[0]['response_content'] == b'wbeyond'


# Iterables.

@both_schemes
@pytest.mark.parametrize('content, expected', [
    ([b'ab', b'c'], b'abc'), ((b'ab', b'c'), b'abc'), ([u'\u20ac', b'c'], b'\xe2\x82\xacc'),
    ([], b''), ([b'', b'a', b''], b'a'), ([bytearray(b'ab'), memoryview(b'c')], b'abc'),
    ([b'x' * 3000000], b'x' * 3000000), ([b'x' * 1000] * 1000, b'x' * 1000000),
])
def test_an_iterable_is_sent_in_chunks_and_its_connection_goes_on(scheme, content, expected):
    with serve(scheme) as server, Client(server) as client:
        server.data['response_content'] = content
        for _ in range(2):
            answer = client.get()
            assert answer.get('transfer-encoding') == 'chunked'
            assert answer.get('content-length') is None
            assert answer.body == expected
        del server.data['response_content']
        assert client.get().body == b''
        assert [entry['connection_index'] for entry in server.history] == [0, 0, 0]


def test_a_generator_is_sent_and_closed_at_its_end():
    pieces = Recorder([b'a', b'b'])
    with start_server() as server:
        server.enqueue(response_content=pieces)
        with Client(server) as client:
            assert client.get().body == b'ab'
            assert pieces.closed.wait(TIMEOUT)


def test_history_keeps_the_first_mebibyte_of_a_stream():
    with start_server() as server, Client(server) as client:
        server.enqueue(response_content=[b'x' * 1000000] * 3)
        assert len(client.get().body) == 3000000
        assert len(server.history[0]['response_content']) == 1048576


@both_schemes
def test_http_1_0_gets_a_stream_up_to_the_close(scheme):
    with serve(scheme) as server:
        server.data['response_content'] = [b'ab', b'cd']
        for fields in ((), ('Connection: keep-alive',)):
            with Client(server) as client:
                client.send(request('GET', '/', *fields, version='1.0'))
                head, _, content = client.rest().partition(b'\r\n\r\n')
            assert content == b'abcd'
            assert b'Transfer-Encoding' not in head and b'Content-Length' not in head
            assert b'Connection: close' in head


@pytest.mark.parametrize('method, status', [('HEAD', 200), ('GET', 204), ('GET', 304)])
def test_a_stream_is_not_read_where_there_is_no_content(method, status):
    pieces = Recorder([b'a'])
    with start_server() as server, Client(server) as client:
        server.enqueue(response_status=status, response_content=pieces)
        client.send(request(method))
        assert client.answer(method).status == status
        # The entry is whole before the client has its response.
        assert server.history[0]['response_status'] == status
        assert client.get().status == 200
        assert pieces.closed.wait(TIMEOUT)
        assert pieces.taken == 0


@both_schemes
def test_a_generator_that_raises_cuts_the_answer_off_and_is_told_by_check(scheme):
    def pieces():
        yield b'sent'
        raise ValueError('broken on purpose')

    with serve(scheme) as server:
        server.enqueue(response_content=pieces())
        with send(server) as client:
            received = client.rest()
        assert received.endswith(b'4\r\nsent\r\n')
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'in pieces' in str(caught.value) and 'broken on purpose' in str(caught.value)
        with Client(server) as client:
            assert client.get().status == 200


@pytest.mark.parametrize('pieces', [[b'sent', 5], [None], [b'sent', ['a']]])
def test_a_piece_that_is_no_octets_is_told_by_check(pieces):
    with start_server() as server:
        server.enqueue(response_content=iter(pieces))
        with send(server) as client:
            assert not client.rest().endswith(b'0\r\n\r\n')
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'each piece of response_content is bytes or str, got %r' % (
            pieces[-1],) in str(caught.value)


@both_schemes
def test_a_stream_may_be_broken_off_after_so_many_octets(scheme):
    pieces = Recorder(endless(b'0123456789'))
    with serve(scheme) as server:
        server.enqueue(response_content=pieces, response_fault='disconnect',
                       response_fault_at=25)
        with send(server) as client:
            received = client.rest()
        assert received.endswith(b'\r\n\r\na\r\n0123456789\r\na\r\n0123456789\r\n5\r\n01234\r\n')
        assert pieces.taken == 3 and pieces.closed.wait(TIMEOUT)


def test_half_of_a_stream_whose_length_nobody_knows_is_an_error_that_is_told():
    with start_server() as server:
        server.enqueue(response_content=iter([b'a']), response_fault='reset',
                       response_fault_at='body')
        with Client(server) as client:
            assert client.get().status == 500
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'give a number of bytes' in str(caught.value)


# Files.

CONTENT = content_of(256000)


@pytest.fixture
def file_path(tmpdir):
    tmpdir.join('content').write_binary(CONTENT)
    return str(tmpdir.join('content'))


@both_schemes
@pytest.mark.parametrize('kind', [Path] + ([pathlib.Path] if pathlib else []))
def test_a_path_object_is_sent_with_its_length_and_read_anew(scheme, kind, file_path):
    with serve(scheme) as server, Client(server) as client:
        server.data['response_content'] = kind(file_path)
        for content in (CONTENT, CONTENT, b'changed', b''):
            if content != CONTENT:
                with io.open(file_path, 'wb') as written:
                    written.write(content)
            answer = client.get()
            assert answer.body == content
            assert answer.get('content-length') == str(len(content))
            assert answer.get('transfer-encoding') is None
            assert server.history[-1]['response_status'] == 200
        client.send(request('HEAD'))
        assert client.answer('HEAD').get('content-length') == '0'
        server.check()


@pytest.mark.parametrize('how', [
    lambda path: io.open(path, 'rb'), lambda path: io.open(path, 'rb', 0),
    lambda path: open(path, 'rb'), lambda path: io.BytesIO(CONTENT)])
def test_an_open_file_is_sent_from_its_start_and_left_open(how, file_path):
    with how(file_path) as opened, start_server() as server, Client(server) as client:
        opened.read(10)
        server.data['response_content'] = opened
        for _ in range(2):
            answer = client.get()
            assert (answer.body, answer.get('content-length')) == (CONTENT, str(len(CONTENT)))
        assert not opened.closed


def test_a_pipe_is_sent_in_chunks_as_it_comes():
    reading, writing = os.pipe()
    with io.open(reading, 'rb', 0) as opened, start_server() as server:
        server.enqueue(response_content=opened)
        with Client(server) as client:
            client.send(request())
            os.write(writing, b'ab')
            os.close(writing)
            answer = client.answer()
        assert (answer.body, answer.get('transfer-encoding')) == (b'ab', 'chunked')


def test_an_open_file_of_text_is_refused(tmpdir):
    with io.StringIO(u'text') as opened, start_server() as server:
        with pytest.raises(TypeError) as caught:
            server.enqueue(response_content=opened)
        assert 'an open binary file' in str(caught.value)


def test_a_file_that_is_not_there_is_answered_500_and_told(tmpdir):
    with start_server() as server:
        server.enqueue(response_content=Path(tmpdir.join('none')))
        with Client(server) as client:
            assert client.get().status == 500
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'No such file' in str(caught.value)


@pytest.mark.parametrize('fault, at', [('disconnect', 'response'), ('disconnect', 'body'),
                                       ('reset', 10), ('disconnect', 'end'),
                                       ('disconnect', 'accept'), ('disconnect', 'request')])
def test_a_file_is_closed_whatever_happens_to_its_answer(fault, at, file_path):
    def is_open():
        numbers = os.listdir('/proc/self/fd') if os.path.isdir('/proc/self/fd') else []
        return any(os.path.realpath('/proc/self/fd/' + number) == os.path.realpath(file_path)
                   for number in numbers)

    with start_server() as server:
        server.enqueue(response_content=Path(file_path), response_fault=fault,
                       response_fault_at=at)
        with send(server) as client:
            client.rest()
            eventually(lambda: not is_open())


@thorough
def test_a_large_file_is_never_whole_in_memory(tmpdir):
    # In a process of its own, because what earlier tests took never comes back.
    pytest.importorskip('resource')
    output = run('''
        import io, resource
        from support.client import Client, request
        from support.paths import Path
        from support.servers import serve
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        def drain(client, size):
            while size > 0:
                octets = client.socket.recv(65536)
                assert octets
                size -= len(octets)
        size = 128 * 1048576
        with io.open({path!r}, 'wb') as written:
            written.truncate(size)
        def pieces():
            for _ in range(128):
                yield b'x' * 1048576
        with io.open({path!r}, 'rb') as opened, serve('http') as server:
            with Client(server) as client:
                client.get()
            before = peak()
            for content in (Path({path!r}), opened, pieces()):
                server.enqueue(response_content=content)
                with Client(server) as client:
                    client.send(request())
                    drain(client, size)
            print((peak() - before) * 1024 // 1048576)
    ''', path=str(tmpdir.join('large')))
    assert int(output) < 48


# Pace.

RATES = [(1, 2), (4, 8), (20, 40), (1000, 2000), (50000, 100000), (1000000.0, 2000000)]


@thorough
def test_a_rate_is_held_within_a_fifth_over_two_seconds():
    def paced(number):
        rate, size = RATES[number]
        with Client(server) as client:
            started = time.time()
            assert len(client.get('/paced/%d' % number).body) == size
            return time.time() - started

    with start_server() as server:
        for number, (rate, size) in enumerate(RATES):
            server.route('GET', '/paced/%d' % number, response_content=b'x' * size,
                         response_rate=rate)
        for _ in range(5):
            times = in_threads(paced, range(len(RATES)), len(RATES))
            assert min(times) >= 1.6
            if min(times) <= 2.4:
                return                  # a loaded machine may be late, nothing may be early
    raise AssertionError(times)


def test_a_paced_body_delays_nobody_else():
    with start_server() as server:
        server.enqueue(response_content=b'x' * 1000, response_rate=1)
        with send(server), Client(server) as other:
            eventually(lambda: server.history)
            assert [other.get().status for _ in range(20)] == 20 * [200]
            assert server.history[0]['duration'] is None


def test_a_paced_stream_is_as_slow_as_a_paced_body():
    with start_server() as server, Client(server) as client:
        server.enqueue(response_content=[b'x' * 100] * 10, response_rate=2000)
        started = time.time()
        assert len(client.get().body) == 1000
        assert time.time() - started >= 0.4


# Ends.

def holding(server, how):
    """Script what takes for ever; returns what the head of the request is sent for."""
    if how == 'delay':
        server.enqueue(response_timeout=1000)
    elif how == 'hold':
        server.enqueue(response_hold=threading.Event())
    elif how == 'stall':
        server.enqueue(response_fault='stall', response_fault_at=10, response_content=b'x' * 100)
    elif how == 'rate':
        server.enqueue(response_content=b'x' * 1000000, response_rate=100)
    elif how == 'slow rate':
        server.enqueue(response_content=b'x' * 1000, response_rate=0.01)
    elif how == 'paced stream':
        server.enqueue(response_content=endless(), response_rate=100)
    elif how == 'stream':
        server.enqueue(response_content=endless())
    elif how == 'unread body':
        server.enqueue(response_content=b'x' * 100000000)
    else:
        server.enqueue(response_content=Path('/dev/zero'))


@both_schemes
@pytest.mark.parametrize('end', ['stop', 'reset'])
@pytest.mark.parametrize('how', ['delay', 'hold', 'stall', 'rate', 'slow rate', 'paced stream',
                                 'stream'])
def test_what_takes_for_ever_is_ended_at_once_by(scheme, how, end, caplog):
    with serve(scheme) as server:
        holding(server, how)
        with send(server) as client:
            eventually(lambda: server.history)
            if how == 'stall':
                stalled(server)
            getattr(server, end)()
            assert 'is busy' not in caplog.text         # no thread was waited for in vain
            client.rest()
        if end == 'stop':
            assert server_threads() == []
        else:
            with Client(server) as client:
                assert client.get().status == 200


@both_schemes
def test_stop_ends_a_body_that_its_client_does_not_read(scheme, caplog):
    with serve(scheme) as server:
        holding(server, 'unread body')
        with send(server):
            eventually(lambda: server.history)
            server.stop()
            assert 'is busy' not in caplog.text
        assert server_threads() == []


@both_schemes
def test_a_client_that_leaves_ends_the_generator_and_is_told_in_failures(scheme):
    pieces = Recorder(endless(b'x' * 1000))
    with serve(scheme) as server:
        server.enqueue(response_content=pieces)
        with send(server) as client:
            client.socket.recv(1000)
        assert pieces.closed.wait(TIMEOUT)
        failure, = eventually(lambda: server.failures)
        assert 'the client left within a response' in failure.reason
        taken = pieces.taken
        idle(server)
        with Client(server) as client:
            assert client.get().status == 200
        assert pieces.taken == taken
        server.check()


@both_schemes
def test_a_client_that_leaves_a_paced_body_is_told_in_failures(scheme):
    with serve(scheme) as server:
        server.enqueue(response_content=b'x' * 1000000, response_rate=100000)
        with send(server) as client:
            client.socket.recv(1000)
            client.reset()
        assert 'the client left within a response' in eventually(
            lambda: server.failures)[0].reason


def test_a_generator_function_is_closed_when_its_client_leaves():
    closed = threading.Event()

    def pieces(request):
        try:
            for piece in endless():
                yield piece
        finally:
            closed.set()

    with start_server() as server:
        server.data['response_content'] = pieces
        with send(server) as client:
            client.socket.recv(1000)
        assert closed.wait(TIMEOUT)


# Interim responses and trailers.

@both_schemes
def test_interim_responses_come_before_the_response(scheme):
    held = threading.Event()
    with serve(scheme) as server:
        server.enqueue(response_informational=[(103, {'Link': '</a.css>'}), (102, []),
                                               (199, (('X-A', 'b'),))],
                       response_content=b'final', response_hold=held)
        with send(server) as client:
            answers = [client.answer() for _ in range(3)]
            held.set()                      # they came before the response was there
            answers.append(client.answer())
        assert [answer.status for answer in answers] == [103, 102, 199, 200]
        assert answers[0].get('link') == '</a.css>' and answers[2].get('x-a') == 'b'
        assert answers[0].reason == 'Early Hints'
        assert answers[3].body == b'final'
        assert server.history[0]['response_informational'] == (
            (103, (('Link', '</a.css>'),)), (102, ()), (199, (('X-A', 'b'),)))


def test_http_1_0_gets_no_interim_responses():
    with start_server() as server:
        server.enqueue(response_informational=[(103, {})], response_content=b'final')
        with Client(server) as client:
            client.send(request(version='1.0'))
            assert client.rest().startswith(b'HTTP/1.1 200 OK\r\n')
        assert 'response_informational' not in server.history[0]


@both_schemes
@pytest.mark.parametrize('content', [b'content', [b'con', b'tent'], b''])
@pytest.mark.parametrize('trailers', [{'X-Sum': '5'}, [('X-Sum', '5'), ('X-B', 'c')]])
def test_trailers_follow_a_chunked_body(scheme, content, trailers):
    pairs = tuple(trailers.items()) if isinstance(trailers, dict) else tuple(trailers)
    with serve(scheme) as server:
        server.data.update(response_content=content, response_trailers=trailers)
        with Client(server) as client:
            client.send(request('GET', '/', 'Connection: close'))
            head, _, body = client.rest().partition(b'\r\n\r\n')
        assert b'Transfer-Encoding: chunked' in head
        assert ('Trailer: ' + ', '.join(name for name, _ in pairs)).encode() in head
        assert body.endswith(b'0\r\n' + b''.join(
            ('%s: %s\r\n' % pair).encode() for pair in pairs) + b'\r\n')
        assert server.history[0]['response_trailers'] == pairs


def test_http_1_0_gets_no_trailers():
    with start_server() as server:
        server.data.update(response_content=b'content', response_trailers={'X-Sum': '5'})
        with Client(server) as client:
            client.send(request(version='1.0'))
            received = client.rest()
        assert received.endswith(b'\r\n\r\ncontent') and b'X-Sum' not in received
