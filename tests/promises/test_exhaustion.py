# -*- coding: utf-8 -*-
"""What runs out, and what breaks a thread: the server lives on, and says nothing on its own."""
from __future__ import unicode_literals

import errno
import socket
import threading

import pytest

from httptestserver import Server
from httptestserver.serving import listener as listener_module
from support.client import Client, request
from support.failing import problems
from support.inside import listener_of, set_patience
from support.marks import both_schemes
from support.processes import interpreter, run
from support.servers import Leaks, serve, server_threads
from support.waiting import TIMEOUT, eventually


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert tuple(capfd.readouterr()) == ('', '')


def is_open(server):
    try:
        socket.create_connection((server.host, server.port), TIMEOUT).close()
        return True
    except socket.error:
        return False


def status(server, path='/'):
    """Return the status of a response on a new connection, None if it is refused."""
    try:
        with Client(server) as client:
            return client.get(path, 'Connection: close').status
    except (AssertionError, socket.error):
        return None


# Descriptors.

#: Serves with few descriptors, and does what the lines of its input say.
CROWDED = '''
    import resource, sys
    from support.servers import serve
    serve({scheme!r}).stop()        # to end the first thread glibc opens a library
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    server = serve({scheme!r})
    def say(value):
        sys.stdout.write(str(value) + chr(10))
        sys.stdout.flush()
    say(server.port)
    for word in iter(sys.stdin.readline, 'end' + chr(10)):
        usage = resource.getrusage(resource.RUSAGE_SELF)
        say(usage.ru_utime + usage.ru_stime)
    server.stop()
    say(len(server.history))
'''


class Crowded(object):
    """A context of a server in a process of its own that can have 64 descriptors."""

    def __init__(self, scheme):
        self.scheme, self.host = scheme, '127.0.0.1'
        self._process = interpreter(CROWDED.format(scheme=str(scheme)))
        self._timer = threading.Timer(3 * TIMEOUT, self._process.kill)

    def __enter__(self):
        self._timer.start()
        self.port = int(self._process.stdout.readline() or self._failed())
        self._like = Server('127.0.0.1', 0, self.scheme)
        self.cafile, self.client_context = self._like.cafile, self._like.client_context
        return self

    def _failed(self):
        raise AssertionError(self._process.stderr.read())

    def used(self):
        """Return the seconds of a processor that it has used."""
        self._process.stdin.write(b'used\n')
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self):
        """End it; return how many requests it has recorded."""
        output, errors = self._process.communicate(b'end\n')
        assert (self._process.returncode, errors) == (0, b'')
        return int(output)

    def __exit__(self, *error):
        self._like.stop()
        self._timer.cancel()
        self._timer.join()
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


@both_schemes
def test_clients_beyond_the_descriptors_wait_and_are_served_when_there_are_some(scheme):
    with Crowded(scheme) as server, Client(server) as early:
        assert early.get('/early').status == 200
        crowd = [Client(server, tls=False) for _ in range(100)]
        late = Client(server, tls=False)
        late.send(request('GET', '/late') if scheme == 'http' else b'nonsense')
        assert early.get('/among-them').status == 200

        used = server.used()
        late.socket.settimeout(0.5)         # and that is how long the process is looked at
        with pytest.raises(socket.timeout):
            late.socket.recv(1)
        assert server.used() - used < 0.2
        late.socket.settimeout(TIMEOUT)

        for client in crowd:
            client.close()
        if scheme == 'http':
            assert late.answer().status == 200
        else:
            late.rest()                     # an alert
        late.close()
        with Client(server) as client:
            assert client.get('/afterwards').status == 200
        assert early.get('/last').status == 200
        assert server.end() == 5 - (scheme == 'https')


#: Allows the process 64 descriptors, and takes them all.
TAKING = '''
    import errno, os, resource, socket, time
    def take_all():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        taken = []
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            return taken
    def give_back(taken):
        while taken:
            os.close(taken.pop())
'''

LIMITED = TAKING + '''
    from support.client import Client, request
    from support.inside import set_patience
    from support.servers import descriptors, serve
    from support.waiting import TIMEOUT, eventually
    serve({scheme!r}).stop()        # to end the first thread glibc opens a library
    server = serve({scheme!r})
    before = descriptors()
'''


@both_schemes
def test_stop_and_start_work_when_no_descriptor_is_left(scheme):
    run(LIMITED + '''
    clients = [Client(server) for _ in range(5)]
    for client in clients:
        assert client.get().status == 200
    other = Client(server, tls=False)           # says nothing
    taken = take_all()
    set_patience(setattr, 2 * TIMEOUT)
    began = time.time()
    server.stop()
    assert time.time() - began < TIMEOUT
    for client in clients + [other]:
        client.rest()
        client.close()
    server.start()
    assert server.start() is server
    with Client(server) as client:
        assert client.get('/again').status == 200
    give_back(taken)
    server.stop()
    server.start()
    with Client(server) as client:
        assert client.get('/last').status == 200
    server.stop()
    assert len(server.history) == 7
    assert len(descriptors()) < len(before)
    ''', scheme=str(scheme))


@both_schemes
def test_start_that_finds_no_descriptor_raises_and_may_be_tried_again(scheme):
    run(LIMITED + '''
    server.stop()
    taken = take_all()
    for _ in range(2):
        try:
            server.start()
            raise AssertionError('it started')
        except EnvironmentError as error:
            assert error.errno == errno.EMFILE, error
    try:
        serve({scheme!r})
        raise AssertionError('another one started')
    except EnvironmentError as error:
        assert error.errno == errno.EMFILE, error
    give_back(taken)
    assert len(descriptors()) < len(before)
    port = server.port
    with server, Client(server) as client:
        assert client.get().status == 200
        assert server.port == port
    ''', scheme=str(scheme))


def test_a_file_that_cannot_be_opened_is_told_even_where_no_traceback_can_be_read():
    # Without the modules of the tests, because some Pythons import, and so open files, to
    # format a traceback; what is imported already hides that.
    run(TAKING + '''
    from httptestserver import start_server
    class Path(object):
        def __fspath__(self):
            return os.devnull
        __str__ = __fspath__
    def ask(client):
        client.sendall(b'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
        return client.recv(1000)
    with start_server() as server:
        client = socket.create_connection((server.host, server.port), 20)
        assert ask(client).startswith(b'HTTP/1.1 200')
        server.data['response_content'] = Path()
        taken = take_all()
        answer = ask(client)
        give_back(taken)
        client.close()
        assert answer.startswith(b'HTTP/1.1 500') and b'Too many open files' in answer, answer
        try:
            server.check()
            raise RuntimeError('check() is content')
        except AssertionError as error:
            assert str(error).startswith('handling GET / HTTP/1.1 failed:'), error
            assert 'Too many open files' in str(error), error
        assert server.failures == [] and len(server.history) == 2
    ''')


class Unwakeable(object):
    """Lets nothing but a client wake the accepting thread of *server*; the first clients fail.

    Linux wakes it otherwise, and others do not.
    """

    def __init__(self, monkeypatch, server, failing):
        self._new, self.failing = listener_module.new_socket, failing
        end, listening = listener_module.end, listener_of(server).socket
        monkeypatch.setattr(listener_module, 'end', lambda connection: (
            connection is not listening and end(connection)))
        monkeypatch.setattr(listener_module, 'new_socket', self)

    def __call__(self, family):
        if self.failing:
            self.failing -= 1
            raise socket.error(errno.EMFILE, 'Too many open files')
        return self._new(family)


def test_stop_tries_again_where_it_takes_a_descriptor_to_wake_who_accepts(monkeypatch):
    set_patience(monkeypatch.setattr, 2 * TIMEOUT)
    with Leaks():
        server = serve('http')
        assert status(server) == 200
        wake = Unwakeable(monkeypatch, server, 3)
        server.stop()
        assert not server_threads() and not wake.failing


def test_stop_is_bounded_where_who_accepts_cannot_be_woken(monkeypatch):
    server = serve('http')
    wake = Unwakeable(monkeypatch, server, 100000)
    set_patience(monkeypatch.setattr, 10 * listener_module.BACKOFF)
    server.stop()
    # It tries at most so often within one patience, and would twice as often within two.
    assert 1 <= 100000 - wake.failing < 15
    wake.failing = 0
    try:
        socket.create_connection((server.host, server.port), TIMEOUT).close()
    except socket.error:
        pass                            # accept had ended by itself
    eventually(lambda: not server_threads())


# Threads.

@pytest.fixture
def threads():
    """Let no thread start, as on an exhausted system: the stack would be too large."""
    class Threads(object):
        def exhaust(self):
            threading.stack_size(1 << 47)

        def give(self):
            threading.stack_size(0)

    threads = Threads()
    yield threads
    threads.give()


@both_schemes
def test_a_connection_without_a_thread_is_refused_and_others_go_on(scheme, threads):
    with Leaks(), serve(scheme) as server, Client(server) as client:
        assert client.get('/first').status == 200
        threads.exhaust()
        for _ in range(20):
            with Client(server, tls=False) as refused:
                assert refused.rest() == b''
        assert client.get('/meanwhile').status == 200
        threads.give()
        assert status(server, '/new') == 200
        assert client.get('/last').status == 200
        assert [entry['path'] for entry in server.history] == [
            '/first', '/meanwhile', '/new', '/last']
        assert server.failures == []
        server.check()


@both_schemes
def test_a_thread_that_waits_serves_the_next_client_where_no_other_can_be_had(scheme, threads):
    with Leaks(), serve(scheme) as server:
        assert status(server) == 200
        threads.exhaust()
        for _ in range(5):
            eventually(lambda: status(server) == 200)      # once it waits for the next
        assert len(server_threads()) == 2


@both_schemes
def test_memory_that_is_short_when_a_thread_is_made_refuses_one_connection(scheme, monkeypatch):
    def init(self, listener):
        raise MemoryError()

    with Leaks(), serve(scheme) as server:
        monkeypatch.setattr(listener_module.Worker, '__init__', init)
        assert status(server) is None
        monkeypatch.undo()
        assert status(server) == 200


@both_schemes
def test_start_without_a_thread_raises_leaves_nothing_open_and_may_be_tried_again(
        scheme, threads):
    serve(scheme).stop()                # loads what is loaded once
    with Leaks():
        server = Server('127.0.0.1', 0, scheme)
        threads.exhaust()
        for _ in range(2):
            with pytest.raises((RuntimeError, threading.ThreadError)):
                server.start()
            assert not is_open(server)
        with pytest.raises((RuntimeError, threading.ThreadError)):
            serve(scheme)
        server.stop()
        threads.give()
        port = server.port
        with server:
            assert (status(server), server.port) == (200, port)


# User code raises what ends a program.

class Ending(BaseException):
    """As the exceptions by which test runners fail a test: no `Exception`."""


def raising(error):
    def of_the_test(request):
        raise error('of the test')
    return of_the_test


LAST = [MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit, Ending]


def pieces(error):
    yield b'begun'
    raise error('of the test')


SCRIPTS = {
    'callback': lambda server, error: server.data.update(response_callback=raising(error)),
    'value': lambda server, error: server.data.update(response_status=raising(error)),
    'route': lambda server, error: server.route('GET', '/', response_callback=raising(error)),
    'criterion': lambda server, error: server.route(match=raising(error))}


@both_schemes
@pytest.mark.parametrize('script', sorted(SCRIPTS))
@pytest.mark.parametrize('error', LAST)
def test_what_ends_a_program_ends_one_answer(scheme, script, error):
    with Leaks(), serve(scheme) as server:
        SCRIPTS[script](server, error)
        with Client(server) as client:
            answer = client.get()
            assert (answer.status, client.rest()) == (500, b'')
        text = problems(server)
        assert text.startswith('handling GET / HTTP/1.1 failed:\nTraceback')
        assert text.endswith('%s: of the test\n' % error.__name__)
        entry, = server.history
        assert entry['response_status'] == 500 and entry['duration'] >= 0
        assert server.failures == []
        server.reset()
        assert status(server) == 200


@both_schemes
@pytest.mark.parametrize('error', LAST)
def test_what_ends_a_program_within_an_answer_cuts_it_off(scheme, error):
    with Leaks(), serve(scheme) as server:
        server.enqueue(response_content=pieces(error))
        with Client(server) as client:
            client.send(request())
            assert client.rest().endswith(b'5\r\nbegun\r\n')
        assert problems(server).endswith('%s: of the test\n' % error.__name__)
        assert status(server) == 200
