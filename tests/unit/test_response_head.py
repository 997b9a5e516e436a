# -*- coding: utf-8 -*-
"""How a response ends, and the bytes of its head."""
import email.utils
import threading

import pytest

from httptestserver.http1.response_head import Heads, frame_response

# How a response ends.

CLOSE = ('Connection', 'close')
ALIVE = ('Connection', 'keep-alive')
CHUNKED = ('Transfer-Encoding', 'chunked')


def length(count):
    return 'Content-Length', str(count)


@pytest.mark.parametrize('status, headers, size, command, version, persistent, expected', [
    (200, (), 5, 'GET', '1.1', True, ([length(5)], True, False, True)),
    (200, (), 0, 'GET', '1.1', True, ([length(0)], True, False, True)),
    (200, (), 5, 'GET', '1.1', False, ([length(5), CLOSE], True, False, False)),
    (200, (), 5, 'GET', '1.0', False, ([length(5), CLOSE], True, False, False)),
    (200, (), 5, 'GET', '1.0', True, ([length(5), ALIVE], True, False, True)),
    (200, (), None, 'GET', '1.1', True, ([CHUNKED], True, True, True)),
    (200, (), None, 'GET', '1.0', True, ([CLOSE], True, False, False)),
    (200, (), 5, 'HEAD', '1.1', True, ([length(5)], False, False, True)),
    (200, (), None, 'HEAD', '1.1', True, ([], False, False, True)),
    (204, (), 5, 'GET', '1.1', True, ([], False, False, True)),
    (304, (), 5, 'GET', '1.1', True, ([], False, False, True)),
    (100, (), 0, 'GET', '1.1', True, ([], False, False, True)),
    (199, (), 5, 'GET', '1.1', True, ([], False, False, True)),
    (205, (), 5, 'GET', '1.1', True, ([length(0)], False, False, True)),
    (205, (), None, 'GET', '1.1', True, ([length(0)], False, False, True)),
    (200, (), 5, 'CONNECT', '1.1', True, ([], False, False, True)),
    (205, (), 5, 'CONNECT', '1.1', True, ([], False, False, True)),
    (407, (), 5, 'CONNECT', '1.1', True, ([length(5)], True, False, True)),
    (200, (length(5),), 5, 'GET', '1.1', True, ([], True, False, True)),
    (200, (length(9),), 5, 'GET', '1.1', True, ([CLOSE], True, False, False)),
    (200, (('content-length', '5'),), 5, 'GET', '1.1', True, ([], True, False, True)),
    (200, (length(9),), 5, 'HEAD', '1.1', True, ([], False, False, True)),
    (304, (length(9),), 0, 'GET', '1.1', True, ([], False, False, True)),
    (200, (CHUNKED,), 5, 'GET', '1.1', True, ([CLOSE], True, False, False)),
    (200, (length(5), CHUNKED), 5, 'GET', '1.1', True, ([CLOSE], True, False, False)),
    (205, (length(5),), 5, 'GET', '1.1', True, ([CLOSE], False, False, False)),
    (205, (CHUNKED,), 5, 'GET', '1.1', True, ([CLOSE], False, False, False)),
    (205, (length(0),), 5, 'GET', '1.1', True, ([], False, False, True)),
    (200, (CLOSE,), 5, 'GET', '1.1', True, ([length(5)], True, False, False)),
    (200, (('connection', 'Close'),), 5, 'GET', '1.1', True, ([length(5)], True, False, False)),
    (200, (('Connection', 'x'),), 5, 'GET', '1.1', True, ([length(5)], True, False, True)),
    (200, (('Connection', 'x'),), 5, 'GET', '1.1', False, ([length(5)], True, False, False))])
def test_how_a_message_ends(status, headers, size, command, version, persistent, expected):
    found = frame_response(status, headers, size, (), command, 'HTTP/' + version, persistent)
    assert (list(found[0]),) + tuple(found[1:]) == expected


@pytest.mark.parametrize('command, version, size, expected', [
    ('GET', '1.1', 5, ([CHUNKED, ('Trailer', 'A, B')], True, True, True)),
    ('GET', '1.1', None, ([CHUNKED, ('Trailer', 'A, B')], True, True, True)),
    ('GET', '1.0', 5, ([length(5), ALIVE], True, False, True)),
    ('HEAD', '1.1', 5, ([], False, False, True))])
def test_trailers_need_chunks(command, version, size, expected):
    trailers = ('A', '1'), ('B', '2')
    found = frame_response(200, (), size, trailers, command, 'HTTP/' + version, True)
    assert (list(found[0]),) + tuple(found[1:]) == expected


@pytest.mark.parametrize('status', [100, 101, 200, 204, 205, 206, 301, 304, 404, 500, 999])
@pytest.mark.parametrize('command', ['GET', 'HEAD', 'CONNECT', 'PING'])
@pytest.mark.parametrize('version', ['HTTP/1.0', 'HTTP/1.1'])
@pytest.mark.parametrize('size', [0, 5, None])
def test_no_message_that_goes_on_leaves_its_end_open(status, command, version, size):
    added, has_body, chunked, persistent = frame_response(
        status, (), size, (), command, version, True)
    names = [name for name, _ in added]
    assert len(names) == len(set(names))
    assert ('Transfer-Encoding' in names) is chunked
    assert not (chunked and version == 'HTTP/1.0')
    if has_body and persistent:
        assert ('Content-Length' in names) is not chunked
    assert (CLOSE in added) is not persistent


# Response heads.

def lines_of(head):
    assert head.encoded.endswith(b'\r\n\r\n')
    return head.encoded[:-4].decode('iso-8859-1').split('\r\n')


def make(heads, now=0, status=200, reason='OK', headers=(), length=0, command='GET',
         version='HTTP/1.1', persistent=True):
    return heads.get(now, status, reason, headers, length, (), command, version, persistent)


def test_a_head_says_what_it_is_made_of():
    head = make(Heads('software'), 784111777, 404, 'Not Found', (('A', 'b'), ('A', 'c')), 5)
    assert lines_of(head) == [
        'HTTP/1.1 404 Not Found', 'Server: software', 'Date: Sun, 06 Nov 1994 08:49:37 GMT',
        'A: b', 'A: c', 'Content-Length: 5']
    assert head.fields == (
        ('Server', 'software'), ('Date', 'Sun, 06 Nov 1994 08:49:37 GMT'), ('A', 'b'), ('A', 'c'),
        ('Content-Length', '5'))
    assert (head.status, head.reason, head.has_body, head.chunked, head.persistent) == (
        404, 'Not Found', True, False, True)


@pytest.mark.parametrize('name', ['Server', 'server', 'Date', 'DATE'])
def test_a_field_of_the_author_stands_in_place_of_ours(name):
    head = make(Heads('software'), headers=((name, 'mine'),))
    found = [field for field in head.fields if field[0].lower() == name.lower()]
    assert found == [(name, 'mine')]


def test_a_date_is_of_its_second():
    heads = Heads('software')
    times = [1000.0, 1000.9, 1001.0, 1000.5, 2000000000.25, 1001.5]
    for now in times * 2:
        assert dict(make(heads, now).fields)['Date'] == email.utils.formatdate(
            int(now), usegmt=True)


@pytest.mark.parametrize('value, octets', [
    ('b', b'A: b\r\n'), ('', b'A: \r\n'), (u'\xe9', b'A: \xe9\r\n'),
    (u'\u20ac', b'A: \xe2\x82\xac\r\n')])
def test_a_value_goes_out_as_iso_8859_1_or_else_utf_8(value, octets):
    assert octets in make(Heads('software'), headers=(('A', value),)).encoded


def test_a_reason_may_be_empty():
    assert lines_of(make(Heads('software'), 0, 299, ''))[0] == 'HTTP/1.1 299 '


def test_many_heads_of_one_second_are_each_right():
    heads = Heads('software')
    for _ in range(2):
        for length in range(600):
            assert dict(make(heads, length=length).fields)['Content-Length'] == str(length)


def test_heads_may_be_made_by_many_threads():
    heads, wrong = Heads('software'), []

    def work(offset):
        for n in range(400):
            now = offset + n // 7
            found = dict(make(heads, now, length=n).fields)
            if found != {'Server': 'software', 'Content-Length': str(n),
                         'Date': email.utils.formatdate(now, usegmt=True)}:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in (0, 5, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not wrong
