# -*- coding: utf-8 -*-
"""A chat client with the package anthropic: its events have names."""
import anthropic
import pytest

PATH = '/v1/messages'
QUESTION = {'model': 'small', 'max_tokens': 9,
            'messages': [{'role': 'user', 'content': 'Say hello.'}]}


def event(name, **values):
    """Return an event; its data have its name too."""
    return {'event': name, 'data': dict(values, type=name)}


def delta(text):
    return event('content_block_delta', index=0, delta={'type': 'text_delta', 'text': text})


def message(*content):
    return {'id': 'msg-1', 'type': 'message', 'role': 'assistant', 'model': 'small',
            'content': content, 'stop_reason': None, 'stop_sequence': None,
            'usage': {'input_tokens': 3, 'output_tokens': 2}}


#: What comes before the text, and after it.
BEGIN = [event('message_start', message=message()),
         event('content_block_start', index=0, content_block={'type': 'text', 'text': ''})]
END = [event('content_block_stop', index=0),
       event('message_delta', delta={'stop_reason': 'end_turn', 'stop_sequence': None},
             usage={'output_tokens': 2}),
       event('message_stop')]


@pytest.fixture(name='client')
def make_client(http_server):
    with anthropic.Anthropic(base_url=http_server.url(''), api_key='secret') as client:
        yield client


def test_a_whole_response(http_server, client):
    http_server.route('POST', PATH, response_json=message({'type': 'text', 'text': 'Hello!'}))
    assert client.messages.create(**QUESTION).content[0].text == 'Hello!'
    http_server.assert_requested('POST', PATH, auth='secret', json=QUESTION)


def test_a_stream(http_server, client):
    http_server.route('POST', PATH, response_events=BEGIN + [delta('Hel'), delta('lo!')] + END)
    with client.messages.stream(**QUESTION) as stream:
        assert list(stream.text_stream) == ['Hel', 'lo!']
        assert stream.get_final_message().stop_reason == 'end_turn'


def test_each_text_is_there_before_the_next_is_sent(http_server, client):
    events = http_server.stream()
    http_server.route('POST', PATH, response_events=events)
    for each in BEGIN:
        events.send(**each)
    with client.messages.stream(**QUESTION) as stream:
        for text in 'Hel', 'lo!':
            events.send(**delta(text))
            assert next(stream.text_stream) == text
        for each in END:
            events.send(**each)
        events.close()
        assert list(stream.text_stream) == []


def test_a_service_that_is_overloaded_in_the_midst_of_a_stream(http_server, client):
    overloaded = {'type': 'overloaded_error', 'message': 'Come back later.'}
    http_server.route('POST', PATH, response_events=BEGIN + [
        delta('Hel'), event('error', error=overloaded)])
    with client.messages.stream(**QUESTION) as stream:
        with pytest.raises(anthropic.APIStatusError, match='Come back later'):
            list(stream.text_stream)
    http_server.assert_requested('POST', PATH, count=1)
