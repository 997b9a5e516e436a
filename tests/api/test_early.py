# -*- coding: utf-8 -*-
"""Responses that are sent once the head of a request was read, without waiting for its body."""
import random
import socket
import threading

import pytest
import requests
from six.moves import http_client

from httptestserver import Handler, start_server
from support.client import Client, ask, client_context, request
from support.inside import idle
from support.marks import both_schemes, thorough
from support.servers import server_threads
from support.waiting import TIMEOUT, eventually, in_threads

UPLOAD = b'x' * 8388608
EXPECT = 'Expect: 100-continue'
WAITING = request('PUT', '/backup', 'Content-Length: 8388608')


@pytest.fixture
def refusing(server):
    """A server that refuses every request early."""
    server.data.update(response_status=413, response_content=b'too large', response_early=True)
    return server


def assert_refused(client):
    """Fail unless the next response is the early one, and the last of the connection."""
    answer = client.answer()
    assert (answer.status, answer.body) == (413, b'too large')
    assert answer.get('connection') == 'close'
    assert client.rest() == b''


# Without the body.

@both_schemes
@pytest.mark.parametrize('fields', [
    ('Content-Length: 8388608',), ('Transfer-Encoding: chunked',),
    ('Content-Length: 5', EXPECT), ('Transfer-Encoding: chunked', EXPECT)])
def test_the_body_need_not_come(refusing, client, fields):
    client.send(request('PUT', '/backup', *fields))
    assert_refused(client)
    assert refusing.history[0]['response_status'] == 413
    assert refusing.history[0]['duration'] is not None


def test_a_request_without_a_body_gets_the_same(refusing, client):
    client.send(request())
    assert_refused(client)
    assert 'body_discarded' not in refusing.history[0]


def test_without_the_key_100_is_sent_and_the_body_is_awaited(server, client):
    server.data['response_status'] = 413
    client.send(request('PUT', '/backup', 'Content-Length: 1', EXPECT))
    assert client.answer().status == 100
    client.send(b'x')
    answer = client.answer()
    assert (answer.status, answer.get('connection')) == (413, None)
    assert server.history[0]['body'] == b'x'


def test_false_is_as_if_it_were_absent(server, client):
    server.data.update(response_early=False)
    client.send(request('PUT', '/', 'Content-Length: 1', EXPECT))
    assert client.answer().status == 100


def test_the_request_is_recorded_before_the_response(server, client):
    go_on = threading.Event()
    server.data.update(response_early=True, response_hold=go_on)
    client.send(WAITING)
    entry, = server.wait()
    assert (entry['body'], entry['trailers'], entry['duration']) == (b'', (), None)
    assert (entry['body_discarded'], server.data['body_discarded']) == (8388608, 8388608)
    go_on.set()
    assert client.answer().status == 200


def test_the_size_of_a_body_in_chunks_is_not_known(refusing, client):
    client.send(request('PUT', '/', 'Transfer-Encoding: chunked') + b'3\r\nabc\r\n0\r\n\r\n')
    assert_refused(client)
    assert (refusing.history[0]['body'], refusing.history[0]['body_discarded']) == (b'', 0)


def test_what_was_not_read_is_not_in_the_entries_of_later_requests(server, client):
    server.route('PUT', '/early', response_early=True)
    client.send(request('PUT', '/', body=b'one') + request('PUT', '/early', body=b'two'))
    client.answer()
    client.answer()
    assert client.rest() == b''
    assert ask(server, 'PUT', '/', body=b'three').status == 404
    assert [(each['body'], each.get('body_discarded')) for each in server.history] == [
        (b'one', None), (b'', 3), (b'three', None)]
    assert 'body_discarded' not in server.data


def test_a_fault_before_the_body_has_the_same_record(server, client):
    server.data.update(response_fault='disconnect', response_fault_at='request')
    client.send(request('PUT', '/', 'Content-Length: 5'))
    assert client.rest() == b''
    assert (server.history[0]['body'], server.history[0]['body_discarded']) == (b'', 5)


def test_views_of_the_body_say_that_it_was_not_read(refusing, client):
    client.send(request('PUT', '/', 'Content-Length: 8'))
    assert_refused(client)
    entry = refusing.history[0]
    for view in (lambda: entry.text, lambda: entry.form, lambda: entry.files, entry.json):
        with pytest.raises(ValueError) as caught:
            view()
        assert str(caught.value) == (
            "the body of PUT / HTTP/1.1 was not read, because of response_early or a fault at "
            "'request'")


# What the client still sends.

@thorough
@both_schemes
def test_an_upload_of_http_client_gets_its_response(refusing, scheme):
    for _ in range(100 if scheme == 'http' else 10):
        if scheme == 'https':
            client = http_client.HTTPSConnection('localhost', refusing.port, timeout=TIMEOUT,
                                                 context=client_context(refusing))
        else:
            client = http_client.HTTPConnection(refusing.host, refusing.port, timeout=TIMEOUT)
        client.request('PUT', '/backup', UPLOAD)
        answer = client.getresponse()
        assert (answer.status, answer.read()) == (413, b'too large')
        client.close()
    assert refusing.failures == []


@thorough
@both_schemes
def test_an_upload_of_requests_gets_its_response(refusing, scheme):
    with requests.Session() as session:
        for _ in range(100 if scheme == 'http' else 10):
            url = refusing.url('/backup').replace('127.0.0.1', 'localhost')
            assert session.put(url, UPLOAD, timeout=TIMEOUT,
                               verify=refusing.cafile).status_code == 413
    assert refusing.failures == []
    assert set(each['body'] for each in refusing.history) == set([b''])
    assert set(each['exchange_index'] for each in refusing.history) == set([0])


def test_an_upload_in_chunks_gets_its_response(refusing):
    for _ in range(10):
        pieces = iter([UPLOAD[:100000]] * 40)
        assert requests.put(refusing.url(), pieces, timeout=TIMEOUT).status_code == 413
    assert refusing.failures == []


@both_schemes
def test_the_connection_stays_until_the_client_ends(refusing, client):
    client.send(WAITING)
    assert client.answer().status == 413
    client.send(UPLOAD[:4000000])
    client.send(UPLOAD[:4000000])
    assert client.rest() == b''
    assert not idle_soon(refusing)
    client.close()
    idle(refusing)
    assert refusing.failures == []


def idle_soon(server):
    """Return whether no connection is left within a short time."""
    try:
        eventually(lambda: server.open_connections == 0, 0.1)
    except AssertionError:
        return False
    return True


@both_schemes
@pytest.mark.parametrize('end', ['reset', 'stop'])
def test_reset_and_stop_end_it(refusing, client, end):
    client.send(WAITING)
    assert client.answer().status == 413
    if end == 'reset':
        refusing.reset()
        idle(refusing)
    else:
        refusing.stop()
        assert server_threads() == []
    assert client.rest() == b''


@pytest.mark.parametrize('end', ['reset', 'stop'])
def test_reset_and_stop_end_a_client_that_never_pauses(refusing, end):
    with Client(refusing) as client:
        client.send(WAITING)
        assert client.answer().status == 413

        def upload():
            try:
                while True:
                    client.send(UPLOAD[:100000])
            except socket.error:
                pass

        thread = threading.Thread(target=upload)
        thread.start()
        getattr(refusing, end)()
        thread.join(TIMEOUT)
        assert not thread.is_alive()


def test_a_reset_of_the_response_itself_lets_the_client_read_it(server, client):
    for _ in range(20):
        server.enqueue(413, response_early=True, response_reset=True)
        assert requests.put(server.url(), UPLOAD, timeout=TIMEOUT).status_code == 413
        assert server.history == []
    server.enqueue(413, response_early=True, response_reset=True)
    client.send(WAITING)
    assert client.answer().status == 413
    assert not idle_soon(server)
    server.reset()
    idle(server)


@pytest.mark.parametrize('scheme', ['https'])
def test_the_end_of_the_tls_session_is_announced(refusing, client):
    client.socket.suppress_ragged_eofs = False
    client.send(WAITING)
    assert client.answer().status == 413
    assert client.socket.recv(1) == b''


def test_pipelined_requests_get_no_response(refusing, client):
    client.send(request('PUT', '/one', body=b'one') + request('GET', '/two'))
    assert_refused(client)
    assert [each['path'] for each in refusing.history] == ['/one']


# Together with other keys.

def test_http_1_0(refusing, client):
    client.send(request('PUT', '/', 'Connection: keep-alive', 'Content-Length: 9', version='1.0'))
    assert_refused(client)


def test_a_connection_field_of_the_script_is_sent_and_the_connection_ends(server, client):
    server.data.update(response_early=True, response_headers={'Connection': 'keep-alive'})
    client.send(WAITING)
    assert client.answer().get('connection') == 'keep-alive'
    assert client.rest() == b''


@both_schemes
@pytest.mark.parametrize('keys, expected', [
    ({'response_content': [b'a', b'bc'], 'response_trailers': {'X-A': 'b'}},
     b'\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\nX-A: b\r\n\r\n'),
    ({'response_content': b'paced', 'response_rate': 10000}, b'\r\n\r\npaced'),
    ({'response_timeout': 0.01, 'response_content': b'late'}, b'\r\n\r\nlate'),
    ({'response_informational': [(103, {'A': 'b'})]},
     b'HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n'),
    ({'response_raw': b'raw'}, b'raw'),
    ({'response_json': {'a': 1}}, b'\r\n\r\n{"a": 1}'),
    ({'response_callback': lambda request: request['headers']['Host']}, b'\r\n\r\nlocalhost'),
    ({'response_status': lambda request: 400 + request['body_discarded']}, b'HTTP/1.1 413 '),
    ({'response_fault': 'disconnect', 'response_fault_at': 2, 'response_content': b'012'},
     b'\r\n\r\n01'),
    ({'response_fault': 'reset', 'response_fault_at': 'end', 'response_content': b'012'},
     b'\r\n\r\n012'),
])
def test_other_keys_mean_the_same(server, client, keys, expected):
    server.enqueue(dict(keys, response_early=True))
    client.send(request('PUT', '/', 'Content-Length: 13', EXPECT))
    received = client.rest()
    assert expected in received and b' 100 ' not in received
    server.check()
    assert server.failures == []
    assert server.history[0]['duration'] is not None


@pytest.mark.parametrize('at', ['request', 'response'])
def test_a_fault_beside_it_comes_before_the_body(server, client, at):
    server.enqueue(response_early=True, response_fault='disconnect', response_fault_at=at)
    client.send(WAITING)
    assert client.rest() == b''
    assert server.history[0]['response_fault_at'] == at


def test_it_is_served_as_often_as_scripted(server):
    server.data.update(response_status=413, response_early=True, response_times=2)
    server.enqueue(401, 402, response_early=True)
    waiting = request('PUT', '/', 'Content-Length: 1', EXPECT)
    seen = []
    for _ in range(5):
        with Client(server) as client:
            client.send(waiting)
            seen.append(client.answer().status)
    assert seen == [401, 402, 413, 413, 100]
    assert server.response_data == {}


def test_response_clear(server, client):
    server.data.update(response_status=413, response_early=True, response_clear=True)
    client.send(WAITING)
    assert client.answer().status == 413
    assert server.response_data == {}


@pytest.mark.parametrize('end', ['reset', 'stop'])
def test_its_delay_can_be_ended(server, client, end):
    server.enqueue(response_early=True, response_timeout=60)
    client.send(WAITING)
    server.wait()
    getattr(server, end)()
    assert client.rest() == b''


def test_queued_early_responses_are_served_once_each_and_in_the_order_of_history():
    def send(_):
        with Client(server) as client:
            client.send(WAITING)
            return client.answer().status

    with start_server() as server:
        server.enqueue(*range(200, 400), response_early=True, response_content=b'')
        # A 204, 205 or 304 has no body, but each has a status of its own.
        seen = in_threads(send, range(200), 16)
        assert sorted(seen) == list(range(200, 400))
        assert [each['response_status'] for each in server.history] == list(range(200, 400))


# User code that raises.

@both_schemes
@pytest.mark.parametrize('where', ['callback', 'criterion'])
def test_a_500_comes_early_too(server, client, where):
    def fail(_):
        raise KeyError('fails')

    server.data.update(response_early=True)
    if where == 'callback':
        server.data['response_callback'] = fail
    else:
        server.route('PUT', fail)
    client.send(WAITING)
    answer = client.answer()
    assert answer.status == 500 and b'fails' in answer.body
    client.send(UPLOAD)
    assert client.rest() == b''
    client.close()
    idle(server)
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert 'fails' in str(caught.value)
    assert [(each['body'], each['body_discarded']) for each in server.history] == [(b'', 8388608)]


def test_a_stream_that_raises_is_cut_off(server, client):
    def pieces(request):
        yield b'one'
        raise KeyError('fails')

    server.enqueue(response_early=True, response_content=pieces)
    client.send(WAITING)
    assert client.rest().endswith(b'\r\n\r\n3\r\none\r\n')
    with pytest.raises(AssertionError):
        server.check()


# Handlers.

def test_it_comes_before_the_methods_of_a_handler():
    class Own(Handler):
        def do_PUT(self):
            self.send_response(201)
            self.end_headers()

        handle_request = do_PUT

    with start_server(handler=Own) as server:
        route = server.route('PUT', '/early', response_status=413, response_early=True)
        assert ask(server, 'PUT', '/', body=b'x').status == 201
        assert ask(server, 'PUT', '/early', 'Content-Length: 5').status == 413
        assert [each['path'] for each in route.history] == ['/early']
        assert [each['body'] for each in server.history] == [b'x', b'']


# Where it may stand.

@pytest.mark.parametrize('criteria', [
    {'body': b'a'}, {'json': [1]}, {'json_has': {'a': 1}}, {'form': {'a': 'b'}},
    {'files': {'a': b'b'}}, {'match': lambda request: True}])
def test_it_is_refused_for_a_route_that_looks_at_the_body(server, criteria):
    with pytest.raises(ValueError) as caught:
        server.route(response_early=True, **criteria)
    assert str(caught.value) == (
        'response_early is set, but this response is chosen after the body was read; it may be in '
        'server.data, in the queue of the server, or in a route whose criteria do not need the '
        'body')
    server.route(response_early=False, **criteria)


def test_it_is_refused_in_the_result_of_a_callback(server):
    server.data['response_callback'] = lambda request: {'response_early': True}
    answer = ask(server)
    assert answer.status == 500
    assert b'this response is chosen after the body was read' in answer.body


@pytest.mark.parametrize('value', [1, 'yes', None, lambda request: True])
def test_its_value_is_a_bool(server, value):
    with pytest.raises(TypeError) as caught:
        server.data['response_early'] = value
    assert str(caught.value).startswith('response_early is True or False, got ')


# Which script responds.

class Told(object):
    """What a test has scripted, and what responds to a request by the rule of the reference."""

    def __init__(self):
        self.routes, self.queue, self.data = [], [], None

    def expected(self, path, body):
        """Return the status, whether it is early, and where its script stands; the newest first."""
        waits = False
        for route in reversed(self.routes):
            if route['path'] in (None, path):
                if route['body'] in (None, body):
                    return route['status'], route['early'] and not waits, None
                waits = True
            # A route whose body differs was read before that was known.
        if self.queue:
            return self.queue[0][0], self.queue[0][1] and not waits, self.queue
        if self.data:
            return self.data[0], self.data[1] and not waits, None
        return 404 if self.routes else 200, False, None


def change(server, told, chance, status):
    """Write or remove something in *server*, and the same in *told*."""
    early = chance.random() < 0.5
    what = chance.choice(['route', 'route', 'route', 'remove', 'queue', 'data', 'no data'])
    keys = {'response_status': status}
    if early:
        keys['response_early'] = True
    if what == 'route':
        body = chance.choice([None, None, b'a', b'b'])
        if body is not None:
            early = keys.pop('response_early', False) and False
        path = chance.choice([None, '/a', '/b'])
        route = server.route(path=path, body=body, **keys)
        told.routes.append({'path': path, 'body': body, 'status': status, 'early': early,
                            'route': route})
    elif what == 'remove' and told.routes:
        told.routes.pop(chance.randrange(len(told.routes)))['route'].remove()
    elif what == 'queue':
        server.enqueue(keys)
        told.queue.append((status, early))
    elif what == 'data':
        server.data.pop('response_early', None)
        server.data.update(keys)
        told.data = status, early
    elif what == 'no data':
        for key in keys:
            server.data.pop(key, None)
        server.data.pop('response_early', None)
        told.data = None


def check_one(server, told, client, path, body):
    """Send a request that waits for 100, and fail unless the right script responds in time."""
    status, early, used = told.expected(path, body)
    if used:
        used.pop(0)
    client.send(request('PUT', path, 'Content-Length: %d' % len(body), EXPECT))
    answer = client.answer()
    if not early:
        assert answer.status == 100, told.routes
        client.send(body)
        answer = client.answer()
    assert answer.status == status, told.routes
    assert (answer.get('connection') == 'close') is early
    assert server.history[-1]['body'] == (b'' if early else body)
    return early


@pytest.mark.parametrize('seed', range(8))
def test_the_rule_holds_for_scripts_in_any_order(seed):
    chance, clients = random.Random(seed), []
    with start_server() as server:
        for _ in range(6):
            server.reset()
            told = Told()
            for status in range(400, 420):
                change(server, told, chance, status)
                if not clients:
                    clients.append(Client(server))
                if check_one(server, told, clients[0], chance.choice(['/a', '/b', '/c']),
                             chance.choice([b'a', b'b', b'c'])):
                    clients.pop().close()
        for client in clients:
            client.close()


def test_scripts_that_change_meanwhile_lose_no_request_and_no_response():
    """Each request gets one response of those that are there, whoever writes what meanwhile."""
    ended = threading.Event()

    def write():
        early = True
        while not ended.is_set():
            server.data.update(response_status=413, response_early=early)
            early = not early
            route = server.route('PUT', '/', body=b'no')
            server.enqueue(402, response_early=early)
            route.remove()

    def send(_):
        with Client(server) as client:
            client.send(request('PUT', '/', 'Content-Length: 1', EXPECT))
            answer = client.answer()
            if answer.status == 100:
                client.send(b'x')
                answer = client.answer()
            return answer.status

    with start_server() as server:
        server.data.update(response_status=413, response_early=True)
        writer = threading.Thread(target=write)
        writer.start()
        try:
            seen = in_threads(send, range(300), 8)
        finally:
            ended.set()
            writer.join(TIMEOUT)
        assert set(seen) <= set([402, 413]) and len(server.history) == 300
        assert sorted(each['response_status'] for each in server.history) == sorted(seen)
        assert server.failures == []
