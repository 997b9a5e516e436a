# -*- coding: utf-8 -*-
"""``--watch``: a script that changes while it is served, seen from one process."""
import json
import re

import pytest

from httptestserver.__main__ import main
from support.client import Client, ask, request
from support.commands import replace


@pytest.fixture
def script(tmpdir):
    path = tmpdir.join('api.json')
    path.write('{"data": {"response_status": 201}}')
    return path


def change(command, path, text):
    """Replace the script, and wait until it was read."""
    replace(path, text)
    assert command.out.line().endswith(' read %s again' % path)


def status(command, path='/'):
    """Send a GET and return the status, when its line was printed."""
    found = ask(command.server, 'GET', path).status
    assert re.search(r' GET %s -> %d, ' % (path, found), command.out.line())
    return found


def watched(script, *options):
    return ('--script', str(script), '--watch') + options


def test_a_new_script_replaces_all_of_the_old_one(command, script):
    script.write('{"routes": [{"path": "/a", "response_status": 202}], "queue": [203, 204], '
                 '"data": {"response_status": 205, "response_content": "old"}}')

    def use(command):
        assert [status(command, path) for path in ('/a', '/b')] == [202, 203]
        change(command, script, '{"data": {"response_status": 206}}')
        assert [status(command, path) for path in ('/a', '/b', '/c')] == [206] * 3
        assert ask(command.server).body == b''

    assert command.run(use, *watched(script)) == 0


def test_queues_begin_again(command, script):
    script.write('{"queue": [201, 202]}')

    def use(command):
        assert [status(command) for _ in range(3)] == [201, 202, 200]
        change(command, script, '{"queue": [201, 202]}')
        assert [status(command) for _ in range(3)] == [201, 202, 200]

    command.run(use, *watched(script))


def test_options_stay_in_force(command, script):
    def use(command):
        assert status(command) == 418
        change(command, script, '{"data": {"response_status": 202, "response_content": "new"}}')
        answer = ask(command.server)
        assert (answer.status, answer.body, answer.get('x-a')) == (418, b'new', 'b')

    command.run(use, *watched(script, '--status', '418', '-H', 'X-A: b'))


def test_connections_stay_open(command, script):
    def use(command):
        with Client(command.server) as client:
            assert client.get().status == 201
            command.out.line()
            change(command, script, '{"data": {"response_status": 202}}')
            assert client.get().status == 202
        assert command.server.history[-1].exchange_index == 1

    command.run(use, *watched(script))


def test_a_response_that_was_chosen_before_is_sent(command, script):
    script.write('{"data": {"response_status": 201, "response_timeout": 0.2}}')

    def use(command):
        with Client(command.server) as client:
            client.send(request())
            command.server.wait()
            replace(script, '{"data": {"response_status": 202}}')
            assert client.answer().status == 201

    command.run(use, *watched(script))


def test_requests_before_a_change_count_too(command, script):
    def use(command):
        assert status(command) == 201
        change(command, script, '{"data": {"response_status": 202}}')
        assert status(command) == 202

    assert command.run(use, *watched(script, '--count', '2', '--timeout-exit', '60')) == 0


def test_a_har_file_has_the_requests_of_all_scripts(command, script, tmpdir):
    def use(command):
        status(command, '/old')
        change(command, script, '{"data": {"response_status": 202}}')
        status(command, '/new')

    har = tmpdir.join('traffic.har')
    assert command.run(use, *watched(script, '--har', str(har))) == 0
    entries = json.loads(har.read())['log']['entries']
    assert [(each['request']['url'].rpartition('/')[2], each['response']['status'])
            for each in entries] == [('old', 201), ('new', 202)]


def test_a_script_that_is_away_is_reported_and_the_old_one_is_kept(command, script):
    def use(command):
        script.remove()
        line = command.out.line()
        assert ' kept the old script: ' in line and str(script) in line
        assert status(command) == 201
        script.write('{"data": {"response_status": 202}}')
        assert command.out.line().endswith(' read %s again' % script)
        assert status(command) == 202

    command.run(use, *watched(script))


def test_an_error_is_reported_once(command, script):
    def use(command):
        replace(script, '{"data": 5}')
        assert ' kept the old script: %s: data is an object' % script in command.out.line()
        # Each of these takes longer than it takes to look at the script again.
        assert [status(command) for _ in range(20)] == [201] * 20
        replace(script, '{"data": 6}')
        assert command.out.line().endswith('keys, got 6')

    command.run(use, *watched(script))
    assert command.out.rest() == []


def test_a_part_that_does_not_fit_the_server_changes_nothing(command, script):
    def use(command):
        replace(script, '{"data": {"response_status": 202}, "routes": [{"path": "/a", '
                        '"response_fault": "reset", "response_fault_at": "handshake"}]}')
        assert "routes[0]: response_fault_at is 'handshake'" in command.out.line()
        assert status(command) == 201

    command.run(use, *watched(script))


def test_a_script_that_does_not_go_with_an_option_is_reported(command, script):
    def use(command):
        replace(script, '{"data": {"response_json": 5}}')
        assert ' kept the old script: response_content and response_json ' in command.out.line()
        assert ask(command.server).body == b'text'

    command.run(use, *watched(script, '--content', 'text'))


def test_a_missing_file_of_a_body_is_looked_for_until_it_is_there(command, script):
    def use(command):
        replace(script, '{"data": {"response_content": {"file": "page"}}}')
        assert "the file 'page' cannot be read: " in command.out.line()
        script.dirpath().join('page').write('hello')
        assert command.out.line().endswith(' read %s again' % script)
        assert ask(command.server).body == b'hello'

    command.run(use, *watched(script))


def test_a_change_is_noticed_with_https_too(command, script):
    def use(command):
        assert status(command) == 201
        change(command, script, '{"data": {"response_status": 202}}')
        assert status(command) == 202

    command.run(use, *watched(script, '--https'))


def test_a_folder_cannot_be_watched(capsys, tmpdir):
    with pytest.raises(SystemExit) as ended:
        main(['--script', str(tmpdir), '--watch'])
    assert ended.value.code == 2
    assert 'cannot watch %s: it is not a regular file' % tmpdir in capsys.readouterr()[1]


def test_a_script_that_is_wrong_at_the_start_is_refused(capsys, script):
    script.write('{"data": 5}')
    with pytest.raises(SystemExit) as ended:
        main(['--script', str(script), '--watch'])
    assert ended.value.code == 2
    assert 'data is an object of response_* keys, got 5' in capsys.readouterr()[1]
