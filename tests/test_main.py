# -*- coding: utf-8 -*-
"""The command line: what it prints, how it answers, how it ends."""
import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading

import pytest
from six.moves.http_client import HTTPConnection, HTTPSConnection
from six.moves.urllib.parse import urlsplit

import httptestserver
from httptestserver import tls
from httptestserver.__main__ import main

PATIENCE = 30           # seconds until a command that hangs is killed, which fails its test
SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(httptestserver.__file__)))

both_schemes = pytest.mark.parametrize('options', [[], ['--https']], ids=['http', 'https'])


class Command(object):
    """``python -m httptestserver`` in a process of its own; use as a context."""

    def __init__(self, *options, **settings):
        path = os.pathsep.join([SOURCES] + os.environ.get('PYTHONPATH', '').split(os.pathsep))
        environment = dict(os.environ, PYTHONPATH=path)
        environment.pop('PYTHONUNBUFFERED', None)       # each line is flushed without it
        command = [sys.executable, '-W', 'error', '-m', 'httptestserver'] + list(options)
        self.process = subprocess.Popen(
            settings.get('before', []) + command, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        self._patience = threading.Timer(PATIENCE, self.process.kill)
        self._patience.start()

    def __enter__(self):
        self.greeting = self.line()
        self.curl = self.line().strip()
        self.url = re.search(r'https?://\S+', self.greeting).group()
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.result()

    def line(self):
        """Return the next line of the output, '' at its end."""
        return self.process.stdout.readline().rstrip('\n')

    def end(self, number=signal.SIGTERM):
        """Send a signal and return (status, output, errors)."""
        self.process.send_signal(number)
        return self.result()

    def result(self):
        try:
            output = [stream.read() for stream in (self.process.stdout, self.process.stderr)
                      if not stream.closed]
            return tuple([self.process.wait()] + output)
        finally:
            self._patience.cancel()
            self._patience.join()
            for stream in (self.process.stdout, self.process.stderr):
                stream.close()

    def connect(self):
        address = urlsplit(self.url)
        if address.scheme == 'https':
            return HTTPSConnection(address.hostname, address.port, timeout=PATIENCE,
                                   context=tls.client_context(tls.CAFILE))
        return HTTPConnection(address.hostname, address.port, timeout=PATIENCE)

    def connect_bare(self):
        address = urlsplit(self.url)
        return socket.create_connection((address.hostname, address.port), PATIENCE)

    def request(self, method='GET', target='/', body=None):
        """Return (status, the field values named X-Test, content)."""
        client = self.connect()
        try:
            client.request(method, target, body)
            response = client.getresponse()
            fields = [value for name, value in response.getheaders()
                      if name.lower() == 'x-test']
            return response.status, fields, response.read()
        finally:
            client.close()


def shown(line):
    """Return *line* without its time of day."""
    assert re.match(r'\d\d:\d\d:\d\d ', line), line
    return line[9:]


# What it prints.

@both_schemes
def test_it_greets_with_its_url_and_a_command_that_works(options):
    with Command(*options + ['--content', 'good day']) as command:
        assert command.greeting == 'Serving %s until Ctrl-C. Try:' % command.url
        assert command.curl.startswith('curl ') and command.curl.endswith(' ' + command.url)
        try:
            answer = subprocess.check_output(
                shlex.split(command.curl) + ['--silent', '--show-error', '--noproxy', '*'])
        except EnvironmentError:
            pytest.skip('no curl')
        assert answer.startswith(b'HTTP/1.1 200 OK\r\n')
        assert answer.endswith(b'good day')
        assert shown(command.line()) == "POST / 'hello'"


@both_schemes
def test_each_request_is_a_line(options):
    with Command(*options) as command:
        command.request('GET', '/users?id=1')
        assert shown(command.line()) == 'GET /users?id=1'
        command.request('PUT', '/users', b'{"name": "Ada"}')
        assert shown(command.line()) == """PUT /users '{"name": "Ada"}'"""
        assert command.end() == (0, '', '')


def test_a_line_is_there_before_the_answer():
    with Command('--timeout', '3600') as command:
        client = command.connect()
        client.request('GET', '/slow')
        assert shown(command.line()) == 'GET /slow'
        assert command.end() == (0, '', '')
        client.close()


def test_a_body_cannot_write_to_the_terminal():
    with Command() as command:
        command.request('POST', '/', b'one\ntwo\r\x1b[31m\x9b\xe2\x82\xac\x00')
        assert shown(command.line()) == (
            r"POST / 'one\ntwo\r\x1b[31m\x9b\xe2\x82\xac\x00'")


def test_a_target_cannot_write_to_the_terminal():
    with Command() as command:
        client = command.connect_bare()
        client.sendall(b'GET /\x9b31m\xe2\x82\xac HTTP/1.1\r\nHost: a\r\n\r\n')
        assert shown(command.line()) == r'GET /\x9b31m\xe2\x82\xac'
        client.close()


def test_a_long_body_is_cut_with_its_size():
    with Command() as command:
        command.request('POST', '/', b'x' * 100000)
        assert shown(command.line()) == "POST / '%s'... (100000 octets)" % ('x' * 80)


def test_lines_of_many_clients_are_whole():
    with Command() as command:
        def ask(name):
            for number in range(25):
                command.request('POST', '/%d' % name, b'%d' % number)
        threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        lines = [shown(command.line()) for _ in range(8 * 25)]
        for thread in threads:
            thread.join(PATIENCE)
    assert sorted(lines) == sorted("POST /%d '%d'" % (name, number)
                                   for name in range(8) for number in range(25))


# How it answers.

def test_it_answers_as_its_options_say():
    with Command('--status', '418', '--header', 'X-Test: one', '--header', 'X-Test:two:2',
                 '--header', 'X-Test:', '--content', u'tea \u2615'.encode('utf-8')) as command:
        status, fields, content = command.request()
        assert (status, content.decode('utf-8')) == (418, u'tea \u2615')
        assert [each for field in fields for each in field.split(', ')] == ['one', 'two:2', '']


def test_content_may_be_a_file(tmpdir):
    tmpdir.join('answer').write_binary(b'\x00\xff' * 50000)
    with Command('--content', '@%s' % tmpdir.join('answer')) as command:
        assert command.request()[2] == b'\x00\xff' * 50000


def test_it_listens_where_its_options_say():
    with contextlib.closing(socket.socket()) as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    with Command('--host', 'localhost', '--port', str(port)) as command:
        assert command.url == 'http://127.0.0.1:%d/' % port
        assert command.request()[0] == 200


# How it ends.

@both_schemes
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=['INT', 'TERM'])
def test_a_signal_ends_it_whatever_its_clients_do(options, number):
    with Command(*options) as command:
        idle = command.connect()
        idle.request('GET', '/')
        assert idle.getresponse().status == 200
        command.line()
        silent = command.connect_bare()
        assert command.end(number) == (0, '', '')
        idle.close()
        silent.close()


def test_a_shells_background_job_ends_on_sigint_too():
    with Command(before=['sh', '-c', 'trap "" INT; exec "$@"', 'sh']) as command:
        assert command.end(signal.SIGINT) == (0, '', '')


def test_it_ends_when_nobody_reads_its_output():
    with Command() as command:
        command.process.stdout.close()
        client = command.connect_bare()
        client.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        assert command.result() == (0, '')
        client.close()


def test_a_port_in_use_is_one_line(capsys):
    with httptestserver.http_server() as other:
        assert main(['--port', str(other.port)]) == 1
    output, errors = capsys.readouterr()
    assert output == ''
    assert errors == ("python -m httptestserver: cannot listen on '127.0.0.1' port %d: "
                      'Address already in use\n' % other.port)


@pytest.mark.parametrize('host', ['192.0.2.1', 'a..b'])
def test_a_bad_host_is_one_line(capsys, host):
    assert main(['--host', host]) == 1
    errors = capsys.readouterr()[1]
    assert errors.startswith("python -m httptestserver: cannot listen on '%s' port 0: " % host)
    assert errors.count('\n') == 1


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=['INT', 'TERM'])
def test_signals_are_handled_as_before(capsys, number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        assert main(['--host', 'a..b']) == 1
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize('options, error', [
    (['--port', '65536'], "argument --port: '65536' is not a port: 0 to 65535"),
    (['--port', 'http'], "argument --port: 'http' is not a port: 0 to 65535"),
    (['--status', '99'], "argument --status: '99' is not a status: 100 to 999"),
    (['--status', 'OK'], "argument --status: 'OK' is not a status: 100 to 999"),
    (['--timeout=-1'], "argument --timeout: '-1' is not a number of seconds: 0 to 86400"),
    (['--timeout', 'nan'], "argument --timeout: 'nan' is not a number of seconds: 0 to 86400"),
    (['--header', 'Name'], "argument --header: 'Name' is not of the form 'Name: value'"),
    (['--header', ': a'], "argument --header: ': a' is not of the form 'Name: value'"),
    (['--header', 'A: b\nC: d'], "argument --header: response_headers is made of names and "
                                 "values without CR, LF and NUL, got 'b\\nC: d'"),
    (['--content', '@/no/file'], 'argument --content: cannot read /no/file: No such file'),
    (['--unknown'], 'unrecognized arguments: --unknown'),
], ids=lambda value: ' '.join(value) if isinstance(value, list) else None)
def test_a_wrong_option_is_told_what_is_allowed(capsys, options, error):
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    assert 'python -m httptestserver: error: ' + error in capsys.readouterr()[1]


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--help'])
    assert ended.value.code == 0
    text = capsys.readouterr()[0]
    for option in ('host', 'port', 'https', 'status', 'header', 'content', 'timeout'):
        assert '\n  --%s ' % option in text
