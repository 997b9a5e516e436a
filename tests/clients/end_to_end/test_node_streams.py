# -*- coding: utf-8 -*-
"""Node.js: streams as its fetch and its EventSource see them."""
import json

import pytest


@pytest.mark.parametrize('coding', [None, 'gzip', 'deflate'])
def test_a_fetch_gets_each_piece_before_the_next_is_sent(http_server, node, coding):
    stream = http_server.stream()
    script = {'response_content_encoding': coding} if coding else {}
    http_server.route('GET', '/stream', response_content=stream, **script)
    node.say('pieces ' + http_server.url('/stream'))
    for piece in 'one', u'zw\xf6lf':
        stream.write(piece)
        assert json.loads(node.hear()) == piece
    stream.close()
    assert node.hear() == 'end'


def test_a_fetch_of_a_stream_that_is_cut_off_fails(http_server, node):
    stream = http_server.stream()
    http_server.route('GET', '/stream', response_content=stream)
    node.say('pieces ' + http_server.url('/stream'))
    stream.write('one')
    assert json.loads(node.hear()) == 'one'
    stream.abort('disconnect')
    assert node.hear() == 'error UND_ERR_SOCKET'


def test_an_event_source_connects_again_after_its_last_event(http_server, event_source):
    events = http_server.stream()
    route = http_server.route('GET', '/events', response_events=events)
    event_source.say('events ' + http_server.url('/events'))
    assert event_source.hear() == 'open'
    events.send('sunrise', event='tick', id='7', retry=20)
    assert event_source.hear() == 'tick 7 sunrise'
    events.abort('reset')
    events.send({'n': 8}, id='8')
    assert [event_source.hear() for _ in range(3)] == ['error', 'open', 'message 8 {"n": 8}']
    events.send('', event='bye')
    assert event_source.hear() == 'closed'
    events.wait_closed(2)
    assert [each.headers.get('Last-Event-ID') for each in route.history] == [None, '7']
