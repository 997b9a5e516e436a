# -*- coding: utf-8 -*-
"""Bodies from files: only regular ones below the folder of the script, checked at each request."""
import io
import os

import pytest
import six
from six import ensure_text

from httptestserver import http_server
from httptestserver.cli.bodyfile import BodyFile
from support.client import Client, request
from support.paths import bytes_path


@pytest.fixture
def folder(tmpdir):
    """A folder with a file, beside a file that must not be sent."""
    tmpdir.join('secret').write('secret')
    tmpdir.join('scripts', 'sub').ensure(dir=True)
    tmpdir.join('scripts', 'a.txt').write('one')
    tmpdir.join('scripts-2').ensure(dir=True).join('a.txt').write('other')
    return tmpdir.join('scripts')


def link(folder, name, target):
    try:
        os.symlink(str(target), str(folder.join(name)))
    except (AttributeError, NotImplementedError, EnvironmentError):
        pytest.skip('no symbolic links')


def content(source):
    with http_server() as server, Client(server) as client:
        server.data['response_content'] = source
        client.send(request())
        response = client.answer()
        return response.status, response.body


@pytest.mark.parametrize('name', ['a.txt', './a.txt', 'sub/../a.txt', u'a.txt'])
def test_a_file_in_the_folder_is_sent(folder, name):
    assert content(BodyFile(str(folder), name)) == (200, b'one')


def test_a_name_may_have_any_characters(folder):
    name = u'caf\u00e9 \u2615'
    try:
        with io.open(bytes_path(folder, name), 'wb') as file:
            file.write(b'coffee')
        os.path.exists(name)
    except (EnvironmentError, UnicodeError):
        pytest.skip('no such names')
    assert content(BodyFile(str(folder), name)) == (200, b'coffee')


def test_a_name_with_characters_that_no_file_name_has_is_refused(folder):
    with pytest.raises(ValueError) as caught:
        BodyFile(str(folder), u'\ud800')
    # To Python 2 it is a name as any other.
    reason = u' has characters that no file name has in this locale' if six.PY3 else u' cannot be'
    assert reason in ensure_text(str(caught.value))


def test_the_folder_may_be_relative_and_a_link(folder, monkeypatch):
    link(folder.dirpath(), 'link', folder)
    monkeypatch.chdir(folder.dirpath())
    assert content(BodyFile('link', 'a.txt')) == (200, b'one')


def test_a_link_may_lead_to_a_file_below_the_folder(folder):
    link(folder, 'sub/link', folder.join('a.txt'))
    assert content(BodyFile(str(folder), 'sub/link')) == (200, b'one')


def test_the_folder_may_be_the_root(folder):
    if os.sep != '/':
        pytest.skip('there are several roots')
    assert content(BodyFile('/', str(folder.join('a.txt'))[1:])) == (200, b'one')


@pytest.mark.parametrize('name', [
    '../secret', 'sub/../../secret', '../scripts-2/a.txt', '..', '/etc/passwd', '{folder}/a.txt'])
def test_a_name_that_leads_out_is_refused(folder, name):
    name = name.format(folder=folder)
    with pytest.raises(ValueError) as caught:
        BodyFile(str(folder), name)
    assert str(caught.value) == 'the file %r is not below the folder of the script' % name


def test_links_that_lead_out_are_refused(folder):
    link(folder, 'link', '../secret')
    link(folder, 'up', '..')
    for name in ('link', 'up/secret'):
        with pytest.raises(ValueError) as caught:
            BodyFile(str(folder), name)
        assert str(caught.value) == 'the file %r is not below the folder of the script' % name


def test_a_loop_of_links_is_refused(folder):
    link(folder, 'loop', 'loop')
    with pytest.raises(ValueError) as caught:
        BodyFile(str(folder), 'loop')
    assert str(caught.value).startswith("the file 'loop' ")


@pytest.mark.parametrize('name', ['a.txt\0', '\0', '../secret\0a'])
def test_a_nul_is_refused(folder, name):
    with pytest.raises(ValueError) as caught:
        BodyFile(str(folder), name)
    assert str(caught.value) == 'the file %r has a NUL character' % name


def test_only_regular_files_are_sent(folder):
    names = ['sub', 'sub/']
    if hasattr(os, 'mkfifo'):
        os.mkfifo(str(folder.join('pipe')))
        names.append('pipe')
    for name in names:
        with pytest.raises(ValueError) as caught:
            BodyFile(str(folder), name)
        assert str(caught.value) == 'the file %r is not a regular file' % name
    if os.path.exists('/dev/null'):
        with pytest.raises(ValueError) as caught:
            BodyFile('/dev', 'null')
        assert str(caught.value) == "the file 'null' is not a regular file"


@pytest.mark.parametrize('name', ['', '.'])
def test_the_folder_itself_is_no_file(folder, name):
    with pytest.raises(ValueError):
        BodyFile(str(folder), name)


def test_a_file_that_cannot_be_read_is_refused(folder):
    with pytest.raises(ValueError) as caught:
        BodyFile(str(folder), 'none')
    assert str(caught.value) == "the file 'none' cannot be read: No such file or directory"
    folder.join('a.txt').chmod(0)
    if not os.access(str(folder.join('a.txt')), os.R_OK):
        with pytest.raises(ValueError) as caught:
            BodyFile(str(folder), 'a.txt')
        assert str(caught.value) == "the file 'a.txt' cannot be read: Permission denied"


def test_the_current_content_is_sent(folder):
    body = BodyFile(str(folder), 'a.txt')
    assert content(body) == (200, b'one')
    folder.join('a.txt').write('two')
    assert content(body) == (200, b'two')


def test_where_a_name_leads_is_checked_at_each_request(folder):
    body = BodyFile(str(folder), 'a.txt')
    folder.join('a.txt').remove()
    assert content(body)[0] == 500
    link(folder, 'a.txt', '../secret')
    assert content(body) == (500, b"the response failed: ValueError: the file 'a.txt' is not below "
                                  b"the folder of the script\n")


def test_a_large_file_is_streamed(folder):
    folder.join('a.txt').write_binary(b'x' * 5000000)
    with http_server() as server, Client(server) as client:
        server.data['response_content'] = BodyFile(str(folder), 'a.txt')
        client.send(request())
        assert len(client.answer().body) == 5000000
        # The entry has the path, and not the content.
        assert str(server.history[0]['response_content']) == str(folder.join('a.txt'))
