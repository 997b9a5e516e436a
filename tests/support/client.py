# -*- coding: utf-8 -*-
"""What the tests of the wire share: both schemes, a raw client, threads and waiting.

No test sleeps until something has probably happened: it reads an answer or the end of the
connection, or calls `eventually` with what has to become true.
"""
from __future__ import unicode_literals

import errno
import gc
import os
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import httptestserver
from httptestserver import start_server, start_ssl_server
from httptestserver.http1.fields import Headers
from httptestserver.recording.request import RecordedRequest

TIMEOUT = 20        # seconds that anything which has to happen may take

#: Seconds of the processor that this process has used, whatever else the machine does.
cpu_time = getattr(time, 'process_time', None) or time.clock

both_schemes = pytest.mark.parametrize('scheme', ['http', 'https'])

#: For what costs much and tells the same on every Python: tox.ini says which of them run it.
thorough = pytest.mark.thorough


def serve(scheme, **options):
    """Return a started server; a context manager, as every server is."""
    return (start_ssl_server if scheme == 'https' else start_server)(**options)


def eventually(predicate, timeout=TIMEOUT):
    """Wait until *predicate()* is true and return its value; fails after *timeout* seconds."""
    tick = threading.Event()
    deadline = time.time() + timeout
    while True:
        value = predicate()
        if value or time.time() > deadline:
            assert value, 'not within %s s: %r' % (timeout, value)
            return value
        tick.wait(0.002)


def in_threads(function, items, count):
    """Return [function(item) for item in items], worked out by *count* threads."""
    items = list(items)
    results = [None] * len(items)
    left = iter(range(len(items)))
    lock = threading.Lock()
    errors = []

    def work():
        while not errors:
            with lock:
                index = next(left, None)
            if index is None:
                return
            try:
                results[index] = function(items[index])
            except BaseException as error:
                errors.append(error)
                raise

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), 'a thread of the test hangs'
    assert not errors, errors
    return results


def server_threads():
    """Return the threads that the library runs now."""
    return [each for each in threading.enumerate() if each.name.startswith('httptestserver')]


def port_is_closed(server):
    """Tell whether the port of *server* refuses connections.

    Where it does not, another process may have been given the port, which is soon over.
    """
    def refuses():
        try:
            socket.create_connection((server.host, server.port), TIMEOUT).close()
        except socket.error as error:
            return error.errno == errno.ECONNREFUSED
        return False
    return eventually(refuses)


def descriptors():
    """Return what this process has open, as {number: target}; {} where nothing tells that."""
    try:
        numbers = os.listdir('/proc/self/fd')
    except OSError:
        return {}
    found = {}
    for number in numbers:
        try:
            found[number] = os.readlink('/proc/self/fd/' + number)
        except OSError:
            pass                    # the one that listed them
    return found


def inner_pytest(config):
    """Return options of a pytest inside the process of that of *config*: cheap, with the plugin.

    The plugin has not been found by itself where the tests run from the sources.
    """
    # Hypothesis imports itself anew at the end of each.
    options = ['-p', 'no:cacheprovider', '-p', 'no:hypothesispytest']
    if not config.pluginmanager.hasplugin('httptestserver'):
        options += ['-p', 'httptestserver.pytest_plugin']
    return options


def asked(path, **facts):
    """Return a request as a handler records it."""
    return RecordedRequest(facts, path=path, command='GET', body=b'', requestline='GET ' + path,
                           headers=Headers(b''))


class Leaks(object):
    """A context at whose end no more threads and descriptors are there than at its start."""

    def __enter__(self):
        self._threads, self._open = len(server_threads()), descriptors()

    def __exit__(self, kind, *_):
        if kind is None:
            eventually(lambda: len(server_threads()) <= self._threads)
            if self._left():            # it takes long in a large process, and is seldom needed
                gc.collect()
            assert not self._left()

    def _left(self):
        return {number: target for number, target in descriptors().items()
                if self._open.get(number) != target}


def interpreter(code):
    """Return an interpreter that runs *code*, with pipes; a `subprocess.Popen`."""
    here = os.path.dirname(os.path.abspath(__file__))
    roots = [os.path.dirname(os.path.dirname(httptestserver.__file__)), here]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(roots))
    # What is deprecated is a matter of pytest's own imports, and of forks with threads.
    command = [sys.executable, '-W', 'error', '-W', 'ignore::DeprecationWarning', '-c',
               textwrap.dedent(code)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(code, expected=0, **values):
    """Run *code* in an interpreter, which has to end soon, with *expected*; return its output."""
    code = textwrap.dedent(code).format(**values) if values else code
    process = interpreter(code)
    timer = threading.Timer(3 * TIMEOUT, process.kill)
    timer.start()
    try:
        output, errors = process.communicate()
    finally:
        timer.cancel()
        timer.join()
    errors = errors.decode('utf-8')
    assert process.returncode == expected, errors
    if not expected:
        assert errors == ''
        return output.decode('utf-8')
    return errors


class Answer(object):
    """A response: ``status``, ``reason``, ``fields`` (lower-case names), ``body``."""

    def __init__(self, version, status, reason, fields):
        self.version = version
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body = b''

    def get(self, name):
        """Return the values of a field, joined; None without one."""
        values = [value for each, value in self.fields if each == name]
        return ', '.join(values) if values else None


#: The clients' contexts by cafile: to make one costs more than a handshake.
_contexts = {}


def client_context(server):
    """Return a context that trusts *server*, which others use too."""
    if server.cafile not in _contexts:
        _contexts[server.cafile] = server.client_context()
    return _contexts[server.cafile]


class Client(object):
    """A connection to *server* that sends and receives octets; a context manager.

    :param tls: whether to speak TLS, as the server does by default.
    """

    def __init__(self, server, tls=None, timeout=TIMEOUT):
        self._received = b''
        self.socket = socket.create_connection((server.host, server.port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.scheme == 'https' if tls is None else tls:
            try:
                self.socket = client_context(server).wrap_socket(
                    self.socket, server_hostname=str('localhost'))
            except Exception:
                self.socket.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Leave with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(str('ii'), 1, 0))
        self.socket.close()

    def end_sending(self):
        """Tell the server that nothing more comes; its answers still do."""
        # The socket's own method: that of `ssl` forgets the session, which is to be read.
        socket.socket.shutdown(self.socket, socket.SHUT_WR)

    def send(self, octets):
        self.socket.sendall(octets)

    def get(self, path='/', *fields):
        """Send a GET and return its `Answer`."""
        self.send(request('GET', path, *fields))
        return self.answer()

    def answer(self, method='GET'):
        """Read one response, an interim one too, and return its `Answer`."""
        while b'\r\n\r\n' not in self._received:
            self._more()
        head, _, self._received = self._received.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        version, status, reason = lines[0].split(' ', 2)
        fields = [(line.split(':', 1)[0].lower(), line.split(':', 1)[1].strip())
                  for line in lines[1:]]
        answer = Answer(version, int(status), reason, fields)
        if method != 'HEAD' and not (100 <= answer.status < 200 or answer.status in (204, 304)):
            answer.body = self._body(answer)
        return answer

    def answer_begun(self, octets):
        """Read the rest of a response of which *octets* were taken from the socket."""
        self._received = octets + self._received
        return self.answer()

    def _body(self, answer):
        if answer.get('transfer-encoding') == 'chunked':
            return b''.join(iter(self._chunk, b''))
        if answer.get('content-length') is None:
            return self.rest()
        return self._take(int(answer.get('content-length')))

    def _chunk(self):
        while b'\r\n' not in self._received:
            self._more()
        line, _, self._received = self._received.partition(b'\r\n')
        return self._take(int(line, 16) + 2)[:-2]

    def _take(self, count):
        parts, missing = [self._received[:count]], count - len(self._received)
        self._received = self._received[count:]
        while missing > 0:
            octets = self.socket.recv(min(missing, 1048576))
            assert octets, 'the connection ended %d octets too early' % missing
            parts.append(octets)
            missing -= len(octets)
        return b''.join(parts)

    def _more(self):
        octets = self.socket.recv(65536)
        assert octets, 'the connection ended in a response: %r' % self._received
        self._received += octets

    def rest(self):
        """Return everything up to the end of the connection, also where that is a reset."""
        try:
            for octets in iter(lambda: self.socket.recv(1048576), b''):
                self._received += octets
        except socket.timeout:
            raise AssertionError('the connection does not end: %r' % self._received)
        except socket.error:
            pass
        received, self._received = self._received, b''
        return received


def request(method='GET', path='/', *fields, **keys):
    """Return the octets of a request; *fields* are lines, ``body`` gets a Content-Length."""
    body = keys.pop('body', None)
    version = keys.pop('version', '1.1')
    lines = ['%s %s HTTP/%s' % (method, path, version), 'Host: localhost']
    lines.extend(fields)
    if body is not None:
        lines.append('Content-Length: %d' % len(body))
    return '\r\n'.join(lines + ['', '']).encode('utf-8') + (body or b'')
