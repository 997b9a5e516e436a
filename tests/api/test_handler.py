# -*- coding: utf-8 -*-
"""What a `Handler` may override, and what it writes."""
import shutil
import threading

import pytest

from httptestserver import start_server
from httptestserver.server import Handler
from support.client import Client, ask, request
from support.marks import both_schemes
from support.servers import serve
from support.waiting import eventually


@pytest.mark.parametrize('name', ['handle_request', 'save_history', 'update_state', 'state'])
def test_a_handler_has(name):
    assert getattr(Handler, name)


# Handlers of one's own.

def answering(*steps, **keys):
    """Return a handler class whose method does *steps*: ('name of a method', *arguments).

    :param method: the name of the method, ``handle_request`` by default.
    """
    def handle(self):
        for step in steps:
            if isinstance(step, tuple):
                target = self.wfile if step[0] in ('write', 'flush') else self
                getattr(target, step[0])(*step[1:])
            else:
                step(self)

    return type('Answering', (Handler,), {keys.get('method', 'handle_request'): handle})


def fail(handler):
    raise ZeroDivisionError('a fault of the test')


OK = ('send_response', 200)
END = ('end_headers',)
HELLO = ('write', b'hello')


@both_schemes
def test_a_method_of_the_standard_librarys_kind_answers_its_requests(scheme):
    class Ping(Handler):
        def do_PING(self):
            self.send_response(201, 'Pong')
            self.send_header('X-A', 'b')
            self.end_headers()
            self.wfile.write(b'pong ' + self.body)

    with serve(scheme, handler=Ping) as server:
        server.data['response_status'] = 404
        with Client(server) as client:
            for n in range(2):
                client.send(request('PING', '/p', body=b'ball'))
                answer = client.answer()
                assert (answer.status, answer.reason, answer.get('x-a'), answer.body) == (
                    201, 'Pong', 'b', b'pong ball')
                assert answer.get('content-length') == '9' and answer.get('date')
            assert client.get().status == 404
            assert client.get('/', 'Connection: close').status == 404
            assert client.rest() == b''
        entries = server.history
        assert [entry['exchange_index'] for entry in entries] == [0, 1, 2, 3]
        assert entries[0]['body'] == b'ball' and server.data['command'] == 'GET'
        assert (entries[0]['response_status'], entries[0]['response_reason'],
                entries[0]['response_content']) == (201, 'Pong', b'pong ball')
        assert ('X-A', 'b') in entries[0]['response_headers']
        assert entries[0]['duration'] >= 0


@both_schemes
def test_handle_request_answers_every_method(scheme):
    with serve(scheme, handler=answering(OK, END, HELLO)) as server:
        for method in ('GET', 'POST', 'DELETE', 'X-Y'):
            assert ask(server, method).body == b'hello'
        assert [entry['command'] for entry in server.history] == ['GET', 'POST', 'DELETE', 'X-Y']


def test_handle_request_may_script_and_call_the_original():
    class Scripting(Handler):
        def handle_request(self):
            self.server.data['response_content'] = self.path
            super(Scripting, self).handle_request()

    with start_server(handler=Scripting) as server:
        assert ask(server, 'GET', '/a').body == b'/a' and ask(server, 'GET', '/b').body == b'/b'
        assert [entry['path'] for entry in server.history] == ['/a', '/b']


def test_a_handler_has_its_server_and_its_request():
    seen = []

    def look(handler):
        seen.append((handler.server.url(handler.path), len(handler.server.history),
                     handler.server.data is server.data, handler.headers['X-A'], handler.body))

    with start_server(handler=answering(look, OK, END)) as server:
        ask(server, 'POST', '/a', 'X-A: 1', body=b'b')
        assert seen == [(server.url('/a'), 0, True, '1', b'b')]


@pytest.mark.parametrize('steps, fields, content', [
    ([OK, END], {'content-length': '0'}, b''),
    ([OK, END, HELLO], {'content-length': '5'}, b'hello'),
    ([OK, END, HELLO, HELLO], {'content-length': '10'}, b'hellohello'),
    ([OK, ('send_header', 'Content-Length', '5'), END, HELLO], {'content-length': '5'}, b'hello'),
    ([OK, ('send_header', 'Content-Length', 5), END, HELLO], {'content-length': '5'}, b'hello'),
    ([OK, END, HELLO, ('flush',), HELLO], {'transfer-encoding': 'chunked'}, b'hellohello'),
    ([OK, END, ('flush',)], {'transfer-encoding': 'chunked'}, b''),
    ([OK, END, ('write', b'x' * 300000)], {}, b'x' * 300000),
    ([OK, END] + [('write', b'x' * 1000)] * 200, {}, b'x' * 200000),
    ([OK, ('send_header', 'Content-Length', '10'), END, HELLO, ('flush',), HELLO],
     {'content-length': '10', 'transfer-encoding': None}, b'hellohello'),
    ([OK, ('send_header', 'Transfer-Encoding', 'chunked'), END,
      ('write', b'5\r\nhello\r\n0\r\n\r\n')], {'transfer-encoding': 'chunked'}, b'hello'),
    ([('send_error', 404, 'Nothing')], {}, None),
    ([('write', b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')],
     {'content-length': '5', 'date': None, 'server': None}, b'hello'),
    ([OK, END, ('write', bytearray(b'hello')), ('write', memoryview(b' you'))],
     {'content-length': '9'}, b'hello you')])
def test_framing_is_done_where_a_method_leaves_it_open(steps, fields, content):
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            answer = client.get()
            for name in fields:
                assert answer.get(name) == fields[name]
            assert content is None or answer.body == content
            if 'close' in (answer.get('connection') or '') or 'date' in fields:
                assert client.rest() == b''
            elif client.get().body != answer.body:
                raise AssertionError('the second answer differs')
        assert len(server.history) >= 1 and server.failures == []


@pytest.mark.parametrize('steps', [
    [('send_response', 204), END, HELLO], [('send_response', 304), END, HELLO],
    [('send_response', 204), END, HELLO, ('flush',), HELLO]])
def test_an_answer_that_has_no_content_gets_none_from_a_method(steps):
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            for _ in range(2):
                assert client.get().status in (204, 304)
            client.send(request('GET', '/', 'Connection: close'))
            assert client.answer().get('content-length') is None
            assert client.rest() == b''


@pytest.mark.parametrize('steps, length', [
    ([OK, END, HELLO], '5'),
    ([OK, ('send_header', 'Content-Length', '7'), END], '7'),
    ([OK, END, HELLO, ('flush',), HELLO], None)])
def test_head_gets_no_content_from_a_method(steps, length):
    with start_server(handler=answering(*steps, method='do_HEAD')) as server:
        with Client(server) as client:
            for _ in range(2):
                client.send(request('HEAD'))
                answer = client.answer('HEAD')
                assert (answer.status, answer.get('content-length')) == (200, length)
            assert client.get().status == 200


def test_http_1_0_gets_a_flushed_answer_up_to_the_close():
    with start_server(handler=answering(OK, END, HELLO, ('flush',), HELLO)) as server:
        with Client(server) as client:
            client.send(request(version='1.0'))
            received = client.rest()
        head, _, content = received.partition(b'\r\n\r\n')
        assert content == b'hellohello'
        assert b'chunked' not in head and b'Connection: close' in head


def test_a_false_content_length_of_a_method_is_sent_and_the_connection_ends():
    steps = OK, ('send_header', 'Content-Length', '9'), END, HELLO
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request())
            received = client.rest()
        assert b'Content-Length: 9\r\n' in received and received.endswith(b'\r\n\r\nhello')


def test_what_a_method_flushes_is_there_before_the_method_ends():
    gate = threading.Event()
    steps = OK, END, HELLO, ('flush',), lambda handler: gate.wait(20), HELLO
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request())
            received = b''
            while not received.endswith(b'5\r\nhello\r\n'):
                more = client.socket.recv(1000)
                assert more
                received += more
            assert len(server.history) == 1 and server.history[0]['duration'] is None
            gate.set()
            assert client.socket.recv(1000).startswith(b'5\r\nhello\r\n')
        eventually(lambda: server.history[0]['duration'] is not None)


def test_an_early_hint_is_sent_before_the_answer():
    steps = (('send_response_only', 103), ('send_header', 'Link', '</a>'), END, OK, END, HELLO)
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            for _ in range(2):
                client.send(request())
                early = client.answer()
                assert (early.status, early.reason, early.get('link')) == (
                    103, 'Early Hints', '</a>')
                answer = client.answer()
                assert (answer.status, answer.body, answer.get('link')) == (200, b'hello', None)
        assert [entry['response_status'] for entry in server.history] == [200, 200]


def test_http_1_0_gets_no_early_hint():
    steps = ('send_response_only', 103), ('send_header', 'Link', '</a>'), END, OK, END, HELLO
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request(version='1.0'))
            received = client.rest()
    assert received.startswith(b'HTTP/1.1 200 OK\r\n') and b'Link' not in received


@pytest.mark.parametrize('steps', [
    [fail], [OK, fail], [OK, END, HELLO, fail],
    [('send_header', 'X-A', 'b\r\nC: d'), OK, END], [OK, ('send_header', 'X-A', None), END],
    [OK, END, ('write', u'\u20ac')], [OK, END, ('write', 5)]])
def test_an_exception_before_anything_has_left_is_answered_500(steps):
    with start_server(handler=answering(*steps)) as server:
        with Client(server) as client:
            client.send(request())
            answer = client.answer()
            assert answer.status == 500 and answer.get('connection') == 'close'
            assert answer.body.startswith(b'the response failed: ')
            assert client.rest() == b''
        assert server.history[0]['response_status'] == 500
        with pytest.raises(AssertionError):
            server.check()
        assert ask(server).status == 500


@both_schemes
def test_an_exception_after_a_part_has_left_cuts_the_answer_off(scheme):
    with serve(scheme, handler=answering(OK, END, HELLO, ('flush',), fail)) as server:
        with Client(server) as client:
            client.send(request())
            received = client.rest()
        assert received.endswith(b'\r\n\r\n5\r\nhello\r\n') and received.count(b'HTTP/1.1') == 1
        assert len(server.history) == 1
        with pytest.raises(AssertionError) as caught:
            server.check()
        assert 'ZeroDivisionError: a fault of the test' in str(caught.value)


def test_an_exception_of_a_method_is_told_with_its_traceback_and_not_printed(capfd):
    with start_server(handler=answering(fail)) as server:
        ask(server, 'GET', '/a')
        with pytest.raises(AssertionError) as caught:
            server.check()
    assert capfd.readouterr() == ('', '')
    text = str(caught.value)
    assert 'GET /a HTTP/1.1' in text and 'in fail' in text
    assert 'ZeroDivisionError: a fault of the test' in text


def test_an_exception_while_a_handler_is_set_up_harms_nobody(caplog, capfd):
    class Once(Handler):
        left = [1]

        def setup(self):
            if self.left:
                self.left.pop()
                raise ZeroDivisionError('a fault of the test')
            super(Once, self).setup()

    with start_server(handler=Once) as server:
        with Client(server) as client:
            assert client.rest() == b''
        assert ask(server).status == 200
        eventually(lambda: server.failures)
    assert capfd.readouterr() == ('', '')


# What handlers record.

def test_attributes_of_a_handler_are_recorded():
    def mark(handler):
        handler.user = handler.path.strip('/')

    with start_server(handler=answering(mark, OK, END)) as server:
        ask(server, 'GET', '/ann')
        ask(server, 'GET', '/bob')
        assert [entry['user'] for entry in server.history] == ['ann', 'bob']
        assert server.data['user'] == 'bob'


def test_the_state_may_be_another():
    class Short(Handler):
        @property
        def state(self):
            return {'path': self.path, 'size': len(self.body)}

    with start_server(handler=Short) as server:
        server.data['response_status'] = 201
        assert ask(server, 'POST', '/a', body=b'abc').status == 201
        entry = server.history[0]
        assert (entry['path'], entry['size'], entry['response_status']) == ('/a', 3, 201)
        assert 'command' not in entry
        assert dict(server.data) == {'path': '/a', 'size': 3, 'response_status': 201}


def test_update_state_may_be_overridden():
    class Quiet(Handler):
        def update_state(self):
            self.server.data['seen'] = self.path

    with start_server(handler=Quiet) as server:
        assert ask(server, 'GET', '/a').status == 200
        assert server.data == {'seen': '/a'} and server.history[0]['path'] == '/a'


def test_save_history_may_leave_requests_out():
    class Selective(Handler):
        def save_history(self):
            if self.path != '/health':
                super(Selective, self).save_history()

    with start_server(handler=Selective) as server:
        server.data['response_status'] = 201
        with Client(server) as client:
            assert [client.get(path).status for path in ('/a', '/health', '/b')] == [201] * 3
        assert [entry['path'] for entry in server.history] == ['/a', '/b']
        assert server.data['path'] == '/b'


def test_a_request_that_is_saved_twice_stands_in_history_once_with_its_newer_state():
    def mark(handler):
        handler.stage = 'late'

    steps = ('save_history',), mark, ('save_history',), OK, END, HELLO
    with start_server(handler=answering(*steps)) as server:
        assert ask(server).body == b'hello'
        entry, = server.history
        assert (entry['stage'], entry['response_status']) == ('late', 200)


def test_the_state_of_an_answer_that_is_flushed_is_saved_once():
    saved = []

    class Counting(Handler):
        def handle_request(self):
            self.send_response(200)
            self.end_headers()
            for _ in range(3):
                self.wfile.write(b'hello')
                self.wfile.flush()

        def save_history(self):
            saved.append(self.path)
            super(Counting, self).save_history()

    with start_server(handler=Counting) as server:
        assert ask(server, 'GET', '/a').body == b'hello' * 3
    assert saved == ['/a']


def test_a_method_that_saves_early_may_leave_the_answer_to_the_script():
    class Early(Handler):
        def handle_request(self):
            self.save_history()
            super(Early, self).handle_request()

    with start_server(handler=Early) as server:
        server.data.update(response_status=503, response_clear=True)
        with Client(server) as client:
            assert [client.get().status for _ in range(2)] == [503, 200]
        assert len(server.history) == 2


def test_a_file_may_be_copied_to_the_client(tmpdir):
    path = tmpdir.join('file')
    path.write_binary(b'0123456789' * 20000)

    def copy(handler):
        with open(str(path), 'rb') as content:
            shutil.copyfileobj(content, handler.wfile)

    with start_server(handler=answering(OK, END, copy)) as server:
        assert ask(server).body == b'0123456789' * 20000


def test_lines_may_be_written_to_the_client():
    def write(handler):
        handler.wfile.writelines([b'a\n', b'b\n'])

    with start_server(handler=answering(OK, END, write)) as server:
        assert ask(server).body == b'a\nb\n'


def test_a_method_that_answers_nothing_is_recorded_and_ends_the_connection():
    with start_server(handler=answering()) as server:
        with Client(server) as client:
            client.send(request('GET', '/a'))
            assert client.rest() == b''
        assert [entry['path'] for entry in server.history] == ['/a']
        assert [failure.reason for failure in server.failures] == [
            'the handler sent no response']


@pytest.mark.parametrize('method, status', [
    ('GET', 204), ('GET', 205), ('GET', 304), ('HEAD', 200)])
def test_content_that_a_response_without_a_body_does_not_send_is_not_recorded(method, status):
    handler = answering(('send_response', status), END, HELLO)
    with serve('http', handler=handler) as server:
        assert ask(server, method).body == b''
        assert server.history[-1]['response_content'] == b''
