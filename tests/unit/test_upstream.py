# -*- coding: utf-8 -*-
"""A connection to another server: its waits end when they have to, and its errors are its own."""
import errno
import socket

import pytest

from httptestserver.http1 import upstream
from httptestserver.http1.connection import Disconnected
from httptestserver.http1.upstream import TooSlow, Upstream, UpstreamError
from httptestserver.waiting import monotonic
from support.waiting import TIMEOUT


def resolved(host, port, pause=None):
    """Return the one address of a numeric *host*, as `socket.getaddrinfo` does."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 0, '', (host, port))]


@pytest.fixture
def pauses():
    """What `connection` pauses for."""
    return []


@pytest.fixture
def connection(listening, pauses):
    """An `Upstream` that is connected to `listening`."""
    connection = Upstream(pauses.append, resolved)
    connection.connect(*listening.getsockname())
    yield connection
    connection.close()


@pytest.fixture
def peer(connection, listening):
    """The other end of `connection`."""
    peer = listening.accept()[0]
    peer.settimeout(TIMEOUT)
    yield peer
    peer.close()


def test_what_is_sent_comes_in_order(connection, peer):
    connection.send(b'abc', bool)
    assert peer.recv(10) == b'abc'
    peer.sendall(b'def')
    assert connection.receive() == b'def'
    peer.close()
    assert connection.receive() == b''


def test_bytes_that_come_again_and_again_pause_too(connection, peer, pauses):
    # A server may send a head byte by byte, and none of these waits lasts.
    # A connection that is not complete at once pauses, too.
    del pauses[:]
    deadline = monotonic() + TIMEOUT
    while not pauses and monotonic() < deadline:
        peer.sendall(b'a')
        assert connection.receive() == b'a'
    assert set(pauses) == {0}


def test_a_wait_pauses_again_and_again(listening):
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            peer.sendall(b'a')
    connection = Upstream(pause, resolved)
    connection.connect(*listening.getsockname())
    peer = listening.accept()[0]
    del pauses[:]
    assert connection.receive() == b'a'
    connection.close()
    peer.close()
    assert len(pauses) >= 3


@pytest.mark.parametrize('error', [Disconnected('the client left'), KeyError('stopped')])
def test_what_a_pause_raises_ends_the_wait(listening, error):
    def pause(seconds):
        raise error
    connection = Upstream(pause, resolved)
    connection.connect(*listening.getsockname())
    with pytest.raises(type(error)):
        connection.receive()
    with pytest.raises(type(error)):
        connection.send(b'x' * 20000000, bool)
    connection.close()
    connection.close()


def test_a_server_that_does_nothing_is_too_slow(connection, peer, monkeypatch):
    monkeypatch.setattr(upstream, 'TIMEOUT', 0.05)
    with pytest.raises(TooSlow) as caught:
        connection.receive()
    assert 'it did nothing for 0.05 seconds' in str(caught.value)
    assert not caught.value.is_reset
    with pytest.raises(TooSlow):
        connection.send(b'x' * 20000000, bool)


def test_sending_stops_when_a_response_comes(connection, peer):
    peer.sendall(b'no')
    connection.send(b'x' * 20000000, bool)
    assert connection.receive() == b'no'


def test_sending_stops_when_the_server_closes(connection, peer):
    peer.close()
    connection.send(b'x' * 20000000, bool)
    try:
        assert connection.receive() == b''
    except UpstreamError as error:
        # It depends on the system whether the error was reported to the sender.
        assert error.is_reset and not isinstance(error, socket.error)


def test_the_next_address_is_tried(listening):
    closed, address = resolved('127.0.0.1', 1), resolved(*listening.getsockname())
    connection = Upstream(lambda seconds: None, lambda *_: closed + address)
    connection.connect('several.example', 80)
    listening.accept()[0].close()
    connection.close()
    connection = Upstream(lambda seconds: None, lambda *_: closed * 2)
    with pytest.raises(UpstreamError):
        connection.connect('several.example', 80)
    connection.close()


class Slow(object):
    """A socket whose connection is pending for some time."""

    def __init__(self, *codes):
        self.codes = list(codes)
        self.closed = False

    def __call__(self, family):
        return self

    def settimeout(self, seconds):
        pass

    def setsockopt(self, *_):
        pass

    def connect_ex(self, address):
        return self.codes.pop(0)

    def close(self):
        self.closed = True


@pytest.mark.parametrize('last', [0, errno.EISCONN])
def test_a_connect_that_is_pending_is_awaited(monkeypatch, pauses, last):
    monkeypatch.setattr(upstream, 'new_socket', Slow(errno.EAGAIN, errno.EALREADY, last))
    Upstream(pauses.append, resolved).connect('127.0.0.1', 80)
    assert pauses == [upstream.POLL] * 2


def test_a_connect_that_is_pending_for_ever_is_too_slow(monkeypatch, pauses):
    monkeypatch.setattr(upstream, 'TIMEOUT', -1)
    monkeypatch.setattr(upstream, 'new_socket', Slow(errno.EAGAIN))
    with pytest.raises(TooSlow):
        Upstream(pauses.append, resolved).connect('127.0.0.1', 80)
