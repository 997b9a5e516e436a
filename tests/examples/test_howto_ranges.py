# -*- coding: utf-8 -*-

"""A download that continues where the connection broke."""
import contextlib
import io

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


def test_a_broken_download_resumes(http_server):
    keys = {'response_content': BODY, 'response_ranges': True}
    file = http_server.route('GET', '/file', **keys)
    file.enqueue(keys, response_fault='disconnect', response_fault_at=4000)
    target = io.BytesIO()
    download(http_server.url('/file'), target)
    assert target.getvalue() == BODY
    assert [each.headers.get('Range') for each in file.history] == [None, 'bytes=4000-']
    assert [each.response_status for each in file.history] == [200, 206]


def test_a_file_that_has_changed_is_loaded_from_its_start(http_server):
    file = http_server.route('GET', '/file', response_content=BODY, response_ranges=True)
    file.enqueue(response_content=b'old' * 3000, response_ranges=True,
                 response_fault='disconnect', response_fault_at=4000)
    target = io.BytesIO()
    download(http_server.url('/file'), target)
    assert target.getvalue() == BODY
    file.assert_requested(headers={'Range': 'bytes=4000-'})
    assert file.history[-1].response_status == 200


def test_a_service_without_ranges(http_server):
    keys = {'response_content': BODY, 'response_headers': {'ETag': '"1"'}}
    file = http_server.route('GET', '/file', **keys)
    file.enqueue(keys, response_fault='disconnect', response_fault_at=4000)
    target = io.BytesIO()
    download(http_server.url('/file'), target)
    assert target.getvalue() == BODY


def test_a_file_on_disk(http_server, tmp_path):
    path = tmp_path / 'file'
    path.write_bytes(BODY)
    http_server.route('GET', '/file', response_content=path, response_ranges=True)
    part = requests.get(http_server.url('/file'), headers={'Range': 'bytes=-5'}, timeout=5)
    assert (part.status_code, part.content) == (206, BODY[-5:])
    assert part.headers['Content-Range'] == 'bytes 9995-9999/10000'


def test_a_download_that_breaks_each_time(http_server):
    file = http_server.route('GET', '/file', response_content=BODY, response_ranges=True,
                             response_fault='disconnect', response_fault_at=1000)
    with pytest.raises(IOError):
        download(http_server.url('/file'), io.BytesIO())
    assert [each.headers.get('Range') for each in file.history] == [
        None, 'bytes=1000-', 'bytes=2000-']
