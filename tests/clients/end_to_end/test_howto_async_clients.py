# -*- coding: utf-8 -*-
"""Asynchronous clients: the server needs nothing special, and a test awaits requests."""
import asyncio

import aiohttp
import httpx
import pytest


async def fetch_all(url, count):
    """Return the JSON values of *count* pages, requested at the same time."""
    async with httpx.AsyncClient() as client:
        responses = await asyncio.gather(*[client.get('%s/%d' % (url, page))
                                           for page in range(count)])
    return [response.json() for response in responses]


async def notify(webhook):
    async with aiohttp.ClientSession() as client:
        async with client.post(webhook, json={'state': 'done'}) as response:
            response.raise_for_status()


def test_requests_at_the_same_time(http_server):
    http_server.route('GET', '/{page}', response_json=lambda request: request.params)
    assert asyncio.run(fetch_all(http_server.url(''), 3)) == [
        {'page': '0'}, {'page': '1'}, {'page': '2'}]


def test_https(https_server):
    async def status():
        async with httpx.AsyncClient(verify=https_server.client_context()) as client:
            return (await client.get(https_server.url())).status_code

    assert asyncio.run(status()) == 200


def test_a_request_that_comes_later(http_server):
    async def scenario():
        sending = asyncio.ensure_future(notify(http_server.url('/hook')))
        # The loop runs on meanwhile, so that the task above can send.
        request = await http_server.take_request_async(timeout=10)
        await sending
        return request

    assert asyncio.run(scenario()).json() == {'state': 'done'}


def test_a_request_that_must_not_come_late(http_server):
    async def scenario():
        await http_server.wait_async(path='/hook', timeout=0.1)

    with pytest.raises(AssertionError) as caught:
        asyncio.run(scenario())
    assert str(caught.value) == ('within 0.1 s expected at least 1 of: any method /hook\n'
                                 'found 0\nno request was received')


def test_a_client_that_is_cancelled(http_server):
    async def scenario():
        http_server.data['response_fault'] = 'stall'
        sending = asyncio.ensure_future(notify(http_server.url('/hook')))
        await http_server.wait_async(path='/hook')
        sending.cancel()
        return await asyncio.gather(sending, return_exceptions=True)

    error, = asyncio.run(scenario())
    assert isinstance(error, asyncio.CancelledError)
