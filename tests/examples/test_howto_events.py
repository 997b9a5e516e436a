# -*- coding: utf-8 -*-
"""Server-sent events: the test says when each one is sent."""
import contextlib

import requests
from six.moves import queue

from httptestserver import http_server

STREAM = {'Content-Type': 'text/event-stream'}


def listen(url, last=None):
    """Yield (id, data) of each event after *last*."""
    headers = {'Last-Event-ID': last} if last else {}
    with contextlib.closing(requests.get(url, headers=headers, stream=True)) as response:
        number = None
        for line in response.iter_lines(chunk_size=1, decode_unicode=True):
            name, _, value = line.partition(': ')
            if name == 'id':
                number = value
            elif name == 'data':
                yield number, value


def test_each_event_comes_when_it_is_sent():
    source = queue.Queue()

    def events(request):
        # None ends the stream.
        for number, data in iter(source.get, None):
            yield 'id: %d\ndata: %s\n\n' % (number, data)

    with http_server() as server:
        server.route('GET', '/events', response_content=events, response_headers=STREAM)
        source.put((1, 'sunrise'))
        client = listen(server.url('/events'))
        assert next(client) == ('1', 'sunrise')
        source.put((2, 'noon'))
        assert next(client) == ('2', 'noon')
        source.put(None)
        assert list(client) == []


def test_a_client_continues_after_its_last_event():
    with http_server() as server:
        server.route('GET', '/events', headers={'Last-Event-ID': '1'}, response_headers=STREAM,
                     response_content=['id: 2\ndata: noon\n\n'])
        assert list(listen(server.url('/events'), '1')) == [('2', 'noon')]
