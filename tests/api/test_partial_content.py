# -*- coding: utf-8 -*-
"""Ranges and conditions over a connection, together with the other keys of a response."""
from __future__ import unicode_literals

import io
import threading

import pytest

from support.client import Client, request
from support.contents import content_of
from support.marks import both_schemes

CONTENT = content_of(10000)


def ask(server, *lines, **more):
    with Client(server) as client:
        client.send(request(more.get('method', 'GET'), '/', *lines))
        return client.answer(more.get('method', 'GET'))


@both_schemes
def test_a_part_is_sent(server):
    server.data.update(response_content=CONTENT, response_ranges=True)
    answer = ask(server, 'Range: bytes=4000-')
    assert (answer.status, answer.reason, answer.body) == (206, 'Partial Content', CONTENT[4000:])
    assert answer.get('content-range') == 'bytes 4000-9999/10000'
    assert answer.get('content-length') == '6000'
    entry = server.history[0]
    assert (entry.response_status, entry.response_content) == (206, CONTENT[4000:])
    assert ('Content-Range', 'bytes 4000-9999/10000') in entry.response_headers


def test_a_download_breaks_and_resumes(server):
    server.data.update(response_content=CONTENT, response_ranges=True)
    server.enqueue(response_content=CONTENT, response_ranges=True,
                   response_fault='disconnect', response_fault_at=4000)
    with Client(server) as client:
        client.send(request())
        head, _, start = client.rest().partition(b'\r\n\r\n')
    assert b'Content-Length: 10000' in head and start == CONTENT[:4000]
    assert start + ask(server, 'Range: bytes=4000-').body == CONTENT


def test_head_has_the_fields_of_get(server):
    server.data.update(response_content=CONTENT, response_ranges=True)
    whole, head = ask(server), ask(server, 'Range: bytes=0-1', method='HEAD')
    dated = ('date',)
    assert [pair for pair in head.fields if pair[0] not in dated] == [
        pair for pair in whole.fields if pair[0] not in dated]
    assert (head.status, head.body) == (200, b'')


def test_a_304_keeps_the_connection(server):
    server.data.update(response_content=io.BytesIO(CONTENT), response_ranges=True)
    with Client(server) as client:
        client.send(request())
        etag = client.answer('GET').get('etag')
        for lines, status in [(['If-None-Match: ' + etag], 304), (['If-Match: "x"'], 412),
                              (['Range: bytes=10000-'], 416), (['Range: bytes=5-6'], 206)]:
            client.send(request('GET', '/', *lines))
            assert client.answer('GET').status == status
    assert len(server.history) == 5


@pytest.mark.parametrize('keys', [
    {'response_content': [b'a']}, {'response_content': iter([b'a'])}, {'response_events': []},
    {'response_raw': b''}, {'response_content': ()}])
def test_content_without_a_length_is_refused_where_it_is_written(server, keys):
    with pytest.raises(ValueError) as caught:
        server.enqueue(dict(keys, response_ranges=True))
    assert 'length is known' in str(caught.value)
    server.data['response_ranges'] = True
    with pytest.raises(ValueError):
        server.data.update(keys)
    with pytest.raises(ValueError):
        server.route('GET', '/', response_ranges=True, **{str(key): keys[key] for key in keys})


def test_a_stream_is_refused(server):
    with pytest.raises(ValueError):
        server.enqueue(response_content=server.stream(), response_ranges=True)


# Together with other keys.

@pytest.fixture(params=['bytes', 'file', 'text'])
def content(request, tmpdir):
    if request.param == 'bytes':
        yield CONTENT
    elif request.param == 'text':
        # The range counts bytes of UTF-8.
        yield '\u20ac' * 3333 + 'x'
    else:
        path = tmpdir.join('content')
        path.write_binary(CONTENT)
        with io.open(str(path), 'rb') as opened:
            yield opened


def whole(content):
    return CONTENT if hasattr(content, 'read') else \
        content if isinstance(content, bytes) else content.encode('utf-8')


@pytest.mark.parametrize('at, count', [(0, 0), (100, 100), ('body', 500), (1000, 1000),
                                       ('end', 1000)])
def test_a_fault_counts_the_bytes_of_the_part(server, content, at, count):
    server.data.update(response_content=content, response_ranges=True,
                       response_fault='disconnect', response_fault_at=at)
    with Client(server) as client:
        client.send(request('GET', '/', 'Range: bytes=5000-5999'))
        head, _, body = client.rest().partition(b'\r\n\r\n')
    assert b'HTTP/1.1 206 ' in head and b'Content-Length: 1000' in head
    assert body == whole(content)[5000:5000 + count]
    assert server.history[0].response_content == body


def test_a_fault_in_a_response_without_content_comes_after_its_head(server):
    server.data.update(response_content=CONTENT, response_ranges=True,
                       response_fault='disconnect', response_fault_at='body')
    with Client(server) as client:
        client.send(request('GET', '/', 'If-None-Match: *'))
        assert client.rest().startswith(b'HTTP/1.1 304 ')


def test_a_rate_counts_the_bytes_of_the_part(server, content):
    # At this rate the whole content would take minutes.
    server.data.update(response_content=content, response_ranges=True, response_rate=100)
    assert ask(server, 'Range: bytes=-5').body == whole(content)[-5:]


def test_a_delay_a_hold_and_trailers(server, content):
    event = threading.Event()
    event.set()
    server.data.update(response_content=content, response_ranges=True, response_timeout=0.01,
                       response_hold=event, response_trailers={'X-T': 'u'})
    answer = ask(server, 'Range: bytes=0-4')
    assert (answer.status, answer.body) == (206, whole(content)[:5])
    assert answer.get('transfer-encoding') == 'chunked'
    assert ask(server, 'If-None-Match: *').status == 304


def test_http_1_0_has_ranges_too(server, content):
    server.data.update(response_content=content, response_ranges=True)
    with Client(server) as client:
        client.send(b'GET / HTTP/1.0\r\nRange: bytes=0-1,5-6\r\n\r\n')
        head, _, body = client.rest().partition(b'\r\n\r\n')
    assert b'multipart/byteranges' in head
    assert b'Content-Length: %s' % str(len(body)).encode('ascii') in head


def test_requests_in_a_pipeline(server, content):
    server.data.update(response_content=content, response_ranges=True)
    with Client(server) as client:
        client.send(b''.join([request('GET', '/', 'Range: bytes=%d-%d' % (at, at + 9))
                              for at in range(0, 100, 10)]))
        assert b''.join([client.answer('GET').body for _ in range(10)]) == whole(content)[:100]


def test_each_part_of_a_large_file(server, tmpdir):
    path = tmpdir.join('content')
    path.write_binary(CONTENT * 300)
    with io.open(str(path), 'rb') as opened:
        server.data.update(response_content=opened, response_ranges=True)
        answer = ask(server, 'Range: bytes=10-1999999,2500000-2999999')
    kind, boundary = answer.get('content-type').split('; boundary=')
    assert len(answer.body) == int(answer.get('content-length'))
    parts = answer.body.split(b'--' + boundary.encode('ascii'))
    assert parts[1].partition(b'\r\n\r\n')[2] == (CONTENT * 300)[10:2000000] + b'\r\n'
    assert parts[2].partition(b'\r\n\r\n')[2] == (CONTENT * 300)[2500000:] + b'\r\n'
    assert len(server.history[0].response_content) == 1048576


def test_each_value_may_be_made(server):
    server.data['response_callback'] = lambda request: {
        'response_json': list(range(10)), 'response_ranges': lambda request: request.path == '/'}
    answer = ask(server, 'Range: bytes=1-3')
    assert (answer.status, answer.body) == (206, b'0, ')
    assert answer.get('content-type') == 'application/json'


@pytest.mark.parametrize('made', [lambda: [b'a'], lambda: iter([b'a'])])
def test_a_function_that_returns_content_without_a_length_is_a_500(server, made):
    server.data.update(response_content=lambda request: made(), response_ranges=True)
    answer = ask(server)
    assert answer.status == 500 and b'length is known' in answer.body
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert 'length is known' in str(caught.value)


@pytest.mark.parametrize('key, value', [('response_events', ['a']), ('response_raw', b'raw')])
def test_a_callback_without_a_length_beside_ranges_is_a_500(server, key, value):
    server.data.update(response_callback=lambda request: {key: value}, response_ranges=True)
    answer = ask(server)
    assert answer.status == 500 and key.encode('ascii') in answer.body


def test_a_file_that_shrinks_within_its_part_ends_the_connection(server, tmpdir):
    path = tmpdir.join('content')
    path.write_binary(CONTENT * 100)
    shrink = threading.Event()

    class Shrinking(io.FileIO):
        def read(self, size):
            piece = io.FileIO.read(self, size)
            if not shrink.is_set():
                shrink.set()
                path.write_binary(CONTENT)
            return piece

    with Shrinking(str(path)) as opened:
        server.data.update(response_content=opened, response_ranges=True)
        with Client(server) as client:
            client.send(request('GET', '/', 'Range: bytes=5-'))
            assert len(client.rest()) < 999995
    with pytest.raises(AssertionError) as caught:
        server.check()
    # The position in the file is reported, and not that in the part.
    assert 'it ended after 65541' in str(caught.value)


def test_har_has_the_part(server):
    server.data.update(response_content='0123456789', response_ranges=True)
    ask(server, 'Range: bytes=2-4')
    response = server.har()['log']['entries'][0]['response']
    assert (response['status'], response['content']['size']) == (206, 3)
    assert {'name': 'Content-Range', 'value': 'bytes 2-4/10'} in response['headers']


def test_response_times_and_reset(server):
    server.data.update(response_content=CONTENT, response_ranges=True, response_times=1)
    assert ask(server, 'Range: bytes=-1').status == 206
    assert ask(server, 'Range: bytes=-1').body == b''
    server.data.update(response_content=CONTENT, response_ranges=True, response_reset=True)
    assert ask(server, 'Range: bytes=-1').status == 206
    assert server.history == []


def test_an_early_response_has_ranges(server):
    server.data.update(response_content=CONTENT, response_ranges=True, response_early=True)
    assert ask(server, 'Range: bytes=-1').status == 206
