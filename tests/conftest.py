# -*- coding: utf-8 -*-
"""The fixtures that tests share, and the folder from which they import `support`."""
import contextlib
import os
import socket
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.client import Client                                   # noqa: E402
from support.loopback import loopback_only                          # noqa: E402
from support.servers import serve                                   # noqa: E402
from support.waiting import TIMEOUT                                 # noqa: E402


@pytest.fixture
def guard():
    """Fails a test whose process asks the network. It is a list of what was asked for."""
    with loopback_only() as attempts:
        yield attempts


@pytest.fixture
def scheme():
    """The scheme of `server`; `support.marks.both_schemes` makes it each of the two."""
    return 'http'


@pytest.fixture
def server(scheme):
    """A started server, which is stopped after the test and not checked."""
    with serve(scheme) as server:
        yield server


@pytest.fixture
def unix_host():
    """The host of a Unix socket in a new folder, which is empty after the test."""
    if not hasattr(socket, 'AF_UNIX'):
        pytest.skip('no Unix sockets here')
    # The folders of pytest have names that are too long for a socket on some systems.
    folder = tempfile.mkdtemp()
    yield 'unix:' + os.path.join(folder, 'server')
    assert os.listdir(folder) == []
    os.rmdir(folder)


@pytest.fixture
def listening():
    """A socket that listens, and accepts nobody by itself."""
    with contextlib.closing(socket.socket()) as listening:
        listening.settimeout(TIMEOUT)
        listening.bind(('127.0.0.1', 0))
        listening.listen(1)
        yield listening


@pytest.fixture
def command(monkeypatch):
    """The command line in this process."""
    # Imported here, because few tests need it.
    from support.commands import Inside
    return Inside(monkeypatch)


@pytest.fixture
def client(server):
    """A connection to `server`."""
    with Client(server) as client:
        yield client
