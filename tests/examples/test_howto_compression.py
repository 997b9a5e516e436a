# -*- coding: utf-8 -*-

"""A client that takes compressed bodies, within a limit, and sends one."""
import contextlib
import gzip
import io
import json
import re
import zlib

import pytest
import requests


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
    file = io.BytesIO()
    with contextlib.closing(gzip.GzipFile(fileobj=file, mode='wb')) as packed:
        packed.write(json.dumps(value).encode('utf-8'))
    requests.put(url, file.getvalue(), timeout=5,
                 headers={'Content-Encoding': 'gzip'}).raise_for_status()


@pytest.mark.parametrize('coding', ['gzip', 'deflate'])
def test_a_compressed_body(http_server, coding):
    http_server.route(
        'GET', '/users', response_content='Ada, Bob', response_content_encoding=coding,
        headers={'Accept-Encoding': re.compile(coding)})
    assert download(http_server.url('/users')) == b'Ada, Bob'
    assert http_server.history[0].response_content != b'Ada, Bob'


def test_compressed_pieces(http_server):
    http_server.route('GET', '/log', response_content=[b'one\n', b'two\n'],
                      response_content_encoding='gzip')
    assert download(http_server.url('/log')) == b'one\ntwo\n'


def test_a_lying_content_encoding(http_server):
    http_server.enqueue(b'Ada, Bob', response_headers={'Content-Encoding': 'gzip'})
    with pytest.raises(requests.exceptions.ContentDecodingError):
        download(http_server.url('/users'))


def test_a_small_body_that_grows_too_large(http_server):
    http_server.enqueue(b'0' * 10000000, response_content_encoding='gzip')
    with pytest.raises(ValueError):
        download(http_server.url('/users'))


def test_raw_deflate(http_server):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = packer.compress(b'Ada, Bob') + packer.flush()
    http_server.enqueue(content, response_headers={'Content-Encoding': 'deflate'})
    assert download(http_server.url('/users')) == b'Ada, Bob'


def test_a_compressed_request(http_server):
    http_server.route('PUT', '/users', headers={'Content-Encoding': 'gzip'},
                      json=['Ada'] * 1000, response_status=204)
    upload(http_server.url('/users'), ['Ada'] * 1000)
    request = http_server.history[-1]
    assert len(request.body) < 200 and len(request.content) == 7000
    assert request.json() == ['Ada'] * 1000
