# -*- coding: utf-8 -*-
"""Asynchronous clients: an event loop goes on while a test waits for a request."""
import asyncio

import pytest

from httptestserver import http_server, https_server
from support import installed

aiohttp = installed.module('aiohttp')
httpx = installed.module('httpx')

SCHEMES = pytest.mark.parametrize('context', [http_server, https_server], ids=['http', 'https'])


async def arrives(server, **criteria):
    """Wait for a matching request without blocking the loop."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: server.wait(**criteria))


@SCHEMES
def test_httpx(context):
    async def exchange(server):
        async with httpx.AsyncClient(verify=server.client_context() or True,
                                     trust_env=False) as client:
            answers = await asyncio.gather(*[
                client.post(server.url('/%d' % index), json=index) for index in range(20)])
            await arrives(server, count=20)
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
            await arrives(server, count=20)
        return answers

    with context() as server:
        server.data['response_json'] = lambda request: request.json()
        assert asyncio.run(exchange(server)) == [(200, index) for index in range(20)]
