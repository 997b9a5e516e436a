# -*- coding: utf-8 -*-
"""Recording and replay on the command line."""
import json

import pytest

from httptestserver import http_server
from httptestserver.__main__ import main
from support.client import ask
from support.commands import Inside, replace
from support.marks import needs_extra
from support.sockets import refusing_url

pytestmark = pytest.mark.usefixtures('guard')


@pytest.fixture
def path(tmpdir):
    return tmpdir.join('traffic.har')


def entries(path):
    return json.loads(path.read())['log']['entries']


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


def test_a_forwarded_exchange_is_recorded(monkeypatch, real, path):
    seen = []
    assert Inside(monkeypatch).run(
        lambda command: seen.extend(use_service(command)), '--forward', real.url(), '--har',
        str(path)) == 0
    assert [each[0] for each in seen] == [200, 202, 200, 302, 404]
    assert [each['response']['status'] for each in entries(path)] == [200, 202, 200, 302, 404]
    assert [each['response']['content'].get('text') for each in entries(path)][:3] == [
        '["Ada"]', '/wA=', 'done']
    assert entries(path)[1]['request']['postData']['text'] == '{"a": 1}'


def test_a_service_that_is_down_is_in_the_recording(monkeypatch, path):
    with refusing_url() as url:
        assert Inside(monkeypatch).run(
            lambda command: ask(command.server, 'GET', '/'), '--forward', url, '--har',
            str(path)) == 0
    assert [each['response']['status'] for each in entries(path)] == [502]


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


@pytest.mark.parametrize('content', [
    'nothing', '[]', '{"log": {"entries": [1]}}', '{"log": {"entries": []}}'])
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


@needs_extra
def test_a_proxy_records_and_replays_the_hosts_that_requests_name(monkeypatch, real, path):
    def use(command):
        assert ask(command.server, 'GET', real.url('/users')).body == b'["Ada"]'

    assert Inside(monkeypatch).run(use, '--proxy', '--forward', '--har', str(path)) == 0
    assert [each['request']['url'] for each in entries(path)] == [real.url('/users')]

    def use_again(command):
        use(command)
        # Of another host nothing was recorded.
        assert ask(command.server, 'GET', 'http://other.example/users').status == 404

    real.stop()
    assert Inside(monkeypatch).run(use_again, '--proxy', '--replay', str(path)) == 0
