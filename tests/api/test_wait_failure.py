# -*- coding: utf-8 -*-
"""server.wait_failure: what went wrong on the wire, which a client may know first."""
import socket
import ssl
import threading
import time

import pytest

from httptestserver import https_server
from support.client import Client
from support.failing import failure
from support.waiting import TIMEOUT


def fail(server):
    with Client(server) as client:
        client.send(b'nonsense\r\n\r\n')
        assert client.answer().status == 400


def test_it_returns_those_that_are_there_at_once(server):
    fail(server)
    found = server.wait_failure(timeout=TIMEOUT)
    assert found == server.failures
    assert [each.connection_index for each in found] == [0]


def test_it_blocks_until_there_are_so_many(server):
    threads = [threading.Timer(0.01 * index, fail, [server]) for index in range(3)]
    for thread in threads:
        thread.start()
    assert len(server.wait_failure(3, TIMEOUT)) >= 3
    for thread in threads:
        thread.join()


def test_a_client_that_does_not_trust_the_server_fails_first():
    with https_server() as server:
        for index in range(30):
            with pytest.raises(ssl.SSLError):
                untrusting = ssl.create_default_context()
                plain = socket.create_connection((server.host, server.port), TIMEOUT)
                try:
                    untrusting.wrap_socket(plain, server_hostname='localhost').close()
                finally:
                    plain.close()
            found = server.wait_failure(index + 1, TIMEOUT)
            assert len(found) == index + 1
            assert found[-1].reason.startswith('TLS handshake failed: ')


def test_it_says_which_came_if_the_time_is_over(server):
    begun = time.time()
    assert failure(server.wait_failure, timeout=0.01) == (
        'within 0.01 s expected at least 1 failure\nno failure was recorded')
    fail(server)
    assert failure(server.wait_failure, 2, 0.01).startswith(
        'within 0.01 s expected at least 2 failures\n1 recorded:\n  connection 0 ')
    assert time.time() - begun < TIMEOUT


def test_a_reset_forgets_failures(server):
    fail(server)
    server.wait_failure()
    server.reset()
    assert failure(server.wait_failure, timeout=0.01).endswith('no failure was recorded')


def test_stop_does_not_end_the_wait_and_failures_stay(server):
    fail(server)
    server.stop()
    assert server.wait_failure() == server.failures
