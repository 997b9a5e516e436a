# -*- coding: utf-8 -*-
"""Server-sent events: when each one is sent, and a client that connects again."""
import contextlib

import requests


def read(url, last):
    """Yield (id, data) of each event after *last*."""
    headers = {'Last-Event-ID': last} if last else {}
    response = requests.get(url, headers=headers, stream=True, timeout=10)
    with contextlib.closing(response):
        number = None
        for line in response.iter_lines(chunk_size=1, decode_unicode=True):
            field, _, value = line.partition(': ')
            if field == 'id':
                number = value
            elif field == 'data':
                yield number, value


def listen(url, last=None):
    """Yield (id, data) of each event; connect again if the connection breaks."""
    while True:
        try:
            for last, data in read(url, last):
                yield last, data
            return
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            pass


def test_each_event_comes_when_it_is_sent(http_server):
    events = http_server.stream()
    http_server.route('GET', '/events', response_events=events)
    # Nobody reads yet, so this one is kept for the first request.
    events.send('sunrise', id='1')
    client = listen(http_server.url('/events'))
    assert next(client) == ('1', 'sunrise')
    events.send({'hour': 12}, event='noon', id='2')
    assert next(client) == ('2', '{"hour": 12}')
    events.close()
    assert list(client) == []


def test_a_client_continues_after_its_last_event(http_server):
    events = http_server.stream()
    http_server.route('GET', '/events', response_events=events)
    client = listen(http_server.url('/events'))
    events.send('sunrise', id='1')
    assert next(client) == ('1', 'sunrise')
    # The connection breaks within an event.
    events.write('id: 2\nda')
    events.abort('reset')
    events.send('noon', id='2')
    assert next(client) == ('2', 'noon')
    events.close()
    assert list(client) == []
    assert [each.headers.get('Last-Event-ID') for each in http_server.history] == [None, '1']


def test_a_client_that_leaves(http_server):
    events = http_server.stream()
    http_server.route('GET', '/events', response_events=events)
    client = read(http_server.url('/events'), None)
    events.send('sunrise', id='1')
    assert next(client) == ('1', 'sunrise')
    client.close()
    events.wait_closed()
    failure, = http_server.wait_failure()
    assert 'the client left' in failure.reason


def test_events_that_are_known_before(http_server):
    http_server.enqueue(response_events=[
        {'data': 'sunrise', 'id': '1'}, {'data': {'hour': 12}, 'id': '2', 'event': 'noon'}])
    assert list(read(http_server.url('/events'), None)) == [
        ('1', 'sunrise'), ('2', '{"hour": 12}')]
