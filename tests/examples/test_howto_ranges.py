# -*- coding: utf-8 -*-

"""A download that continues where the connection broke."""
import contextlib
import io
import re

import pytest
import requests

BODY = bytes(bytearray(range(250))) * 40


def download(url, target, tries=3):
    """Write the body to the open file *target*."""
    etag = size = None
    for _ in range(tries):
        headers = {'Range': 'bytes=%d-' % target.tell(), 'If-Range': etag} if etag else {}
        try:
            response = requests.get(url, headers=headers, stream=True, timeout=5)
            with contextlib.closing(response):
                response.raise_for_status()
                # A 200 is the whole file, perhaps another one than before.
                if response.status_code == 200:
                    target.seek(0)
                    target.truncate()
                etag = response.headers.get('ETag')
                size = target.tell() + int(response.headers['Content-Length'])
                for piece in response.iter_content(1000):
                    target.write(piece)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            pass
        if target.tell() == size:
            return
    raise IOError('only %d bytes came' % target.tell())


def part(request):
    """Respond with the range that the request asks for, if its ETag is the current one."""
    asked = re.match(r'bytes=(\d+)-$', request['headers'].get('Range', ''))
    if not asked or request['headers'].get('If-Range', '"1"') != '"1"':
        return {'response_content': BODY, 'response_headers': {'ETag': '"1"'}}
    first = int(asked.group(1))
    if first >= len(BODY):
        return {'response_status': 416,
                'response_headers': {'Content-Range': 'bytes */%d' % len(BODY)}}
    return {'response_status': 206, 'response_content': BODY[first:], 'response_headers': {
        'ETag': '"1"', 'Content-Range': 'bytes %d-%d/%d' % (first, len(BODY) - 1, len(BODY))}}


def test_a_broken_download_continues(http_server):
    file = http_server.route('GET', '/file', response_callback=part)
    file.enqueue(response_callback=part, response_fault='disconnect', response_fault_at=4000)
    target = io.BytesIO()
    download(http_server.url('/file'), target)
    assert target.getvalue() == BODY
    assert [each['headers'].get('Range') for each in file.history] == [None, 'bytes=4000-']


def test_a_file_that_has_changed_is_loaded_from_its_start(http_server):
    file = http_server.route('GET', '/file', response_callback=part)
    file.enqueue(b'old' * 3000, response_headers={'ETag': '"0"'},
                 response_fault='disconnect', response_fault_at=4000)
    target = io.BytesIO()
    download(http_server.url('/file'), target)
    assert target.getvalue() == BODY
    file.assert_requested(headers={'Range': 'bytes=4000-', 'If-Range': '"0"'})


def test_a_service_without_ranges(http_server):
    file = http_server.route('GET', '/file', response_content=BODY,
                             response_headers={'ETag': '"1"'})
    file.enqueue(BODY, response_headers={'ETag': '"1"'},
                 response_fault='disconnect', response_fault_at=4000)
    target = io.BytesIO()
    download(http_server.url('/file'), target)
    assert target.getvalue() == BODY


def test_a_download_that_breaks_each_time(http_server):
    http_server.route('GET', '/file', response_callback=part, response_fault='disconnect',
                      response_fault_at=1000)
    with pytest.raises(IOError):
        download(http_server.url('/file'), io.BytesIO())
    http_server.assert_requested('GET', '/file', count=3)
