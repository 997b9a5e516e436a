# -*- coding: utf-8 -*-
"""Recordings in HAR files, replayed by another server."""
from __future__ import unicode_literals

import io
import json

import pytest

from httptestserver import http_server
from support.client import Client, request


def asked(server, method='GET', target='/', *fields, **keywords):
    with Client(server) as client:
        client.send(request(method, target, *fields, **keywords))
        return client.answer(method)


def entry(method='GET', url='http://x/', status=200, text='', fields=(), body=None, kind='',
          **others):
    """Return an entry of a HAR as recorders write it."""
    asked = {'method': method, 'url': url, 'httpVersion': 'HTTP/1.1', 'headers': []}
    if body is not None:
        asked['postData'] = {'mimeType': kind, 'text': body}
    answered = {'status': status, 'statusText': 'OK', 'httpVersion': 'HTTP/1.1',
                'headers': [{'name': name, 'value': value} for name, value in fields],
                'content': {'size': len(text), 'mimeType': '', 'text': text}}
    return dict({'request': asked, 'response': answered}, **others)


def har(*entries):
    return {'log': {'version': '1.2', 'creator': {'name': 'x', 'version': '1'},
                    'entries': list(entries)}}


def test_another_server_responds_as_recorded(server):
    with http_server() as recorded:
        recorded.route('GET', '/users', response_json=['Ada'])
        recorded.route('POST', '/users', response_status=201, response_headers=[
            ('Set-Cookie', 'a=b'), ('Set-Cookie', 'c=d')], response_content=b'\xff')
        asked(recorded, 'GET', '/users')
        asked(recorded, 'POST', '/users', body=b'name=Ada')
        document = recorded.har()
    routes = server.replay(document)
    assert [repr(route) for route in routes] == [
        '<Route GET /users query={} body=\'\'>', '<Route POST /users query={} body=\'name=Ada\'>']
    answer = asked(server, 'GET', '/users')
    assert (answer.status, answer.body, answer.get('content-type')) == (
        200, b'["Ada"]', 'application/json')
    answer = asked(server, 'POST', '/users', body=b'name=Ada')
    assert (answer.status, answer.reason, answer.body) == (201, 'Created', b'\xff')
    assert [value for name, value in answer.fields if name == 'set-cookie'] == ['a=b', 'c=d']
    assert len([name for name, _ in answer.fields if name in ('date', 'server')]) == 2
    server.check(unserved=True, unrequested=True)


def test_repeated_requests_get_their_responses_in_order_and_then_the_last(server):
    server.replay(har(*[entry('POST', text=text, body='x') for text in 'abc']))
    assert [asked(server, 'POST', body=b'x').body for _ in range(5)] == [
        b'a', b'b', b'c', b'c', b'c']


@pytest.mark.parametrize('url, other', [
    ('/a', '/a?b=1'), ('/a?b=1', '/a'), ('/a?b=1', '/a?b=2'), ('/a?b=1', '/a?b=1&c=2'),
    ('/a?b=1&b=2', '/a?b=2&b=1'), ('/a', '/b'), ('/a/', '/a'), ('/a%2Fb', '/a/b')])
def test_another_path_or_query_does_not_match(server, url, other):
    server.replay(har(entry(url='http://x' + url)))
    assert asked(server, 'GET', url).status == 200
    assert asked(server, 'GET', other).status == 404


def test_the_order_of_names_in_a_query_does_not_count(server):
    server.replay(har(entry(url='http://x/?a=1&b=2')))
    assert asked(server, 'GET', '/?b=2&a=1').status == 200


def test_a_path_and_a_dict_are_the_same(server, tmpdir):
    path = tmpdir.join('a.har')
    with io.open(str(path), 'w', encoding='utf-8') as file:
        file.write('\ufeff' + json.dumps(har(entry(text='a'))))
    for each in (str(path), path):
        server.reset()
        assert len(server.replay(each)) == 1
        assert asked(server).body == b'a'


def test_what_is_missing_says_what_differs(server):
    server.replay(har(entry('POST', 'http://x/a?b=1', body='{"a": 1}', kind='application/json')))
    text = asked(server, 'POST', '/a?c=1', 'Content-Type: application/json',
                 body=b'{"a": 2}').body.decode()
    assert "query: expected {'b': '1'}, got {'c': '1'}" in text
    assert 'json' in text and '-  "a": 1' in text and '+  "a": 2' in text


def place(*steps):
    """Return a HAR in which a wrong value stands at the place that *steps* lead to."""
    document = har(entry(), entry(body='x'))
    part = document
    for step in steps[:-2]:
        part = part[step]
    part[steps[-2]] = steps[-1]
    return document


@pytest.mark.parametrize('document, words', [
    ({}, 'log is an object, got None (null); so this is no HAR'),
    ({'log': {}}, 'log.entries is a list, got None (null)'),
    (place('log', 'entries', 0, 3), 'log.entries[0] is an object, got 3 (int)'),
    (place('log', 'entries', 1, 'response', 'status', '200'),
     "log.entries[1].response.status is an int, got '200' (str)"),
    (place('log', 'entries', 1, 'request', 'url', None),
     'log.entries[1].request.url is a string, got None (null)'),
    (place('log', 'entries', 1, 'request', 'method', 'a b'),
     "log.entries[1].request: method is a word such as 'GET', got 'a b'"),
])
def test_what_is_wrong_is_named_with_its_file_and_place(server, tmpdir, document, words):
    path = tmpdir.join('wrong.har')
    path.write(json.dumps(document))
    with pytest.raises(ValueError) as caught:
        server.replay(str(path))
    assert str(caught.value).startswith(repr(str(path)) + ': ' + words)
    with pytest.raises(ValueError) as caught:
        server.replay(document)
    assert str(caught.value).startswith('the HAR: ' + words)
    assert asked(server).status == 200


def test_a_file_that_is_not_json_is_named(server, tmpdir):
    path = tmpdir.join('a.har')
    path.write('<html>')
    with pytest.raises(ValueError) as caught:
        server.replay(str(path))
    assert "a.har': this is not JSON: " in str(caught.value)
    assert "it begins with '<html>'" in str(caught.value)
