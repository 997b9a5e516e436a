# -*- coding: utf-8 -*-
"""Reads request heads and bodies from a connection.

A connection belongs to one thread; every call blocks until it is done or the connection
ends. A client that leaves in the middle raises `Disconnected`, and what RFC 9112 does not
allow `BadRequest`.
"""
import io
import socket

from httptestserver.http1.connection import READ_SIZE, Disconnected
from httptestserver.http1.fields import parse_fields
from httptestserver.http1.grammar import (
    BadRequest, HEAD_LIMIT, check_fields, check_part, check_size, chunk_size)
from httptestserver.wording import shown

__all__ = ['Reader']

CHUNK_LINE_LIMIT = 4096     # octets of a chunk size with its extensions


def _nothing(size):
    """Receive from a connection that is closed."""
    return b''


class Reader(object):
    """The receiving side of a connection, with what a handler expects of ``rfile``.

    :param limit: how many octets of a body are kept; all by default.
    """

    __slots__ = ('_receive', '_buffer', '_unwrap', '_ended', '_limit', 'discarded')

    def __init__(self, connection, limit=None):
        self._limit = limit
        self.discarded = 0          # octets of the last body, beyond the limit
        self._receive = connection.recv
        self._buffer = b''
        self._unwrap = getattr(connection, 'unwrap', None)      # None without TLS
        self._ended = False

    @property
    def pending(self):
        """Whether octets came that nobody has read."""
        return bool(self._buffer)

    def read_head(self):
        """Return the next request head, or b'' when the client closed in place of it.

        :raises BadRequest: it cannot become a head any more, or is over `HEAD_LIMIT`.
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
            while gathered.startswith(b'\r\n'):     # RFC 9112, section 2.2
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
        """Return what comes next, b'' where the client left instead, in whatever way."""
        octets = b''
        try:
            octets = self._receive(READ_SIZE)
        except socket.error:
            pass
        self._ended = not octets
        return octets

    def abandon(self):
        """Have `close` say nothing: the client is to see that it was cut off."""
        self._ended = True

    def close(self):
        """Tell a TLS client that nothing follows, unless it has left itself."""
        if self._unwrap is not None and not self._ended:
            try:
                self._unwrap()
            except (socket.error, ValueError):
                pass                        # it had no more time than that
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
        octets = self._next()
        if not octets:
            raise Disconnected('the client left within a request body')
        return octets

    def _read_into(self, content, count):
        # In steps, so that a false length costs no memory; BytesIO grows in place and
        # hands out what it holds, so that a body is not copied once more.
        left = count
        while left:
            octets = self._buffer or self._more()
            self._buffer = octets[left:]
            self._keep(content, octets[:left])
            left -= min(left, len(octets))

    def _keep(self, content, octets):
        if self._limit is not None:
            room = max(0, self._limit - content.tell())
            self.discarded += max(0, len(octets) - room)
            octets = octets[:room]
        content.write(octets)

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
                raise BadRequest(431, 'a trailer section of more than %d octets' % HEAD_LIMIT)
            check_fields(line)
            block += line

    def read(self, size=-1):
        """Return *size* octets, fewer at the end of the connection; all up to it by default."""
        parts = [self._buffer]
        missing = size - len(self._buffer)
        while size < 0 or missing > 0:
            octets = self._receive(READ_SIZE)
            if not octets:
                break
            parts.append(octets)
            missing -= len(octets)
        self._buffer = b''.join(parts)
        return self._take(size if size >= 0 else len(self._buffer))

    def readline(self, size=-1):
        """Return octets up to and with the next line feed, at most *size* of them."""
        while b'\n' not in self._buffer and not 0 <= size <= len(self._buffer):
            octets = self._receive(READ_SIZE)
            if not octets:
                return self._take(len(self._buffer))
            self._buffer += octets
        end = self._buffer.find(b'\n') + 1 or len(self._buffer)
        return self._take(end if size < 0 else min(end, size))
