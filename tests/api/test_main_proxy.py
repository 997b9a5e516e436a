# -*- coding: utf-8 -*-
"""The command line as a proxy: what it prints, and what clients in other processes get."""
import json
import os
import shlex
import subprocess
import sys

import pytest

from httptestserver.__main__ import main
from support.command_line import Command, shown
from support.marks import needs_extra, thorough

#: The client of a process that knows nothing but the variables.
FETCH = ('import sys, urllib.request as request\n'
         'print(request.urlopen(sys.argv[1]).read().decode())')


class Proxy(Command):
    """A command whose greeting has variables. Its process may not ask the network."""

    module = 'support.guarded'

    def __enter__(self):
        self.read_greeting(self.process.stdout)
        return self

    def __exit__(self, *error):
        # If it is killed it leaves the files of its authority.
        self.process.terminate()
        self.process.wait()
        super(Proxy, self).__exit__(*error)

    def read_greeting(self, stream):
        self.url = next(word for word in stream.readline().split() if '://' in word)
        self.lines = list(iter(lambda: stream.readline().rstrip('\n'), 'Then try:'))
        # A line is one shell command: export NAME=value.
        self.variables = dict(shlex.split(line)[1].split('=', 1) for line in self.lines)
        self.curl = stream.readline().strip()

    def fetch(self, url):
        """Return what a client in a process of its own prints."""
        return subprocess.check_output(
            [sys.executable, '-W', 'error', '-c', FETCH, url], universal_newlines=True,
            env=dict(os.environ, **self.variables)).strip()


class JsonProxy(Proxy):
    """The same with ``--json``."""

    def __enter__(self):
        self.read_greeting(self.process.stderr)
        return self


@pytest.fixture
def script(tmpdir):
    path = tmpdir.join('api.json')
    path.write(json.dumps({'routes': [
        {'path': 'https://api.example.com/users/{id}', 'response_json': {'name': 'Ada'}},
        {'path': 'http://plain.example/', 'response_content': 'plain'},
        {'method': 'CONNECT', 'path': 'down.example.com:443', 'response_status': 502}]}))
    return str(path)


@needs_extra
def test_a_client_with_its_variables_reaches_any_host(script):
    with Proxy('--proxy', '--script', script) as command:
        assert [line for line in command.lines if not line.startswith('export ')] == []
        assert command.fetch('https://api.example.com/users/7') == '{"name": "Ada"}'
        assert command.fetch('http://plain.example/') == 'plain'
        assert shown(command.line()) == 'tunnel: connection 0 to api.example.com:443'
        assert shown(command.line()) == (
            'GET https://api.example.com/users/7 -> 200, 0 B in, 15 B out')
        assert shown(command.line()) == 'GET http://plain.example/ -> 200, 0 B in, 5 B out'
        status, output, _ = command.end()
    assert (status, output) == (0, '')
    assert not os.path.exists(command.variables['SSL_CERT_FILE'])


@thorough
@needs_extra
def test_the_command_to_try_works():
    with Proxy('--proxy', '--content', 'good day') as command:
        try:
            output = subprocess.check_output(
                shlex.split(command.curl) + ['--silent', '--show-error'],
                env=dict(os.environ, **command.variables))
        except EnvironmentError:
            pytest.skip('no curl')
        assert output.endswith(b'good day')
        assert shown(command.line()) == 'tunnel: connection 0 to api.example.com:443'
        assert shown(command.line()) == (
            'POST https://api.example.com/ -> 200, 5 B in, 8 B out')


@thorough
@needs_extra
def test_a_tunnel_that_is_refused_is_a_line(script):
    with Proxy('--proxy', '--script', script) as command:
        with pytest.raises(subprocess.CalledProcessError):
            command.fetch('https://down.example.com/')
        assert shown(command.line()) == 'CONNECT down.example.com:443 -> 502, 0 B in, 0 B out'


@thorough
@needs_extra
def test_a_script_may_end_the_handshake_in_a_tunnel(tmpdir):
    tmpdir.join('api.json').write(json.dumps({'queue': [
        {'response_fault': 'disconnect', 'response_fault_at': 'handshake'}]}))
    with Proxy('--proxy', '--script', str(tmpdir.join('api.json'))) as command:
        with pytest.raises(subprocess.CalledProcessError):
            command.fetch('https://api.example.com/')
        assert shown(command.line()) == 'tunnel: connection 0 to api.example.com:443'
        assert command.fetch('https://api.example.com/') == ''
        assert shown(command.line()) == 'tunnel: connection 1 to api.example.com:443'


@needs_extra
def test_json_has_the_tunnel_and_variables_are_errors(script):
    with JsonProxy('--proxy', '--json', '--script', script) as command:
        command.fetch('https://api.example.com/users/7')
        command.fetch('http://plain.example/')
        opened, tunnelled, direct = [json.loads(command.line()) for _ in range(3)]
        assert command.end()[:2] == (0, '')
    assert opened.pop('time') <= tunnelled['time']
    assert opened == {'type': 'tunnel', 'connection': 0, 'target': 'api.example.com:443'}
    assert tunnelled['tunnel'] == 'api.example.com:443' and direct['tunnel'] is None
    assert tunnelled['request']['target'] == '/users/7'
    assert tunnelled['request']['url'] == 'https://api.example.com/users/7'
    assert tunnelled['index'] == 0 and tunnelled['tls']['sni'] == 'api.example.com'
    assert direct['request']['url'] == 'http://plain.example/' and direct['tls'] is None


@thorough
@needs_extra
def test_a_har_file_has_the_urls_of_tunnels(script, tmpdir):
    path = tmpdir.join('a.har')
    with Proxy('--proxy', '--script', script, '--har', str(path)) as command:
        command.fetch('https://api.example.com/users/7')
        assert command.end()[0] == 0
    entry, = json.loads(path.read())['log']['entries']
    assert entry['request']['url'] == 'https://api.example.com/users/7'


@pytest.mark.parametrize('options, error', [
    (['--proxy', '--https'], '--proxy and --https exclude each other'),
    (['--proxy', '--unix', '/nowhere/a'], '--proxy and --unix exclude each other'),
    (['--proxy', '--hosts', 'a.example'], '--proxy and --hosts exclude each other'),
    (['--proxy', '--certificate', 'expired'], '--proxy and --certificate exclude each other'),
    (['--proxy', '--client-cafile', 'a'], '--proxy and --client-cafile exclude each other')])
def test_what_no_proxy_can_be_is_refused(capsys, options, error):
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    assert error in capsys.readouterr()[1]


@pytest.mark.skipif(sys.version_info >= (3, 8), reason='this Python can have the extra')
def test_a_proxy_needs_a_newer_python(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--proxy'])
    assert ended.value.code == 2
    assert "--proxy needs the extra tls: pip install 'httptestserver[tls]'" in (
        capsys.readouterr()[1])
