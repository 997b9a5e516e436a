# -*- coding: utf-8 -*-
"""Scenarios in JSON: what they make a server do, and the errors of wrong ones."""
from __future__ import unicode_literals

import io
import json
import re

import pytest
from six import ensure_text, string_types

from httptestserver import http_server
from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.cli.scriptfile import ROUTE, Scenario, ScriptError
from support.client import Client, request


@pytest.fixture
def script(tmpdir):
    """Return a function that makes a `Scenario` of a document, or of text."""
    def make(document):
        text = document if isinstance(document, string_types) else json.dumps(document)
        with io.open(str(tmpdir.join('api.json')), 'w', encoding='utf-8') as file:
            file.write(ensure_text(text))
        return Scenario(str(tmpdir.join('api.json')))
    return make


def responses(server, *requests):
    """Return the status and the content of each response."""
    found = []
    for raw in requests:
        with Client(server) as client:
            client.send(raw)
            response = client.answer()
            found.append((response.status, response.body))
    return found


def test_each_part_scripts_the_server(script):
    with http_server() as server:
        script({'data': {'response_status': 418},
                'queue': [503, 'text', {'response_json': {'a': 1}},
                          {'response_events': ['a', {'data': {'b': 1}, 'id': 7}]}],
                'routes': [{'path': '/users/{id}', 'response_content': 'caf\u00e9'}]}
               ).apply(server)
        assert responses(server, request(), request('GET', '/users/7'), *[request()] * 4) == [
            (503, b''), (200, 'caf\u00e9'.encode('utf-8')), (200, b'text'), (200, b'{"a": 1}'),
            (200, b'data: a\n\nid: 7\ndata: {"b": 1}\n\n'), (418, b'')]


def test_a_response_may_be_early(script):
    with http_server() as server:
        script({'routes': [{'method': 'PUT', 'response_status': 413, 'response_early': True},
                           {'path': '/a', 'body': 'b'}]}).apply(server)
        assert responses(server, request('PUT', '/b', 'Content-Length: 1'),
                         request('PUT', '/a', body=b'b')) == [(413, b''), (200, b'')]


@pytest.mark.parametrize('criteria, raw', [
    ({'method': 'POST'}, request('POST')),
    ({'method': ['PUT', 'POST']}, request('POST')),
    ({'path': '/caf\u00e9'}, request('GET', '/caf%C3%A9')),
    ({'query': {'\u00e9': ['1', '2']}}, request('GET', '/?%C3%A9=1&%C3%A9=2')),
    ({'headers': {'x-a': 'b'}}, request('GET', '/', 'X-A: b')),
    ({'body': 'caf\u00e9'}, request('POST', '/', body='caf\u00e9'.encode('utf-8'))),
    ({'json': {'\u00e9': [None, '\u2615']}},
     request('POST', '/', body='{"\u00e9": [null, "\u2615"]}'.encode('utf-8'))),
    ({'form': {'a': '\u00e9'}},
     request('POST', '/', 'Content-Type: application/x-www-form-urlencoded', body=b'a=%C3%A9')),
    ({'cookies': {'a': 'b'}}, request('GET', '/', 'Cookie: a=b')),
    ({'path': {'regex': '^/caf(%C3%A9|e)$'}}, request('GET', '/caf%C3%A9')),
    ({'path': '/files/{path...}'}, request('GET', '/files/a/b')),
    ({'query': {'page': 2, 'debug': None}}, request('GET', '/?page=2')),
    ({'headers': {'x-a': {'regex': '^b'}, 'x-b': None}}, request('GET', '/', 'X-A: bc')),
    ({'body': {'regex': '^\u00e9'}}, request('POST', '/', body='\u00e9a'.encode('utf-8'))),
    ({'json_has': {'a': [{'b': None}]}},
     request('POST', '/', body=b'{"a": [{"b": null, "c": 1}]}')),
    ({'json': {'regex': '^a'}}, request('POST', '/', body=b'{"regex": "^a"}')),
    ({'json_has': {'regex': '^a'}}, request('POST', '/', body=b'{"regex": "^a", "b": 1}')),
    ({'files': {'a': {'regex': '^x'}, 'b': None}},
     request('POST', '/', 'Content-Type: multipart/form-data; boundary=B', body=(
         b'--B\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\nxy\r\n--B--'))),
    ({'auth': ['a', 'b']}, request('GET', '/', 'Authorization: Basic YTpi')),
    ({'auth': 't'}, request('GET', '/', 'Authorization: Bearer t')),
], ids=lambda value: ''.join(value) if isinstance(value, dict) else '')
def test_a_route_has_its_criteria(script, criteria, raw):
    with http_server() as server:
        script({'routes': [dict(criteria, response_status=201)]}).apply(server)
        other = request('DELETE', '/other')
        assert [status for status, _ in responses(server, raw, other)] == [201, 404]


def test_a_route_has_a_queue(script):
    with http_server() as server:
        script({'routes': [{'path': '/', 'queue': [503, {'response_status': 429}],
                            'response_status': 201}]}).apply(server)
        assert [status for status, _ in responses(server, *[request()] * 3)] == [503, 429, 201]


def test_the_last_route_that_matches_responds(script):
    with http_server() as server:
        script({'routes': [{'response_status': 201},
                           {'path': '/', 'response_status': 202}]}).apply(server)
        assert [status for status, _ in responses(server, request(), request('GET', '/x'))] == [
            202, 201]


def test_raw_responses_are_text_in_json(script):
    with http_server() as server:
        script({'queue': [{'response_raw': 'HTTP/1.1 299 \u00e9\r\nContent-Length: 0\r\n\r\n'}]}
               ).apply(server)
        with Client(server) as client:
            client.send(request())
            assert client.rest() == (
                'HTTP/1.1 299 \u00e9\r\nContent-Length: 0\r\n\r\n'.encode('utf-8'))


@pytest.mark.parametrize('document, error', [
    ([], 'the script is an object, got []'),
    ({'route': []}, 'route is not a key of a script; did you mean routes? '
                    'All of them: data, queue, routes'),
    ({'data': 5}, 'data is an object of response_* keys, got 5'),
    ({'data': {'response_statu': 1}},
     'data.response_statu is not a key of a response; did you mean response_status? All of'),
    ({'data': {'respons_status': 1}},
     'data.respons_status is not a key of a response; did you mean response_status? All of'),
    ({'data': {'response_status': 'OK'}},
     'data.response_status is an integer from 100 to 999, got "OK"'),
    ({'data': {'response_json': 1, 'response_content': ''}},
     'data: response_content and response_json are both set'),
    ({'queue': {}}, 'queue is a list, got {}'),
    ({'queue': [200, 99]}, 'queue[1] is a status from 100 to 999, a string, or an object of '),
    ({'queue': [[]]}, 'queue[0] is a status from 100 to 999, a string, or an object of response_'),
    ({'queue': [{'response_hold': 1}]},
     'queue[0].response_hold is code, which a script in a file cannot contain'),
    ({'data': {'response_callback': 'f'}},
     'data.response_callback is code, which a script in a file cannot contain'),
    ({'data': {'response_events': 'a'}},
     'data.response_events is a list of events, each a string or an object, got "a"'),
    ({'data': {'response_events': ['a', {'name': 1}]}},
     'data.response_events[1]: name is not a key of an event'),
    ({'data': {'response_events': [], 'response_json': 1}},
     'data: response_json and response_events are both set'),
    ({'data': {'response_content': 5}}, 'data.response_content is a string, a list of strings, '
                                        'null or {"file": "NAME"}, got 5'),
    ({'data': {'response_content': ['a', {'file': 'b'}]}}, 'data.response_content is a string, a'),
    ({'data': {'response_content': {'file': 'b', 'a': 1}}}, 'data.response_content is a string, a'),
    ({'data': {'response_content': {'path': 'b'}}}, 'data.response_content is a string, a list'),
    ({'routes': [{'response_content': {'file': ['b']}}]},
     'routes[0].response_content.file is a string, got ["b"]'),
    ({'queue': [{'response_content': {'file': 'none'}}]},
     "queue[0].response_content: the file 'none' cannot be read: No such file or directory"),
    ({'routes': [{}, {'queue': [{'response_content': {'file': '../a'}}]}]},
     "routes[1].queue[0].response_content: the file '../a' is not below the folder of the script"),
    ({'data': 'x' * 500}, 'data is an object of response_* keys, got "%s... (502 characters)'
     % ('x' * 199)),
    ({'queue': [{'response_fault_at': 'end'}]},
     'queue[0]: response_fault_at is set without response_fault'),
    ({'queue': [{'response_fault': 'reset', 'response_fault_at': 'handshake'}]},
     "queue[0]: response_fault_at is 'handshake', but this server speaks plain http"),
    ({'routes': {}}, 'routes is a list, got {}'),
    ({'routes': [5]}, 'routes[0] is an object, got 5'),
    ({'routes': [{}, {}, {'response_statu': 1}]},
     'routes[2].response_statu is not a key of a response; did you mean response_status? All of'),
    ({'routes': [{'metod': 'GET'}]},
     'routes[0].metod is not a key of a route; did you mean method? '
     'All of them: method, path, query, headers, body, json, form, cookies, json_has, files, auth, '
     'queue'),
    ({'routes': [{'respons_status': 1}]},
     'routes[0].respons_status is not a key of a route; did you mean response_status? All of'),
    ({'routes': [{'path': '/a', 'count': 1}]},
     'routes[0].count has no effect, because only a test checks how many requests came; for a '
     'number of responses there is response_times'),
    ({'routes': [{'match': 'x'}]}, 'routes[0].match is not a key of a route. All of them: method'),
    ({'routes': [{'status': 404}]},
     'routes[0].status is not a key of a route; did you mean response_status? All of them: method'),
    ({'routes': [{'url': '/'}]}, 'routes[0].url is not a key of a route; did you mean path? All'),
    ({'routes': [{'name': 'x'}]}, 'routes[0].name is not a key of a route. All of them: method'),
    ({'data': {'status': 404}},
     'data.status is not a key of a response; did you mean response_status? All of them: '),
    ({'routes': [{'method': 5}]}, 'routes[0].method is a string, or a list of strings, got 5'),
    ({'routes': [{'method': [5]}]}, 'routes[0].method is a string, or a list of strings, got ['),
    ({'routes': [{'path': {}}]}, 'routes[0].path is a string or {"regex": "PATTERN"}, got {}'),
    ({'routes': [{'query': 'a=b'}]}, 'routes[0].query is an object of names and values, got "a=b"'),
    ({'routes': [{'query': {'page': 1.5}}]}, 'routes[0].query.page is a string, an integer, {"re'),
    ({'routes': [{'query': {'page': {'regex': '('}}}]},
     'routes[0].query.page.regex is a regular expression, got "(": '),
    ({'routes': [{'auth': ['a:b', 'c']}]}, 'routes[0]: auth is (user, password) for Basic or'),
    ({'routes': [{}, {'path': 'http://a b/'}]}, 'routes[1]: path is a URL whose host is a name or'),
    ({'routes': [{}, {'queue': [{'response_jso': 1}]}]},
     'routes[1].queue[0].response_jso is not a key of a response; did you mean response_json?'),
    ({'routes': [{'r\u00e9sponse': 1}]}, 'routes[0].r\u00e9sponse is not a key of a route; did'),
    ('{"data": \n }', 'api.json is not JSON: '),
    ('{', 'api.json is not JSON: '),
], ids=lambda value: None if isinstance(value, string_types) else json.dumps(value))
def test_what_is_wrong_is_named_with_file_and_place(script, tmpdir, document, error):
    with pytest.raises(ScriptError) as raised:
        with http_server() as server:
            script(document).apply(server)
    path = str(tmpdir.join('api.json'))
    text = raised.value.args[0]
    text = text if isinstance(text, type('')) else text.decode('utf-8')
    if error.startswith('api.json'):
        assert text.startswith(path + error[len('api.json'):])
    else:
        assert text.startswith('%s: %s' % (path, error))
    assert '\n' not in text


@pytest.mark.parametrize('document', [
    {'data': {'response_content': {'file': 'a.json'}}},
    {'queue': [{'response_content': {'file': 'sub/../a.json'}}]},
    {'routes': [{'response_content': {'file': 'a.json'}}]},
    {'routes': [{'queue': [{'response_content': {'file': './a.json'}}]}]},
], ids=json.dumps)
def test_content_may_be_a_file_in_the_folder_of_the_script(script, tmpdir, document):
    tmpdir.join('sub').mkdir()
    tmpdir.join('a.json').write_binary(b'["\xff"]')
    with http_server() as server:
        script(document).apply(server)
        assert responses(server, request()) == [(200, b'["\xff"]')]


def test_a_file_means_nothing_inside_json(script):
    document = {'file': 'none'}
    with http_server() as server:
        script({'data': {'response_json': document}}).apply(server)
        assert json.loads(responses(server, request())[0][1].decode()) == document


@pytest.mark.parametrize('document', [
    {'data': {'code': 1}}, {'routes': [{'respons_callback': 1}]}, {'queue': [{'response_hol': 1}]}],
    ids=json.dumps)
def test_messages_name_only_what_a_file_can_hold(script, document):
    with pytest.raises(ScriptError) as caught:
        script(document)
    assert not re.search('callback is|hold\\b|callback,|did you mean response_(callback|hold)',
                         str(caught.value).replace('respons_callback is', ''))


@pytest.mark.parametrize('text, place', [
    ('{"data": {}, "data": {}}', 'data'),
    ('{"routes": [{}, {"path": "/a", "method": "GET", "path": "/b"}]}', 'routes[1].path'),
    ('{"data": {"response_json": [{"a": [{"b": 1, "b": 1}]}]}}', 'data.response_json[0].a[0].b'),
    ('{"queue": [1, {"response_headers": {"A": "1", "A": "2"}}]}', 'queue[1].response_headers.A'),
    ('{"queue": [{"c": 1, "c": 2}], "data": {"d": 1, "d": 2}}', 'queue[0].c'),
])
def test_a_name_that_is_there_twice_is_an_error(script, tmpdir, text, place):
    with pytest.raises(ScriptError) as caught:
        script(text)
    assert str(caught.value) == '%s: %s is there twice; keep one of the two' % (
        tmpdir.join('api.json'), place)


def test_a_message_cannot_write_to_the_terminal(script):
    with pytest.raises(ScriptError) as caught:
        script('{"a\\u001b[31m\\n": 1}')
    assert r': a\x1b[31m\n is not a key of a script' in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(tmpdir):
    with pytest.raises(ScriptError) as raised:
        Scenario(str(tmpdir.join('none.json')))
    assert str(raised.value) == 'cannot read %s: No such file or directory' % (
        tmpdir.join('none.json'))


def test_a_file_that_is_not_utf_8_is_an_error(tmpdir):
    tmpdir.join('api.json').write_binary(b'"\xff"')
    with pytest.raises(ScriptError) as raised:
        Scenario(str(tmpdir.join('api.json')))
    assert str(raised.value).startswith('%s is not JSON: ' % tmpdir.join('api.json'))


def test_what_is_nested_too_deep_is_an_error(tmpdir):
    path = tmpdir.join('deep.json')
    path.write(b'[' * 100000, mode='wb')
    with pytest.raises(ScriptError) as caught:
        Scenario(str(path))
    assert str(caught.value) == '%s is nested too deep' % path


# Python 2 encodes half of a surrogate pair, too.
if str is not bytes:
    @pytest.mark.parametrize('document, place', [
        ({'data': {'response_raw': '\ud800'}}, 'data.response_raw'),
        ({'queue': ['\ud800']}, 'queue[0]: response_content'),
        ({'data': {'response_reason': '\ud800'}}, 'data.response_reason'),
        ({'routes': [{'path': '/\ud800'}]}, 'routes[0]: '),
        ({'routes': [{'body': '\ud800'}]}, 'routes[0]: '),
    ])
    def test_text_that_no_bytes_stand_for_is_an_error(script, document, place):
        with http_server() as server:
            with pytest.raises(ScriptError) as caught:
                script(document).apply(server)
        assert ': ' + place in str(caught.value)
        assert 'surrogates not allowed' in str(caught.value) or 'UTF-8' in str(caught.value)


def test_a_byte_order_mark_is_no_content(script):
    with http_server() as server:
        script('\ufeff{"data": {"response_status": 418}}').apply(server)
        assert server.data['response_status'] == 418


def test_every_criterion_that_json_can_hold_may_be_in_a_route():
    assert set(CRITERIA) - set(ROUTE) == {'match'}
    assert not set(ROUTE) & set(VOCABULARY)
