# -*- coding: utf-8 -*-
"""Uploads of clients that ask first."""
import asyncio
import os
import subprocess

import pytest

from support import installed

aiohttp = installed.module('aiohttp')
requests = installed.module('requests')
toolbelt = installed.module('requests_toolbelt')

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


def with_aiohttp(url, **options):
    """Return (status, whether the body was begun) of what aiohttp does."""
    begun = []

    async def body():
        begun.append(True)
        for _ in range(8):
            yield CONTENT[:SIZE // 8]

    async def scenario():
        async with aiohttp.ClientSession() as session:
            async with session.post(url, data=body(), **options) as response:
                return response.status

    return asyncio.run(scenario()), bool(begun)


@pytest.fixture(name='taking')
def make_taking(http_server):
    """A route that reads uploads."""
    return http_server.route(path='/upload', response_status=201)


def test_curl_sends_the_body_after_100(http_server, taking, upload):
    assert with_curl('-T', upload, http_server.url('/upload')) == (201, True, SIZE)
    assert taking.history[0].body == CONTENT


def test_aiohttp_sends_the_body_after_100(http_server, taking):
    assert with_aiohttp(http_server.url('/upload'), expect100=True) == (201, True)
    assert taking.history[0].body == CONTENT


def test_node_sends_the_body_after_100(http_server, taking, node):
    assert node.ask('expect ' + http_server.url('/upload')) == '201 true'
    assert taking.history[0].body == CONTENT


def test_java_sends_the_body_after_100(http_server, taking, java):
    assert java.ask('EXPECT ' + http_server.url('/upload')) == '201 true'
    assert taking.history[0].body == b'\0' * SIZE


def test_go_sends_the_body_after_100(http_server, taking, go):
    assert go.ask('EXPECT ' + http_server.url('/upload')) == '201 true true'
    assert taking.history[0].body == b'\0' * SIZE


def with_requests_toolbelt(url):
    encoder = toolbelt.MultipartEncoder({'file': ('big.bin', CONTENT, 'image/png')})
    response = requests.post(url, encoder, timeout=20, headers=dict(
        EXPECT, **{'Content-Type': encoder.content_type}))
    return response.status_code, response.content


def test_a_multipart_upload_of_a_stream_is_recorded(http_server, taking):
    assert with_requests_toolbelt(http_server.url('/upload'))[0] == 201
    part = taking.history[0].files['file']
    assert (part.filename, part.content_type, part.content) == ('big.bin', 'image/png', CONTENT)
