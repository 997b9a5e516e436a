# -*- coding: utf-8 -*-
"""Assertions find the requests that match, and their failures show why there are others."""
import json
import re

import pytest
from six import ensure_str

from httptestserver.http1.fields import Headers
from httptestserver.recording.history import Failure
from httptestserver.recording.difference import _common_start
from httptestserver.recording.messages import expected_failures
from httptestserver.recording.request import RecordedRequest
from support.client import Client, request
from support.failing import failure
from support.inside import answer
from support.marks import thorough
from support.waiting import cpu_time

try:
    from unittest.mock import ANY
except ImportError:
    class Any(object):
        """What Python 2 has in a package of its own."""

        def __eq__(self, other):
            return True

        def __ne__(self, other):
            return False

        def __repr__(self):
            return '<ANY>'

    ANY = Any()


@pytest.fixture
def send(server):
    """A function that has a client send a request and read the response."""
    with Client(server) as client:
        def send(method='GET', path='/', *fields, **keys):
            client.send(request(method, path, *fields, **keys))
            return client.answer(method)

        yield send


def record(server, *entries):
    """Record requests as a connection would, without one: (method, path, body) each."""
    for method, path, body in entries:
        entry = RecordedRequest(command=method, path=path, body=body, headers=Headers(b''),
                                requestline='%s %s HTTP/1.1' % (method, path))
        answer(server, entry)
        entry['response_status'] = 200


def paths(requests):
    return [each['path'] for each in requests]


# What is found

FORM = 'Content-Type: application/x-www-form-urlencoded'

#: Keywords, those of a near miss, and the request that only the first ones match.
CRITERIA = [
    (dict(method='POST'), dict(method='GET'), ('POST', '/')),
    (dict(method=['PUT', 'post']), dict(method=('PUT', 'GET')), ('POST', '/')),
    (dict(path='/a'), dict(path='/b'), ('GET', '/a')),
    (dict(path='/users/{id}'), dict(path='/users/{id}/x'), ('GET', '/users/7')),
    (dict(path='/a?b=c'), dict(path='/a?b=d'), ('GET', '/a?b=c&d=e')),
    (dict(path=re.compile('^/a+$')), dict(path=re.compile('^/a$')), ('GET', '/aaa')),
    (dict(path=lambda path: path == '/a'), dict(path=lambda path: path != '/a'), ('GET', '/a')),
    (dict(query={'a': '1'}), dict(query={'a': '2'}), ('GET', '/?a=1&b=2')),
    (dict(query={'a': ['1', '2']}), dict(query={'a': ['2', '1']}), ('GET', '/?a=1&a=2')),
    (dict(headers={'X-Token': 'a'}), dict(headers={'X-Token': 'b'}), ('GET', '/', 'x-token: a')),
    (dict(headers={'X-Token': ANY}), dict(headers={'Y-Token': ANY}), ('GET', '/', 'x-token: a')),
    (dict(cookies={'a': '1'}), dict(cookies={'b': '1'}), ('GET', '/', 'Cookie: a=1; c=2')),
    (dict(body=b'abc'), dict(body=b'ab'), ('POST', '/', b'abc')),
    (dict(body=u'\xe9'), dict(body=u'e'), ('POST', '/', b'\xc3\xa9')),
    (dict(json={'a': [1, None]}), dict(json={'a': [1]}), ('POST', '/', b'{"a": [1, null]}')),
    (dict(json={'a': ANY}), dict(json={'a': ANY, 'b': ANY}), ('POST', '/', b'{"a": 5}')),
    (dict(form={'a': 'b'}), dict(form={'a': 'c'}), ('POST', '/', FORM, b'a=b&c=d')),
    (dict(match=lambda request: request.json() == 5), dict(match=lambda request: False),
     ('POST', '/', b'5')),
]


@pytest.mark.parametrize('criteria, near, sent', CRITERIA)
def test_each_criterion_of_a_route_can_be_asserted(server, send, criteria, near, sent):
    body = sent[-1] if isinstance(sent[-1], bytes) and len(sent) > 2 and (
        sent[0] == 'POST') else None
    send(*(sent[:-1] if body is not None else sent), body=body)
    assert server.assert_requested(**criteria) == server.history
    assert server.assert_requested(count=1, **criteria)[0] is server.history[0]
    assert server.assert_requested(count=0, **near) == []
    assert server.assert_not_requested(**near) is None
    failure(server.assert_not_requested, **criteria)
    failure(server.assert_requested, **near)
    failure(server.assert_requested, count=2, **criteria)
    failure(server.assert_requested, count=0, **criteria)


def test_method_and_path_may_be_positional(server, send):
    send('GET', '/a')
    assert paths(server.assert_requested('GET', '/a')) == ['/a']
    server.assert_not_requested('POST', '/a')
    server.assert_not_requested('GET', '/b')
    assert paths(server.assert_requested('GET', '/a', 1)) == ['/a']


def test_any_request_will_do_if_nothing_is_said(server, send):
    server.assert_not_requested()
    failure(server.assert_requested)
    send()
    assert len(server.assert_requested()) == 1
    failure(server.assert_not_requested)


@pytest.mark.parametrize('count, right', [(None, True), (0, False), (1, False), (2, True),
                                          (3, False)])
def test_a_count_is_exact(server, send, count, right):
    for path in ('/a', '/b', '/a'):
        send('GET', path)
    if right:
        assert paths(server.assert_requested(path='/a', count=count)) == ['/a', '/a']
    else:
        failure(server.assert_requested, path='/a', count=count)


def test_a_route_asserts_on_its_own_requests(server, send):
    route = server.route('GET', '/users/{id}')
    send('GET', '/other')
    send('GET', '/users/1')
    assert paths(route.assert_requested(count=1)) == ['/users/1']
    route.assert_not_requested(path='/other')
    failure(route.assert_requested, path='/other')


@pytest.mark.parametrize('method', ['assert_requested', 'assert_not_requested'])
def test_a_criterion_that_does_not_exist_is_an_error_and_no_failure(server, method):
    with pytest.raises(TypeError) as caught:
        getattr(server, method)(jsn={})
    assert str(caught.value).startswith(
        'jsn is not a keyword of %s(); did you mean json? All of them: ' % method)


def test_a_request_without_a_response_yet_is_found(server):
    entry = RecordedRequest(command='GET', path='/a', body=b'', headers=Headers(b''))
    answer(server, entry)
    assert server.assert_requested('GET', '/a') == [entry]
    assert failure(server.assert_requested, 'GET', '/b').endswith(
        '1 received:\n  [0] GET /a -> no response')


# The texts

def test_nothing_received(server):
    assert failure(server.assert_requested, 'GET', '/a') == (
        'expected at least 1 of: GET /a\n'
        'found 0\n'
        'no request was received')


def test_too_few_show_the_nearest_and_all(server, send):
    server.data['response_status'] = 201
    send('GET', '/a')
    send('POST', '/b', body=b'12345')
    send('GET', '/b?x=1')
    assert failure(server.assert_requested, 'POST', '/b', query={'x': '1'}) == (
        "expected at least 1 of: POST /b query={'x': '1'}\n"
        'found 0\n'
        'nearest: [2] GET /b?x=1 -> 201\n'
        '  method: expected POST, got GET\n'
        '3 received:\n'
        '  [0] GET /a -> 201\n'
        '  [1] POST /b (5 bytes) -> 201\n'
        '  [2] GET /b?x=1 -> 201')


def test_of_requests_that_are_as_near_the_newest_is_shown(server, send):
    for path in ('/a', '/b', '/c/d'):
        send('PUT', path)
    assert 'nearest: [2] PUT /c/d -> 200\n  path: expected /x, got /c/d\n' in failure(
        server.assert_requested, 'PUT', '/x')


def test_of_requests_that_are_as_near_it_is_that_with_a_path_like_it(server, send):
    for path in ('/users/7', '/user', '/logout'):
        send('GET', path)
    assert 'nearest: [1] GET /user ' in failure(server.assert_requested, 'GET', '/users')


def test_each_criterion_that_the_nearest_does_not_meet_is_shown(server, send):
    send('POST', '/a?q=2', 'Cookie: c=2', 'X-A: 2', FORM, body=b'f=2')
    text = failure(server.assert_requested, 'GET', '/b', query={'q': '1'}, headers={'X-A': '1'},
                   cookies={'c': '1'}, form={'f': '1'}, body=b'f=1')
    assert text.splitlines()[3:-2] == [
        '  path: expected /b, got /a',
        '  method: expected GET, got POST',
        "  query: expected {'q': '1'}, got {'q': '2'}",
        "  cookies: expected {'c': '1'}, got {'c': '2'}",
        "  headers: expected {'X-A': '1'}, got {'X-A': '2'}",
        "  form: expected {'f': '1'}, got {'f': '2'}",
        "  body: expected 'f=1', got 'f=2'"]


def test_fewer_than_counted_have_a_star_among_all(server, send):
    for path in ('/a', '/b', '/a'):
        send('GET', path)
    assert failure(server.assert_requested, path='/a', count=3) == (
        'expected exactly 3 of: any method /a\n'
        'found 2\n'
        'nearest: [1] GET /b -> 200\n'
        '  path: expected /a, got /b\n'
        '3 received, * marks a match:\n'
        '* [0] GET /a -> 200\n'
        '  [1] GET /b -> 200\n'
        '* [2] GET /a -> 200')


def test_more_than_counted_have_a_star_and_need_no_nearest(server, send):
    for path in ('/a', '/b', '/a'):
        send('GET', path)
    assert failure(server.assert_requested, 'GET', '/a', count=1) == (
        'expected exactly 1 of: GET /a\n'
        'found 2\n'
        '3 received, * marks a match:\n'
        '* [0] GET /a -> 200\n'
        '  [1] GET /b -> 200\n'
        '* [2] GET /a -> 200')


def test_all_match_and_are_too_few(server, send):
    send('GET', '/a')
    assert failure(server.assert_requested, 'GET', count=2) == (
        'expected exactly 2 of: GET any path\n'
        'found 1\n'
        '1 received:\n'
        '  [0] GET /a -> 200')


def test_what_was_not_to_be_requested_has_a_star(server, send):
    send('GET', '/a')
    send('DELETE', '/a')
    assert failure(server.assert_not_requested, 'DELETE') == (
        'expected no request of: DELETE any path\n'
        'found 1\n'
        '2 received, * marks a match:\n'
        '  [0] GET /a -> 200\n'
        '* [1] DELETE /a -> 200')


def test_a_line_shows_the_response_of_a_request(server, send):
    with Client(server) as client:
        server.enqueue({'response_status': 503}, {'response_fault': 'disconnect'},
                       {'response_raw': b'HTTP/1.1 299 raw\r\nContent-Length: 0\r\n\r\n'})
        client.get('/1')
        client.send(request('GET', '/2'))
        assert client.rest() == b''
        send('GET', '/3')
    assert failure(server.assert_not_requested).splitlines()[2:] == [
        '3 received:', '  [0] GET /1 -> 503', '  [1] GET /2 -> disconnect at response',
        '  [2] GET /3 -> raw bytes']


def test_long_targets_are_cut_with_their_size(server):
    record(server, ('GET', '/' + 'x' * 5000, b''))
    assert failure(server.assert_requested, path='/' + 'y' * 5000).splitlines() == [
        'expected at least 1 of: any method /%s... (5001 characters)' % ('y' * 199),
        'found 0',
        'nearest: [0] GET /%s... (5001 characters) -> 200' % ('x' * 119),
        '  path: expected /%s... (5001 characters), got /%s... (5001 characters)' % (
            'y' * 199, 'x' * 199),
        '1 received:',
        '  [0] GET /%s... (5001 characters) -> 200' % ('x' * 119)]


def test_of_many_requests_the_newest_are_shown(server):
    record(server, *[('GET', '/%d' % number, b'') for number in range(250)])
    lines = failure(server.assert_requested, 'POST', '/').splitlines()
    at = lines.index('250 received:')
    assert lines[at + 1:at + 3] == ['  ... 150 older ones', '  [150] GET /150 -> 200']
    assert lines[-1] == '  [249] GET /249 -> 200' and len(lines) == at + 102


def test_an_old_one_that_was_not_to_be_requested_is_shown_too(server):
    record(server, *[('GET', '/%d' % number, b'') for number in range(250)])
    assert failure(server.assert_not_requested, path='/7').splitlines()[1:5] == [
        'found 1', '250 received, * marks a match:', '  ... 149 older ones',
        '* [7] GET /7 -> 200']


# JSON and text, line by line

def difference(server, sent, **criteria):
    """Return the lines about how a body, *sent*, differs from what is asserted."""
    record(server, ('POST', '/', sent))
    lines = failure(server.assert_requested, **criteria).splitlines()
    return lines[3:lines.index('1 received:')]


def test_json_is_shown_as_a_unified_diff(server):
    assert difference(server, b'{"name": "Eve", "id": 7, "tags": ["a", "b"]}',
                      json={'name': 'Bob', 'id': 7, 'tags': ['a']}) == [
        '  json differs:',
        '    --- expected',
        '    +++ received',
        '    @@ -1,7 +1,8 @@',
        '     {',
        '       "id": 7,',
        '    -  "name": "Bob",',
        '    +  "name": "Eve",',
        '       "tags": [',
        '    -    "a"',
        '    +    "a",',
        '    +    "b"',
        '       ]',
        '     }']


def test_what_any_stands_for_is_no_difference(server):
    assert difference(server, b'{"id": 7, "name": "Eve", "of": [{"id": 1, "n": 2}]}',
                      json={'id': ANY, 'name': 'Bob', 'of': [{'id': ANY, 'n': 2.0}]})[4:] == [
        '     {',
        '       "id": 7,',
        '    -  "name": "Bob",',
        '    +  "name": "Eve",',
        '       "of": [',
        '         {',
        '           "id": 1,']


def test_any_that_stands_for_something_missing_is_a_difference(server):
    assert difference(server, b'{"a": 1}', json={'a': 1, 'id': ANY})[4:] == [
        '     {',
        '    -  "a": 1,',
        '    -  "id": "<ANY>"',
        '    +  "a": 1',
        '     }']


def test_json_of_one_line_is_shown_in_one(server):
    assert difference(server, b'6', json=5) == ['  json: expected 5, got 6']


def test_a_body_that_is_not_json_is_shown(server):
    assert difference(server, b'nonsense', json=5) == [
        "  json: expected 5, got no JSON: 'nonsense'"]


def test_a_long_body_that_is_not_json_is_shown_with_its_own_size(server):
    assert difference(server, b'x' * 5000, json=5) == [
        "  json: expected 5, got no JSON: '%s'... (5000 bytes)" % ('x' * 100)]


def test_bytes_that_are_not_json_are_shown_with_their_size(server):
    assert difference(server, b'\0' * 5000, json=5) == [
        "  json: expected 5, got no JSON: '%s'... (5000 bytes)" % (r'\x00' * 40)]


def test_a_body_that_is_not_json_is_shown_in_one_line_also_beside_long_json(server):
    assert difference(server, b'nonsense', json={'a': 5}) == [
        "  json: expected {'a': 5}, got no JSON: 'nonsense'"]


class Odd(object):
    """It equals nothing, and its repr is that of a text."""

    def __eq__(self, other):
        return False

    __hash__ = None

    def __repr__(self):
        return 'odd'


def test_json_that_has_the_same_text_is_shown_by_value(server):
    assert difference(server, b'{"1": "odd"}', json={'1': Odd()}) == [
        "  json: expected {'1': odd}, got %r" % {u'1': u'odd'}]


def test_text_is_shown_as_a_unified_diff(server):
    assert difference(server, b'one\ntwo\nthree\n', body='one\n2\nthree\n') == [
        '  body differs:',
        '    --- expected',
        '    +++ received',
        '    @@ -1,4 +1,4 @@',
        '     one',
        '    -2',
        '    +two',
        '     three',
        '     ']


def test_text_that_is_not_ascii_is_shown_as_it_is(server):
    lines = difference(server, u'\xe9\n2'.encode('utf-8'), body=u'\xe8\n2')
    assert lines[4:] == ['    -' + ensure_str(u'\xe8'), '    +' + ensure_str(u'\xe9'), '     2']


def test_line_ends_that_differ_are_visible(server):
    assert difference(server, b'a\r\nb', body=b'a\nb')[4:] == [
        '    -a', '    +a\\r', '     b']


def test_a_line_end_that_is_missing_is_visible(server):
    assert difference(server, b'a\nb', body=b'a\nb\n')[4:] == ['     a', '     b', '    -']


def test_characters_that_steer_a_terminal_are_shown_harmless(server):
    text = '\n'.join(difference(server, b'a\n\x1b[31mred\x00\x07', body=b'a\nb'))
    assert '+\\x1b[31mred\\x00\\x07' in text
    assert not re.search('[\x00-\x09\x0b-\x1f\x7f]', text)


def test_bytes_that_are_no_text_are_shown_as_bytes(server):
    assert difference(server, b'\xff\n', body=b'\xfe\n') == [
        r"  body: expected '\xfe\n', got '\xff\n'"]


def test_of_long_lines_that_differ_late_the_place_is_shown(server):
    assert difference(server, b'x' * 5000 + b'abc', body=b'x' * 5000 + b'abd' + b'y' * 900) == [
        "  body: the first 5002 bytes are equal; then expected 'd%s'... (901 bytes), got 'c'"
        % ('y' * 199)]


def test_of_long_texts_that_differ_late_the_place_is_shown(server):
    assert difference(server, json.dumps(u'x' * 5000 + u'a').encode('ascii'),
                      json=u'x' * 5000 + u'b') == [
        "  json: the first 5000 characters are equal; then expected 'b', got 'a'"]


def test_long_lines_of_a_diff_are_cut_with_their_size(server):
    lines = difference(server, b'a\n' + b'x' * 5000, body=b'a\nb')
    assert lines[4:] == ['     a', '    -b', '    +%s... (5001 characters)' % ('x' * 199)]


def test_a_long_diff_is_cut_with_its_size(server):
    wanted, got = ['\n'.join('%s%d' % (letter, n) for n in range(200)) for letter in 'ab']
    lines = difference(server, got.encode('ascii'), body=wanted)
    # Two lines of names, one of places, and 200 of each side.
    assert len(lines) == 1 + 60 + 1 and lines[-1] == '    ... (343 more lines)'


def test_a_difference_late_in_many_lines_is_found(server):
    got = [str(number) for number in range(50000)]
    wanted = got[:40000] + ['other'] + got[40001:]
    started = cpu_time()
    lines = difference(server, '\n'.join(got).encode('ascii'), body='\n'.join(wanted))
    assert lines[0] == '  body differs after 39997 equal lines:'
    assert lines[4:9] == ['     39997', '     39998', '     39999', '    -other', '    +40000']
    assert cpu_time() - started < 5


def test_bodies_of_which_every_line_differs_are_compared_soon(server):
    wanted, got = ['\n'.join('%s%d' % (letter, n % 7) for n in range(50000)) for letter in 'ab']
    started = cpu_time()
    assert len(difference(server, got.encode('ascii'), body=wanted)) == 62
    assert cpu_time() - started < 5


def test_many_names_of_a_query_show_those_that_differ(server):
    names = ['n%02d' % number for number in range(40)]
    record(server, ('GET', '/?more=1&' + '&'.join(name + '=1' for name in names), b''))
    text = failure(server.assert_requested, query=dict({name: '1' for name in names}, n39='2'))
    lines = text.splitlines()
    assert lines[3] == '  query differs:'
    assert lines[-6:-2] == [
        '       "n38": "1",', '    -  "n39": "2"', '    +  "n39": "1"', '     }']
    assert 'more' not in '\n'.join(lines[3:-2])


def test_a_long_header_field_shows_where_it_differs(server):
    with Client(server) as client:
        client.send(request('GET', '/', 'x-a: 1', 'x-b: ' + 'b' * 300))
        client.answer()
    text = failure(server.assert_requested, headers={'X-A': '2', 'X-B': 'b' * 300})
    assert text.splitlines()[3:-2] == [
        '  headers differ:', '    --- expected', '    +++ received', '    @@ -1,4 +1,4 @@',
        '     {', '    -  "X-A": "2",', '    +  "X-A": "1",',
        '       "X-B": "%s... (312 characters)' % ('b' * 189), '     }']


def test_a_request_with_a_long_target_that_a_callable_refuses_is_one_line(server):
    record(server, ('GET', '/' + 'x' * 5000, b''))
    lines = failure(server.assert_requested, match=lambda request: False).splitlines()
    assert lines[3].startswith('  match: expected <lambda>, got <RecordedRequest GET /xxx')
    assert lines[4] == '1 received:'


@pytest.mark.parametrize('one, other, equal', [
    (b'', b'', 0), (b'', b'a', 0), (b'a', b'b', 0), (b'ab', b'ab', 2), (b'ab', b'abc', 2),
    (b'abcd', b'abxd', 2), (u'', u'a', 0), (u'a\xe9', u'a\u20ac', 1), (u'ab', u'ab', 2),
    ([], ['a'], 0), (['a', 'b'], ['a', 'c'], 1), (['a', 'b', 'c'], ['a', 'b'], 2),
    (list(range(1000)), list(range(700)) + [0] * 300, 700)])
def test_the_common_start_of_two_sequences(one, other, equal):
    assert _common_start(one, other) == _common_start(other, one) == equal


# Failures that did not come

def test_no_failure_though_some_were_expected():
    assert expected_failures(1, 5.0, []) == (
        'within 5.0 s expected at least 1 failure\n'
        'no failure was recorded')


def test_too_few_failures_are_listed():
    failures = [Failure(('127.0.0.1', 80), 3, 1.5, 'no request came'),
                Failure(('::1', 80, 0, 0), 4, 1.5, 'bad request line')]
    assert expected_failures(3, 0.5, failures) == (
        'within 0.5 s expected at least 3 failures\n'
        '2 recorded:\n'
        '  connection 3 from 127.0.0.1:80: no request came\n'
        '  connection 4 from ::1:80: bad request line')


def test_of_many_failures_the_newest_are_shown():
    failures = [Failure(('127.0.0.1', 80), index, 1.5, 'why') for index in range(101)]
    lines = expected_failures(200, 5, failures).splitlines()
    assert lines[1:4] == ['101 recorded:', '  ... 1 older one',
                          '  connection 1 from 127.0.0.1:80: why']
    assert lines[-1] == '  connection 100 from 127.0.0.1:80: why' and len(lines) == 103


# 10,000 requests

@thorough
@pytest.mark.parametrize('criteria', [
    dict(method='POST', path='/items/{id}', query={'page': '1'}, json={'id': -1, 'name': 'x'}),
    dict(path='/nowhere'), dict(method='DELETE', body=b'x')])
def test_10000_requests_are_compared_soon(server, criteria):
    record(server, *[('POST', '/items/%d?page=1' % number,
                      json.dumps({'id': number, 'name': 'item %d' % number}).encode('ascii'))
                     for number in range(10000)])
    started = cpu_time()
    text = failure(server.assert_requested, **criteria)
    took = cpu_time() - started
    assert '\nnearest: [9999] ' in text and '\n  ... 9900 older ones\n' in text
    # It takes well under a second on a machine that is not busy.
    assert took < 3
