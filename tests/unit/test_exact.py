# -*- coding: utf-8 -*-
"""Criteria that only requests meet which are equal to a recorded one."""
import pytest

from httptestserver.recording.exact import ExactCriteria, wanted_body
from support.recorded import recorded

JSON, FORM = 'application/json', 'application/x-www-form-urlencoded'
MULTIPART = 'multipart/form-data; boundary='


def post(body, kind='', target='/'):
    head = 'POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n\r\n' % (target, kind)
    return recorded(head.encode('ascii') + body)


def of(body, kind='', target='/'):
    return ExactCriteria('POST', target, wanted_body(body, kind))


def multipart(boundary, *parts):
    lines = [line for part in parts for line in (
        '--' + boundary, 'Content-Disposition: form-data; ' + part[0], '', part[1])]
    return '\r\n'.join(lines + ['--%s--' % boundary, '']).encode('ascii')


FIELD, FILE = ('name="a"', '1'), ('name="f"; filename="x"', 'content')


@pytest.mark.parametrize('one, kind, other', [
    (b'{"a": 1, "b": [true, null]}', JSON, b'{"b":[true,null],"a":1.0}'),
    (b'null', JSON, b' null '),
    (b'{"a": 1}', 'application/problem+json; charset=utf-8', b'{"a":1}'),
    (b'a=1&b=2&a=3', FORM, b'b=2&a=1&a=3'),
    (b'a=%20', FORM, b'a=+'),
    (b'a=%E9', FORM, b'a=\xe9'),
    (b'', JSON, b''),
    (b'{', JSON, b'{'),
])
def test_bodies_are_equal_by_their_kind(one, kind, other):
    criteria = of(one, kind)
    assert criteria.match(post(other, kind))
    assert criteria.key == of(other, kind).key


@pytest.mark.parametrize('one, kind, other', [
    (b'{"a": 1}', JSON, b'{"a": true}'),
    (b'{"a": 1}', JSON, b'{"a": 1, "b": 2}'),
    (b'[1, 2]', JSON, b'[2, 1]'),
    (b'null', JSON, b''),
    (b'[]', JSON, b'[' * 600 + b']' * 600),
    (b'', JSON, b'null'),
    (b'a=1&a=2', FORM, b'a=2&a=1'),
    (b'a=%E9', FORM, b'a=%E8'),
    (b'%E9=a', FORM, b'%E8=a'),
    (b'a=%E9', FORM, b'a=%C3%A9'),
    (b'a=%E9', FORM, b'a=%EF%BF%BD'),
    (b'a=1', FORM, b'a=1&b=2'),
    (b'a=%FF', FORM, b'a=1'),
    (b'&', FORM, b''),
    (b'{"a": 1}', 'text/plain', b'{"a":1}'),
    (b'x', '', b'y'),
    (b'x', '', b''),
    (b'', '', b'x'),
])
def test_bodies_that_are_not_equal_do_not_match(one, kind, other):
    criteria = of(one, kind)
    assert criteria.match(post(one, kind))
    assert not criteria.match(post(other, kind))
    assert not of(other, kind).match(post(one, kind))
    assert criteria.key != of(other, kind).key


def test_multipart_forms_are_compared_by_fields_and_files():
    criteria = of(multipart('one', FIELD, FILE), MULTIPART + 'one')
    assert criteria.match(post(multipart('two', FILE, FIELD), MULTIPART + 'two'))
    for parts in ([FIELD], [FILE], [FIELD, ('name="f"; filename="y"', 'content')],
                  [FIELD, ('name="f"; filename="x"', 'other')],
                  [FIELD, FILE, ('name="g"; filename="x"', '')], [FIELD, FIELD, FILE]):
        request = post(multipart('two', *parts), MULTIPART + 'two')
        assert not criteria.match(request)
        assert [each.name for each in criteria.differences(request)] in (['form'], ['files'])
    assert not criteria.match(post(b'', MULTIPART + 'two'))
    assert [str(each).partition(', got ')[2] for each in criteria.differences(
        post(b'', MULTIPART + 'two'))] == ['no body', 'no body']


@pytest.mark.parametrize('one, other', [
    (b'name="a"\r\n\r\n\xe9', b'name="a"\r\n\r\n\xe8'),
    (b'name="a"\r\n\r\n\xe9', b'name="a"\r\n\r\n\xc3\xa9'),
    (b'name="\xe9"\r\n\r\n1', b'name="\xc3\xa9"\r\n\r\n1'),
    (b'name="f"; filename="\xe9"\r\n\r\n1', b'name="f"; filename="\xc3\xa9"\r\n\r\n1'),
])
def test_multipart_forms_are_compared_by_bytes(one, other):
    bodies = [b'--x\r\nContent-Disposition: form-data; ' + each + b'\r\n--x--\r\n'
              for each in (one, other)]
    kind = MULTIPART + 'x; charset=iso-8859-1'
    criteria, others = [of(body, kind) for body in bodies]
    assert criteria.match(post(bodies[0], kind)) and others.match(post(bodies[1], kind))
    assert not criteria.match(post(bodies[1], kind)) and not others.match(post(bodies[0], kind))
    assert criteria.key != others.key


@pytest.mark.parametrize('sent, equal, other', [
    (b'/\xe9', '/%E9', '/%C3%A9'), (b'/\xc3\xa9', '/%C3%A9', '/%E9'),
    (b'/?q=\xe9', '/?q=%E9', '/?q=%C3%A9'), (b'/?q=\xc3\xa9', '/?q=%C3%A9', '/?q=%E9'),
    (b'http://x/\xe9', 'http://x/%E9', 'http://x/%C3%A9'),
    (b'/\xe9', 'http://x/%E9', 'http://y/%E9')])
def test_bytes_of_a_target_are_compared_whether_escaped_or_not(sent, equal, other):
    request = recorded(b'POST ' + sent + b' HTTP/1.1\r\nHost: x\r\n\r\n')
    assert of(b'', '', equal).match(request)
    assert not of(b'', '', other).match(request)
    assert len(of(b'', '', other).differences(request)) == 1


def test_a_difference_shows_bytes_that_are_not_utf_8_escaped():
    criteria = of(b'a=caf%E9', FORM, '/?q=caf%E9')
    query, form = criteria.differences(post(b'a=caf%FF', FORM, '/?q=%FE'))
    escape = r'\x' if str is bytes else r'\udc'
    assert str(query) == "query: expected {'q': 'caf%se9'}, got {'q': '%sfe'}" % (escape, escape)
    assert str(form) == "form: expected {'a': 'caf%se9'}, got {'a': 'caf%sff'}" % (escape, escape)
    assert str(criteria).encode('ascii')


def test_a_form_without_its_boundary_is_compared_as_bytes():
    criteria = of(b'--x\r\n', MULTIPART[:-len('; boundary=')])
    assert criteria.match(post(b'--x\r\n'))
    assert not criteria.match(post(b'--y\r\n'))


def test_the_kind_of_the_request_does_not_count():
    assert of(b'{"a": 1}', JSON).match(post(b'{"a":1}', 'text/plain'))


def test_a_coding_of_the_body_is_undone():
    import zlib
    request = recorded(b'POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: deflate\r\n\r\n'
                       + zlib.compress(b'x'))
    assert of(b'x').match(request)
    damaged = recorded(b'POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: deflate\r\n\r\nx')
    assert of(b'x').match(damaged)


def test_a_body_that_was_cut_is_not_equal():
    request = post(b'x')
    request['body_discarded'] = 1
    assert not of(b'x').match(request)
    assert 'got 1 bytes of a longer body' in str(of(b'x').differences(request)[0])


@pytest.mark.parametrize('one, other, equal', [
    ('/?a=1&b=2', '/?b=2&a=1', True), ('/?', '/', True), ('/?a', '/?a=', True),
    ('/?a=1', '/?a=1&a=1', False), ('/?a=1', '/', False), ('/', '/?a=1', False),
    ('/?a=%FF', '/?a=%ff', True), ('/?a=%FF', '/?a=%FE', False), ('/?%FF', '/?%FE', False),
    ('/?a=%E9', '/?a=%C3%A9', False), ('/?a;b=1', '/?a%3Bb=1', True), ('/?a&&b', '/?a&b', True),
    ('/%61', '/a', True), ('/a%2Fb', '/a/b', False), ('/?a=%3D', '/?a==', True)])
def test_targets_are_compared_whole(one, other, equal):
    criteria = of(b'', '', one)
    assert criteria.match(post(b'', '', other)) == equal
    assert (criteria.key == of(b'', '', other).key) == equal
