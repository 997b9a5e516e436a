# -*- coding: utf-8 -*-
"""Any combination of ``response_*`` keys is a message that another implementation understands.

If the script is wrong HTTP, or aborts the response, h11 sees that, and nothing else.
"""
from __future__ import unicode_literals

import threading

import pytest
from six import binary_type

from httptestserver.scripting.vocabulary import VOCABULARY
from support.peer import Answer, Peer, Request, wire
from support.scripts import KEYS, expected, scripts
from support.servers import serve
from support.strategies import examples, given, st
from support.waiting import TIMEOUT, eventually

ADDED = (b'server', b'date', b'content-length', b'transfer-encoding', b'connection', b'trailer',
         b'content-type')

requests = st.builds(
    Request, st.sampled_from([b'GET', b'HEAD', b'POST']), framing=st.sampled_from(
        ['none', 'length']), pieces=st.sampled_from([[], [b'body']]),
    version=st.sampled_from([b'1.1', b'1.1', b'1.0']))


def test_every_key_is_drawn():
    # These have tests of their own, because they depend on fields and path of the request, or on
    # another server.
    assert set(KEYS) | set(['response_folder', 'response_forward', 'response_forward_cafile',
                            'response_ranges']) == set(VOCABULARY)


class Exchange(object):
    """One request to *server*, and what became of it."""

    def __init__(self, server, peer, request, wanted):
        self._server, self._peer = server, peer
        self._request, self._wanted = request, wanted
        self._start = len(peer.octets)
        self._count = len(server.history)
        self.answer = self.entry = None

    def run(self):
        self._peer.give(self._request)
        wanted = self._wanted
        if wanted.fault == 'stall' and not wanted.early:
            self._read(lambda: self._came())
            if not wanted.reset:
                self.entry = eventually(self._completed)
                self._server.reset()
        if wanted.raw is not None or wanted.fault or wanted.by_close or wanted.misled:
            self._peer.rest()
        else:
            self._read(lambda: self._parsed().whole or self._parsed().problem
                       or wanted.false and self._came())
        if not (wanted.reset or wanted.early) and self.entry is None:
            self.entry = eventually(self._completed)
        self.answer = self._parsed()

    def _read(self, enough):
        while not self._peer.ended and not enough():
            self._peer.receive()

    def _came(self):
        """Whether all bytes have come that a script sends before it stalls."""
        wanted = self._wanted
        if wanted.raw is not None:
            return self.octets.endswith(wanted.content)
        if wanted.before:
            return True
        if wanted.false:
            head, end, content = self.final.partition(b'\r\n\r\n')
            return end and content == wanted.content
        answer = self._parsed()
        return answer.whole or answer.status and answer.content == wanted.content

    def _completed(self):
        history = self._server.history
        entry = history[-1] if len(history) > self._count else {}
        return entry if entry.get('duration') is not None else None

    def _parsed(self):
        return Answer.of(self._request, self.octets, self._peer.ended)

    @property
    def octets(self):
        return self._peer.octets[self._start:]

    @property
    def final(self):
        """The bytes after the interim responses."""
        octets = self.octets
        for _ in self._wanted.informational:
            octets = octets.partition(b'\r\n\r\n')[2]
        return octets


def assert_seen(exchange, request, wanted):
    """Fail unless the client saw what was scripted."""
    answer = exchange.answer
    assert [(status, more) for status, _, more in answer.informational
            if wanted.raw is None] == (wanted.informational if wanted.raw is None else [])
    if wanted.before:
        assert exchange.final == b''
    elif wanted.raw is not None:
        assert exchange.final == wanted.content
    elif wanted.false:
        head, _, content = exchange.final.partition(b'\r\n\r\n')
        assert content == wanted.content
        assert head.startswith(b'HTTP/1.1 %d ' % wanted.status)
    else:
        assert_message(answer, request, wanted)


def assert_message(answer, request, wanted):
    assert (answer.status, answer.content) == (wanted.status, wanted.content)
    assert wanted.reason is None or answer.reason == wire(wanted.reason)
    left = list(answer.fields)
    for pair in wanted.headers:
        # This raises ValueError if it did not come.
        left.remove(pair)
    assert [pair for pair in answer.fields if pair in wanted.headers] == [
        pair for pair in wanted.headers]
    assert not [name for name, _ in left if name.lower() not in ADDED]
    assert bool(answer.get(b'transfer-encoding')) is wanted.chunked
    if wanted.fault == 'reset' and wanted.by_close:
        return                                          # as it is read, that is its end too
    assert answer.whole is wanted.whole, answer.problem
    assert not answer.whole or answer.trailers == wanted.trailers


def assert_told(entry, answer, wanted):
    """Fail unless history has what was sent."""
    told = {key: entry[key] for key in entry if key.startswith('response_')}
    assert entry['duration'] >= wanted.delay * 0.9
    assert told.pop('response_fault', None) == wanted.fault
    moment = told.pop('response_fault_at', None)
    assert moment == (wanted.moment if wanted.fault else None)
    if wanted.before:
        assert told == {}
        return
    content = told.pop('response_raw' if wanted.raw is not None else 'response_content')
    if isinstance(content, (binary_type, bytearray)):
        assert content == wanted.content
    else:
        assert hasattr(content, '__fspath__') or hasattr(content, 'read')
    interim = told.pop('response_informational', ())
    assert [(status, [(wire(name), wire(value)) for name, value in more])
            for status, more in interim] == wanted.informational
    assert [(wire(name), wire(value)) for name, value in told.pop(
        'response_trailers', ())] == wanted.trailers
    if wanted.raw is None:
        assert told.pop('response_status') == wanted.status
        reason = wire(told.pop('response_reason'))
        fields = [(wire(name), wire(value)) for name, value in told.pop('response_headers')]
        if not wanted.false:
            assert (reason, fields) == (answer.reason, answer.fields)
    assert told == {}


def connected(server, wanted, gate):
    """Return a `Peer`, None if there is no connection in the end."""
    waiter = None
    if wanted.early and wanted.fault == 'stall':
        def end():
            assert gate.reached.wait(TIMEOUT)
            server.reset()
        waiter = threading.Thread(target=end)
        waiter.start()
    try:
        return Peer(server)
    except EnvironmentError:
        assert wanted.early
        return None
    finally:
        if waiter is not None:
            waiter.join(TIMEOUT)


def check_script(server, script, pair):
    """Put *script*, send a pair of requests, and compare what each side saw and recorded."""
    server.reset()
    script.put(server)
    peers, wanted = [None], None
    try:
        for request in pair:
            wanted = expected(script, request, wanted)
            if peers[-1] is not None and wanted.early:
                break                           # it is past that on an open connection
            if peers[-1] is None:
                gate = script.outer.get('response_hold', (None,))[0]
                peers.append(connected(server, wanted, gate))
            if peers[-1] is not None:
                check_exchange(server, peers[-1], request, wanted)
            if wanted.fault or wanted.false or wanted.ended or not wanted.kept:
                peers.append(None)
            if wanted.fault == 'stall':
                break                           # it was ended by a reset
        server.check()
        assert server.failures == []
        assert_serves(server, peers[-1])
    finally:
        for peer in filter(None, peers):
            peer.close()


def check_exchange(server, peer, request, wanted):
    exchange = Exchange(server, peer, request, wanted)
    exchange.run()
    assert_seen(exchange, request, wanted)
    if exchange.entry is not None:
        assert_told(exchange.entry, exchange.answer, wanted)
    if wanted.reset:
        if wanted.late:
            eventually(lambda: server.history == [])
        assert server.history == [] and server.response_data == {}
    if not (wanted.fault or wanted.false or wanted.old or wanted.raw is not None):
        assert exchange.answer.kept is wanted.kept


def assert_serves(server, peer):
    """Fail unless a plain request gets a response, on the kept connection or on another."""
    server.reset()
    with peer or Peer(server) as peer:
        answer = peer.ask(Request(target=b'/plain'))
        assert (answer.status, answer.content, answer.problem) == (200, b'', None)
        assert [entry['path'] for entry in server.history] == ['/plain']


FAULTED = ('response_fault', 'response_fault_at', 'response_content')
FRAMED = ('response_headers', 'response_status', 'response_content')


@pytest.mark.parametrize('scheme, count, always', [
    ('http', 60, ()), ('http', 60, FAULTED), ('http', 60, FRAMED), ('https', 10, FAULTED)],
    ids=['any', 'faults', 'framing', 'tls'])
def test_what_is_scripted_is_what_h11_sees(scheme, count, always):
    @examples(count)
    @given(st.tuples(scripts(scheme, always), st.tuples(requests, requests)))
    def sees(drawn):
        check_script(server, *drawn)

    with serve(scheme) as server:
        sees()
