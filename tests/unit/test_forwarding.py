# -*- coding: utf-8 -*-
"""What is made of a request and of the response of another server, without a socket."""
import pytest

from httptestserver.http1.fields import Headers
from httptestserver.http1.response_reader import BadResponse, ResponseReader
from httptestserver.http1.upstream import UpstreamError
from httptestserver.recording.request import RecordedRequest
from httptestserver.recording.text import sent_fields
from httptestserver.scripting.content import ContentAborted
from httptestserver.serving.forwarding import ForwardedContent


class Connection(object):
    """Counts how often it is closed."""

    closed = 0

    def close(self):
        self.closed += 1


def forwarded(pieces, limit=None):
    """Return the `ForwardedContent` of a response that comes in *pieces*, and what it has called.

    The last piece may be an exception.
    """
    rest = iter(pieces)

    def receive():
        piece = next(rest, b'')
        if isinstance(piece, Exception):
            raise piece
        return piece

    reader, calls = ResponseReader(receive, 'GET'), []
    reader.read_head()
    return ForwardedContent(Connection(), reader, calls.append, calls.append, limit), calls


HEAD = b'HTTP/1.1 200 OK\r\n'


@pytest.mark.parametrize('limit, kept', [(None, b'abcdef'), (0, b''), (2, b'ab'), (4, b'abcd'),
                                         (6, b'abcdef'), (7, b'abcdef')])
def test_what_is_yielded_is_kept_up_to_the_limit(limit, kept):
    content, calls = forwarded([HEAD + b'Content-Length: 6\r\n\r\nabc', b'def'], limit)
    assert content.length == 6 and content.sent == b''
    assert b''.join(content) == b'abcdef' and content.sent == kept
    assert calls == [()]


def test_the_trailers_are_known_at_the_end():
    content, calls = forwarded([HEAD + b'Transfer-Encoding: chunked\r\n\r\n',
                                b'1\r\na\r\n0\r\nT: 1\r\nContent-Length: 5\r\n\r\n'])
    assert content.length is None and list(content) == [b'a']
    assert calls == [(('T', '1'),)]


@pytest.mark.parametrize('last, fault', [
    (b'', 'disconnect'), (UpstreamError(ValueError('x')), 'disconnect'),
    (UpstreamError(EnvironmentError(104, 'reset')), 'reset')])
def test_content_that_breaks_off_is_a_fault(last, fault):
    content, [] = forwarded([HEAD + b'Content-Length: 6\r\n\r\nabc', last])
    pieces = iter(content)
    assert next(pieces) == b'abc'
    with pytest.raises(ContentAborted) as caught:
        next(pieces)
    assert caught.value.fault == fault and content.sent == b'abc'


def test_the_failure_is_reported_once():
    content, calls = forwarded([HEAD + b'Content-Length: 6\r\n\r\nabc'])
    with pytest.raises(ContentAborted):
        list(content)
    [error] = calls
    assert isinstance(error, BadResponse)


def test_the_connection_is_closed_with_the_content():
    connection = Connection()
    content = ForwardedContent(connection, ResponseReader(None, 'GET'), None, None, None)
    assert connection.closed == 0
    content.close()
    assert connection.closed == 1


def test_fields_are_those_that_were_sent():
    request = RecordedRequest(headers=Headers(b'B: 1\r\nA: \xc3\xa9\r\nb:2\r\n'))
    assert [name for name, _ in sent_fields(request)] == ['B', 'A', 'b']
    value = dict(sent_fields(request))['A']
    assert (value if isinstance(value, bytes) else value.encode('iso-8859-1')) == b'\xc3\xa9'
    assert sent_fields({}) == []
