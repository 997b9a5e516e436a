# -*- coding: utf-8 -*-
"""A block starts a server, stops it in any case, and checks it unless the block has raised."""
import pytest

from httptestserver.serving import started
from httptestserver.serving.block import Block


class Server(object):
    """Records what is called."""

    def __init__(self):
        self.calls = []

    def stop(self):
        self.calls.append('stop')

    def check(self, **keywords):
        self.calls.append(keywords)


def block(keywords):
    server = Server()
    return server, Block(lambda: server, keywords, 'http_server()', 'start_server()')


@pytest.mark.parametrize('keywords, calls', [
    (None, ['stop']), ({}, ['stop', {}]), ({'unserved': True}, ['stop', {'unserved': True}])])
def test_a_server_is_stopped_and_then_checked(keywords, calls):
    server, made = block(keywords)
    with made as entered:
        assert entered is server and server.calls == []
        assert started.check_of(server) == (keywords or {})
    assert server.calls == calls


def test_a_block_that_raises_is_not_checked():
    server, made = block({})
    with pytest.raises(ZeroDivisionError):
        with made:
            raise ZeroDivisionError
    assert server.calls == ['stop']


def test_a_block_is_no_server():
    with pytest.raises(AttributeError) as caught:
        block(None)[1].url
    assert str(caught.value) == (
        'http_server() is a context manager and has no attribute url; use "with http_server() as '
        'server:", or start_server(), which returns a server')
    with pytest.raises(AttributeError):
        block(None)[1]._url
