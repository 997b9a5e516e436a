# -*- coding: utf-8 -*-
"""Streams that a test writes while clients read them, and server-sent events."""
import threading
import zlib

import pytest
import requests

from httptestserver import Server, Stream, start_server
from support.client import Client, ask, request
from support.marks import both_schemes
from support.servers import Leaks, serve
from support.waiting import TIMEOUT


class Reading(Client):
    """A client that has sent a request and has read the head of its response."""

    def __init__(self, server, path='/', **keys):
        super(Reading, self).__init__(server)
        self.send(request('GET', path, **keys))
        self.head = b''
        while not self.head.endswith(b'\r\n\r\n'):
            self.head += self.socket.recv(1)

    def piece(self):
        """Return the next chunk of the content; b'' at its end."""
        return self._chunk()

    def read(self, size):
        """Return *size* bytes of the content, of any number of chunks."""
        content = b''
        while len(content) < size:
            content += self.piece()
        return content


# What is sent, and to whom.

@both_schemes
def test_a_client_gets_each_event_before_the_next_is_sent(scheme):
    with serve(scheme) as server:
        events = server.stream()
        server.route('GET', '/events', response_events=events)
        with Reading(server, '/events') as client:
            assert b'Content-Type: text/event-stream\r\n' in client.head
            assert b'Transfer-Encoding: chunked\r\n' in client.head
            assert b'Content-Length' not in client.head
            events.wait_opened()
            events.send('sunrise', event='tick', id='7', retry=100)
            assert client.piece() == b'event: tick\nid: 7\nretry: 100\ndata: sunrise\n\n'
            events.send({'a': 1})
            assert client.piece() == b'data: {"a": 1}\n\n'
            events.write(u': comment\n\n')
            assert client.piece() == b': comment\n\n'
            events.close()
            assert client.piece() == b''
            # The connection is kept open.
            events.wait_closed()
            assert client.get('/events').body == b''
        assert server.history[0]['response_content'] == (
            b'event: tick\nid: 7\nretry: 100\ndata: sunrise\n\ndata: {"a": 1}\n\n: comment\n\n')
        assert [each['connection_index'] for each in server.history] == [0, 0]
        assert server.failures == []
        server.check()


def test_a_stream_is_a_stream():
    with start_server() as server:
        stream = server.stream()
        assert isinstance(stream, Stream)
        assert repr(stream) == '<Stream: 0 opened, 0 closed>'


def test_raw_bytes_are_content_without_a_type():
    with start_server() as server:
        stream = server.stream()
        server.enqueue(response_content=stream)
        stream.write(b'ab')
        stream.write(b'cd')
        stream.close()
        answer = ask(server)
        assert (answer.body, answer.get('content-type')) == (b'abcd', None)
        assert server.history[0]['response_content'] == b'abcd'


def test_who_has_the_head_gets_what_is_sent_then():
    with start_server() as server:
        events = server.stream()
        server.data['response_content'] = events
        with Reading(server) as first:
            for number in range(200):
                with Reading(server) as second:
                    events.write(b'%d' % number if str is not bytes else str(number))
                    assert first.piece() == second.piece() == str(number).encode()


def test_what_is_sent_while_nobody_reads_goes_to_the_next_request_only():
    with start_server() as server:
        events = server.stream()
        server.data['response_events'] = events
        events.send('early')
        with Reading(server) as first, Reading(server) as second:
            events.send('both')
            both = b'data: early\n\ndata: both\n\n'
            assert first.read(len(both)) == both
            assert second.piece() == b'data: both\n\n'


@both_schemes
def test_a_client_that_leaves_is_noticed_without_a_write(scheme):
    with serve(scheme) as server:
        events = server.stream()
        server.data['response_events'] = events
        with Reading(server):
            events.wait_opened()
            with pytest.raises(AssertionError):
                events.wait_closed(timeout=0.05)
        events.wait_closed()
        events.send('kept')
        with Reading(server) as client:
            assert client.piece() == b'data: kept\n\n'
        events.wait_closed(2)
        failures = server.wait_failure(2)
        assert [each.reason for each in failures] == ['the client left within a response'] * 2


@both_schemes
def test_a_client_that_ends_only_its_sending_side_has_left(scheme):
    with serve(scheme) as server:
        events = server.stream()
        server.data['response_events'] = events
        events.send('kept')
        client = Client(server)
        with client:
            client.send(request())
            client.end_sending()
            # What is there already is sent before that is noticed.
            assert b'data: kept' in client.rest()
            events.wait_closed()


@both_schemes
def test_a_request_that_comes_behind_is_kept_for_later(scheme):
    with serve(scheme) as server:
        events = server.stream()
        server.enqueue({'response_content': events}, {'response_content': b'second'})
        with Reading(server) as client:
            client.send(request('POST', '/second', body=b'x' * 200000))
            events.wait_opened()
            with pytest.raises(AssertionError):
                events.wait_closed(timeout=0.1)
            events.write(b'first')
            assert client.piece() == b'first'
            events.close()
            assert client.piece() == b''
            assert client.answer().body == b'second'
        assert server.history[1]['body'] == b'x' * 200000


def test_waits_fail_with_what_they_have_seen():
    with start_server() as server:
        events = server.stream()
        server.data['response_events'] = events
        with Reading(server):
            events.wait_opened()
            with pytest.raises(AssertionError) as caught:
                events.wait_opened(2, timeout=0.01)
            assert str(caught.value) == ('within 0.01 s expected 2 opened responses of the stream, '
                                         'got 1 opened and 0 closed')
            with pytest.raises(AssertionError) as caught:
                events.wait_closed(timeout=0.01)
            assert str(caught.value) == ('within 0.01 s expected 1 closed response of the stream, '
                                         'got 1 opened and 0 closed')
        server.reset()
        with pytest.raises(AssertionError) as caught:
            events.wait_opened(2, timeout=0.01)
        assert str(caught.value).endswith(
            '; the stream has ended with stop() or reset() of its server')


# Ends.

@both_schemes
@pytest.mark.parametrize('fault', ['reset', 'disconnect'])
def test_an_abort_comes_after_what_was_sent_and_the_stream_goes_on(scheme, fault):
    with serve(scheme) as server:
        events = server.stream()
        server.data['response_events'] = events
        with Reading(server) as client:
            events.send('a')
            events.abort(fault)
            events.send('b')
            received = client.rest()
            assert received.endswith(b'data: a\n\n\r\n')
        with Reading(server) as client:
            assert client.piece() == b'data: b\n\n'
        entry = server.history[0]
        assert entry['response_fault'] == fault and entry['response_fault_at'] == 9
        assert entry['response_content'] == b'data: a\n\n'
        assert entry['duration'] is not None


def test_an_abort_while_nobody_reads_is_for_the_next_request():
    with start_server() as server:
        events = server.stream()
        server.data['response_events'] = events
        events.send('a')
        events.abort()
        events.send('b')
        events.close()
        with Client(server) as client:
            client.send(request())
            assert client.rest().endswith(b'data: a\n\n\r\n')
        assert ask(server).body == b'data: b\n\n'
        assert ask(server).body == b''
        assert server.failures == []


@both_schemes
@pytest.mark.parametrize('end', ['stop', 'reset'])
def test_stop_and_reset_cut_responses_off_and_then_nothing_can_be_sent(scheme, end):
    with Leaks():
        with serve(scheme) as server:
            events, idle = server.stream(), server.stream()
            server.data['response_events'] = events
            idle.send('kept')
            with Reading(server) as client:
                events.wait_opened()
                getattr(server, end)()
                assert not client.rest().endswith(b'0\r\n\r\n')
            events.wait_closed()
            for stream in (events, idle):
                for call in (lambda: stream.send('a'), lambda: stream.write(b'a'), stream.abort):
                    with pytest.raises(ValueError) as caught:
                        call()
                    assert str(caught.value) == (
                        'the stream has ended with stop() or reset() of its server')
                stream.close()
            assert server.failures == []
            if end == 'reset':
                fresh = server.stream()
                fresh.send('b')
                fresh.close()
                server.data['response_events'] = fresh
                assert ask(server).body == b'data: b\n\n'
                server.check()


def test_a_stream_that_has_ended_is_an_error_of_the_script():
    with start_server() as server:
        events = server.stream()
        server.reset()
        server.data['response_events'] = events
        assert ask(server).status == 500
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'the stream has ended with stop() or reset()' in str(caught.value)


def test_a_client_that_does_not_read_is_cut_at_the_limit_and_holds_up_nobody():
    with start_server() as server:
        stream = server.stream(limit=1000000)
        server.data['response_content'] = stream
        with Reading(server) as stalled, Reading(server) as reading:
            sent = 0
            while not server.failures:
                stream.write(b'x' * 100000)
                reading.read(100000)
                sent += 1
                assert sent < 1000
            assert server.failures[0].reason == (
                'the client was more than 1000000 bytes behind its stream')
            stream.wait_closed()
            assert b'x' in stalled.rest()
            stream.write(b'more')
            assert reading.piece() == b'more'
        assert server.history[0]['path'] == '/'


def test_what_nobody_reads_is_bounded():
    with start_server() as server:
        stream = server.stream(limit=10)
        stream.write(b'12345678')
        with pytest.raises(ValueError) as caught:
            stream.send('a')
        assert 'the limit of the stream is 10 bytes' in str(caught.value)
        stream.close()
        server.data['response_content'] = stream
        assert ask(server).body == b'12345678'


# Other keys.

def test_a_head_is_no_reader():
    with start_server() as server:
        events = server.stream()
        server.data['response_events'] = events
        events.send('kept')
        events.close()
        head = ask(server, 'HEAD')
        assert head.get('content-type') == 'text/event-stream'
        assert repr(events) == '<Stream: 0 opened, 0 closed>'
        assert ask(server).body == b'data: kept\n\n'


@both_schemes
def test_http_1_0_gets_a_stream_up_to_the_close(scheme):
    with serve(scheme) as server:
        events = server.stream()
        server.data['response_events'] = events
        with Reading(server, version='1.0') as client:
            events.send('a')
            events.close()
            assert client.rest() == b'data: a\n\n'
        assert b'Transfer-Encoding' not in client.head


@pytest.mark.parametrize('at, expected', [(0, b''), (4, b'data'), (9, b'data: a\n\n'),
                                          (13, b'data: a\n\ndata')])
def test_a_fault_of_the_script_comes_after_so_many_bytes(at, expected):
    with start_server() as server:
        events = server.stream()
        server.enqueue(response_events=events, response_fault='disconnect', response_fault_at=at)
        events.send('a')
        events.send('b')
        with Client(server) as client:
            client.send(request(version='1.0'))
            assert client.rest().partition(b'\r\n\r\n')[2] == expected
        events.wait_closed()


@pytest.mark.parametrize('keys, expected', [
    ({'response_fault': 'disconnect', 'response_fault_at': 4}, b'data'), ({}, b'data: a\n\n')])
def test_a_response_that_resets_the_server_is_sent_as_far_as_it_is_scripted(keys, expected):
    with start_server() as server:
        events = server.stream()
        server.enqueue(response_events=events, response_reset=True, **keys)
        events.send('a')
        events.close()
        with Client(server) as client:
            client.send(request(version='1.0'))
            assert client.rest().partition(b'\r\n\r\n')[2] == expected
        assert server.history == []


def test_half_of_a_stream_is_an_error_of_the_script():
    with start_server() as server:
        events = server.stream()
        server.enqueue(response_events=events, response_fault='reset', response_fault_at='body')
        assert ask(server).status == 500
        assert repr(events) == '<Stream: 0 opened, 0 closed>'


def test_a_stream_keeps_a_rate():
    with start_server() as server:
        stream = server.stream()
        server.enqueue(response_content=stream, response_rate=1000)
        stream.write(b'x' * 200)
        stream.close()
        assert ask(server).body == b'x' * 200
        assert server.history[0]['duration'] >= 0.19


def test_a_client_that_leaves_is_noticed_though_a_rate_holds_the_next_byte_back():
    with start_server() as server:
        stream = server.stream()
        stream.write(b'ab')
        server.enqueue(response_content=stream, response_rate=0.0003)
        with Reading(server):
            stream.wait_opened()
        stream.wait_closed()


def test_trailers_follow_a_stream():
    with start_server() as server:
        stream = server.stream()
        server.enqueue(response_content=stream, response_trailers={'X-Sum': '5'})
        stream.write(b'abc')
        stream.close()
        with Client(server) as client:
            client.send(request('GET', '/', 'Connection: close'))
            assert client.rest().endswith(b'3\r\nabc\r\n0\r\nX-Sum: 5\r\n\r\n')


@both_schemes
@pytest.mark.parametrize('coding, format', [('gzip', 31), ('deflate', 15)])
def test_a_client_can_decode_each_event_before_the_next_is_sent(scheme, coding, format):
    with serve(scheme) as server:
        events = server.stream()
        server.data.update(response_events=events, response_content_encoding=coding)
        decoder = zlib.decompressobj(format)
        with Reading(server) as client:
            events.wait_opened()
            for text in (b'one', b'two'):
                events.send(text.decode())
                content = b''
                while not content.endswith(b'\n\n'):
                    content += decoder.decompress(client.piece())
                assert content == b'data: ' + text + b'\n\n'
            events.close()
            assert decoder.decompress(client.piece()) == b''
            assert decoder.unused_data == client.piece() == b''
        events.wait_closed()


def test_a_stream_outlives_its_connections():
    with start_server() as server:
        events = server.stream()
        server.data['response_events'] = events
        with Reading(server) as client:
            events.wait_opened()
            server.close_connections()
            client.rest()
        events.wait_closed()
        events.send('kept')
        with Reading(server) as client:
            assert client.piece() == b'data: kept\n\n'


def test_a_stream_of_a_server_that_was_stopped_has_ended():
    server = Server('127.0.0.1', 0)
    early = server.stream()
    early.send('before the start')
    with server:
        server.data['response_events'] = early
        early.close()
        assert ask(server).body == b'data: before the start\n\n'
    with pytest.raises(ValueError):
        server.stream().send('late')
    with server:
        server.stream().send('again')


def test_a_stream_may_come_from_a_function_and_from_a_callback():
    with start_server() as server:
        streams = [server.stream(), server.stream()]
        for number, stream in enumerate(streams):
            stream.send(number)
            stream.close()
        server.enqueue(response_events=lambda request: streams[0])
        server.enqueue(response_json={}, response_callback=lambda request: {
            'response_events': streams[1]})
        assert [ask(server).body for _ in range(2)] == [b'data: 0\n\n', b'data: 1\n\n']


# Server-sent events of an iterable.

EVENTS = ['a', {'data': {'b': 1}, 'id': 7}, b': as it is\n\n']
SENT = b'id: 7\ndata: {"b": 1}\n\n: as it is\n\n'


@both_schemes
@pytest.mark.parametrize('value', [
    EVENTS[1:], tuple(EVENTS[1:]), lambda request: iter(EVENTS[1:])])
def test_events_are_sent_in_chunks_with_their_type(scheme, value):
    with serve(scheme) as server, Client(server) as client:
        server.data['response_events'] = value
        for _ in range(2):
            answer = client.get()
            assert answer.body == SENT
            assert answer.get('content-type') == 'text/event-stream'
            assert answer.get('content-length') is None
            assert answer.get('cache-control') is None
            assert server.history[-1]['response_content'] == SENT


def test_a_type_of_the_script_is_kept():
    with start_server() as server:
        server.enqueue(response_events=[b'a'], response_headers={'content-type': 'text/x'})
        assert ask(server).get('content-type') == 'text/x'


def test_a_client_reads_events_of_a_generator_one_by_one():
    go_on = threading.Event()

    def events(request):
        yield u'first'
        assert go_on.wait(TIMEOUT)
        yield {'data': 'second', 'event': 'tick'}

    with start_server() as server:
        server.route('GET', '/', response_events=events)
        with requests.Session() as session:
            session.trust_env = False
            with session.get(server.url(), stream=True, timeout=TIMEOUT) as response:
                lines = response.iter_lines(chunk_size=1)
                assert next(lines) == b'data: first'
                go_on.set()
                assert list(lines) == [b'', b'event: tick', b'data: second', b'']


def test_a_wrong_event_of_a_generator_cuts_the_response_and_is_an_error():
    with start_server() as server:
        server.enqueue(response_events=iter([u'a', {'name': 'Ada'}]))
        with Client(server) as client:
            client.send(request())
            assert not client.rest().endswith(b'0\r\n\r\n')
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert "name is not a key of an event" in str(caught.value)


@pytest.mark.parametrize('value, kind, message', [
    ([u'a', {'name': 'Ada'}], ValueError, "To send this dict as JSON: {'data': {...}}"),
    ([5], TypeError, 'response_events[0]: an event is text'),
    ({'data': 'a'}, TypeError, 'for one event, write a list: [{...}]'),
    (u'a', TypeError, 'response_events is an iterable of events, or a Stream'),
    (None, TypeError, 'to unset the key'),
])
def test_wrong_events_are_refused_where_they_are_written(value, kind, message):
    with start_server() as server:
        for write in (lambda: server.data.update(response_events=value),
                      lambda: server.enqueue(response_events=value),
                      lambda: server.route(response_events=value)):
            with pytest.raises(kind) as caught:
                write()
            assert message in str(caught.value)
        assert server.data == {}


@pytest.mark.parametrize('first, second', [
    ('response_content', 'response_json'), ('response_content', 'response_events'),
    ('response_json', 'response_events')])
def test_two_contents_are_refused_where_the_second_is_written(first, second):
    values = {'response_content': b'', 'response_json': {}, 'response_events': [u'a']}
    message = '%s and %s are both set: which one is sent? Drop the other' % (first, second)
    with start_server() as server:
        for one, other in ((first, second), (second, first)):
            server.data[one] = values[one]
            with pytest.raises(ValueError) as caught:
                server.data[other] = values[other]
            assert str(caught.value) == message
            server.data.clear()
        with pytest.raises(ValueError) as caught:
            server.enqueue({first: values[first], second: values[second]})
        assert str(caught.value) == message


def test_a_stream_is_named_if_it_is_written_as_a_whole_response():
    with start_server() as server:
        with pytest.raises(TypeError) as caught:
            server.enqueue(server.stream())
        assert "to send its content: {'response_content': ...}" in str(caught.value)


def test_no_thread_and_no_descriptor_is_left():
    with Leaks():
        with start_server() as server:
            events = server.stream()
            server.data['response_events'] = events
            clients = [Reading(server) for _ in range(5)]
            events.wait_opened(5)
        for client in clients:
            client.close()
