# -*- coding: utf-8 -*-
"""Reading a response from another server: what is understood, and what is refused."""
import random

import pytest

from httptestserver.http1.response_reader import (
    BadResponse, ResponseReader, has_responded)
from support.waiting import cpu_time


def receiving(data, size):
    """Return a function that returns *size* bytes of *data* with each call."""
    pieces = iter([data[start:start + size] for start in range(0, len(data), size)])
    return lambda: next(pieces, b'')


def read(data, command='GET', size=1):
    """Return the `ResponseReader` of *data*, and the content."""
    reader = ResponseReader(receiving(data, size), command)
    reader.read_head()
    return reader, b''.join(reader.pieces())


@pytest.mark.parametrize('size', [1, 2, 7, 1000])
@pytest.mark.parametrize('head, content, expected, length', [
    (b'Content-Length: 3\r\n', b'abcd', b'abc', 3),
    (b'content-length: 3\r\nContent-Length: 3\r\n', b'abc', b'abc', 3),
    (b'Content-Length: 3, 3\r\n', b'abc', b'abc', 3), (b'Content-Length: 0\r\n', b'a', b'', 0),
    (b'', b'abc', b'abc', None), (b'', b'', b'', None),
    (b'Transfer-Encoding: Chunked\r\n', b'2;a=b\r\nab\r\n1\r\nc\r\n0\r\n\r\nx', b'abc', None),
    (b'Transfer-Encoding: chunked\r\nContent-Length: 9\r\n', b'0\r\n\r\n', b'', None),
    (b'Transfer-Encoding: , chunked,\r\n', b'1\r\na\r\n0\r\n\r\n', b'a', None),
])
def test_content_ends_where_the_fields_say(head, content, expected, length, size):
    reader, body = read(b'HTTP/1.1 200 OK\r\n' + head + b'\r\n' + content, size=size)
    assert (reader.status, reader.reason, reader.length) == (200, 'OK', length)
    assert body == expected and reader.trailers == ()


@pytest.mark.parametrize('status, command', [
    (200, 'HEAD'), (204, 'GET'), (205, 'GET'), (304, 'GET'), (200, 'CONNECT')])
def test_some_responses_have_no_content_whatever_they_say(status, command):
    reader, body = read(b'HTTP/1.1 %d \r\nContent-Length: 3\r\n\r\nabc'.replace(
        b'%d', str(status).encode('ascii')), command)
    assert (reader.length, body, reader.reason) == (0, b'', '')
    assert reader.fields == (('Content-Length', '3'),)


def test_fields_and_trailers_keep_their_order():
    reader, _ = read(b'HTTP/1.0 200\r\nB: 1\r\nA:2 \r\nb: 3\r\n 4\r\n'
                     b'Transfer-Encoding: chunked\r\n\r\n0\r\nT: 1\r\nt: \xe9\r\n\r\n')
    assert reader.fields[:3] == (('B', '1'), ('A', '2'), ('b', '3 4'))
    assert [name for name, _ in reader.trailers] == ['T', 't']


def test_interim_responses_are_dropped():
    interim = b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'
    reader, body = read(interim + b'HTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\na')
    assert (reader.status, body) == (201, b'a')
    assert reader.fields == (('Content-Length', '1'),)
    with pytest.raises(BadResponse):
        read(interim * 100, size=1000)


@pytest.mark.parametrize('data', [
    b'', b'HTTP/1.1 200 OK\r\n', b'HTTP/1.1 200 OK\r\nA: b\r\n', b'\x16\x03\x01\x02\0\x01\n',
    b'HTTP/2 200 OK\r\n\r\n', b'HTTP/1.1 099 A\r\n\r\n', b'HTTP/1.1 20 A\r\n\r\n', b'hello\n',
    b'HTTP/1.1 200 OK\n\n', b'HTTP/1.1 200 OK\r\nno field\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nA : b\r\n\r\n', b'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n', b'HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n\r\na',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: ,\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', b'HTTP/1.1 101 Switch\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno field\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' + b'0' * 5000,
    b'HTTP/1.1 200 OK\r\nA: ' + b'b' * 300000, b'A' * 300000,
])
def test_what_is_malformed_or_cut_is_refused(data):
    with pytest.raises(BadResponse) as caught:
        read(data, size=1 if len(data) < 200 else 65536)
    assert '\n' not in str(caught.value) and len(str(caught.value)) < 500


#: What is mutated below, and bytes that mean something in a response.
KNOWN = (b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nabc',
         b'HTTP/1.1 100 Go\r\n\r\nHTTP/1.0 404 No\r\nA: b\r\n c\r\n\r\nabc',
         b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
         b'3;a\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n')
TOKENS = (b'\r\n', b'\n', b'\0', b' ', b':', b'0', b'f', b',', b'HTTP/1.1 ', b'chunked',
          b'Content-Length: 9\r\n', b'Transfer-Encoding: x\r\n', b'\xff', b'')


def outcome(data, size):
    try:
        reader, content = read(data, size=size)
    except BadResponse as error:
        return str(error)
    return reader.status, reader.reason, reader.fields, reader.trailers, content


def test_any_bytes_are_a_response_or_refused_however_they_are_divided():
    chance, whole = random.Random(1), 0
    for _ in range(1500):
        data = chance.choice(KNOWN)
        for _ in range(chance.randint(1, 3)):
            start = chance.randint(0, len(data))
            data = data[:start] + chance.choice(TOKENS) + data[start + chance.randint(0, 3):]
        found = outcome(data, 1)
        whole += isinstance(found, tuple)
        # What is shown of a part that is not whole depends on how much of it has come.
        for size in (3, 1000):
            other = outcome(data, size)
            assert found == other or isinstance(found, str) and isinstance(other, str), data
    assert 200 < whole < 1300


def test_spaces_in_a_field_take_no_time():
    # Even 60,000 of them took ten seconds, if each was tried as the begin of the next line.
    value = b' ' * 200000 + b'a'
    started = cpu_time()
    reader, _ = read(b'HTTP/1.1 200 OK\r\nX:' + value + b'\r\nContent-Length: 0\r\n\r\n',
                     size=65536)
    assert reader.fields[0] == ('X', 'a')
    assert cpu_time() - started < 2


@pytest.mark.parametrize('received, expected', [
    (b'', False), (b'H', False), (b'HTTP/1.1 ', False), (b'HTTP/1.1 1', False),
    (b'HTTP/1.1 100 Continue\r\n', False), (b'HTTP/1.1 100 Continue\r\n\r\n', False),
    (b'HTTP/1.1 103 \r\nLink: a\r\n\r\nHTTP/1.1 1', False),
    (b'HTTP/1.1 100 \r\n\r\nHTTP/1.1 2', True), (b'HTTP/1.1 2', True), (b'HTTP/1.0 404', True),
    (b'HTTP/1.1 101 Switching Protocols\r\n\r\n', True), (b'SSH-2.0', True),
    (b'HTTP/1.1 100 \r\n\r\n' * 20000, True)])
def test_interim_responses_are_no_response(received, expected):
    assert has_responded(received) is expected
