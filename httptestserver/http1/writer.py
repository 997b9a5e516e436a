# -*- coding: utf-8 -*-
"""Frames responses and sends them: RFC 9112, sections 6 and 7.

A writer belongs to the thread of its connection. Each call blocks until the system has accepted
the bytes. It knows neither requests nor scripts.
"""
from httptestserver.http1.connection import abort, end, send, send_parts
from httptestserver.http1.fields import to_bytes
from httptestserver.http1.response_head import Head, encode_head

__all__ = ['UNFRAMED', 'Writer']

#: The head of a response that has none: its bytes are sent unchanged until the connection closes.
UNFRAMED = Head(b'', None, None, (), True, False, False)


class Writer(object):
    """The sending side of a connection.

    The head of a response is held until the first piece of content, so that one write sends
    both. If the client closes the connection, methods raise `Disconnected`.

    :param socket: of the connection.
    :param has_ended: a function that says, without blocking, whether the client has closed its
        sending side.
    """

    __slots__ = ('_socket', '_head', '_unsent', 'sent', 'has_ended')

    def __init__(self, socket, has_ended=None):
        self._socket = socket
        self.has_ended = has_ended
        self._head = UNFRAMED
        # The bytes of the head until they are sent.
        self._unsent = b''
        #: How many bytes of the response's content were sent, without the framing of chunks.
        self.sent = 0

    def interim(self, status, reason, fields):
        """Send an interim response, such as 103, at once. RFC 9110, section 15.2.

        :param fields: (name, value) pairs.
        """
        send(self._socket, encode_head(status, reason, fields))

    def send(self, head, content):
        """Send a whole response in one write: its head, and content that is not in chunks."""
        send(self._socket, head.encoded + content)

    def start(self, head):
        """Begin a response with *head*, a `Head`, which the next `write` sends."""
        self._head, self._unsent = head, head.encoded
        self.sent = 0

    def write(self, content):
        """Send a piece of content, bytes. An empty piece sends the head, if it is still held.

        The content is dropped if the response has no body.
        """
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
        """Send what is left: the head if it is still held, and the end of the chunks.

        :param trailers: (name, value) pairs, which are sent only if the content is in chunks.
        """
        if self._head.chunked:
            unsent, self._unsent = self._unsent, b''
            send_parts(self._socket, unsent, b'0\r\n' + b''.join(
                [to_bytes(name) + b': ' + to_bytes(value) + b'\r\n'
                 for name, value in trailers]) + b'\r\n')
        elif self._unsent:
            self.write(b'')

    def abort(self, fault, interrupt):
        """Carry out *fault* on the connection: see `connection.abort`."""
        abort(self._socket, fault, interrupt)

    def cut(self):
        """End the connection at once. May be called from any thread."""
        # Copied, because the connection's thread may close the writer meanwhile.
        socket = self._socket
        if socket is not None:
            end(socket)

    def close(self):
        """Drop the reference to the socket, which the listener closes."""
        self._socket = self.has_ended = None
