# -*- coding: utf-8 -*-
"""A chat client with the package anthropic: its events have names."""
import json

import anthropic
import pytest

QUESTION = [{'role': 'user', 'content': 'Say hello.'}]


def event(name, **values):
    return 'event: %s\ndata: %s\n\n' % (name, json.dumps(dict(values, type=name)))


def message(*content):
    return {'id': 'msg-1', 'type': 'message', 'role': 'assistant', 'model': 'small',
            'content': content, 'stop_reason': None, 'stop_sequence': None,
            'usage': {'input_tokens': 3, 'output_tokens': 2}}


@pytest.fixture(name='client')
def make_client(http_server):
    with anthropic.Anthropic(base_url=http_server.url(''), api_key='secret') as client:
        yield client


def test_a_whole_response(http_server, client):
    http_server.route('POST', '/v1/messages', response_json=message(
        {'type': 'text', 'text': 'Hello!'}))
    response = client.messages.create(model='small', max_tokens=9, messages=QUESTION)
    assert response.content[0].text == 'Hello!'
    assert http_server.history[-1].json()['messages'] == QUESTION


def test_a_stream(http_server, client):
    http_server.route('POST', '/v1/messages', response_content=[
        event('message_start', message=message()),
        event('content_block_start', index=0, content_block={'type': 'text', 'text': ''}),
        event('content_block_delta', index=0, delta={'type': 'text_delta', 'text': 'Hel'}),
        event('content_block_delta', index=0, delta={'type': 'text_delta', 'text': 'lo!'}),
        event('content_block_stop', index=0),
        event('message_delta', delta={'stop_reason': 'end_turn', 'stop_sequence': None},
              usage={'output_tokens': 2}),
        event('message_stop'),
    ], response_headers={'Content-Type': 'text/event-stream'})
    with client.messages.stream(model='small', max_tokens=9, messages=QUESTION) as stream:
        assert list(stream.text_stream) == ['Hel', 'lo!']
