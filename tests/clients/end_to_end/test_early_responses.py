# -*- coding: utf-8 -*-
"""Uploads that are refused before the body is sent, by clients that ask first and that do not."""
import asyncio
import os
import re
import subprocess

import pytest
from six.moves import http_client

from support import installed

aiohttp = installed.module('aiohttp')
httpx = installed.module('httpx')
requests = installed.module('requests')
toolbelt = installed.module('requests_toolbelt')
urllib3 = installed.module('urllib3')

SIZE = 8 << 20
CONTENT = b'x' * SIZE
EXPECT = {'Expect': '100-continue'}


@pytest.fixture(name='upload', scope='module')
def make_upload(tmpdir_factory):
    """A file of 8 MiB."""
    path = tmpdir_factory.mktemp('upload').join('upload')
    path.write(CONTENT, 'wb')
    return str(path)


def with_curl(*options):
    """Return (status, whether 100 came, number of bytes sent) of what curl does."""
    done = subprocess.run(
        (installed.program('curl'), '-q', '-sS', '-v', '--noproxy', '*', '--max-time', '20',
         '-o', os.devnull, '-w', '%{http_code} %{size_upload}') + options,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    assert done.returncode == 0, done.stderr
    status, size = done.stdout.split()
    return int(status), '< HTTP/1.1 100' in done.stderr, int(size)


def with_aiohttp(server, **options):
    """Return (status, whether the body was begun) of what aiohttp does."""
    begun = []

    async def body():
        begun.append(True)
        for _ in range(8):
            yield CONTENT[:SIZE // 8]

    async def scenario():
        async with aiohttp.ClientSession() as session:
            async with session.post(server.url('/upload'), data=body(), **options) as response:
                status = response.status
        # What the client has not sent yet it sends before it closes the connection.
        await asyncio.get_running_loop().run_in_executor(None, server.wait_connections, 0)
        return status

    return asyncio.run(scenario()), bool(begun)


@pytest.fixture(name='refusing')
def make_refusing(http_server):
    """A route that refuses uploads without their body."""
    return http_server.route(path='/upload', response_early=True, response_status=413,
                             response_content=b'too large')


@pytest.fixture(name='taking')
def make_taking(http_server):
    """A route that reads uploads."""
    return http_server.route(path='/upload', response_status=201)


# Clients that ask first.

def test_curl_sends_no_body(http_server, refusing, upload):
    url = http_server.url('/upload')
    # Of its own accord it asks because the file is large.
    assert with_curl('-T', upload, url) == (413, False, 0)
    assert with_curl('-H', 'Expect: 100-continue', '-d', 'x', url) == (413, False, 0)
    assert [each.body for each in refusing.history] == [b'', b'']
    assert [each.headers['Expect'] for each in refusing.history] == ['100-continue'] * 2


def test_curl_sends_the_body_after_100(http_server, taking, upload):
    assert with_curl('-T', upload, http_server.url('/upload')) == (201, True, SIZE)
    assert taking.history[0].body == CONTENT


def test_aiohttp_sends_no_body(http_server, refusing):
    assert with_aiohttp(http_server, expect100=True) == (413, False)
    assert refusing.history[0].body == b''


def test_aiohttp_sends_the_body_after_100(http_server, taking):
    assert with_aiohttp(http_server, expect100=True) == (201, True)
    assert taking.history[0].body == CONTENT


def test_node_sends_no_body(http_server, refusing, node):
    assert node.ask('expect ' + http_server.url('/upload')) == '413 false'
    assert refusing.history[0].body == b''


def test_node_sends_the_body_after_100(http_server, taking, node):
    assert node.ask('expect ' + http_server.url('/upload')) == '201 true'
    assert taking.history[0].body == CONTENT


def test_java_sends_no_body(http_server, refusing, java):
    # Java 17 reads the content of such a response twice, so with some it waits for ever.
    refusing.data['response_content'] = b''
    assert java.ask('EXPECT ' + http_server.url('/upload')) == '413 false'
    assert refusing.history[0].body == b''


def test_java_sends_the_body_after_100(http_server, taking, java):
    assert java.ask('EXPECT ' + http_server.url('/upload')) == '201 true'
    assert taking.history[0].body == b'\0' * SIZE


def test_go_sends_no_body(http_server, refusing, go):
    assert go.ask('EXPECT ' + http_server.url('/upload')) == '413 false false'
    assert refusing.history[0].body == b''


def test_go_sends_the_body_after_100(http_server, taking, go):
    assert go.ask('EXPECT ' + http_server.url('/upload')) == '201 true true'
    assert taking.history[0].body == b'\0' * SIZE


def test_an_expectation_may_fail(http_server, refusing, upload):
    refusing.data['response_status'] = 417
    assert with_curl('-T', upload, http_server.url('/upload')) == (417, False, 0)


# Clients that send the body at once: what the server no longer needs it drops.

def with_http_client(url):
    address = re.match('http://([^/]+)(/.*)', url).groups()
    connection = http_client.HTTPConnection(address[0], timeout=20)
    try:
        connection.request('POST', address[1], CONTENT, EXPECT)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def with_requests(url):
    response = requests.post(url, CONTENT, timeout=20)
    return response.status_code, response.content


def with_a_stream_of_requests(url):
    response = requests.post(url, iter([CONTENT[:SIZE // 8]] * 8), timeout=20)
    return response.status_code, response.content


def with_requests_toolbelt(url):
    encoder = toolbelt.MultipartEncoder({'file': ('big.bin', CONTENT, 'image/png')})
    response = requests.post(url, encoder, timeout=20, headers=dict(
        EXPECT, **{'Content-Type': encoder.content_type}))
    return response.status_code, response.content


def with_httpx(url):
    with httpx.Client(trust_env=False, timeout=20) as client:
        response = client.post(url, content=CONTENT, headers=EXPECT)
        return response.status_code, response.content


def with_urllib3(url):
    with urllib3.PoolManager(timeout=20, retries=False) as pool:
        response = pool.request('POST', url, body=CONTENT, headers=EXPECT)
        return response.status, response.data


@pytest.mark.parametrize('send', [
    with_http_client, with_requests, with_a_stream_of_requests, with_requests_toolbelt,
    with_httpx, with_urllib3], ids=lambda send: send.__name__[5:])
def test_an_upload_that_nobody_reads_gets_its_response(http_server, refusing, send):
    for _ in range(10):
        assert send(http_server.url('/upload')) == (413, b'too large')
    assert [each.body for each in refusing.history] == [b''] * 10


def test_programs_get_their_response_each_time(http_server, refusing, upload, java, go):
    url = http_server.url('/upload')
    for _ in range(5):
        assert with_curl('-H', 'Expect:', '-T', upload, url)[0] == 413
        assert with_aiohttp(http_server)[0] == 413
        assert java.ask('UPLOAD ' + url).startswith('413')
        assert go.ask('UPLOAD ' + url).startswith('413')
    assert [each.body for each in refusing.history] == [b''] * 20


def test_a_multipart_upload_of_a_stream_is_recorded(http_server, taking):
    assert with_requests_toolbelt(http_server.url('/upload'))[0] == 201
    part = taking.history[0].files['file']
    assert (part.filename, part.content_type, part.content) == ('big.bin', 'image/png', CONTENT)
