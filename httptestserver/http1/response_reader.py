# -*- coding: utf-8 -*-
"""Reads a response from another server: RFC 9112, sections 4 to 7.

A reader belongs to one thread. It works on bytes that a function receives, and does no I/O by
itself.
"""
import re

from six import ensure_str

from httptestserver.http1.fields import elements, has_field, members, parse_fields, parse_length
from httptestserver.http1.grammar import HEAD_LIMIT, BadRequest, check_fields, chunk_size
from httptestserver.http1.response_head import has_body
from httptestserver.wording import shown

__all__ = ['BadResponse', 'ResponseReader', 'has_responded']

#: The longest line before a chunk.
LINE_LIMIT = 4096       # bytes

#: At most so many interim responses precede a response.
INTERIM_LIMIT = 100

_status_line = re.compile(
    br'(HTTP/1\.[0-9]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n\Z').match

# How an interim response begins: RFC 9110, section 15.2. After a 101 another protocol follows.
_is_interim = re.compile(br'HTTP/1\.[0-9] 1(?!01)').match

# A line that begins with white space continues the one before: RFC 9112, section 5.2.
_continued = re.compile(br'\r\n[ \t]+')


class BadResponse(Exception):
    """What came is no response that RFC 9112 allows."""


def has_responded(received):
    """Return whether *received*, bytes, are more than interim responses, or parts of one."""
    while received and len(received) <= HEAD_LIMIT:
        if not _is_interim(received):
            # The status may still have to come.
            return not b'HTTP/1.1 1'.startswith(received)
        end = received.find(b'\r\n\r\n')
        if end < 0:
            return False
        received = received[end + 4:]
    return bool(received)


class ResponseReader(object):
    """One response: first `read_head`, then `pieces`.

    ``version`` is such as ``'HTTP/1.1'``. ``status`` is an int and ``reason`` a str. ``fields`` and
    ``trailers`` are tuples of (name, value) pairs of str; the trailers are there after the last
    piece. ``length`` is that of the content in bytes, None if it is not known before its end.

    :param receive: a function that returns the bytes that come next; b'' at their end.
    :param command: the method of the request.
    """

    def __init__(self, receive, command):
        self._receive = receive
        self._command = command
        self._buffer = b''
        self._is_chunked = False
        self.version, self.status, self.reason, self.fields = '', 0, '', ()
        self.trailers, self.length = (), 0

    def read_head(self):
        """Read the head of the response. Interim responses before it are dropped.

        :raises BadResponse: it is malformed, or the connection ended before its end.
        """
        for _ in range(INTERIM_LIMIT):
            self._read_head()
            if self.status == 101:
                raise BadResponse('its status is 101, but no upgrade was asked for')
            if self.status >= 200:
                self._frame()
                return
        raise BadResponse('it has more than %d interim responses' % INTERIM_LIMIT)

    def _read_head(self):
        line = self._line(HEAD_LIMIT)
        found = _status_line(line)
        if not found:
            raise BadResponse('its status line is %s' % shown(line))
        self.version = ensure_str(found.group(1))
        self.status = int(found.group(2))
        self.reason = ensure_str(found.group(3) or b'', 'iso-8859-1')
        self.fields = self._read_fields()

    def _read_fields(self):
        """Read the lines up to an empty one, and return their (name, value) pairs."""
        block, line = b'', b''
        while line != b'\r\n':
            block += line
            line = self._line(HEAD_LIMIT - len(block))
        block = _continued.sub(b' ', block)
        try:
            check_fields(block)
        except BadRequest as error:
            raise BadResponse('it has %s' % error.reason)
        return tuple(parse_fields(block))

    def _frame(self):
        """Find where the content ends. RFC 9112, section 6.3."""
        codings = [coding.lower() for coding in members(self.fields, 'transfer-encoding')]
        # It is no list, but one that was repeated may look like one, and an empty one is wrong.
        lengths = set(elements(self.fields, 'content-length'))
        if not has_body(self.status, self._command):
            self.length = 0
        elif has_field(self.fields, 'transfer-encoding'):
            if codings != ['chunked']:
                raise BadResponse('its Transfer-Encoding is %s' % shown(', '.join(codings)))
            self.length, self._is_chunked = None, True
        elif lengths:
            self.length = parse_length(min(lengths)) if len(lengths) == 1 else None
            if self.length is None:
                raise BadResponse('its Content-Length is %s' % ' and '.join(
                    map(shown, sorted(lengths))))
        else:
            self.length = None

    def pieces(self):
        """Yield the content as it comes.

        :raises BadResponse: it is malformed, or the connection ended before its end.
        """
        if self._is_chunked:
            return self._chunks()
        if self.length is None:
            return self._to_end()
        return self._exactly(self.length)

    def _to_end(self):
        while True:
            piece, self._buffer = self._buffer or self._receive(), b''
            if not piece:
                return
            yield piece

    def _exactly(self, left):
        while left:
            data = self._buffer or self._more()
            piece, self._buffer = data[:left], data[left:]
            left -= len(piece)
            yield piece

    def _chunks(self):
        size = self._chunk_size()
        while size:
            for piece in self._exactly(size):
                yield piece
            if self._line(LINE_LIMIT) != b'\r\n':
                raise BadResponse('a chunk is longer than its size says')
            size = self._chunk_size()
        self.trailers = self._read_fields()

    def _chunk_size(self):
        try:
            return chunk_size(self._line(LINE_LIMIT))
        except BadRequest as error:
            raise BadResponse('it has %s' % error.reason)

    def _line(self, limit):
        """Return the next line with its line feed."""
        while b'\n' not in self._buffer and len(self._buffer) <= limit:
            self._buffer += self._more()
        end = self._buffer.find(b'\n', 0, max(0, limit)) + 1
        if not end:
            raise BadResponse('it has a line or head of more than %d bytes' % limit)
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        return line

    def _more(self):
        data = self._receive()
        if not data:
            raise BadResponse('it ended before it was whole')
        return data
