# -*- coding: utf-8 -*-
"""The clients of two services of language models: longer streams, asynchronous ones, broken ones.

The guide has the plain ones: test_howto_llm_streaming.py, test_howto_llm_messages.py.
"""
import asyncio
import json

import pytest

from support import installed

anthropic = installed.module('anthropic')
# What both clients are built on.
httpx2 = installed.module('httpx2')
openai = installed.module('openai')

CHAT, RESPONSES, MESSAGES = '/v1/chat/completions', '/v1/responses', '/v1/messages'
QUESTION = [{'role': 'user', 'content': 'What is the weather in Oslo?'}]
CALL = {'city': 'Oslo', 'days': [1, 2]}

#: What the client of messages raises if a stream breaks that has begun.
BREAKS = (anthropic.APIConnectionError, httpx2.TransportError)


# What the services send.

def chunk(delta=None, reason=None, **values):
    choices = [] if delta is None else [{'index': 0, 'delta': delta, 'finish_reason': reason}]
    return {'data': dict({'id': 'chat-1', 'object': 'chat.completion.chunk', 'created': 0,
                          'model': 'small', 'choices': choices}, **values)}


def tool_chunks():
    """A call of a tool, whose arguments come in two halves, then what it all has cost."""
    arguments = json.dumps(CALL)

    def call(text, **values):
        return chunk({'tool_calls': [dict(values, index=0, function=dict(
            {'arguments': text}, **({'name': 'forecast'} if values else {})))]})

    return [chunk({'role': 'assistant', 'content': None}),
            call('', id='call-1', type='function'), call(arguments[:7]), call(arguments[7:]),
            chunk({}, 'tool_calls'),
            chunk(usage={'prompt_tokens': 9, 'completion_tokens': 5, 'total_tokens': 14}),
            '[DONE]']


def named(name, **values):
    return {'event': name, 'data': dict(values, type=name)}


def message(**values):
    return dict({'id': 'msg-1', 'type': 'message', 'role': 'assistant', 'model': 'small',
                 'content': [], 'stop_reason': None, 'stop_sequence': None,
                 'usage': {'input_tokens': 9, 'output_tokens': 1}}, **values)


def text_messages():
    """The events up to a first text."""
    return [named('message_start', message=message()), named('ping'),
            named('content_block_start', index=0, content_block={'type': 'text', 'text': ''}),
            named('content_block_delta', index=0, delta={'type': 'text_delta', 'text': 'It'})]


def tool_messages():
    arguments = json.dumps(CALL)

    def part(text):
        return named('content_block_delta', index=0,
                     delta={'type': 'input_json_delta', 'partial_json': text})

    return [named('message_start', message=message()),
            named('content_block_start', index=0, content_block={
                'type': 'tool_use', 'id': 'tool-1', 'name': 'forecast', 'input': {}}),
            named('ping'), part(''), part(arguments[:7]), part(arguments[7:]),
            named('content_block_stop', index=0),
            named('message_delta', delta={'stop_reason': 'tool_use', 'stop_sequence': None},
                  usage={'output_tokens': 5}),
            named('message_stop')]


def response_events(text):
    """What the newer interface of the first service sends for a text."""
    response = {'id': 'resp-1', 'object': 'response', 'created_at': 0, 'model': 'small',
                'status': 'in_progress', 'output': [], 'parallel_tool_calls': True,
                'tool_choice': 'auto', 'tools': []}
    place = {'item_id': 'item-1', 'output_index': 0, 'content_index': 0}
    part = {'type': 'output_text', 'text': text, 'annotations': []}
    item = {'id': 'item-1', 'type': 'message', 'role': 'assistant', 'status': 'completed',
            'content': [part]}
    events = [named('response.created', response=response),
              named('response.output_item.added', output_index=0,
                    item=dict(item, status='in_progress', content=[])),
              named('response.content_part.added', part=dict(part, text=''), **place)]
    events += [named('response.output_text.delta', delta=letter, logprobs=[], **place)
               for letter in text]
    events += [named('response.output_text.done', text=text, logprobs=[], **place),
               named('response.output_item.done', output_index=0, item=item),
               named('response.completed',
                     response=dict(response, status='completed', output=[item]))]
    for number, event in enumerate(events):
        event['data']['sequence_number'] = number
    return events


# The clients.

def openai_client(server, kind=openai.OpenAI, **options):
    return kind(base_url=server.url('/v1'), api_key='secret', max_retries=0, **options)


def anthropic_client(server, kind=anthropic.Anthropic, **options):
    return kind(base_url=server.url(''), api_key='secret', max_retries=0, **options)


def chat(client, **options):
    return client.chat.completions.create(model='small', messages=QUESTION, stream=True, **options)


def talk(client):
    return client.messages.stream(model='small', max_tokens=99, messages=QUESTION)


@pytest.fixture(name='events')
def make_events(http_server):
    """A stream that both services respond with."""
    events = http_server.stream()
    for path in CHAT, MESSAGES:
        http_server.route('POST', path, response_events=events)
    return events


def test_openai_collects_the_call_of_a_tool(http_server):
    http_server.route('POST', CHAT, response_events=tool_chunks())
    with openai_client(http_server) as client:
        chunks = list(chat(client, stream_options={'include_usage': True}))
    calls = [each.choices[0].delta.tool_calls[0] for each in chunks
             if each.choices and each.choices[0].delta.tool_calls]
    assert (calls[0].id, calls[0].function.name) == ('call-1', 'forecast')
    assert json.loads(''.join([each.function.arguments for each in calls])) == CALL
    assert chunks[-2].choices[0].finish_reason == 'tool_calls'
    assert chunks[-1].usage.total_tokens == 14


def test_openai_reads_the_events_of_its_newer_interface(http_server):
    http_server.route('POST', RESPONSES, response_events=response_events('Cold'))
    with openai_client(http_server) as client:
        with client.responses.stream(model='small', input='How is it?') as stream:
            assert ''.join([each.delta for each in stream
                            if each.type == 'response.output_text.delta']) == 'Cold'
            assert stream.get_final_response().output_text == 'Cold'


def test_anthropic_collects_the_call_of_a_tool(http_server):
    http_server.route('POST', MESSAGES, response_events=tool_messages())
    with anthropic_client(http_server) as client, talk(client) as stream:
        final = stream.get_final_message()
    assert (final.stop_reason, final.usage.output_tokens) == ('tool_use', 5)
    assert (final.content[0].name, final.content[0].input) == ('forecast', CALL)


def test_openai_in_a_loop_gets_each_chunk_before_the_next_is_sent(http_server, events):
    async def scenario():
        async with openai_client(http_server, openai.AsyncOpenAI) as client:
            stream = await chat(client)
            for text in 'It', ' is':
                events.send(**chunk({'content': text}))
                assert (await stream.__anext__()).choices[0].delta.content == text
            events.send('[DONE]')
            events.close()
            assert [each async for each in stream] == []

    asyncio.run(scenario())


def test_anthropic_in_a_loop_gets_each_text_before_the_next_is_sent(http_server, events):
    async def scenario():
        for each in text_messages():
            events.send(**each)
        async with anthropic_client(http_server, anthropic.AsyncAnthropic) as client:
            async with talk(client) as stream:
                texts = stream.text_stream
                assert await texts.__anext__() == 'It'
                events.send(**named('content_block_delta', index=0,
                                    delta={'type': 'text_delta', 'text': ' is'}))
                assert await texts.__anext__() == ' is'

    asyncio.run(scenario())
    # The client has left before the end.
    events.wait_closed()


@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_stream_that_is_cut_off_is_an_error(http_server, events, fault):
    events.send(**chunk({'content': 'It'}))
    with openai_client(http_server) as client:
        stream = chat(client)
        next(stream)
        events.abort(fault)
        with pytest.raises(openai.APIConnectionError):
            next(stream)


@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_a_message_that_is_cut_off_is_an_error(http_server, events, fault):
    for each in text_messages():
        events.send(**each)
    with anthropic_client(http_server) as client, talk(client) as stream:
        next(stream.text_stream)
        events.abort(fault)
        with pytest.raises(BREAKS):
            next(stream.text_stream)


def test_a_stream_that_stalls_is_an_error(http_server, events):
    events.send(**chunk({'content': 'It'}))
    # Time enough for the response to begin on a busy machine.
    with openai_client(http_server, timeout=1.5) as client:
        stream = chat(client)
        next(stream)
        with pytest.raises(openai.APITimeoutError):
            next(stream)


def test_a_message_that_stalls_is_an_error(http_server, events):
    for each in text_messages():
        events.send(**each)
    # Time enough for the response to begin on a busy machine.
    with anthropic_client(http_server, timeout=1.5) as client, talk(client) as stream:
        next(stream.text_stream)
        with pytest.raises(BREAKS):
            next(stream.text_stream)
