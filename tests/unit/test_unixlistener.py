# -*- coding: utf-8 -*-
"""The file of a Unix socket is private, belongs to one listener, and goes with it."""
import errno
import os
import socket
import stat
import sys

import pytest

from httptestserver.serving import listener as listener_module
from httptestserver.serving import unixlistener
from httptestserver.waiting import monotonic
from support.inside import set_patience
from support.marks import needs_fork
from support.processes import run
from support.servers import Leaks, descriptors
from support.waiting import TIMEOUT, in_threads

UnixListener = unixlistener.UnixListener

pytestmark = pytest.mark.skipif(not hasattr(socket, 'AF_UNIX'), reason='no Unix sockets here')


@pytest.fixture
def path(unix_host):
    return unix_host[len('unix:'):]


class Listening(object):
    """A listener as a context; *serve* sends the index."""

    def __init__(self, host):
        self.listener = UnixListener((host, None), self.send_index)

    def send_index(self, connection, client_address, listener):
        assert client_address == connection.peer == ('', 0)
        try:
            connection.socket.sendall(str(connection.index).encode('ascii'))
        except socket.error:
            # A listener that looked whether this one is alive.
            pass

    def __enter__(self):
        self.listener.start()
        return self.listener

    def __exit__(self, *error):
        self.listener.close()


def asked(path):
    """Return what a new connection to *path* receives."""
    client = socket.socket(socket.AF_UNIX)
    try:
        client.settimeout(TIMEOUT)
        client.connect(path)
        return client.recv(100)
    finally:
        client.close()


def left_behind(path):
    """Leave a socket at *path* at which nobody listens, as a killed process does."""
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()


def refusal(host):
    """Return the error number and the message with which *host* is refused."""
    opened = descriptors()
    with pytest.raises(socket.error) as caught:
        UnixListener((host, None), None).close()
    # A server that was tried may have the other end of a connection for a moment.
    assert len(descriptors()) <= len(opened) + 1
    return caught.value.errno, caught.value.strerror


def test_connections_come_to_the_path(unix_host, path):
    with Leaks():
        with Listening(unix_host) as listener:
            assert [asked(path) for _ in range(3)] == [b'0', b'1', b'2']
            assert listener.server_address == (unix_host, None)
            assert (listener.server_name, listener.server_port) == (unix_host, None)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='only Linux has abstract sockets')
def test_connections_come_to_a_name():
    name = 'httptestserver-%d' % os.getpid()
    for _ in range(2):
        with Leaks(), Listening('unix:@' + name) as listener:
            assert asked('\0' + name) == b'0'
            assert listener.server_address == ('unix:@' + name, None)
            assert refusal('unix:@' + name)[0] == errno.EADDRINUSE


@pytest.mark.parametrize('mask', [0, 0o022, 0o777])
def test_the_file_is_private_before_anybody_can_connect(unix_host, path, mask, monkeypatch):
    modes = []

    def activate(listener):
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        with pytest.raises(socket.error):
            asked(path)
        UnixListener.__mro__[1].server_activate(listener)

    monkeypatch.setattr(UnixListener, 'server_activate', activate, raising=False)
    before = os.umask(mask)
    try:
        listener = UnixListener((unix_host, None), None)
    finally:
        os.umask(before)
    listener.close()
    assert modes == [0o600]


def test_a_system_that_gives_no_mode_to_a_socket_gets_it_on_the_file(
        unix_host, path, monkeypatch):
    def refuse(descriptor, mode):
        raise OSError(errno.EINVAL, 'no mode')

    monkeypatch.setattr(os, 'fchmod', refuse)
    listener = UnixListener((unix_host, None), None)
    try:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    finally:
        listener.close()


def test_a_socket_that_a_killed_process_has_left_is_replaced(unix_host, path):
    left_behind(path)
    with Listening(unix_host):
        assert asked(path) == b'0'


def test_a_socket_that_is_alive_is_left_alone(unix_host, path):
    with Listening(unix_host):
        assert refusal(unix_host) == (
            errno.EADDRINUSE, 'cannot listen on %r: another server listens there' % unix_host)
        # The attempt was a connection, too.
        assert asked(path) == b'1'


def test_a_socket_whose_queue_is_full_is_alive(unix_host, path):
    busy, clients = socket.socket(socket.AF_UNIX), []
    try:
        busy.bind(path)
        busy.listen(0)
        for _ in range(5):
            clients.append(socket.socket(socket.AF_UNIX))
            clients[-1].setblocking(False)
            clients[-1].connect_ex(path)
        assert refusal(unix_host)[0] == errno.EADDRINUSE
    finally:
        for each in clients + [busy]:
            each.close()
        os.unlink(path)


@pytest.mark.parametrize('make', [
    lambda path: open(path, 'w').close(), lambda path: os.symlink('/nowhere', path),
    lambda path: left_behind(path + '2') or os.symlink(path + '2', path)],
    ids=['file', 'link', 'link to an unused socket'])
def test_what_is_no_socket_is_left_alone(unix_host, path, make):
    make(path)
    assert refusal(unix_host) == (
        errno.EADDRINUSE,
        'cannot listen on %r: something that is no socket is there already' % unix_host)
    for each in [path, path + '2']:
        if os.path.lexists(each):
            os.unlink(each)


def test_a_folder_that_is_not_there_is_reported(unix_host):
    assert refusal(unix_host + '/a')[0] == errno.ENOENT


def test_a_platform_without_unix_sockets_says_so(monkeypatch):
    monkeypatch.setattr(unixlistener, 'AF_UNIX', None)
    assert refusal('unix:/a') == (
        errno.EAFNOSUPPORT, "cannot listen on 'unix:/a': this platform has no Unix sockets")


def test_only_the_file_that_was_made_is_removed(unix_host, path):
    first = UnixListener((unix_host, None), None)
    os.unlink(path)
    with Listening(unix_host):
        first.close()
        assert asked(path) == b'0'


def test_a_file_that_is_gone_is_no_error(unix_host, path, caplog):
    listener = UnixListener((unix_host, None), None)
    os.unlink(path)
    listener.close()
    assert caplog.text == ''


def test_a_file_that_cannot_be_removed_is_reported(unix_host, path, caplog, monkeypatch):
    def refuse(path):
        raise OSError(errno.EACCES, 'not allowed')

    listener, unlink = UnixListener((unix_host, None), None), os.unlink
    monkeypatch.setattr(os, 'unlink', refuse)
    listener.close()
    assert 'cannot remove' in caplog.text and 'not allowed' in caplog.text
    unlink(path)


def test_a_listener_that_cannot_listen_leaves_no_file(unix_host, monkeypatch):
    def fail(listener):
        raise socket.error(errno.ENOBUFS, 'no room')

    monkeypatch.setattr(UnixListener, 'server_activate', fail, raising=False)
    assert refusal(unix_host)[0] == errno.ENOBUFS


@needs_fork
def test_a_forked_child_leaves_the_file_to_its_parent(unix_host, path):
    with Listening(unix_host) as listener:
        child = os.fork()
        if not child:
            try:
                listener.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert asked(path) == b'0'


def test_of_those_that_find_the_same_unused_socket_one_replaces_it(
        unix_host, path, monkeypatch):
    # One that has waited in vain for the others goes ahead.
    monkeypatch.setattr(unixlistener, 'PATIENCE', 2 * TIMEOUT)

    def bind(_):
        try:
            return UnixListener((unix_host, None), None)
        except socket.error as error:
            assert error.errno == errno.EADDRINUSE

    for _ in range(20):
        left_behind(path)
        found = [each for each in in_threads(bind, range(8), 8) if each is not None]
        try:
            # Each of them has the file that it has made.
            assert len(found) == 1
            assert os.path.exists(path)
        finally:
            for each in found:
                each.close()


def test_a_folder_that_cannot_be_locked_is_used_without_a_lock(unix_host, path, monkeypatch):
    def refuse(descriptor, how):
        raise EnvironmentError(errno.ENOLCK, 'no locks')

    monkeypatch.setattr(unixlistener.fcntl, 'flock', refuse)
    with Leaks(), Listening(unix_host):
        assert asked(path) == b'0'


def test_a_folder_that_others_lock_is_used_after_a_while(unix_host, path, monkeypatch):
    monkeypatch.setattr(unixlistener, 'PATIENCE', 0.01)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        unixlistener.fcntl.flock(folder, unixlistener.fcntl.LOCK_EX)
        with Listening(unix_host):
            assert asked(path) == b'0'
    finally:
        os.close(folder)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='only Linux makes it so')
def test_the_file_is_private_from_the_start(unix_host, path, monkeypatch):
    modes, chmod = [], os.chmod

    def watch(changed, mode):
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        chmod(changed, mode)

    monkeypatch.setattr(os, 'chmod', watch)
    before = os.umask(0)
    try:
        UnixListener((unix_host, None), None).close()
    finally:
        os.umask(before)
    assert modes == [0o600]


def test_a_system_that_ends_no_accept_is_woken_by_a_connection(unix_host, monkeypatch):
    monkeypatch.setattr(listener_module, 'end', lambda connection: False)
    set_patience(monkeypatch.setattr, 2 * TIMEOUT)
    begun = monotonic()
    with Leaks(), Listening(unix_host):
        pass
    assert monotonic() - begun < TIMEOUT


@needs_fork
def test_a_child_that_was_forked_meanwhile_does_not_keep_the_lock_of_the_folder(tmpdir):
    run('''
        import fcntl, os
        from httptestserver.serving import unixlistener
        read, write = os.pipe()
        with unixlistener._AloneIn({folder!r}):
            child = os.fork()
            if not child:
                os.close(write)
                os.read(read, 1)
                os._exit(0)
        descriptor = os.open({folder!r}, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(write)
            os.waitpid(child, 0)
    ''', folder=str(tmpdir))


def test_a_second_close_leaves_the_file_of_a_later_listener(unix_host, path, monkeypatch):
    # The system may give the number of the first file to the second.
    monkeypatch.setattr(unixlistener, '_identity', lambda path: 'the same')
    first = UnixListener((unix_host, None), None)
    first.close()
    second = UnixListener((unix_host, None), None)
    try:
        first.server_close()
        assert os.path.exists(path)
    finally:
        second.close()
    assert not os.path.exists(path)
