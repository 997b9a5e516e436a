# -*- coding: utf-8 -*-
"""An exchange: which state may follow which, and what the test sees before a client does."""
import itertools

import pytest

from httptestserver.http1.response_head import Heads
from httptestserver.http1.writer import UNFRAMED, Writer
from httptestserver.recording.request import KEPT, RecordedRequest
from httptestserver.scripting.response import Response
from httptestserver.serving.exchange import (
    ABORTED, CHOSEN, RECEIVED, SENT, STARTED, TRANSITIONS, Exchange, ResponseFile)
from support.sink import Sink

STATES = [RECEIVED, CHOSEN, STARTED, SENT, ABORTED]
FOLLOWING = {(RECEIVED, CHOSEN), (RECEIVED, STARTED), (RECEIVED, ABORTED), (CHOSEN, STARTED),
             (CHOSEN, ABORTED), (STARTED, SENT), (STARTED, ABORTED)}

every_pair = pytest.mark.parametrize(
    'state, following', list(itertools.product(STATES, STATES)))

SCRIPT, INTERRUPT = {'response_status': 201}, object()


class Router(object):
    """Records how it is called in *calls*."""

    def __init__(self, calls):
        self._calls = calls
        self.due = False

    def record(self, entry, facts=None, names=None):
        self._calls.append(('record', entry, facts, names))
        return INTERRUPT

    def answer(self, entry, facts=None, names=None, recorded=False):
        self._calls.append(('answer', entry, facts, names, recorded))
        return SCRIPT, INTERRUPT

    def early(self, moment, entry=None):
        self._calls.append(('early', moment, entry))
        return (SCRIPT, INTERRUPT) if self.due else (None, None)

    def amend(self, entry, facts):
        self._calls.append(('amend', entry, facts))

    def complete(self, entry, duration):
        entry['duration'] = duration
        self._calls.append(('complete', {
            key: entry[key] for key in entry if key.startswith('response_') or key == 'duration'}))

    def reset(self, interrupt=None):
        self._calls.append(('reset', interrupt))


class FakeWriter(object):
    """Records how it is called in *calls*."""

    sent = 0

    def __init__(self, calls):
        self._calls = calls

    def __getattr__(self, name):
        return lambda *args: self._calls.append((name,) + args)


class Backend(object):
    """What an exchange needs of a server; *calls* shows the order of all."""

    def __init__(self):
        self.calls, self.observed = [], []
        self.observer = self.observe = self.observed.append
        self.heads = Heads('a server')
        self.router = Router(self.calls)

    def names(self):
        return [call[0] for call in self.calls]


@pytest.fixture
def backend():
    return Backend()


def new(backend, command='GET', version='HTTP/1.1', writer=None):
    return Exchange(backend, writer or FakeWriter(backend.calls), command, version)


@pytest.fixture
def exchange(backend):
    return new(backend)


def entry():
    return RecordedRequest(path='/', duration=None)


def response(**keys):
    return Response({'response_' + key: value for key, value in keys.items()})


# States.

@every_pair
def test_the_table_has_what_may_follow_and_refuses_the_rest(state, following):
    if (state, following) in FOLLOWING:
        assert TRANSITIONS[state][following] == following
    else:
        with pytest.raises(RuntimeError) as caught:
            TRANSITIONS[state][following]
        assert str(caught.value) == 'an exchange that is %s cannot become %s' % (state, following)


STEPS = [(CHOSEN, lambda exchange: exchange.choose(entry())),
         (CHOSEN, lambda exchange: exchange.choose_early(entry())),
         (STARTED, lambda exchange: exchange.start(response(), 0)),
         (SENT, lambda exchange: exchange.finish()),
         (ABORTED, lambda exchange: exchange.abort())]
#: A fault at ``'end'`` aborts an exchange that is sent, which it stays.
STAYING = {(SENT, ABORTED)}


@pytest.mark.parametrize('state', STATES)
@pytest.mark.parametrize('following, step', STEPS)
def test_each_step_keeps_to_the_table(backend, exchange, state, following, step):
    backend.router.due = True
    exchange.state = state
    if (state, following) in FOLLOWING:
        step(exchange)
        assert exchange.state == following
    elif (state, following) in STAYING:
        step(exchange)
        assert exchange.state == state
    else:
        with pytest.raises(RuntimeError) as caught:
            step(exchange)
        assert state in str(caught.value) and following in str(caught.value)
        assert exchange.state == state


@pytest.mark.parametrize('state', STATES)
def test_a_whole_response_is_sent_only_before_another_is_started(backend, exchange, state):
    exchange.state = state
    if state in (RECEIVED, CHOSEN):
        exchange.respond(response(), b'')
        assert exchange.state == SENT
    else:
        with pytest.raises(RuntimeError) as caught:
            exchange.respond(response(), b'')
        assert state in str(caught.value) and STARTED in str(caught.value)
        assert backend.calls == [] and exchange.state == state


@pytest.mark.parametrize('state', STATES)
def test_an_exchange_that_ends_is_sent_or_aborted(exchange, state):
    exchange.state = state
    exchange.end()
    assert exchange.state == (SENT if state == SENT else ABORTED)


@pytest.mark.parametrize('state', STATES)
def test_interim_responses_and_records_change_no_state(exchange, state):
    exchange.state = state
    exchange.record(entry())
    exchange.interim(103, 'Early Hints', ())
    exchange.amend({})
    exchange.complete({})
    assert exchange.state == state


# Recording and choosing.

def test_a_new_exchange_is_received_and_neither_recorded_nor_chosen(backend, exchange):
    assert exchange.state == RECEIVED
    assert (exchange.entry, exchange.script, exchange.interrupt) == (None, None, None)
    assert exchange.persistent and backend.calls == []


@pytest.mark.parametrize('recorded', [False, True])
def test_a_choice_keeps_entry_script_and_interrupt(backend, exchange, recorded):
    exchange.facts, exchange.names = {'path': '/'}, frozenset(['path'])
    chosen = entry()
    exchange.choose(chosen, recorded)
    assert exchange.entry is chosen
    assert exchange.script is SCRIPT and exchange.interrupt is INTERRUPT
    assert backend.calls == [('answer', chosen, exchange.facts, exchange.names, recorded)]


def test_a_record_keeps_entry_and_interrupt_and_chooses_nothing(backend, exchange):
    exchange.facts = {'path': '/'}
    recorded = entry()
    exchange.record(recorded)
    assert exchange.entry is recorded and exchange.interrupt is INTERRUPT
    assert exchange.script is None and exchange.state == RECEIVED
    assert backend.calls == [('record', recorded, exchange.facts, None)]
    exchange.amend({'path': '/b'})
    assert backend.calls[1:] == [('amend', recorded, {'path': '/b'})]


def test_an_early_choice_is_one_of_a_fault_at_the_request(backend, exchange):
    early = entry()
    assert exchange.choose_early(early) is False
    assert exchange.state == RECEIVED and exchange.entry is None
    backend.router.due = True
    assert exchange.choose_early(early) is True
    assert exchange.entry is early and exchange.state == CHOSEN
    assert exchange.script is SCRIPT and exchange.interrupt is INTERRUPT
    assert backend.calls == [('early', 'request', early)] * 2


# Responses.

def test_the_entry_is_complete_before_a_whole_response_leaves(backend, exchange):
    exchange.choose(entry())
    exchange.respond(response(status=404, headers=[('A', 'b')]), b'nothing')
    assert backend.names() == ['answer', 'complete', 'send']
    facts = backend.calls[1][1]
    assert facts['response_status'] == 404 and facts['response_reason'] == 'Not Found'
    assert facts['response_content'] == b'nothing' and facts['duration'] >= 0
    assert ('A', 'b') in facts['response_headers']
    assert ('Content-Length', '7') in facts['response_headers']
    head, content = backend.calls[2][1:]
    assert head.fields == facts['response_headers'] and content == b'nothing'


@pytest.mark.parametrize('command, status', [('HEAD', 200), ('GET', 204), ('GET', 304)])
def test_a_response_without_a_body_neither_sends_nor_records_content(backend, command, status):
    exchange = new(backend, command)
    exchange.choose(entry())
    exchange.respond(response(status=status), b'content')
    assert backend.calls[1][1]['response_content'] == b''
    assert backend.calls[2][0] == 'send' and backend.calls[2][2] == b''


def test_a_request_that_is_not_recorded_gets_its_response(backend, exchange):
    exchange.respond(response(), b'a')
    assert backend.names() == ['send'] and backend.observed == []


def test_a_reset_comes_after_the_entry_is_complete_and_before_the_response_leaves(
        backend, exchange):
    exchange.choose(entry())
    exchange.respond(response(reset=True), b'')
    assert backend.names() == ['answer', 'complete', 'reset', 'send']
    assert backend.calls[2] == ('reset', INTERRUPT)


def test_a_started_response_has_a_head_that_the_writer_gets(backend, exchange):
    head = exchange.start(response(status=201), None)
    assert (head.status, head.chunked, head.persistent) == (201, True, True)
    assert backend.calls == [('start', head)]
    exchange.write(b'a')
    exchange.finish([('X-A', '1')])
    assert backend.calls[1:] == [('write', b'a'), ('finish', [('X-A', '1')])]


def test_a_connection_goes_on_as_the_head_says(backend):
    exchange = new(backend)
    exchange.start(response(), 0)
    assert exchange.persistent
    exchange = new(backend)
    exchange.persistent = False
    assert ('Connection', 'close') in exchange.start(response(), 0).fields
    assert not exchange.persistent
    exchange = new(backend, version='HTTP/1.0')
    exchange.start(response(), None)
    assert not exchange.persistent


def test_raw_bytes_have_no_head_and_end_the_connection(backend, exchange):
    exchange.choose(entry())
    assert exchange.start(response(raw=b'SMTP'), 4) is UNFRAMED
    exchange.complete({'response_raw': b'SMTP'})
    assert not exchange.persistent
    assert set(backend.calls[-1][1]) == {'response_raw', 'duration'}


@pytest.mark.parametrize('version, calls', [
    ('HTTP/1.1', [('interim', 103, 'Early Hints', ())]), ('HTTP/1.0', [])])
def test_an_interim_response_is_not_for_http_1_0(backend, version, calls):
    new(backend, version=version).interim(103, 'Early Hints', ())
    assert backend.calls == calls


@pytest.mark.parametrize('state', [CHOSEN, STARTED])
@pytest.mark.parametrize('fault', ['disconnect', 'reset', 'stall'])
def test_a_fault_aborts_the_connection(backend, exchange, state, fault):
    exchange.choose(entry())
    exchange.state = state
    exchange.abort(fault)
    assert exchange.state == ABORTED
    assert backend.calls[1:] == [('abort', fault, INTERRUPT)]


def test_a_fault_at_the_end_leaves_the_response_sent(backend, exchange):
    exchange.choose(entry())
    exchange.respond(response(), b'')
    exchange.abort('reset')
    assert exchange.state == SENT
    assert backend.calls[-1] == ('abort', 'reset', INTERRUPT)


def test_an_abort_without_a_fault_leaves_the_connection_to_others(backend, exchange):
    exchange.abort()
    assert exchange.state == ABORTED and backend.calls == []


# The observer.

def test_the_observer_sees_an_entry_once_it_is_complete(backend, exchange):
    exchange.choose(entry())
    assert backend.observed == []
    exchange.respond(response(), b'a')
    assert backend.observed == [exchange.entry]
    assert backend.observed[0]['response_content'] == b'a'
    exchange.end()
    exchange.complete({})
    assert len(backend.observed) == 1


def test_the_observer_sees_an_entry_that_was_never_complete_when_the_exchange_ends(
        backend, exchange):
    exchange.choose(entry())
    exchange.abort()
    exchange.end()
    assert backend.observed == [exchange.entry]
    assert backend.observed[0]['duration'] is None


def test_the_observer_does_not_see_what_is_not_recorded(backend, exchange):
    exchange.respond(response(), b'a')
    exchange.end()
    assert backend.observed == []


# The file that methods of a handler write to.

class Written(object):
    """A `ResponseFile` and what it caused."""

    def __init__(self, backend, command='GET', version='HTTP/1.1'):
        self.sink = Sink()
        self.backend = backend
        self.exchange = new(backend, command, version, Writer(self.sink))
        self.file = ResponseFile(self.record)

    def record(self):
        if self.exchange.entry is None:
            assert self.sink.writes == []
            self.exchange.record(entry())
        return self.exchange

    def head_and_content(self):
        head, _, content = self.sink.sent.partition(b'\r\n\r\n')
        return head.split(b'\r\n'), content


@pytest.fixture
def written(backend):
    return Written(backend)


def test_what_is_written_is_held_to_the_end_and_gets_its_length(written):
    written.file.begin(201, 'Made')
    written.file.headers += (('A', 'b'),)
    assert written.file.write(b'abc') == 3
    written.file.writelines([b'd', bytearray(b'e'), memoryview(b'f')])
    assert written.sink.writes == [] and written.exchange.state == RECEIVED
    written.file.end()
    lines, content = written.head_and_content()
    assert lines[0] == b'HTTP/1.1 201 Made' and content == b'abcdef'
    assert b'Content-Length: 6' in lines and b'A: b' in lines
    assert written.exchange.state == SENT and len(written.sink.writes) == 1
    assert written.exchange.entry['response_content'] == b'abcdef'
    assert not written.file.pending


def test_a_request_is_recorded_before_its_response_leaves_and_complete_before_it_ends(written):
    written.file.begin(200, 'OK')
    written.file.write(b'a')
    written.file.flush()
    assert written.backend.names() == ['record']
    written.file.end()
    assert written.backend.names() == ['record', 'complete']


def test_flushed_parts_leave_in_chunks(written):
    written.file.begin(200, 'OK')
    written.file.write(b'abc')
    written.file.flush()
    assert written.head_and_content()[1] == b'3\r\nabc\r\n'
    written.file.write(b'd')
    written.file.end()
    lines, content = written.head_and_content()
    assert content == b'3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n'
    assert b'Transfer-Encoding: chunked' in lines
    assert written.exchange.entry['response_content'] == b'abcd'


def test_flushed_parts_for_http_1_0_end_with_the_connection(backend):
    written = Written(backend, version='HTTP/1.0')
    written.file.begin(200, 'OK')
    written.file.write(b'abc')
    written.file.flush()
    written.file.end()
    lines, content = written.head_and_content()
    assert content == b'abc' and not [line for line in lines if b'Transfer' in line]
    assert not written.exchange.persistent


def test_the_head_alone_may_be_flushed(written):
    written.file.begin(200, 'OK')
    written.file.flush()
    assert written.head_and_content()[1] == b'' and written.sink.writes


def test_a_flush_of_nothing_sends_and_records_nothing(written):
    written.file.flush()
    assert written.sink.writes == [] and written.exchange.entry is None


@pytest.mark.parametrize('size, flushed', [(65536, False), (65537, True)])
def test_no_more_than_64_kib_are_held(written, size, flushed):
    written.file.begin(200, 'OK')
    written.file.write(b'a')
    written.file.write(b'a' * (size - 1))
    assert bool(written.sink.writes) is flushed


def test_a_response_to_head_gets_the_length_and_no_content(backend):
    written = Written(backend, command='HEAD')
    written.file.begin(200, 'OK')
    written.file.write(b'abc')
    written.file.end()
    lines, content = written.head_and_content()
    assert content == b'' and b'Content-Length: 3' in lines


def test_bytes_without_a_response_are_sent_as_they_are(written):
    written.file.write(b'220 ready\r\n')
    assert written.file.pending
    written.file.end()
    assert written.sink.sent == b'220 ready\r\n'
    assert not written.exchange.persistent
    assert 'response_status' not in written.exchange.entry


def test_the_entry_keeps_the_first_mib(written):
    written.file.begin(200, 'OK')
    for _ in range(3):
        written.file.write(b'a' * (KEPT // 2 + 1))
    written.file.end()
    assert written.exchange.entry['response_content'] == b'a' * KEPT
    assert len(written.sink.sent) > 3 * (KEPT // 2)


def test_a_new_response_takes_nothing_of_the_one_before(written):
    written.file.begin(500, 'Wrong')
    written.file.headers += (('A', 'b'),)
    written.file.write(b'wrong')
    written.file.begin(200, 'OK')
    assert written.file.headers == ()
    written.file.write(b'right')
    written.file.end()
    lines, content = written.head_and_content()
    assert lines[0] == b'HTTP/1.1 200 OK' and content == b'right' and b'A: b' not in lines


@pytest.mark.parametrize('wrong', [None, 5, u'text'])
def test_what_is_not_bytes_is_refused(written, wrong):
    written.file.begin(200, 'OK')
    with pytest.raises(TypeError):
        written.file.write(wrong)


def test_a_closed_file_takes_no_more(written):
    assert written.file.writable() and not written.file.closed
    written.file.begin(200, 'OK')
    written.file.write(b'lost')
    written.file.close()
    assert written.file.closed and not written.file.pending
    with pytest.raises(ValueError):
        written.file.write(b'a')
    written.file.flush()
    assert written.sink.writes == []


# The connection, for content that waits.

def test_the_connection_is_looked_at_and_cut_in_any_state(backend, exchange):
    assert exchange.client_has_ended() is None
    exchange.cut()
    assert backend.names() == ['has_ended', 'cut']
    assert exchange.state == RECEIVED
