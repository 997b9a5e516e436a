# -*- coding: utf-8 -*-
"""h11, an independent implementation of HTTP, as the client at the other end of a connection.

It composes requests and parses responses, so that what the server understood and sent can be
compared with what somebody else means by those bytes. h11 composes HTTP/1.1 only and
lets nobody pipeline: an HTTP/1.0 request is one of HTTP/1.1 with another version in its line,
and each exchange has an `h11.Connection` of its own, which is given what the one before left.
"""
from __future__ import unicode_literals

import socket

from six import ensure_binary

from support import installed
from support.client import Client
from support.waiting import TIMEOUT

h11 = installed.module('h11')

__all__ = ['Answer', 'Peer', 'Request', 'wire']


def wire(text):
    """Return *text* as the bytes of a field: ISO-8859-1, else UTF-8."""
    try:
        return ensure_binary(text, 'iso-8859-1')
    except UnicodeEncodeError:
        return ensure_binary(text, 'utf-8')


class Request(object):
    """A legal request. ``fields`` are pairs of bytes, ``spaces`` what stands around values.

    :param framing: ``'none'``, ``'length'`` or ``'chunked'``.
    :param pieces: the content, one piece in each chunk.
    """

    def __init__(self, method=b'GET', target=b'/', fields=(), spaces=(b' ', b''),
                 framing='none', pieces=(), trailers=(), version=b'1.1'):
        self.method, self.target, self.version = method, target, version
        self.framing, self.pieces, self.spaces = framing, pieces, spaces
        self.trailers = trailers if framing == 'chunked' else ()
        self.content = b''.join(pieces) if framing != 'none' else b''
        # h11 sends the Host field first, wherever it is given.
        self.fields = [(b'Host', b'localhost')] + list(fields)
        if framing == 'chunked':
            self.fields.append((b'Transfer-Encoding', b'chunked'))
        elif framing == 'length':
            self.fields.append((b'Content-Length', b'%d' % len(self.content)))

    def __repr__(self):
        return 'Request(%s)' % ', '.join('%s=%r' % pair for pair in sorted(vars(self).items()))

    @property
    def line(self):
        return self.method + b' ' + self.target + b' HTTP/' + self.version + b'\r\n'

    def compose(self):
        """Return an `h11.Connection` and the bytes that it sends: head, body."""
        connection = h11.Connection(our_role=h11.CLIENT)
        head = connection.send(h11.Request(method=self.method, target=self.target,
                                           headers=self.fields))
        line, _, rest = head.partition(b'\r\n')
        assert line + b'\r\n' == self.method + b' ' + self.target + b' HTTP/1.1\r\n'
        fields = [name + b':' + self.spaces[0] + value + self.spaces[1] + b'\r\n'
                  for name, _, value in [each.partition(b': ')
                                         for each in rest.split(b'\r\n')[:-2]]]
        body = [connection.send(h11.Data(data=piece))
                for piece in self.pieces if self.framing != 'none']
        body.append(connection.send(h11.EndOfMessage(headers=self.trailers)))
        return connection, self.line + b''.join(fields) + b'\r\n', b''.join(body)


class Answer(object):
    """What h11 made of a response; ``problem`` is its complaint, None if it has none."""

    def __init__(self):
        self.status = self.reason = self.problem = None
        self.informational = []         # (status, reason, fields)
        self.fields = self.trailers = ()
        self.content = b''

    def get(self, name):
        """Return the values of a field, as bytes."""
        return [value for each, value in self.fields if each.lower() == name]

    @classmethod
    def of(cls, request, octets, ended):
        """Return what h11 makes of *octets*, the response to *request* so far.

        ``whole`` is whether it has ended, ``kept`` whether the connection goes on.
        """
        connection, answer = request.compose()[0], cls()
        answer.whole = False
        try:
            if octets:
                connection.receive_data(octets)
                answer._take_all(connection)
            if ended:
                # Empty bytes stand for the end of a connection in h11.
                connection.receive_data(b'')
                answer._take_all(connection)
        except h11.RemoteProtocolError as error:
            answer.problem = str(error)
        answer.kept = answer.whole and connection.their_state is h11.DONE
        return answer

    def _take_all(self, connection):
        """Take the events that *connection* has, up to the end of the response."""
        while not self.whole:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                break
            self.whole = self.take(event)

    def take(self, event):
        """Add *event*; returns whether the response is whole with it."""
        if isinstance(event, h11.InformationalResponse):
            self.informational.append((event.status_code, event.reason, raw(event.headers)))
        elif isinstance(event, h11.Response):
            self.status, self.reason = event.status_code, event.reason
            self.fields = raw(event.headers)
        elif isinstance(event, h11.Data):
            self.content += event.data
        else:
            # After a success of CONNECT h11 begins a tunnel, and has no event for the end.
            self.trailers = raw(getattr(event, 'headers', ()))
            return True
        return False


def raw(headers):
    """Return the pairs of h11's *headers*, names as they were sent."""
    return [(bytes(name), bytes(value))
            for name, value in getattr(headers, 'raw_items', lambda: headers)()]


class Peer(Client):
    """A connection on which h11 parses the responses; a context manager."""

    ended = False           # whether the server has closed it
    kept = True             # whether h11 would send another request on it
    left = b''              # bytes after the last response

    def __init__(self, server):
        super(Peer, self).__init__(server, timeout=TIMEOUT)
        self.octets = b''               # all that came

    def give(self, request):
        """Send *request*, as much of it as the server takes."""
        try:
            self.send(b''.join(request.compose()[1:]))
        except (socket.error, ValueError):
            pass

    def ask(self, request, patient=False):
        """Send *request* and return the `Answer`.

        :param patient: whether the body waits for the 100 that the request asks for.
        """
        connection, head, body = request.compose()
        try:
            self.send(head if patient else head + body)
        except socket.error:
            # The server has closed the connection, as the response will show.
            pass
        return self.answer(connection, body if patient else b'')

    def answer(self, connection, body=b''):
        """Read one response, with the interim ones before it; the first has *body* sent."""
        answer = Answer()
        self._feed(connection, self.left)
        try:
            while not answer.take(self._event(connection)):
                if answer.informational and body:
                    self.send(body)
                    body = b''
        except h11.RemoteProtocolError as error:
            answer.problem = str(error)
        self.left = connection.trailing_data[0] if not answer.problem else b''
        self.kept = not answer.problem and not self.ended and (
            connection.their_state in (h11.DONE, h11.SWITCHED_PROTOCOL))
        return answer

    def rest(self):
        """Read up to the end of the connection, and return all bytes that came on it."""
        while not self.ended:
            self.receive()
        return self.octets

    def receive(self):
        """Return what comes next, b'' at the end, even if that is a reset."""
        octets = b''
        try:
            octets = self.socket.recv(65536)
        except socket.timeout:
            raise AssertionError('nothing more comes: %r' % self.octets[-1000:])
        except (socket.error, ValueError):
            pass
        self.ended = not octets
        self.octets += octets
        return octets

    def _event(self, connection):
        while True:
            event = connection.next_event()
            if event is not h11.NEED_DATA:
                return event
            self._feed(connection, self.receive(), True)

    def _feed(self, connection, octets, came=False):
        if octets or came:
            connection.receive_data(octets)
