# -*- coding: utf-8 -*-
"""A signal handler may use the server that it interrupts, wherever it does so: nothing hangs.

Signals come when they like. What `Injected` calls comes after a given instruction instead, so
that each is tried.
"""
from __future__ import unicode_literals

import os
import signal
import sys
import threading

import pytest

import httptestserver
from httptestserver import http_server
from httptestserver.scripting.endpoint import Guard
from support.client import Client
from support.recorded import asked
from support.waiting import TIMEOUT

#: Files whose instructions are counted.
FILES = (os.path.dirname(httptestserver.__file__), threading.__file__)
TRIED = 60              # instructions of each operation, evenly spread: up to twice as many


def ask(server, path):
    """Make one request."""
    with Client(server) as client:
        client.get(path)


class Injected(object):
    """Calls a function after a number of instructions of the library, within this thread.

    :param number: counted from 1; 0 only counts, which `count` tells.
    """

    def __init__(self, number, function):
        self.count = 0
        self._number = number
        self._function = function

    def __enter__(self):
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_):
        sys.settrace(self._before)

    def _trace(self, frame, event, _):
        if not frame.f_code.co_filename.startswith(FILES):
            return None
        frame.f_trace_opcodes = True
        if event == 'opcode':
            self.count += 1
            if self.count == self._number:
                sys.settrace(None)
                self._function()
                sys.settrace(self._trace)
        return self._trace


each_instruction = pytest.mark.skipif(
    sys.version_info < (3, 7) or sys.implementation.name != 'cpython',
    reason='this Python does not trace instructions')

#: What a test does; {name: function of the server}.
OPERATIONS = {
    'assert_requested': lambda server: server.assert_requested('GET', '/entry'),
    'check': lambda server: server.check(unserved=True),
    'data': lambda server: (server.data == {}, repr(server.data), server.data.items()),
    'data.clear': lambda server: server.data.clear(),
    'data.pop': lambda server: server.data.pop('response_status', None),
    'data.popitem': lambda server: server.data and server.data.popitem(),
    'data.setdefault': lambda server: server.data.setdefault('response_status', 202),
    'data.update': lambda server: server.data.update(response_status=201, path='/'),
    'enqueue': lambda server: server.enqueue(503, 'text'),
    'failures': lambda server: (server.failures, server.unmatched),
    'history': lambda server: server.history,
    'reset': lambda server: server.reset(),
    'response_data': lambda server: server.response_data,
    'route': lambda server: server.route('GET', '/b', response_status=204).remove(),
    'start': lambda server: (server.stop(), server.start()),
    'stop': lambda server: server.stop(),
    'take_request': lambda server: server.take_request(0.0001),
    'wait': lambda server: server.wait(1, 0.0001),
}


def tried(server, operation):
    """Do *operation* as `OPERATIONS` does; what is wanted may be missing."""
    try:
        OPERATIONS[operation](server)
    except (AssertionError, KeyError) as error:
        assert operation in ('assert_requested', 'check', 'data.popitem', 'take_request',
                             'wait'), error


def filled(server):
    """Leave something of each kind in *server*."""
    server.reset()
    server.start()
    server.data.update(response_status=299, response_times=2)
    server.route('GET', '/a', response_status=202)
    server.enqueue(204, 205)
    server.record(asked('/entry'), True)
    server.publish({'path': '/'})
    server.add_failure(('127.0.0.1', 1), 0, 'none')


def more(server):
    server.record(asked('/entry'), True)
    server.enqueue(503)
    server.data['response_content'] = 'more'


@each_instruction
@pytest.mark.parametrize('handler', [lambda server: server.reset(), lambda server: server.stop(),
                                     more], ids=['reset', 'stop', 'more'])
@pytest.mark.parametrize('operation', sorted(OPERATIONS))
def test_a_signal_may_come_after_each_instruction(operation, handler):
    with http_server() as server:
        filled(server)
        with Injected(0, None) as all_of_them:
            tried(server, operation)
        for number in range(1, all_of_them.count + 1, max(1, all_of_them.count // TRIED)):
            filled(server)
            with Injected(number, lambda: handler(server)):
                tried(server, operation)
            assert server.data.script == server.response_data
        server.start()
        server.reset()
        with Client(server) as client:
            assert client.get().status == 200
    assert server.history[0]['path'] == '/'


@each_instruction
def test_who_waits_is_woken_though_a_signal_handler_wakes_in_the_midst_of_it():
    def wait():
        with guard.lock:
            waiting.set()
            guard.wait(TIMEOUT)

    guard, waiting = Guard(), threading.Event()
    for number in range(1, 1000):
        waiting.clear()
        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(TIMEOUT)
        with guard.lock, Injected(number, guard.tell) as injected:
            guard.tell()
        thread.join(TIMEOUT)
        assert not thread.is_alive()
        if injected.count < number:
            return                              # it was over before
    raise AssertionError('it takes over %d instructions' % number)


#: These tests take the signal by which others are ended that hang.
own_alarm = pytest.mark.timeout(3 * TIMEOUT, method='thread')


@own_alarm
@pytest.mark.skipif(not hasattr(signal, 'setitimer'), reason='no timer sends signals here')
@pytest.mark.skipif(sys.version_info < (3,), reason='a lock of Python 2 may be taken twice, by its '
                    'own Python code, but not by a signal that comes in the midst of it')
def test_a_signal_handler_may_use_the_server_that_it_interrupts():
    def handle(*_):
        handled.append(1)
        server.data['response_status'] = 200 + len(handled) % 99
        server.history, server.data.copy(), server.enqueue(503), server.failures
        server.record(asked('/entry'), True)
        if len(handled) % 50 == 0:
            server.reset()
        if len(handled) % 20 == 0:
            server.stop()
        signal.setitimer(signal.ITIMER_REAL, 0.0005)

    handled = []
    before = signal.signal(signal.SIGALRM, handle)
    try:
        with http_server() as server:
            signal.setitimer(signal.ITIMER_REAL, 0.0005)
            while len(handled) < 400:
                server.data.update(response_status=201, response_content=b'a')
                server.data.clear()
                server.enqueue(503)
                server.reset()
                try:
                    server.wait(9, 0.001)
                except AssertionError:
                    pass
                server.stop()
                server.start()
            signal.setitimer(signal.ITIMER_REAL, 0)
            server.start()
            with Client(server) as client:
                assert client.get().status
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@own_alarm
@pytest.mark.skipif(not hasattr(signal, 'setitimer'), reason='no timer sends signals here')
@pytest.mark.parametrize('method', ['wait', 'take_request'])
def test_a_signal_handler_may_make_the_request_that_is_waited_for(method):
    before = signal.signal(signal.SIGALRM, lambda *_: ask(server, '/signal'))
    try:
        with http_server() as server:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            found = getattr(server, method)(timeout=TIMEOUT)
            assert (found if method == 'take_request' else found[0])['path'] == '/signal'
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
