# -*- coding: utf-8 -*-
"""Reads request heads and bodies from a connection.

A connection belongs to one thread; every call blocks until it is done or the connection
ends. A client that leaves before a message is whole raises `Disconnected`; a message that
RFC 9112 does not allow raises `BadRequest`.
"""
import io
import socket

from httptestserver.http1.connection import READ_SIZE, Disconnected
from httptestserver.http1.fields import parse_fields
from httptestserver.http1.grammar import (
    BadRequest, HEAD_LIMIT, check_fields, check_part, check_size, chunk_size)
from httptestserver.wording import shown

__all__ = ['Reader']

#: Of a chunk size with its extensions.
CHUNK_LINE_LIMIT = 4096     # bytes


def _nothing(size):
    """Receive from a connection that is closed."""
    return b''


class Reader(object):
    """The receiving side of a connection, with what a handler expects of ``rfile``.

    :param limit: how many bytes of a body are kept; None for all.
    """

    __slots__ = ('_receive', '_buffer', '_unwrap', '_ended', '_limit', 'discarded')

    def __init__(self, connection, limit=None):
        self._limit = limit
        #: How many bytes of the last body were beyond the limit.
        self.discarded = 0
        self._receive = connection.recv
        self._buffer = b''
        # Without TLS a socket has no such method.
        self._unwrap = getattr(connection, 'unwrap', None)
        self._ended = False

    @property
    def pending(self):
        """Whether bytes came that nobody has read."""
        return bool(self._buffer)

    def read_head(self):
        """Return the next request head, or b'' if the client closed instead.

        :raises BadRequest: no further byte can make a head of it, or it is over `HEAD_LIMIT`.
        :raises Disconnected: the client closed within it.
        """
        buffer = self._buffer or self._next()
        end = buffer.find(b'\r\n\r\n') + 4
        if end < 4 or buffer.startswith(b'\r\n'):
            return self._gather_head(buffer)
        self._buffer = buffer[end:]
        return buffer[:end]

    def _gather_head(self, buffer):
        """Read a head that is not in the buffer whole, or comes after empty lines."""
        self._buffer = b''
        gathered = bytearray()
        while buffer:
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
            buffer = self._next()
        if gathered:
            raise Disconnected('the client left within a request head: %s'
                               % shown(bytes(gathered)))
        return b''

    def _next(self):
        """Return what comes next, b'' if the client left instead, in whatever way."""
        data = b''
        try:
            data = self._receive(READ_SIZE)
        except socket.error:
            pass
        self._ended = not data
        return data

    def abandon(self):
        """Have `close` send nothing, so that the client sees that it was cut off."""
        self._ended = True

    def close(self):
        """Announce the end to a TLS client, unless that has left itself."""
        if self._unwrap is not None and not self._ended:
            try:
                self._unwrap()
            except (socket.error, ValueError):
                # The connection does not wait for the client to agree.
                pass
        self._receive, self._unwrap, self._buffer = _nothing, None, b''

    def read_body(self, framing):
        """Return the content and the trailers, a tuple of (name, value) pairs.

        :raises BadRequest: its chunks are not what RFC 9112, section 7.1 allows.
        :raises Disconnected: the client closed within it.
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
        taken = self._buffer[:count]
        self._buffer = self._buffer[count:]
        return taken

    def _more(self):
        data = self._next()
        if not data:
            raise Disconnected('the client left within a request body')
        return data

    def _read_into(self, content, count):
        # It is read in steps, so that a false length costs no memory. BytesIO grows in place
        # and hands out what it holds, so that a body is not copied once more.
        missing = count
        while missing:
            data = self._buffer or self._more()
            self._buffer = data[missing:]
            self._keep(content, data[:missing])
            missing -= min(missing, len(data))

    def _keep(self, content, data):
        if self._limit is not None:
            room = max(0, self._limit - content.tell())
            self.discarded += max(0, len(data) - room)
            data = data[:room]
        content.write(data)

    def _read_line(self, limit):
        while b'\n' not in self._buffer and len(self._buffer) <= limit:
            self._buffer += self._more()
        return self._take(self._buffer.find(b'\n', 0, limit) + 1)

    def _read_chunked(self):
        content = io.BytesIO()
        while True:
            line = self._read_line(CHUNK_LINE_LIMIT)
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
        """Return *size* bytes, fewer at the end of the connection; by default all up to it."""
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
        """Return bytes up to and with the next line feed, at most *size* of them."""
        while b'\n' not in self._buffer and not 0 <= size <= len(self._buffer):
            data = self._receive(READ_SIZE)
            if not data:
                return self._take(len(self._buffer))
            self._buffer += data
        end = self._buffer.find(b'\n') + 1 or len(self._buffer)
        return self._take(end if size < 0 else min(end, size))
