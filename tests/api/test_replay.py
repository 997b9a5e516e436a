# -*- coding: utf-8 -*-
"""Recordings in HAR files, replayed by another server."""
from __future__ import unicode_literals

import io
import json
import threading

import pytest

from httptestserver import http_server
from support.client import Client, request
from support.marks import needs_extra
from support.tunnels import TunnelClient


def asked(server, method='GET', target='/', *fields, **keywords):
    with Client(server) as client:
        client.send(request(method, target, *fields, **keywords))
        return client.answer(method)


def answered(server, sent):
    """Return the content of the response to the bytes *sent*."""
    with Client(server) as client:
        client.send(sent)
        return client.answer().body


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


def test_requests_that_differ_in_bytes_that_are_not_utf_8_get_their_own_responses(server):
    form = 'content-type: application/x-www-form-urlencoded'
    sent = [request('GET', '/?q=caf%E9'), request('GET', '/?q=caf%E8'),
            request('GET', '/caf%E9'), request('GET', '/caf%C3%A9'),
            request('GET', '/caf%E9').replace(b'/caf%E9', b'/caf\xe8'),
            request('GET', '/?q=caf%E9').replace(b'%E9', b'\xc3\xa9'),
            request('POST', '/', form, body=b'q=%E9'),
            request('POST', '/', form, body=b'q=\xe8')]
    contents = [('%d' % index).encode('ascii') for index in range(len(sent))]
    with http_server() as recorded:
        for content in contents:
            recorded.enqueue(response_content=content)
        assert [answered(recorded, each) for each in sent] == contents
        document = recorded.har()
    server.replay(document)
    assert [answered(server, each) for each in reversed(sent)] == contents[::-1]


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
    (place('log', 'entries', 1, 'response', 'statusText', 'a\0'),
     'log.entries[1] cannot be replayed: response_reason is'),
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


@pytest.mark.parametrize('document', [None, 7, [], io.BytesIO(b'{}')])
def test_what_is_no_document_is_a_type_error(server, document):
    with pytest.raises(TypeError):
        server.replay(document)


def test_another_server_in_place_of_its_document_leads_to_har(server):
    with pytest.raises(TypeError) as caught:
        server.replay(server)
    assert str(caught.value).endswith('; did you mean %r.har()?' % server)


def test_routes_that_are_added_later_come_first(server):
    early = server.route('GET', '/', response_content='early')
    server.replay(har(entry(text='a'), entry(text='b')))
    late = server.route('GET', '/', response_times=1, response_content='late')
    assert [asked(server).body for _ in range(4)] == [b'late', b'a', b'b', b'b']
    assert (len(early.history), len(late.history)) == (0, 1)


def test_a_second_replay_comes_before_the_first(server):
    first, = server.replay(har(entry(text='a')))
    second, = server.replay(har(entry(text='b')))
    assert asked(server).body == b'b'
    second.remove()
    assert asked(server).body == b'a'
    assert (len(first.history), len(second.history)) == (1, 1)


def test_a_reset_removes_what_was_replayed(server):
    server.replay(har(entry()))
    server.reset()
    server.route('GET', '/other')
    assert asked(server).status == 404


def test_a_recorded_route_is_as_any_other(server):
    route, = server.replay(har(entry(text='a'), entry(text='b')))
    with pytest.raises(AssertionError) as caught:
        server.check(unserved=True, unrequested=True)
    assert repr(route) in str(caught.value)
    route.data['response_status'] = 503
    assert [asked(server).status for _ in range(2)] == [200, 503]
    server.check(unserved=True, unrequested=True)


def test_each_of_many_clients_gets_another_of_the_recorded_responses(server):
    server.replay(har(*[entry(text=str(number)) for number in range(40)]))
    bodies = []

    def ask():
        with Client(server) as client:
            bodies.extend([int(client.get().body) for _ in range(10)])
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(bodies) == list(range(40))


def test_another_host_is_replayed_too(server):
    server.replay(har(entry(url='https://a.example:8443/x', text='a')))
    assert asked(server, 'GET', '/x').body == b'a'


@needs_extra
@pytest.mark.usefixtures('guard')
def test_a_proxy_replays_each_host():
    with http_server(proxy=True) as proxy:
        proxy.replay(har(entry(url='https://a.example/', text='a'),
                         entry(url='https://b.example/', text='b'),
                         entry(url='http://a.example/', text='plain')))
        for host, body in [('a.example', b'a'), ('b.example', b'b')]:
            with TunnelClient(proxy, host + ':443') as client:
                client.send(request().replace(b'localhost', host.encode('ascii')))
                assert client.answer().body == body
        assert asked(proxy, 'GET', 'http://a.example/').body == b'plain'
        assert asked(proxy, 'GET', 'http://b.example/').status == 404
        assert asked(proxy).status == 404


def test_head_has_the_length_of_the_content_that_was_not_sent(server):
    with http_server() as recorded:
        recorded.data['response_content'] = b'abc'
        asked(recorded, 'HEAD')
        server.replay(recorded.har())
    answer = asked(server, 'HEAD')
    assert (answer.get('content-length'), answer.body) == ('3', b'')
    assert asked(server, 'GET').status == 404


def test_faults_are_repeated(server):
    with http_server() as recorded:
        recorded.enqueue({'response_content': b'abcdef', 'response_fault': 'disconnect',
                          'response_fault_at': 'body'}, {'response_fault': 'disconnect'},
                         {'response_raw': b'no HTTP'}, 204)
        received = [rest(recorded) for _ in range(4)]
        server.replay(recorded.har())
    assert [without_date(rest(server)) for _ in range(4)] == [
        without_date(each) for each in received]
    assert received[0].endswith(b'\r\n\r\nabc') and received[1] == b'' and (
        received[2] == b'no HTTP')


def rest(server):
    with Client(server) as client:
        client.send(request('GET', '/', 'Connection: close'))
        return client.rest()


def without_date(received):
    return sorted(line for line in received.split(b'\r\n') if not line.startswith(b'Date'))


@pytest.mark.parametrize('keys, fields, words', [
    ({'body_limit': 2}, (), "log.entries[0].request was cut: the first 2 bytes of the body"),
    ({}, ['Content-Encoding: gzip'], ''),
])
def test_a_request_body_that_was_not_kept_is_named(server, keys, fields, words):
    with http_server(**keys) as recorded:
        asked(recorded, 'POST', '/', *fields, body=b'abc')
        document = recorded.har()
    if words:
        with pytest.raises(ValueError) as caught:
            server.replay(document)
        assert str(caught.value).startswith('the HAR: ' + words)
    else:
        server.replay(document)
        assert asked(server, 'POST', '/', *fields, body=b'abc').status == 200
        assert asked(server, 'POST', '/', *fields, body=b'abd').status == 404


def test_streamed_content_is_named_by_its_entry(server, tmpdir):
    tmpdir.join('a').write('x')
    with http_server() as recorded:
        recorded.data['response_content'] = tmpdir.join('a')
        asked(recorded)
        with pytest.raises(ValueError) as caught:
            server.replay(recorded.har())
    assert 'log.entries[0].response.content is not whole: streamed from ' in str(caught.value)
