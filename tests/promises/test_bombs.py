# -*- coding: utf-8 -*-
"""Any content survives its codings, and no body costs more memory than its limit."""
import gc

import pytest

from httptestserver import http_server
from httptestserver.http1.fields import Headers
from httptestserver.recording.decoding import LIMIT, undone
from httptestserver.recording.request import RecordedRequest, note_limit
from httptestserver.scripting.content import streamed
from httptestserver.scripting.encoding import coded
from httptestserver.scripting.vocabulary import CODINGS
from support.client import Client, request
from support.packing import GZIP, RAW, ZLIB, packed
from support.strategies import examples, given, pieces, st

MEBIBYTE = 1048576


@examples(60)
@given(pieces(), st.lists(st.tuples(st.sampled_from(CODINGS), st.booleans()), max_size=4))
def test_what_is_encoded_is_decoded_to_the_same(parts, codings):
    content = body = b''.join(parts)
    for coding, whole in codings:
        body = coded(body, coding) if whole else b''.join(coded(streamed(parts), coding))
        parts = [body]
    assert undone(body, [coding for coding, _ in codings]) == content


@examples(200)
@given(st.binary(max_size=200), st.lists(st.sampled_from(['gzip', 'deflate', 'br', 'x-gzip']),
                                         max_size=3), st.integers(0, 100))
def test_any_bytes_are_decoded_or_a_value_error_of_the_views(body, codings, limit):
    entry = RecordedRequest(body=body, requestline='POST / HTTP/1.1', headers=Headers(
        b'Content-Encoding: ' + ', '.join(codings).encode('ascii') + b'\r\n'))
    note_limit(entry, limit)
    for view in ('content', 'text', 'form', 'files'):
        try:
            value = getattr(entry, view)
        except ValueError:
            continue
        assert view != 'content' or len(value) <= limit or not codings
    try:
        entry.json()
    except ValueError:
        pass


def bomb(formats):
    """Return 50 members of gzip that become 500 MB, in further *formats*."""
    body = packed(b'0' * 10000000, GZIP) * 50
    for wbits in formats:
        body = packed(body, wbits, 9)
    return body


@pytest.mark.parametrize('codings, formats, limit', [
    ('gzip', [], None), ('gzip, gzip', [GZIP], None),
    ('gzip, deflate, deflate', [ZLIB, RAW], None), ('gzip', [], MEBIBYTE)])
def test_a_bomb_costs_no_more_memory_than_the_limit(codings, formats, limit):
    # Neither Python 2 nor PyPy counts what it allocates.
    tracemalloc = pytest.importorskip('tracemalloc')
    body = bomb(formats)
    with http_server(body_limit=limit) as server:
        server.route('POST', json=[1])
        server.route('POST', form={'a': '1'})
        gc.collect()
        tracemalloc.start()
        try:
            with Client(server) as client:
                client.send(request('POST', '/', 'Content-Encoding: ' + codings, body=body))
                assert client.answer().status == 404
                client.send(request())
                assert client.answer().status == 404
            peak = tracemalloc.get_traced_memory()[1]
            gc.collect()
            left = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        with pytest.raises(ValueError) as caught:
            server.history[0].content
        assert 'becomes more than %d bytes' % (limit or LIMIT) in str(caught.value)
        server.reset()
    # The buffer grows by an eighth, and the body itself is there too.
    assert peak < (limit or LIMIT) * 1.2 + 4 * len(body) + MEBIBYTE
    assert left < 3 * len(body) + MEBIBYTE
