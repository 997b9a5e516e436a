# -*- coding: utf-8 -*-
"""Folders, forwarding and replay on the command line."""
import json
import os

import pytest

from httptestserver import http_server
from httptestserver.__main__ import main
from support.client import ask
from support.commands import Inside, replace

posix = pytest.mark.skipif(os.name != 'posix', reason='Windows has other paths')


@pytest.fixture
def command(monkeypatch):
    return Inside(monkeypatch)


@pytest.fixture
def path(tmpdir):
    return tmpdir.join('traffic.har')


def entries(path):
    return json.loads(path.read())['log']['entries']


# A folder.

def test_a_folder_is_served_and_nothing_beside_it(command, tmpdir):
    tmpdir.join('secret.txt').write('secret')
    tmpdir.mkdir('public').join('page.html').write('<p>')

    def use(command):
        response = ask(command.server, 'GET', '/page.html', 'Range: bytes=1-')
        assert (response.status, response.body) == (206, b'p>')
        for target in ('/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/no'):
            assert ask(command.server, 'GET', target).status == 404

    assert command.run(use, '--folder', str(tmpdir.join('public'))) == 0


def test_the_other_options_hold_for_the_files(command, tmpdir):
    tmpdir.join('a.txt').write('text')

    def use(command):
        assert ask(command.server, 'GET', '/a.txt').get('x-test') == '1'

    assert command.run(use, '--folder', str(tmpdir), '-H', 'X-Test: 1', '--timeout', '0') == 0


# Record and replay.

@pytest.fixture
def real():
    """A real service, whose responses differ each time."""
    with http_server() as server:
        server.route('GET', '/users', response_json=['Ada'],
                     response_headers={'Set-Cookie': 'sid=s3cret'})
        job = server.route('POST', '/job', response_content='done')
        job.enqueue({'response_status': 202, 'response_content': b'\xff\x00'})
        server.route('GET', '/old', response_status=302, response_headers={'Location': '/users'})
        yield server


def use_service(command):
    """Return what a client of the service sees."""
    sent = [('GET', '/users?page=2', None), ('POST', '/job', b'{"a": 1}'),
            ('POST', '/job', b'{"a": 1}'), ('GET', '/old', None), ('GET', '/none', None)]
    answers = [ask(command.server, method, target, 'Authorization: s3cret', body=body)
               for method, target, body in sent]
    return [(each.status, each.body, each.get('location')) for each in answers]


def test_what_was_recorded_is_replayed(monkeypatch, real, path):
    seen = []
    assert Inside(monkeypatch).run(
        lambda command: seen.extend(use_service(command)), '--forward', real.url(), '--har',
        str(path), '--redact', 'Authorization', '--redact', 'Set-Cookie') == 0
    assert [each[0] for each in seen] == [200, 202, 200, 302, 404]
    assert real.history[0].headers['Authorization'] == 's3cret'
    real.stop()
    assert 's3cret' not in path.read() and len(entries(path)) == 5

    replayed, again = [], path.dirpath().join('again.har')
    assert Inside(monkeypatch).run(
        lambda command: replayed.extend(use_service(command)), '--replay', str(path), '--har',
        str(again)) == 0
    assert replayed == seen
    assert [entry['response']['content'] for entry in entries(again)] == [
        entry['response']['content'] for entry in entries(path)]


def test_what_is_not_in_the_recording_is_asked_for(monkeypatch, real, path):
    path.write(json.dumps(http_har('/recorded')))

    def use(command):
        assert ask(command.server, 'GET', '/recorded').body == b'as it was'
        assert ask(command.server, 'GET', '/users').body == b'["Ada"]'

    assert Inside(monkeypatch).run(use, '--replay', str(path), '--forward', real.url()) == 0
    assert [each.path for each in real.history] == ['/users']


def http_har(target):
    """Return a document whose only entry is a GET of *target*."""
    with http_server() as server:
        server.data['response_content'] = 'as it was'
        ask(server, 'GET', target)
        return server.har()


def test_a_script_comes_before_the_recording(monkeypatch, path, tmpdir):
    path.write(json.dumps(http_har('/a')))
    script = tmpdir.join('api.json')
    script.write('{"routes": []}')

    def use(command):
        assert ask(command.server, 'GET', '/a').body == b'as it was'
        # The recording is read only once.
        path.write('nothing')
        replace(script, '{"routes": [{"path": "/a", "response_content": "scripted"}]}')
        while 'read %s again' % script not in command.out.line():
            pass
        assert ask(command.server, 'GET', '/a').body == b'scripted'
        assert ask(command.server, 'GET', '/b').status == 404
        replace(script, '{"routes": [{"path": "/b"}]}')
        while 'read %s again' % script not in command.out.line():
            pass
        assert ask(command.server, 'GET', '/a').body == b'as it was'

    assert Inside(monkeypatch).run(
        use, '--replay', str(path), '--script', str(script), '--watch') == 0


@pytest.mark.parametrize('content', ['nothing', '[]', '{"log": {"entries": [1]}}'])
def test_a_wrong_recording_is_one_line_with_its_name(capsys, path, content):
    path.write(content)
    with pytest.raises(SystemExit) as raised:
        main(['--replay', str(path)])
    errors = capsys.readouterr()[1].splitlines()
    assert raised.value.code == 2 and len(errors) == 2
    assert str(path) in errors[-1]


def test_a_recording_that_is_not_there_is_one_line(capsys):
    with pytest.raises(SystemExit) as raised:
        main(['--replay', '/no/file.har'])
    assert raised.value.code == 2
    assert capsys.readouterr()[1].endswith(
        'cannot read /no/file.har: No such file or directory\n')


# What does not go together.

@pytest.mark.parametrize('options, message', [
    (['--folder', '.', '--content', ''], '--folder and --content exclude each other'),
    (['--forward', 'http://a', '--content', 'x'], '--forward and --content exclude each other'),
    (['--folder', '.', '--forward', 'http://a'], '--folder and --forward exclude each other'),
    (['--forward-cafile', 'a.pem'], '--forward-cafile needs --forward'),
    (['--forward'], '--forward needs a URL, or --proxy'),
    (['--folder', '/no/folder'], 'response_folder is a str or a path object of a directory'),
])
def test_options_that_do_not_fit_are_one_line(capsys, options, message):
    with pytest.raises(SystemExit) as raised:
        main(options)
    errors = capsys.readouterr()[1]
    assert raised.value.code == 2
    assert message in errors.splitlines()[-1]


@posix
def test_the_har_file_replaces_no_file_that_is_read(capsys, tmpdir):
    inside = tmpdir.mkdir('public').join('a.har')
    link = tmpdir.join('link')
    link.mksymlinkto(inside)
    script = tmpdir.join('api.json')
    script.write('{}')
    for options, message in [
            (['--script', str(script), '--har', str(script)],
             '--har and --script are the same file: %s' % script),
            (['--replay', str(inside), '--har', str(link)],
             '--har and --replay are the same file: %s' % link),
            (['--folder', str(tmpdir.join('public')), '--har', str(link)],
             '--har is a file below --folder, where every client can read it: %s' % link)]:
        with pytest.raises(SystemExit):
            main(options)
        assert capsys.readouterr()[1].endswith(message + '\n')
    assert script.read() == '{}' and not inside.check()
