# -*- coding: utf-8 -*-
"""The package does without what Windows lacks: see `support.windows`, which takes it away."""
import os
import socket
import subprocess
import sys
import threading

import pytest

from support.client import Client
from support.marks import both_schemes
from support.processes import SOURCES, TESTS, run
from support.waiting import TIMEOUT

ENVIRONMENT = dict(os.environ, PYTHONPATH=os.pathsep.join([SOURCES, TESTS]))


def test_what_is_taken_away_is_gone():
    run('''
        import support.windows
        import os, signal, socket
        for module, name in ((os, 'fork'), (signal, 'SIGALRM'), (socket, 'AF_UNIX')):
            assert not hasattr(module, name), name
        try:
            from fcntl import ioctl
        except ImportError:
            pass
        else:
            raise AssertionError('fcntl is still there')
    ''')


@both_schemes
@pytest.mark.parametrize('host', ['127.0.0.1', 'localhost'])
def test_a_server_serves_and_stops(scheme, host):
    assert run('''
        import support.windows
        from support.client import ask
        from support.servers import Leaks, port_is_closed, serve
        with Leaks():
            with serve({scheme!r}, host={host!r}) as server:
                server.enqueue(response_content=b'x' * 100000)
                assert ask(server, 'POST', body=b'abc').body == b'x' * 100000
                assert server.history[0]['body'] == b'abc'
            print(port_is_closed(server))
    ''', scheme=scheme, host=host).split() == ['True']


def test_stop_does_not_wait_for_its_patience():
    """No connection could wake the accepting thread, if it went to the address for all."""
    assert run('''
        import support.windows
        from httptestserver.waiting import monotonic
        from support.inside import set_patience
        from support.servers import serve
        set_patience(setattr, {patience})
        server = serve('http', host='0.0.0.0')
        begun = monotonic()
        server.stop()
        print(monotonic() - begun < {patience} / 2)
    ''', patience=2 * TIMEOUT).split() == ['True']


@pytest.mark.parametrize('fault', ['disconnect', 'reset', 'stall'])
def test_faults_happen(fault):
    assert run('''
        import itertools
        import support.windows
        from support.client import Client, request
        from support.inside import stalled
        from support.servers import Leaks, serve

        def received(server, is_due):
            with Client(server) as client:
                client.send(request())
                if {fault!r} != 'stall':
                    return client.rest()
                octets = b''
                while is_due and b'01234' not in octets:
                    more = client.socket.recv(1000)
                    assert more
                    octets += more
                stalled(server)
                client.socket.settimeout(0.1)
                try:
                    octets += client.rest()
                except AssertionError as error:
                    # It has waited in vain.
                    octets += str(error).encode()
                assert server.open_connections == 1
                return octets

        for scheme, at in itertools.product(['http', 'https'], ['response', 5, 'end']):
            with Leaks(), serve(scheme) as server:
                server.enqueue(response_content=b'0123456789', response_fault={fault!r},
                               response_fault_at=at)
                octets = received(server, at != 'response')
                assert (b'01234' in octets) == (at != 'response')
                assert server.failures == []
        print('right')
    ''', fault=fault).split() == ['right']


def test_an_address_is_for_one_server():
    """On Windows SO_REUSEADDR would let another server bind the same port."""
    assert run('''
        import support.windows
        import socket
        from httptestserver.serving.listener import Listener
        listener = Listener(('127.0.0.1', 0), None)
        print([listener.socket.getsockopt(socket.SOL_SOCKET, option) != 0
               for option in (support.windows.EXCLUSIVE, socket.SO_REUSEADDR)])
        try:
            Listener(listener.server_address, None)
        except socket.error as error:
            print('in use' in str(error))
        listener.close()
    ''').split() == ['[True,', 'False]', 'True']


def test_here_an_address_can_be_used_again_at_once():
    if hasattr(socket, 'SO_EXCLUSIVEADDRUSE'):
        pytest.skip('this is Windows')
    assert run('''
        import socket
        from httptestserver.serving.listener import Listener
        listener = Listener(('127.0.0.1', 0), None)
        print([listener.socket.getsockopt(socket.SOL_SOCKET, option) != 0
               for option in (socket.SO_KEEPALIVE, socket.SO_REUSEADDR)])
        listener.close()
    ''').split() == ['[False,', 'True]']


class Served(object):
    """A context of a command line in a process of its own, as a server that `Client` takes."""

    scheme, host = 'http', '127.0.0.1'

    def __init__(self, *options):
        code = 'import sys, support.windows; from httptestserver.__main__ import main; ' \
               'sys.exit(main(sys.argv[1:]))'
        self.process = subprocess.Popen(
            [sys.executable, '-c', code] + list(options), env=ENVIRONMENT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        self._patience = threading.Timer(3 * TIMEOUT, self.process.kill)

    def __enter__(self):
        self._patience.start()
        greeting = self.process.stdout.readline()
        assert 'Serving http://127.0.0.1:' in greeting
        self.port = int(greeting.split(':')[2].split('/')[0])
        return self

    def __exit__(self, *error):
        self._patience.cancel()
        self._patience.join()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def test_the_command_line_serves_shows_and_ends(tmpdir):
    har = tmpdir.join('traffic.har')
    with Served('--count', '1', '--status', '418', '--har', str(har)) as served:
        with Client(served) as client:
            assert client.get('/tea').status == 418
        assert served.process.wait() == 0
        assert 'GET /tea -> 418' in served.process.stdout.read()
    assert '"status": 418' in har.read()


def test_the_modules_of_the_tests_are_imported():
    """None of them uses what Windows lacks at once. To collect the tests takes far longer."""
    modules = [os.path.join(folder, name) for folder, _, names in os.walk(TESTS)
               if os.path.basename(folder) not in ('end_to_end', 'session_servers', 'typing')
               for name in names if name.startswith('test_') and name.endswith('.py')]
    assert run('''
        import pytest
        import support.windows
        import os, runpy, sys, warnings
        warnings.simplefilter('ignore')
        for module in {modules!r}:
            sys.path[0] = os.path.dirname(module)
            try:
                runpy.run_path(module, run_name='windows')
            except pytest.skip.Exception:
                pass
        print('right')
    ''', modules=modules).split() == ['right']
