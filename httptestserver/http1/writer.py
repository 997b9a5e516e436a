# -*- coding: utf-8 -*-
"""Frames responses and sends them: RFC 9112, sections 6 and 7.

A writer belongs to the thread of its connection; every call blocks until the client's system
has taken what is sent. It knows neither requests nor scripts.
"""
from httptestserver.http1.connection import abort, send, send_parts
from httptestserver.http1.fields import to_bytes
from httptestserver.http1.response_head import Head, encode_head

__all__ = ['UNFRAMED', 'Writer']

#: Stands for the head of what is sent as it is, until the connection closes.
UNFRAMED = Head(b'', None, None, (), True, False, False)


class Writer(object):
    """The sending side of a connection.

    The head of a response is held until its first piece, so that they leave in one write.
    A client that does not take what is sent raises `Disconnected`.
    """

    __slots__ = ('_socket', '_head', '_unsent', 'sent')

    def __init__(self, socket):
        self._socket = socket
        self._head = UNFRAMED
        self._unsent = b''
        #: How many bytes of the response's content were written.
        self.sent = 0

    def interim(self, status, reason, fields):
        """Send an interim response, such as 103, at once. RFC 9110, section 15.2."""
        send(self._socket, encode_head(status, reason, fields))

    def send(self, head, content):
        """Send a whole response: its head, and content that is not in chunks."""
        send(self._socket, head.encoded + content)

    def start(self, head):
        """Begin a response with *head*, a `Head`."""
        self._head, self._unsent = head, head.encoded
        self.sent = 0

    def write(self, content):
        """Send a piece of content, bytes; an empty one sends the head alone."""
        unsent, self._unsent = self._unsent, b''
        if not (content and self._head.has_body):
            if unsent:
                send(self._socket, unsent)
            return
        self.sent += len(content)
        if self._head.chunked:
            send_parts(self._socket, unsent, to_bytes('%x\r\n' % len(content)), content, b'\r\n')
        else:
            send_parts(self._socket, unsent, content)

    def finish(self, trailers=()):
        """Send what ends the content; *trailers* are sent only after chunks."""
        if self._head.chunked:
            unsent, self._unsent = self._unsent, b''
            send_parts(self._socket, unsent, b'0\r\n' + b''.join(
                [to_bytes(name) + b': ' + to_bytes(value) + b'\r\n'
                 for name, value in trailers]) + b'\r\n')
        elif self._unsent:
            self.write(b'')

    def abort(self, fault, interrupt):
        """End the connection as *fault* says: see `connection.abort`."""
        abort(self._socket, fault, interrupt)

    def close(self):
        """Let go of the socket, which somebody else closes."""
        self._socket = None
