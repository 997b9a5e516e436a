# -*- coding: utf-8 -*-
"""Reads request heads and bodies from a connection.

A connection belongs to one thread. Each call blocks until it is done or the connection ends.
If the client closes within a request, `Disconnected` is raised. If RFC 9112 does not allow the
request, `BadRequest` is raised.
"""
import io
import socket

from httptestserver.http1.connection import READ_SIZE, Disconnected, would_block
from httptestserver.http1.fields import parse_fields
from httptestserver.http1.grammar import (
    BadRequest, HEAD_LIMIT, check_fields, check_part, check_size, chunk_size)
from httptestserver.wording import shown

__all__ = ['Reader']

#: The longest line with a chunk size and its extensions.
CHUNK_LINE_LIMIT = 4096     # bytes

#: `Reader.has_ended` does not receive more if it holds so much.
AHEAD_LIMIT = 65536         # bytes


def _receive_nothing(size):
    """Stand in for ``recv`` after `Reader.close`: report the end of the connection."""
    return b''


class Reader(object):
    """The receiving side of a connection. It is also the ``rfile`` of a handler.

    :param limit: how many bytes of each body are kept; the rest is read and dropped. None keeps
        all.
    :param ahead: bytes that were received before, and are read first.
    """

    __slots__ = ('_socket', '_receive', '_buffer', '_unwrap', '_ended', '_limit', 'discarded')

    def __init__(self, connection, limit=None, ahead=b''):
        self._limit = limit
        #: How many bytes of the last body were dropped.
        self.discarded = 0
        self._socket = connection
        self._receive = connection.recv
        self._buffer = ahead
        # Only the socket of a TLS connection has this method.
        self._unwrap = getattr(connection, 'unwrap', None)
        # Whether `close` must not send the end of the TLS session.
        self._ended = False

    @property
    def pending(self):
        """Whether bytes are in the buffer that were received and not read yet."""
        return bool(self._buffer)

    def take_pending(self):
        """Remove and return the bytes in the buffer."""
        return self._take(len(self._buffer))

    def read_head(self):
        """Return the next head as bytes, with its empty line; b'' if the client closed before it.

        Empty lines before the head are dropped.

        :raises BadRequest: what came cannot become a head, or is over `HEAD_LIMIT`.
        :raises Disconnected: the client closed within the head.
        """
        buffer = self._buffer or self._receive_some()
        end = buffer.find(b'\r\n\r\n') + 4
        if end < 4 or buffer.startswith(b'\r\n'):
            return self._gather_head(buffer)
        self._buffer = buffer[end:]
        return buffer[:end]

    def _gather_head(self, buffer):
        """Read a head that comes in several pieces, or after empty lines.

        :param buffer: the first bytes; none if the client closed.
        """
        self._buffer = b''
        gathered = bytearray()
        while buffer:
            # The last three bytes may be the beginning of the empty line.
            searched = max(0, len(gathered) - 3)
            gathered += buffer
            # Empty lines before a request line are ignored: RFC 9112, section 2.2.
            while gathered.startswith(b'\r\n'):
                del gathered[:2]
                searched = 0
            end = gathered.find(b'\r\n\r\n', searched) + 4
            if end >= 4:
                check_size(end)
                self._buffer = bytes(gathered[end:])
                return bytes(gathered[:end])
            check_part(gathered, searched)
            buffer = self._receive_some()
        if gathered:
            raise Disconnected('the client left within a request head: %s'
                               % shown(bytes(gathered)))
        return b''

    def _receive_some(self):
        """Return the bytes that come next; b'' if the client closed or reset the connection."""
        data = b''
        try:
            data = self._receive(READ_SIZE)
        except socket.error:
            pass
        self._ended = not data
        return data

    def has_ended(self):
        """Whether the client has closed its sending side, or the connection. Does not block.

        What the client has sent since then, such as its next request, is kept. If it has sent
        much, its end is not noticed before that was read.
        """
        if not self._ended and len(self._buffer) < AHEAD_LIMIT:
            timeout = self._socket.gettimeout()
            self._socket.settimeout(0)
            try:
                data = self._receive(READ_SIZE)
                self._ended = not data
                self._buffer += data
            except socket.error as error:
                self._ended = not would_block(error)
            finally:
                self._socket.settimeout(timeout)
        return self._ended

    def abandon(self):
        """Keep `close` from ending the TLS session, so that the client sees a truncation."""
        self._ended = True

    def close(self):
        """End the TLS session, unless the client has closed. The socket stays open."""
        if self._unwrap is not None and not self._ended:
            try:
                self._unwrap()
            except (socket.error, ValueError):
                # `unwrap` waits for the client to confirm, which the timeout of 0 rules out.
                pass
        self._receive, self._unwrap, self._buffer = _receive_nothing, None, b''
        self._socket = None

    def read_body(self, framing):
        """Return the body, bytes, and its trailers, a tuple of (name, value) pairs.

        :param framing: the `RequestFraming` of the request.
        :raises BadRequest: RFC 9112, section 7.1, does not allow these chunks.
        :raises Disconnected: the client closed within the body.
        """
        length = framing.length
        self.discarded = 0
        if length is None:
            return self._read_chunked()
        if not length:
            return b'', ()
        if len(self._buffer) >= length and self._limit is None:
            return self._take(length), ()
        content = io.BytesIO()
        self._read_into(content, length)
        return content.getvalue(), ()

    def _take(self, count):
        """Remove the first *count* bytes from the buffer, and return them."""
        taken = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return taken

    def _receive_more(self):
        """Return the bytes of a body that come next. Raises `Disconnected` if there are none."""
        data = self._receive_some()
        if not data:
            raise Disconnected('the client left within a request body')
        return data

    def _read_into(self, content, count):
        """Read *count* bytes of a body into *content*, a BytesIO.

        Memory is used for what has come, so a false Content-Length costs none.
        """
        missing = count
        while missing:
            data = self._buffer or self._receive_more()
            self._buffer = data[missing:]
            self._keep(content, data[:missing])
            missing -= min(missing, len(data))

    def _keep(self, content, data):
        """Add *data* to *content*, as far as the limit allows. Count the rest."""
        if self._limit is not None:
            room = max(0, self._limit - content.tell())
            self.discarded += max(0, len(data) - room)
            data = data[:room]
        content.write(data)

    def _read_line(self, limit):
        """Return the next line with its line feed; b'' if it has more than *limit* bytes."""
        while b'\n' not in self._buffer and len(self._buffer) <= limit:
            self._buffer += self._receive_more()
        return self._take(self._buffer.find(b'\n', 0, limit) + 1)

    def _read_chunked(self):
        content = io.BytesIO()
        while True:
            line = self._read_line(CHUNK_LINE_LIMIT)
            # If the line is too long its beginning is parsed, which raises BadRequest.
            size = chunk_size(line or self._buffer[:CHUNK_LINE_LIMIT])
            if not size:
                return content.getvalue(), self._read_trailers()
            self._read_into(content, size)
            end = self._read_line(2)
            if end != b'\r\n':
                raise BadRequest(400, 'a chunk is longer than its size says'
                                      ' (RFC 9112, section 7.1)')

    def _read_trailers(self):
        block = bytearray()
        while True:
            line = self._read_line(HEAD_LIMIT - len(block))
            if line == b'\r\n':
                return tuple(parse_fields(bytes(block)))
            if not line:
                raise BadRequest(431, 'a trailer section of more than %d bytes' % HEAD_LIMIT)
            check_fields(line)
            block += line

    def read(self, size=-1):
        """Return *size* bytes, or fewer if the connection ends before them.

        By default blocks until the connection ends, and returns all bytes.
        """
        parts = [self._buffer]
        missing = size - len(self._buffer)
        while size < 0 or missing > 0:
            data = self._receive(READ_SIZE)
            if not data:
                break
            parts.append(data)
            missing -= len(data)
        self._buffer = b''.join(parts)
        return self._take(size if size >= 0 else len(self._buffer))

    def readline(self, size=-1):
        """Return the next line with its line feed, at most *size* bytes of it.

        The last line of a connection may lack its line feed.
        """
        while b'\n' not in self._buffer and not 0 <= size <= len(self._buffer):
            data = self._receive(READ_SIZE)
            if not data:
                return self._take(len(self._buffer))
            self._buffer += data
        end = self._buffer.find(b'\n') + 1 or len(self._buffer)
        return self._take(end if size < 0 else min(end, size))
