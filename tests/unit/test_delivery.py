# -*- coding: utf-8 -*-
"""The delivery of a response: what is sent when, and that the entry is complete before."""
import pytest

from httptestserver.http1.connection import Disconnected
from httptestserver.http1.grammar import BadRequest
from httptestserver.http1.response_head import Head, Heads
from httptestserver.http1.writer import Writer
from httptestserver.scripting.content import ContentAborted, StreamedContent
from httptestserver.scripting.response import resolve
from httptestserver.serving.delivery import (
    Aborted, Interrupted, Recipient, deliver, refuse)
from httptestserver.waiting import Interrupt
from support.sink import Sink
from support.waiting import in_threads


class Exchange(object):
    """Records what it is told in *calls*, as an exchange whose head has these *fields*."""

    command, version = 'GET', 'HTTP/1.1'
    left = False
    facts = None

    def __init__(self, fields=(), has_body=True, chunked=False):
        self.calls = []
        self.sent = 0
        self.chunked = chunked
        self.interrupt = Interrupt()
        self._head = Head(b'', 200, 'OK', fields, has_body, chunked, True)

    def start(self, message, length):
        return self._head

    def write(self, content):
        self.sent += len(content)
        self.calls.append(content)

    def complete(self, facts, reset=False):
        self.facts = facts
        self.calls.append(('complete', facts['response_content']))

    def client_has_ended(self):
        return self.left

    def cut(self):
        self.calls.append('cut')

    def finish(self, trailers):
        self.calls.append('finish')


def delivered(exchange, **script):
    """Deliver the response of a *script*, and return the calls, without those of a head alone."""
    try:
        deliver(exchange, resolve(script, None))
    except Aborted as aborted:
        exchange.calls.append(aborted.fault)
    return [call for call in exchange.calls if call]


def pieces(*parts):
    """Return content that is streamed."""
    return list(parts)


ANNOUNCED = (('Content-Length', '3'),)


@pytest.mark.parametrize('fields, script, calls', [
    ((), {'response_content': b'x' * 70000},
     [('complete', b'x' * 70000), b'x' * 70000, 'finish']),
    ((), {'response_content': b'abcdef', 'response_fault': 'stall', 'response_fault_at': 2},
     [('complete', b'ab'), b'ab', 'stall']),
    ((), {'response_content': b'ab', 'response_fault': 'stall', 'response_fault_at': 9},
     [('complete', b'ab'), b'ab', 'stall']),
    ((), {'response_content': b'abcd', 'response_fault': 'reset', 'response_fault_at': 'body'},
     [('complete', b'ab'), b'ab', 'reset']),
    ((), {'response_content': b'ab', 'response_fault': 'reset', 'response_fault_at': 0},
     [('complete', b''), 'reset']),
    ((), {'response_content': b'ab', 'response_fault': 'reset', 'response_fault_at': 'end'},
     [('complete', b'ab'), b'ab', 'finish', 'reset']),
    ((), {'response_content': pieces(b'ab', b'cd'), 'response_fault': 'stall',
          'response_fault_at': 3},
     [b'ab', ('complete', b'abc'), b'c', 'stall']),
    (ANNOUNCED, {'response_content': pieces(b'ab', b'c')},
     [b'ab', ('complete', b'abc'), b'c', 'finish']),
    (ANNOUNCED, {'response_content': pieces(b'ab', b'cd', b'ef')},
     [b'ab', ('complete', b'abcd'), b'cd', ('complete', b'abcdef'), b'ef', 'finish']),
    # A superscript is a digit to str.isdigit(), but none of a Content-Length.
    ((('Content-Length', '\xb2'),), {'response_content': pieces(b'ab', b'c')},
     [b'ab', b'c', ('complete', b'abc'), 'finish']),
], ids=['bytes', 'fault within', 'fault behind', 'half', 'no content', 'fault at the end',
        'stream with a fault', 'announced', 'longer than announced', 'announced wrongly'])
def test_an_entry_is_complete_before_the_last_byte_that_a_client_gets(fields, script, calls):
    assert delivered(Exchange(fields), **script) == calls


def test_an_entry_of_chunks_is_complete_before_the_last_chunk():
    assert delivered(Exchange(chunked=True), response_content=pieces(b'ab', b'cd')) == [
        b'ab', b'cd', ('complete', b'abcd'), 'finish']


def test_a_response_without_a_body_records_none():
    assert delivered(Exchange(has_body=False), response_content=b'x' * 70000) == [
        ('complete', b''), 'finish']


@pytest.mark.parametrize('script, sent', [
    ({'response_content': pieces(b'ab', b'cd')}, []),
    ({'response_content': b'ab', 'response_rate': 1}, []),
    ({'response_content': b'ab', 'response_timeout': 3600}, [])])
def test_an_interrupt_ends_what_takes_time(script, sent):
    exchange = Exchange()
    exchange.interrupt.set()
    with pytest.raises(Interrupted):
        deliver(exchange, resolve(script, None))
    assert [call for call in exchange.calls if call] == sent


def test_content_that_nothing_delays_is_sent_whole_though_there_is_an_interrupt():
    exchange = Exchange()
    exchange.interrupt.set()
    content = b'x' * 3000000
    calls = delivered(exchange, response_content=content)
    assert b''.join(call for call in calls if call != 'finish' and isinstance(call, bytes)) == (
        content)


def test_a_head_leaves_before_the_first_piece_of_a_slow_body_is_due():
    exchange = Exchange()
    exchange.interrupt.set()
    with pytest.raises(Interrupted):
        deliver(exchange, resolve({'response_content': b'ab', 'response_rate': 0.0003}, None))
    assert exchange.calls == [b'']


# What waits for a test.

class Waiting(StreamedContent):
    """Content that gives *pieces*, checks its recipient, and raises *error* if there is one."""

    sent = b'kept'

    def __init__(self, pieces, error=None):
        self._pieces, self._error = pieces, error
        self.recipient = None

    def open(self, recipient):
        self.recipient = recipient

    def __iter__(self):
        for piece in self._pieces:
            yield piece
        self.recipient.check()
        if self._error:
            raise self._error


def response_of(content, **script):
    response = resolve(dict(script, response_content=b''), None)
    response.content, response.plain = content, False
    return response


def test_content_is_opened_before_the_head_and_only_if_there_is_a_body():
    exchange, content = Exchange(), Waiting([b'kept'])
    exchange.start = lambda *args: pytest.fail('started') if content.recipient is None else (
        exchange._head)
    deliver(exchange, response_of(content))
    assert exchange.calls[1:] == [b'kept', ('complete', b'kept'), 'finish']
    for command, status in (('HEAD', 200), ('GET', 204)):
        exchange, content = Exchange(has_body=False), Waiting([b'kept'])
        exchange.command = command
        deliver(exchange, response_of(content, response_status=status))
        assert content.recipient is None


@pytest.mark.parametrize('is_watched', [True, False])
def test_a_recipient_ends_what_waits_when_the_client_has_left(is_watched):
    exchange = Exchange()
    exchange.left = True
    recipient = Recipient(exchange)
    recipient.explain()
    with pytest.raises(Disconnected) as caught:
        recipient.check()
    assert str(caught.value) == 'the client left within a response'
    recipient.is_watched = is_watched
    if is_watched:
        with pytest.raises(Disconnected):
            recipient.pause(3600)
    else:
        recipient.pause(0.001)
    recipient.pause(-1)


def test_a_recipient_says_why_the_client_was_given_up():
    exchange = Exchange()
    recipient = Recipient(exchange)
    recipient.reason = 'too slow'
    recipient.cut()
    assert exchange.calls == []
    in_threads(lambda _: recipient.cut(), [1], 1)
    assert exchange.calls == ['cut']
    for call in (recipient.check, recipient.explain):
        with pytest.raises(Disconnected) as caught:
            call()
        assert str(caught.value) == 'too slow'
    # An interrupt comes first, because it is no failure of the client.
    exchange.interrupt.set()
    for call in (recipient.check, recipient.explain, lambda: recipient.pause(3600)):
        with pytest.raises(Interrupted):
            call()


def test_content_may_abort_the_response_after_what_it_gave():
    exchange = Exchange()
    with pytest.raises(Aborted) as caught:
        deliver(exchange, response_of(Waiting([b'kept'], ContentAborted('reset'))))
    assert caught.value.fault == 'reset'
    assert exchange.calls[1:] == [b'kept', ('complete', b'kept')]
    assert exchange.facts['response_fault'] == 'reset'
    assert exchange.facts['response_fault_at'] == 4


# A request that is not allowed.

def test_a_refusal_has_the_reason_and_closes():
    sink = Sink()
    refuse(Writer(sink, None), Heads('a server'), BadRequest(431, 'too long'))
    head, content = b''.join(sink.writes).split(b'\r\n\r\n')
    assert head.startswith(b'HTTP/1.1 431 Request Header Fields Too Large\r\n')
    assert b'\r\nConnection: close' in head and b'\r\nContent-Length: 9' in head
    assert content == b'too long\n'


def test_a_refusal_of_a_client_that_has_left_is_lost():
    refuse(Writer(Sink(0), None), Heads('a server'), BadRequest(400, 'wrong'))


# A tunnel is recorded when its response is ready.

@pytest.mark.parametrize('keys', [
    {'response_content': b'x'}, {'response_content': [b'x'], 'response_timeout': 0.001},
    {'response_fault': 'reset', 'response_fault_at': 'end'}])
def test_it_says_when_a_response_is_ready(keys):
    exchange, response = Exchange(), resolve(keys, None)
    exchange.respond = lambda response, content: exchange.calls.append(content)
    try:
        deliver(exchange, response, exchange.calls.append)
    except Aborted:
        assert 'response_fault' in keys
    assert exchange.calls[0] is response and len(exchange.calls) > 1


def test_a_response_that_a_fault_precedes_is_never_ready():
    exchange = Exchange()
    exchange.complete = lambda facts, reset: None
    with pytest.raises(Aborted):
        deliver(exchange, resolve({'response_fault': 'reset'}, None), pytest.fail)
