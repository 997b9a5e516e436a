# -*- coding: utf-8 -*-
"""An interpreter with live servers exits at once, and a forked child is on its own."""
from __future__ import unicode_literals

import textwrap

import pytest

from support.marks import both_schemes, needs_fork
from support.processes import run


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert tuple(capfd.readouterr()) == ('', '')


# Exits.

LIVE = '''
    import atexit, sys, threading, time
    clients = []
    # Registered first, so it runs last: the servers end while the clients are there.
    atexit.register(lambda: [client.close() for client in clients])
    from support.client import Client, request
    from support.servers import serve
    from support.waiting import eventually
    servers = [serve(scheme) for scheme in ('http', 'https') for _ in range(3)]
    for server in servers:
        idle, silent, half, slow = [Client(server) for _ in range(4)]
        clients += [idle, silent, half, slow, Client(server, tls=False)]
        idle.get('/idle')
        half.send(b'GET / HTTP/1.1\\r\\nHost')
        server.data['response_timeout'] = 1000
        slow.send(request('GET', '/slow'))
        eventually(lambda: len(server.history) == 2)
'''


@pytest.mark.parametrize('ending', ['', 'sys.exit(0)', 'del servers, server',
                                    'threading.Thread(target=server.stop).start()',
                                    'import gc; gc.disable(); servers.append(servers)'])
def test_interpreter_ends_at_once_with_live_servers(ending):
    run(textwrap.dedent(LIVE) + ending)


def test_interpreter_ends_at_once_by_an_uncaught_exception():
    errors = run(textwrap.dedent(LIVE) + '1 / 0', expected=1)
    assert errors.rstrip().split('\n')[-1].startswith('ZeroDivisionError')
    assert errors.count('Traceback') == 1


def test_interpreter_ends_at_once_with_a_busy_handler():
    run('''
        import threading
        from httptestserver import start_server
        from httptestserver.server import Handler
        from support.client import Client, request
        entered = threading.Event()
        class Busy(Handler):
            def handle_request(self):
                entered.set()
                threading.Event().wait(1000)
        server = start_server(handler=Busy)
        client = Client(server)
        client.send(request())
        assert entered.wait(20)
    ''')


# Forks.

FORK = '''
    import os, sys
    from support.client import Client
    from support.servers import serve
    server = serve({scheme!r})
    def child(function):
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            function()
            status = 0
        finally:
            os._exit(status)
    def ended(pid):
        return os.waitpid(pid, 0)[1] == 0
'''


@needs_fork
@both_schemes
def test_forked_child_is_a_client_like_any_other(scheme):
    run(FORK + '''
        def get():
            with Client(server) as client:
                assert client.get('/child').status == 200
        assert ended(child(get))
        assert [entry['path'] for entry in server.history] == ['/child']
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
def test_stop_in_a_forked_child_leaves_the_parent_alone(scheme):
    run(FORK + '''
        with Client(server) as idle:
            idle.get()
            assert ended(child(server.stop))
            assert idle.get('/again').status == 200
        with Client(server) as client:
            assert client.get('/new').status == 200
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
def test_a_forked_child_has_no_connections_to_end(scheme):
    run(FORK + '''
        with Client(server) as idle:
            idle.get()
            def end():
                assert server.open_connections == 0
                server.close_connections()
                server.close_connections('reset')
            assert ended(child(end))
            assert idle.get('/again').status == 200
            assert server.open_connections == 1
        reading, writing = os.pipe()
        def start_again():
            server.stop()
            os.read(reading, 1)
            with server.start(), Client(server) as client:
                client.get()
                assert server.open_connections == 1
                server.close_connections()
                assert client.rest() == b''
        pid = child(start_again)
        server.stop()
        os.write(writing, b'x')
        assert ended(pid)
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
def test_port_is_closed_by_stop_while_a_forked_child_lives(scheme):
    run(FORK + '''
        from support.servers import port_is_closed
        reading, writing = os.pipe()
        idle = Client(server)
        idle.get()
        pid = child(lambda: os.read(reading, 1))
        server.stop()
        assert port_is_closed(server)
        assert idle.rest() == b''
        os.write(writing, b'x')
        assert ended(pid)
        idle.close()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
def test_forked_child_starts_servers_of_its_own(scheme):
    run(FORK + '''
        def own():
            with serve({scheme!r}) as mine, Client(mine) as client:
                assert client.get().status == 200
        assert ended(child(own))
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme))


@needs_fork
@both_schemes
@pytest.mark.parametrize('ending', ['server.stop()', 'pass'], ids=['stopping', 'exiting'])
def test_forked_child_ends_though_threads_that_are_not_in_it_hold_the_locks(scheme, ending):
    run(FORK + '''
        import threading, time
        from support.inside import locks
        by_name = dict(locks(server))
        held, leave = threading.Event(), threading.Event()
        def hold():
            with by_name['lifecycle'], by_name['guard'], by_name['listener']:
                held.set()
                leave.wait()
        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        pid = os.fork()
        if not pid:
            {ending}
            sys.exit()                  # as an interpreter exits, which stops its servers
        deadline = time.time() + 20
        while not os.waitpid(pid, os.WNOHANG)[0]:
            if time.time() > deadline:
                os.kill(pid, 9)
                raise AssertionError('the child hangs')
            time.sleep(0.005)
        leave.set()
        holder.join()
        server.stop()
    '''.replace('\n    ', '\n'), scheme=str(scheme), ending=ending)
