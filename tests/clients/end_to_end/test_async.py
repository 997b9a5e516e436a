# -*- coding: utf-8 -*-
"""Asynchronous clients: an event loop goes on while a test waits for a request."""
import asyncio

import pytest

from httptestserver import http_server, https_server
from support import installed

aiohttp = installed.module('aiohttp')
anyio = installed.module('anyio')
httpx = installed.module('httpx')

SCHEMES = pytest.mark.parametrize('context', [http_server, https_server], ids=['http', 'https'])


@SCHEMES
def test_httpx(context):
    async def exchange(server):
        async with httpx.AsyncClient(verify=server.client_context() or True,
                                     trust_env=False) as client:
            answers = await asyncio.gather(*[
                client.post(server.url('/%d' % index), json=index) for index in range(20)])
            await server.wait_async(20)
        return [answer.status_code for answer in answers]

    with context() as server:
        server.data['response_status'] = 201
        assert asyncio.run(exchange(server)) == [201] * 20
        assert sorted(each.json() for each in server.history) == list(range(20))


@SCHEMES
def test_aiohttp(context):
    async def exchange(server):
        async with aiohttp.ClientSession() as client:
            async def send(index):
                async with client.post(server.url('/%d' % index), json=index,
                                       ssl=server.client_context() or True) as answer:
                    return answer.status, await answer.json()
            answers = await asyncio.gather(*[send(index) for index in range(20)])
            await server.wait_async(20)
        return answers

    with context() as server:
        server.data['response_json'] = lambda request: request.json()
        assert asyncio.run(exchange(server)) == [(200, index) for index in range(20)]


def test_a_take_in_a_cancel_scope_of_anyio_takes_nothing():
    async def exchange(server):
        with anyio.move_on_after(0.05) as scope:
            await server.take_request_async(timeout=20)
        async with httpx.AsyncClient(trust_env=False) as client, anyio.create_task_group() as tasks:
            tasks.start_soon(client.get, server.url('/a'))
            request = await server.take_request_async()
        return scope.cancelled_caught, request['path']

    with http_server() as server:
        assert anyio.run(exchange, server, backend='asyncio') == (True, '/a')


async def take_as_the_limit_ends(server, client):
    """Return what a task takes whose time limit ends while it is being told of a request."""
    async def take():
        return await asyncio.wait_for(server.take_request_async(20), 0.001)

    loop = asyncio.get_running_loop()
    ends = loop.time() + 0.001
    task = asyncio.ensure_future(take())
    # The task begins to wait now.
    await asyncio.sleep(0)
    # The loop does not run on before the response is here and the limit has ended.
    client.get(server.url())
    while loop.time() < ends + 0.001:
        pass
    try:
        return [await task]
    except asyncio.TimeoutError:
        return []


def test_a_take_whose_limit_ends_as_a_request_comes_loses_nothing():
    async def exchange(server, client):
        taken = []
        for _ in range(20):
            taken += await take_as_the_limit_ends(server, client)
            if len(taken) < len(server.history):
                taken.append(await server.take_request_async(0))
        return taken

    with http_server() as server, httpx.Client(trust_env=False) as client:
        taken = asyncio.run(exchange(server, client))
        assert list(map(id, taken)) == list(map(id, server.history)) and len(taken) == 20
