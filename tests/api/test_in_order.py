# -*- coding: utf-8 -*-
"""Requests in a wanted order are returned, and a failure shows both orders side by side."""
import pytest

from support.client import ask
from support.failing import failure


def send(server, *paths):
    for path in paths:
        ask(server, 'GET', path)


def paths(requests):
    return [each['path'] for each in requests]


def test_the_requests_are_returned_in_their_order(server):
    send(server, '/login', '/style.css', '/users/7', '/logout')
    found = server.assert_requested_in_order(
        ('GET', '/login'), {'path': '/users/{id}'}, ('GET', '/logout'))
    assert paths(found) == ['/login', '/users/7', '/logout']
    assert [each is other for each, other in zip(found, server.history[:1] + server.history[2:])
            ] == [True, True, True]


def test_other_requests_may_come_before_between_and_after(server):
    send(server, '/x', '/a', '/x', '/b', '/x')
    assert paths(server.assert_requested_in_order((None, '/a'), (None, '/b'))) == ['/a', '/b']


def test_each_request_is_used_once(server):
    send(server, '/a')
    failure(server.assert_requested_in_order, ('GET', '/a'), ('GET', '/a'))
    send(server, '/a')
    assert len(server.assert_requested_in_order(('GET', '/a'), ('GET', '/a'))) == 2


def test_the_opposite_order_fails_with_both_side_by_side(server):
    send(server, '/users', '/login', '/logout')
    text = failure(server.assert_requested_in_order, ('GET', '/login'), ('GET', '/users'),
                   ('GET', '/logout'))
    assert text.splitlines() == [
        'expected 3 requests in order, but number 2 came only before number 1: GET /users',
        '    wanted       received',
        '                 [0] GET /users -> 200',
        '    GET /login   [1] GET /login -> 200',
        '  > GET /users   came before: [0]',
        '    GET /logout',
        '                 [2] GET /logout -> 200']


def test_a_missing_request_fails_with_the_nearest(server):
    send(server, '/login', '/user')
    assert failure(server.assert_requested_in_order, ('GET', '/login'), {
        'method': 'GET', 'path': '/users'}).endswith(
            'nearest: [1] GET /user -> 200\n  path: expected /users, got /user')


def test_a_route_asserts_on_its_own_requests(server):
    route = server.route('GET', '/users/{id}')
    send(server, '/users/1', '/other', '/users/2')
    assert paths(route.assert_requested_in_order(('GET', '/users/1'), ('GET', '/users/2'))) == [
        '/users/1', '/users/2']
    assert failure(route.assert_requested_in_order, ('GET', '/users/1'), ('GET', '/other')
                   ).endswith('1 request came to the server, but not to this route:\n'
                              '  [1] GET /other -> 404, no route matches')


def test_what_a_criterion_raises_is_raised(server):
    send(server, '/a')
    with pytest.raises(ZeroDivisionError):
        server.assert_requested_in_order({'match': lambda request: 1 / 0})


@pytest.mark.parametrize('wanted, text', [
    ([], 'takes the requests in their order'),
    (['/a', '/b'], "got '/a' (str); did you mean {'path': '/a'}?"),
    ([{'pth': '/a'}], 'wanted[0]: pth is not a criterion; did you mean path?')])
def test_wrong_arguments_are_errors_and_no_failures(server, wanted, text):
    with pytest.raises(TypeError) as caught:
        server.assert_requested_in_order(*wanted)
    assert text in str(caught.value)
