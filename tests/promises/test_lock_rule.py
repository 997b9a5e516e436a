# -*- coding: utf-8 -*-
"""No code of a test and no I/O runs under a lock: every feature is driven with the locks watched.

There are four locks. What a thread may do while it holds one of them:

=================  ===========================================================================
guard              of a server's data, history, queues and routes: look at them, change them,
                   set an event. No I/O at all, and nothing that a test wrote.
lifecycle          of starting and stopping: bind the address and free it, start the accepting
                   thread and await its end for a bounded time, and take the guard.
listener           of the connections and their threads: look, change, and end a connection
                   (shutdown and close, neither of which blocks).
tls                of the contexts that were made: look and change; files are read before.
=================  ===========================================================================

One thing is let pass: a request that history_limit drops, or that a route's data showed, is
freed under the guard, and with it what a handler of the test's recorded. What that runs may use
the server, but must not wait for another thread that does.

They are reentrant, for a signal handler or a finalizer may run at any moment, in a thread that
holds one; and they are taken in that order only, lifecycle before guard, the others alone.
"""
from __future__ import unicode_literals

import gc
import logging
import os
import pickle
import sys
import threading
import types

import pytest

import httptestserver
from httptestserver import tls
from httptestserver.recording.request import facts_of
from httptestserver.scripting.vocabulary import FAULTS, MOMENTS, VOCABULARY
from httptestserver.server import Handler
from support.client import Client, request
from support.inside import listener_of
from support.marks import both_schemes, thorough
from support.servers import serve
from support.waiting import TIMEOUT, eventually

pytestmark = thorough

PACKAGE = os.path.dirname(os.path.abspath(httptestserver.__file__))

#: Modules of the standard library whose Python code a lock's holder may run, by lock. PyPy has
#: the clocks' functools.partial in Python.
LIBRARY = {
    'guard': ('threading', 'functools'),
    'lifecycle': ('threading', 'functools', 'socket', 'socketserver', 'SocketServer', 'weakref',
                  '_weakrefset', 'encodings', 'idna', 'enum', 'six', '__init__', 'http.server',
                  'server'),
    'listener': ('threading', 'functools', 'socket', 'ssl'),
    'tls': ('threading',),      # of which Python 2 makes its locks
}

#: Calls of I/O, which in C have these for their module or that of their object's type.
IO = ('_socket', 'socket', '_ssl', 'ssl', 'select', 'posix', 'nt', '_io', 'io', 'file')

#: What a lock's holder may call of those, by lock.
IO_ALLOWED = {
    'guard': (),
    'lifecycle': ('getaddrinfo', 'socket', 'bind', 'listen', 'setsockopt', 'getsockname', 'fileno',
                  'getpid', 'SocketType', '_check_closed', 'close', 'detach', 'gettimeout',
                  'settimeout', 'getdefaulttimeout', 'shutdown', '_real_close',
                  '__init__',           # of a socket, on PyPy
                  'sleep'),             # where Python 2 awaits the end of the accepting thread
    'listener': ('shutdown', 'close', '_real_close', 'detach', 'fileno'),
    'tls': (),
}

ORDERS = ((), ('guard',), ('lifecycle',), ('lifecycle', 'guard'), ('listener',), ('tls',))


class Watch(object):
    """Sees what runs in which thread, and notes what must not run under a lock."""

    def __init__(self):
        self.found = []             # what broke the rule
        self.seen = set()           # locks that were held when something ran
        self._servers = []
        self._listeners = []

    def add(self, server):
        """Watch the locks of *server*: the one place that knows what they are called."""
        self._servers.append(server)
        return server

    def held(self):
        """Return the names of the locks that this thread holds."""
        names = []
        for server in self._servers:
            for listener in list(server._listeners):
                if not any(each is listener for each in self._listeners):
                    self._listeners.append(listener)
            names += ['lifecycle'] * server._lifecycle._is_owned()
            names += ['guard'] * server._router.guard.lock._is_owned()
        names += ['listener' for each in self._listeners if each._lock._is_owned()]
        names += ['tls'] * tls._lock._is_owned()
        return tuple(names)

    def __call__(self, frame, event, arg):
        if event not in ('call', 'c_call'):
            return
        held = self.held()
        if not held:
            return
        self.seen.update(held)
        if held not in ORDERS:
            self.note(held, frame, 'in this order')
        for lock in held:
            if event == 'call' and not self.may_run(lock, frame.f_code):
                self.note(held, frame, 'Python code')
            if event == 'c_call' and not self.may_call(lock, arg):
                self.note(held, frame, repr(arg))

    def may_run(self, lock, code):
        path = os.path.abspath(code.co_filename)
        if path.startswith(PACKAGE + os.sep) or code.co_filename.startswith('<'):
            return True
        name = os.path.splitext(os.path.basename(path))[0]
        library = os.path.dirname(os.path.abspath(threading.__file__))
        return path.startswith(library) and name in LIBRARY[lock]

    def may_call(self, lock, function):
        owner = getattr(function, '__self__', None)
        kind = getattr(function, '__objclass__', owner if isinstance(owner, type) else type(owner))
        modules = (getattr(function, '__module__', None), getattr(kind, '__module__', None),
                   getattr(owner, '__name__', None) if isinstance(owner, types.ModuleType) else '')
        name = getattr(function, '__name__', '')
        io = name == 'sleep' or any(module in IO for module in modules)
        return name in IO_ALLOWED[lock] or not io

    def note(self, held, frame, what):
        self.found.append('%s under %s in %s:%d %s, called from %s' % (
            what, ' and '.join(held), frame.f_code.co_filename, frame.f_lineno,
            frame.f_code.co_name, frame.f_back and '%s:%d' % (
                frame.f_back.f_code.co_filename, frame.f_back.f_lineno)))

    def __enter__(self):
        gc.disable()            # it runs code of others' whenever it comes, under a lock as well
        if hasattr(gc, 'hooks'):
            gc.hooks.reset()    # PyPy calls them even so
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)
        threading.setprofile(None)
        gc.enable()


@pytest.fixture
def watch():
    """A `Watch` of this thread and those that it starts; what it finds fails the test."""
    with Watch() as watch:
        yield watch
    assert watch.found == []


class Telling(logging.Handler):
    """A handler of log records that is code of the test's, as every other."""

    def __init__(self):
        super(Telling, self).__init__()
        self.told = []

    def emit(self, record):
        self.told.append(record.getMessage())


@pytest.fixture
def telling():
    logger, handler = logging.getLogger('httptestserver'), Telling()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


# What a test may give, all of it code of this module, so that it is found wherever it runs.

class Equal(object):
    """Equals anything, and says so in code of its own."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 1

    def __repr__(self):
        return 'Equal()'


class Text(str):
    """A str with code of its own wherever a str has some."""

    def __eq__(self, other):
        return str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return str.__hash__(self)

    def __repr__(self):
        return 'Text()'

    def __str__(self):
        return str.__str__(self)


class Unprintable(Exception):
    """An exception whose text is made by code of its own."""

    def __str__(self):
        return 'told by code'

    __repr__ = __str__


class Hold(object):
    def wait(self, timeout):
        return True


class Iterable(object):
    def __init__(self, pieces):
        self.pieces = pieces

    def __iter__(self):
        for piece in self.pieces:
            yield piece

    def close(self):
        pass


def fail(request):
    raise Unprintable()


def made(value):
    """Return a callable that makes *value* for a request."""
    def make(request):
        repr(request), request.method, request.query
        return value
    return make


class Own(Handler):
    """Overrides all that may be overridden."""

    response_keys = {'response_own': lambda key, value: repr(value)}

    def handle_request(self):
        self.own = Equal()
        super(Own, self).handle_request()

    def update_state(self):
        super(Own, self).update_state()

    def save_history(self):
        super(Own, self).save_history()

    @property
    def state(self):
        return dict(super(Own, self).state, stated=Equal(), path=Text(self.path))

    def do_WRITE(self):
        self.script
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'written')
        self.wfile.flush()

    def do_FAIL(self):
        raise Unprintable()

    def log_message(self, format, *args):
        super(Own, self).log_message(format, *args)


@pytest.fixture
def path(tmpdir):
    tmpdir.join('content').write('from a file')
    return Path(str(tmpdir.join('content')))


class Path(object):
    """A path object, on every Python."""

    def __init__(self, path):
        self._path = path

    def __fspath__(self):
        return self._path

    def __str__(self):
        return self._path


#: For each key values of it, where a function takes what a test has and returns the value.
VALUES = {
    'response_status': [201, made(202)],
    'response_reason': ['Fine', made('Fine')],
    'response_headers': [{Text('X-A'): Text('b')}, made([('X-A', 'b')])],
    'response_content': [b'bytes', 'text', Text('text'), Iterable([b'a', 'b']), 'path',
                         made(b'made'), made(Iterable([b'a']))],
    'response_json': [{'a': [1]}, made({'a': 1})],
    'response_trailers': [{'X-A': 'b'}, made({'X-A': 'b'})],
    'response_informational': [[(103, {'X-A': 'b'})], made([(103, {})])],
    'response_timeout': [0.01, made(0.01)],
    'response_hold': [Hold()],
    'response_rate': [1e6, made(1e6)],
    'response_fault': list(FAULTS) + [made('disconnect')],
    'response_fault_at': list(MOMENTS) + [2, made('body'), made('end')],
    'response_raw': [b'HTTP/1.0 200 OK\r\n\r\n', made(b'raw')],
    'response_callback': [made(204), made(made(b'made')), fail, made({'response_status': 1})],
    'response_times': [1, 2],
    'response_clear': [True],
    'response_reset': [True, made(True)],
    'response_own': [Equal(), made(Equal())],
}

#: What stands beside a key, for it to have an effect.
BESIDE = {
    'response_fault_at': {'response_fault': 'disconnect', 'response_content': b'content'},
    'response_trailers': {'response_content': Iterable([b'a'])},
    'response_rate': {'response_content': b'x' * 100},
    'response_times': {'response_callback': fail},
    'response_clear': {'response_headers': {'X-A': 'b'}},
    'response_reset': {'response_headers': {'X-A': 'b'}},
}


def ask(server, *octets):
    """Send requests, one connection for each, and take what comes until the end or a stall."""
    for each in octets or [request('GET', '/a?b=c', 'Connection: close')]:
        try:
            with Client(server, timeout=0.2) as client:
                client.send(each)
                client.rest()
        except (EnvironmentError, AssertionError, ValueError):
            pass                    # where a fault ends it


def test_values_of_every_key_are_driven():
    assert set(VALUES) - set(Own.response_keys) == set(VOCABULARY)


@both_schemes
@pytest.mark.parametrize('key', sorted(VALUES))
def test_no_code_of_a_test_runs_under_a_lock_for_a_key(watch, telling, path, scheme, key):
    with watch.add(serve(scheme, handler=Own)) as server:
        for value in VALUES[key]:
            if scheme == 'http' and value == 'handshake':
                continue
            script = dict(BESIDE.get(key, {}), **{str(key): path if value == 'path' else value})
            server.data.update(script)
            ask(server)
            server.reset()
            server.data.update(script)
            server.data[key] = script[key]      # it replaces what was there
            server.reset()
            server.enqueue(script)
            ask(server)
            server.reset()
            if value not in ('accept', 'handshake'):
                server.route('GET', '/a', **script).enqueue(script)
                ask(server)
                ask(server)
            server.reset()
    assert set(['guard', 'lifecycle', 'listener']) <= watch.seen


@both_schemes
@pytest.mark.parametrize('criteria', [
    {'method': [Text('GET')]}, {'path': Text('/{name}')}, {'path': lambda path: True},
    {'query': {'b': Equal()}}, {'headers': {'Host': Equal()}}, {'body': Equal()},
    {'json': Equal()}, {'form': {'a': Equal()}}, {'cookies': {'a': Equal()}},
    {'match': lambda request: True}, {'match': lambda request: False}, {'match': fail},
], ids=lambda criteria: ' '.join(criteria))
def test_no_criterion_is_tried_under_a_lock(watch, telling, scheme, criteria):
    octets = request('POST', '/a?b=c', 'Connection: close', 'Cookie: a=b', body=b'{"a": 1}')
    with watch.add(serve(scheme, handler=Own)) as server:
        route = server.route(response_status=201, **criteria)
        ask(server, octets)
        ask(server)
        for endpoint in (server, route):
            for call in (lambda: endpoint.wait(1, 0.01, **criteria),
                         lambda: endpoint.wait(9, 0.01, **criteria),
                         lambda: endpoint.assert_requested(count=9, **criteria),
                         lambda: endpoint.assert_not_requested(**criteria),
                         lambda: [endpoint.take_request(0.01) for _ in range(9)],
                         lambda: server.check(unserved=True)):
                with pytest.raises((AssertionError, Unprintable)):
                    call()
                    raise AssertionError('nothing wrong')
        repr(route), server.unmatched
        route.remove()
        server.reset()
    assert 'guard' in watch.seen


OCTETS = {
    'malformed': b'no request\r\n\r\n',
    'left in the head': b'GET /',
    'left in the body': b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf',
    'chunked': request('POST', '/', 'Transfer-Encoding: chunked') + b'1\r\na\r\n0\r\n\r\n',
    'expecting': request('POST', '/', 'Expect: 100-continue', 'Content-Length: 1'),
    'written': request('WRITE', '/', 'Connection: close'),
    'failing': request('FAIL'),
    'of HTTP/1.0': b'GET / HTTP/1.0\r\n\r\n',
}


@both_schemes
@pytest.mark.parametrize('octets', sorted(OCTETS))
def test_no_io_happens_under_a_lock_whatever_a_client_sends(watch, telling, scheme, octets):
    with watch.add(serve(scheme, handler=Own, history_limit=1, body_limit=2)) as server:
        for _ in range(2):
            ask(server, OCTETS[octets])
            with Client(server, tls=False, timeout=0.2) as client:
                client.send(OCTETS[octets])
        server.failures, server.unmatched, server.history
        server.reset()
    assert 'guard' in watch.seen


@both_schemes
def test_no_code_of_a_test_runs_under_a_lock_when_data_are_used(watch, scheme):
    with watch.add(serve(scheme, handler=Own)) as server:
        data = server.data
        for key in ('response_content', 'response_own', 'own'):
            data[key] = Iterable([b'a'])
            data.setdefault(key, Iterable([b'b']))
            data.pop(key)
            data.setdefault(key, Equal()) if key != 'response_content' else None
            data.pop(key, None)
            data.update({key: Iterable([])})
            data.update([(key, Iterable([]))])
            data.update(**{str(key): Iterable([])})
            data == {key: Equal()}, data != {key: Equal()}, data == data
            repr(data), list(data.items()), list(data.keys()), list(data.values())
            key in data, len(data), data.get(key), data.copy(), server.response_data
            del data[key]
        with pytest.raises((TypeError, ValueError)):
            data['response_statsu'] = Equal()
        with pytest.raises((TypeError, ValueError)):
            data.setdefault('response_status', Equal())
        data['text'] = 'text'
        data.popitem()
        ask(server)
        data['response_own'] = 5
        data.clear()
        entry = server.history[-1]
        entry == entry, entry.copy(), repr(entry), facts_of(entry)
    assert 'guard' in watch.seen


@both_schemes
def test_no_code_of_a_test_runs_under_a_lock_when_a_server_is_shown(watch, scheme):
    with watch.add(serve(scheme)) as server:
        server.data['response_content'] = 'text'
        ask(server)
        server.har(), repr(server), server.url('/a'), server.cafile, server.client_context()
        pickle.loads(pickle.dumps(server.data.copy() and server.response_data))
        pickle.loads(pickle.dumps(server.history, 2))
        server.check(unserved=True)
    assert 'guard' in watch.seen


@both_schemes
def test_locks_are_held_for_nothing_else_when_servers_start_and_stop(watch, telling, scheme):
    started = threading.Event()

    def stopping(request):
        server.stop()
        server.start()
        started.set()
        return 200

    tls._contexts.clear()
    server = watch.add(serve(scheme, handler=Own))
    server.data['response_callback'] = stopping
    ask(server)
    assert started.wait(TIMEOUT)
    server.data.clear()
    with Client(server) as idle, Client(server) as silent:
        idle.get()
        server.data.update(response_fault='stall')
        silent.send(request('GET', '/stalled'))
        eventually(lambda: server.history[-1]['path'] == '/stalled')
        server.reset()
        server.stop()
        server.stop()
    server.start()
    server.start()
    with server:
        ask(server)
    assert set(['guard', 'lifecycle', 'listener']) <= watch.seen


class Freed(object):
    """Runs code of the test's when nobody has it any more."""

    freed = 0

    def __call__(self, request):
        return b'made'

    def __del__(self):
        Freed.freed += 1


def overwrite(server):
    server.data['response_content'] = Freed()
    server.data['own'] = Freed()
    server.data.update(response_content=b'', own=None)


def clear(server):
    server.data.update(response_content=Freed(), own=Freed())
    server.data.clear()


def pop(server):
    server.data.update(response_content=Freed(), own=Freed())
    server.data.pop('response_content')
    del server.data['own']


def reset(server):
    server.data['response_content'] = Freed()
    server.enqueue(response_content=Freed())
    server.route('GET', '/x', match=Freed(), response_content=Freed()).enqueue(Freed())
    server.reset()


def reset_of_a_route(server):
    route = server.route('GET', '/x', response_content=Freed())
    route.enqueue(Freed())
    route.reset()
    route.remove()


def serve_once(server):
    server.enqueue(Freed(), {'response_content': Freed()})
    server.data.update(response_content=Freed(), response_clear=True)
    for _ in range(4):
        ask(server)


def answer_and_reset(server):
    server.data.update(response_content=Freed(), response_reset=True)
    ask(server)


@pytest.mark.parametrize('free', [overwrite, clear, pop, reset, reset_of_a_route, serve_once,
                                  answer_and_reset])
def test_what_a_test_gave_is_freed_without_a_lock(watch, free):
    with watch.add(serve('http')) as server:
        before = Freed.freed
        free(server)
        eventually(lambda: gc.collect() and False or Freed.freed > before)
    assert 'guard' in watch.seen


# That a breach is seen.

@pytest.mark.parametrize('breach', [
    lambda: Equal() == 1, lambda: os.listdir('.'), lambda: logging.getLogger('a').info('b'),
    lambda: open(os.devnull).close()], ids=['code of a test', 'I/O', 'logging', 'a file'])
@pytest.mark.parametrize('lock', ['guard', 'lifecycle', 'listener', 'tls'])
def test_a_breach_of_the_rule_is_seen(lock, breach):
    with Watch() as watch, watch.add(serve('http')) as server:
        held = {'guard': server._router.guard.lock, 'lifecycle': server._lifecycle,
                'listener': listener_of(server)._lock, 'tls': tls._lock}[lock]
        breach()
        assert watch.found == []
        with held:
            breach()
    assert watch.found and lock in watch.found[0]


def test_a_wrong_order_of_locks_is_seen():
    with Watch() as watch, watch.add(serve('http')) as server:
        listener = listener_of(server)
        with server._router.guard.lock, listener._lock:
            len(server.history)
    assert 'in this order' in watch.found[0]
