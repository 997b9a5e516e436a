# -*- coding: utf-8 -*-
"""An exception at any line of the package leaves a server that `stop` stops.

Ctrl-C and time limits raise wherever the program is, so each line is tried. One place is left
out, because no Python code can defend it: at the end of a ``with`` block CPython reports the line
of the ``with`` once more, behind the block's handler of exceptions, and an exception there leaves
the lock held.
"""
from __future__ import unicode_literals

import ast
import os
import sys
import threading

import pytest

import httptestserver
from support.client import Client, request
from support.servers import Leaks, port_is_closed, serve

PACKAGE = os.path.dirname(os.path.abspath(httptestserver.__file__)) + os.sep

#: How often a line is tried: loops reach theirs again.
TIMES = 2


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
        self._thread = thread
        self._target = target
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
        if self._thread and not threading.current_thread().name.startswith(self._thread):
            return None
        return Frame(self, frame.f_code.co_filename).trace

    def reach(self, path, line):
        number = self._counts.get((path, line), 0)
        self._counts[path, line] = number + 1
        if number < TIMES:
            self.reached.append((path, line, number))
            if self._target == (path, line, number) and not self.acted.is_set():
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
            if last not in blocks(self._path).get(line, ()):
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
    for target in lines.reached:
        with Leaks():
            perform(operation, 'http', Lines(target=target))
