# -*- coding: utf-8 -*-
"""The command line: what it prints, how it responds, how it ends."""
import contextlib
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import threading

import pytest
from six.moves import http_client

import httptestserver
from httptestserver import tls
from httptestserver.__main__ import _threads_without_signals, main
from httptestserver.cli.scriptfile import Scenario
from support.command_line import PATIENCE, Command, JsonCommand, shown
from support.commands import replace
from support.marks import needs_extra, needs_signals

both_schemes = pytest.mark.parametrize('options', [[], ['--https']], ids=['http', 'https'])


# What it prints.

@both_schemes
def test_it_greets_with_its_url_and_a_command_that_works(options):
    with Command(*options + ['--content', 'good day']) as command:
        assert command.greeting == 'Serving %s until Ctrl-C. Try:' % command.url
        assert command.curl.startswith('curl ') and command.curl.endswith(' ' + command.url)
        try:
            output = subprocess.check_output(
                shlex.split(command.curl) + ['--silent', '--show-error', '--noproxy', '*'])
        except EnvironmentError:
            pytest.skip('no curl')
        assert output.startswith(b'HTTP/1.1 200 OK\r\n')
        assert output.endswith(b'good day')
        assert shown(command.line()) == 'POST / -> 200, 5 B in, 8 B out'


@both_schemes
def test_each_request_is_a_line(options):
    with Command(*options) as command:
        command.request('GET', '/users?id=1')
        assert shown(command.line()) == 'GET /users?id=1 -> 200, 0 B in, 0 B out'
        command.request('PUT', '/users', b'{"name": "Ada"}')
        assert shown(command.line()) == 'PUT /users -> 200, 15 B in, 0 B out'
        assert command.end() == (0, '', '')


def test_a_line_is_there_before_the_response_is_read():
    with Command() as command:
        with contextlib.closing(command.connect_bare()) as client:
            client.sendall(b'GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
            assert shown(command.line()) == 'GET /a -> 200, 0 B in, 0 B out'


def test_a_request_that_got_no_response_has_its_line_too(tmpdir):
    tmpdir.join('api.json').write(json.dumps(
        {'data': {'response_informational': [[103, {}]], 'response_timeout': 3600}}))
    with Command('--script', str(tmpdir.join('api.json'))) as command:
        with contextlib.closing(command.connect_bare()) as client:
            client.sendall(b'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
            # The interim response shows that the delay has begun or is about to.
            assert client.recv(12) == b'HTTP/1.1 103'
            status, output, errors = command.end()
    assert (status, errors) == (0, '')
    assert shown(output.rstrip()) == 'GET /slow -> no response, 0 B in, 0 B out'


def test_verbose_shows_fields_and_bodies():
    with Command('--verbose', '--content', 'one\ntwo', '--header', 'X-Test: a') as command:
        command.request('POST', '/', b'{"name": "Ada"}\x1b')
        assert shown(command.line()) == 'POST / -> 200, 16 B in, 7 B out'
        lines = command.end()[1].split('\n')
    assert lines[0].startswith('  > Host: 127.0.0.1:')
    assert r'  > {"name": "Ada"}\x1b' in lines
    assert [line for line in lines if line.startswith('  <') and 'Date' not in line] == [
        '  < Server: httptestserver', '  < X-Test: a', '  < Content-Length: 7', '  <',
        '  < one', '  < two']


def test_a_body_cannot_write_to_the_terminal():
    with Command('--verbose') as command:
        command.request('POST', '/', b'one\ntwo\r\x1b[31m\x9b\xe2\x82\xac\x00')
        output = command.end()[1]
    assert r"  > 'one\ntwo\r\x1b[31m\x9b\xe2\x82\xac\x00'" in output.split('\n')


def test_a_target_cannot_write_to_the_terminal():
    with Command() as command:
        client = command.connect_bare()
        client.sendall(b'GET /\x9b31m\xe2\x82\xac HTTP/1.1\r\nHost: a\r\n\r\n')
        assert shown(command.line()) == r'GET /\x9b31m\xe2\x82\xac -> 200, 0 B in, 0 B out'
        client.close()


def test_lines_of_many_clients_are_whole():
    with Command() as command:
        def ask(name):
            for number in range(25):
                command.request('POST', '/%d/%d' % (name, number))
        threads = [threading.Thread(target=ask, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        lines = [shown(command.line()) for _ in range(8 * 25)]
        for thread in threads:
            thread.join(PATIENCE)
    assert sorted(lines) == sorted('POST /%d/%d -> 200, 0 B in, 0 B out' % (name, number)
                                   for name in range(8) for number in range(25))


@pytest.mark.skipif(os.name != 'posix', reason='there is no pseudo-terminal')
@pytest.mark.parametrize('variables, coloured', [
    ({}, True), ({'NO_COLOR': '1'}, False), ({'TERM': 'dumb'}, False)])
def test_a_terminal_gets_colours_unless_unwanted(variables, coloured):
    import pty
    master, slave = pty.openpty()
    try:
        with Command(output=slave, variables=dict({'TERM': 'xterm'}, **variables)) as command:
            os.close(slave)
            greeting = read_until(master, b'Try:')
            command.url = re.search(r'http://\S+', greeting).group()
            command.request('GET', '/x')
            text = read_until(master, b' ms')
    finally:
        os.close(master)
    assert ('\x1b[' in text) is coloured
    assert re.sub('\x1b\\[[0-9]+m', '', text).find(' GET /x -> 200, 0 B in, 0 B out, ') > 0


def read_until(descriptor, ending):
    """Return what a terminal shows up to *ending*."""
    text = b''
    while ending not in text:
        text += os.read(descriptor, 1024)
    return text.decode('ascii')


# How it responds.

def test_it_responds_as_its_options_say():
    with Command('--status', '418', '--header', 'X-Test: one', '--header', 'X-Test:two:2',
                 '--header', 'X-Test:', '--content', u'tea \u2615'.encode('utf-8')) as command:
        status, fields, content = command.request()
        assert (status, content.decode('utf-8')) == (418, u'tea \u2615')
        assert [each for field in fields for each in field.split(', ')] == ['one', 'two:2', '']


def test_content_may_be_a_file(tmpdir):
    tmpdir.join('content').write_binary(b'\x00\xff' * 50000)
    with Command('--content', '@%s' % tmpdir.join('content')) as command:
        assert command.request()[2] == b'\x00\xff' * 50000


def test_it_listens_where_its_options_say():
    with contextlib.closing(socket.socket()) as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    with Command('--host', 'localhost', '--port', str(port)) as command:
        assert command.url == 'http://127.0.0.1:%d/' % port
        assert command.request()[0] == 200


@both_schemes
def test_it_listens_at_a_unix_socket(options, unix_host):
    path = unix_host[len('unix:'):]
    with Command('--unix', path, '--content', 'good day', *options) as command:
        assert command.greeting == 'Serving %s until Ctrl-C. Try:' % command.url
        assert '+unix://%2F' in command.url and ' --unix-socket %s ' % path in command.curl
        try:
            output = subprocess.check_output(shlex.split(command.curl) + ['-sS', '--noproxy', '*'])
        except EnvironmentError:
            pytest.skip('no curl')
        assert output.endswith(b'good day')
        assert shown(command.line()) == 'POST / -> 200, 5 B in, 8 B out'
        assert command.end() == (0, '', '')
    assert not os.path.exists(path)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='only Linux has abstract sockets')
def test_it_listens_at_an_abstract_socket():
    with Command('--unix', '@httptestserver %d' % os.getpid()) as command:
        assert " --abstract-unix-socket 'httptestserver %d' http://localhost/" % os.getpid() in (
            command.curl)
        assert command.end() == (0, '', '')


def test_a_unix_socket_has_neither_host_nor_port(capsys):
    for options, error in [(['--port', '80'], '--unix has no --port'),
                           (['--unix', 'unix:/a'],
                            "--unix is a path, got 'unix:/a'; did you mean --unix /a?"),
                           (['--host', 'a'], 'argument --host: not allowed with argument --unix')]:
        with pytest.raises(SystemExit) as ended:
            main(['--unix', '/nowhere/a'] + options)
        assert ended.value.code == 2
        assert capsys.readouterr()[1].endswith('error: %s\n' % error)


def test_a_script_for_a_unix_socket_has_no_reset(capsys, tmpdir):
    script = tmpdir.join('a.json')
    script.write(json.dumps({'data': {'response_fault': 'reset'}}))
    with pytest.raises(SystemExit) as ended:
        main(['--unix', '/nowhere/a', '--script', str(script)])
    assert ended.value.code == 2
    assert 'a Unix socket cannot be reset' in capsys.readouterr()[1]


def test_a_bad_path_of_a_unix_socket_is_one_line(capsys, unix_host):
    assert main(['--unix', unix_host[len('unix:'):] + '/a']) == 1
    assert capsys.readouterr()[1] == (
        "python -m httptestserver: cannot listen on '%s/a': No such file or directory\n"
        % unix_host)


SCRIPT = {'data': {'response_status': 404}, 'queue': [503], 'routes': [
    {'path': '/users/{id}', 'response_json': {'name': 'Ada'}},
    {'path': {'regex': '^/pages/[0-9]+$'}, 'query': {'lang': {'regex': '^(de|en)$'}, 'debug': None},
     'response_content': 'page'},
    {'path': '/files/{path...}', 'body': {'regex': '^x'}, 'response_content': 'file'}]}


def test_it_responds_as_a_script_says(tmpdir):
    tmpdir.join('api.json').write(json.dumps(SCRIPT))
    with Command('--script', str(tmpdir.join('api.json')), '--header', 'X-Test: a') as command:
        assert command.request('GET', '/users/7') == (200, [], b'{"name": "Ada"}')
        assert command.request('GET', '/pages/7?lang=de') == (200, [], b'page')
        assert command.request('PUT', '/files/a/b', 'xy') == (200, [], b'file')
        assert command.request() == (503, [], b'')
        assert command.request('GET', '/pages/7?lang=de&debug') == (404, ['a'], b'')
        assert command.request('PUT', '/files/a/b', 'yx') == (404, ['a'], b'')
        # Options are part of the data.
        assert command.request() == (404, ['a'], b'')


@pytest.mark.parametrize('script, options, error', [
    ('{"routes": [{}, {}, {"response_statu": 1}]}', [],
     'FILE: routes[2].response_statu is not a key of a response; did you mean response_status?'),
    ('{"dat": {}}', [], 'FILE: dat is not a key of a script; did you mean data?'),
    ('{', [], 'FILE is not JSON: '),
    ('{"routes": [{}, {"headers": {"X": [{"regex": "("}]}}]}', [],
     'FILE: routes[1].headers.X[0].regex is a regular expression, got "(": '),
    ('{"data": {"response_json": 1}}', ['--content', 'x'],
     'response_content and response_json are both set'),
    (u'{"caf\u00e9": 1}', [], 'FILE: caf'),
    ('{"queue": [{"response_fault": "reset", "response_fault_at": "handshake"}]}', [],
     "FILE: queue[0]: response_fault_at is 'handshake', but this server speaks plain http"),
    (None, [], 'cannot read FILE: No such file or directory'),
], ids=['key', 'part', 'json', 'regex', 'both', 'bytes', 'scheme', 'file'])
def test_a_wrong_script_is_refused_at_its_place(capsys, tmpdir, script, options, error):
    path = str(tmpdir.join('api.json'))
    if script is not None:
        tmpdir.join('api.json').write_binary(script.encode('utf-8'))
    with pytest.raises(SystemExit) as ended:
        main(['--script', path] + options)
    assert ended.value.code == 2
    assert 'error: ' + error.replace('FILE', path) in capsys.readouterr()[1]


# The HAR file.

def entries(path):
    """Return (URL, status) of each entry in a HAR file."""
    return [(entry['request']['url'], entry['response']['status'])
            for entry in json.loads(path.read())['log']['entries']]


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=['INT', 'TERM'])
def test_a_har_file_is_written_on_a_signal(tmpdir, number):
    path = tmpdir.join('traffic.har')
    with Command('--har', str(path), '--status', '418') as command:
        # The file is a document from the start.
        assert entries(path) == []
        for target in ('a', 'b', 'c'):
            command.request('GET', '/' + target, b'\xff')
        assert command.end(number)[::2] == (0, '')
    assert entries(path) == [(command.url + target, 418) for target in ('a', 'b', 'c')]


@needs_signals
def test_a_second_signal_does_not_cut_the_har_file_off(tmpdir):
    path = tmpdir.join('traffic.har')
    with Command('--har', str(path)) as command:
        command.request('POST', '/', b'x' * 5000000)
        for _ in range(20):
            command.process.send_signal(signal.SIGTERM)
        assert command.end()[::2] == (0, '')
    assert entries(path) == [(command.url, 200)]


def test_a_har_file_is_written_when_there_were_enough(tmpdir):
    path = tmpdir.join('traffic.har')
    with Command('--har', str(path), '--count', '1') as command:
        command.request()
        assert command.result()[::2] == (0, '')
    assert len(entries(path)) == 1


def test_a_har_file_that_cannot_be_written_is_one_line(capsys):
    assert main(['--har', '/no/file.har']) == 1
    output, errors = capsys.readouterr()
    assert (output, errors.count('\n')) == ('', 1)
    assert errors.endswith(': cannot write /no/file.har: No such file or directory\n')


# How it ends.

@both_schemes
def test_it_ends_after_so_many_requests_which_get_their_responses(options):
    with Command('--count', '3', '--content', 'x' * 100000, *options) as command:
        assert [len(command.request()[2]) for _ in range(3)] == [100000] * 3
        status, output, errors = command.result()
    assert (status, output.count('\n'), errors) == (0, 3, '')


def test_it_counts_requests_and_not_connections():
    with Command('--count', '2') as command:
        client = command.connect()
        command.connect_bare().close()
        for _ in range(2):
            client.request('GET', '/')
            assert client.getresponse().read() == b''
        assert command.result()[0] == 0
        client.close()


def test_it_counts_requests_that_end_in_a_fault(tmpdir):
    tmpdir.join('api.json').write('{"data": {"response_fault": "reset"}}')
    with Command('--count', '1', '--script', str(tmpdir.join('api.json'))) as command:
        client = command.connect_bare()
        client.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        assert shown(command.line()) == 'GET / -> reset at response, 0 B in, 0 B out'
        assert command.result() == (0, '', '')
        client.close()


@pytest.mark.parametrize('options', [[], ['--count', '2']], ids=['alone', 'count'])
def test_it_ends_with_status_1_when_its_time_is_over(options):
    with Command('--timeout-exit', '0.3', *options) as command:
        assert command.result()[::2] == (1, '')


def test_it_does_not_wait_for_its_time_when_there_were_enough():
    with Command('--timeout-exit', '86400', '--count', '1') as command:
        command.request()
        assert command.result()[0] == 0


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


@needs_signals
def test_a_signal_that_comes_late_does_not_change_the_status():
    code = ('import atexit, os, runpy, signal; '
            'atexit.register(os.kill, os.getpid(), signal.SIGTERM); '
            'runpy.run_module("httptestserver", run_name="__main__", alter_sys=True)')
    assert subprocess.call([sys.executable, '-c', code, '--timeout-exit', '0.01']) == 1


def test_a_call_leaves_the_signals_as_they_were(capsys):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert main(['--timeout-exit', '0.01']) == 1
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_shells_background_job_ends_on_sigint_too():
    with Command(before=['sh', '-c', 'trap "" INT; exec "$@"', 'sh']) as command:
        assert command.end(signal.SIGINT) == (0, '', '')


@pytest.mark.skipif(not hasattr(signal, 'pthread_sigmask'), reason='signals have no masks here')
def test_threads_of_the_server_leave_signals_to_the_main_one():
    masks = []

    def mask():
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    def nested():
        mask()
        inner = threading.Thread(target=mask)
        inner.start()
        inner.join(PATIENCE)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with _threads_without_signals():
        thread = threading.Thread(target=nested)
        thread.start()
        thread.join(PATIENCE)
    assert [{signal.SIGINT, signal.SIGTERM} <= each for each in masks] == [True, True]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


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
    (['--port', '65536'], "argument -p/--port: '65536' is not a port: 0 to 65535"),
    (['--port', 'http'], "argument -p/--port: 'http' is not a port: 0 to 65535"),
    (['--status', '99'], "argument --status: '99' is not a status: 100 to 999"),
    (['--status', 'OK'], "argument --status: 'OK' is not a status: 100 to 999"),
    (['--timeout=-1'], "argument --timeout: '-1' is not a number of seconds: 0 to 86400"),
    (['--timeout', 'nan'], "argument --timeout: 'nan' is not a number of seconds: 0 to 86400"),
    (['--header', 'Name'], "argument -H/--header: 'Name' is not of the form 'Name: value'"),
    (['--header', ': a'], "argument -H/--header: ': a' is not of the form 'Name: value'"),
    (['--header', 'A: b\nC: d'], "argument -H/--header: response_headers is made of names and "
                                 "values without CR, LF and NUL, got 'b\\nC: d'"),
    (['--content', '@/no/file'], 'argument --content: cannot read /no/file: No such file'),
    (['--count', '0'], "argument -n/--count: '0' is not a number of requests: 1 or more"),
    (['--timeout-exit', 'x'],
     "argument --timeout-exit: 'x' is not a number of seconds: 0 to 31536000"),
    (['--unknown'], 'unrecognized arguments: --unknown'),
], ids=lambda value: ' '.join(value) if isinstance(value, list) else None)
def test_a_wrong_option_shows_what_is_allowed(capsys, options, error):
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    assert 'python -m httptestserver: error: ' + error in capsys.readouterr()[1]


def help_text(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--help'])
    assert ended.value.code == 0
    return capsys.readouterr()[0]


def test_help_names_every_option_and_fits_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv('COLUMNS', '80')
    monkeypatch.setenv('NO_COLOR', '1')
    text = help_text(capsys)
    for option in ('-V, --version', '--host', '--unix', '-p, --port', '--proxy', '--https',
                   '--certfile', '--keyfile', '--hosts', '--certificate', '--client-cafile',
                   '--status', '-H, --header', '--content', '--timeout', '--folder', '--forward',
                   '--forward-cafile', '--replay', '--redact', '-s, --script', '-w, --watch',
                   '-v, --verbose', '-j, --json', '--har', '-n, --count', '--timeout-exit'):
        assert '\n  %s ' % option in text
    assert [line for line in text.split('\n') if len(line) > 88] == []
    assert text.count('\n') < 76


@pytest.mark.parametrize('option', ['-V', '--version'])
def test_it_shows_its_version(capsys, option):
    with pytest.raises(SystemExit) as ended:
        main([option])
    assert ended.value.code == 0
    assert capsys.readouterr() == ('httptestserver %s\n' % httptestserver.__version__, '')


@pytest.mark.parametrize('options, error', [
    (['--certfile', 'a.pem'], '--certfile needs --https'),
    (['--https', '--keyfile', 'a.pem'], '--keyfile needs --certfile'),
    (['--client-cafile', 'a.pem'], '--client-cafile needs --https'),
    (['--hosts', 'a.example'], '--hosts needs --https'),
    (['--https', '--certfile', tls.CERTFILE, '--hosts', 'a.example'],
     'argument --hosts: not allowed with argument --certfile'),
    (['--certificate', 'expired'], '--certificate needs --https'),
    (['--https', '--certificate', 'good'], "argument --certificate: invalid choice: 'good'"),
    (['--https', '--hosts', 'a.example', '--certificate', 'expired'],
     'argument --certificate: not allowed with argument --hosts'),
    (['--watch'], '--watch needs --script'),
    (['--https', '--certfile', '/no/file'], 'cannot read /no/file: '),
])
def test_options_that_do_not_go_together_are_refused(capsys, options, error):
    with pytest.raises(SystemExit) as ended:
        main(options)
    assert ended.value.code == 2
    assert error in capsys.readouterr()[1]


# Failures on the wire.

def malformed(command):
    client = command.connect_bare()
    client.sendall(b'GET /a b HTTP/1.1\r\n\r\n')
    while client.recv(1000):
        pass
    client.close()


def test_failures_are_lines_like_requests():
    with Command() as command:
        malformed(command)
        assert re.match(r"failure: connection 0 from 127.0.0.1:\d+: not a request line: "
                        r"'GET /a b HTTP/1.1'", shown(command.line()))


def test_failed_handshakes_are_lines_too():
    with Command('--https') as command:
        malformed(command)
        assert shown(command.line()).endswith(': plain HTTP, but this server speaks TLS')


# Certificates.

def test_a_client_without_a_certificate_is_refused_if_one_is_demanded():
    with Command('--https', '--certfile', tls.CERTFILE, '--keyfile', tls.CERTFILE,
                 '--client-cafile', tls.CAFILE) as command:
        assert '--cert CLIENT.pem' in command.curl
        # An SSLError, a reset or an early end: it depends on the version of TLS.
        with pytest.raises((EnvironmentError, http_client.HTTPException)):
            command.request()
        assert shown(command.line()).startswith('failure: connection 0 from 127.0.0.1:')


@needs_extra
def test_it_is_each_of_its_hosts():
    with Command('--https', '--hosts', 'api.example.com, *.wild.example,10.0.0.7') as command:
        trusted = tls.client_context(re.search(r'--cacert (\S+)', command.curl).group(1))
        for name in 'api.example.com', 'x.wild.example', '10.0.0.7', 'localhost':
            with contextlib.closing(command.connect_bare()) as client:
                trusted.wrap_socket(client, server_hostname=name).close()
        with contextlib.closing(command.connect_bare()) as client:
            with pytest.raises(ssl.SSLError):
                trusted.wrap_socket(client, server_hostname='other.example.com')


@needs_extra
@pytest.mark.parametrize('hosts, error', [
    ('https://a.example', "hosts has names that IDNA allows, and IP addresses, "),
    (',', "',' is not a list of names, with commas")])
def test_what_is_no_host_is_refused(capsys, hosts, error):
    with pytest.raises(SystemExit) as ended:
        main(['--https', '--hosts', hosts])
    assert ended.value.code == 2
    assert error in capsys.readouterr()[1]


@pytest.mark.skipif(sys.version_info >= (3, 8), reason='this Python can have the extra')
def test_hosts_need_a_newer_python(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--https', '--hosts', 'a.example'])
    assert ended.value.code == 2
    assert "--hosts needs the extra tls: pip install 'httptestserver[tls]'" in (
        capsys.readouterr()[1])


def test_it_has_a_certificate_that_clients_refuse():
    with Command('--https', '--certificate', 'expired') as command:
        trusted = tls.client_context(re.search(r'--cacert (\S+)', command.curl).group(1))
        with contextlib.closing(command.connect_bare()) as client:
            with pytest.raises(ssl.SSLError):
                trusted.wrap_socket(client, server_hostname='localhost')
        assert 'CERTIFICATE_EXPIRED' in shown(command.line())


# JSON.

def test_each_exchange_and_failure_is_a_line_of_json_and_nothing_else_is_printed():
    with JsonCommand('--json', '--content', 'good day', '-H', 'X-Test: 1') as command:
        command.request('POST', '/users?page=2', b'{"name": "Ada"}')
        exchange = json.loads(command.line())
        command.request('POST', '/', b'\x00\xff')
        binary = json.loads(command.line())
        malformed(command)
        failure = json.loads(command.line())
        status, output, _ = command.end()
    assert (status, output) == (0, '')
    assert exchange['type'] == 'exchange'
    request, response = exchange['request'], exchange['response']
    assert (request['method'], request['target']) == ('POST', '/users?page=2')
    assert request['body'] == {'size': 15, 'cut': False, 'text': '{"name": "Ada"}'}
    assert ['X-Test', '1'] in response['headers'] and response['status'] == 200
    assert response['body']['text'] == 'good day'
    assert exchange['connection'] == 0 and exchange['index'] == 0 and exchange['duration'] >= 0
    assert exchange['fault'] is None and exchange['route'] is None and exchange['tls'] is None
    assert binary['request']['body'] == {'size': 2, 'cut': False, 'base64': 'AP8='}
    assert failure['type'] == 'failure' and failure['connection'] == 2
    assert failure['reason'].startswith("not a request line: 'GET /a b HTTP/1.1'")


# Watching.

@pytest.fixture
def script(tmpdir):
    path = tmpdir.join('api.json')
    path.write('{"data": {"response_status": 201}}')
    return path


def test_a_script_that_changes_is_read_again(script):
    with Command('--script', str(script), '--watch') as command:
        assert command.request()[0] == 201
        assert shown(command.line()) == 'GET / -> 201, 0 B in, 0 B out'
        replace(script, '{"routes": [{"path": "/a", "response_status": 202}]}')
        assert shown(command.line()) == 'read %s again' % script
        assert command.request('GET', '/a')[0] == 202
        assert shown(command.line()) == 'GET /a -> 202, 0 B in, 0 B out'
        assert command.request('GET', '/b')[0] == 404
        assert shown(command.line()).startswith('GET /b -> 404')
        assert command.end()[0] == 0


def test_a_new_script_that_is_wrong_is_reported_and_the_old_one_is_kept(script):
    with Command('--script', str(script), '--watch') as command:
        replace(script, '{"data": {"response_staus": 404}}')
        assert shown(command.line()).startswith(
            'kept the old script: %s: data.response_staus is not a key' % script)
        assert command.request()[0] == 201
        command.line()
        replace(script, '{"data": {"response_status": 203}}')
        assert shown(command.line()) == 'read %s again' % script
        assert command.request()[0] == 203
        assert command.end()[0] == 0


def test_with_json_the_notices_of_a_watch_are_errors(script):
    with JsonCommand('--script', str(script), '--watch', '--json') as command:
        replace(script, '{')
        assert 'kept the old script: ' in command.process.stderr.readline()
        command.request()
        assert json.loads(command.line())['response']['status'] == 201
        assert command.end()[0] == 0


def test_the_script_in_the_help_works(capsys, tmpdir):
    text = help_text(capsys)
    script = text[text.index('\n  {\n'):text.index('\n  }\n') + 4]
    tmpdir.join('api.json').write(script)
    with httptestserver.http_server() as server:
        Scenario(str(tmpdir.join('api.json'))).apply(server)
        client = http_client.HTTPConnection(server.host, server.port, timeout=PATIENCE)
        found = []
        for method, target, body in [
                ('GET', '/users/7', None), ('POST', '/users', '{"name": "Ada"}'),
                ('GET', '/flaky', None), ('GET', '/flaky', None), ('GET', '/flaky', None),
                ('GET', '/x', None)]:
            client.request(method, target, body)
            response = client.getresponse()
            found.append((response.status, response.read()))
        client.close()
    assert found == [(200, b'{"name": "Ada"}'), (201, b''), (503, b''), (503, b''),
                     (200, b'at last'), (503, b'')]
