# -*- coding: utf-8 -*-
"""User code may use the server that calls it, from wherever it is called: nothing hangs.

Each place in which user code runs is tried with each public name of a server, of its data and of
its routes; a new name needs its arguments here.
"""
from __future__ import unicode_literals

import contextlib
import gc
import logging
import sys
import threading
import traceback

import pytest

from httptestserver import http_server
from httptestserver.serving.listener import Worker
from httptestserver.server import Handler
from support.client import Client, request
from support.inside import set_patience
from support.marks import thorough
from support.waiting import TIMEOUT, eventually, in_threads

BRIEF = 0.02        # seconds of a wait that is in vain


#: The arguments of what needs some.
ARGUMENTS = {
    'server.assert_not_requested': ('GET', '/never'),
    'server.assert_requested': (),
    'server.assert_requested_in_order': ({},),
    'server.enqueue': (503,),
    'server.replay': ({'log': {'entries': [{
        'request': {'method': 'GET', 'url': 'http://localhost/replayed', 'headers': []},
        'response': {'status': 200, 'headers': [], 'content': {}}}]}},),
    'server.route': ('GET', '/other'),
    'server.start_server': ('127.0.0.1', 0),
    'server.start_ssl_server': ('127.0.0.1', 0, None, None),
    'server.take_request': (BRIEF,),
    'server.take_request_async': (BRIEF,),
    'server.wait': (9, BRIEF),
    'server.wait_async': (9, BRIEF),
    'server.wait_connections': (9, BRIEF),
    'server.wait_failure': (9, BRIEF),
    'route.assert_not_requested': ('GET', '/never'),
    'route.assert_requested_in_order': ({},),
    'route.enqueue': (503,),
    'route.take_request': (BRIEF,),
    'route.take_request_async': (BRIEF,),
    'route.wait': (9, BRIEF),
    'route.wait_async': (9, BRIEF),
    'data.get': ('a',),
    'data.has_key': ('a',),
    'data.pop': ('a', None),
    'data.setdefault': ('response_status', 200),
    'data.update': ({'response_status': 201},),
}

#: What has no public name of its own: functions of the server.
BESIDE = {
    'str(server)': str,
    'data[...] = ': lambda server: server.data.__setitem__('a', 1),
    'data == ': lambda server: server.data == {'a': 1},
    'repr(data)': lambda server: repr(server.data),
    'del data[...]': lambda server: server.data.pop('path', None),
    'stop and start': lambda server: (server.stop(), server.start()),
    'start and stop in another thread': lambda server: in_threads(
        lambda name: getattr(server, name)(), ['start', 'stop', 'start'], 1),
    'history in another thread': lambda server: in_threads(
        lambda _: server.history, [0], 1),
    'a request': lambda server: ask(server, '/inner'),
    'a request and a wait for it': lambda server: (
        ask(server, '/inner'), server.wait(1, TIMEOUT, path='/inner')),
}


def owners(server):
    """Return what has public names, by the name that it has here."""
    return {'server': server, 'route': server.route('GET', '/route'), 'data': server.data}


def public_names():
    with http_server() as server:
        found = owners(server)
        return ['%s.%s' % (owner, name) for owner in sorted(found) for name in dir(found[owner])
                if not name.startswith('_')
                # It makes the data of no server.
                and name != 'fromkeys']


NAMES = public_names() + sorted(BESIDE)


def call(server, name):
    """Use *name*; what it raises must be what it raises anywhere."""
    try:
        if name in BESIDE:
            BESIDE[name](server)
            return
        owner, attribute = name.split('.')
        value = getattr(owners(server)[owner], attribute)
        if callable(value):
            made = value(*ARGUMENTS.get(name, ()))
            if name.startswith('server.start_'):
                made.stop()
    except (AssertionError, KeyError):
        # Nothing was requested, or data is empty.
        pass
    except EnvironmentError:
        # A client may find that the server was stopped.
        if 'request' not in name:
            raise
    except RuntimeError:
        # No event loop runs here, and the server is no proxy.
        if not name.endswith(('_async', '.environ', '.intercept')):
            raise


def ask(server, path='/'):
    """Make one request, and take what comes until the end or a second of silence."""
    try:
        with Client(server, timeout=2) as client:
            client.send(request('GET', path, 'Connection: close'))
            client.rest()
    except (EnvironmentError, AssertionError):
        # The server was stopped.
        pass


class Once(object):
    """Uses a name when it is called first, and sets ``done`` then."""

    def __init__(self, name):
        self.name = name
        self.server = None
        self.error = None
        self.done = threading.Event()
        self._begun = threading.Lock()

    def __call__(self, *_):
        if self.server is not None and self._begun.acquire(False):
            try:
                call(self.server, self.name)
            except BaseException:
                self.error = traceback.format_exc()
            finally:
                self.done.set()
        return True

    def wait(self, timeout):
        """Be the value of a response_hold."""
        return self()

    def __eq__(self, other):
        """Be the value of a criterion."""
        return self()

    __hash__ = None


# Where it is called from: functions of (server, once), after which it was called.

def from_callback(server, once):
    server.data['response_callback'] = lambda request: once() and {}
    ask(server)


def from_value(server, once):
    server.enqueue(response_headers=lambda request: {'X-A': str(once())})
    ask(server)


def from_callback_of_a_route(server, once):
    server.route('GET', '/', response_callback=lambda request: once() and 204)
    ask(server)


def from_match(server, once):
    server.route(match=once, response_status=204)
    ask(server)


def from_path(server, once):
    server.route(path=once)
    ask(server)


def from_equality(server, once):
    server.route(query={'a': once})
    ask(server, '/?a=b')


def from_hold(server, once):
    server.data['response_hold'] = once
    ask(server)


def from_content(server, once):
    def pieces(request):
        yield b'a'
        once()
        yield b'b'

    server.data['response_content'] = pieces
    ask(server)


def from_the_end_of_content(server, once):
    def pieces(request):
        try:
            yield b'a'
        finally:
            once()

    server.data['response_content'] = pieces
    ask(server)


def from_handler(server, once):
    server.data['once'] = once
    ask(server, '/handler')


def from_state(server, once):
    server.data['once'] = once
    ask(server, '/state')


def from_a_method(server, once):
    server.data['once'] = once
    try:
        with Client(server) as client:
            client.send(request('ONCE', '/', 'Connection: close'))
            client.rest()
    except EnvironmentError:
        pass


def from_a_check_of_a_key(server, once):
    server.data['response_own'] = once


def from_a_wait(server, once):
    ask(server)
    try:
        server.wait(1, BRIEF, match=once)
    except AssertionError:
        # There was a reset.
        pass


def from_assert_requested(server, once):
    ask(server)
    server.assert_requested(match=once)


def from_a_finalizer(server, once):
    server.data['freed'] = Freed(once)
    server.data['freed'] = None
    collect(once)


def from_a_finalizer_that_a_reset_runs(server, once):
    server.enqueue(response_hold=Freed(once))
    server.reset()
    collect(once)


def from_a_finalizer_in_a_connection(server, once):
    server.data['freed'] = Freed(once)
    ask(server, '/freed')
    collect(once)


def collect(once):
    """Have a finalizer run on a Python that does not count references."""
    if not once.done.is_set():
        gc.collect()


class Freed(object):
    def __init__(self, once):
        self._once = once

    def __del__(self):
        self._once()

    def wait(self, timeout):
        return True


class LogHandler(logging.Handler):
    def __init__(self, once):
        super(LogHandler, self).__init__()
        self.emit = once


@contextlib.contextmanager
def logging_to(once):
    """Have each record of the package's log use the name."""
    handler, logger = LogHandler(once), logging.getLogger('httptestserver')
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def from_a_log_handler(server, once):
    with logging_to(once), Client(server) as client:
        client.send(b'malformed\r\n\r\n')
        client.rest()
        assert once.done.wait(TIMEOUT)


def from_a_log_handler_in_the_accepting_thread(server, once):
    def no_thread(worker):
        Worker.start = start
        raise RuntimeError("can't start new thread")

    start, Worker.start = Worker.start, no_thread
    try:
        with logging_to(once):
            ask(server)
            assert once.done.wait(TIMEOUT)
    finally:
        Worker.start = start


class Calling(Handler):
    """Calls what data holds."""

    response_keys = {'response_own': lambda key, value: value() and None}

    def handle_request(self):
        if self.path == '/handler':
            self.server.data.pop('once', int)()
        if self.path == '/freed':
            self.freed = None
        super(Calling, self).handle_request()

    @property
    def state(self):
        if self.path == '/state':
            self.server.data.pop('once', int)()
        return super(Calling, self).state

    def do_ONCE(self):
        self.server.data.pop('once', int)()
        self.send_response(204)
        self.end_headers()


PLACES = [each for name, each in sorted(globals().items()) if name.startswith('from_')]

FINALIZERS = [place for place in PLACES if 'finalizer' in place.__name__]

#: PyPy runs all finalizers when its garbage is collected, which takes long: one place is enough.
if hasattr(sys, 'pypy_version_info'):
    PLACES = [place for place in PLACES if place not in FINALIZERS[1:]]


def waits_for_itself(place, name):
    """Whether *name* waits there for a thread that waits for *place*, which is no promise."""
    if place is from_a_log_handler:
        # The handler of records has a lock of its own, and the other thread logs.
        return name == 'start and stop in another thread'
    if place is from_a_log_handler_in_the_accepting_thread:
        return 'a request' in name
    # A finalizer may run while its thread has the lock.
    return place in FINALIZERS and ('another thread' in name or 'a request' in name)


def stacks():
    """Return where every thread is."""
    names = {each.ident: each.name for each in threading.enumerate()}
    return '\n'.join('%s:\n%s' % (names.get(ident, ident), ''.join(traceback.format_stack(frame)))
                     for ident, frame in sys._current_frames().items())


def in_time(function, *args):
    """Call *function* in another thread, and fail with all stacks if it does not end."""
    errors = []

    def run():
        try:
            function(*args)
        except BaseException:
            errors.append(traceback.format_exc())

    thread = threading.Thread(target=run)
    thread.daemon = True
    thread.start()
    thread.join(TIMEOUT)
    assert not thread.is_alive(), 'it hangs:\n' + stacks()
    assert errors == []


def a_sixth(row, column):
    """Whether a case is in a sixth of the table that has each place and each name."""
    return (row + column) % 6 == 0


@pytest.mark.parametrize('place, name', [
    pytest.param(place, name, id='%s-%s' % (place.__name__[5:], name),
                 marks=() if a_sixth(row, column) else thorough)
    for row, place in enumerate(PLACES) for column, name in enumerate(NAMES)
    if not waits_for_itself(place, name)])
def test_user_code_may_use_the_server_that_calls_it(monkeypatch, place, name):
    if name == 'start and stop in another thread':
        # The user code that is waited for waits for this stop.
        set_patience(monkeypatch.setattr, BRIEF)
    once = Once(name)
    with http_server(handler=Calling) as server:
        once.server = server
        in_time(place, server, once)
        eventually(once.done.is_set)
        in_time(server.stop)
        assert once.error is None, once.error


def test_arguments_are_of_names_that_exist():
    here = set(public_names())
    # Python 2 has it.
    assert set(ARGUMENTS) - here <= set(['data.has_key'])
