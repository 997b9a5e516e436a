# -*- coding: utf-8 -*-
"""A connection to another server, whose waits another thread can end.

It belongs to one thread. No call blocks for long: each looks again and again whether it has to
end, because the system cannot wait for a socket and for an event at once.
"""
import errno
import os
import socket
import ssl

from six import ensure_str

from httptestserver.http1.connection import READ_SIZE, new_socket, would_block
from httptestserver.waiting import monotonic
from httptestserver.wording import described

__all__ = ['POLL', 'TIMEOUT', 'TooSlow', 'Upstream', 'UpstreamError']

#: A server that does not accept, take or send a byte for this time is given up.
TIMEOUT = 30.0          # seconds

#: A wait looks this often whether it has to end.
POLL = 0.02             # seconds

_RESETS = (errno.ECONNRESET, errno.EPIPE)

#: The codes of a connect that is not complete yet.
_PENDING = (errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK, errno.EAGAIN, errno.EINTR)


class UpstreamError(Exception):
    """The server cannot be reached, or the connection to it failed.

    It is no `socket.error`, so that it is not confused with an error of the client's connection.

    :param error: what a socket has raised.
    """

    def __init__(self, error):
        super(UpstreamError, self).__init__(self.text(error))
        #: Whether the server has reset the connection.
        self.is_reset = getattr(error, 'errno', None) in _RESETS

    def text(self, error):
        """Return the text of the exception for *error*."""
        # On Python 2 a str too, because the text becomes a part of messages that are str.
        return ensure_str(described(error))


class TooSlow(UpstreamError):
    """The server did nothing for `TIMEOUT`."""

    def text(self, error):
        return 'it did nothing for %g seconds' % error


class Upstream(object):
    """A connection to a server.

    :param pause: a function of seconds that blocks for so long. It raises if the wait has to end,
        and every method raises the same.
    :param resolve: a function of a host, a port and *pause* that returns the addresses as
        `address.addresses_of`, or raises what that or *pause* raises.
    """

    def __init__(self, pause, resolve):
        self._pause, self._resolve = pause, resolve
        self._socket = None
        # It holds what came while the request was sent.
        self._ahead = b''
        # When it was last looked whether the wait has to end, though bytes come.
        self._looked = monotonic()

    def connect(self, host, port, context=None):
        """Connect to the first address of *host* that accepts.

        :param context: an `ssl.SSLContext`; None for http.
        :raises UpstreamError: none accepts, or the TLS handshake fails. Or as every method.
        """
        try:
            addresses = self._resolve(host, port, self._pause)
        except (socket.error, UnicodeError) as error:
            raise UpstreamError(error)
        for family, _, _, _, address in addresses[:-1]:
            try:
                self._connect(family, address)
                break
            except UpstreamError:
                self.close()
        else:
            self._connect(addresses[-1][0], addresses[-1][4])
        if context is not None:
            self._secure(host, context)

    def _secure(self, host, context):
        try:
            self._socket = context.wrap_socket(
                self._socket, server_hostname=host, do_handshake_on_connect=False)
        except (socket.error, ValueError) as error:
            raise UpstreamError(error)
        self._polled(self._socket.do_handshake)

    def _connect(self, family, address):
        self._socket = new_socket(family)
        self._socket.settimeout(POLL)
        deadline = monotonic() + TIMEOUT
        code = self._socket.connect_ex(address)
        while code in _PENDING:
            self._look(deadline)
            self._pause(POLL)
            code = self._socket.connect_ex(address)
        if code not in (0, errno.EISCONN):
            raise UpstreamError(socket.error(code, os.strerror(code)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data, has_responded):
        """Send *data*, bytes, but stop if the server has closed or does not want the rest.

        :param has_responded: a function of the bytes that came meanwhile. It returns whether they
            are more than interim responses.
        """
        rest = memoryview(data)
        while len(rest) and not has_responded(self._ahead):
            try:
                rest = rest[self._polled(self._socket.send, rest[:READ_SIZE], look=self._peek):]
            except UpstreamError as error:
                if isinstance(error, TooSlow):
                    raise
                # The server may have responded before it closed. The caller reads that.
                return

    def receive(self):
        """Return the bytes that come next; b'' at their end."""
        data, self._ahead = self._ahead, b''
        # If bytes come again and again, no call waits and looks by itself.
        if monotonic() > self._looked + POLL:
            self._looked = monotonic()
            self._pause(0)
        return data or self._polled(self._socket.recv, READ_SIZE)

    def _peek(self):
        """Receive what is there, without waiting. Returns whether there was something."""
        came = b''
        self._socket.settimeout(0)
        try:
            came = self._socket.recv(READ_SIZE)
        except socket.error as error:
            if not would_block(error):
                raise UpstreamError(error)
        finally:
            self._socket.settimeout(POLL)
        self._ahead += came
        return bool(came)

    def _polled(self, call, *args, **options):
        """Return ``call(*args)``, which is repeated while the socket is not ready.

        :param look: is called before each repetition. If it returns true, 0 is returned.
        """
        look, deadline = options.get('look'), monotonic() + TIMEOUT
        while True:
            try:
                return call(*args)
            except (socket.error, ssl.CertificateError) as error:
                if not _is_early(error):
                    raise UpstreamError(error)
            self._look(deadline)
            # The call itself has waited for `POLL`.
            self._pause(0)
            if look is not None and look():
                return 0

    def _look(self, deadline):
        if monotonic() > deadline:
            raise TooSlow(TIMEOUT)

    def close(self):
        """Close the connection. Further calls have no effect."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _is_early(error):
    """Whether *error* says that the socket was not ready within its timeout."""
    # Before Python 3.7 CertificateError is no `socket.error`.
    if not isinstance(error, socket.error):
        return False
    # On Python 2 the timeout of a TLS socket is an SSLError without a number.
    return isinstance(error, socket.timeout) or would_block(error) or (
        isinstance(error, ssl.SSLError) and 'timed out' in str(error))
