# -*- coding: utf-8 -*-
"""An exception at any line of the package leaves a server that `stop` stops.

Ctrl-C and time limits raise wherever the program is, so each line is tried. Two places are left
out, because no Python code can defend them. At the end of a ``with`` block CPython reports the line
of the ``with`` once more, behind the block's handler of exceptions: an exception there leaves the
lock held. And the functions of `BARE` have a bare descriptor for a moment, in a thread in which no
signal handler runs.
"""
from __future__ import unicode_literals

import ast
import gc
import itertools
import logging
import os
import socket
import ssl
import sys
import threading

import pytest

import httptestserver
from httptestserver import Handler
from httptestserver.serving import unixlistener
from httptestserver.waiting import monotonic
from support.asynchronous import Loop
from support.client import Client, request
from support.inside import Unbound, is_idle, waiters
from support.marks import needs_extra
from support.paths import Path
from support.recorded import asked
from support.servers import Leaks, port_is_closed, serve
from support.tunnels import TunnelClient
from support.waiting import TIMEOUT, eventually

PACKAGE = os.path.dirname(os.path.abspath(httptestserver.__file__)) + os.sep

#: Names of functions: one accepts connections, the others open what is below a folder.
BARE = ('accept', '_descriptor', '_verified', 'open_regular')

#: How often a line is tried: loops reach theirs again. PyPy traces slowly, in the same loops.
TIMES = 1 if hasattr(sys, 'pypy_version_info') else 2


class Raised(BaseException):
    """What these tests raise."""


def raise_it():
    raise Raised()


class Blocks(object):
    """Knows which lines of a file are in the block of a ``with``."""

    def __init__(self):
        self._files = {}

    def __call__(self, path):
        """Return the lines of each block of a file, by the line of its ``with``."""
        if path not in self._files:
            with open(path, 'rb') as source:
                tree = ast.parse(source.read())
            self._files[path] = {
                node.lineno: range(node.body[0].lineno, 1 + max(
                    getattr(each, 'lineno', 0) for each in ast.walk(node)))
                for node in ast.walk(tree) if isinstance(node, ast.With)}
        return self._files[path]


blocks = Blocks()


class Lines(object):
    """A context that notes which lines of the package run, and acts at one of them.

    :param thread: how the names of the threads begin in which it does; None: in this one, by
        its calls within the context.
    :param target: an item of `reached`; None only notes.
    :param action: what is called there.
    """

    def __init__(self, thread=None, target=None, action=raise_it):
        self.reached = []               # (path, line, how many times before)
        self.acted = threading.Event()
        self.target = target
        self._thread = thread
        self._action = action
        self._counts = {}

    def __enter__(self):
        if self._thread is None:
            self._before = sys.gettrace()
            sys.settrace(self._trace)
        else:
            self._before = getattr(threading, '_trace_hook', None)
            threading.settrace(self._trace)
        return self

    def __exit__(self, *_):
        (sys.settrace if self._thread is None else threading.settrace)(self._before)

    def _trace(self, frame, event, _):
        if not frame.f_code.co_filename.startswith(PACKAGE) or self.acted.is_set():
            return None
        if frame.f_code.co_name in BARE:
            return None
        if self._thread and not threading.current_thread().name.startswith(self._thread):
            return None
        return Frame(self, frame.f_code.co_filename).trace

    def reach(self, path, line):
        """Note a line, and act if it is the one."""
        number = self._counts.get((path, line), 0)
        self._counts[path, line] = number + 1
        if number < TIMES:
            self.reached.append((path, line, number))
        if self.target == (path, line, number) and not self.acted.is_set():
            self.acted.set()
            self._action()


class Frame(object):
    """A call of one of the package's functions."""

    def __init__(self, lines, path):
        self._lines = lines
        self._path = path
        self._last = 0

    def trace(self, frame, event, _):
        if event == 'line':
            line, last, self._last = frame.f_lineno, self._last, frame.f_lineno
            # CPython 3.12 and 3.13 do not leave a `with` block if a trace function raises at the
            # next turn of a comprehension in it. An exception of a signal does leave it.
            if line != last and last not in blocks(self._path).get(line, ()):
                self._lines.reach(self._path, line)
        return self.trace


class Scene(object):
    """A server with clients: idle, stalled and delayed ones; a context manager."""

    def __init__(self, scheme):
        self.server = serve(scheme)
        self.clients = []

    def __enter__(self):
        server = self.server
        server.enqueue(200, {'response_fault': 'stall'}, {'response_timeout': 1000})
        for count in range(3):
            client = Client(server)
            self.clients.append(client)
            client.send(request())
            if count == 0:
                assert client.answer().status == 200
        server.wait(3)
        return self

    def __exit__(self, kind, *_):
        for client in self.clients:
            client.close()
        self.server.stop()

    def assert_ended(self):
        """Stop the server, and fail if anything of it is left."""
        self.server.stop()
        assert port_is_closed(self.server)
        for client in self.clients:
            try:
                client.send(request('GET', '/after'))
            except EnvironmentError:
                pass                    # it has ended
            assert client.rest() == b''


def stop(server):
    server.stop()


def start(server):
    server.start()


def reset(server):
    server.reset()


def wait(server):
    server.wait(3)
    with pytest.raises(AssertionError):
        server.wait(4, 0.001)


def restarted(operation):
    """Return whether *operation* is tried with a server that was stopped."""
    return operation is start


def perform(operation, scheme, lines):
    """Do *operation* to a server with clients under *lines*, and then stop it."""
    with Scene(scheme) as scene:
        if restarted(operation):
            scene.server.stop()
        try:
            with lines:
                operation(scene.server)
        except Raised:
            pass
        scene.assert_ended()


@pytest.mark.parametrize('operation', [stop, start, reset, wait])
def test_an_exception_at_any_line_leaves_a_server_that_can_be_stopped(operation):
    lines = Lines()
    perform(operation, 'http', lines)
    assert len(lines.reached) > 20
    with Leaks():
        for target in lines.reached:
            perform(operation, 'http', Lines(target=target))


class Pressed(Raised, KeyboardInterrupt):
    """Ctrl-C, which asyncio lets pass, unlike what else a callback of its loop raises."""


def press():
    raise Pressed()


def wait_async(server):
    with Loop() as loop:
        assert len(loop.result(loop.task(server.wait_async, 3))) == 3
        takes = [loop.begun(server.take_request_async, 0.01) for _ in range(2)]
        assert loop.result(takes[0]) and loop.result(takes[1])
        with pytest.raises(AssertionError):
            loop.result(loop.task(server.wait_async, 4, 0.001))


@pytest.mark.filterwarnings('ignore:.* was never awaited')
def test_an_exception_at_any_line_of_a_wait_of_a_loop_leaves_no_wait(quiet, monkeypatch):
    # It would log each task that an exception has ended.
    monkeypatch.setattr(logging.getLogger('asyncio'), 'disabled', True)

    def perform(lines):
        server = Unbound()
        for _ in range(3):
            server.answer(asked('/'))
        try:
            with lines:
                wait_async(server)
        except Raised:
            pass
        # The loop is closed: what is left waits no more with the next request.
        server.answer(asked('/last'))
        assert waiters(server) == 0

    lines = Lines()
    perform(lines)
    assert len(lines.reached) > 20
    for target in lines.reached:
        perform(Lines(target=target, action=press))
    # Or PyPy warns in a later test, and the tasks are logged then.
    for _ in range(3):
        gc.collect()


def pieces(request):
    yield b'first'
    yield 'second'


class Own(Handler):
    """Has a method that responds by itself."""

    def do_OWN(self):
        self.send_response(200)
        self.send_header('X-A', 'b')
        self.end_headers()
        self.wfile.write(b'written')
        self.wfile.flush()


class Elsewhere(object):
    """A server without any code of the package; a context manager."""

    response = (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-A\r\n\r\n'
                b'2\r\nab\r\n0\r\nX-B: c\r\n\r\n')

    def __enter__(self):
        self._listening = socket.socket()
        self._listening.bind(('127.0.0.1', 0))
        self._listening.listen(100)
        self.url = 'http://127.0.0.1:%d' % self._listening.getsockname()[1]
        self._ended = False
        self._thread = threading.Thread(target=self._serve, name='elsewhere')
        self._thread.start()
        return self

    def _serve(self):
        while not self._ended:
            connection, _ = self._listening.accept()
            try:
                connection.settimeout(BRIEF)
                if connection.recv(65536):
                    connection.sendall(self.response)
            except EnvironmentError:
                # An exception has ended the other side.
                pass
            connection.close()

    def __exit__(self, *_):
        self._ended = True
        socket.create_connection(self._listening.getsockname()).close()
        self._thread.join()
        self._listening.close()


def script(server, elsewhere):
    """Script responses of many kinds."""
    server.route('POST', '/{name}', response_content=pieces, response_trailers={'X-A': 'b'},
                 response_informational=[(103, {'X-A': 'b'})])
    server.route('GET', '/failing', response_callback=lambda request: 1 / 0)
    server.route('GET', '/paced', response_content=b'xy', response_rate=1000)
    server.route('GET', '/cut', response_content=b'xy', response_fault='reset',
                 response_fault_at=1)
    server.route('GET', '/parts', response_content=Path(os.path.abspath(__file__)),
                 response_ranges=True)
    server.route('GET', '/files/{name...}', response_folder=os.path.dirname(PACKAGE[:-1]))
    server.route('GET', '/elsewhere', response_forward=elsewhere.url)
    events = server.stream()
    events.send('sunrise')
    server.route('GET', '/events', response_events=events)
    server.data['response_content'] = 'text'


BRIEF = 0.3             # seconds of a handshake to which nobody responds


def patience(lines):
    """Return the seconds of a handshake while *lines* are noted, or while one of them acts."""
    return TIMEOUT if lines.target is None else BRIEF


#: What clients send: tuples of what comes on one connection after another.
SENT = (
    (request('GET', '/', 'Connection: close'), request('GET', '/', 'Connection: close')),
    (request('POST', '/upload', 'Expect: 100-continue', body=b'body'),),
    (request('PUT', '/', 'Transfer-Encoding: chunked') + b'1\r\na\r\n0\r\n\r\n',),
    (request('GET', '/paced'),),
    (request('GET', '/failing'),),
    (request('OWN') + request('OWN'),),
    (request('GET', '/cut'),),
    # It ends with the sending side of the client.
    (request('GET', '/events'),),
    (b'malformed\r\n\r\n',),
    (b'GET /half',),
)


if not hasattr(sys, 'pypy_version_info'):
    # It traces slowly, and these would take it a minute.
    SENT += (
        (request('GET', '/parts', 'Range: bytes=0-1,4-5', 'If-Modified-Since: yesterday'),),
        (request('GET', '/parts', 'Range: bytes=9999999-'),),
        (request('GET', '/files/httptestserver/__init__.py', 'Range: bytes=0-1,4-5'),),
        (request('GET', '/files/httptestserver') + request('GET', '/files/missing'),),
        (request('GET', '/elsewhere', 'Connection: X-A', 'X-A: b'),),
    )


def ask(server, sent, lines):
    """Send *sent* to *server*, and take what comes until *lines* have acted."""
    for data in sent:
        try:
            with Client(server, timeout=patience(lines)) as client:
                client.send(data)
                client.end_sending()
                client.socket.settimeout(0.002)
                eventually(lambda: lines.acted.is_set() or has_ended(client))
        except (EnvironmentError, AssertionError):
            # The exception came before the handshake was over, or this run is without that line.
            pass
        # A thread that an exception has ended since is never parked.
        eventually(lambda: lines.acted.is_set() or is_idle(server))
        if lines.acted.is_set():
            break


def has_ended(client):
    """Whether the server has closed the connection; drops what comes."""
    try:
        return not client.socket.recv(65536)
    except (socket.timeout, ssl.SSLError) as error:
        return 'timed out' not in str(error)
    except EnvironmentError:
        return True


@pytest.fixture
def quiet(monkeypatch):
    """Say nothing of threads, and callbacks of ssl, that an exception ends.

    pytest would keep the exceptions, and so the sockets of the calls that they have left.
    """
    monkeypatch.setattr(threading, 'excepthook', lambda *_: None, raising=False)
    monkeypatch.setattr(sys, 'unraisablehook', lambda *_: None, raising=False)
    monkeypatch.setattr(logging.getLogger('httptestserver'), 'disabled', True)


@pytest.fixture
def elsewhere():
    with Elsewhere() as elsewhere:
        yield elsewhere


def serving(scheme, sent, lines, elsewhere):
    """Have a server serve what is *sent* under *lines*, and then stop it."""
    with lines:
        server = serve(scheme, handler=Own)
        script(server, elsewhere)
        ask(server, sent, lines)
    server.stop()
    assert port_is_closed(server)


# A socket of which the package does not know yet is closed by Python, which warns of that.
@pytest.mark.filterwarnings('ignore:unclosed')
def test_an_exception_in_any_line_of_serving_leaves_a_server_that_can_be_stopped(quiet, elsewhere):
    tried = set()
    for thread, scheme, sent in itertools.chain(
            [('accept', 'http', SENT[0])],
            [('connection', 'http', sent) for sent in SENT],
            [('connection', 'https', sent) for sent in SENT[:1]]):
        thread = 'httptestserver ' + thread
        lines = Lines(thread)
        serving(scheme, sent, lines, elsewhere)
        assert len(lines.reached) > 20
        new = [target for target in lines.reached if target[:2] not in tried]
        tried.update([target[:2] for target in new])
        # Once for all of them, because PyPy takes long to collect its garbage.
        with Leaks():
            for target in new:
                serving(scheme, sent, Lines(thread, target), elsewhere)
    # Or PyPy warns in a later test.
    gc.collect()


#: What a signal handler interrupts, and what it uses itself.
USES = {
    'data': lambda server: server.data.update(response_status=201),
    'enqueue': lambda server: server.enqueue(503),
    'history': lambda server: server.history,
    'reset': lambda server: server.reset(),
    'start': lambda server: (server.stop(), server.start()),
    'stop': lambda server: server.stop(),
}


# A start within a start may lose the listener of one of them, which Python closes with a warning.
@pytest.mark.filterwarnings('ignore:unclosed')
@pytest.mark.parametrize('name', sorted(USES))
def test_a_signal_handler_that_uses_the_server_that_it_interrupts_never_blocks(name):
    def handle():
        for each in sorted(USES):
            USES[each](server)

    def use(lines):
        with lines:
            try:
                USES[name](server)
            except Exception:
                # It may see an odd state, such as an address that is still bound.
                pass

    with serve('http') as server:
        lines = Lines()
        use(lines)
    for target in lines.reached:
        with serve('http') as server:
            use(Lines(target=target, action=handle))
    gc.collect()


def interrupt(method, lines):
    """Call *method* under *lines*. What it has left behind is garbage afterwards."""
    try:
        with lines:
            method()
    except Raised:
        pass


# A start that is interrupted may leave the file of a socket at which nobody listens. A socket of
# which the package does not know yet is closed by Python, which warns of that.
@pytest.mark.filterwarnings('ignore:unclosed')
@pytest.mark.parametrize('name', ['start', 'stop'])
def test_an_exception_at_any_line_of_a_unix_server_leaves_its_path_to_others(
        name, unix_host, quiet, monkeypatch):
    # What waits for a folder that is locked takes too long.
    monkeypatch.setattr(unixlistener, 'PATIENCE', 2 * TIMEOUT)
    path = unix_host[len('unix:'):]

    def use(lines):
        server = serve('http', host=unix_host)
        if name == 'start':
            server.stop()
        interrupt(getattr(server, name), lines)
        if hasattr(sys, 'pypy_version_info'):
            gc.collect()
        server.stop()
        if name == 'stop':
            assert not os.path.exists(path)
        # The folder is no longer locked.
        begun = monotonic()
        serve('http', host=unix_host).stop()
        assert monotonic() - begun < TIMEOUT
        assert not os.path.exists(path)

    lines = Lines()
    use(lines)
    assert len(lines.reached) > 20
    with Leaks():
        for target in lines.reached:
            use(Lines(target=target))
    gc.collect()


# It warns if an exception comes between the call and the block.
@needs_extra
@pytest.mark.usefixtures('guard')
@pytest.mark.filterwarnings('ignore:intercept.. has no effect')
def test_an_exception_at_any_line_of_an_interception_restores_the_environment(quiet):
    from httptestserver.serving.environment import Interception

    # Before the first line of the block's end there is nothing that could handle it.
    code = Interception.__exit__.__code__
    first = code.co_firstlineno + 1

    def use(lines):
        before = dict(os.environ)
        try:
            with lines:
                with server.intercept(no_proxy='a'):
                    pass
        except Raised:
            pass
        assert dict(os.environ) == before

    with serve('http', proxy=True) as server:
        server.environ()
        lines = Lines()
        use(lines)
        assert len(lines.reached) > 20
        for target in lines.reached:
            if (target[0], target[1]) != (code.co_filename, first):
                use(Lines(target=target))
        gc.collect()


# A socket of which the package does not know yet is closed by Python, which warns of that.
@needs_extra
@pytest.mark.usefixtures('guard')
@pytest.mark.filterwarnings('ignore:unclosed')
@pytest.mark.parametrize('tls', [True, False])
def test_an_exception_at_any_line_of_a_tunnel_leaves_a_server_that_can_be_stopped(tls, quiet):
    thread = 'httptestserver connection'

    def use(lines, number):
        server = serve('http', proxy=True)
        # Each has a certificate of its own, so that the lines that make it are reached.
        host = 'host%d.example' % number
        with lines:
            try:
                with TunnelClient(server, timeout=patience(lines)) as client:
                    if client.connect(host + ':443').status == 200 and tls:
                        client.secure(host)
                    client.send(request('GET', '/'))
                    client.answer()
            except (EnvironmentError, AssertionError):
                pass
        server.stop()
        assert port_is_closed(server)

    lines = Lines(thread)
    use(lines, 0)
    new = [target for target in lines.reached
           if os.path.basename(target[0]) in ('proxy.py', 'proxying.py', 'authority.py')]
    assert len(new) > 5
    with Leaks():
        for number, target in enumerate(new, 1):
            use(Lines(thread, target), number)
    gc.collect()
