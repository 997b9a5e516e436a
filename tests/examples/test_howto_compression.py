# -*- coding: utf-8 -*-

"""A client that takes compressed bodies, within a limit, and sends one."""
import contextlib
import json
import zlib

import pytest
import requests

# What zlib calls the three formats.
GZIP, ZLIB, RAW = 31, 15, -15


def compress(content, wbits):
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return packer.compress(content) + packer.flush()


def download(url, limit=1000000):
    body = b''
    response = requests.get(url, timeout=5, stream=True)
    with contextlib.closing(response):
        for piece in response.iter_content(65536):
            body += piece
            if len(body) > limit:
                raise ValueError('more than %d bytes' % limit)
    return body


def upload(url, value):
    body = compress(json.dumps(value).encode('utf-8'), GZIP)
    requests.put(url, body, timeout=5, headers={'Content-Encoding': 'gzip'}).raise_for_status()


@pytest.mark.parametrize('coding, wbits', [('gzip', GZIP), ('deflate', ZLIB), ('deflate', RAW)])
def test_a_compressed_body(http_server, coding, wbits):
    http_server.route(
        'GET', '/users', response_content=compress(b'Ada, Bob', wbits),
        response_headers={'Content-Encoding': coding},
        match=lambda request: coding in request['headers'].get('Accept-Encoding', ''))
    assert download(http_server.url('/users')) == b'Ada, Bob'


def test_a_lying_content_encoding(http_server):
    http_server.enqueue(b'Ada, Bob', response_headers={'Content-Encoding': 'gzip'})
    with pytest.raises(requests.exceptions.ContentDecodingError):
        download(http_server.url('/users'))


def test_a_small_body_that_grows_too_large(http_server):
    http_server.enqueue(compress(b'0' * 10000000, GZIP),
                        response_headers={'Content-Encoding': 'gzip'})
    with pytest.raises(ValueError):
        download(http_server.url('/users'))


def test_a_compressed_request(http_server):
    http_server.route('PUT', '/users', headers={'Content-Encoding': 'gzip'}, response_status=204)
    upload(http_server.url('/users'), ['Ada'] * 1000)
    body = http_server.history[-1]['body']
    assert len(body) < 200
    assert json.loads(zlib.decompress(body, GZIP).decode('utf-8')) == ['Ada'] * 1000
