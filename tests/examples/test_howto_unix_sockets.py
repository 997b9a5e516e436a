# -*- coding: utf-8 -*-
"""A client of a daemon that listens at a Unix socket, as that of Docker does."""
import os
import shutil
import socket
import tempfile

import pytest
import urllib3
from urllib3.connection import HTTPConnection


def unix_pool(path):
    """Return a pool of connections to the Unix socket *path*."""
    class UnixConnection(HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(self.timeout)
            self.sock.connect(path)

    pool = urllib3.HTTPConnectionPool('localhost', timeout=5)
    pool.ConnectionCls = UnixConnection
    return pool


class Daemon(object):
    """A client of the daemon. It tries again if the daemon has just been restarted."""

    def __init__(self, path):
        self._pool = unix_pool(path)

    def is_up(self):
        return self._pool.request('GET', '/_ping', retries=2).data == b'OK'

    def close(self):
        self._pool.close()


@pytest.fixture(name='server')
def server_at_a_path(make_http_server):
    folder = tempfile.mkdtemp()
    yield make_http_server(host='unix:' + os.path.join(folder, 'daemon.sock'))
    shutil.rmtree(folder)


@pytest.fixture(name='daemon')
def client_of_the_server(server):
    daemon = Daemon(server.host[len('unix:'):])
    yield daemon
    daemon.close()


def test_the_daemon_is_up(server, daemon):
    server.route('GET', '/_ping', response_content='OK')
    assert daemon.is_up()
    assert server.history[0].headers['Host'] == 'localhost'


def test_the_daemon_is_restarted(server, daemon):
    server.data['response_content'] = 'OK'
    assert daemon.is_up()
    server.stop()
    with pytest.raises(urllib3.exceptions.HTTPError):
        daemon.is_up()
    server.start()
    assert daemon.is_up()
