# -*- coding: utf-8 -*-
"""A route says how many requests it expects, and a check finds the routes nobody asked for."""
import pytest

from httptestserver import http_server, https_server
from support.client import ask
from support.failing import failure, problems


# How many requests a route expects.

@pytest.mark.parametrize('count, came', [(0, 0), (1, 1), (3, 3), (None, 0), (None, 5)])
def test_a_route_with_as_many_requests_as_it_expects_is_right(server, count, came):
    server.route('GET', '/a', count=count)
    for _ in range(came):
        assert ask(server, 'GET', '/a').status == 200
    assert server.check() is None and server.check(unserved=True) is None


def test_fewer_requests_are_wrong_at_once_and_enough_are_right(server):
    server.route('GET', '/a', count=2)
    assert problems(server) == 'expected 2 requests to <Route GET /a>, got 0'
    ask(server, 'GET', '/a')
    assert problems(server) == (
        'expected 2 requests to <Route GET /a>, got 1:\n'
        '  [0] GET /a -> 200')
    ask(server, 'GET', '/a')
    server.check()


def test_further_requests_are_answered_and_wrong(server):
    route = server.route('GET', '/a', count=1, response_status=201)
    assert [ask(server, 'GET', '/a').status for _ in range(2)] == [201, 201]
    assert len(route.history) == 2 and server.unmatched == []
    assert problems(server) == (
        'expected 1 request to <Route GET /a>, got 2:\n'
        '  [0] GET /a -> 201\n'
        '  [1] GET /a -> 201')


def test_a_route_that_expects_none_answers_all_the_same(server):
    server.route('DELETE', '/a', count=0, response_status=204)
    server.check(unrequested=True)
    assert ask(server, 'DELETE', '/a').status == 204
    assert problems(server).startswith(
        'expected no request to <Route DELETE /a>, got 1:\n  [0] DELETE /a -> 204')


def test_a_count_is_no_criterion(server):
    route = server.route('GET', '/a', count=3)
    assert repr(route) == '<Route GET /a>'
    assert len(route.wait(0, timeout=0)) == 0
    for method in (server.wait, server.assert_not_requested):
        with pytest.raises(TypeError):
            method(count='x')


def test_a_route_that_decorates_a_function_may_have_a_count(server):
    @server.route('GET', '/a', count=2)
    def respond(request):
        return 202

    assert ask(server, 'GET', '/a').status == 202
    assert problems(server).startswith('expected 2 requests to <Route GET /a>, got 1:')
    ask(server, 'GET', '/a')
    server.check()


def test_each_request_counts_for_the_route_that_it_came_to(server):
    server.route('GET', '/{id}', count=1)
    server.route('GET', '/b', count=1)
    for path in ('/a', '/b'):
        ask(server, 'GET', path)
    server.check()


def test_requests_that_end_early_or_with_an_error_count_too(server):
    def broken(request):
        raise ZeroDivisionError

    server.route('GET', '/a', count=1, response_callback=broken)
    server.route('GET', '/b', count=1, response_fault='disconnect', response_fault_at='request')
    assert ask(server, 'GET', '/a').status == 500
    server.route('POST', '/c', count=1, response_early=True, response_status=413)
    with pytest.raises(Exception):
        ask(server, 'GET', '/b').status
    assert ask(server, 'POST', '/c').status == 413
    assert 'expected' not in problems(server)


def test_a_removed_route_is_not_checked(server):
    route = server.route('GET', '/a', count=1)
    route.remove()
    server.check(unrequested=True)


def test_a_reset_of_the_server_clears_counts(server):
    server.route('GET', '/a', count=1)
    server.reset()
    server.check(unrequested=True)


def test_a_reset_of_the_route_starts_its_count_again(server):
    route = server.route('GET', '/a', count=1)
    ask(server, 'GET', '/a')
    route.reset()
    assert problems(server).startswith('expected 1 request to <Route GET /a>, got 0')
    ask(server, 'GET', '/a')
    server.check()


def test_requests_that_the_limit_has_dropped_count():
    with http_server(history_limit=1) as server:
        server.route('GET', '/a', count=3)
        for _ in range(3):
            ask(server, 'GET', '/a')
        server.check()
        ask(server, 'GET', '/a')
        assert problems(server) == (
            'expected 3 requests to <Route GET /a>, got 4:\n  ... 3 older ones\n'
            '  [0] GET /a -> 200')


@pytest.mark.parametrize('count, kind, text', [
    ('2', TypeError, "'2' (str)"), (2.0, TypeError, '2.0 (float)'),
    (True, TypeError, 'True (bool)'), (-1, ValueError, '-1 (int)'), ([1], TypeError, '[1] (list)')])
def test_a_wrong_count_is_refused_and_no_route_added(server, count, kind, text):
    with pytest.raises(kind) as caught:
        server.route('GET', '/a', count=count)
    assert str(caught.value) == 'count is an int of 0 or more, got ' + text
    assert ask(server, 'GET', '/b').status == 200


@pytest.mark.parametrize('name, meant', [
    ('cuont', 'count'), ('expect', 'count'), ('call_count', 'count'), ('times', 'response_times')])
def test_a_name_that_means_a_count_leads_to_it(server, name, meant):
    with pytest.raises(TypeError) as caught:
        server.route('GET', '/a', **{name: 1})
    assert '%s is not a keyword of route(); did you mean %s?' % (name, meant) in str(caught.value)


# Routes that nobody asked for.

def test_routes_without_a_request_are_reported_if_that_is_asked_for(server):
    server.route('GET', '/a')
    unused = server.route('GET', '/b')
    ask(server, 'GET', '/a')
    server.check()
    assert failure(server.check, unrequested=True) == 'no request came to <Route GET /b>'
    unused.remove()
    server.check(unrequested=True, unserved=True)


def test_a_request_that_missed_its_route_is_reported_before_the_route(server):
    server.route('GET', '/a')
    ask(server, 'GET', '/b')
    assert failure(server.check, unrequested=True) == (
        'no route matches GET /b\nnearest route: GET /a\n  path: expected /a, got /b\n\n'
        'no request came to <Route GET /a>')


def test_a_route_in_the_shadow_of_a_newer_one_names_it(server):
    server.route('GET', '/users/7', response_json={'name': 'Ada'})
    server.route('GET', '/users/{id}', response_status=404)
    ask(server, 'GET', '/users/7')
    assert failure(server.check, unrequested=True) == (
        'no request came to <Route GET /users/7>\n'
        '  a newer route came first for requests that match this one too:\n'
        '    [0] GET /users/7 -> 404 from <Route GET /users/{id}>')


def test_a_queue_behind_routes_names_them(server):
    server.route('GET', '/a')
    server.enqueue(503)
    ask(server, 'GET', '/a')
    assert problems(server, unserved=True) == (
        "1 queued response of %r was not used:\n  {'response_status': 503}\n"
        '  routes come before this queue, and served:\n'
        '    [0] GET /a -> 200 from <Route GET /a>' % server)


@pytest.mark.parametrize('serve', [http_server, https_server])
def test_a_block_may_check_it(serve):
    with serve(check={'unrequested': False}) as server:
        server.route('GET', '/a')
    with pytest.raises(AssertionError) as caught:
        with serve(check={'unrequested': True, 'unserved': True}) as server:
            server.route('GET', '/a')
    assert str(caught.value) == 'no request came to <Route GET /a>'


def test_a_block_that_is_checked_checks_counts():
    with pytest.raises(AssertionError) as caught:
        with http_server(check=True) as server:
            server.route('GET', '/a', count=1)
    assert str(caught.value) == 'expected 1 request to <Route GET /a>, got 0'
