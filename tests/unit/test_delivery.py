# -*- coding: utf-8 -*-
"""The delivery of a response: what is sent when, and that the entry is complete before."""
import pytest

from httptestserver.http1.response_head import Head
from httptestserver.scripting.response import resolve
from httptestserver.serving.delivery import Aborted, Interrupted, deliver
from httptestserver.waiting import Interrupt


class Exchange(object):
    """Records what it is told in *calls*, as an exchange whose head has these *fields*."""

    command, version = 'GET', 'HTTP/1.1'

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
        self.calls.append(('complete', facts['response_content']))

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
], ids=['bytes', 'fault within', 'fault behind', 'half', 'no content', 'fault at the end',
        'stream with a fault', 'announced', 'longer than announced'])
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
