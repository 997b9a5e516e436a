# -*- coding: utf-8 -*-
"""What a request has to be to match a route, and the text that says why none does."""
import json
import re

import pytest
from six import ensure_str

from httptestserver.scripting.vocabulary import VOCABULARY
from support.client import ask

try:
    from unittest import mock
except ImportError:
    import mock

URLENCODED = 'Content-Type: application/x-www-form-urlencoded'
MULTIPART = 'Content-Type: multipart/form-data; boundary=limit'


def is_matched(server, *what, **keys):
    """Send a request, and return whether the route of the test answered it."""
    status = ask(server, *what, **keys).status
    assert status in (299, 404), server.check()
    return status == 299


def multipart(*parts):
    """Return a body of *parts*, each a head and its content."""
    return b''.join([b'--limit\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n' % part
                     for part in parts]) + b'--limit--\r\n'


# Methods.

@pytest.mark.parametrize('method, sent, expected', [
    (None, 'GET', True), (None, 'PURGE', True),
    ('GET', 'GET', True), ('get', 'GET', True), ('GET', 'get', True), ('GeT', 'gEt', True),
    ('GET', 'HEAD', False), ('GET', 'GETS', False), ('GET', 'POST', False),
    (('GET', 'HEAD'), 'HEAD', True), (('GET', 'head'), 'GET', True),
    (['GET', 'HEAD'], 'POST', False), (('PURGE',), 'purge', True),
    (u'GET', 'GET', True),
])
def test_a_method_is_matched_in_any_case(server, method, sent, expected):
    server.route(method, response_status=299)
    assert is_matched(server, sent) is expected


# Paths.

@pytest.mark.parametrize('path, sent, expected', [
    ('/a', '/a', True), ('/a', '/a/', False), ('/a', '/A', False), ('/a', '/b', False),
    ('/a', '/ab', False), ('/ab', '/a', False), ('/', '/', True), ('/a//b', '/a//b', True),
    ('/a//b', '/a/b', False), ('/a', '/a?b=c', True), ('/a', '/a/../a', False),
    (u'/a', '/a', True),
    # Percent-encoding, RFC 3986, section 2.
    ('/a b', '/a%20b', True), ('/a%20b', '/a%20b', True), ('/a b', '/a+b', False),
    ('/%61', '/a', True), ('/a', '/%61', True), ('/%7Eu', '/~u', True), ('/%7eu', '/%7Eu', True),
    ('/a%2Fb', '/a%2Fb', True), ('/a%2Fb', '/a%2fb', True), ('/a/b', '/a%2Fb', False),
    ('/a%2Fb', '/a/b', False), ('/a%252Fb', '/a%2Fb', False), ('/100%', '/100%', True),
    (u'/\u20ac', '/%E2%82%AC', True), (u'/\u20ac', '/%e2%82%ac', True),
    ('/%E2%82%AC', '/%E2%82%AC', True), ('/%FF', '/%ff', True), ('/%FF', '/%FE', False),
    ('/a?b', '/a?b=', True), ('/a%3Fb', '/a%3Fb', True), ('/a%3Fb', '/a?b', False),
])
def test_a_path_is_compared_segment_by_segment_in_decoded_form(server, path, sent, expected):
    server.route('GET', path, response_status=299)
    assert is_matched(server, 'GET', sent) is expected


def test_bytes_that_are_sent_unencoded_are_the_same_path(server):
    server.route('GET', u'/\u20ac', response_status=299)
    assert is_matched(server, 'GET', u'/\u20ac')


@pytest.mark.parametrize('path, sent, params', [
    ('/users/{id}', '/users/7', {'id': '7'}),
    ('/users/{id}', '/users/a%20b', {'id': 'a b'}),
    ('/users/{id}', '/users/a%2Fb', {'id': 'a/b'}),
    ('/users/{id}', '/users/7?x=y', {'id': '7'}),
    ('/{a}/{b}', '/x/y', {'a': 'x', 'b': 'y'}),
    ('/{a}/x/{b_2}', '/1/x/2', {'a': '1', 'b_2': '2'}),
    ('/plain', '/plain', {}),
    ('/users/{id}', '/users/', None),
    ('/users/{id}', '/users', None),
    ('/users/{id}', '/users/7/', None),
    ('/users/{id}', '/users/7/8', None),
    ('/users/{id}', '/posts/7', None),
])
def test_a_part_of_a_template_is_one_segment_and_stands_in_params(server, path, sent, params):
    seen = []
    server.route('GET', path, response_callback=lambda request: seen.append(
        request.params) or 299)
    assert is_matched(server, 'GET', sent) is (params is not None)
    assert seen == ([] if params is None else [params])
    assert [entry.params for entry in server.history] == [params or {}]


def test_params_are_text_also_if_the_segment_is_not_ascii(server):
    server.route('GET', '/{name}', response_callback=lambda request: request.params['name'])
    assert ask(server, 'GET', '/%E2%82%AC').body == b'\xe2\x82\xac'


@pytest.mark.parametrize('pattern, sent, expected', [
    ('^/users/[0-9]+$', '/users/77', True), ('^/users/[0-9]+$', '/users/x', False),
    ('users', '/all/users/1', True), ('^users', '/users', False), ('b=c', '/a?b=c', False),
    ('(?i)^/A$', '/a', True), ('^/a$', '/a?b', True),
])
def test_a_compiled_regex_is_searched_in_the_path(server, pattern, sent, expected):
    server.route('GET', re.compile(pattern), response_status=299)
    assert is_matched(server, 'GET', sent) is expected


def test_a_regex_of_text_that_is_not_ascii_is_shown(server):
    route = server.route('GET', re.compile(u'^/\xe9'))
    assert repr(route) == '<Route GET /^/%s/>' % ensure_str(u'\xe9')


def test_a_callable_is_asked_about_the_path_without_its_query(server):
    asked = []
    server.route('GET', lambda path: asked.append(path) or path.endswith('.png'),
                 response_status=299)
    assert is_matched(server, 'GET', '/x/y.png?a=b')
    assert asked == ['/x/y.png']
    assert not is_matched(server, 'GET', '/x/y.jpg')


@pytest.mark.skipif(str is bytes, reason='on Python 2 bytes are a str')
def test_a_regex_of_bytes_is_no_path(server):
    with pytest.raises(TypeError) as caught:
        server.route('GET', re.compile(b'a'))
    assert str(caught.value).endswith('; a regex of text is needed')


@pytest.mark.parametrize('path', [5, ['/a'], {'/a': 1}, 1.5])
def test_what_is_no_path_is_refused(server, path):
    with pytest.raises(TypeError) as caught:
        server.route('GET', path)
    assert str(caught.value) == (
        'path is a str, a compiled regex or a callable of the path, got %r (%s)'
        % (path, type(path).__name__))


@pytest.mark.parametrize('path, sent, expected', [
    ('http://a.test/x', 'http://a.test/x', True),
    ('http://A.test/x', 'http://a.TEST/x', True),
    ('http://a.test/x', 'http://b.test/x', False),
    ('http://a.test/x', 'https://a.test/x', False),
    ('http://a.test:81/x', 'http://a.test/x', False),
    ('http://a.test/x', '/x', False),
    ('http://a.test', 'http://a.test/', True),
    ('http://a.test/{id}', 'http://a.test/7', True),
    ('http://a.test/x?b=c', 'http://a.test/x?b=c', True),
    ('/x', 'http://a.test/x', True),
    ('/x', 'http://a.test/y', False),
])
def test_a_path_may_name_the_host_of_an_absolute_target(server, path, sent, expected):
    server.route('GET', path, response_status=299)
    assert is_matched(server, 'GET', sent) is expected
    assert server.history[0]['path'] == sent


# Queries.

@pytest.mark.parametrize('query, sent, expected', [
    ({'a': 'b'}, '/?a=b', True), ({'a': 'b'}, '/?c=d&a=b', True), ({'a': 'b'}, '/?a=c', False),
    ({'a': 'b'}, '/', False), ({'a': ''}, '/?a=', True), ({'a': ''}, '/?a', True),
    ({'a': 'b c'}, '/?a=b+c', True), ({'a': 'b c'}, '/?a=b%20c', True),
    ({'a': u'\u20ac'}, '/?a=%E2%82%AC', True), ({'a': u'\u20ac'}, '/?a=%E2%82%AD', False),
    ({'a': 'b', 'c': 'd'}, '/?c=d&a=b', True), ({'a': 'b', 'c': 'd'}, '/?a=b', False),
    # If a name repeats, one value has to be among them, and a list has to be all of them.
    ({'a': 'b'}, '/?a=c&a=b', True), ({'a': 'd'}, '/?a=c&a=b', False),
    ({'a': ['b', 'c']}, '/?a=b&a=c', True), ({'a': ('b', 'c')}, '/?a=b&a=c', True),
    ({'a': ['b', 'c']}, '/?a=c&a=b', False), ({'a': ['b', 'c']}, '/?a=b', False),
    ({'a': ['b', 'c']}, '/?a=b&a=c&a=d', False),
    ({'a': mock.ANY}, '/?a=x', True), ({'a': mock.ANY}, '/?b=x', False),
    ({}, '/?a=b', True), ({}, '/', True),
])
def test_a_query_is_a_subset(server, query, sent, expected):
    server.route('GET', '/', query=query, response_status=299)
    assert is_matched(server, 'GET', sent) is expected


@pytest.mark.parametrize('path, query, sent, expected', [
    ('/a?b=c', None, '/a?b=c', True), ('/a?b=c', None, '/a?x=y&b=c', True),
    ('/a?b=c', None, '/a', False), ('/a?b=c', None, '/a?b=d', False),
    ('/a?b=c%20d', None, '/a?b=c+d', True),
    ('/a?b=c&b=d', None, '/a?b=c&b=d', True), ('/a?b=c&b=d', None, '/a?b=c', False),
    ('/a?b=c', {'d': 'e'}, '/a?b=c&d=e', True), ('/a?b=c', {'d': 'e'}, '/a?b=c', False),
    ('/a?b=c', {'d': 'e'}, '/a?d=e', False), ('/{id}?b=c', None, '/7?b=c', True),
])
def test_a_query_may_stand_in_the_path(server, path, query, sent, expected):
    server.route('GET', path, query=query, response_status=299)
    assert is_matched(server, 'GET', sent) is expected


# Header fields and cookies.

@pytest.mark.parametrize('headers, fields, expected', [
    ({'X-A': 'b'}, ['X-A: b'], True), ({'x-a': 'b'}, ['X-A: b'], True),
    ({'X-A': 'b'}, ['x-a: b'], True), ({'X-A': 'b'}, ['X-A: B'], False),
    ({'X-A': 'b'}, [], False), ({'X-A': 'b'}, ['X-A: b', 'X-C: d'], True),
    ({'X-A': 'b', 'X-C': 'd'}, ['X-A: b'], False),
    ({'X-A': 'b'}, ['X-A: c', 'X-A: b'], True), ({'X-A': ['c', 'b']}, ['X-A: c', 'X-A: b'], True),
    ({'X-A': ['b', 'c']}, ['X-A: c', 'X-A: b'], False),
    ({'X-A': mock.ANY}, ['X-A: c'], True), ({'X-A': mock.ANY}, [], False),
    ({'X-A': ''}, ['X-A:'], True),
])
def test_header_fields_are_a_subset_with_names_in_any_case(server, headers, fields, expected):
    server.route(headers=headers, response_status=299)
    assert is_matched(server, 'GET', '/', *fields) is expected


@pytest.mark.parametrize('cookies, fields, expected', [
    ({'a': 'b'}, ['Cookie: a=b'], True), ({'a': 'b'}, ['Cookie: c=d; a=b'], True),
    ({'a': 'b'}, ['Cookie: a="b"'], True), ({'a': 'b=c'}, ['Cookie: a=b=c'], True),
    ({'a': 'b'}, ['Cookie: A=b'], False), ({'a': 'b'}, ['Cookie: a=c'], False),
    ({'a': 'b'}, [], False), ({'a': 'b'}, ['Cookie: junk; a=b'], True),
    ({'a': 'b', 'c': 'd'}, ['Cookie: a=b', 'Cookie: c=d'], True),
    ({'a': mock.ANY}, ['Cookie: a=x'], True),
])
def test_cookies_are_a_subset(server, cookies, fields, expected):
    server.route(cookies=cookies, response_status=299)
    assert is_matched(server, 'GET', '/', *fields) is expected


# Bodies.

@pytest.mark.parametrize('body, sent, expected', [
    (b'a', b'a', True), (b'a', b'ab', False), (b'', b'', True), (b'', b'a', False),
    (u'\u20ac', b'\xe2\x82\xac', True), ('a', b'a', True), (b'\xff', b'\xff', True),
    (mock.ANY, b'a', True),
])
def test_a_body_is_equal(server, body, sent, expected):
    server.route(body=body, response_status=299)
    assert is_matched(server, 'POST', '/', body=sent) is expected


@pytest.mark.parametrize('value, sent, expected', [
    ({'a': 1}, b'{"a": 1}', True), ({'a': 1}, b' {"a":1.0} ', True), ({'a': 1}, b'{"a":2}', False),
    ({'a': 1}, b'{"a":1,"b":2}', False), ([1, 2], b'[1,2]', True), ([1, 2], b'[2,1]', False),
    ('a', b'"a"', True), (u'\u20ac', b'"\\u20ac"', True), (u'\u20ac', b'"\xe2\x82\xac"', True),
    (0, b'0', True), (False, b'false', True), ([], b'[]', True), ({}, b'{}', True),
    ({}, b'[]', False), ({}, b'', False), ({'a': 1}, b'{"a"', False), ({'a': 1}, b'\xff', False),
    ({'a': mock.ANY}, b'{"a":[1,{}]}', True), ({'a': mock.ANY}, b'{"b":1}', False),
    (mock.ANY, b'null', True),
])
def test_json_is_equal(server, value, sent, expected):
    server.route(json=value, response_status=299)
    assert is_matched(server, 'POST', '/', body=sent) is expected


@pytest.mark.parametrize('form, sent, expected', [
    ({'a': 'b'}, b'a=b', True), ({'a': 'b'}, b'c=d&a=b', True), ({'a': 'b c'}, b'a=b+c', True),
    ({'a': 'b'}, b'a=c', False), ({'a': 'b'}, b'', False), ({'a': ''}, b'a=', True),
    ({'a': ['b', 'c']}, b'a=b&a=c', True), ({'a': 'c'}, b'a=b&a=c', True),
    ({'a': mock.ANY}, b'a=b', True),
])
def test_an_urlencoded_form_is_a_subset(server, form, sent, expected):
    server.route(form=form, response_status=299)
    assert is_matched(server, 'POST', '/', URLENCODED, body=sent) is expected


@pytest.mark.parametrize('form, sent, expected', [
    ({'a': 'b'}, multipart((b'name="a"', b'b')), True),
    ({'a': 'b'}, multipart((b'name="c"', b'd'), (b'name="a"', b'b')), True),
    ({'a': 'b'}, multipart((b'name="a"', b'c')), False),
    ({'a': 'b\r\nc'}, multipart((b'name="a"', b'b\r\nc')), True),
    ({'a': ['b', 'c']}, multipart((b'name="a"', b'b'), (b'name="a"', b'c')), True),
    ({'a': 'b'}, multipart((b'name="a"; filename="f"', b'b')), False),
    ({'a': 'b'}, multipart((b'name=a', b'b')), True),
    ({'a': 'b'}, b'', False),
])
def test_a_multipart_form_is_a_subset_without_its_files(server, form, sent, expected):
    server.route(form=form, response_status=299)
    assert is_matched(server, 'POST', '/', MULTIPART, body=sent) is expected


@pytest.mark.parametrize('field, body', [
    ('Content-Type: multipart/form-data', b'--x\r\n\r\n'),
    (MULTIPART, multipart((b'name="a"', b'\xff'))),
    (MULTIPART, b'\xff\xfe'),
    (URLENCODED, b'\xff=%ff'),
    ('Content-Type: application/json; charset=none', b'{}'),
    ('Content-Type: application/json; charset=utf-16', b'{}x'),
])
def test_a_body_that_is_not_what_it_says_is_no_match_and_no_error(server, field, body):
    server.route('POST', form={'a': 'b'}, response_status=299)
    server.route('POST', json={'a': 'b'}, response_status=299)
    assert not is_matched(server, 'POST', '/', field, body=body)
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert str(caught.value).startswith('no route matches POST /\n')


def test_match_is_asked_about_the_request(server):
    server.route(match=lambda request: request.json()['a'] > 1, response_status=299)
    for value in (1, 2):
        body = json.dumps({'a': value}).encode('ascii')
        assert is_matched(server, 'POST', '/', body=body) is (value == 2)


@pytest.mark.parametrize('criterion', ['match', 'path'])
@pytest.mark.parametrize('result, expected', [(True, True), (1, True), (None, False), ('', False)])
def test_what_is_true_is_a_match(server, criterion, result, expected):
    server.route(response_status=299, **{criterion: lambda _: result})
    assert is_matched(server) is expected


@pytest.mark.parametrize('wrong', [
    ('POST', '/a?b=c', 'X-A: b', 'Cookie: c=d'), ('PUT', '/x?b=c', 'X-A: b', 'Cookie: c=d'),
    ('PUT', '/a?b=d', 'X-A: b', 'Cookie: c=d'), ('PUT', '/a?b=c', 'X-A: c', 'Cookie: c=d'),
    ('PUT', '/a?b=c', 'X-A: b', 'Cookie: c=e')])
def test_all_criteria_have_to_be_met(server, wrong):
    server.route('PUT', '/a', {'b': 'c'}, {'X-A': 'b'}, b'{"e": "f"}', {'e': 'f'},
                 None, {'c': 'd'}, lambda request: request.exchange_index == 0
                 if hasattr(request, 'exchange_index') else True, response_status=299)
    right = ('PUT', '/a?b=c', 'X-A: b', 'Cookie: c=d')
    assert is_matched(server, *right, body=b'{"e": "f"}')
    assert not is_matched(server, *wrong, body=b'{"e": "f"}')
    assert not is_matched(server, *right, body=b'{"e": "g"}')


def test_a_criterion_that_does_not_exist_is_refused_with_the_nearest(server):
    with pytest.raises(TypeError) as caught:
        server.route('GET', '/', header={'A': 'b'})
    assert str(caught.value) == (
        'header is not a keyword of route(); did you mean headers? All of them: method, path, '
        'query, headers, body, json, form, cookies, match, json_has, files, auth, count, '
        + ', '.join(sorted(VOCABULARY)))


@pytest.mark.parametrize('name, meant', [
    ('status', 'response_status'), ('status_code', 'response_status'), ('code', 'response_status'),
    ('content', 'response_content'), ('data', 'response_content'), ('text', 'response_content'),
    ('timeout', 'response_timeout'), ('delay', 'response_timeout'), ('raw', 'response_raw'),
    ('callback', 'response_callback'), ('stauts', 'response_status'), ('url', 'path'),
    ('params', 'query'), ('verb', 'method'), ('methd', 'method'), ('bdy', 'body'),
    ('respons_status', 'response_status')])
def test_a_keyword_of_another_library_leads_to_the_one_of_route(server, name, meant):
    with pytest.raises(TypeError) as caught:
        server.route('GET', '/', **{name: 1})
    assert str(caught.value).startswith(
        '%s is not a keyword of route(); did you mean %s? All of them: method, ' % (name, meant))
    assert ask(server).status == 200


def test_a_keyword_that_is_like_none_is_refused_with_all(server):
    with pytest.raises(TypeError) as caught:
        server.route('GET', '/', name='x')
    assert str(caught.value).startswith('name is not a keyword of route(). All of them: method, ')


@pytest.mark.parametrize('method, name, meant', [
    ('wait', 'timout', 'timeout'), ('wait', 'cuont', 'count'), ('wait', 'times', 'count'),
    ('wait', 'url', 'path'), ('wait', 'data', 'body'), ('wait', 'params', 'query'),
    ('assert_requested', 'times', 'count'), ('assert_requested', 'hedaers', 'headers'),
    ('assert_not_requested', 'content', 'body'), ('assert_not_requested', 'pth', 'path')])
def test_a_keyword_of_a_wait_or_an_assertion_leads_to_the_one_that_was_meant(
        server, method, name, meant):
    with pytest.raises(TypeError) as caught:
        getattr(server, method)(**{name: 1})
    assert str(caught.value).startswith(
        '%s is not a keyword of %s(); did you mean %s? All of them: ' % (name, method, meant))


@pytest.mark.parametrize('method', ['wait', 'assert_requested', 'assert_not_requested'])
@pytest.mark.parametrize('name', ['status', 'response_status', 'name'])
def test_what_is_no_criterion_of_a_request_is_refused_with_all(server, method, name):
    with pytest.raises(TypeError) as caught:
        getattr(server, method)(**{name: 1})
    assert str(caught.value).startswith('%s is not a keyword of %s(). All of them: '
                                        % (name, method))


@pytest.mark.parametrize('criteria', [
    {'method': 5}, {'method': ['GET', 5]}, {'query': 'a=b'}, {'query': [('a', 'b')]},
    {'headers': 'X-A: b'}, {'headers': ['X-A']}, {'headers': {5: 'b'}}, {'cookies': 'a=b'},
    {'form': b'a=b'}, {'body': 5}, {'body': {'a': 'b'}}, {'match': 5}, {'match': 'x'},
    {'json_has': {1}}, {'files': 'a'}, {'auth': 5}])
def test_a_criterion_of_a_wrong_type_is_refused_at_its_line(server, criteria):
    with pytest.raises((TypeError, ValueError)) as caught:
        server.route(**criteria)
    assert list(criteria)[0] in str(caught.value)


BODY = ('body is bytes, str for UTF-8, a compiled regex, a callable of the bytes, or an object '
        'with an __eq__ of its own')
CALLS = ['route', 'wait', 'assert_requested', 'assert_not_requested']


def refused(kind, server, call, **criteria):
    """Return the message with which *call* refuses *criteria*; no route is added."""
    with pytest.raises(kind) as caught:
        getattr(server, call)(**criteria)
    assert type(caught.value) is kind
    assert ask(server).status == 200
    return str(caught.value)


@pytest.mark.parametrize('call', CALLS)
def test_a_path_in_the_place_of_the_method_is_refused(server, call):
    assert refused(ValueError, server, call, method='/users') == (
        "method is a word such as 'GET', got '/users' (str); did you mean path='/users'?")
    assert refused(ValueError, server, call, method='/users', path='GET') == (
        "method is a word such as 'GET', got '/users' (str); did you mean path='/users'?")
    if call != 'wait':
        with pytest.raises(ValueError):
            getattr(server, call)('/users')


@pytest.mark.parametrize('call', CALLS)
def test_a_path_without_its_slash_is_refused(server, call):
    assert refused(ValueError, server, call, method='GET', path='users') == (
        "path is a str that begins with '/', 'http://' or 'https://', or '*', got 'users' "
        "(str); did you mean '/users'?")


@pytest.mark.parametrize('call', CALLS)
def test_the_path_of_connect_is_an_authority(server, client, call):
    # A 2xx to CONNECT has no length.
    server.data['response_status'] = 502
    client.send(b'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n')
    client.answer()
    if call == 'assert_not_requested':
        server.assert_not_requested('CONNECT', 'b.test:443')
    else:
        assert getattr(server, call)(method='CONNECT', path='a.test:443')


@pytest.mark.parametrize('call', CALLS)
@pytest.mark.parametrize('criterion', ['query', 'headers', 'form', 'cookies'])
@pytest.mark.parametrize('value', [1.5, True, {'b': 'c'}, object])
def test_a_value_that_no_text_equals_is_refused_at_its_line(server, call, criterion, value):
    if value is object:
        value = object()
    text = refused(TypeError, server, call, **{criterion: {'a': value}})
    assert text.startswith(
        "%s['a'] is a str, an int, a compiled regex, a callable of the text, None for absent, a "
        'list of these, or an object with an __eq__ of its own, got %r' % (criterion, value))


@pytest.mark.parametrize('call', CALLS)
@pytest.mark.parametrize('criteria, text', [
    ({'body': {'a': 1}}, BODY + ", got {'a': 1} (dict); did you mean json= or form=?"),
    ({'body': 5}, BODY + ", got 5 (int); did you mean '5'?"),
    ({'json': {'a': (1, 2)}}, "json['a'] is a value that JSON has, or an object with an __eq__ of "
                              'its own, got (1, 2) (tuple); did you mean [1, 2]?'),
    ({'json_has': [{1: 2}]}, "a name in json_has[0] is a str, got 1 (int); did you mean '1'?"),
    ({'files': {'a': 1}}, "files['a'] is bytes, str for UTF-8, a compiled regex, a callable of the "
                          'bytes, None for absent, a list of these, or an object with an __eq__ of '
                          "its own, got 1 (int); did you mean '1'?"),
    ({'files': [('a', b'b')]}, 'files is a dict of names and values, got '),
    ({'auth': 5}, 'auth is (user, password) for Basic or a str for a Bearer token, got 5 (int); '
                  "did you mean '5'?"),
    ({'path': {}}, 'path is a str, a compiled regex or a callable of the path, got {} (dict)')])
def test_what_no_request_has_is_refused_at_its_line(server, call, criteria, text):
    assert refused(TypeError, server, call, **criteria).startswith(text)


@pytest.mark.parametrize('call', CALLS)
@pytest.mark.parametrize('criteria, text', [
    ({'auth': ('a:b', 'c')}, 'auth is (user, password) for Basic or a str for a Bearer token, got '
                             "('a:b', 'c') (tuple); a user has no colon"),
    ({'path': 'http://ann:pw@a.test/'}, 'path is a URL whose host is a name or an address, got '
                                        "'http://ann:pw@a.test/' (str); did you mean auth=?"),
    ({'path': '/a#b?c'}, "path is a str without a fragment, got '/a#b?c' (str); did you mean "
                         "'/a'?"),
    ({'auth': 'Bearer t1'}, 'auth is (user, password) for Basic or a str for a Bearer token, got '
                            "'Bearer t1' (str); did you mean 't1'?"),
    ({'path': '/{a...}/b'}, 'a template has {name} for a whole segment, {name...} for the rest at '
                            'its end, each name once, and other braces as %7B and %7D; got '
                            '/{a...}/b')])
def test_what_no_request_can_be_is_refused_at_its_line(server, call, criteria, text):
    assert refused(ValueError, server, call, **criteria) == text


@pytest.mark.parametrize('path', ['/users/{id}.json', '/{a b}', '/users/{}', '/x-{id}', '/{1}',
                                  '/{a}/{a}'])
def test_a_template_that_could_match_nothing_is_refused_at_its_line(server, path):
    with pytest.raises(ValueError) as caught:
        server.route('GET', path)
    assert path in str(caught.value)


# The text of a near miss.

def missed(server, *what, **keys):
    answer = ask(server, *what, **keys)
    assert answer.status == 404
    assert answer.get('content-type') == 'text/plain; charset=utf-8'
    return answer.body.decode('utf-8')


@pytest.mark.parametrize('criteria, what, text', [
    (dict(method='POST', path='/users'), ('GET', '/users'),
     'no route matches GET /users\n'
     'nearest route: POST /users\n'
     '  method: expected POST, got GET\n'),
    (dict(method=('POST', 'put'), path='/users'), ('GET', '/users'),
     'no route matches GET /users\n'
     'nearest route: POST or PUT /users\n'
     '  method: expected POST or PUT, got GET\n'),
    (dict(path='/users/{id}'), ('GET', '/user/7?a=b'),
     'no route matches GET /user/7?a=b\n'
     'nearest route: any method /users/{id}\n'
     '  path: expected /users/{id}, got /user/7\n'),
    (dict(method='GET', query={'a': 'b'}), ('GET', '/?a=c'),
     'no route matches GET /?a=c\n'
     "nearest route: GET any path query={'a': 'b'}\n"
     "  query: expected {'a': 'b'}, got {'a': 'c'}\n"),
    (dict(headers={'X-A': 'b'}), ('GET', '/', 'x-a: c'),
     'no route matches GET /\n'
     "nearest route: any method any path headers={'X-A': 'b'}\n"
     "  headers: expected {'X-A': 'b'}, got {'X-A': 'c'}\n"),
    (dict(cookies={'a': 'b'}), ('GET', '/'),
     'no route matches GET /\n'
     "nearest route: any method any path cookies={'a': 'b'}\n"
     "  cookies: expected {'a': 'b'}, got {}\n"),
    (dict(path='http://a.test/x'), ('GET', 'http://b.test/x'),
     'no route matches GET http://b.test/x\n'
     'nearest route: any method http://a.test/x\n'
     '  path: expected http://a.test/x, got http://b.test/x\n'),
    (dict(form={'a': 'b'}), ('GET', '/', 'Content-Type: multipart/form-data'),
     'no route matches GET /\n'
     "nearest route: any method any path form={'a': 'b'}\n"
     "  form: expected {'a': 'b'}, got no form: ''\n"),
    (dict(path=re.compile('^/[0-9]+$')), ('GET', '/x'),
     'no route matches GET /x\n'
     'nearest route: any method /^/[0-9]+$/\n'
     '  path: expected /^/[0-9]+$/, got /x\n'),
    (dict(json=[1]), ('GET', '/'),
     'no route matches GET /\n'
     'nearest route: any method any path json=[1]\n'
     "  json: expected [1], got no JSON: ''\n"),
])
def test_a_near_miss_shows_what_was_expected_and_what_came(server, criteria, what, text):
    server.route(response_status=299, **criteria)
    assert missed(server, *what) == text


def test_of_routes_that_are_as_near_it_is_that_with_a_path_like_it(server):
    for path in ('/orders', '/users/{id}', '/logout'):
        server.route('GET', path)
    assert 'nearest route: GET /users/{id}\n' in missed(server, 'GET', '/user/7')
    assert 'nearest route: GET /orders\n' in missed(server, 'GET', '/order')
    # If none is like it, it is the newest.
    assert 'nearest route: GET /logout\n' in missed(server, 'GET', '/x')


def test_a_near_miss_shows_a_function_by_its_name(server):
    def is_big(request):
        return False

    server.route('GET', '/', match=is_big)
    assert missed(server).startswith('no route matches GET /\nnearest route: GET / match=is_big\n'
                                     '  match: expected is_big, got <RecordedRequest')


def test_a_near_miss_is_of_the_route_that_differs_least(server):
    server.route('POST', '/far', {'a': 'b'})
    server.route('GET', '/near', {'a': 'b'})
    server.route('DELETE', '/farther', {'a': 'b'})
    assert missed(server, 'GET', '/near').splitlines() == [
        'no route matches GET /near', "nearest route: GET /near query={'a': 'b'}",
        "  query: expected {'a': 'b'}, got {}"]


def test_a_near_miss_shows_each_criterion_that_differs(server):
    server.route('POST', '/a', {'b': 'c'}, body=b'd')
    assert missed(server, 'GET', '/x').splitlines()[2:] == [
        '  path: expected /a, got /x', '  method: expected POST, got GET',
        "  query: expected {'b': 'c'}, got {}", "  body: expected 'd', got ''"]


def test_a_long_value_in_a_near_miss_is_cut_with_its_size(server):
    server.route(body=b'short')
    text = missed(server, 'POST', '/', body=b'x' * 100000)
    assert text.splitlines()[2] == (
        "  body: expected 'short', got '%s'... (100000 bytes)" % ('x' * 200))


def test_a_near_miss_has_no_content_for_head(server):
    server.route('GET', '/')
    assert ask(server, 'HEAD').status == 404


def test_a_function_that_fails_if_another_criterion_differs_is_a_near_miss_too(server):
    # It is never called, because the method differs already.
    server.route('POST', '/', match=lambda request: request.json()['a'], response_status=299)
    assert '  method: expected POST, got GET' in missed(server, 'GET', '/')
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert str(caught.value) == ('no route matches GET /\nnearest route: POST / match=<lambda>\n'
                                 '  method: expected POST, got GET\n')


@pytest.mark.parametrize('query, meant', [
    (404, 'response_status=404'), ('text', "response_content='text'"),
    (b'text', "response_content='text'"),
    (u'text', "response_content='text'")])
def test_a_response_in_the_place_of_the_query_is_refused_with_its_key(server, query, meant):
    with pytest.raises(TypeError) as caught:
        server.route('GET', '/a', query)
    shown = 404 if query == 404 else "'text'"
    assert str(caught.value) == (
        'query is a dict of names and values, got %s (%s); did you mean %s?' % (
            shown, type(query).__name__, meant))


@pytest.mark.parametrize('query', ['page=2', u'page=2', b'page=2', ['page'], True])
def test_what_is_no_response_in_the_place_of_the_query_has_no_hint(server, query):
    with pytest.raises(TypeError) as caught:
        server.route('GET', '/a', query)
    assert 'did you mean' not in str(caught.value)


@pytest.mark.parametrize('path, segment, name', [
    ('/users/<id>', '<id>', 'id'), ('/users/<int:user_id>/x', '<int:user_id>', 'user_id'),
    ('/<string(length=2):lang>', '<string(length=2):lang>', 'lang')])
def test_a_placeholder_of_another_library_is_refused_with_the_one_of_this(
        server, path, segment, name):
    with pytest.raises(ValueError) as caught:
        server.route('GET', path)
    assert str(caught.value) == (
        'a template has {name} for a whole segment, got %s in %s; did you mean {%s}? '
        'A literal < is %%3C' % (segment, path, name))


@pytest.mark.parametrize('path', ['/users/:id', '/users/*', '/users/<', '/a<b>', '/%3Cid%3E'])
def test_a_path_that_may_be_meant_literally_is_accepted(server, client, path):
    server.route('GET', path)
    client.get(path.replace('<', '%3C').replace('>', '%3E'))
    assert not server.unmatched
