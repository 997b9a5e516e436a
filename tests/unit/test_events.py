# -*- coding: utf-8 -*-
"""Server-sent events as bytes, and the values that are refused."""
from __future__ import unicode_literals

import pytest

from httptestserver.scripting.content import ContentSource
from httptestserver.scripting.events import (
    check_events, encode_event, event_bytes, events_content)


@pytest.mark.parametrize('keywords, expected', [
    ({'data': 'sunrise'}, b'data: sunrise\n\n'),
    ({'data': ''}, b'data: \n\n'),
    ({'data': 'a\nb\r\nc\rd'}, b'data: a\ndata: b\ndata: c\ndata: d\n\n'),
    ({'data': 'a\n'}, b'data: a\ndata: \n\n'),
    # Only these three end a line, unlike in `splitlines`.
    ({'data': 'a\x0bb\u2028c'}, b'data: a\x0bb\xe2\x80\xa8c\n\n'),
    ({'data': {'a': [1, None]}}, b'data: {"a": [1, null]}\n\n'),
    ({'data': 7}, b'data: 7\n\n'), ({'data': False}, b'data: false\n\n'),
    ({'data': '\u20ac'}, b'data: \xe2\x82\xac\n\n'),
    ({'event': 'tick'}, b'event: tick\n\n'),
    ({'id': '7'}, b'id: 7\n\n'), ({'id': 7}, b'id: 7\n\n'), ({'id': ''}, b'id: \n\n'),
    ({'retry': 100}, b'retry: 100\n\n'), ({'retry': 0}, b'retry: 0\n\n'),
    ({'comment': 'still\nthere'}, b': still\n: there\n\n'),
    ({'data': 'sunrise', 'event': 'tick', 'id': '7', 'retry': 100, 'comment': 'x'},
     b': x\nevent: tick\nid: 7\nretry: 100\ndata: sunrise\n\n'),
])
def test_an_event_is_its_fields_and_an_empty_line(keywords, expected):
    assert encode_event(**{str(name): keywords[name] for name in keywords}) == expected


@pytest.mark.parametrize('keywords, kind, message', [
    ({}, TypeError, 'an event has at least one of data, event, id, retry, comment'),
    ({'event': 'a\nb'}, ValueError, "event is one line, without CR, LF and NUL, got 'a\\nb'"),
    ({'event': 'a\0'}, ValueError, 'event is one line'),
    ({'id': 'a\rb'}, ValueError, 'id is one line'),
    ({'id': True}, TypeError, 'id is a str or an int, got True'),
    ({'event': 5}, TypeError, 'event is a str, got 5 (int)'),
    ({'comment': 5}, TypeError, 'comment is a str, got 5 (int)'),
    ({'retry': -1}, ValueError, 'retry is 0 or more milliseconds, got -1'),
    ({'retry': 0.5}, TypeError, 'retry is an int, in milliseconds, got 0.5'),
    ({'retry': True}, TypeError, 'retry is an int'),
    ({'data': object}, TypeError, 'data is text, or a value that JSON can hold'),
    ({'data': bytearray(b'a')}, TypeError, 'to send bytes as they are: write()'),
    ({'data': '\ud800'}, ValueError, 'an event'),
])
def test_a_wrong_event_is_refused(keywords, kind, message):
    if keywords.get('data') == '\ud800' and str is bytes:
        pytest.skip('Python 2 encodes lone surrogates')
    with pytest.raises(kind) as caught:
        encode_event(**{str(name): keywords[name] for name in keywords})
    assert message in str(caught.value)


@pytest.mark.parametrize('event, expected', [
    ('text', b'data: text\n\n'), (b'event: a\n', b'event: a\n'), (bytearray(b'a'), b'a'),
    ({'data': {'a': 1}}, b'data: {"a": 1}\n\n'), ({'comment': 'x'}, b': x\n\n'),
])
def test_an_event_of_an_iterable_is_text_or_a_dict_or_bytes(event, expected):
    assert event_bytes(event) == expected


@pytest.mark.parametrize('event, kind, message', [
    (5, TypeError, "an event is text (its data), a dict of data, event, id, retry, comment, or "
                   "bytes that are sent as they are, got 5 (int); to send it as JSON: "
                   "{'data': ...}"),
    (None, TypeError, 'got None'), ([1], TypeError, 'got [1] (list)'),
    ({'name': 'Ada'}, ValueError, "name is not a key of an event. All of them: data, event, id, "
                                  "retry, comment. To send this dict as JSON: {'data': {...}}"),
    ({'dat': 'a'}, ValueError, 'did you mean data?'),
    ({5: 'a'}, ValueError, '5 is not a key of an event'),
    ({}, TypeError, 'an event has at least one of'),
])
def test_a_wrong_event_of_an_iterable_is_refused(event, kind, message):
    with pytest.raises(kind) as caught:
        event_bytes(event)
    assert message in str(caught.value).replace("u'", "'")


@pytest.mark.parametrize('value', [
    [], ['a', b'b', {'data': 1}], ('a',), iter([5]), ContentSource(None)])
def test_events_are_an_iterable_or_a_stream(value):
    check_events('response_events', value)


@pytest.mark.parametrize('value, kind, message', [
    ('a', TypeError, "response_events is an iterable of events, or a Stream, got 'a'"),
    (b'a', TypeError, 'for one event, write a list: [%r]' % b'a'),
    (b'a' * 51, TypeError, 'for one event, write a list: [...]'),
    ({'data': 1}, TypeError, 'for one event, write a list: [{...}]'),
    (5, TypeError, 'got 5 (int)'), (None, TypeError, 'got None'),
    ([5], TypeError, 'response_events[0]: an event is text'),
    ([b'', {'nmae': 1}], ValueError, 'response_events[1]: nmae is not a key of an event'),
])
def test_other_values_are_refused(value, kind, message):
    with pytest.raises(kind) as caught:
        check_events('response_events', value)
    assert message in str(caught.value)


def test_the_events_of_an_iterable_are_sent_one_by_one():
    assert list(events_content(iter(['a', b'b', {'event': 'c'}]))) == [
        b'data: a\n\n', b'b', b'event: c\n\n']


def test_a_source_makes_its_content():
    made = object()
    assert events_content(ContentSource(lambda: made)) is made
