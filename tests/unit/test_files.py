# -*- coding: utf-8 -*-
"""Files of a folder: names that are refused, media types, and files that are replaced meanwhile."""
from __future__ import unicode_literals

import os

import pytest

from httptestserver.http1.fields import Headers
from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting import files, opening
from httptestserver.scripting.files import FolderContent, from_folder, media_type, refusal
from httptestserver.scripting.response import Response
from support.servers import Leaks


def asked(path, command='GET'):
    return RecordedRequest(command=str(command), path=str(path), headers=Headers(b''))


def response(folder, path, **keys):
    return from_folder(dict(keys, response_folder=str(folder)), asked(path), Response)


@pytest.fixture
def folder(tmpdir):
    folder = tmpdir.mkdir('folder')
    folder.join('a.txt').write_binary(b'the file a')
    folder.mkdir('inner').join('b.txt').write_binary(b'the file b')
    tmpdir.mkdir('other').join('b.txt').write_binary(b'secret')
    return folder


@pytest.mark.parametrize('segment, reason', [
    (b'a/b', 'a slash'), (b'a\\b', 'a backslash'), (b'a:b', 'a colon'), (b'a\0', 'a NUL'),
    (b'', 'no name'), (b'.', 'no name'), (b'..', 'no name'), (b'..\\', 'a backslash'),
    (b'C:', 'a colon'), (b'a.txt::$DATA', 'a colon')])
def test_a_segment_that_is_more_than_a_name_is_refused(segment, reason):
    assert reason in refusal(segment)


ON_WINDOWS = [
    b'CON', b'con', b'PRN', b'AUX', b'NUL', b'nul.txt', b'NUL.tar.gz', b'NUL .txt', b'NUL  ',
    b'COM0', b'COM1', b'com9.log', b'LPT1', b'lpt9', b'COM\xc2\xb9', b'lpt\xc2\xb3.txt', b'CONIN$',
    b'conout$.x', b'a.', b'a ', b'...', b'. ', b'.. ', b'a.txt.', b'a?', b'a*', b'a"', b'a<', b'a>',
    b'a|', b'a\n', b'\x1f']


@pytest.mark.parametrize('segment', ON_WINDOWS)
def test_names_with_a_meaning_on_windows_are_refused_there(monkeypatch, segment):
    monkeypatch.setattr(files, 'IS_WINDOWS', True)
    assert refusal(segment) == 'it is no name of a file on Windows'
    monkeypatch.setattr(files, 'IS_WINDOWS', False)
    assert refusal(segment) == ''


@pytest.mark.parametrize('segment', [
    b'a.txt', b'CONSOLE', b'nul_', b'xNUL', b'COM', b'COM10', b'com.txt', b'LPT', b'LPTX', b'.a',
    b'..a', b'a..b', b' a', b'PROGRA~1', b'a~1.txt', b'\xff', b'\xe2\x82\xac', b'a b', b'%2e',
    b'~', b'$', b'COM\xc2\xb4'])
@pytest.mark.parametrize('windows', [True, False])
def test_other_names_are_not(monkeypatch, segment, windows):
    monkeypatch.setattr(files, 'IS_WINDOWS', windows)
    assert refusal(segment) == ''


@pytest.mark.parametrize('name, expected', [
    ('a.txt', 'text/plain; charset=utf-8'), ('a.HTML', 'text/html; charset=utf-8'),
    ('a.csv', 'text/csv; charset=utf-8'), ('a.json', 'application/json'), ('a.png', 'image/png'),
    ('a', 'application/octet-stream'), ('.txt', 'application/octet-stream'),
    ('a.unknown', 'application/octet-stream'), ('a.tar', 'application/x-tar'),
    ('a.tar.gz', 'application/gzip'), ('a.tgz', 'application/gzip'), ('a.gz', 'application/gzip'),
    ('a.tar.bz2', 'application/x-bzip2'), ('a.txt.xz', 'application/x-xz'),
    ('a.txt.Z', 'application/octet-stream')])
def test_the_media_type_is_that_of_the_name(name, expected):
    assert media_type(str(name)) == expected


def test_a_type_that_a_test_adds_is_used():
    import mimetypes
    mimetypes.add_type(str('application/x-own'), str('.own'))
    assert media_type(str('a.own')) == 'application/x-own'


def test_a_request_without_a_route_names_the_file_by_its_path(folder):
    made = response(folder, '/inner/b.txt?x')
    assert made.status == 200 and isinstance(made.content, FolderContent)
    assert b''.join(made.content) == b'the file b'
    assert made.content.sent == b'the file b'
    made.content.close()
    assert response(folder, '*').status == 404


def test_the_keys_are_not_changed(folder):
    keys = {'response_folder': str(folder), 'response_headers': {'X-A': 'b'}}
    before = dict(keys)
    for path in ('/a.txt', '/missing', '/inner'):
        made = from_folder(keys, asked(path), Response)
        assert keys == before
        if made.status == 200:
            made.content.close()


def test_a_file_is_closed_if_the_response_fails(folder, monkeypatch):
    opened = []
    real = FolderContent.__init__

    def note(self, file, name):
        opened.append(file)
        real(self, file, name)

    monkeypatch.setattr(FolderContent, '__init__', note)
    with pytest.raises(ValueError):
        response(folder, '/a.txt', response_content_encoding='gzip',
                 response_headers={'Content-Encoding': 'br'})
    with pytest.raises(ValueError):
        response(folder, '/a.txt', response_headers={'X-A': 'a\r\nb'})
    assert [file.closed for file in opened] == [True, True]


def test_the_name_of_a_file_that_has_become_shorter_is_reported(folder):
    made = response(folder, '/a.txt')
    folder.join('a.txt').write_binary(b'')
    with pytest.raises(ValueError) as caught:
        list(made.content)
    made.content.close()
    assert "ended after 0: 'a.txt'" in str(caught.value)


def test_a_folder_below_the_root_of_the_system_is_below_it():
    real = os.path.realpath(__file__)
    made = response('/', real.replace(os.sep, '/'))
    assert made.status == 200
    made.content.close()


# Another process replaces what was found, before it is opened.

links = pytest.mark.skipif(not hasattr(os, 'symlink') or os.name == 'nt', reason='no links here')


@pytest.fixture(params=['directories', 'paths'])
def way(request, monkeypatch):
    """Each of the two ways to open a file. Not every system has both."""
    if request.param == 'paths':
        monkeypatch.setattr(os, 'supports_dir_fd', set(), raising=False)
    elif os.open not in getattr(os, 'supports_dir_fd', ()):
        pytest.skip('no dir_fd here')


def replaced(monkeypatch, replace):
    """Call *replace* once a file was found, and before it is opened."""
    real = opening._descriptor

    def opened(*args):
        replace()
        return real(*args)

    monkeypatch.setattr(opening, '_descriptor', opened)


@links
@pytest.mark.parametrize('target, name, replace', [
    ('/a.txt', 'a.txt', lambda folder, path: os.symlink(
        str(folder.dirpath('other', 'b.txt')), path)),
    ('/inner/b.txt', 'inner', lambda folder, path: os.symlink(
        str(folder.dirpath('other')), path)),
    ('/a.txt', 'a.txt', lambda folder, path: os.mkfifo(path))],
    ids=['a link to a file', 'a link to a directory', 'a pipe'])
def test_what_replaces_a_file_meanwhile_is_not_opened(
        folder, monkeypatch, way, target, name, replace):
    def replace_it():
        folder.join(name).remove()
        replace(folder, str(folder.join(name)))
    replaced(monkeypatch, replace_it)
    with Leaks():
        assert response(folder, target).status == 404


@links
def test_what_is_no_regular_file_is_not_opened(folder, monkeypatch):
    os.mkfifo(str(folder.join('pipe')))
    opened = []
    monkeypatch.setattr(opening, '_descriptor', lambda *args: opened.append(args))
    assert response(folder, '/pipe').status == 404
    assert opened == []


def test_a_file_that_vanishes_is_not_found(folder, monkeypatch, way):
    replaced(monkeypatch, folder.join('a.txt').remove)
    assert response(folder, '/a.txt').status == 404


@links
def test_a_file_is_opened_in_each_way(folder, way):
    os.symlink('inner', str(folder.join('link')))
    for path in ('/a.txt', '/inner/b.txt', '/link/b.txt'):
        made = response(folder, path)
        assert made.status == 200
        assert b''.join(made.content).startswith(b'the file ')
        made.content.close()


def test_a_file_that_cannot_be_read_is_an_error_without_the_name_of_the_folder(folder, monkeypatch):
    def refuse(*args):
        raise OSError(13, 'Permission denied', str(folder))
    monkeypatch.setattr(opening, '_descriptor', refuse)
    with pytest.raises(ValueError) as caught:
        response(folder, '/a.txt')
    assert str(caught.value) == 'a file of response_folder cannot be read: Permission denied'
