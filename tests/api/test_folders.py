# -*- coding: utf-8 -*-
"""A folder of files as the content of responses: which file a request gets, and which never."""
from __future__ import unicode_literals

import os
import sys

import pytest

from support.client import request
from support.failing import problems
from support.marks import both_schemes

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


@pytest.mark.parametrize('path', ['/evil.example/{path...}', '//evil.example/{path...}'])
def test_that_redirect_never_leads_to_another_host(server, client, folder, path):
    server.route('GET', path, response_folder=str(folder))
    answer = client.get(path.replace('{path...}', 'site'))
    assert (answer.status, answer.get('location')) == (301, 'site/')


def test_the_redirect_quotes_the_name(served, client, folder):
    folder.mkdir('a b%?#\xe9')
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
    folder.join('\xe9 \u20ac').write_binary(b'found')
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


@pytest.mark.skipif(not hasattr(os, 'geteuid') or os.geteuid() == 0, reason='root may read all')
def test_a_file_that_may_not_be_read_is_an_error_of_the_test(served, client, folder):
    folder.join('a.txt').chmod(0)
    answer = client.get('/a.txt')
    assert answer.status == 500
    assert b'Permission denied' in answer.body and str(folder).encode('utf-8') not in answer.body


def test_a_folder_is_checked_where_it_is_written(server, folder):
    with pytest.raises(ValueError) as caught:
        server.data['response_folder'] = str(folder.join('missing'))
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
