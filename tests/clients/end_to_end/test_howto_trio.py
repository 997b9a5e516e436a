# -*- coding: utf-8 -*-
"""trio, and anyio on trio: a test waits for requests in a thread."""
import functools

import anyio
import httpx
import trio


async def notify(webhook):
    async with httpx.AsyncClient() as client:
        (await client.post(webhook, json={'state': 'done'})).raise_for_status()


def test_trio(http_server):
    async def scenario():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(notify, http_server.url('/hook'))
            return await trio.to_thread.run_sync(http_server.take_request)

    assert trio.run(scenario).json() == {'state': 'done'}


def test_anyio(http_server):
    async def scenario():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(notify, http_server.url('/hook'))
            wait = functools.partial(http_server.wait, path='/hook', timeout=10)
            return await anyio.to_thread.run_sync(wait)

    request, = anyio.run(scenario, backend='trio')
    assert request.json() == {'state': 'done'}


def test_a_wait_that_is_given_up(http_server):
    async def scenario():
        with trio.move_on_after(0.05) as scope:
            wait = functools.partial(http_server.wait, timeout=10)
            await trio.to_thread.run_sync(wait, abandon_on_cancel=True)
        return scope.cancelled_caught

    assert trio.run(scenario)
