# -*- coding: utf-8 -*-
"""A recording makes another server respond as the one that was recorded.

Each response is made of keys that a HAR file can hold, and the requests come in any order. Both
servers are recorded, and the two documents are compared.
"""
from __future__ import unicode_literals

import json

import pytest

from httptestserver import http_server
from httptestserver.scripting.vocabulary import VOCABULARY
from support.client import Client, request
from support.strategies import contents, examples, fields, given, reasons, st

#: Fields that are of a connection, or of the coding that a HAR file does not have.
OTHER = ('date', 'connection', 'content-length', 'content-encoding', 'transfer-encoding', 'trailer')

#: Keys that a HAR file does not hold, and those that act by a request or on the whole server.
NOT_HELD = ('response_callback', 'response_clear', 'response_early', 'response_folder',
            'response_forward', 'response_forward_cafile', 'response_hold',
            'response_informational', 'response_ranges', 'response_rate', 'response_reset',
            'response_timeout', 'response_times', 'response_trailers')

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.just('\u20ac"\\')),
    lambda inner: st.lists(inner, max_size=3), max_leaves=4)
headers = fields.map(lambda pairs: [
    (name.decode('latin-1'), value.decode('latin-1')) for name, value in pairs
    if name.lower() not in (b'te', b'content-encoding')])

#: Every key that a HAR file holds, with its values.
KEYS = {
    'response_status': st.one_of(st.sampled_from([200, 204, 205, 301, 304, 404, 503]),
                                 st.integers(200, 999)),
    'response_reason': reasons.map(lambda reason: reason.strip(' \t')),
    'response_headers': st.tuples(headers, st.sampled_from([
        [], [('Content-Type', 'text/plain; charset=utf-16')], [('Content-Type', 'a/b')]])).map(
            lambda pair: pair[0] + pair[1]),
    'response_content': contents,
    'response_content_encoding': st.sampled_from(['gzip', 'deflate']),
    'response_json': values,
    'response_events': st.lists(st.just(b'data: x\n\n'), max_size=3),
    'response_fault': st.sampled_from(['disconnect', 'reset']),
    'response_fault_at': st.one_of(st.sampled_from(['response', 'body', 'end']),
                                   st.integers(0, 30)),
    'response_raw': st.sampled_from([b'HTTP/1.1 200 OK\r\n\r\n', b'no HTTP at all\xff', b'']),
}
ALONE = ('response_content', 'response_json', 'response_events')


@st.composite
def scripts(draw):
    """Draw the keys of one response."""
    keys = {key: draw(KEYS[key]) for key in sorted(KEYS) if draw(st.integers(0, 2)) == 0}
    for key in [key for key in ALONE if key in keys][1:]:
        del keys[key]
    if 'response_fault' not in keys:
        keys.pop('response_fault_at', None)
    if keys.get('response_fault_at') == 'body' and 'response_events' in keys:
        # Half of what has no length is not known.
        del keys['response_fault_at']
    # A HAR file shows raw bytes as content with the status 0, and nothing beside them.
    return {key: keys[key] for key in keys if 'response_raw' not in keys
            or key in ('response_raw', 'response_fault', 'response_fault_at')}


asked = st.tuples(
    st.sampled_from(['GET', 'POST', 'HEAD', 'PUT']),
    st.sampled_from(['/a', '/a?b=1', '/a?b=1&b=2', '/a%2Fb', '/\u20ac', '/a;{x}?', '//a']),
    st.sampled_from([('', b''), ('application/json', b'{"a": [1, null]}'), ('', b'\xff\x00'),
                     ('application/x-www-form-urlencoded', b'a=1&b=%20'),
                     ('text/plain; charset=utf-16', '\u20ac'.encode('utf-16'))]))


def exchange(server, method, target, body):
    """Send a request, and return all that comes before the connection ends."""
    kind, content = body
    with Client(server) as client:
        client.send(request(method, target, 'Connection: close', 'Content-Type: ' + kind,
                            body=content))
        try:
            return client.rest()
        except EnvironmentError:
            return None


def shown(response):
    """Return what has to be equal in a *response* of a document."""
    comment = response.get('comment', '')
    headers = [(field['name'], field['value']) for field in response['headers']
               if field['name'].lower() not in OTHER]
    content = {name: response['content'].get(name) for name in ('text', 'encoding', 'mimeType')}
    return response['status'], response['statusText'], headers, content, comment.split(' at ')[0]


def test_every_key_is_drawn_or_not_held():
    assert set(KEYS).union(NOT_HELD) == set(VOCABULARY)


@examples(60)
@given(st.lists(st.tuples(asked, scripts()), min_size=1, max_size=6))
def test_another_server_responds_as_recorded(exchanges):
    with http_server() as server, http_server() as other:
        for how, keys in exchanges:
            server.enqueue(keys)
            exchange(server, *how)
        recorded = json.loads(json.dumps(server.har()))
        other.replay(recorded)
        for how, _ in exchanges:
            exchange(other, *how)
        replayed = json.loads(json.dumps(other.har()))
        other.check(unserved=True, unrequested=True)
        assert [shown(entry['response']) for entry in replayed['log']['entries']] == [
            shown(entry['response']) for entry in recorded['log']['entries']]


@pytest.mark.parametrize('repeated', [2, 3])
@given(st.data())
@examples(10)
def test_any_order_of_requests_gets_the_responses_of_each_request_in_order(repeated, data):
    targets = [('GET', '/a', ('', b'')), ('GET', '/a?b=1', ('', b'')), ('POST', '/a', ('', b'x'))]
    order = data.draw(st.permutations(targets * repeated))
    with http_server() as server, http_server() as other:
        for number, how in enumerate(order):
            server.enqueue(str(number))
            exchange(server, *how)
        other.replay(server.har())
        got = [(how, exchange(other, *how)[-1:]) for how in sorted(order)]
        assert got == sorted((how, str(number).encode()) for number, how in enumerate(order))
        # The last response of each stays.
        assert exchange(other, *order[-1])[-1:] == str(len(order) - 1).encode()
