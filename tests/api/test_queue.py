# -*- coding: utf-8 -*-
"""The queue of responses: first in, first out, each served once, to any client."""
import threading

import pytest

from support.client import Client
from support.marks import both_schemes
from support.servers import serve
from support.waiting import TIMEOUT, in_threads


@pytest.fixture
def server(server):
    yield server
    server.check()


def statuses(server, count):
    """Return the statuses of the responses to *count* requests on one connection."""
    with Client(server) as client:
        return [client.get('/%d' % number).status for number in range(count)]


def contents(server, count):
    with Client(server) as client:
        return [client.get('/%d' % number).body for number in range(count)]


@both_schemes
def test_answers_come_in_the_order_in_which_they_were_queued(scheme):
    with serve(scheme) as server:
        server.enqueue(503, 429)
        server.enqueue(404)
        assert statuses(server, 3) == [503, 429, 404]


@pytest.mark.parametrize('response, status, content', [
    (204, 204, b''),
    (503, 503, b''),
    (b'octets', 200, b'octets'),
    (bytearray(b'octets'), 200, b'octets'),
    (b'', 200, b''),
    (u'\u20ac', 200, b'\xe2\x82\xac'),
    ({'response_status': 201, 'response_content': b'made'}, 201, b'made'),
    ({}, 200, b''),
    (lambda request: 418, 418, b''),
    (lambda request: b'called', 200, b'called'),
    (lambda request: {'response_content': request['path']}, 200, b'/short'),
    (lambda request: lambda request: 418, 418, b''),
])
def test_a_short_form_stands_for_a_response(server, response, status, content):
    server.enqueue(response)
    with Client(server) as client:
        answer = client.get('/short')
    assert (answer.status, answer.body) == (status, content)


def test_keywords_are_one_response(server):
    server.enqueue(response_status=429, response_headers={'Retry-After': '1'})
    with Client(server) as client:
        answer = client.get()
        assert (answer.status, answer.get('retry-after')) == (429, '1')
        assert client.get().status == 200


def test_keywords_beside_responses_are_in_each_unless_it_says_otherwise(server):
    server.enqueue(503, b'x', {'response_headers': {'X-A': 'own'}},
                   response_headers={'X-A': 'shared'})
    with Client(server) as client:
        answers = [client.get() for _ in range(3)]
    assert [answer.get('x-a') for answer in answers] == ['shared', 'shared', 'own']
    assert [answer.status for answer in answers] == [503, 200, 200]
    assert answers[1].body == b'x'


@pytest.mark.parametrize('response', [None, 1.5, True, object(), ['a'], (503, b'x')])
def test_what_is_no_response_is_refused_with_the_short_forms(server, response):
    with pytest.raises(TypeError) as caught:
        server.enqueue(response)
    assert str(caught.value).startswith(
        'a response is a status (int), content (bytes or str), a dict of response_* keys or a '
        'callable of the request, got %r (%s)' % (response, type(response).__name__))


@pytest.mark.parametrize('wrong', [99, {'response_statsu': 5}, {'status': 200}, None])
def test_where_one_response_is_wrong_none_is_queued(server, wrong):
    with pytest.raises((TypeError, ValueError)):
        server.enqueue(503, b'x', wrong)
    assert statuses(server, 1) == [200]


def test_to_queue_nothing_is_refused(server):
    with pytest.raises(TypeError) as caught:
        server.enqueue()
    assert str(caught.value) == 'enqueue() takes responses, or the response_* keys of one'


def test_an_empty_queue_falls_back_to_200_without_content(server):
    server.enqueue(503)
    assert statuses(server, 3) == [503, 200, 200]


def test_an_empty_queue_falls_back_to_data(server):
    server.data['response_status'] = 404
    server.enqueue(503)
    assert statuses(server, 3) == [503, 404, 404]


def test_a_queued_response_does_not_mix_with_data(server):
    server.data.update(response_content=b'data', response_headers={'X-Data': 'there'})
    server.enqueue(503)
    with Client(server) as client:
        answer = client.get()
        assert (answer.status, answer.body, answer.get('x-data')) == (503, b'', None)
        assert client.get().body == b'data'


def test_the_queue_leaves_a_cleared_response_of_data_for_later(server):
    server.data.update(response_status=404, response_clear=True)
    server.enqueue(503, 502)
    assert statuses(server, 4) == [503, 502, 404, 200]


@pytest.mark.parametrize('times', [1, 2, 5])
def test_a_queued_response_is_served_so_many_times(server, times):
    server.enqueue(response_status=503, response_times=times)
    server.enqueue(404)
    assert statuses(server, times + 2) == [503] * times + [404, 200]


@pytest.mark.parametrize('times', [1, 2, 5])
def test_data_are_served_so_many_times(server, times):
    server.data.update(response_status=503, response_times=times)
    assert statuses(server, times + 1) == [503] * times + [200]
    assert server.response_data == {}


def test_data_show_how_many_times_are_left(server):
    server.data.update(response_status=503, response_times=3)
    statuses(server, 1)
    assert server.data['response_times'] == 2
    server.data['response_times'] = 1
    assert statuses(server, 2) == [503, 200]


def test_a_reset_empties_the_queue(server):
    server.enqueue(503, 503)
    statuses(server, 1)
    server.reset()
    assert statuses(server, 1) == [200]


def test_a_queue_outlives_a_restart(server):
    server.enqueue(503, 404)
    assert statuses(server, 1) == [503]
    server.stop()
    server.start()
    assert statuses(server, 2) == [404, 200]


def test_what_is_queued_is_not_what_the_caller_changes_later(server):
    script = {'response_status': 503}
    server.enqueue(script)
    script['response_status'] = 404
    assert statuses(server, 1) == [503]


def test_a_callback_may_queue_the_next_answer(server):
    server.enqueue(lambda request: server.enqueue(b'next') or 202)
    assert contents(server, 3) == [b'', b'next', b'']


def test_a_value_that_is_a_callable_is_made_when_its_turn_comes(server):
    made = []
    server.enqueue(response_content=lambda request: made.append(request['path']) or b'made')
    assert made == []
    assert contents(server, 2) == [b'made', b'']
    assert made == ['/0']


def test_each_queued_response_may_wait_and_fail_on_its_own(server):
    held = threading.Event()
    server.enqueue({'response_timeout': 0.01, 'response_content': b'late'},
                   {'response_hold': held, 'response_content': b'held'},
                   {'response_fault': 'disconnect'},
                   b'well')
    with Client(server) as client:
        assert client.get().body == b'late'
        client.send(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        held.set()
        assert client.answer().body == b'held'
        client.send(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        assert client.rest() == b''
    assert contents(server, 1) == [b'well']


@both_schemes
def test_32_threads_get_each_answer_once_and_history_is_in_the_order_of_the_queue(scheme):
    queued = [b'%d' % number for number in range(1280)]

    def ask(thread):
        with Client(server) as client:
            return [('/%d/%d' % (thread, number), client.get('/%d/%d' % (thread, number)).body)
                    for number in range(40)]

    with serve(scheme) as server:
        server.enqueue(*queued)
        seen = dict(sum(in_threads(ask, range(32), 32), []))
        history = server.history
        assert [entry['response_content'] for entry in history] == queued
        assert [seen[entry['path']] for entry in history] == queued
        with Client(server) as client:
            assert client.get().body == b''


def test_who_queues_while_others_ask_loses_nothing(server):
    queued = [[b'%d-%d' % (thread, number) for number in range(50)] for thread in range(4)]
    together = threading.Event()

    def work(thread):
        if thread < 4:
            together.wait(TIMEOUT)
            for content in queued[thread]:
                server.enqueue(content)
            return []
        together.set()
        with Client(server) as client:
            return [client.get().body for _ in range(50)]

    seen = sum(in_threads(work, range(8), 8), [])
    with Client(server) as client:
        for content in iter(lambda: client.get().body, b''):
            seen.append(content)
    served = [content for content in seen if content]
    assert sorted(served) == sorted(sum(queued, []))
    history = [entry['response_content'] for entry in server.history]
    for thread, contents_of in enumerate(queued):
        start = b'%d-' % thread
        assert [each for each in history if each.startswith(start)] == contents_of


def test_times_are_counted_once_for_each_of_many_threads(server):
    server.data.update(response_status=503, response_times=100)

    def ask(_):
        with Client(server) as client:
            return [client.get().status for _ in range(10)]

    seen = sum(in_threads(ask, range(32), 32), [])
    assert sorted(seen) == [200] * 220 + [503] * 100
    assert [entry['response_status'] for entry in server.history] == [503] * 100 + [200] * 220
