# -*- coding: utf-8 -*-
"""Writes a response that a handler's own method makes."""
from httptestserver.http1.connection import STEP, send
from httptestserver.http1.fields import to_bytes

__all__ = ['Reply']

KEPT = 1048576              # octets of what was flushed that history keeps


class Reply(object):
    """A response that a handler's own method writes; it is the handler's ``wfile``.

    What is written is held until `flush`, 64 KiB or the end of the method. So a response
    that was never flushed gets its Content-Length where the method gave none, and its
    request is recorded before any of it leaves.

    :param handler: has ``connection``, ``record()``, ``head_of(reply, length)`` and
        ``complete(head, reset, content)``.
    """

    def __init__(self, handler):
        self._handler = handler
        self.begin(None, None)
        self.closed = False

    def begin(self, status, reason):
        """Start a response; with None as status what is written is sent as it is."""
        self.status, self.reason = status, reason
        self.begun = status is not None     # whether anything of a response is there
        self.headers = self.trailers = ()
        self._head = None
        self._written = []
        self._size = 0
        self._gone = []                     # what was flushed, up to KEPT octets

    @property
    def raw(self):
        """Not None where no response was begun: what is written is sent as it is."""
        return b'' if self.status is None else None

    @property
    def left(self):
        """Whether some of the response has left."""
        return self._head is not None

    def write(self, data):
        """Add *data*, bytes, to the content. Returns how many there were."""
        if self.closed:
            raise ValueError('the connection is closed')
        data = memoryview(data).tobytes()
        self._written.append(data)
        self.begun = True
        self._size += len(data)
        if self._size > STEP:
            self.flush()
        return len(data)

    def writelines(self, lines):
        """Write each of *lines*, bytes."""
        for line in lines:
            self.write(line)

    def writable(self):
        return True

    def flush(self):
        """Send what was written so far; the rest goes out in chunks, or until the close."""
        if self.begun:
            self._handler.record()
            head = b'' if self._head else self._open(None)
            send(self._handler.connection, head, self._encode(self._take()))

    def close(self):
        """Take no more."""
        self.begin(None, None)
        self.closed, self._handler = True, None

    def end(self):
        """Send what is left, and what ends the content."""
        self._handler.record()
        content = self._take()
        head = b'' if self._head else self._open(len(content))
        self._handler.complete(self._head, False, b''.join(self._gone))
        send(self._handler.connection, head, self._encode(content),
             b'0\r\n\r\n' if self._head.chunked else b'')

    def _open(self, length):
        self._head = self._handler.head_of(self, length)
        return self._head.encoded

    def _take(self):
        content = b''.join(self._written)
        self._written, self._size = [], 0
        self._gone.append(content[:max(0, KEPT - sum(map(len, self._gone)))])
        return content

    def _encode(self, content):
        if not self._head.has_body:
            return b''
        if content and self._head.chunked:
            return to_bytes('%x\r\n' % len(content)) + content + b'\r\n'
        return content
