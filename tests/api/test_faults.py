# -*- coding: utf-8 -*-
"""Every fault at every moment, as clients see it: the socket's end, and what requests raises."""
import contextlib
import errno
import itertools
import socket
import ssl
import threading

import pytest
import requests
import urllib3
from six.moves import http_client

from httptestserver import start_server
from support.client import Client, request
from support.inside import at_rest, idle, stalled
from support.marks import both_schemes, counts_unsent, thorough
from support.servers import descriptors, serve, server_threads
from support.stalls import give_up_at_a_stall
from support.waiting import TIMEOUT, eventually, in_threads

FAULTS = ['disconnect', 'reset', 'stall']
ENDS = {'disconnect': 'FIN', 'reset': 'RST', 'stall': 'silence'}
CONTENT = b'0123456789' * 20
SILENCE = 0.04          # seconds without a word that are taken for silence

#: Before 2.32 with urllib3 2, it took a response that is too short for a whole one.
old_requests = int(urllib3.__version__.split('.')[0]) < 2

#: Moments, with how many bytes of CONTENT a client gets; None: there is no response at all.
MOMENTS = [('accept', None), ('handshake', None), ('request', None), ('response', None),
           (0, 0), (1, 1), (77, 77), ('body', 100), (200, 200), (1000, 200), ('end', 200)]

PAIRS = [(scheme, fault, at, count)
         for scheme, fault, (at, count) in itertools.product(('http', 'https'), FAULTS, MOMENTS)
         if (scheme, at) != ('http', 'handshake')]

every_pair = pytest.mark.parametrize('scheme, fault, at, count', PAIRS)
faults = pytest.mark.parametrize('fault', FAULTS)


@contextlib.contextmanager
def faulty(scheme, fault, at, **keys):
    """Context of a server whose next response has the fault, and the later ones do not."""
    with serve(scheme) as server:
        server.data['response_content'] = b'well'
        server.enqueue(response_fault=fault, response_fault_at=at, response_content=CONTENT,
                       **keys)
        yield server
        at_rest(server)
        server.check()
        assert server.failures == []


def read_to_end(connection, fault=None, server=None):
    """Return what comes on *connection*, at the level of TCP, and how it ends.

    :param fault: with ``'stall'``, the end is a silence.
    :param server: what it sends before that is awaited.
    """
    if connection is None:
        return b'', 'RST'
    if fault == 'stall' and server is not None:
        at_rest(server)
    plain = socket.fromfd(connection.fileno(), connection.family, connection.type)
    plain.settimeout(SILENCE if fault == 'stall' else TIMEOUT)
    octets = b''
    try:
        while True:
            more = plain.recv(65536)
            if not more:
                return octets, 'FIN'
            octets += more
    except socket.timeout:
        return octets, 'silence'
    except socket.error as error:
        if error.errno not in (errno.ECONNRESET, errno.EPIPE):
            raise
        return octets, 'RST'
    finally:
        plain.close()


class Refused(object):
    """Stands for a client that was reset before it knew that it was connected."""

    socket = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def client_at(server, at, octets):
    """Return a client that has sent what it takes to reach the moment *at*."""
    if at in ('accept', 'handshake'):
        try:
            client = Client(server, tls=False)
        except socket.error as error:
            if error.errno != errno.ECONNRESET:
                raise
            return Refused()
        if at == 'handshake':
            client.send(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
        return client
    client = Client(server)
    client.send(octets)
    return client


@every_pair
def test_a_socket_sees_the_fault_at_its_moment_and_the_next_one_is_served(
        scheme, fault, at, count):
    with faulty(scheme, fault, at) as server:
        with client_at(server, at, request('POST', '/faulty', body=b'sent')) as client:
            octets, end = read_to_end(client.socket, fault, server)
            with Client(server) as other:           # also beside one that is silent
                assert other.get('/next').body == b'well'
        assert end == ENDS[fault]
        if scheme == 'http':
            head, found, content = octets.partition(b'\r\n\r\n')
            assert content == CONTENT[:count or 0]
            assert bool(found) is (count is not None)
            if found:
                assert head.startswith(b'HTTP/1.1 200 OK\r\n')
                assert b'Content-Length: 200' in head and b'Connection' not in head


def errors_of(fault, at, count):
    """Return what requests may raise for the fault, None if it raises nothing."""
    errors = requests.exceptions
    if at == 'end':
        return None
    if count is None:
        return errors.Timeout if fault == 'stall' else errors.ConnectionError
    return errors.ConnectionError if fault == 'stall' else errors.ChunkedEncodingError


@thorough
@every_pair
def test_requests_raises_what_it_raises_for_such_a_server(monkeypatch, scheme, fault, at, count):
    keys = {}
    if count is not None and at not in ('end', 'body'):
        # Some versions of requests do not look at a Content-Length, but all at chunks.
        keys['response_trailers'] = {'X-End': 'there'}
    with faulty(scheme, fault, at, **keys) as server:
        expected = errors_of(fault, at, count)
        if scheme == 'https' and fault == 'disconnect' and expected and count is not None:
            # Some versions of ssl raise if TLS ended without an alert, and requests passes it on.
            expected = (expected, requests.exceptions.SSLError, urllib3.exceptions.SSLError)
        # To connect, and to read.
        seconds = (TIMEOUT, TIMEOUT)
        if fault == 'stall' and at in ('accept', 'handshake'):
            # To read too, because on Python 2 and without TLS the client has connected.
            seconds = (0.2, 0.2)
        elif fault == 'stall' and expected:
            give_up_at_a_stall(monkeypatch, server)

        def post():
            with requests.Session() as session:
                session.trust_env = False
                return session.post(server.url(), b'sent', verify=server.cafile or True,
                                    timeout=seconds)

        if expected is None:
            assert post().content == CONTENT
        elif (at, fault) == ('body', 'disconnect') and old_requests:
            try:
                assert post().content == CONTENT[:100]
            except expected:
                pass
        else:
            with pytest.raises(expected):
                post()
        seconds = (TIMEOUT, TIMEOUT)
        assert post().content == b'well'


@faults
@pytest.mark.parametrize('at, count', MOMENTS)
def test_history_tells_the_fault_of_a_request_that_was_read(fault, at, count):
    with faulty('https', fault, at) as server:
        with client_at(server, at, request('POST', '/faulty', body=b'sent')) as client:
            read_to_end(client.socket, fault, server)
        if at in ('accept', 'handshake'):
            assert server.history == []
            return
        entry, = server.history
        assert entry['path'] == '/faulty'
        assert entry['body'] == (b'' if at == 'request' else b'sent')
        assert (entry['response_fault'], entry['response_fault_at']) == (fault, at)
        assert entry.get('response_status') == (None if count is None else 200)
        assert entry.get('response_content') == (None if count is None else CONTENT[:count])
        assert entry['duration'] >= 0
        assert server.data['path'] == '/faulty'


@both_schemes
@faults
@pytest.mark.parametrize('at', ['response', 'body', 50])
def test_http_client_raises_what_it_raises_for_such_a_server(monkeypatch, scheme, fault, at):
    with faulty(scheme, fault, at) as server:
        if fault == 'stall':
            give_up_at_a_stall(monkeypatch, server)
        if scheme == 'https':
            connection = http_client.HTTPSConnection(
                'localhost', server.port, timeout=TIMEOUT, context=server.client_context())
        else:
            connection = http_client.HTTPConnection(server.host, server.port, timeout=TIMEOUT)
        try:
            with pytest.raises((socket.error, http_client.HTTPException)) as caught:
                connection.request('GET', '/')
                answer = connection.getresponse()
                try:
                    answer.read()
                finally:
                    answer.close()
        finally:
            connection.close()
        if fault == 'stall':
            assert 'timed out' in str(caught.value)
        elif fault == 'reset':
            # Some versions of ssl take the end of TCP for that of TLS, whatever it is.
            assert getattr(caught.value, 'errno', None) == errno.ECONNRESET or (
                scheme == 'https' and isinstance(caught.value, http_client.HTTPException))
        elif at != 'response':
            # Python 2 reports the end of TLS instead.
            assert isinstance(caught.value, (http_client.IncompleteRead, ssl.SSLError))


@faults
@pytest.mark.parametrize('size', [0, 1, 3])
def test_half_of_a_small_body_is_rounded_down_behind_a_whole_head(fault, size):
    with start_server() as server:
        server.enqueue(response_fault=fault, response_fault_at='body',
                       response_content=CONTENT[:size])
        with client_at(server, 'body', request()) as client:
            octets, end = read_to_end(client.socket, fault, server)
        assert end == ENDS[fault]
        assert octets.partition(b'\r\n\r\n')[1:] == (b'\r\n\r\n', CONTENT[:size // 2])


@faults
@pytest.mark.parametrize('at', [0, 1, 4])
def test_history_has_no_more_of_a_piece_than_was_sent(fault, at):
    with start_server() as server:
        server.enqueue(response_fault=fault, response_fault_at=at,
                       response_content=[b'012', b'345'])
        with client_at(server, at, request()):
            eventually(lambda: [each for each in server.history if 'response_fault' in each])
        assert server.history[0]['response_content'] == b'012345'[:at]


@faults
def test_the_default_moment_is_before_the_response(fault):
    with start_server() as server:
        server.enqueue(response_fault=fault)
        with client_at(server, None, request('POST', '/', body=b'sent')) as client:
            assert read_to_end(client.socket, fault, server) == (
                b'', ENDS[fault])
        assert server.history[0]['body'] == b'sent'


@both_schemes
@faults
def test_a_request_that_is_only_announced_is_broken_off_before_its_body(scheme, fault):
    with faulty(scheme, fault, 'request') as server:
        head = request('POST', '/', 'Content-Length: 5', 'Expect: 100-continue')
        with client_at(server, 'request', head) as client:
            octets, end = read_to_end(client.socket, fault, server)
            assert end == ENDS[fault]
            if scheme == 'http':
                assert octets == b''


@pytest.mark.parametrize('at', ['accept', 'handshake', 'request', 'response', 'body', 'end', 3])
@faults
def test_a_fault_in_data_strikes_each_connection_until_it_is_taken_out(fault, at):
    with serve('https') as server:
        server.data.update(response_fault=fault, response_fault_at=at, response_content=CONTENT)
        for _ in range(2):
            with client_at(server, at, request()) as client:
                _, end = read_to_end(client.socket, fault, server)
                assert end == ENDS[fault]
        del server.data['response_fault'], server.data['response_fault_at']
        with Client(server) as client:
            assert client.get().body == CONTENT
            assert client.get().body == CONTENT


@pytest.mark.parametrize('scheme, at', [
    ('http', 'accept'), ('https', 'accept'), ('https', 'handshake')])
@faults
def test_a_fault_whose_moment_is_past_on_an_open_connection_strikes_at_once(scheme, at, fault):
    with serve(scheme) as server, Client(server) as client:
        server.enqueue(b'first', {'response_fault': fault, 'response_fault_at': at}, b'last')
        assert client.get().body == b'first'
        client.send(request())
        stalled(server)
        assert read_to_end(client.socket, fault)[1] == ENDS[fault]
        with Client(server) as other:
            assert other.get().body == b'last'
        server.check()


def test_a_fault_on_accept_waits_for_its_turn_in_the_queue():
    with start_server() as server:
        server.enqueue(503, {'response_fault': 'disconnect', 'response_fault_at': 'accept'}, 404)
        with Client(server) as client:
            assert client.get('/', 'Connection: close').status == 503
        with Client(server) as client:
            assert read_to_end(client.socket) == (b'', 'FIN')
        with Client(server) as client:
            assert client.get().status == 404
        assert [entry['response_status'] for entry in server.history] == [503, 404]


@both_schemes
@pytest.mark.parametrize('at', ['accept', 'request', 'response', 'end'])
def test_a_fault_may_be_served_so_many_times(scheme, at):
    with serve(scheme) as server:
        server.enqueue(response_fault='disconnect', response_fault_at=at, response_times=3)
        for _ in range(3):
            with client_at(server, at, request()) as client:
                assert read_to_end(client.socket)[1] == 'FIN'
        with Client(server) as client:
            assert client.get().status == client.get().status == 200


@pytest.mark.parametrize('at', ['accept', 'request', 'response', 'body'])
def test_a_delay_comes_before_the_fault(at):
    with start_server() as server:
        held = threading.Event()
        server.enqueue(response_fault='disconnect', response_fault_at=at, response_hold=held,
                       response_content=CONTENT)
        with client_at(server, at, request()) as client:
            assert read_to_end(client.socket, 'stall') == (b'', 'silence')
            held.set()
            assert read_to_end(client.socket)[1] == 'FIN'


@pytest.mark.parametrize('end', ['stop', 'reset'])
@both_schemes
@pytest.mark.parametrize('at', ['accept', 'handshake', 'request', 'response', 'body', 'end'])
def test_a_silence_is_ended_by(scheme, at, end):
    if (scheme, at) == ('http', 'handshake'):
        at = 5
    with faulty(scheme, 'stall', at) as server:
        with client_at(server, at, request()) as client:
            assert read_to_end(client.socket, 'stall', server)[1] == 'silence'
            getattr(server, end)()
            assert read_to_end(client.socket)[1] in ('FIN', 'RST')


@both_schemes
def test_a_client_that_leaves_a_silence_frees_its_thread(scheme):
    with serve(scheme) as server:
        server.data.update(response_fault='stall')
        threads = len(server_threads())
        for _ in range(5):
            with client_at(server, 'response', request()):
                stalled(server)
            idle(server)
            server.reset()
            server.data.update(response_fault='stall')
        assert len(server_threads()) <= threads + 2


@both_schemes
def test_a_client_that_left_before_its_answer_frees_what_would_reset_it(scheme):
    with serve(scheme) as server:
        before = descriptors()
        held = threading.Event()
        server.enqueue(response_hold=held, response_content=CONTENT, response_fault='reset',
                       response_fault_at='end')
        with Client(server) as client:
            client.send(request())
            eventually(lambda: server.history)
        held.set()
        eventually(lambda: descriptors() == before)


@both_schemes
@pytest.mark.parametrize('fault', ['disconnect', 'stall',
                                   pytest.param('reset', marks=counts_unsent)])
def test_a_large_response_arrives_whole_before_the_fault_at_its_end(scheme, fault):
    content = b'x' * 3000000
    with serve(scheme) as server:
        server.enqueue(response_content=content, response_fault=fault, response_fault_at='end')
        with Client(server) as client:
            client.send(request())
            # A slow client: it reads when the server has written all that fits.
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            eventually(lambda: 'duration' in server.history[0] if server.history else False)
            assert client.answer().body == content


@faults
def test_a_route_may_fail_and_others_not(fault):
    with start_server() as server:
        server.route('GET', '/faulty', response_fault=fault)
        server.route('GET', '/well', response_content=b'well')
        with client_at(server, None, request('GET', '/faulty')) as client:
            assert read_to_end(client.socket, fault, server) == (
                b'', ENDS[fault])
        with Client(server) as client:
            assert client.get('/well').body == b'well'


def test_a_route_may_fail_before_the_body_is_read():
    with start_server() as server:
        route = server.route('POST', '/faulty', response_fault='reset',
                             response_fault_at='request')
        server.route('POST', '/well', response_content=b'well')
        with Client(server) as client:
            client.send(request('POST', '/well', body=b'sent'))
            assert client.answer().body == b'well'
        with client_at(server, None, request('POST', '/faulty', 'Content-Length: 5')) as client:
            assert read_to_end(client.socket) == (b'', 'RST')
        assert [entry['path'] for entry in server.history] == ['/well', '/faulty']
        assert route.history == server.history[1:]
        assert route.data['path'] == '/faulty'


def test_a_route_that_was_served_its_times_hides_no_fault_of_an_older_one():
    with start_server() as server:
        server.route('POST', '/', response_fault='reset', response_fault_at='request')
        server.route('POST', '/', response_times=1)
        with Client(server) as client:
            client.send(request('POST', '/', body=b'sent'))
            assert client.answer().status == 200
        with client_at(server, None, request('POST', '/', 'Content-Length: 5')) as client:
            assert read_to_end(client.socket) == (b'', 'RST')


@faults
@pytest.mark.parametrize('at', ['response', 'body', 3, 'end'])
def test_a_callback_may_fail_its_answer(fault, at):
    with start_server() as server:
        server.enqueue(lambda request: {'response_fault': fault, 'response_fault_at': at,
                                        'response_content': b'012345'})
        with client_at(server, None, request()) as client:
            octets, end = read_to_end(client.socket, fault, server)
        assert end == ENDS[fault]
        assert octets.partition(b'\r\n\r\n')[2] == {'response': b'', 'end': b'012345'}.get(
            at, b'012')


def test_a_moment_may_be_worked_out_for_each_request():
    with start_server() as server:
        server.data.update(response_content=CONTENT, response_fault='disconnect',
                           response_fault_at=lambda request: int(request.query['at']))
        for at in (0, 7, 99):
            with client_at(server, None, request('GET', '/?at=%d' % at)) as client:
                octets, _ = read_to_end(client.socket)
            assert octets.partition(b'\r\n\r\n')[2] == CONTENT[:at]


def test_queued_faults_before_the_body_are_in_history_in_their_order():
    numbers = list(range(200))

    def send(_):
        with client_at(server, None, request('POST', '/', 'Content-Length: 5')) as client:
            return read_to_end(client.socket)[1]

    with start_server() as server:
        server.enqueue(*[{'response_fault': 'disconnect', 'response_fault_at': 'request',
                          'response_reset': False,
                          'response_callback': lambda request, number=number: {
                              'response_status': 200 + number}} for number in numbers])
        assert set(in_threads(send, numbers, 16)) <= set(['FIN', 'RST'])
        assert len(server.history) == 200


# Wrong HTTP, by what is scripted.

def http_error(server, path='/'):
    connection = http_client.HTTPConnection(server.host, server.port, timeout=TIMEOUT)
    connection.strict = True            # or Python 2 takes anything for HTTP/0.9
    try:
        with pytest.raises(http_client.HTTPException) as caught:
            connection.request('GET', path)
            answer = connection.getresponse()
            try:
                answer.read()
            finally:
                answer.close()
        return caught.value
    finally:
        connection.close()


def test_a_content_length_that_is_too_long_is_sent_and_the_connection_ends():
    with start_server() as server:
        server.data.update(response_headers={'Content-Length': '100'}, response_content=b'short')
        error = http_error(server)
        assert isinstance(error, http_client.IncompleteRead)
        assert error.partial == b'short'


def test_a_content_length_that_is_too_short_is_sent_and_the_connection_ends():
    with start_server() as server:
        server.data.update(response_headers={'Content-Length': '3'}, response_content=b'longer')
        with client_at(server, None, request()) as client:
            octets, end = read_to_end(client.socket)
        assert octets.endswith(b'Connection: close\r\n\r\nlonger') and end == 'FIN'


@pytest.mark.parametrize('content', [
    b'zz\r\nabc\r\n0\r\n\r\n', b'5\r\nabc', b'3\r\nabc\r\n', b'-1\r\n', b'ffffffffffffffff\r\nabc'])
def test_malformed_chunks_are_sent_as_they_are(content):
    with start_server() as server:
        server.data.update(response_headers={'Transfer-Encoding': 'chunked'},
                           response_content=content)
        with client_at(server, None, request()) as client:
            octets, end = read_to_end(client.socket)
        assert octets.partition(b'\r\n\r\n')[2] == content and end == 'FIN'
        session = requests.Session()
        session.trust_env = False
        try:
            with pytest.raises(requests.exceptions.RequestException):
                session.get(server.url(), timeout=TIMEOUT)
        except (ValueError, http_client.HTTPException):
            pass                        # of some older versions
        finally:
            session.close()


@pytest.mark.parametrize('raw', [
    b'garbage\r\n\r\n', b'HTTP/9.9 200 OK\r\n\r\n', b'HTTP/1.1 abc OK\r\n\r\n',
    b'HTTP/1.1 99999 OK\r\n\r\n', b'\r\n\r\n', b'\x00\xff' * 100 + b'\r\n', b''])
def test_a_garbage_status_line_is_sent_as_it_is(raw):
    with start_server() as server:
        server.data['response_raw'] = raw
        assert isinstance(http_error(server), http_client.HTTPException)
        with client_at(server, None, request()) as client:
            assert read_to_end(client.socket) == (raw, 'FIN')
        assert server.history[-1]['response_raw'] == raw
        assert server.failures == []


@both_schemes
def test_raw_octets_stand_in_place_of_the_whole_response(scheme):
    raw = b'HTTP/1.1 299 Odd\nContent-Length: 2\n\nok'
    with serve(scheme) as server:
        server.data.update(response_raw=raw, response_status=404, response_content=b'unsent')
        with Client(server) as client:
            client.send(request('HEAD'))
            assert client.rest() == raw


@faults
@pytest.mark.parametrize('at, count', [(0, 0), (5, 5), ('body', 8), ('end', 16)])
def test_raw_octets_may_be_broken_off(fault, at, count):
    raw = b'HTTP/1.1 200 OK\r'
    with start_server() as server:
        server.enqueue(response_raw=raw, response_fault=fault, response_fault_at=at)
        with client_at(server, None, request()) as client:
            assert read_to_end(client.socket, fault, server) == (
                raw[:count], ENDS[fault])
