# -*- coding: utf-8 -*-
"""Ranges and conditions over a connection, together with the other keys of a response."""
from __future__ import unicode_literals

import io

import pytest

from support.client import Client, request
from support.marks import both_schemes

CONTENT = bytes(bytearray(range(250))) * 40


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
    {'response_raw': b''}])
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
