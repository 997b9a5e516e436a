# -*- coding: utf-8 -*-
"""Exchanges and failures as lines of JSON: what programs find in them."""
from __future__ import unicode_literals

import json

import pytest

from httptestserver import Failure
from httptestserver.cli.jsonlines import JsonLines
from httptestserver.recording.request import note_tunnel
from httptestserver.recording.tunnel import Tunnel
from support.client import request
from support.recorded import exchanged


def shown(raw=None, **keys):
    """Return the object of a request that got a response of *keys*."""
    return parsed(JsonLines().exchange(exchanged(raw, **keys)))


def parsed(line):
    assert '\n' not in line
    line.encode('ascii')
    return json.loads(line)


def test_an_exchange_has_both_messages():
    found = shown(request('POST', '/caf%C3%A9?a=b', 'X-A: b', body=b'12345'),
                  response_status=201, response_content='caf\u00e9')
    assert (found['type'], found['connection'], found['index'], found['tls'], found['fault']) == (
        'exchange', 0, 0, None, None)
    sent, got = found['request'], found['response']
    assert (sent['method'], sent['target'], sent['version']) == (
        'POST', '/caf%C3%A9?a=b', 'HTTP/1.1')
    assert sent['url'] == 'http://localhost/caf%C3%A9?a=b'
    assert ['X-A', 'b'] in sent['headers']
    assert sent['body'] == {'size': 5, 'cut': False, 'text': '12345'}
    assert (got['status'], got['reason'], got['raw']) == (201, 'Created', False)
    assert got['body'] == {'size': 5, 'cut': False, 'text': 'caf\u00e9'}


@pytest.mark.parametrize('raw, url', [
    (b'GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a.example\r\n\r\n', 'http://a.example/caf\u00e9'),
    (b'GET http://b.example/c HTTP/1.1\r\nHost: b.example\r\n\r\n', 'http://b.example/c'),
    (b'OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n', '*')])
def test_a_request_has_its_whole_url(raw, url):
    assert shown(raw)['request']['url'] == url


@pytest.mark.parametrize('content, expected', [
    (b'', {'size': 0, 'cut': False, 'text': ''}),
    (b'\x00\xff', {'size': 2, 'cut': False, 'base64': 'AP8='}),
    (b'x' * 65536, {'size': 65536, 'cut': False, 'text': 'x' * 65536}),
    (b'x' * 65537, {'size': 65537, 'cut': True, 'text': 'x' * 65536}),
    ('\u2615'.encode('utf-8') * 65536, {'size': 196608, 'cut': False, 'text': '\u2615' * 65536}),
    (b'\0' * 65537, {'size': 65537, 'cut': True, 'base64': 'A' * 87380 + 'AA=='}),
], ids=['empty', 'bytes', 'full', 'long', 'wide', 'long bytes'])
def test_a_body_is_text_or_base64_and_says_whether_it_is_cut(content, expected):
    found = shown(request('POST', body=content), response_content=content)
    assert found['request']['body'] == found['response']['body'] == expected


def test_a_body_that_is_a_file_has_its_path(tmpdir):
    tmpdir.join('page').write_binary(b'abcd')
    assert shown(response_content=tmpdir.join('page'))['response']['body'] == {
        'size': 4, 'cut': True, 'file': str(tmpdir.join('page'))}


def test_a_fault_in_place_of_a_response():
    found = shown(response_fault='reset')
    assert (found['response'], found['fault']) == (None, {'kind': 'reset', 'at': 'response'})


def test_raw_bytes_in_place_of_a_response():
    found = shown(response_raw=b'abc')['response']
    assert (found['status'], found['reason'], found['raw'], found['body']['text']) == (
        None, None, True, 'abc')


def test_a_failure_has_its_reason():
    line = JsonLines().failure(Failure(('127.0.0.1', 5), 7, 0.5, 'no \u2615'))
    assert parsed(line) == {
        'type': 'failure', 'time': '1970-01-01T00:00:00.500Z', 'connection': 7,
        'client': {'host': '127.0.0.1', 'port': 5}, 'reason': 'no \u2615'}


def test_a_tunnel_has_its_target():
    assert parsed(JsonLines().tunnel(Tunnel(3, 'a.example:443', 0.5))) == {
        'type': 'tunnel', 'time': '1970-01-01T00:00:00.500Z', 'connection': 3,
        'target': 'a.example:443'}


def test_a_request_in_a_tunnel_has_that_and_its_url():
    entry = exchanged(b'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n')
    assert parsed(JsonLines().exchange(entry))['tunnel'] is None
    note_tunnel(entry, 'a.example:443')
    entry['tls'] = {'sni': 'a.example'}
    found = parsed(JsonLines().exchange(entry))
    assert (found['tunnel'], found['request']['url'], found['request']['target']) == (
        'a.example:443', 'https://a.example/a', '/a')
