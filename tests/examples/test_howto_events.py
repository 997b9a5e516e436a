# -*- coding: utf-8 -*-
"""Server-sent events: when each one is sent, and a client that connects again."""
import contextlib

import requests
from six.moves import queue

STREAM = {'Content-Type': 'text/event-stream'}


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
    source = queue.Queue()

    def events(request):
        # None ends the stream.
        for number, data in iter(source.get, None):
            yield 'id: %d\ndata: %s\n\n' % (number, data)

    http_server.route('GET', '/events', response_content=events, response_headers=STREAM)
    source.put((1, 'sunrise'))
    client = listen(http_server.url('/events'))
    assert next(client) == ('1', 'sunrise')
    source.put((2, 'noon'))
    assert next(client) == ('2', 'noon')
    source.put(None)
    assert list(client) == []


def test_a_client_continues_after_its_last_event(http_server):
    first, second = 'id: 1\ndata: sunrise\n\n', 'id: 2\ndata: noon\n\n'
    # The connection ends within the second event.
    http_server.enqueue(response_content=[first, second], response_headers=STREAM,
                        response_fault='disconnect', response_fault_at=len(first) + 5)
    http_server.enqueue(response_content=[second], response_headers=STREAM)
    assert list(listen(http_server.url('/events'))) == [('1', 'sunrise'), ('2', 'noon')]
    assert [each['headers'].get('Last-Event-ID') for each in http_server.history] == [None, '1']


def test_a_client_that_leaves_early(http_server):
    closed = []

    def events(request):
        try:
            while True:
                yield 'id: 1\ndata: again\n\n'
        finally:
            closed.append(request['path'])

    http_server.route('GET', '/events', response_content=events, response_headers=STREAM)
    client = read(http_server.url('/events'), None)
    assert next(client) == ('1', 'again')
    client.close()
    failure, = http_server.wait_failure()
    assert 'the client left' in failure.reason
    assert closed == ['/events']
