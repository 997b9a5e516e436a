# -*- coding: utf-8 -*-
"""Clients of server-sent events: each event comes when the test sends it, and errors are errors."""
import asyncio

import pytest

from support import installed

aiohttp = installed.module('aiohttp')
httpx = installed.module('httpx')
httpx_sse = installed.module('httpx_sse')
requests = installed.module('requests')

PATH = '/events'
FIRST, SECOND = ('7', 'tick', '{"n": 1}'), ('8', 'message', 'two\nlines')


async def parsed(lines):
    """Yield (id, event, data) of the events in an asynchronous iterable of *lines*."""
    number, event, data = '', 'message', []
    async for line in lines:
        field, _, value = line.partition(': ')
        if field == 'id':
            number = value
        elif field == 'event':
            event = value
        elif field == 'data':
            data.append(value)
        elif not line:
            yield number, event, '\n'.join(data)
            event, data = 'message', []


def ends(*errors):
    """Return a test's arguments: a client, and what it raises if a response is cut off."""
    return lambda function: pytest.param(function, errors, id=function.__name__)


@ends(requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
async def with_requests(url):
    async def lines(response):
        for line in response.iter_lines(chunk_size=1, decode_unicode=True):
            yield line

    with requests.get(url, stream=True, timeout=20) as response:
        assert response.headers['Content-Type'].startswith('text/event-stream')
        async for each in parsed(lines(response)):
            yield each


@ends(aiohttp.ClientError)
async def with_aiohttp(url):
    async def lines(response):
        async for line in response.content:
            yield line.decode('utf-8').rstrip('\n')

    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            assert response.content_type == 'text/event-stream'
            async for each in parsed(lines(response)):
                yield each


@ends(httpx.TransportError)
async def with_httpx_sse(url):
    with httpx.Client(trust_env=False) as client:
        with httpx_sse.connect_sse(client, 'GET', url) as source:
            for each in source.iter_sse():
                yield each.id, each.event, each.data


@ends(httpx.TransportError)
async def with_httpx_sse_in_a_loop(url):
    async with httpx.AsyncClient(trust_env=False) as client:
        async with httpx_sse.aconnect_sse(client, 'GET', url) as source:
            async for each in source.aiter_sse():
                yield each.id, each.event, each.data


CLIENTS = [with_requests, with_aiohttp, with_httpx_sse, with_httpx_sse_in_a_loop]
each_client = pytest.mark.parametrize('read, errors', CLIENTS)


@pytest.fixture(name='events')
def make_events(http_server):
    """A stream that `PATH` responds with."""
    events = http_server.stream()
    http_server.route('GET', PATH, response_events=events)
    return events


@each_client
def test_an_event_arrives_before_the_next_is_sent(http_server, events, read, errors):
    async def scenario():
        # What is sent before the client comes is kept for it.
        events.send({'n': 1}, event='tick', id='7')
        client = read(http_server.url(PATH))
        assert await client.__anext__() == FIRST
        events.send('two\nlines', id='8', comment='the next')
        assert await client.__anext__() == SECOND
        events.close()
        assert [each async for each in client] == []

    asyncio.run(scenario())
    events.wait_closed()


@each_client
@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_stream_that_is_cut_off_is_an_error(http_server, events, read, errors, fault):
    async def scenario():
        client = read(http_server.url(PATH))
        events.send({'n': 1}, event='tick', id='7')
        assert await client.__anext__() == FIRST
        events.abort(fault)
        with pytest.raises(errors):
            await client.__anext__()

    asyncio.run(scenario())


@each_client
def test_events_of_a_list_are_what_the_stream_would_send(http_server, read, errors):
    async def scenario():
        return [each async for each in read(http_server.url(PATH))]

    http_server.route('GET', PATH, response_events=[
        {'data': {'n': 1}, 'event': 'tick', 'id': '7'}, {'data': 'two\nlines', 'id': '8'}])
    assert asyncio.run(scenario()) == [FIRST, SECOND]


def test_a_client_that_leaves_is_noticed_and_loses_nothing(http_server, events):
    async def scenario():
        client = with_httpx_sse_in_a_loop.values[0](http_server.url(PATH))
        events.send({'n': 1}, event='tick', id='7')
        assert await client.__anext__() == FIRST
        await client.aclose()

    asyncio.run(scenario())
    events.wait_closed()
    events.send('two\nlines', id='8')
    events.close()
    with httpx.Client(trust_env=False) as client:
        with httpx_sse.connect_sse(client, 'GET', http_server.url(PATH)) as source:
            assert [(each.id, each.data) for each in source.iter_sse()] == [SECOND[::2]]
