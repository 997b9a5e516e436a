# -*- coding: utf-8 -*-
"""User code is plain: what is asynchronous is refused where it is written, or is a 500."""
import functools

import pytest

from httptestserver import http_server
from httptestserver.scripting.vocabulary import VOCABULARY, is_made
from httptestserver.server import Handler
from support.asynchronous import Loop, asyncio, defined
from support.client import request
from support.failing import problems

SOURCE = '''
async def hook(request):
    return 200

async def pieces(request):
    yield b'a'

class Later(Handler):
    async def do_GET(self):
        self.send_response(204)

class Recording(Handler):
    async def save_history(self):
        pass

class Checking(Handler):
    response_keys = {'response_own': hook}
'''


@pytest.fixture
def code():
    return defined(SOURCE, Handler=Handler)


def refused(function, *args, **kws):
    """Return the text of the TypeError that a call raises."""
    with pytest.raises(TypeError) as caught:
        function(*args, **kws)
    return str(caught.value)


def said(name, kind='coroutine function hook'):
    return ('%s is a plain function, got the %s; nothing would await it: write def instead of '
            'async def' % (name, kind))


# Refused where it is written.

@pytest.mark.parametrize('key', sorted(VOCABULARY))
def test_a_coroutine_function_is_the_value_of_no_key(server, code, key):
    for write in (functools.partial(server.data.__setitem__, key),
                  lambda value: server.enqueue(**{key: value}),
                  lambda value: server.enqueue({key: value}),
                  lambda value: server.route(**{key: value})):
        assert refused(write, code.hook) == said(key)
    assert server.response_data == {} and server.check(unserved=True) is None


def test_an_async_generator_function_is_no_content(server, code):
    assert refused(server.enqueue, response_content=code.pieces) == said(
        'response_content', 'async generator function pieces')


def test_an_async_generator_is_no_content(server, code):
    pieces = code.pieces(None)
    assert refused(server.enqueue, response_content=pieces).startswith(
        'response_content is a plain value, got %r' % pieces)


def test_a_coroutine_is_the_value_of_no_key(server, code, recwarn):
    assert refused(server.enqueue, response_json=code.hook(None)).startswith(
        'response_json is a plain value, got <coroutine object hook at ')
    assert not recwarn.list


def test_a_coroutine_function_is_no_callback(server, code):
    route = server.route('GET', '/a')
    for write in server.enqueue, route.enqueue, route, server.route('GET', '/b'):
        assert refused(write, code.hook) == said('response_callback')
    assert refused(server.enqueue, functools.partial(code.hook)) == said('response_callback')


def test_the_event_of_a_loop_is_no_hold(server):
    with Loop() as loop:
        event = loop.call(lambda: asyncio.Event())
    assert refused(server.enqueue, response_hold=event) == said(
        'response_hold.wait', 'coroutine function wait')


#: Each criterion that may be or have a function, with how messages name that.
CRITERIA = [(name, name) for name in ('body', 'match', 'path')] + [
    (name, "%s['a']" % name) for name in ('cookies', 'files', 'form', 'headers', 'query')]


def criterion(name, place, function):
    return {name: function if name == place else {'a': function}}


@pytest.mark.parametrize('name, place', CRITERIA)
def test_a_coroutine_function_is_no_criterion(server, code, name, place):
    for method in (server.route, server.wait, server.assert_requested,
                   server.assert_not_requested, server.route('GET', '/a').wait):
        assert refused(method, **criterion(name, place, code.hook)) == said(place)


def test_a_coroutine_function_is_no_criterion_of_an_order(server, code):
    assert refused(server.assert_requested_in_order, {'match': code.hook}) == (
        'wanted[0]: ' + said('match'))


@pytest.mark.parametrize('handler, name', [
    ('Later', 'Later.do_GET'), ('Recording', 'Recording.save_history'),
    ('Checking', 'the check of response_own')])
def test_a_handler_has_no_coroutine_functions(code, handler, name):
    function = 'hook' if handler == 'Checking' else name.split('.')[1]
    assert refused(http_server(handler=getattr(code, handler)).__enter__) == said(
        name, 'coroutine function ' + function)


# A plain function that returns an awaitable.

@pytest.mark.parametrize('key', sorted(key for key in VOCABULARY if is_made(key, len)))
def test_a_value_that_is_awaitable_is_a_500(server, client, code, recwarn, key):
    server.data[key] = lambda request: code.hook(request)
    if key == 'response_fault_at':
        server.data['response_fault'] = 'reset'
    answer = client.get('/a')
    text = '%s is a plain value, got <coroutine object hook at ' % key
    assert answer.status == 500
    assert answer.body.decode().startswith('the response failed: TypeError: ' + text)
    assert text in problems(server)
    assert not recwarn.list


def test_a_callback_that_returns_an_awaitable_is_a_500(server, client, code, recwarn):
    def callback(request):
        return code.hook(request)

    server.data['response_callback'] = callback
    answer = client.get('/a')
    text = ('the result of the callback callback is wrong: a response is a plain value, got '
            '<coroutine object hook at ')
    assert answer.status == 500
    assert answer.body.decode().startswith('the response failed: TypeError: ' + text)
    assert answer.body.endswith(
        b' (coroutine); nothing awaits it: give the value itself\n')
    assert text in problems(server)
    assert not recwarn.list


def test_a_callback_that_returns_an_awaitable_value_is_a_500(server, client, code, recwarn):
    server.data['response_callback'] = lambda request: {'response_json': code.hook(request)}
    assert client.get('/a').status == 500
    assert 'response_json is a plain value, got <coroutine object hook' in problems(server)
    assert not recwarn.list


#: A request that has a value of each of the criteria.
REQUESTS = {
    'files': request('POST', '/', 'Content-Type: multipart/form-data; boundary=b', body=(
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nx\r\n--b--\r\n')),
    'form': request('POST', '/', 'Content-Type: application/x-www-form-urlencoded', body=b'a=b'),
}


@pytest.mark.parametrize('name, place', CRITERIA)
def test_a_criterion_that_returns_an_awaitable_is_a_500(server, client, code, recwarn, name, place):
    server.route(response_status=204, **criterion(name, place, lambda value: code.hook(value)))
    client.send(REQUESTS.get(name) or request('GET', '/?a=b', 'A: b', 'Cookie: a=b'))
    assert client.answer().status == 500
    assert ('the result of %s is a plain value, got <coroutine object hook at ' % place
            ) in problems(server)
    assert len(server.history) == 1
    assert not recwarn.list


def test_a_wait_raises_if_its_criterion_returns_an_awaitable(server, client, code, recwarn):
    client.get('/a')
    text = 'the result of match is a plain value, got <coroutine object hook at '
    for method in server.wait, server.assert_requested, server.assert_not_requested:
        assert refused(method, match=lambda value: code.hook(value)).startswith(text)
    assert not recwarn.list


def test_a_piece_that_is_awaitable_ends_the_stream(server, client, code, recwarn):
    server.data['response_content'] = lambda request: iter([code.hook(request)])
    client.send(request('GET', '/a'))
    client.rest()
    assert 'each piece of response_content is a plain value' in problems(server)
    assert not recwarn.list
