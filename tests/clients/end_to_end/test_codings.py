# -*- coding: utf-8 -*-
"""Content codings: clients decode what the server sends, and it decodes what they send."""
import asyncio
import gzip
import json
import subprocess

import pytest

from support import installed

aiohttp = installed.module('aiohttp')
httpx = installed.module('httpx')
httpx_sse = installed.module('httpx_sse')
requests = installed.module('requests')
urllib3 = installed.module('urllib3')

VALUE = {'names': [u'Ada', u'B\xf6b'] * 500}
TEXT = json.dumps(VALUE, ensure_ascii=False)


def with_curl(url):
    return subprocess.check_output([installed.program('curl'), '-q', '-sS', '--noproxy', '*',
                                    '--max-time', '20', '--compressed', url])


def with_requests(url):
    return requests.get(url, timeout=20).content


def with_httpx(url):
    return httpx.get(url, trust_env=False).content


def with_urllib3(url):
    with urllib3.PoolManager() as pool:
        return pool.request('GET', url, timeout=20).data


def with_aiohttp(url):
    async def scenario():
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as response:
                return await response.read()

    return asyncio.run(scenario())


@pytest.mark.parametrize('get', [with_curl, with_requests, with_httpx, with_urllib3, with_aiohttp],
                         ids=lambda get: get.__name__[5:])
@pytest.mark.parametrize('coding', ['gzip', 'deflate'])
@pytest.mark.parametrize('content', [TEXT, lambda _: [TEXT[:9], TEXT[9:]]], ids=['text', 'pieces'])
def test_a_client_decodes_a_response(http_server, get, coding, content):
    http_server.route('GET', '/', response_content=content, response_content_encoding=coding)
    assert get(http_server.url('/')) == TEXT.encode('utf-8')
    sent = http_server.history[0]
    assert dict(sent.response_headers)['Content-Encoding'] == coding
    assert len(sent.response_content) < 200


@pytest.mark.parametrize('coding', ['gzip', 'deflate'])
def test_node_decodes_a_response(http_server, node, coding):
    http_server.route('GET', '/', response_json=['Ada'] * 100, response_content_encoding=coding)
    status, _, body = node.ask('fetch ' + http_server.url('/')).partition(' ')
    assert (status, json.loads(body)) == ('200', ['Ada'] * 100)


def test_java_decodes_a_response(http_server, java):
    # Its client does not decode, so the program does.
    http_server.route('GET', '/', response_content='Ada', response_content_encoding='gzip')
    assert java.ask('GZIP ' + http_server.url('/')) == '200 Ada'


def test_go_decodes_a_response(http_server, go):
    http_server.route('GET', '/', response_content='Ada', response_content_encoding='gzip')
    assert go.ask('GET ' + http_server.url('/')) == '200 Ada'


# Streams.

def test_httpx_gets_each_event_before_the_next_is_sent(http_server):
    events = http_server.stream()
    http_server.route('GET', '/', response_events=events, response_content_encoding='gzip')
    with httpx.Client(trust_env=False) as client:
        with httpx_sse.connect_sse(client, 'GET', http_server.url('/')) as source:
            received = source.iter_sse()
            for data in 'one', 'two':
                events.send(data)
                assert next(received).data == data
            events.close()
            assert list(received) == []


def test_aiohttp_gets_each_event_before_the_next_is_sent(http_server):
    async def scenario():
        async with aiohttp.ClientSession() as session:
            async with session.get(http_server.url('/')) as response:
                for data in 'one', 'two':
                    events.send(data)
                    assert await response.content.readline() == ('data: %s\n' % data).encode()
                    assert await response.content.readline() == b'\n'
                events.close()
                assert await response.content.read() == b''

    events = http_server.stream()
    http_server.route('GET', '/', response_events=events, response_content_encoding='gzip')
    asyncio.run(scenario())


# Requests.

CODED = {'Content-Encoding': 'gzip', 'Content-Type': 'application/json'}


def send_with_curl(url, folder):
    path = folder.join('body.gz')
    path.write(gzip.compress(TEXT.encode('utf-8')), 'wb')
    subprocess.check_call([
        installed.program('curl'), '-q', '-sS', '--noproxy', '*', '--max-time', '20',
        '-H', 'Content-Encoding: gzip', '-H', 'Content-Type: application/json',
        '--data-binary', '@%s' % path, url])


def send_with_requests(url, _):
    requests.post(url, gzip.compress(TEXT.encode('utf-8')), headers=CODED, timeout=20)


def send_with_httpx(url, _):
    httpx.post(url, content=gzip.compress(TEXT.encode('utf-8')), headers=CODED, trust_env=False)


def send_with_aiohttp(url, _):
    async def scenario():
        async with aiohttp.ClientSession() as session:
            # Its name for zlib's format, which it sends chunked.
            async with session.post(url, json=VALUE, compress='deflate') as response:
                await response.read()

    asyncio.run(scenario())


@pytest.mark.parametrize('send', [
    send_with_curl, send_with_requests, send_with_httpx, send_with_aiohttp],
    ids=lambda send: send.__name__[10:])
def test_a_coded_request_is_seen_decoded(http_server, send, tmpdir):
    route = http_server.route('POST', '/', json=VALUE, response_status=204)
    send(http_server.url('/'), tmpdir)
    request, = route.history
    assert len(request.body) < 200
    assert request.json() == json.loads(request.text) == json.loads(request.content) == VALUE
