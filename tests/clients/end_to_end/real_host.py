# -*- coding: utf-8 -*-
"""Clients in Python as an application uses them: not one of them is told of a proxy.

Each fetches a URL and returns what it got. ``python real_host.py NAME URL`` prints it.
"""
import asyncio
import os
import sys


def with_requests(url):
    import requests
    return requests.get(url, timeout=30).text


def with_urllib(url):
    from urllib.request import urlopen
    with urlopen(url, timeout=30) as response:
        return response.read().decode('utf-8')


def with_httpx(url):
    import httpx
    return httpx.get(url, timeout=30).text


def with_httpx_async(url):
    import httpx

    async def fetch():
        async with httpx.AsyncClient(timeout=30) as client:
            return (await client.get(url)).text

    return asyncio.run(fetch())


def with_aiohttp(url):
    import aiohttp

    async def fetch():
        # Without trust_env it does not look at HTTPS_PROXY.
        async with aiohttp.ClientSession(trust_env=True) as session:
            async with session.get(url) as response:
                return await response.text()

    return asyncio.run(fetch())


def with_boto3(url):
    import boto3
    from botocore.config import Config
    # The region makes the host: sqs.REGION.amazonaws.com.
    region = url.split('.')[1]
    client = boto3.client(
        'sqs', region_name=region, aws_access_key_id='key', aws_secret_access_key='secret',
        config=Config(read_timeout=30, retries={'max_attempts': 0}))
    return client.list_queues()['QueueUrls'][0]


def with_openai(url):
    import openai
    client = openai.OpenAI(api_key='key', base_url=url, timeout=30, max_retries=0)
    return client.models.retrieve('ada').owned_by


CLIENTS = {name[5:]: function for name, function in list(globals().items())
           if name.startswith('with_')}

if __name__ == '__main__':
    # This file is in a folder of a folder of the tests.
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
    from support.loopback import loopback_only
    with loopback_only():
        print(CLIENTS[sys.argv[1]](sys.argv[2]))
