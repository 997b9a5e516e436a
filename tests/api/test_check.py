# -*- coding: utf-8 -*-
"""A test cannot pass silently: check() tells of what went wrong on the test's side."""
import logging
import re

import pytest

from httptestserver import http_server, https_server
from httptestserver.server import Handler
from support.client import Client, ask, request
from support.failing import problems
from support.servers import port_is_closed
from support.waiting import eventually


def post(server, path, body):
    with Client(server) as client:
        client.send(request('POST', path, body=body))
        return client.answer()


# Nothing wrong

def test_a_server_that_nobody_asked_is_right(server):
    assert server.check() is None and server.check(unserved=True) is None
    assert server.unmatched == [] and server.failures == []


def test_requests_that_were_answered_are_right(server, client):
    server.route('GET', '/a')
    server.enqueue(503)
    assert [client.get('/a').status, client.get('/b').status] == [200, 503]
    server.data['response_status'] = 404
    assert client.get('/c').status == 404
    server.check(unserved=True)
    assert server.unmatched == []


def test_where_there_are_no_routes_every_request_is_right(server, client):
    assert client.get('/a').status == 200
    server.check()


# Unmatched

def test_an_unmatched_request_is_told_with_the_nearest_route(server, client):
    server.route('POST', '/users', json={'name': 'Bob'})
    server.route('GET', '/other')
    assert post(server, '/users', b'{"name": "Eve"}').status == 404
    assert server.unmatched == server.history
    assert problems(server) == (
        'no route matches POST /users\n'
        "nearest route: POST /users json={'name': 'Bob'}\n"
        '  json differs:\n'
        '    --- expected\n'
        '    +++ received\n'
        '    @@ -1,3 +1,3 @@\n'
        '     {\n'
        '    -  "name": "Bob"\n'
        '    +  "name": "Eve"\n'
        '     }\n')


def test_the_client_is_told_the_same(server, client):
    server.route('GET', '/a')
    assert client.get('/b').body.decode('utf-8') == problems(server)


def test_each_unmatched_request_is_told_in_order(server, client):
    server.route('GET', '/a')
    for path in ('/1', '/a', '/2'):
        client.get(path)
    assert [each['path'] for each in server.unmatched] == ['/1', '/2']
    assert problems(server) == (
        'no route matches GET /1\nnearest route: GET /a\n  path: expected /a, got /1\n\n'
        'no route matches GET /2\nnearest route: GET /a\n  path: expected /a, got /2\n')


def test_what_was_told_once_is_told_again(server, client):
    server.route('GET', '/a')
    client.get('/b')
    assert problems(server) == problems(server)


def test_unmatched_requests_are_a_snapshot(server, client):
    server.route('GET', '/a')
    client.get('/b')
    server.unmatched.pop()
    assert len(server.unmatched) == 1


def test_the_routes_are_those_of_the_time_of_the_request(server, client):
    route = server.route('GET', '/a')
    client.get('/b')
    route.remove()
    server.route('GET', '/b')
    assert 'nearest route: GET /a\n' in problems(server)


def test_a_route_that_has_served_its_last_response_says_so(server, client):
    server.route('DELETE', '/x')
    server.route('GET', '/a', response_times=1)
    assert [client.get('/a').status, client.get('/a').status] == [200, 404]
    assert problems(server) == (
        'no route matches GET /a\n'
        'nearest route: GET /a\n'
        '  it matches, but all its responses have been used\n')


def test_many_unmatched_requests_are_cut_with_their_number(server, client):
    server.route('GET', '/a')
    for number in range(50):
        client.get('/%d' % number)
    text = problems(server)
    assert text.count('no route matches') == 20 and '/19\n' in text and '/20' not in text
    assert text.endswith('\n... and 30 more like these')


def test_a_long_target_is_cut_with_its_size(server, client):
    server.route('GET', '/a')
    client.get('/' + 'x' * 5000)
    assert problems(server) == (
        'no route matches GET /{0}... (5001 characters)\nnearest route: GET /a\n'
        '  path: expected /a, got /{0}... (5001 characters)\n'.format('x' * 199))


# Errors

def broken_callback(request):
    raise ZeroDivisionError('of the callback')


#: What scripts an answer that fails, and a line of the traceback.
BROKEN = [
    (lambda server: server.data.update(response_callback=broken_callback), 'broken_callback'),
    (lambda server: server.enqueue(broken_callback), 'broken_callback'),
    (lambda server: server.route('GET', '/a', response_callback=broken_callback),
     'broken_callback'),
    (lambda server: server.data.update(response_status=broken_callback), 'broken_callback'),
    (lambda server: server.route('GET', path=broken_callback), 'broken_callback'),
    (lambda server: server.route('GET', match=broken_callback), 'broken_callback')]


@pytest.mark.parametrize('script, name', BROKEN)
def test_what_an_answer_raises_is_told_with_its_traceback(server, client, script, name):
    script(server)
    assert client.get('/a').status == 500
    text = problems(server)
    assert text.startswith(
        'handling GET /a HTTP/1.1 failed:\nTraceback (most recent call last):\n')
    assert re.search(r'test_check\.py", line \d+, in %s\n' % name, text)
    assert text.endswith('\nZeroDivisionError: of the callback\n')
    assert len(server.history) == 1 and server.unmatched == []
    assert text.count('Traceback') == 1


def test_a_callback_that_returns_no_response_is_told(server, client):
    server.data['response_callback'] = lambda request: 3.5
    assert client.get('/a').status == 500
    assert problems(server).startswith('handling GET /a HTTP/1.1 failed:\nTraceback')


class BrokenHandler(Handler):
    def handle_request(self):
        raise ZeroDivisionError('of the handler')


def test_what_a_handler_raises_is_told():
    with http_server(handler=BrokenHandler) as server:
        with Client(server) as client:
            assert client.get('/a').status == 500
        text = problems(server)
        assert text.startswith('handling GET /a HTTP/1.1 failed:\nTraceback')
        assert text.endswith('ZeroDivisionError: of the handler\n')


def test_an_answer_to_head_that_fails_has_no_content(server, client):
    server.data['response_callback'] = broken_callback
    client.send(request('HEAD'))
    answer = client.answer('HEAD')
    assert (answer.status, client.rest()) == (500, b'')
    assert int(answer.get('content-length')) > 0
    assert server.history[0]['response_content'] == b''


def test_unmatched_requests_come_before_errors(server, client):
    server.route('GET', '/a', response_callback=broken_callback)
    client.get('/b')
    client.get('/a')
    text = problems(server)
    assert text.index('no route matches GET /b') < text.index('handling GET /a HTTP/1.1 failed')


def test_many_errors_are_cut_with_their_number(server):
    server.data['response_callback'] = broken_callback
    for number in range(22):
        with Client(server) as client:
            client.get('/%d' % number)
    text = problems(server)
    assert text.count('Traceback') == 20 and text.endswith('\n... and 2 more like these')


# Unserved

def test_queued_responses_that_nobody_fetched_are_told_where_one_asks(server, client):
    server.enqueue(200, {'response_status': 503})
    client.get('/a')
    server.check()
    assert problems(server, unserved=True) == (
        "1 queued response of %r was not used:\n  {'response_status': 503}" % server)


def test_those_of_routes_are_told_too_with_how_many_times_are_left(server, client):
    route = server.route('GET', '/a')
    route.enqueue({'response_times': 3}, {'response_status': 500})
    server.enqueue(404)
    client.get('/a')
    assert problems(server, unserved=True) == (
        "1 queued response of %r was not used:\n  {'response_status': 404}\n"
        '  routes come before this queue, and served:\n'
        '    [0] GET /a -> 200 from the queue of <Route GET /a>\n'
        '2 queued responses of <Route GET /a> were not used:\n'
        "  {'response_times': 3}, 2 times\n  {'response_status': 500}" % server)
    for _ in range(3):
        client.get('/a')
    client.get('/b')
    server.check(unserved=True)


def test_many_unserved_responses_are_cut_with_their_number(server):
    server.enqueue(*[{'response_content': b'x' * 5000}] * 30)
    lines = problems(server, unserved=True).splitlines()
    assert lines[0].startswith('30 queued responses of ') and len(lines) == 22
    assert all(len(line) < 300 for line in lines) and lines[-1] == '  ... and 10 more like these'


def test_unserved_responses_come_after_what_else_is_wrong(server, client):
    server.route('GET', '/a').enqueue(404)
    client.get('/b')
    assert problems(server, unserved=True).splitlines()[-3:] == [
        '', '1 queued response of <Route GET /a> was not used:', "  {'response_status': 404}"]


# Failures

def test_failures_on_the_wire_are_listed_and_not_wrong_on_the_tests_side(server):
    with Client(server) as client:
        client.send(b'nonsense\r\n\r\n')
        assert client.answer().status == 400
    with Client(server) as client:
        client.send(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc')
    eventually(lambda: len(server.failures) == 2)
    assert [each.connection_index for each in server.failures] == [0, 1]
    assert all(str(each).startswith('connection %d from 127.0.0.1:' % index) and each.reason
               for index, each in enumerate(server.failures))
    assert server.history == [] and server.unmatched == []
    server.check(unserved=True)


def test_nothing_is_printed_about_what_went_wrong(server, client, capfd):
    server.route('GET', '/a', response_callback=broken_callback)
    client.get('/b')
    client.get('/a')
    problems(server)
    assert logging.getLogger('httptestserver').handlers and capfd.readouterr() == ('', '')


# Reset

def test_a_reset_forgets_what_went_wrong(server, client):
    server.route('GET', '/a', response_callback=broken_callback)
    client.get('/b')
    client.get('/a')
    server.enqueue(200)
    server.reset()
    server.check(unserved=True)
    assert server.unmatched == []


def test_what_went_wrong_is_told_after_the_server_has_stopped(server, client):
    server.route('GET', '/a')
    client.get('/b')
    server.stop()
    assert 'no route matches GET /b' in problems(server)


# At the end of a block.

@pytest.mark.parametrize('serve', [http_server, https_server])
def test_a_block_is_checked_if_it_is_told_to(serve):
    with serve() as server:
        unmatched(server)
    with pytest.raises(AssertionError) as caught:
        with serve(check=True) as server:
            server.enqueue(503, 503)
            unmatched(server)
    assert str(caught.value) == 'no route matches GET /b\n' \
        'nearest route: GET /a\n  path: expected /a, got /b\n'
    with pytest.raises(AssertionError) as caught:
        with serve(check={'unserved': True}) as server:
            server.enqueue(503)
    assert str(caught.value).startswith('1 queued response of <Server ')


def unmatched(server):
    """Send a request that nothing of *server* matches, but for responses that are queued."""
    server.route('GET', '/a')
    while ask(server, 'GET', '/b').status != 404:
        pass


def test_a_block_is_checked_after_its_server_has_stopped():
    states = []
    with http_server(check={'unserved': False}) as server:
        server.check = lambda **keys: states.append((port_is_closed(server), keys))
    assert states == [(True, {'unserved': False})]


def test_a_block_that_raises_is_stopped_and_not_checked():
    with pytest.raises(KeyError):
        with http_server(check=True) as server:
            unmatched(server)
            raise KeyError
    assert port_is_closed(server)


@pytest.mark.parametrize('serve', [http_server, https_server])
@pytest.mark.parametrize('check, message', [
    (None, 'TypeError: check is True, False or a dict of keywords of Server.check, '
           'got None (NoneType)'),
    (1, 'TypeError: check is True, False or a dict of keywords of Server.check, got 1 (int)'),
    ({'unservd': True}, 'ValueError: unservd is not a keyword of Server.check(); did you mean '
                        'unserved? All of them: unserved, unrequested'),
])
def test_a_wrong_check_is_refused_before_the_server_starts(serve, check, message):
    with pytest.raises((TypeError, ValueError)) as caught:
        serve(check=check)
    assert '%s: %s' % (caught.typename, caught.value) == message


@pytest.mark.parametrize('serve, name, other', [
    (http_server, 'http_server()', 'start_server()'),
    (https_server, 'https_server()', 'start_ssl_server()')])
def test_a_block_is_no_server(serve, name, other):
    for attribute in ('url', 'data', 'enqueue'):
        with pytest.raises(AttributeError) as caught:
            getattr(serve(), attribute)
        assert str(caught.value) == (
            '%s is a context manager and has no attribute %s; use "with %s as server:", or %s, '
            'which returns a server' % (name, attribute, name, other))
    with pytest.raises(AttributeError) as caught:
        serve().__wrapped__
    assert 'with' not in str(caught.value)


def test_a_block_may_be_entered_again():
    block = http_server()
    ports = []
    for _ in range(2):
        with block as server:
            assert ask(server).status == 200
            ports.append(server)
    assert ports[0] is not ports[1]
