# -*- coding: utf-8 -*-
"""Routes: which one responds, what each of them keeps, callbacks, and what went wrong in them."""
import copy
import json
import pickle
import threading

import pytest

from httptestserver import start_server
from httptestserver.server import Handler
from support.client import Client, ask, request
from support.marks import both_schemes
from support.servers import serve
from support.waiting import cpu_time, in_threads


def paths(entries):
    return [entry['path'] for entry in entries]


# Which one responds.

@both_schemes
def test_a_route_answers_what_it_matches(scheme):
    with serve(scheme) as server:
        server.route('GET', '/a', response_content=b'a')
        server.route('GET', '/b', response_content=b'b')
        assert [ask(server, 'GET', path).body for path in ('/a', '/b')] == [b'a', b'b']
        assert ask(server, 'GET', '/c').status == 404


def test_the_newest_route_that_matches_wins(server):
    server.route('GET', '/a', response_content=b'old')
    server.route(None, '/{any}', response_content=b'template')
    assert ask(server, 'GET', '/a').body == b'template'
    server.route('GET', '/a', response_content=b'new')
    assert ask(server, 'GET', '/a').body == b'new'
    assert ask(server, 'POST', '/a').body == b'template'
    assert ask(server, 'GET', '/b').body == b'template'


def test_a_route_without_criteria_matches_everything(server):
    server.route(response_content=b'any')
    assert ask(server, 'PURGE', '/x?y=z', body=b'b').body == b'any'


def test_a_route_without_a_response_answers_200_without_content(server):
    server.data['response_status'] = 503
    server.route('GET', '/')
    answer = ask(server)
    assert (answer.status, answer.body) == (200, b'')


def test_a_route_comes_before_queue_and_data(server):
    server.route('GET', '/a', response_content=b'route')
    server.data['response_content'] = b'data'
    server.enqueue(b'queue')
    seen = [ask(server, 'GET', path).body for path in ('/a', '/b', '/a', '/b')]
    assert seen == [b'route', b'queue', b'route', b'data']
    assert server.unmatched == []
    server.check()


def test_the_queue_of_a_route_comes_before_its_data(server):
    route = server.route('GET', '/a', response_content=b'data')
    route.enqueue(503, response_headers={'Retry-After': '1'})
    route.enqueue(b'second')
    server.enqueue(b'of the server')
    answers = [ask(server, 'GET', '/a') for _ in range(3)]
    assert [answer.status for answer in answers] == [503, 200, 200]
    assert [answer.body for answer in answers] == [b'', b'second', b'data']
    assert ask(server, 'GET', '/other').body == b'of the server'


def test_a_route_that_is_removed_matches_no_more(server):
    older = server.route('GET', '/a', response_content=b'older')
    newer = server.route('GET', '/a', response_content=b'newer')
    assert ask(server, 'GET', '/a').body == b'newer'
    newer.remove()
    newer.remove()
    assert ask(server, 'GET', '/a').body == b'older'
    assert (len(newer.history), len(older.history)) == (1, 1)
    older.remove()
    answer = ask(server, 'GET', '/a')
    assert (answer.status, answer.body) == (200, b'')
    assert server.unmatched == []


@pytest.mark.parametrize('times', [1, 3])
def test_a_route_that_was_served_its_times_leaves_the_older_ones_to_answer(server, times):
    server.route('GET', '/a', response_content=b'then')
    server.route('GET', '/a', response_status=503, response_times=times)
    assert [ask(server, 'GET', '/a').status for _ in range(times + 2)] == (
        [503] * times + [200, 200])


def test_a_route_whose_queue_is_served_goes_on_matching(server):
    route = server.route('GET', '/a')
    route.enqueue(response_status=503, response_times=2)
    route.enqueue(404)
    assert [ask(server, 'GET', '/a').status for _ in range(5)] == [503, 503, 404, 200, 200]


def test_a_cleared_response_of_a_route_serves_once(server):
    server.route('GET', '/a', response_status=503, response_clear=True)
    assert [ask(server, 'GET', '/a').status for _ in range(2)] == [503, 404]


@pytest.mark.parametrize('several', [('GET', 'HEAD'), ['get', 'head']])
def test_a_route_may_have_several_methods(server, several):
    server.route(several, '/a', response_content=b'content')
    assert ask(server, 'GET', '/a').body == b'content'
    head = ask(server, 'HEAD', '/a')
    assert (head.status, head.get('content-length')) == (200, '7')
    assert ask(server, 'POST', '/a', body=b'').status == 404


def test_connect_is_answered_by_a_route(server):
    route = server.route('CONNECT', 'example.test:443', response_status=403,
                         response_content=b'no tunnel')
    answer = ask(server, 'CONNECT', 'example.test:443')
    assert (answer.status, answer.body) == (403, b'no tunnel')
    assert ask(server, 'CONNECT', 'other.test:443').status == 404
    assert paths(route.history) == ['example.test:443']
    assert paths(server.unmatched) == ['other.test:443']


def test_connect_may_be_accepted_without_content(server):
    server.route('CONNECT', 'example.test:443', response_status=200)
    with Client(server) as client:
        client.send(request('CONNECT', 'example.test:443'))
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            head += client.socket.recv(1)
    assert head.startswith(b'HTTP/1.1 200 OK\r\n')
    assert b'Content-Length' not in head and b'Transfer-Encoding' not in head


def test_an_absolute_target_is_recorded_as_sent_and_answered_by_its_host(server):
    server.route('GET', '/x', response_content=b'any host')
    server.route('GET', 'http://a.test/x', response_content=b'a')
    server.route('GET', 'http://b.test/x', response_content=b'b')
    seen = [ask(server, 'GET', path).body for path in
            ('http://a.test/x', 'http://b.test/x', 'http://c.test/x', '/x')]
    assert seen == [b'a', b'b', b'any host', b'any host']
    assert paths(server.history)[0] == 'http://a.test/x'


def test_an_asterisk_is_a_path(server):
    server.route('OPTIONS', '*', response_status=204)
    assert ask(server, 'OPTIONS', '*').status == 204


def test_1000_routes_are_still_answered(server):
    for number in range(1000):
        server.route('GET', '/users/%d' % number, response_content=b'%d' % number)
    with Client(server) as client:
        assert client.get('/users/999').body == b'999'
        started = cpu_time()
        for _ in range(20):
            assert client.get('/users/0').body == b'0'      # the last that is tried
        assert (cpu_time() - started) / 20 < 0.1
        assert client.get('/none').status == 404


# What a route keeps.

def test_a_route_has_a_history_of_its_own(server):
    a = server.route('GET', '/a')
    b = server.route('GET', '/b')
    for path in ('/a', '/b', '/a', '/c'):
        ask(server, 'GET', path)
    assert paths(a.history) == ['/a', '/a'] and paths(b.history) == ['/b']
    assert paths(server.history) == ['/a', '/b', '/a', '/c']
    assert a.history[0] is server.history[0]
    assert a.history[0]['response_status'] == 200
    assert a.data['path'] == '/a' and server.data['path'] == '/c'


def test_data_of_a_route_script_its_answer_until_they_are_changed(server):
    route = server.route('GET', '/a', response_status=503)
    assert route.response_data == {'response_status': 503}
    assert ask(server, 'GET', '/a').status == 503
    route.data['response_status'] = 404
    assert ask(server, 'GET', '/a').status == 404
    del route.data['response_status']
    assert ask(server, 'GET', '/a').status == 200


def test_a_reset_of_a_route_leaves_it_and_the_others_in_place(server):
    a = server.route('GET', '/a', response_status=503)
    b = server.route('GET', '/b', response_status=502)
    a.enqueue(404, 404)
    ask(server, 'GET', '/a')
    ask(server, 'GET', '/b')
    a.reset()
    assert a.history == [] and a.data == {} and len(server.history) == len(b.history) + 1 == 2
    assert [ask(server, 'GET', path).status for path in ('/a', '/b')] == [200, 502]


def test_a_reset_of_the_server_removes_routes_and_forgets_what_went_wrong(server):
    server.route('GET', '/a', response_status=503)
    server.route('GET', '/b', response_callback=lambda request: 1 / 0)
    ask(server, 'GET', '/b')
    ask(server, 'GET', '/c')
    server.enqueue(404)
    assert len(server.unmatched) == 1
    server.reset()
    assert server.unmatched == []
    server.check()
    assert ask(server, 'GET', '/a').status == 200


@both_schemes
def test_32_threads_get_the_answers_of_a_route_once_in_its_order(scheme):
    queued = [b'%d' % number for number in range(640)]

    def send(thread):
        with Client(server) as client:
            for number in range(20):
                path = '/r/%d-%d' % (thread, number)
                seen[path] = client.get(path).body
                assert client.get('/other/%d-%d' % (thread, number)).body == b'other'

    seen = {}
    with serve(scheme) as server:
        server.route('GET', '/other/{id}', response_content=b'other')
        route = server.route('GET', '/r/{id}')
        route.enqueue(*queued)
        in_threads(send, range(32), 32)
        assert [entry['response_content'] for entry in route.history] == queued
        assert [seen[entry['path']] for entry in route.history] == queued
        of_server = [entry for entry in server.history if entry['path'].startswith('/r/')]
        assert of_server == route.history
        assert all(entry.params['id'] == entry['path'].split('/')[2] for entry in route.history)


def test_a_response_that_is_served_once_is_so_for_requests_that_match_at_once(server):
    arrived, together = [], threading.Event()

    def match(request):
        arrived.append(request)
        if len(arrived) == 4:
            together.set()
        return together.wait(20)

    server.route('GET', '/', response_content=b'then')
    server.route('GET', '/', match=match, response_content=b'first', response_times=1)
    seen = in_threads(lambda _: ask(server).body, range(4), 4)
    assert sorted(seen) == [b'first'] + [b'then'] * 3


# Callbacks and callables.

def test_a_function_may_be_the_answer_of_a_route(server):
    @server.route('POST', '/echo')
    def echo(request):
        """Echo."""
        return {'response_status': 201, 'response_content': request['body'],
                'response_headers': {'X-Path': request['path']}}

    assert echo.__doc__ == 'Echo.' and callable(echo)
    answer = ask(server, 'POST', '/echo', body=b'sent')
    assert (answer.status, answer.body, answer.get('x-path')) == (201, b'sent', '/echo')


def test_a_function_may_answer_with_the_params_of_its_template(server):
    @server.route('GET', '/users/{id}', response_headers={'X-Route': 'user'})
    def user(request):
        return {'response_json': {'id': request.params['id'], 'q': request.query}}

    answer = ask(server, 'GET', '/users/7?a=b')
    assert json.loads(answer.body.decode('ascii')) == {'id': '7', 'q': {'a': 'b'}}
    assert (answer.get('content-type'), answer.get('x-route')) == ('application/json', 'user')


@pytest.mark.parametrize('beside', ['response_content', 'response_json'])
@pytest.mark.parametrize('made', ['response_content', 'response_json'])
def test_the_content_of_a_callback_stands_in_for_that_beside_it(server, beside, made):
    server.route('GET', '/', response_callback=lambda request: {made: 'made'},
                 **{beside: 'beside'})
    assert ask(server).body == (b'made' if made == 'response_content' else b'"made"')


def test_a_callback_is_called_afresh_for_each_request(server):
    made = []

    def answer(request):
        made.append(request['path'])
        return {'response_content': b'%d' % len(made)}

    server.data['response_callback'] = answer
    route = server.route('GET', '/route/{n}', response_callback=answer)
    with Client(server) as client:
        seen = [client.get(path).body for path in ('/a', '/a', '/route/1', '/route/1', '/a')]
    assert seen == [b'1', b'2', b'3', b'4', b'5']
    assert len(route.history) == 2


@pytest.mark.parametrize('where', ['data', 'route', 'queue'])
def test_a_callable_value_is_made_afresh_for_each_request(server, where):
    made = []

    def status(request):
        made.append(request['path'])
        return 200 + len(made)

    if where == 'data':
        server.data['response_status'] = status
    elif where == 'route':
        server.route(response_status=status)
    else:
        server.enqueue(response_status=status, response_times=3)
    with Client(server) as client:
        assert [client.get('/%d' % n).status for n in range(3)] == [201, 202, 203]
    assert made == ['/0', '/1', '/2']


def test_a_callback_sees_the_request_with_all_that_it_has(server):
    seen = []
    server.data['response_callback'] = lambda request: seen.append(
        (request.method, request.query, request.json(), request.cookies,
         request['exchange_index'], request is server.history[-1])) or 200
    with Client(server) as client:
        client.send(request('POST', '/?a=b', 'Cookie: c=d', body=b'{"e": 1}'))
        assert client.answer().status == 200
    assert seen == [('POST', {'a': 'b'}, {'e': 1}, {'c': 'd'}, 0, True)]


@pytest.mark.parametrize('act', [
    lambda server: server.history, lambda server: server.failures,
    lambda server: server.unmatched, lambda server: server.check(),
    lambda server: server.response_data, lambda server: server.url('/'),
    lambda server: server.data.update(response_status=404),
    lambda server: server.enqueue(404), lambda server: server.route('GET', '/other'),
    lambda server: server.route('GET', '/other').remove(),
    lambda server: server.route('GET', '/other').reset(),
    lambda server: server.start(),
])
def test_a_callback_may_call_every_method_of_the_server(server, act):
    done = []

    def answer(_):
        # Another thread would block here if a lock were held.
        thread = threading.Thread(target=act, args=(server,))
        thread.start()
        thread.join(10)
        act(server)
        done.append(not thread.is_alive())
        return b'answered'

    server.route('GET', '/', response_callback=answer)
    assert ask(server).body == b'answered'
    assert done == [True]


def test_a_callback_may_reset_the_server(server):
    server.route('GET', '/', response_callback=lambda request: server.reset() or b'answered')
    with Client(server) as client:
        assert client.get().body == b'answered'
        assert server.history == []
        assert client.get().body == b''


@both_schemes
def test_a_callback_may_stop_the_server_and_its_response_is_the_last(scheme):
    with serve(scheme) as server:
        def answer(request):
            server.stop()
            return b'the last'

        server.route('GET', '/', response_callback=answer)
        with Client(server) as client:
            assert client.get().body == b'the last'
            assert client.rest() == b''
        assert [each['response_content'] for each in server.history] == [b'the last']
        server.start()
        server.reset()
        assert ask(server).status == 200


@pytest.mark.parametrize('criterion', ['match', 'path'])
def test_a_criterion_may_call_the_methods_of_the_server(server, criterion):
    ended = []

    def accepts(_):
        thread = threading.Thread(target=server.reset)
        thread.start()
        thread.join(10)
        ended.append(not thread.is_alive())
        return True

    server.route(response_content=b'matched', **{criterion: accepts})
    assert ask(server).body == b''          # the reset forgot the route
    assert ended == [True]


def test_a_slow_callback_is_in_nobodys_way(server):
    held, begun = threading.Event(), threading.Event()

    @server.route('GET', '/slow')
    def slow(request):
        begun.set()
        assert held.wait(20)
        return b'slow'

    server.route('GET', '/fast', response_content=b'fast')
    with Client(server) as client:
        client.send(request('GET', '/slow'))
        assert begun.wait(20)
        assert ask(server, 'GET', '/fast').body == b'fast'
        assert paths(server.history) == ['/slow', '/fast']
        held.set()
        assert client.answer().body == b'slow'


# What goes wrong on the test's side.

def test_a_request_that_no_route_matches_is_404_and_unmatched(server):
    server.route('GET', '/a')
    assert ask(server, 'GET', '/b').status == 404
    assert paths(server.unmatched) == ['/b'] and paths(server.history) == ['/b']
    assert server.history[0]['response_status'] == 404
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert 'no route matches GET /b' in str(caught.value)


def test_without_routes_nothing_is_unmatched(server):
    assert ask(server, 'GET', '/b').status == 200
    server.check()


def test_unmatched_requests_are_a_snapshot(server):
    server.route('GET', '/a')
    ask(server, 'GET', '/b')
    server.unmatched.append('mine')
    assert len(server.unmatched) == 1


def broken_callback(request):
    raise ValueError('broken on purpose')


@both_schemes
@pytest.mark.parametrize('where', ['data', 'queue', 'route', 'decorator', 'match', 'path', 'value',
                                   'content', 'form'])
def test_code_that_raises_is_answered_500_and_told_by_check_with_its_traceback(scheme, where):
    with serve(scheme) as server:
        if where == 'data':
            server.data['response_callback'] = broken_callback
        elif where == 'queue':
            server.enqueue(broken_callback)
        elif where == 'route':
            server.route('GET', '/', response_callback=broken_callback)
        elif where == 'decorator':
            server.route('GET', '/')(broken_callback)
        elif where in ('match', 'path'):
            server.route(**{where: broken_callback})
        elif where == 'value':
            server.data['response_status'] = broken_callback
        elif where == 'content':
            server.data['response_content'] = broken_callback
        else:
            server.route(match=lambda request: broken_callback(request.form))
        with Client(server) as client:
            answer = client.get('/?q=1')
        assert answer.status == 500
        assert answer.body == b'the response failed: ValueError: broken on purpose\n'
        assert answer.get('connection') == 'close'
        entry, = server.history
        assert (entry['response_status'], entry['path']) == (500, '/?q=1')
        with pytest.raises(AssertionError) as caught:
            server.check()
        text = str(caught.value)
        assert text.startswith('handling GET /?q=1 HTTP/1.1 failed:\nTraceback')
        assert 'in broken_callback' in text and 'ValueError: broken on purpose' in text
        assert server.failures == []
        server.reset()
        assert ask(server).status == 200


@pytest.mark.parametrize('nonsense, kind, error', [
    (None, 'TypeError', 'a response is a status (int), content (bytes or str), a dict of '
     'response_* keys or a callable of the request, got None (NoneType); a response without a '
     "body is 200; for null: {'response_json': None}"),
    (1.5, 'TypeError', 'a response is'), (True, 'TypeError', 'a response is'),
    (['a'], 'TypeError', 'a response is a status (int), content (bytes or str), a dict of '
     "response_* keys or a callable of the request, got ['a'] (list); to send this list as JSON: "
     "{'response_json': [...]}"),
    (({'a': 1}, 201), 'TypeError', 'a response is a status (int), content (bytes or str), a dict '
     "of response_* keys or a callable of the request, got ({'a': 1}, 201) (tuple); name its "
     "parts: {'response_json': {...}, 'response_status': 201}"),
    ({'name': 'Ada'}, 'ValueError', 'name is not a key of a response; to send this dict as JSON: '
     "{'response_json': {...}}"),
    (99, 'ValueError', 'response_status is an int from 100 to 999, got 99 (int)'),
    ({'status': 200}, 'ValueError', 'status is not a key of a response; did you mean '
     "response_status? To send this dict as JSON: {'response_json': {...}}"),
    ({'response_headers': {'A': 'b\nc'}}, 'ValueError', 'response_headers is made of names'),
    ({'response_content': b'', 'response_json': 1}, 'ValueError',
     'response_content and response_json are both set'),
    ({'response_fault_at': 'body'}, 'ValueError', 'response_fault_at is set without'),
    ({'response_fault': 'reset', 'response_fault_at': 'request'}, 'ValueError',
     "response_fault_at is 'request', but this response"),
])
@pytest.mark.parametrize('place', ['route', 'enqueue', 'data'])
def test_nonsense_of_a_callback_is_answered_500_and_told_by_check(
        server, place, nonsense, kind, error):
    def find_user(request):
        return nonsense

    if place == 'data':
        server.data['response_callback'] = find_user
    else:
        getattr(server, place)(response_callback=find_user)
    answer = ask(server)
    assert answer.status == 500
    text = '%s: the result of the callback find_user is wrong: %s' % (kind, error)
    assert answer.body.decode('utf-8').startswith('the response failed: ' + text)
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert text in str(caught.value) and str(caught.value).count('Traceback') == 1


def test_a_callback_that_calls_itself_for_ever_is_answered_500(server):
    def endless(request):
        return endless

    server.route('GET', '/', response_callback=endless)
    assert ask(server).status == 500
    with pytest.raises(AssertionError):
        server.check()


@pytest.mark.parametrize('key, value, error', [
    ('response_status', '200', 'TypeError: response_status is an int from 100 to 999'),
    ('response_content', 5, 'TypeError: response_content is bytes'),
    ('response_headers', 'A: b', 'TypeError: response_headers is a dict'),
    ('response_timeout', -1, 'ValueError: response_timeout is a number of seconds'),
])
def test_nonsense_of_a_callable_value_is_answered_500_and_told(server, key, value, error):
    server.data[key] = lambda request: value
    assert ask(server).status == 500
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert error in str(caught.value)


def test_check_tells_everything_that_went_wrong(server):
    server.route('GET', '/a', response_callback=broken_callback)
    for path in ('/a', '/b', '/a', '/c'):
        ask(server, 'GET', path)
    with pytest.raises(AssertionError) as caught:
        server.check()
    text = str(caught.value)
    assert text.count('broken on purpose') == 2 * 2     # with the line that raised it
    assert 'GET /b' in text and 'GET /c' in text


# Keys of a handler's own.

class Tagging(Handler):
    response_keys = {'response_tag': None, 'response_count': None}

    def check_count(key, value):
        if not isinstance(value, int):
            raise TypeError('%s is an int' % key)

    response_keys['response_count'] = check_count


def test_a_handler_may_add_keys_to_the_vocabulary():
    with start_server(handler=Tagging) as server:
        server.data['response_tag'] = object
        server.enqueue(response_tag='a', response_count=1)
        server.route('GET', '/', response_tag='b')
        server.route('GET', '/made', response_callback=lambda request: {'response_tag': 'c'})
        assert ask(server, 'GET', '/made').status == 200
        for write in (lambda: server.enqueue(response_count='x'),
                      lambda: server.route(response_count='x'),
                      lambda: server.data.update(response_count='x')):
            with pytest.raises(TypeError) as caught:
                write()
            assert str(caught.value) == 'response_count is an int'
        with pytest.raises(ValueError) as caught:
            server.data['response_tagg'] = 1
        assert 'did you mean response_tag?' in str(caught.value)
    with start_server() as server:
        with pytest.raises(ValueError):
            server.data['response_tag'] = 1


def test_a_method_of_a_handler_may_use_its_key():
    class Tagged(Tagging):
        def handle_request(self):
            tag = self.server.data.get('response_tag')
            if tag is None:
                return super(Tagged, self).handle_request()
            self.send_response(200)
            self.send_header('X-Tag', tag)
            self.end_headers()

    with start_server(handler=Tagged) as server:
        server.data['response_tag'] = 'there'
        assert ask(server).get('x-tag') == 'there'
        del server.data['response_tag']
        assert ask(server).get('x-tag') is None


@pytest.mark.parametrize('key', ['tag', 'Response_tag', ''])
def test_a_key_of_a_handler_that_does_not_start_as_the_others_is_refused(key):
    class Wrong(Handler):
        response_keys = {key: None}

    with pytest.raises(ValueError) as caught:
        start_server(handler=Wrong)
    assert str(caught.value) == 'a key in response_keys starts with response_, got %r' % key


@both_schemes
def test_a_route_that_is_reset_after_its_last_response_matches_again(server, client):
    route = server.route('GET', '/a', response_status=503, response_times=1)
    assert client.get('/a').status == 503
    assert client.get('/a').status == 404
    route.reset()
    assert client.get('/a').status == 200


# Which one responded.

@both_schemes
def test_a_request_has_the_route_that_responded(server, client):
    user = server.route('GET', '/users/{id}')
    server.enqueue(200)
    for path in ('/users/7', '/queue', '/unmatched'):
        client.get(path)
    assert [each.route for each in server.history] == [user, None, None]
    assert server.history[0].route is user
    assert server.history[0].copy().route is user


def test_a_request_of_a_server_without_routes_has_none(server, client):
    server.data['response_status'] = 201
    client.get('/')
    assert server.history[0].route is None


def test_a_deep_copy_and_a_pickle_of_a_request_leave_out_the_route(server, client):
    server.route('GET', '/users/{id}')
    client.get('/users/7')
    request = server.history[0]
    for other in (copy.deepcopy(request), pickle.loads(pickle.dumps(request))):
        assert other == request and other.params == {'id': '7'}
        assert other.route is None


def test_a_fault_before_the_body_is_read_has_its_route(server, client):
    route = server.route('POST', '/', response_fault='disconnect', response_fault_at='request')
    client.send(request('POST', '/', body=b'a'))
    assert server.wait()[0].route is route
