# -*- coding: utf-8 -*-
"""No user code and no I/O runs under a lock: every feature is driven with the locks watched.

There are six kinds of locks:

=================  ===========================================================================
lifecycle          of starting and stopping a server. Its holder may also bind the address and
                   free it, which asks for the address of a name, and await the end of the
                   thread that accepts, for a bounded time.
guard              of a server's data, history, queues and routes.
listener           of the connections and their threads.
interrupt          of an event that ends waits.
tls                of the contexts that were made.
stream             of the buffer and the readers of a stream.
=================  ===========================================================================

One thread holds only those of `TOGETHER` at once. All are reentrant, because a signal handler or a
finalizer may run in a thread that holds one. What a handler of the test's recorded, or what data
shows of it, is freed under the guard, and with that a finalizer runs.
"""
from __future__ import unicode_literals

import gc
import logging
import os
import pickle
import select
import sys
import threading

import pytest

from httptestserver import tls
from httptestserver.recording.request import facts_of
from httptestserver.scripting.vocabulary import FAULTS, MOMENTS, VOCABULARY
from httptestserver.server import Handler
from support.asynchronous import Loop
from support.client import Client, request
from support.inside import locks
from support.marks import both_schemes, thorough
from support.servers import serve
from support.waiting import TIMEOUT, eventually

pytestmark = thorough

#: Files of user code: what a test gives stands in this one, and log handlers are user code too.
USER_CODE = (os.path.abspath(__file__).replace('.pyc', '.py'),
             os.path.abspath(logging.__file__).replace('.pyc', '.py'))

#: Names of functions in C that wait for somebody else.
IO = set('accept connect do_handshake flush getaddrinfo listdir open poll read readinto readline '
         'recv recv_into recvfrom recvfrom_into select send sendall sendto sleep stat unwrap '
         'write'.split())

#: What the holder of a lock may call of those; Python 2 sleeps while it awaits a thread's end.
IO_ALLOWED = {'lifecycle': ('getaddrinfo', 'sleep')}

TOGETHER = (('lifecycle',), ('lifecycle', 'guard'), ('lifecycle', 'guard', 'interrupt'),
            ('lifecycle', 'interrupt'), ('guard',), ('guard', 'interrupt'), ('listener',),
            ('interrupt',), ('tls',), ('stream',), ('lifecycle', 'stream'))


class Watch(object):
    """A context that notes what must not run under a lock, in any thread that is started in it."""

    def __init__(self):
        #: What broke the rule: texts.
        self.found = []
        #: The names of the locks that were held when something ran.
        self.seen = set()
        self._servers = []

    def add(self, server):
        """Watch the locks of *server*, and return it."""
        self._servers.append(server)
        return server

    def held(self):
        """Return the names of the locks that this thread holds, in the order of `locks`."""
        return tuple([name for server in self._servers for name, lock in locks(server)
                      if lock._is_owned()] + ['tls'] * tls._lock._is_owned())

    def __call__(self, frame, event, arg):
        if event not in ('call', 'c_call'):
            return
        held = self.held()
        if not held:
            return
        self.seen.update(held)
        if held not in TOGETHER:
            self.note(held, frame, 'too many')
        if event == 'call' and frame.f_code.co_filename.startswith(USER_CODE):
            self.note(held, frame, 'user code')
        name = getattr(arg, '__name__', None)
        if event == 'c_call' and name in IO and name not in IO_ALLOWED.get(held[0], ()):
            self.note(held, frame, repr(arg))

    def note(self, held, frame, what):
        self.found.append('%s under %s in %s:%d %s, called from %s' % (
            what, ' and '.join(held), frame.f_code.co_filename, frame.f_lineno,
            frame.f_code.co_name, frame.f_back and '%s:%d' % (
                frame.f_back.f_code.co_filename, frame.f_back.f_lineno)))

    def __enter__(self):
        # It would run finalizers at any moment, under a lock as well.
        gc.disable()
        if hasattr(gc, 'hooks'):
            # PyPy calls them even so.
            gc.hooks.reset()
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


class LogHandler(logging.Handler):
    """A handler of log records, which is user code."""

    def __init__(self):
        super(LogHandler, self).__init__()
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


@pytest.fixture
def logged():
    logger, handler = logging.getLogger('httptestserver'), LogHandler()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


# What a test may give. All of it is code of this file, so that the watch knows it.

class Equal(object):
    """Equals anything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 1

    def __repr__(self):
        return 'Equal()'


class Text(str):
    """A str that has all the methods of a str which a comparison or a text may call."""

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
    """An exception whose text user code makes."""

    def __str__(self):
        return 'made by user code'

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
    """The path object of `support` once more, because only code of this file is watched."""

    def __init__(self, path):
        self._path = path

    def __fspath__(self):
        return self._path

    def __str__(self):
        return self._path


#: A server that no one can reach, because port 1 of this machine is reserved.
UNREACHABLE = 'https://127.0.0.1:1'

#: Values of each key.
VALUES = {
    'response_status': [201, made(202)],
    'response_reason': ['Fine', made('Fine')],
    'response_headers': [{Text('X-A'): Text('b')}, made([('X-A', 'b')])],
    'response_content': [b'bytes', 'text', Text('text'), Iterable([b'a', 'b']), 'path',
                         made(b'made'), made(Iterable([b'a']))],
    'response_json': [{'a': [1]}, made({'a': 1})],
    'response_events': [[{Text('data'): Text('a')}], Iterable(['a', b'b']), made(['a'])],
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
    'response_early': [True],
    'response_content_encoding': ['gzip', made('deflate')],
    'response_forward': [UNREACHABLE, made(UNREACHABLE)],
    'response_forward_cafile': [tls.CAFILE, made(tls.CAFILE)],
    'response_ranges': [True, made(True)],
    'response_folder': [os.path.dirname(__file__), made(os.path.dirname(__file__))],
    'response_own': [Equal(), made(Equal())],
}

#: What stands beside a key, for it to have an effect.
BESIDE = {
    'response_content_encoding': {'response_content': b'content'},
    'response_forward_cafile': {'response_forward': UNREACHABLE},
    'response_fault_at': {'response_fault': 'disconnect', 'response_content': b'content'},
    'response_trailers': {'response_content': Iterable([b'a'])},
    'response_ranges': {'response_content': b'content'},
    'response_rate': {'response_content': b'x' * 100},
    'response_times': {'response_callback': fail},
    'response_clear': {'response_headers': {'X-A': 'b'}},
    'response_reset': {'response_headers': {'X-A': 'b'}},
}


def ask(server, *sent):
    """Send requests, one connection for each, and take what comes until the end or a stall."""
    for each in sent or [request('GET', '/a?b=c', 'Connection: close')]:
        try:
            with Client(server, timeout=0.2) as client:
                client.send(each)
                client.rest()
        except (EnvironmentError, AssertionError, ValueError):
            # A fault ended it.
            pass


def test_values_of_every_key_are_driven():
    assert set(VALUES) - set(Own.response_keys) == set(VOCABULARY)


def test_a_loop_is_woken_without_a_lock(watch):
    with Loop() as loop, watch.add(serve('http')) as server:
        server.route('GET', '/a', response_status=204)
        for _ in range(3):
            takes = loop.begun(server.take_request_async, TIMEOUT)
            waits = loop.begun(server.wait_async, 1, TIMEOUT, match=made(True))
            cancelled = loop.begun(server.take_request_async, TIMEOUT)
            cancelled.cancel()
            ask(server, request('GET', '/a', 'Connection: close'))
            assert loop.result(waits) == [loop.result(takes)]
            server.reset()
    assert 'guard' in watch.seen


@both_schemes
@pytest.mark.parametrize('key', sorted(VALUES))
def test_no_user_code_runs_under_a_lock_for_a_key(watch, logged, path, scheme, key):
    with watch.add(serve(scheme, handler=Own)) as server:
        for value in VALUES[key]:
            if scheme == 'http' and value == 'handshake':
                continue
            script = dict(BESIDE.get(key, {}), **{str(key): path if value == 'path' else value})
            server.data.update(script)
            ask(server)
            server.reset()
            server.data.update(script)
            # It replaces what was there.
            server.data[key] = script[key]
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
    {'json_has': {'a': Equal()}}, {'auth': ('a', Equal())}, {'query': {'b': lambda text: True}},
    {'headers': {'Host': fail}}, {'body': fail},
    {'match': lambda request: True}, {'match': lambda request: False}, {'match': fail},
], ids=lambda criteria: ' '.join(criteria))
def test_no_criterion_is_tried_under_a_lock(watch, logged, scheme, criteria):
    sent = request('POST', '/a?b=c', 'Connection: close', 'Cookie: a=b',
                   'Authorization: Basic YTpi', body=b'{"a": 1}')
    with watch.add(serve(scheme, handler=Own)) as server:
        older = server.route(count=3, **criteria)
        route = server.route(response_status=201, **criteria)
        older.enqueue(202)
        ask(server, sent)
        ask(server)
        for endpoint in (server, route):
            for call in (lambda: endpoint.wait(1, 0.01, **criteria),
                         lambda: endpoint.wait(9, 0.01, **criteria),
                         lambda: endpoint.assert_requested(count=9, **criteria),
                         lambda: endpoint.assert_not_requested(**criteria),
                         lambda: endpoint.assert_requested_in_order(*[criteria] * 9),
                         lambda: [endpoint.take_request(0.01) for _ in range(9)],
                         lambda: server.check(unserved=True, unrequested=True)):
                with pytest.raises((AssertionError, Unprintable)):
                    call()
                    raise AssertionError('nothing wrong')
        repr(route), server.unmatched
        route.remove()
        server.reset()
    assert 'guard' in watch.seen


SENT = {
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
@pytest.mark.parametrize('sent', sorted(SENT))
def test_no_io_happens_under_a_lock_whatever_a_client_sends(watch, logged, scheme, sent):
    with watch.add(serve(scheme, handler=Own, history_limit=1, body_limit=2)) as server:
        for _ in range(2):
            ask(server, SENT[sent])
            with Client(server, tls=False, timeout=0.2) as client:
                client.send(SENT[sent])
        server.failures, server.unmatched, server.history
        server.reset()
    assert 'guard' in watch.seen


@both_schemes
def test_no_user_code_runs_under_a_lock_when_data_are_used(watch, scheme):
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
        # The client above does not wait for long.
        server.wait(timeout=TIMEOUT)
        entry = server.history[-1]
        entry == entry, entry.copy(), repr(entry), facts_of(entry)
    assert 'guard' in watch.seen


@both_schemes
def test_no_user_code_runs_under_a_lock_when_a_server_is_shown(watch, scheme):
    with watch.add(serve(scheme)) as server:
        server.data['response_content'] = 'text'
        ask(server)
        server.har(), repr(server), server.url('/a'), server.cafile, server.client_context()
        pickle.loads(pickle.dumps(server.data.copy() and server.response_data))
        pickle.loads(pickle.dumps(server.history, 2))
        server.check(unserved=True)
    assert 'guard' in watch.seen


@both_schemes
def test_no_user_code_and_no_io_runs_under_the_lock_of_a_stream(watch, logged, scheme):
    with watch.add(serve(scheme, handler=Own)) as server:
        for end in (server.reset, server.stop):
            stream = server.stream(limit=100000)
            server.data['response_events'] = stream
            with Client(server) as reading, Client(server) as leaving:
                for client in (reading, leaving):
                    client.send(request())
                stream.wait_opened(2)
                stream.send(Text('a'), event=Text('b'), id=Text('c'))
                stream.send([Text('a')])
                leaving.close()
                stream.wait_closed()
                # The client that does not read is cut at the limit. Then it is kept up to that.
                with pytest.raises(ValueError):
                    while True:
                        stream.write(b'x' * 50000)
                stream.wait_closed(2)
                repr(stream)
                stream.abort('reset')
            end()
            with pytest.raises(ValueError):
                stream.send('late')
    assert set(['guard', 'stream']) <= watch.seen


@both_schemes
def test_locks_are_held_for_nothing_else_when_servers_start_and_stop(watch, logged, scheme):
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


@both_schemes
@pytest.mark.parametrize('fault', ['disconnect', 'reset'])
def test_no_io_happens_under_a_lock_when_connections_are_ended(watch, logged, scheme, fault):
    with watch.add(serve(scheme, handler=Own)) as server:
        server.enqueue(response_timeout=1000)
        with Client(server) as idle, Client(server) as busy, Client(server, tls=False):
            busy.send(request('GET', '/busy'))
            server.wait()
            idle.get()
            server.wait_connections(3)
            server.close_connections(fault)
        with pytest.raises(AssertionError):
            server.wait_connections(1, 0.01)
    assert set(['guard', 'listener']) <= watch.seen


class Freed(object):
    """Runs user code when nobody refers to it any more."""

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
    lambda: Equal() == 1, lambda: logging.getLogger('a').info('b'), lambda: os.stat('.'),
    lambda: select.select([], [], [], 0)],
    ids=['user code', 'logging', 'a file', 'a socket'])
@pytest.mark.parametrize('lock', ['guard', 'lifecycle', 'listener', 'interrupt', 'tls', 'stream'])
def test_a_breach_of_the_rule_is_seen(lock, breach):
    with Watch() as watch, watch.add(serve('http')) as server:
        stream = server.stream()
        breach()
        assert watch.found == []
        with dict(locks(server), tls=tls._lock)[lock]:
            breach()
        stream.close()
    assert watch.found and lock in watch.found[0]


def test_locks_that_are_not_held_together_are_seen():
    with Watch() as watch, watch.add(serve('http')) as server:
        by_name = dict(locks(server))
        with by_name['guard'], by_name['listener']:
            len(server.history)
    assert 'too many' in watch.found[0]
