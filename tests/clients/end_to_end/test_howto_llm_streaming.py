# -*- coding: utf-8 -*-
"""A chat client with the package openai: whole, streamed, refused for a while, broken off."""
import openai
import pytest

PATH = '/v1/chat/completions'
QUESTION = [{'role': 'user', 'content': 'Say hello.'}]


def chunk(text, reason=None):
    """Return an event of a stream; the first has the role too, which clients do not need."""
    return {'id': 'chat-1', 'object': 'chat.completion.chunk', 'created': 0, 'model': 'small',
            'choices': [{'index': 0, 'delta': {'content': text}, 'finish_reason': reason}]}


def completion(text):
    return {'id': 'chat-1', 'object': 'chat.completion', 'created': 0, 'model': 'small',
            'choices': [{'index': 0, 'message': {'role': 'assistant', 'content': text},
                         'finish_reason': 'stop'}],
            'usage': {'prompt_tokens': 3, 'completion_tokens': 2, 'total_tokens': 5}}


@pytest.fixture(name='client')
def make_client(http_server):
    with openai.OpenAI(base_url=http_server.url('/v1'), api_key='secret') as client:
        yield client


@pytest.fixture(name='events')
def make_events(http_server):
    """What the test sends with it, the client receives as its response."""
    events = http_server.stream()
    http_server.route('POST', PATH, response_events=events)
    return events


def ask(client, **options):
    return client.chat.completions.create(model='small', messages=QUESTION, **options)


def texts(stream):
    return [each.choices[0].delta.content for each in stream]


def test_a_whole_response(http_server, client):
    http_server.route('POST', PATH, response_json=completion('Hello!'))
    assert ask(client).choices[0].message.content == 'Hello!'
    request = http_server.assert_requested('POST', PATH, auth='secret')[0]
    assert request.json() == {'model': 'small', 'messages': QUESTION}


def test_a_stream(http_server, client):
    http_server.route('POST', PATH, response_events=[
        {'data': chunk('Hel')}, {'data': chunk('lo!')}, {'data': chunk('', 'stop')}, '[DONE]'])
    assert texts(ask(client, stream=True)) == ['Hel', 'lo!', '']
    http_server.assert_requested('POST', PATH, json_has={'stream': True}, count=1)


def test_each_chunk_is_there_before_the_next_is_sent(client, events):
    stream = ask(client, stream=True)
    for text in 'Hel', 'lo!':
        events.send(chunk(text))
        assert next(stream).choices[0].delta.content == text
    events.send('[DONE]')
    events.close()
    assert texts(stream) == []


def test_a_client_that_stops_the_response(client, events):
    with ask(client, stream=True) as stream:
        events.send(chunk('Hel'))
        assert next(stream).choices[0].delta.content == 'Hel'
    events.wait_closed()


def test_too_many_requests(http_server, client):
    route = http_server.route('POST', PATH, response_json=completion('Hello!'))
    # Without this field the client waits for half a second at most.
    route.enqueue(response_status=429, response_headers={'Retry-After': '1'},
                  response_json={'error': {'message': 'Slow down.', 'type': 'requests'}})
    assert ask(client).choices[0].message.content == 'Hello!'
    first, second = route.history
    assert second['time'] - first['time'] > 0.9


def test_a_stream_that_breaks(http_server, client, events):
    events.send(chunk('Hel'))
    stream = ask(client, stream=True)
    assert next(stream).choices[0].delta.content == 'Hel'
    events.abort('disconnect')
    with pytest.raises(openai.APIConnectionError):
        next(stream)
    http_server.assert_requested('POST', PATH, count=1)


def test_a_stream_that_stalls(http_server, client, events):
    events.send(chunk('Hel'))
    # Seconds between two chunks, not of the whole response.
    stream = ask(client, stream=True, timeout=1.5)
    assert next(stream).choices[0].delta.content == 'Hel'
    with pytest.raises(openai.APITimeoutError):
        next(stream)
    events.wait_closed()
    http_server.assert_requested('POST', PATH, count=1)
