# -*- coding: utf-8 -*-
"""A folder of files as the content of responses: which file a request gets, and which never."""
from __future__ import unicode_literals

import errno
import os
import re
import sys
import threading
import zlib

import pytest

from httptestserver.cli.scriptfile import Scenario, ScriptError
from support.client import Client, request
from support.failing import problems
from support.inside import idle
from support.marks import both_schemes, thorough
from support.paths import bytes_path
from support.servers import Leaks, descriptors, serve
from support.waiting import eventually

A = b'the file a'


@pytest.fixture
def folder(tmpdir):
    """A folder that is served, beside a file that is not below it."""
    tmpdir.join('secret.txt').write_binary(b'secret')
    folder = tmpdir.mkdir('folder')
    folder.join('a.txt').write_binary(A)
    folder.join('empty').write_binary(b'')
    folder.mkdir('inner').join('b.json').write_binary(b'{}')
    folder.mkdir('site').join('index.html').write_binary(b'<p>')
    return folder


@pytest.fixture
def served(server, folder):
    server.data['response_folder'] = str(folder)
    return server


@both_schemes
def test_a_file_is_sent_by_its_path(served, client):
    answer = client.get('/a.txt')
    assert (answer.status, answer.body) == (200, A)
    assert answer.get('content-type') == 'text/plain; charset=utf-8'
    answer = client.get('/inner/b.json?v=1')
    assert (answer.status, answer.body) == (200, b'{}')
    assert answer.get('content-type') == 'application/json'
    answer = client.get('/empty')
    assert (answer.status, answer.body, answer.get('content-length')) == (200, b'', '0')
    assert answer.get('content-type') == 'application/octet-stream'
    served.check()


def test_history_has_the_bytes_that_were_sent(served, client):
    client.get('/a.txt')
    assert served.history[-1]['response_content'] == A
    assert served.history[-1]['response_status'] == 200


def test_head_has_the_fields_of_get_and_no_content(served, client):
    fields = dict(client.get('/a.txt').fields)
    client.send(request('HEAD', '/a.txt'))
    answer = client.answer('HEAD')
    assert (answer.status, answer.body) == (200, b'')
    assert dict(answer.fields, date='') == dict(fields, date='')
    client.send(request('HEAD', '/missing'))
    assert client.answer('HEAD').status == 404
    assert client.get('/a.txt').body == A


@pytest.mark.parametrize('method', ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get', 'FETCH'])
@pytest.mark.parametrize('path', ['/a.txt', '/missing', '/../secret.txt'])
def test_other_methods_are_not_allowed(served, client, method, path):
    client.send(request(method, path))
    answer = client.answer()
    assert (answer.status, answer.get('allow')) == (405, 'GET, HEAD')
    assert answer.body == b"a folder has GET and HEAD, got '%s'\n" % method.encode('ascii')
    served.check()


@pytest.mark.parametrize('path, files', [
    ('/files/{path...}', '/files/inner/b.json'), ('/{user}/{path...}', '/x/inner/b.json'),
    ('/{path...}', '/inner/b.json'), ('/inner/b.json', '/inner/b.json'),
    ('/{folder}/{name}', '/inner/b.json')])
def test_the_rest_of_the_path_of_a_route_names_the_file(server, client, folder, path, files):
    server.route('GET', path, response_folder=str(folder))
    answer = client.get(files)
    assert (answer.status, answer.body) == (200, b'{}')
    server.check()


def test_the_route_of_a_queued_response_counts(server, client, folder):
    server.route('GET', '/files/{path...}').enqueue(response_folder=str(folder))
    assert client.get('/files/a.txt').body == A
    server.reset()
    server.enqueue(response_folder=str(folder))
    assert client.get('/a.txt').body == A
    server.check()


def test_a_route_for_a_host_serves_a_target_in_absolute_form(server, client, folder):
    server.route('GET', 'http://example.com/files/{path...}', response_folder=str(folder))
    assert client.get('http://example.com/files/a.txt').body == A


def test_a_path_object_and_a_function_of_the_request_name_a_folder(server, client, folder):
    server.data['response_folder'] = folder
    assert client.get('/a.txt').body == A
    server.data['response_folder'] = lambda request: str(folder.join(request.query['v']))
    assert client.get('/b.json?v=inner').body == b'{}'
    server.data['response_callback'] = lambda request: {'response_folder': str(folder)}
    assert client.get('/a.txt').body == A
    server.check()


# A directory.

def test_a_directory_moves_to_the_path_with_a_slash(served, client):
    answer = client.get('/site?q=1&r=%2F')
    assert (answer.status, answer.get('location')) == (301, 'site/?q=1&r=%2F')
    assert client.get('/site').get('location') == 'site/'
    answer = client.get('/site/')
    assert (answer.status, answer.body) == (200, b'<p>')
    assert answer.get('content-type') == 'text/html; charset=utf-8'
    assert client.get('/inner').status == 301
    assert client.get('/inner/').status == 404
    assert client.get('/').status == 404
    assert client.get('/a.txt/').status == 404
    assert client.get('/missing/').status == 404
    served.check()


def test_the_folder_itself_has_an_index(served, server, client, folder):
    folder.join('index.html').write_binary(b'<h1>')
    assert client.get('/').body == b'<h1>'
    server.route('GET', '/files/{path...}', response_folder=str(folder))
    assert client.get('/files/').body == b'<h1>'


@pytest.mark.parametrize('path', ['/evil.example/{path...}', '//evil.example/{path...}'])
def test_that_redirect_never_leads_to_another_host(server, client, folder, path):
    server.route('GET', path, response_folder=str(folder))
    answer = client.get(path.replace('{path...}', 'site'))
    assert (answer.status, answer.get('location')) == (301, 'site/')


def test_the_redirect_quotes_the_name(served, client, folder):
    os.mkdir(bytes_path(folder, 'a b%?#\xe9'))
    assert client.get('/a%20b%25%3f%23%C3%A9').get('location') == 'a%20b%25%3F%23%C3%A9/'


# What is refused.

REFUSED = [
    '/../secret.txt', '/..', '/.', '/./a.txt', '/inner/../a.txt', '/inner/../../secret.txt',
    '/%2e%2e/secret.txt', '/.%2E/secret.txt', '/..%2fsecret.txt', '/inner%2Fb.json',
    '/%2e%2e%2fsecret.txt', '/..%5csecret.txt', '/..\\secret.txt', '/inner\\b.json',
    '/inner%5cb.json', '/a.txt%00', '/%00', '/a.txt%00.html', '/a.txt:stream',
    '/c:/a.txt', '/C%3a/a.txt',
    '//a.txt', '/inner//b.json', '//site', '//', '/inner/.', '/inner/..', '/site/..', '/site/../']


@pytest.mark.parametrize('path', REFUSED)
def test_a_path_with_such_a_segment_is_refused(served, client, path):
    answer = client.get(path)
    assert answer.status == 404
    assert answer.body.startswith(b'the path is refused at its segment ')
    served.check()


@pytest.mark.parametrize('path', REFUSED)
def test_the_rest_of_a_route_is_refused_alike(server, client, folder, path):
    server.route('GET', '/files/{path...}', response_folder=str(folder))
    answer = client.get('/files' + path)
    assert answer.status == 404
    assert answer.body.startswith(b'the path is refused at its segment ')


@pytest.mark.parametrize('path', [
    '/%252e%252e/secret.txt', '/..%252fsecret.txt', '/%c0%ae%c0%ae/secret.txt', '/...', '/~',
    '/a.tx', '/%ef%bc%8e%ef%bc%8e/secret.txt', '/a.txt%20', '/A%', '/%',
    '/' + 'x' * 300, '/' + 'x/' * 1000,
    '/folder/a.txt', '/missing/a.txt', '/a.txt/a.txt'])
def test_what_is_not_there_is_not_found(served, client, folder, path):
    answer = client.get(path)
    assert answer.status == 404
    assert answer.body.startswith(b'the folder has no file ')
    assert str(folder).encode('utf-8') not in answer.body
    served.check()


def test_an_absolute_path_is_refused(served, client, folder):
    for path in (str(folder.join('a.txt')), '/' + str(folder.join('a.txt'))):
        assert client.get('/' + path).status == 404


def test_a_target_without_a_path_is_refused(served, client):
    client.send(request('OPTIONS', '*'))
    assert client.answer().status == 405
    assert served.history[-1].path == '*'


def test_names_that_are_not_ascii_are_found(served, client, folder):
    with open(bytes_path(folder, '\xe9 \u20ac'), 'wb') as file:
        file.write(b'found')
    assert client.get('/%C3%A9%20%E2%82%AC').body == b'found'
    # As it is in the request line.
    client.send('GET /\xe9%20\u20ac HTTP/1.1\r\nHost: a\r\n\r\n'.encode('utf-8'))
    assert client.answer().body == b'found'


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='other systems have only Unicode')
def test_names_that_are_no_utf_8_are_found(served, client, folder):
    with open(str(folder).encode('utf-8') + b'/\xff', 'wb') as file:
        file.write(b'found')
    assert client.get('/%FF').body == b'found'
    answer = client.get('/%FE')
    assert answer.status == 404
    assert b'FE' in answer.body.upper()


# Links, and what is no regular file.

links = pytest.mark.skipif(not hasattr(os, 'symlink') or os.name == 'nt', reason='no links here')


@links
def test_a_link_inside_of_the_folder_is_followed_and_one_out_of_it_not(served, client, folder):
    os.symlink('a.txt', str(folder.join('link')))
    os.symlink(str(folder.join('inner')), str(folder.join('linked')))
    assert client.get('/link').body == A
    assert client.get('/linked/b.json').body == b'{}'
    assert client.get('/linked').status == 301
    os.symlink('../secret.txt', str(folder.join('out')))
    os.symlink('..', str(folder.join('up')))
    os.symlink('/', str(folder.join('top')))
    os.symlink('../missing', str(folder.join('dangling')))
    for path in ('/out', '/up', '/up/', '/up/secret.txt', '/top/etc/passwd', '/dangling'):
        answer = client.get(path)
        assert (answer.status, b'is a link that leads out of the folder' in answer.body) == (
            404, True)
    # Back into the folder.
    assert client.get('/up/folder/a.txt').body == A
    os.symlink('loop', str(folder.join('loop')))
    assert client.get('/loop').status == 404
    served.check()


@links
def test_a_folder_whose_name_begins_alike_is_outside(served, client, folder):
    folder.dirpath().mkdir('folder2').join('a.txt').write_binary(b'secret')
    os.symlink('../folder2', str(folder.join('alike')))
    assert client.get('/alike/a.txt').status == 404


@links
def test_an_index_that_leads_out_is_not_found(served, client, folder):
    os.symlink('../../secret.txt', str(folder.join('inner', 'index.html')))
    assert client.get('/inner/').status == 404


@links
def test_a_folder_that_is_a_link_is_served(server, client, folder):
    link = folder.dirpath('link')
    os.symlink(str(folder), str(link))
    server.data['response_folder'] = str(link)
    assert client.get('/a.txt').body == A


@links
@pytest.mark.timeout(20)
def test_a_pipe_is_not_found_at_once(served, client, folder):
    os.mkfifo(str(folder.join('pipe')))
    answer = client.get('/pipe')
    assert (answer.status, answer.body) == (404, b"'pipe' is no regular file\n")
    folder.join('site', 'index.html').remove()
    os.mkfifo(str(folder.join('site', 'index.html')))
    assert client.get('/site/').status == 404
    served.check()


# What the test does wrong.

def test_a_folder_that_is_gone_is_an_error_of_the_test(served, client, folder):
    folder.remove()
    answer = client.get('/a.txt')
    assert answer.status == 500
    assert answer.body == (
        b'the response failed: ValueError: response_folder is no longer a directory\n')
    assert 'GET /a.txt' in problems(served)


@pytest.mark.parametrize('at, status, body', [
    (1, 500, b'the response failed: ValueError: a file of response_folder cannot be read: '
     + os.strerror(errno.EINVAL).encode('ascii') + b'\n'),
    (2, 404, b"the folder has no file 'a.txt'\n")])
def test_a_path_that_changes_while_it_is_resolved_names_no_folder(
        served, client, monkeypatch, at, status, body):
    calls, real = [], os.path.realpath

    def realpath(path):
        calls.append(path)
        if len(calls) == at:
            # A link was there, and when it is read, it is a file.
            raise OSError(errno.EINVAL, 'Invalid argument', path)
        return real(path)
    monkeypatch.setattr('os.path.realpath', realpath)
    answer = client.get('/a.txt')
    monkeypatch.undo()
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.skipif(not hasattr(os, 'geteuid') or os.geteuid() == 0, reason='root may read all')
def test_a_file_that_may_not_be_read_is_an_error_of_the_test(served, client, folder):
    folder.join('a.txt').chmod(0)
    answer = client.get('/a.txt')
    assert answer.status == 500
    assert b'Permission denied' in answer.body and str(folder).encode('utf-8') not in answer.body


def test_a_folder_is_checked_where_it_is_written(server, folder):
    # The last two are no names of files on most systems.
    for path in (str(folder.join('missing')), '\0', '\ud800'):
        with pytest.raises(ValueError) as caught:
            server.data['response_folder'] = path
        assert 'response_folder is a str or a path object of a directory that exists, got ' in str(
            caught.value)
    with pytest.raises(ValueError) as caught:
        server.enqueue(response_folder=folder.join('a.txt'))
    assert 'response_content=pathlib.Path(...)' in str(caught.value)
    for value in (None, 5, ['a'], True):
        with pytest.raises(TypeError):
            server.route('GET', '/', response_folder=value)
    with pytest.raises(ValueError) as caught:
        server.enqueue(response_folder=str(folder), response_content=b'')
    assert 'are both set' in str(caught.value)


# Other keys beside it.

def test_headers_of_the_script_are_added(server, client, folder):
    server.data.update(response_folder=str(folder), response_headers={
        'Cache-Control': 'no-store', 'Content-Type': 'a/b', 'Content-Language': 'en'})
    answer = client.get('/a.txt')
    assert (answer.get('content-type'), answer.get('cache-control')) == ('a/b', 'no-store')
    for path in ('/missing', '/site'):
        answer = client.get(path)
        assert answer.get('content-type') == 'text/plain; charset=utf-8'
        assert answer.get('cache-control') == 'no-store'
        assert answer.get('content-language') is None


def test_a_status_is_that_of_a_file(server, client, folder):
    server.data.update(response_folder=str(folder), response_status=203, response_reason='Mine')
    answer = client.get('/a.txt')
    assert (answer.status, answer.reason, answer.body) == (203, 'Mine', A)
    answer = client.get('/missing')
    assert (answer.status, answer.reason) == (404, 'Not Found')


def test_content_of_a_callback_replaces_the_folder(server, client, folder):
    server.data.update(response_folder=str(folder), response_callback=lambda request: b'made')
    assert client.get('/a.txt').body == b'made'


# Ranges, conditions, codings and faults.

@both_schemes
def test_a_file_has_validators_ranges_and_preconditions(served, client):
    answer = client.get('/a.txt')
    etag, modified = answer.get('etag'), answer.get('last-modified')
    assert answer.get('accept-ranges') == 'bytes'
    assert re.match(r'"[0-9a-f]+-[0-9a-f]+-[0-9a-f]+"\Z', etag)
    part = client.get('/a.txt', 'Range: bytes=4-7')
    assert (part.status, part.body, part.get('content-range')) == (206, b'file', 'bytes 4-7/10')
    assert part.get('content-type') == 'text/plain; charset=utf-8'
    assert served.history[-1]['response_content'] == b'file'
    assert client.get('/a.txt', 'Range: bytes=4-7', 'If-Range: ' + etag).status == 206
    assert client.get('/a.txt', 'Range: bytes=4-7', 'If-Range: "other"').status == 200
    assert client.get('/a.txt', 'Range: bytes=10-').get('content-range') == 'bytes */10'
    several = client.get('/a.txt', 'Range: bytes=0-0,9-')
    assert several.get('content-type').startswith('multipart/byteranges; boundary=')
    assert client.get('/a.txt', 'If-None-Match: ' + etag).status == 304
    assert client.get('/a.txt', 'If-Modified-Since: ' + modified).status == 304
    assert client.get('/a.txt', 'If-Match: "other"').status == 412
    served.check()


def test_what_is_no_file_has_no_ranges(served, client):
    for path, status in (('/missing', 404), ('/site', 301), ('/../secret.txt', 404)):
        answer = client.get(path, 'Range: bytes=0-3', 'If-None-Match: *')
        assert (answer.status, answer.get('etag'), answer.get('accept-ranges')) == (
            status, None, None)
    client.send(request('PUT', '/a.txt', 'If-Match: "other"'))
    assert client.answer().status == 405


def test_an_index_has_ranges(served, client):
    assert client.get('/site/', 'Range: bytes=1-').body == b'p>'


def test_without_ranges_a_file_is_always_sent_whole(server, client, folder):
    server.data.update(response_folder=str(folder), response_ranges=False)
    answer = client.get('/a.txt', 'Range: bytes=4-7', 'If-None-Match: *')
    assert (answer.status, answer.body) == (200, A)
    assert answer.get('accept-ranges') is None and answer.get('etag') is None


def test_validators_of_the_script_come_first(server, client, folder):
    server.data.update(response_folder=str(folder), response_headers={'ETag': '"mine"'})
    assert client.get('/a.txt').get('etag') == '"mine"'
    assert client.get('/a.txt', 'If-None-Match: "mine"').status == 304
    assert client.get('/missing').get('etag') is None


def test_a_file_that_changes_has_another_tag(served, client, folder):
    first = client.get('/a.txt').get('etag')
    folder.join('a.txt').write_binary(b'a new file')
    os.utime(str(folder.join('a.txt')), (1, 1))
    assert client.get('/a.txt').get('etag') != first
    assert client.get('/a.txt', 'If-None-Match: ' + first).body == b'a new file'


def test_a_download_that_breaks_and_resumes(server, client, folder):
    keys = {'response_folder': str(folder)}
    server.enqueue(keys, response_fault='disconnect', response_fault_at=3)
    server.data.update(keys)
    client.send(request('GET', '/a.txt'))
    head, _, first = client.rest().partition(b'\r\n\r\n')
    assert b'Content-Length: 10' in head and first == A[:3]
    with Client(server) as client:
        assert first + client.get('/a.txt', 'Range: bytes=3-').body == A
    entries = [(each['response_status'], each['response_content']) for each in server.history]
    assert entries == [(200, A[:3]), (206, A[3:])]
    server.check()


def test_half_of_a_part_is_counted_by_the_part(server, client, folder):
    server.data.update(response_folder=str(folder), response_fault='disconnect',
                       response_fault_at='body')
    client.send(request('GET', '/a.txt', 'Range: bytes=2-5'))
    assert client.rest().endswith(b'\r\n\r\n' + A[2:4])


def test_a_coding_has_a_tag_of_its_own(server, client, folder):
    plain = server.route(path='/plain/{path...}', response_folder=str(folder))
    server.route(path='/coded/{path...}', response_folder=str(folder),
                 response_content_encoding='gzip')
    answer = client.get('/coded/a.txt')
    assert answer.get('content-encoding') == 'gzip'
    assert zlib.decompress(answer.body, 31) == A
    assert answer.get('etag') != client.get('/plain/a.txt').get('etag')
    assert client.get('/coded/missing').status == 404
    assert plain.history[-1].path == '/plain/a.txt'
    server.check()


def test_a_large_file_is_sent_at_a_rate_and_kept_in_part(server, client, folder):
    content = os.urandom(3000) * 700
    folder.join('large').write_binary(content)
    server.data.update(response_folder=str(folder), response_rate=1e9)
    assert client.get('/large').body == content
    assert server.history[-1]['response_content'] == content[:1048576]


# Files that change while they are sent.

@both_schemes
@pytest.mark.parametrize('size', [9, 20])
def test_a_file_that_shrinks_or_grows_is_sent_as_announced_or_cut(server, client, folder, size):
    gate = threading.Event()
    server.data.update(response_folder=str(folder), response_hold=gate,
                       response_informational=[(103, {})])
    client.send(request('GET', '/a.txt', 'Connection: close'))
    assert client.answer().status == 103
    with folder.join('a.txt').open('r+b') as file:
        file.truncate(size)
    gate.set()
    assert client.rest().partition(b'\r\n\r\n')[2] == A[:size]
    idle(server)
    if size < len(A):
        assert "ended after 9: 'a.txt'" in problems(server)
    else:
        server.check()


@both_schemes
@pytest.mark.parametrize('method', ['GET', 'HEAD', 'POST'])
def test_no_response_leaves_a_descriptor(scheme, folder, method):
    with Leaks(), serve(scheme) as server:
        server.data['response_folder'] = str(folder)
        with Client(server) as client:
            for path in ('/a.txt', '/inner', '/inner/', '/site/', '/missing', '/..', '/empty') * 3:
                for fields in ([], ['Range: bytes=1-2'], ['If-None-Match: *'], ['If-Match: "a"']):
                    client.send(request(method, path, *fields))
                    client.answer(method)
            eventually(lambda: not [each for each in descriptors().values()
                                    if str(folder) in each])


@thorough
@links
def test_links_that_are_swapped_meanwhile_never_lead_out(served, client, folder):
    folder.dirpath().mkdir('other').join('b.json').write_binary(b'secret')
    os.symlink('inner', str(folder.join('swapped')))
    ended = threading.Event()

    def swap():
        for number in range(100000):
            if ended.is_set():
                return
            target = ('../other', 'inner')[number % 2]
            os.symlink(target, str(folder.join('next')))
            os.rename(str(folder.join('next')), str(folder.join('swapped')))

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        statuses = set()
        for _ in range(1000):
            answer = client.get('/swapped/b.json')
            assert answer.body != b'secret'
            statuses.add(answer.status)
    finally:
        ended.set()
        thread.join()
    assert statuses == {200, 404}
    served.check()


# Script files.

def test_a_script_file_names_a_folder_below_its_own(server, client, folder, tmpdir):
    script = tmpdir.join('script.json')
    script.write('{"data": {"response_folder": "folder"}}')
    Scenario(str(script)).apply(server)
    assert client.get('/a.txt').body == A
    script.write('{"data": {"response_folder": "."}}')
    Scenario(str(script)).apply(server)
    assert client.get('/folder/a.txt').body == A


@pytest.mark.parametrize('value, error', [
    ('".."', "the file '..' is not below the folder of the script"),
    ('"/"', "the file '/' is not below the folder of the script"),
    ('"secret.txt"', "the file 'secret.txt' is not a directory"),
    ('"missing"', "the file 'missing' cannot be read: "),
    ('5', 'data.response_folder is the name of a directory below that of the script, a string, '
          'got 5')])
def test_a_wrong_folder_in_a_script_file_is_refused(tmpdir, folder, value, error):
    script = tmpdir.join('script.json')
    script.write('{"data": {"response_folder": %s}}' % value)
    with pytest.raises(ScriptError) as caught:
        Scenario(str(script))
    assert error in str(caught.value)
