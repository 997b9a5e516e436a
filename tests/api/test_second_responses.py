# -*- coding: utf-8 -*-
"""A handler that responds twice, or records a request again after its response."""
import pytest

from httptestserver import Handler
from support.client import Client, request
from support.failing import problems
from support.inside import idle
from support.marks import both_schemes
from support.servers import serve

SCRIPTED = b'scripted'


def respond(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'own')


def respond_and_flush(handler):
    respond(handler)
    handler.wfile.flush()


def write(handler):
    handler.wfile.write(b'more')


def send_error(handler):
    handler.send_error(503)


def follow_script(handler):
    handler.handle_request()


@both_schemes
@pytest.mark.parametrize('first, second, received', [
    (follow_script, follow_script, SCRIPTED),
    (follow_script, respond, SCRIPTED),
    (follow_script, respond_and_flush, SCRIPTED),
    (follow_script, write, SCRIPTED),
    (respond_and_flush, follow_script, b'3\r\nown\r\n'),
    (respond_and_flush, respond_and_flush, b'3\r\nown\r\n'),
    (respond_and_flush, send_error, b'3\r\nown\r\n')])
def test_a_second_response_is_not_sent_and_is_reported(scheme, first, second, received):
    class Own(Handler):
        def do_GET(self):
            first(self)
            second(self)

    with serve(scheme, handler=Own) as server, Client(server) as client:
        server.data['response_content'] = SCRIPTED
        client.send(request() + request('GET', '/next'))
        head, _, content = client.rest().partition(b'\r\n\r\n')
        assert (head.split(b'\r\n')[0], content) == (b'HTTP/1.1 200 OK', received)
        idle(server)
        assert [entry['path'] for entry in server.history] == ['/']
        assert 'RuntimeError: an exchange that is ' in problems(server)


@both_schemes
def test_an_entry_that_is_amended_after_its_response_keeps_what_was_known_of_it(scheme):
    class Own(Handler):
        def do_GET(self):
            self.handle_request()
            self.tag = 'late'
            self.save_history()

    with serve(scheme, handler=Own) as server, Client(server) as client:
        server.data['response_content'] = SCRIPTED
        for _ in range(2):
            assert client.get().body == SCRIPTED
        client.close()
        idle(server)
        for entry in server.history:
            assert entry['duration'] > 0
            assert (entry['tag'], entry['response_content']) == ('late', SCRIPTED)
        assert server.data['duration'] == server.history[-1]['duration']
        server.check()


def test_an_entry_that_is_amended_before_its_response_has_no_duration_until_then():
    durations = []

    class Own(Handler):
        def do_GET(self):
            self.save_history()
            self.save_history()
            durations.append(self.server.history[-1]['duration'])
            respond(self)

    with serve('http', handler=Own) as server, Client(server) as client:
        assert client.get().body == b'own'
        assert durations == [None]
        assert server.history[0]['duration'] > 0


def test_a_state_without_a_duration_gets_none():
    class Own(Handler):
        @property
        def state(self):
            return {'path': self.path}

        def do_GET(self):
            self.save_history()
            self.save_history()
            assert 'duration' not in self.server.history[-1]
            respond(self)

    with serve('http', handler=Own) as server, Client(server) as client:
        assert client.get().body == b'own'
        server.check()
