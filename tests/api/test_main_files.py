# -*- coding: utf-8 -*-
"""Folders on the command line, and files that an option must not name."""
import os

import pytest

from httptestserver.__main__ import main
from support.client import ask
from support.marks import needs_extra

posix = pytest.mark.skipif(os.name != 'posix', reason='Windows has other paths')


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


# What does not go together.

@pytest.mark.parametrize('options, message', [
    (['--folder', '.', '--content', ''], '--folder and --content exclude each other'),
    (['--forward', 'http://a', '--content', 'x'], '--forward and --content exclude each other'),
    (['--folder', '.', '--forward', 'http://a'], '--folder and --forward exclude each other'),
    (['--forward', 'http://a', '--status', '404'], '--forward and --status exclude each other'),
    (['--forward', 'http://a', '-H', 'A: b'], '--forward and --header exclude each other'),
    (['--forward', 'ftp://a'], 'error: --forward: response_forward is the URL of a server'),
    (['--forward', 'http://a', '--forward-cafile', '/no/a.pem'],
     'error: --forward-cafile: response_forward_cafile is the path'),
    pytest.param(['--forward', '--proxy', '--host', '0.0.0.0'],
                 'error: --forward: response_forward is True',
                 marks=needs_extra),
    (['--forward-cafile', 'a.pem'], '--forward-cafile needs --forward'),
    (['--forward'], '--forward needs a URL, or --proxy'),
    (['--folder', '/no/folder'],
     'error: --folder: response_folder is a str or a path object of a directory'),
    (['--har', ''], "--har is the path of a file, got ''"),
    (['--replay', ''], "--replay is the path of a file, got ''"),
    (['--script', ''], "--script is the path of a file, got ''"),
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
