# -*- coding: utf-8 -*-
"""The HAR file of the command line: whole after each exchange, and without the values left out."""
import json
import random
import subprocess
import sys
import time

import pytest

from httptestserver.__main__ import main
from support.client import ask
from support.command_line import Command
from support.processes import SOURCES


@pytest.fixture
def path(tmpdir):
    return tmpdir.join('traffic.har')


def entries(path):
    return json.loads(path.read())['log']['entries']


def targets(path):
    return [entry['request']['url'].rpartition('/')[2] for entry in entries(path)]


def test_the_file_has_each_exchange_when_its_response_has_come(command, path):
    def use(command):
        assert entries(path) == []
        for number in range(3):
            ask(command.server, 'POST', '/%d' % number, body=b'body')
            assert targets(path) == [str(each) for each in range(number + 1)]

    assert command.run(use, '--har', str(path), '--content', 'text') == 0
    assert targets(path) == ['0', '1', '2']


def whole_targets(path):
    """Return the targets of the entries that are whole, though the end of the file may be cut."""
    text, found = path.read(), []
    start = text.index('"entries": [') + len('"entries": [')
    while text[start:].lstrip(' \n,')[:1] == '{':
        try:
            entry, start = json.JSONDecoder().raw_decode(text, text.index('{', start))
        except ValueError:
            break
        found.append(entry['request']['url'].rpartition('/')[2])
    return found


@pytest.mark.parametrize('is_busy', [False, True])
@pytest.mark.parametrize('seed', range(3))
def test_a_kill_loses_no_exchange_whose_response_has_come(path, seed, is_busy):
    # The entries are larger than the page of a file system.
    with Command('--har', str(path), '--content', 'x' * 5000) as command:
        end = time.time() + random.Random(seed).uniform(0.01, 0.2)
        client, number = command.connect(), 0
        while time.time() < end:
            client.request('POST', '/%d' % number, b'y' * 5000)
            client.getresponse().read()
            number += 1
        if is_busy:
            # The response to this request is not read, so its exchange may be lost.
            client.request('POST', '/%d' % number, b'y' * 5000)
        command.process.kill()
        command.process.wait()
        client.close()
    expected = [str(each) for each in range(number)]
    if is_busy:
        # The system may end the write of the last entry between two pages.
        assert whole_targets(path) in (expected, expected + [str(number)])
    else:
        assert targets(path) == whole_targets(path) == expected


def test_fields_are_left_out_of_the_file_and_shown_in_the_lines(command, path):
    def use(command):
        ask(command.server, 'GET', '/', 'Authorization: s3cret', 'X-Key: s3cret')

    assert command.run(use, '--har', str(path), '--redact', 'authorization', '--redact', 'X-KEY',
                       '--verbose') == 0
    sent = entries(path)[0]['request']['headers']
    fields = {each['name'].lower(): each['value'] for each in sent}
    assert fields['authorization'] == fields['x-key'] == 'REDACTED'
    assert 's3cret' not in path.read()
    assert 's3cret' in '\n'.join(command.out.rest())


def test_the_file_keeps_what_a_reset_and_the_limit_of_the_history_drop(command, path, tmpdir):
    script = tmpdir.join('api.json')
    script.write('{"queue": [201, {"response_status": 202, "response_reset": true}]}')

    def use(command):
        assert [ask(command.server, 'GET', '/').status for _ in range(3)] == [201, 202, 200]
        assert len(command.server.history) == 1

    assert command.run(use, '--har', str(path), '--script', str(script)) == 0
    assert [entry['response']['status'] for entry in entries(path)] == [201, 202, 200]


def test_an_error_is_one_line_and_the_server_goes_on(command, path, capsys):
    def use(command):
        ask(command.server, 'GET', '/0')
        path.write('{}')
        for number in (1, 2):
            assert ask(command.server, 'GET', '/%d' % number).status == 200

    assert command.run(use, '--har', str(path)) == 1
    message = 'cannot write %s: another program has changed it' % path
    assert [line[9:] for line in command.out.rest() if 'cannot' in line] == [message]
    assert [line.partition(': ')[2] for line in command.err.rest()] == [message]
    assert path.read() == '{}'


@pytest.mark.parametrize('options, message', [
    (['--redact', 'Cookie'], '--redact needs --har'),
    (['--har', 'f', '--redact', 'Cookie:'], "a name in redact is that of a header field, got "
     "'Cookie:' (str); did you mean 'Cookie'?"),
])
def test_a_wrong_name_is_one_line(capsys, options, message):
    with pytest.raises(SystemExit) as raised:
        main(options)
    assert raised.value.code == 2
    assert message in capsys.readouterr()[1]


@pytest.mark.skipif(not sys.platform.startswith('linux'),
                    reason='only there /dev/stdout opens the file again')
def test_the_output_cannot_be_the_file(path):
    with open(str(path), 'w') as output:
        child = subprocess.Popen(
            [sys.executable, '-m', 'httptestserver', '--har', '/dev/stdout', '--count', '1'],
            cwd=SOURCES, stdout=output, stderr=subprocess.PIPE, universal_newlines=True)
        _, errors = child.communicate()
    assert child.returncode == 1
    assert errors.endswith('cannot write /dev/stdout: the lines for the requests go there\n')
