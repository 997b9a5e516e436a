# -*- coding: utf-8 -*-
"""What one socket does: send, linger and close."""
import errno
import socket
import ssl
import threading

import pytest

from httptestserver.http1 import connection
from httptestserver.http1.connection import Disconnected
from httptestserver.waiting import Interrupt
from support.sink import Sink


# Sending and closing.

@pytest.mark.parametrize('parts, writes', [
    ([b'head', b'content'], 1), ([b'head'], 1), ([b'head', b'', b''], 1),
    ([b'h' * 100, b'c' * 65436], 1)])
def test_head_and_small_content_leave_in_one_write(parts, writes):
    sink = Sink()
    connection.send_parts(sink, *parts)
    assert sink.writes == [b''.join(parts)]


def test_a_large_content_is_not_copied_to_its_head():
    sink = Sink()
    connection.send_parts(sink, b'head', b'c' * 1000000, b'end')
    assert b''.join(sink.writes) == b'head' + b'c' * 1000000 + b'end'
    assert b'c' * 1000000 in sink.writes


@pytest.mark.parametrize('parts, limit', [([b'a'], 0), ([b'a' * 100000, b'b'], 1)])
def test_a_client_that_takes_no_more_is_told_of(parts, limit):
    with pytest.raises(Disconnected) as caught:
        connection.send_parts(Sink(limit), *parts)
    assert str(caught.value).startswith('the client left within a response: ')
    assert 'Broken pipe' in str(caught.value)


def test_what_is_sent_alone_leaves_in_one_write_too():
    sink = Sink()
    connection.send(sink, b'h' * 1000000)
    assert sink.writes == [b'h' * 1000000]
    with pytest.raises(Disconnected):
        connection.send(Sink(0), b'a')


class ClosedMeanwhile(object):
    """A socket that another thread closes after its peer was asked for."""

    def getpeername(self):
        return '127.0.0.1', 1

    def fileno(self):
        return -1


def test_a_socket_that_is_closed_meanwhile_has_nothing_unsent():
    assert not connection.has_unsent(ClosedMeanwhile())


def test_a_refused_client_reads_the_answer_although_it_sends_on(pair):
    ours, theirs = pair
    theirs.sendall(b'x' * 200000)
    ours.sendall(b'answer')
    done = threading.Thread(target=connection.linger, args=(ours,))
    done.start()
    assert theirs.recv(100) == b'answer' and theirs.recv(100) == b''
    theirs.shutdown(socket.SHUT_WR)
    done.join(20)
    assert not done.is_alive()
    connection.close(ours)


def test_a_client_that_sends_for_ever_is_left_in_the_end(pair):
    ours, theirs = pair
    done = threading.Thread(target=lambda: (connection.linger(ours), connection.close(ours)))
    done.start()
    try:
        for _ in range(10000):
            theirs.sendall(b'x' * 65536)
    except socket.error:
        pass
    done.join(20)
    assert not done.is_alive()


@pytest.fixture
def interrupt():
    return Interrupt()


def lingering(ours, interrupt):
    """Return a started thread that lingers until the *interrupt*, and then closes."""
    done = threading.Thread(target=lambda: (connection.linger(ours, interrupt),
                                            connection.close(ours)))
    done.start()
    return done


def test_without_limits_a_client_may_send_as_much_as_it_wants(pair, interrupt):
    ours, theirs = pair
    ours.sendall(b'answer')
    done = lingering(ours, interrupt)
    for _ in range(64):
        theirs.sendall(b'x' * 131072)
    assert theirs.recv(100) == b'answer' and theirs.recv(100) == b''
    done.join(0.1)
    assert done.is_alive()
    theirs.shutdown(socket.SHUT_WR)
    done.join(20)
    assert not done.is_alive()


def test_an_interrupt_ends_a_client_that_pauses(pair, interrupt):
    ours, theirs = pair
    done = lingering(ours, interrupt)
    interrupt.set()
    done.join(20)
    assert not done.is_alive() and theirs.recv(100) == b''


def test_an_interrupt_resets_a_client_that_never_pauses(pair, interrupt):
    ours, theirs = pair
    done = lingering(ours, interrupt)
    interrupt.set()
    with pytest.raises(socket.error) as caught:
        while True:
            theirs.sendall(b'x' * 65536)
    assert not isinstance(caught.value, socket.timeout)
    done.join(20)
    assert not done.is_alive()


def test_what_came_before_an_interrupt_is_read(pair, interrupt):
    ours, theirs = pair
    theirs.sendall(b'x' * 100000)
    ours.sendall(b'answer')
    interrupt.set()
    connection.linger(ours, interrupt)
    connection.close(ours)
    assert theirs.recv(100) == b'answer' and theirs.recv(100) == b''


def test_a_connection_that_is_closed_is_no_error(pair):
    ours, theirs = pair
    ours.close()
    connection.linger(ours)
    connection.linger(ours, Interrupt())
    connection.close(ours)


def test_closing_ends_the_stream_of_the_client(pair):
    ours, theirs = pair
    ours.sendall(b'last')
    connection.close(ours)
    assert theirs.recv(100) == b'last' and theirs.recv(100) == b''


def test_only_what_would_block_is_no_failure(pair):
    server, _ = pair
    server.settimeout(0)
    with pytest.raises(socket.error) as caught:
        server.recv(1)
    assert connection.would_block(caught.value)
    assert connection.would_block(ssl.SSLWantReadError())
    assert not connection.would_block(socket.error(errno.ECONNRESET, 'reset'))
    assert not connection.would_block(socket.timeout())


@pytest.mark.skipif(not hasattr(socket, 'AF_UNIX'), reason='no Unix sockets here')
def test_nothing_makes_a_unix_socket_send_a_reset(tmpdir):
    # Those of a pair of Python 2 are of another class.
    ours, listener = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(tmpdir.join('s')))
        listener.listen(1)
        ours.connect(listener.getsockname())
        theirs, _ = listener.accept()
        connection.reset_on_close(ours)
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER) == 0
        connection.close(ours, tcp=False)
        assert theirs.recv(1) == b''
        theirs.close()
    finally:
        ours.close()
        listener.close()
