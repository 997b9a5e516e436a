# -*- coding: utf-8 -*-
"""Criteria that say more than equality: what each matches, and the text that shows what differs."""
import base64
import re

import pytest

from httptestserver import http_server, https_server
from support.client import Client, ask, request
from support.equal import Anything
from support.failing import failure

try:
    from unittest import mock
except ImportError:
    import mock

URLENCODED = 'Content-Type: application/x-www-form-urlencoded'
MULTIPART = 'Content-Type: multipart/form-data; boundary=limit'
#: A part of a multipart body that is no file.
FIELD = b'--limit\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'


def is_matched(server, *what, **keys):
    """Send a request, and return whether the route of the test answered it."""
    status = ask(server, *what, **keys).status
    assert status in (299, 404), server.check()
    return status == 299


def upload(*files):
    """Return a multipart body of *files*, each a name and its content."""
    return b''.join([
        b'--limit\r\nContent-Disposition: form-data; name="%s"; filename="f"\r\n\r\n%s\r\n' % each
        for each in files]) + b'--limit--\r\n'


def send(server, method='GET', path='/', *fields, **keys):
    with Client(server) as client:
        client.send(request(method, path, *fields, **keys))
        client.answer(method)


def is_long(text):
    return len(text) > 2


def basic(pair):
    return 'Authorization: Basic ' + base64.b64encode(pair).decode('ascii')


# Values of names.

@pytest.mark.parametrize('value, sent, expected', [
    (None, '/', True), (None, '/?b=c', True), (None, '/?a', False), (None, '/?a=1&a=2', False),
    (2, '/?a=2', True), (2, '/?a=3', False), (2, '/', False), (0, '/?a=0', True),
    (re.compile('^t'), '/?a=tea', True), (re.compile('^t'), '/?a=at', False),
    (re.compile('^t'), '/', False), (re.compile('^t'), '/?a=x&a=tea', True),
    (re.compile(u'^\xe9$'), '/?a=%C3%A9', True),
    (is_long, '/?a=tea', True), (is_long, '/?a=te', False), (is_long, '/', False),
    (['x'], '/?a=x', True), (['x', 2, re.compile('^t')], '/?a=x&a=2&a=tea', True),
    (['x', 2], '/?a=2&a=x', False), ([is_long, mock.ANY], '/?a=tea&a=', True),
    (Anything(), '/?a', True), (Anything(), '/', False)])
def test_a_value_of_a_query(server, value, sent, expected):
    server.route(query={'a': value}, response_status=299)
    assert is_matched(server, 'GET', sent) is expected


@pytest.mark.parametrize('value, fields, expected', [
    (None, [], True), (None, ['x-a:'], False), (7, ['X-A: 7'], True), (7, ['X-A: 70'], False),
    (re.compile('^Bearer '), ['x-a: Bearer t'], True), (re.compile('^B'), [], False),
    (is_long, ['x-a: abc'], True), (is_long, ['x-a: a', 'X-A: abc'], True),
    ([1, 2], ['x-a: 1', 'X-A: 2'], True), ([1, 2], ['x-a: 2', 'X-A: 1'], False)])
def test_a_value_of_a_header_field(server, value, fields, expected):
    server.route(headers={'X-A': value}, response_status=299)
    assert is_matched(server, 'GET', '/', *fields) is expected


@pytest.mark.parametrize('value, field, expected', [
    (None, 'Cookie: b=c', True), (None, 'Cookie: a=', False), (7, 'Cookie: a=7', True),
    (re.compile('^x'), 'Cookie: a=xy', True), (re.compile('^x'), 'Cookie: a=yx', False),
    (is_long, 'Cookie: a=abc', True), (is_long, 'Cookie: b=abc', False)])
def test_a_value_of_a_cookie(server, value, field, expected):
    server.route(cookies={'a': value}, response_status=299)
    assert is_matched(server, 'GET', '/', field) is expected


@pytest.mark.parametrize('value, body, expected', [
    (None, b'b=c', True), (None, b'a=', False), (7, b'a=7', True),
    (re.compile('^x'), b'a=xy', True),
    (re.compile('^x'), b'a=yx', False), (is_long, b'a=abc', True), (['x', 7], b'a=x&a=7', True)])
def test_a_value_of_a_form(server, value, body, expected):
    server.route(form={'a': value}, response_status=299)
    assert is_matched(server, 'POST', '/', URLENCODED, body=body) is expected


def test_of_a_body_that_is_no_form_nothing_is_absent(server):
    for criterion in 'form', 'files':
        server.route(response_status=299, **{criterion: {'a': None}})
    assert not is_matched(server, 'POST', '/', MULTIPART, body=b'x')
    assert is_matched(server, 'POST', '/', MULTIPART, body=upload())


def test_the_query_of_a_path_and_other_values_go_together(server):
    server.route('GET', '/a?b=c', query={'d': 5, 'e': None}, response_status=299)
    assert is_matched(server, 'GET', '/a?b=c&d=5')
    assert not is_matched(server, 'GET', '/a?b=c&d=5&e')
    assert not is_matched(server, 'GET', '/a?d=5')


# Files.

@pytest.mark.parametrize('value, files, expected', [
    (b'x', [(b'a', b'x')], True), (b'x', [(b'a', b'y')], False), (b'x', [(b'b', b'x')], False),
    (u'\xe9', [(b'a', b'\xc3\xa9')], True), (b'x', [(b'b', b'y'), (b'a', b'x')], True),
    (re.compile(b'^\x89PNG'), [(b'a', b'\x89PNG...')], True),
    (re.compile(b'^\x89PNG'), [(b'a', b'GIF')], False),
    (re.compile(u'^\xe9'), [(b'a', b'\xc3\xa9')], True),
    (is_long, [(b'a', b'abc')], True), (is_long, [(b'a', b'ab')], False),
    (mock.ANY, [(b'a', b'')], True), (mock.ANY, [(b'b', b'')], False),
    (None, [(b'b', b'')], True), (None, [(b'a', b'')], False),
    ([b'x', b'y'], [(b'a', b'x'), (b'a', b'y')], True),
    ([b'x', b'y'], [(b'a', b'y'), (b'a', b'x')], False),
    (b'y', [(b'a', b'x'), (b'a', b'y')], True)])
def test_the_content_of_a_file(server, value, files, expected):
    server.route(files={'a': value}, response_status=299)
    assert is_matched(server, 'POST', '/', MULTIPART, body=upload(*files)) is expected


def test_a_field_is_no_file_and_a_file_is_no_field(server):
    body = FIELD + upload((b'b', b'y'))
    server.route(files={'b': b'y', 'a': None}, form={'name': 'Ada', 'b': None}, response_status=299)
    assert is_matched(server, 'POST', '/', MULTIPART, body=body)
    assert not is_matched(server, 'POST', '/', MULTIPART, body=FIELD + upload((b'a', b'y')))


# Bodies.

@pytest.mark.parametrize('body, sent, expected', [
    (re.compile(b'^<order'), b'<order/>', True), (re.compile(b'^<order'), b' <order/>', False),
    (re.compile(b'\xff'), b'a\xff', True), (re.compile(u'^\xe9$'), b'\xc3\xa9', True),
    (re.compile(u'^\xe9$'), b'\xe9', False), (re.compile(u''), b'\xff', False),
    (is_long, b'abc', True), (is_long, b'ab', False), (lambda body: body == b'ab', b'ab', True)])
def test_a_body_may_be_searched_or_given_to_a_function(server, body, sent, expected):
    server.route(body=body, response_status=299)
    assert is_matched(server, 'POST', '/', body=sent) is expected


def test_a_regex_of_text_is_searched_in_the_text_of_the_charset(server):
    server.route(body=re.compile(u'^\xe9$'), response_status=299)
    field = 'Content-Type: text/plain; charset=iso-8859-1'
    assert is_matched(server, 'POST', '/', field, body=b'\xe9')
    assert not is_matched(server, 'POST', '/', field, body=b'\xc3\xa9')


@pytest.mark.parametrize('part, body, expected', [
    ({'user': {'id': 7}}, b'{"user": {"id": 7, "name": "Ada"}, "page": 1}', True),
    ({'user': {'id': 7}}, b'{"user": {"id": 8}}', False), ({'user': {}}, b'{"user": []}', False),
    ({'tags': ['a', {}]}, b'{"tags": ["a", {"b": 1}]}', True),
    ({'tags': ['a']}, b'{"tags": ["a", "b"]}', False), ([], b'[]', True), ({}, b'{"a": 1}', True),
    ({}, b'null', False), ({'a': mock.ANY}, b'{"a": null, "b": 1}', True),
    ({'a': mock.ANY}, b'{"b": 1}', False), (mock.ANY, b'1', True), (mock.ANY, b'nonsense', False),
    ({}, b'', False), ({u'\xe9': u'\xe8'}, b'{"\\u00e9": "\\u00e8", "a": 1}', True)])
def test_a_part_of_the_json(server, part, body, expected):
    server.route(json_has=part, response_status=299)
    assert is_matched(server, 'POST', '/', body=body) is expected


def test_a_body_that_is_not_json_has_no_value_at_all(server):
    server.route(json=mock.ANY, response_status=299)
    assert is_matched(server, 'POST', '/', body=b'0')
    assert not is_matched(server, 'POST', '/', body=b'nonsense')


# Credentials.

@pytest.mark.parametrize('auth, fields, expected', [
    (('ann', 'pw'), [basic(b'ann:pw')], True), (('ann', 'pw'), [basic(b'ann:px')], False),
    (('ann', 'pw'), ['Authorization: basic YW5uOnB3'], True), (('ann', 'pw'), [], False),
    (('ann', 'pw'), ['Authorization: Bearer YW5uOnB3'], False),
    (('ann', 'p:w'), [basic(b'ann:p:w')], True), (['ann', ''], [basic(b'ann:')], True),
    (('ann', mock.ANY), [basic(b'ann:x')], True), (('ann', mock.ANY), [basic(b'bob:x')], False),
    (('ann', mock.ANY), [], False), ('t1', ['Authorization: Bearer t1'], True),
    ('t1', ['authorization: BEARER  t1'], True), ('t1', ['Authorization: Bearer t2'], False),
    ('t1', ['Authorization: Token t1'], False), ('t1', ['Proxy-Authorization: Bearer t1'], False),
    (mock.ANY, ['Authorization: Bearer t1'], True), (mock.ANY, [], False)])
def test_credentials(server, auth, fields, expected):
    server.route(auth=auth, response_status=299)
    assert is_matched(server, 'GET', '/', *fields) is expected


def test_the_credentials_of_a_request_are_an_attribute(server):
    for fields in [], [basic(b'ann:pw')], ['Authorization: Bearer t1']:
        ask(server, 'GET', '/', *fields)
    assert [each.auth for each in server.history] == [
        None, ('basic', ('ann', 'pw')), ('bearer', 't1')]


# Whole URLs.

@pytest.mark.parametrize('path, target, host, expected', [
    ('http://a.test/x', '/x', 'a.test', True), ('http://A.test/x', '/x', 'a.TEST', True),
    ('http://a.test/x', '/x', 'b.test', False), ('http://a.test/x', '/y', 'a.test', False),
    ('https://a.test/x', '/x', 'a.test', False), ('http://a.test:80/x', '/x', 'a.test', True),
    ('http://a.test/x', '/x', 'a.test:80', True), ('http://a.test/x', '/x', 'a.test:81', False),
    ('http://a.test:81/x', '/x', 'a.test:81', True), ('http://a.test:81/x', '/x', 'a.test', False),
    ('http://a.test', '/', 'a.test', True), ('http://a.test/{b...}', '/x/y', 'a.test', True),
    ('http://a.test/x?b=c', '/x?b=c', 'a.test', True),
    ('http://a.test/x?b=c', '/x', 'a.test', False),
    ('http://[::1]:8080/', '/', '[::1]:8080', True), (u'http://b\xfccher.test/', '/',
                                                      'xn--bcher-kva.test', True),
    # A request line that has an authority goes before the field.
    ('http://a.test/x', 'http://a.test/x', 'b.test', True),
    ('http://b.test/x', 'http://a.test/x', 'b.test', False),
    ('http://a.test/x', 'HTTP://ann:pw@A.test:80/x', 'b.test', True),
    ('https://a.test/x', 'https://a.test/x', 'a.test', True),
    ('https://a.test/x', 'http://a.test/x', 'a.test', False)])
def test_a_whole_url_matches_the_scheme_and_the_authority(path, target, host, expected):
    with http_server() as server:
        server.route('GET', path, response_status=299)
        server.data['response_status'] = 404
        with Client(server) as client:
            head = u'GET %s HTTP/1.1\r\nHost: %s\r\n\r\n' % (target, host)
            client.send(head.encode('latin-1'))
            assert (client.answer().status == 299) is expected


@pytest.mark.parametrize('path, expected', [
    ('https://localhost/x', True), ('https://localhost:443/x', True), ('http://localhost/x', False),
    ('https://localhost:80/x', False)])
def test_the_scheme_is_that_of_the_connection(path, expected):
    with https_server() as server:
        send(server, 'GET', '/x')
        check = server.assert_requested if expected else server.assert_not_requested
        check('GET', path)


def test_a_request_without_a_host_matches_no_whole_url(server):
    server.route('GET', 'http://a.test/', response_status=299)
    with Client(server) as client:
        client.send(b'GET / HTTP/1.0\r\n\r\n')
        assert client.answer().status == 404
    assert 'path: expected http://a.test/, got http:///' in failure(server.check)
    server.reset()


def test_the_params_and_the_query_are_those_of_a_path(server):
    route = server.route('GET', 'http://a.test/{user}/{path...}?b=c')
    send(server, 'GET', 'http://a.test/7/x/y%2Fz?b=c')
    assert [each.params for each in route.history] == [{'user': '7', 'path': 'x/y/z'}]


@pytest.mark.parametrize('sent, expected', [
    ('/files/a/b', 'a/b'), ('/files/', ''), ('/files', None)])
def test_the_rest_of_a_path_is_a_param(server, sent, expected):
    server.route('GET', '/files/{path...}', response_content=lambda request: request.params['path'])
    response = ask(server, 'GET', sent)
    assert response.status == (404 if expected is None else 200)
    assert expected is None or response.body.decode('ascii') == expected


# The same words everywhere.

#: Criteria that the request of `arrived` meets, and one that it does not meet.
EACH = [
    ({'query': {'page': 2}}, {'query': {'page': 3}}),
    ({'headers': {'X-A': re.compile('^b')}}, {'headers': {'X-A': re.compile('^c')}}),
    ({'cookies': {'c': None}}, {'cookies': {'c': is_long}}),
    ({'files': {'f': b'content'}}, {'files': {'f': re.compile(b'^x')}}),
    ({'form': {'name': is_long}}, {'form': {'name': None}}),
    ({'auth': ('ann', 'pw')}, {'auth': 'pw'}),
    ({'body': re.compile(b'Ada')}, {'body': lambda body: len(body) < 9}),
    ({'path': '/a/{rest...}'}, {'path': '/b/{rest...}'}),
    ({'path': 'http://localhost/a/b'}, {'path': 'http://other/a/b'})]


def arrive(server):
    """Send a request that has all that `EACH` asks for, and return the response."""
    return ask(server, 'POST', '/a/b?page=2', 'X-A: bc', basic(b'ann:pw'), MULTIPART,
               body=FIELD + upload((b'f', b'content')))


@pytest.mark.parametrize('met, missed', EACH)
def test_each_call_takes_the_same_criteria(server, met, missed):
    arrive(server)
    assert len(server.wait(timeout=0, **met)) == 1
    assert len(server.assert_requested(**met)) == 1
    server.assert_not_requested(**missed)
    failure(server.wait, timeout=0, **missed)
    failure(server.assert_requested, **missed)
    failure(server.assert_not_requested, **met)
    assert len(server.assert_requested_in_order(met)) == 1
    failure(server.assert_requested_in_order, met, missed)


@pytest.mark.parametrize('met, missed', EACH)
def test_a_route_takes_them_too(server, met, missed):
    server.route(response_status=299, **met)
    server.route(response_status=298, **missed)
    assert arrive(server).status == 299


# What differs.

def difference(server, **criteria):
    """Return the lines of a failed assertion that show what differs."""
    lines = failure(server.assert_requested, **criteria).splitlines()
    return [line[2:] for line in lines[3:-2]]


@pytest.mark.parametrize('what, criteria, lines', [
    (('GET', '/?a=1'), {'query': {'a': 2}}, ["query: expected {'a': '2'}, got {'a': '1'}"]),
    (('GET', '/?a=1'), {'query': {'a': None}}, ["query: expected {'a': <absent>}, got {'a': '1'}"]),
    (('GET', '/?a=1'), {'query': {'a': re.compile('^b')}},
     ["query: expected {'a': /^b/}, got {'a': '1'}"]),
    (('GET', '/?a=1'), {'query': {'a': is_long}},
     ["query: expected {'a': is_long}, got {'a': '1'}"]),
    (('GET', '/?a=1'), {'query': {'a': [1, re.compile('b')]}},
     ["query: expected {'a': ['1', /b/]}, got {'a': '1'}"]),
    (('GET', '/', 'X-A: b'), {'headers': {'X-A': None}},
     ["headers: expected {'X-A': <absent>}, got {'X-A': 'b'}"]),
    (('GET', '/', 'X-A: b'), {'headers': {'X-B': re.compile('^b')}},
     ["headers: expected {'X-B': /^b/}, got {}"]),
    (('GET', '/', 'Cookie: a=b'), {'cookies': {'a': is_long}},
     ["cookies: expected {'a': is_long}, got {'a': 'b'}"]),
    (('GET', '/', basic(b'ann:px')), {'auth': ('ann', 'pw')},
     ["auth: expected ('basic', ('ann', 'pw')), got ('basic', ('ann', 'px'))"]),
    (('GET', '/'), {'auth': 't1'}, ["auth: expected ('bearer', 't1'), got no credentials"]),
    (('GET', '/a'), {'path': '/b/{c...}'}, ['path: expected /b/{c...}, got /a']),
    (('GET', '/a'), {'path': 'https://a.test/a'},
     ['path: expected https://a.test/a, got http://localhost/a'])])
def test_a_difference_shows_what_was_expected_and_what_came(server, what, criteria, lines):
    send(server, *what)
    assert difference(server, **criteria) == lines


@pytest.mark.parametrize('field, body, criteria, lines', [
    (URLENCODED, b'a=1', {'form': {'a': re.compile('2')}},
     ["form: expected {'a': /2/}, got {'a': '1'}"]),
    (URLENCODED, b'abc', {'body': re.compile(b'^b')}, ["body: expected /^b/, got 'abc'"]),
    (URLENCODED, b'abc', {'body': re.compile(u'^b')}, ["body: expected /^b/, got 'abc'"]),
    (URLENCODED, b'\xff', {'body': re.compile(u'^b')},
     ["body: expected /^b/, got no text: '\\xff'"]),
    (URLENCODED, b'ab', {'body': is_long}, ["body: expected is_long, got 'ab'"]),
    (URLENCODED, b'ab', {'json_has': {'a': 1}},
     ["json_has: expected {'a': 1}, got no JSON: 'ab'"]),
    (URLENCODED, b'{"a": {"b": 1, "c": 2}, "d": 3}',
     {'json_has': {'a': {'b': 2, 'c': mock.ANY, 'e': mock.ANY}}}, [
         'json_has differs:', '  --- expected', '  +++ received', '  @@ -1,7 +1,6 @@', '   {',
         '     "a": {', '  -    "b": 2,', '  -    "c": 2,', '  -    "e": "<ANY>"',
         '  +    "b": 1,', '  +    "c": 2', '     }', '   }']),
    (MULTIPART, b'x', {'files': {'a': b'x'}},
     ["files: expected %r, got no form: 'x'" % {'a': b'x'}]),
    (MULTIPART, upload((b'a', b'x')), {'files': {'a': b'y', 'b': mock.ANY}},
     ['files: expected %r, got %r' % ({'a': b'y', 'b': mock.ANY}, {'a': b'x'})]),
    (MULTIPART, upload((b'a', b'x' * 300 + b'1'), (b'b', b'y')), {'files': {
        'a': b'x' * 300 + b'2', 'b': b'y', 'c': None, 'd': re.compile(b'^z')}}, [
            "files['a']: the first 300 bytes are equal; then expected '2', got '1'",
            "files['d']: expected /^z/, got <absent>"]),
    (MULTIPART, upload((b'a', b'1\n2\n' + b'x' * 300)), {'files': {'a': b'1\n5\n' + b'x' * 300}},
     ["files['a'] differs:", '  --- expected', '  +++ received', '  @@ -1,3 +1,3 @@', '   1',
      '  -5', '  +2', '   ' + 'x' * 199 + '... (301 characters)'])])
def test_a_difference_of_a_body_shows_what_was_expected_and_what_came(
        server, field, body, criteria, lines):
    send(server, 'POST', '/', field, body=body)
    assert difference(server, **criteria) == lines


def test_what_is_met_is_no_difference_in_a_diff(server):
    send(server, 'GET', '/?a=1&more=2&c=tea&d=' + 'x' * 150)
    wanted = {'a': 2, 'b': None, 'c': re.compile('^t'), 'd': is_long, 'e': is_long}
    assert difference(server, query=wanted) == [
        'query differs:', '  --- expected', '  +++ received', '  @@ -1,6 +1,5 @@',
        '   {', '  -  "a": "2",', '  +  "a": "1",', '     "c": "tea",',
        '  -  "d": "%s",' % ('x' * 150), '  -  "e": "is_long"',
        '  +  "d": "%s"' % ('x' * 150), '   }']


def test_a_near_miss_shows_the_criteria_of_the_nearest_route(server):
    server.route('GET', '/a', {'debug': None}, auth=('ann', 'pw'),
                 headers={'X-A': re.compile('^b')}, response_status=299)
    assert ask(server, 'GET', '/a?debug=1', 'X-A: c').body.decode('utf-8') == (
        'no route matches GET /a?debug=1\n'
        "nearest route: GET /a query={'debug': <absent>} headers={'X-A': /^b/} "
        "auth=('basic', ('ann', 'pw'))\n"
        "  query: expected {'debug': <absent>}, got {'debug': '1'}\n"
        "  headers: expected {'X-A': /^b/}, got {'X-A': 'c'}\n"
        "  auth: expected ('basic', ('ann', 'pw')), got no credentials\n")


@pytest.mark.parametrize('criteria', [
    {'query': {'page': int}}, {'headers': {'X-A': int}}, {'cookies': {'c': int}}, {'body': int}])
def test_a_function_that_fails_on_a_request_for_another_route_is_a_near_miss(server, criteria):
    server.route('GET', '/a', response_status=299, **criteria)
    send(server, 'GET', '/b?page=x', 'X-A: x', 'Cookie: c=x', body=b'x')
    assert server.history[0].response_status == 404
    assert '%s: expected ' % list(criteria)[0] in failure(server.check)
    server.reset()


def test_a_function_that_fails_is_reported(server):
    server.route(query={'page': int}, response_status=299)
    assert ask(server, 'GET', '/?page=2').status == 299
    assert ask(server, 'GET', '/?page=x').status == 500
    assert 'invalid literal for int()' in failure(server.check)
    server.reset()


# Which criteria need the body.

@pytest.mark.parametrize('criteria, expected', [
    ({'query': {'a': is_long}}, False), ({'headers': {'a': is_long}}, False),
    ({'cookies': {'a': is_long}}, False), ({'auth': 't'}, False), ({'path': 'http://a/b'}, False),
    ({'form': {'a': is_long}}, True), ({'files': {'a': is_long}}, True), ({'body': is_long}, True),
    ({'json_has': {}}, True)])
def test_a_fault_before_the_body_is_refused_if_a_criterion_needs_it(server, criteria, expected):
    keys = dict(criteria, response_fault='reset', response_fault_at='request')
    if expected:
        with pytest.raises(ValueError):
            server.route(**keys)
    else:
        server.route(**keys)
