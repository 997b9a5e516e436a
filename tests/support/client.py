# -*- coding: utf-8 -*-
"""A client that sends and receives bytes, so that tests see what is on the wire.

It imports nothing of the library: what imports the library first is the subject of some tests.
"""
from __future__ import unicode_literals

import socket
import struct

from support.waiting import TIMEOUT

__all__ = ['Answer', 'Client', 'ask', 'client_context', 'connected', 'request']

#: For the addresses that stand for all: Windows refuses to connect to them.
REACHABLE = {'0.0.0.0': '127.0.0.1', '::': '::1'}


class Answer(object):
    """A response: ``status``, ``reason``, ``fields`` (lower-case names), ``body``."""

    def __init__(self, version, status, reason, fields):
        self.version = version
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body = b''

    def get(self, name):
        """Return the values of a field, joined; None without one."""
        values = [value for each, value in self.fields if each == name]
        return ', '.join(values) if values else None


#: Contexts of clients by cafile: to make one costs more than a handshake.
_contexts = {}


def client_context(server):
    """Return a context that trusts *server*, which others use too."""
    if server.cafile not in _contexts:
        _contexts[server.cafile] = server.client_context()
    return _contexts[server.cafile]


def connected(host, port, timeout=TIMEOUT):
    """Return a socket that is connected to a server.

    :param port: None if the server has a Unix socket, whose path or name is in *host*.
    """
    if port is None:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        try:
            connection.connect(host[len('unix:'):].replace('@', '\0'))
        except socket.error:
            connection.close()
            raise
        return connection
    connection = socket.create_connection((REACHABLE.get(host, host), port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Client(object):
    """A connection to *server* that sends and receives bytes; a context manager.

    :param tls: whether to speak TLS, as the server does by default.
    """

    def __init__(self, server, tls=None, timeout=TIMEOUT):
        self._received = b''
        self.socket = connected(server.host, server.port, timeout)
        if server.scheme == 'https' if tls is None else tls:
            try:
                self.socket = client_context(server).wrap_socket(
                    self.socket, server_hostname=str('localhost'))
            except Exception:
                self.socket.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Leave with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(str('ii'), 1, 0))
        self.socket.close()

    def end_sending(self):
        """Send no more, which the server sees; its responses still come."""
        # The socket's own method: that of `ssl` forgets the session, which is to be read.
        socket.socket.shutdown(self.socket, socket.SHUT_WR)

    def send(self, octets):
        self.socket.sendall(octets)

    def get(self, path='/', *fields):
        """Send a GET and return the `Answer`."""
        self.send(request('GET', path, *fields))
        return self.answer()

    def answer(self, method='GET'):
        """Read one response, final or interim, and return it as an `Answer`."""
        while b'\r\n\r\n' not in self._received:
            self._more()
        head, _, self._received = self._received.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        version, status, reason = lines[0].split(' ', 2)
        fields = [(line.split(':', 1)[0].lower(), line.split(':', 1)[1].strip())
                  for line in lines[1:]]
        answer = Answer(version, int(status), reason, fields)
        tunnel = method == 'CONNECT' and 200 <= answer.status < 300
        if method != 'HEAD' and not tunnel and not (
                100 <= answer.status < 200 or answer.status in (204, 304)):
            answer.body = self._body(answer)
        return answer

    def answer_begun(self, octets):
        """Read the rest of a response that begins with *octets*, taken from the socket."""
        self._received = octets + self._received
        return self.answer()

    def _body(self, answer):
        if answer.get('transfer-encoding') == 'chunked':
            return b''.join(iter(self._chunk, b''))
        if answer.get('content-length') is None:
            return self.rest()
        return self._take(int(answer.get('content-length')))

    def _chunk(self):
        while b'\r\n' not in self._received:
            self._more()
        line, _, self._received = self._received.partition(b'\r\n')
        return self._take(int(line, 16) + 2)[:-2]

    def _take(self, count):
        parts, missing = [self._received[:count]], count - len(self._received)
        self._received = self._received[count:]
        while missing > 0:
            octets = self.socket.recv(min(missing, 1048576))
            assert octets, 'the connection ended %d octets too early' % missing
            parts.append(octets)
            missing -= len(octets)
        return b''.join(parts)

    def _more(self):
        octets = self.socket.recv(65536)
        assert octets, 'the connection ended in a response: %r' % self._received
        self._received += octets

    def rest(self):
        """Return everything up to the end of the connection, even if that is a reset."""
        try:
            for octets in iter(lambda: self.socket.recv(1048576), b''):
                self._received += octets
        except socket.timeout:
            raise AssertionError('the connection does not end: %r' % self._received)
        except socket.error:
            pass
        received, self._received = self._received, b''
        return received


def request(method='GET', path='/', *fields, **keys):
    """Return the bytes of a request; *fields* are lines, ``body`` gets a Content-Length."""
    body = keys.pop('body', None)
    version = keys.pop('version', '1.1')
    lines = ['%s %s HTTP/%s' % (method, path, version), 'Host: localhost']
    lines.extend(fields)
    if body is not None:
        lines.append('Content-Length: %d' % len(body))
    return '\r\n'.join(lines + ['', '']).encode('utf-8') + (body or b'')


def ask(server, method='GET', path='/', *fields, **keys):
    """Send one request on a connection of its own, and return the `Answer`.

    The parameters are those of `request`.
    """
    with Client(server) as client:
        client.send(request(method, path, *fields, **keys))
        return client.answer(method)
