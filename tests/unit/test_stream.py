# -*- coding: utf-8 -*-
"""The face of a stream: what it sends, and which arguments it refuses."""
from __future__ import unicode_literals

import pytest

from httptestserver.scripting.content import streamed
from httptestserver.scripting.feed import FeedReader
from httptestserver.scripting.feed import make_feed
from httptestserver.scripting.stream import Stream


class Feed(object):
    """Records what is written to it."""

    def __init__(self):
        self.written = []

    def write(self, data):
        self.written.append(data)

    def counts(self):
        return 2, 1


@pytest.fixture
def feed():
    return Feed()


@pytest.fixture
def stream(feed):
    return Stream(feed)


def test_events_and_bytes_are_written(feed, stream):
    stream.send('sunrise', event='tick', id='7', retry=100)
    stream.send({'a': 1})
    stream.send(comment='x')
    stream.write(b': y\n\n')
    stream.write('\u20ac')
    stream.write(bytearray(b'z'))
    stream.write(b'')
    assert feed.written == [
        b'event: tick\nid: 7\nretry: 100\ndata: sunrise\n\n', b'data: {"a": 1}\n\n', b': x\n\n',
        b': y\n\n', b'\xe2\x82\xac', b'z']
    assert all(type(each) is bytes for each in feed.written)


def test_its_repr_counts_its_responses(stream):
    assert repr(stream) == '<Stream: 2 opened, 1 closed>'


def test_each_response_has_a_reader_of_its_own(stream):
    first, second = streamed(stream), streamed(stream)
    assert isinstance(first, FeedReader) and first is not second


@pytest.mark.parametrize('call, kind, message', [
    (lambda stream: stream.send(), TypeError, 'an event has at least one of data'),
    (lambda stream: stream.write({'a': 1}), TypeError,
     'what write() sends is bytes or text, got'),
    (lambda stream: stream.write(5), TypeError, 'send() takes any JSON value'),
    (lambda stream: stream.abort('stall'), ValueError,
     "fault is one of 'disconnect', 'reset', got 'stall'"),
    (lambda stream: stream.abort(None), ValueError,
     "fault is one of 'disconnect', 'reset', got None"),
    (lambda stream: stream.wait_opened(0.5), TypeError, 'did you mean timeout=0.5?'),
    (lambda stream: stream.wait_closed(1, '5'), TypeError, 'timeout is a number of seconds'),
])
def test_a_wrong_argument_is_refused(feed, stream, call, kind, message):
    with pytest.raises(kind) as caught:
        call(stream)
    assert message in str(caught.value).replace("u'", "'")
    assert feed.written == []


@pytest.mark.parametrize('limit, kind', [
    (0, ValueError), (-1, ValueError), (1.5, TypeError), ('1', TypeError), (None, TypeError),
    (True, TypeError)])
def test_a_limit_is_an_int_of_1_or_more(limit, kind):
    with pytest.raises(kind) as caught:
        make_feed(limit)
    assert 'limit is an int of 1 or more, in bytes, got' in str(caught.value)
