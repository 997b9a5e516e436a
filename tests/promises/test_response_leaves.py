# -*- coding: utf-8 -*-
"""A response that was chosen and that nothing delays is sent whole, though the test ends.

A webhook's sender has its response even if the test stops the server as soon as the request is
there.
"""
from __future__ import unicode_literals

import threading
import time

import pytest

from support.client import Client, ask, request
from support.inside import cut_early, set_patience
from support.marks import both_schemes
from support.servers import Leaks, serve
from support.waiting import TIMEOUT, eventually

ROUNDS = 25

SIZES = (0, 65536, 3 << 20)


def stop(server):
    server.stop()


def reset_and_stop(server):
    server.reset()
    server.stop()


class Sender(threading.Thread):
    """Posts to *server*, and keeps the response, or why there is none."""

    def __init__(self, server):
        super(Sender, self).__init__()
        self.daemon = True
        self.response = self.error = None
        self._server = server
        self.start()

    def run(self):
        try:
            self.response = ask(self._server, 'POST', '/hook', body=b'{"event": "paid"}')
        except Exception as error:
            self.error = error


def is_lost(scheme, content, end):
    """Stop a server as soon as a request has come; return what its sender misses, if anything."""
    with serve(scheme) as server:
        server.route('POST', '/hook', response_content=content)
        sender = Sender(server)
        server.wait(1)
        end(server)
        sender.join(TIMEOUT)
    if sender.response is None:
        return 'no response: %r' % sender.error
    if (sender.response.status, sender.response.body) != (200, content):
        return '%d bytes, status %d' % (len(sender.response.body), sender.response.status)
    return None


@both_schemes
@pytest.mark.parametrize('end', [stop, reset_and_stop])
@pytest.mark.parametrize('size', SIZES)
def test_no_sender_loses_its_response_to_the_end_of_a_test(monkeypatch, scheme, end, size):
    # A busy machine may need more than the second that stop() waits.
    set_patience(monkeypatch.setattr, 2 * TIMEOUT)
    with Leaks():
        losses = [is_lost(scheme, b'x' * size, end) for _ in range(ROUNDS)]
    assert losses == [None] * ROUNDS


@both_schemes
def test_a_client_that_does_not_read_is_cut_and_delays_stop_no_longer(monkeypatch, scheme):
    cut_early(monkeypatch)
    with Leaks():
        server = serve(scheme)
        server.data['response_content'] = b'x' * (32 << 20)
        with Client(server) as client:
            client.send(request())
            server.wait(1)
            begun = time.time()
            server.stop()
            # What is left of the patience would be longer.
            assert time.time() - begun < TIMEOUT
            assert len(client.rest()) < 32 << 20


@both_schemes
@pytest.mark.parametrize('size', SIZES)
def test_a_stop_from_a_callback_does_not_wait_for_its_own_response(monkeypatch, scheme, size):
    set_patience(monkeypatch.setattr, 2 * TIMEOUT)

    def stopping(request):
        begun = time.time()
        server.stop()
        took.append(time.time() - begun)
        return b'x' * size

    took = []
    with Leaks():
        server = serve(scheme)
        server.data['response_callback'] = stopping
        with Client(server) as client:
            client.send(request())
            response = client.answer()
            assert (response.status, response.body) == (200, b'x' * size)
            # The connection ends behind the response.
            assert client.rest() == b''
        assert took[0] < TIMEOUT
        eventually(lambda: server.history[0]['duration'] is not None)
        server.stop()
