# -*- coding: utf-8 -*-
"""What a test scripts is what another implementation of HTTP sees, and the other way round.

hypothesis draws exchanges that are legal, h11 is the client.
"""
from __future__ import unicode_literals

import pytest
from six import binary_type

from support.peer import Peer, wire
from support.servers import serve
from support.strategies import (
    SET_ASIDE, contents, examples, fields, given, pieces, reasons, requests, st)


@st.composite
def plain_answers(draw):
    """Draw the ``response_*`` keys of an answer that is legal for every request."""
    keys = {'response_status': draw(st.sampled_from([200, 201, 204, 205, 304, 404, 500, 599])),
            'response_headers': draw(fields)}
    if draw(st.booleans()):
        keys['response_reason'] = draw(reasons)
    if draw(st.booleans()):
        keys['response_content'] = draw(contents)
    else:
        keys['response_content'] = draw(pieces())
    if draw(st.booleans()):
        keys['response_trailers'] = draw(fields)
    return keys


def pairs_of(headers):
    """Return the pairs of a recorded message, octets, in their order."""
    lines = getattr(headers, 'headers', None)           # where Python 2 has them in order
    if lines is None:
        return [(wire(name), wire(value)) for name, value in headers.items()]
    return [(name, value.strip(b' \t\r\n'))
            for name, _, value in [line.partition(b':') for line in lines]]


def octets_of(pairs):
    """Return scripted or recorded pairs as they stand on the wire."""
    return [(wire(name), wire(value)) for name, value in pairs]


def assert_recorded(entry, request):
    """Fail unless *entry* tells, octet by octet, of *request*."""
    method, target, version = [part.decode('ascii') for part in (
        request.method, request.target, b'HTTP/' + request.version)]
    assert (entry['command'], entry['path'], entry['request_version']) == (
        method, target, version)
    assert entry['raw_requestline'] == request.line
    assert wire(entry['requestline']) + b'\r\n' == request.line
    assert pairs_of(entry['headers']) == request.fields
    assert type(entry['body']) is binary_type and entry['body'] == request.content
    assert octets_of(entry['trailers']) == list(request.trailers)


def without_body(request, status):
    return request.method == b'HEAD' or status in (204, 205, 304) or (
        request.method == b'CONNECT' and status < 300)


def assert_answered(answer, entry, request, keys):
    """Fail unless h11 saw what *keys* script, and *entry* tells of the same."""
    status, content = keys['response_status'], keys['response_content']
    content = content if isinstance(content, bytes) else b''.join(content)
    if without_body(request, status):
        content = b''
    trailers = keys.get('response_trailers') or ()
    if request.version == b'1.0' or without_body(request, status):
        trailers = ()
    assert answer.problem is None
    assert (answer.status, answer.content) == (status, content)
    if 'response_reason' in keys:
        assert answer.reason == wire(keys['response_reason'])
    added = [pair for pair in answer.fields if pair[0].lower() in SET_ASIDE]
    assert [pair for pair in answer.fields if pair not in added] == keys['response_headers']
    assert answer.trailers == octets_of(trailers)
    assert entry['response_status'] == status and entry['response_content'] == content
    assert wire(entry['response_reason']) == answer.reason
    assert octets_of(entry['response_headers']) == answer.fields
    assert octets_of(entry.get('response_trailers', ())) == answer.trailers
    assert [status for status, _, _ in answer.informational] in ([], [100])
    assert not (request.version == b'1.0' and answer.get(b'transfer-encoding'))


def one_by_one(server, exchanges, patient):
    """Return the answers, each read before the next request is sent."""
    answers, peer = [], None
    try:
        for request, _ in exchanges:
            if peer is None or not peer.kept or request.version == b'1.0':
                if peer is not None:
                    peer.close()
                peer = Peer(server)
            expects = any(name == b'Expect' for name, _ in request.fields)
            answers.append(peer.ask(request, patient and expects and request.content))
            peer.kept = peer.kept and request.version == b'1.1'
            if patient and expects and request.content:
                assert len(answers[-1].informational) == 1
        return answers
    finally:
        peer.close()


def pipelined(server, exchanges, cuts):
    """Return the answers, read after all was sent, in pieces that end at *cuts*."""
    composed = [request.compose() for request, _ in exchanges]
    octets = b''.join(head + body for _, head, body in composed)
    cuts = sorted(set([cut % (len(octets) + 1) for cut in cuts] + [0, len(octets)]))
    with Peer(server) as peer:
        for start, end in zip(cuts, cuts[1:]):
            peer.send(octets[start:end])
        answers = [peer.answer(connection) for connection, _, _ in composed]
        assert peer.left == b''
        return answers


def check_exchanges(server, exchanges, pipeline, patient, cuts):
    """Have *exchanges* of (request, keys), and compare what each side saw."""
    server.reset()
    server.enqueue(*[keys for _, keys in exchanges])
    if pipeline:
        for request, _ in exchanges[:-1]:
            request.version = b'1.1'                # or the connection ends with it
        answers = pipelined(server, exchanges, cuts)
    else:
        answers = one_by_one(server, exchanges, patient)
    history = server.history
    assert len(history) == len(exchanges) == len(answers)
    for (request, keys), entry, answer in zip(exchanges, history, answers):
        assert_recorded(entry, request)
        assert_answered(answer, entry, request, keys)
    indices = [entry['exchange_index'] for entry in history]
    assert not pipeline or indices == list(range(len(history)))
    server.check(unserved=True)
    assert server.failures == []


conversations = st.tuples(
    st.lists(st.tuples(requests(), plain_answers()), min_size=1, max_size=4), st.booleans(),
    st.booleans(), st.lists(st.integers(0, 9999), max_size=5))


@pytest.mark.parametrize('scheme, count', [('http', 60), ('https', 8)])
def test_h11_and_the_server_understand_each_other(scheme, count):
    @examples(count)
    @given(conversations)
    def agree(drawn):
        check_exchanges(server, *drawn)

    with serve(scheme) as server:
        agree()
