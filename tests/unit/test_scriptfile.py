# -*- coding: utf-8 -*-
"""Scripts in JSON: what they make a server do, and what is said of a wrong one."""
from __future__ import unicode_literals

import io
import json

import pytest
from six import ensure_text, string_types

from httptestserver import http_server
from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.cli.scriptfile import ROUTE, Script, ScriptError
from support.client import Client, request


@pytest.fixture
def script(tmpdir):
    """Return a function that makes a `Script` of a document, or of text."""
    def make(document):
        text = document if isinstance(document, string_types) else json.dumps(document)
        with io.open(str(tmpdir.join('api.json')), 'w', encoding='utf-8') as file:
            file.write(ensure_text(text))
        return Script(str(tmpdir.join('api.json')))
    return make


def answers(server, *requests):
    """Return the status and the content of each answer."""
    found = []
    for octets in requests:
        with Client(server) as client:
            client.send(octets)
            answer = client.answer()
            found.append((answer.status, answer.body))
    return found


def test_each_part_scripts_the_server(script):
    with http_server() as server:
        script({'data': {'response_status': 418},
                'queue': [503, 'text', {'response_json': {'a': 1}}],
                'routes': [{'path': '/users/{id}', 'response_content': 'caf\u00e9'}]}
               ).follow(server)
        assert answers(server, request(), request('GET', '/users/7'), *[request()] * 3) == [
            (503, b''), (200, 'caf\u00e9'.encode('utf-8')), (200, b'text'), (200, b'{"a": 1}'),
            (418, b'')]


@pytest.mark.parametrize('criteria, octets', [
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
], ids=lambda value: ''.join(value) if isinstance(value, dict) else '')
def test_a_route_has_its_criteria(script, criteria, octets):
    with http_server() as server:
        script({'routes': [dict(criteria, response_status=201)]}).follow(server)
        other = request('DELETE', '/other')
        assert [status for status, _ in answers(server, octets, other)] == [201, 404]


def test_a_route_has_a_queue(script):
    with http_server() as server:
        script({'routes': [{'path': '/', 'queue': [503, {'response_status': 429}],
                            'response_status': 201}]}).follow(server)
        assert [status for status, _ in answers(server, *[request()] * 3)] == [503, 429, 201]


def test_the_last_route_that_matches_answers(script):
    with http_server() as server:
        script({'routes': [{'response_status': 201},
                           {'path': '/', 'response_status': 202}]}).follow(server)
        assert [status for status, _ in answers(server, request(), request('GET', '/x'))] == [
            202, 201]


def test_raw_responses_are_text_in_json(script):
    with http_server() as server:
        script({'queue': [{'response_raw': 'HTTP/1.1 299 \u00e9\r\nContent-Length: 0\r\n\r\n'}]}
               ).follow(server)
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
     'data.response_status is an int from 100 to 999, got '),
    ({'data': {'response_json': 1, 'response_content': ''}},
     'data: response_content and response_json are both set'),
    ({'queue': {}}, 'queue is a list, got {}'),
    ({'queue': [200, 99]}, 'queue[1]: response_status is an int from 100 to 999, got 99'),
    ({'queue': [[]]}, 'queue[0]: a response is a status (int), content'),
    ({'queue': [{'response_hold': 1}]}, 'queue[0].response_hold is an object with wait(timeout)'),
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
     'All of them: method, path, query, headers, body, json, form, cookies, queue'),
    ({'routes': [{'respons_status': 1}]},
     'routes[0].respons_status is not a key of a route; did you mean response_status? All of'),
    ({'routes': [{'match': 'x'}]}, 'routes[0].match is not a key of a route; did you mean '),
    ({'routes': [{'method': 5}]}, 'routes[0].method is a string, or a list of strings, got 5'),
    ({'routes': [{'method': [5]}]}, 'routes[0].method is a string, or a list of strings, got ['),
    ({'routes': [{'path': {}}]}, 'routes[0].path is a string, got {}'),
    ({'routes': [{'query': 'a=b'}]}, 'routes[0].query is an object whose values are strings, or'),
    ({'routes': [{'query': {'page': 1}}]},
     'routes[0].query.page is a string, or a list of strings, got 1'),
    ({'routes': [{}, {'queue': [{'response_jso': 1}]}]},
     'routes[1].queue[0].response_jso is not a key of a response; did you mean response_json?'),
    ({'routes': [{'r\u00e9sponse': 1}]}, 'routes[0].r\u00e9sponse is not a key of a route; did'),
    ('{"data": \n }', 'api.json is not JSON: '),
    ('{', 'api.json is not JSON: '),
], ids=lambda value: None if isinstance(value, string_types) else json.dumps(value))
def test_what_is_wrong_is_told_with_file_and_place(script, tmpdir, document, error):
    with pytest.raises(ScriptError) as raised:
        with http_server() as server:
            script(document).follow(server)
    path = str(tmpdir.join('api.json'))
    text = raised.value.args[0]
    text = text if isinstance(text, type('')) else text.decode('utf-8')
    if error.startswith('api.json'):
        assert text.startswith(path + error[len('api.json'):])
    else:
        assert text.startswith('%s: %s' % (path, error))
    assert '\n' not in text


def test_a_file_that_is_not_there_is_told(tmpdir):
    with pytest.raises(ScriptError) as raised:
        Script(str(tmpdir.join('none.json')))
    assert str(raised.value) == 'cannot read %s: No such file or directory' % (
        tmpdir.join('none.json'))


def test_a_file_that_is_not_utf_8_is_told(tmpdir):
    tmpdir.join('api.json').write_binary(b'"\xff"')
    with pytest.raises(ScriptError) as raised:
        Script(str(tmpdir.join('api.json')))
    assert str(raised.value).startswith('%s is not JSON: ' % tmpdir.join('api.json'))


def test_what_is_nested_too_deep_is_told(tmpdir):
    path = tmpdir.join('deep.json')
    path.write(b'[' * 100000, mode='wb')
    with pytest.raises(ScriptError) as caught:
        Script(str(path))
    assert str(caught.value) == '%s is nested too deep' % path


if str is not bytes:        # Python 2 encodes half of a surrogate pair too
    @pytest.mark.parametrize('document, place', [
        ({'data': {'response_raw': '\ud800'}}, 'data.response_raw'),
        ({'queue': ['\ud800']}, 'queue[0]: response_content'),
        ({'data': {'response_reason': '\ud800'}}, 'data.response_reason'),
        ({'routes': [{'path': '/\ud800'}]}, 'routes[0]: '),
        ({'routes': [{'body': '\ud800'}]}, 'routes[0]: '),
    ])
    def test_text_that_no_octets_stand_for_is_told(script, document, place):
        with http_server() as server:
            with pytest.raises(ScriptError) as caught:
                script(document).follow(server)
        assert ': ' + place in str(caught.value)
        assert 'surrogates not allowed' in str(caught.value) or 'UTF-8' in str(caught.value)


def test_a_byte_order_mark_is_no_content(script):
    with http_server() as server:
        script('\ufeff{"data": {"response_status": 418}}').follow(server)
        assert server.data['response_status'] == 418


def test_every_criterion_that_json_can_hold_may_be_in_a_route():
    assert set(CRITERIA) - set(ROUTE) == {'match'}
    assert not set(ROUTE) & set(VOCABULARY)
