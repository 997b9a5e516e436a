# -*- coding: utf-8 -*-
"""A chat client with the package openai: whole, streamed, refused for a while, broken off."""
import json

import openai
import pytest

PATH = '/v1/chat/completions'
QUESTION = [{'role': 'user', 'content': 'Say hello.'}]
STREAM = {'Content-Type': 'text/event-stream'}


def chunk(text, reason=None):
    """Return an event of a stream; the first has the role too, which clients do not need."""
    return 'data: %s\n\n' % json.dumps({
        'id': 'chat-1', 'object': 'chat.completion.chunk', 'created': 0, 'model': 'small',
        'choices': [{'index': 0, 'delta': {'content': text}, 'finish_reason': reason}]})


def completion(text):
    return {'id': 'chat-1', 'object': 'chat.completion', 'created': 0, 'model': 'small',
            'choices': [{'index': 0, 'message': {'role': 'assistant', 'content': text},
                         'finish_reason': 'stop'}],
            'usage': {'prompt_tokens': 3, 'completion_tokens': 2, 'total_tokens': 5}}


@pytest.fixture(name='client')
def make_client(http_server):
    with openai.OpenAI(base_url=http_server.url('/v1'), api_key='secret') as client:
        yield client


def test_a_whole_response(http_server, client):
    http_server.route('POST', PATH, response_json=completion('Hello!'))
    response = client.chat.completions.create(model='small', messages=QUESTION)
    assert response.choices[0].message.content == 'Hello!'
    request = http_server.history[-1]
    assert request['headers']['Authorization'] == 'Bearer secret'
    assert request.json() == {'model': 'small', 'messages': QUESTION}


def test_a_stream(http_server, client):
    http_server.route('POST', PATH, response_headers=STREAM, response_content=[
        chunk('Hel'), chunk('lo!'), chunk('', 'stop'), 'data: [DONE]\n\n'])
    stream = client.chat.completions.create(model='small', messages=QUESTION, stream=True)
    assert [each.choices[0].delta.content for each in stream] == ['Hel', 'lo!', '']
    assert http_server.history[-1].json()['stream'] is True


def test_too_many_requests(http_server, client):
    route = http_server.route('POST', PATH, response_json=completion('Hello!'))
    # Without this field the client waits for half a second at most.
    route.enqueue(response_status=429, response_headers={'Retry-After': '1'},
                  response_json={'error': {'message': 'Slow down.', 'type': 'requests'}})
    response = client.chat.completions.create(model='small', messages=QUESTION)
    assert response.choices[0].message.content == 'Hello!'
    first, second = route.history
    assert second['time'] - first['time'] > 0.9


def test_a_stream_that_breaks(http_server, client):
    parts = [chunk('Hel'), chunk('lo!')]
    http_server.route('POST', PATH, response_headers=STREAM, response_content=parts,
                      response_fault='disconnect', response_fault_at=len(parts[0]) + 5)
    stream = client.chat.completions.create(model='small', messages=QUESTION, stream=True)
    assert next(stream).choices[0].delta.content == 'Hel'
    with pytest.raises(openai.APIConnectionError):
        next(stream)
    http_server.assert_requested('POST', PATH, count=1)
