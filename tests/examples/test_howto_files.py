# -*- coding: utf-8 -*-

"""A program that mirrors the files of a site."""
import io
import os

import pytest
import requests


def mirror(url, names, target):
    """Copy the files *names* below *url* into the folder *target*, if they are new there."""
    for name in names:
        path = os.path.join(target, name)
        headers = {}
        if os.path.exists(path + '.etag'):
            with io.open(path + '.etag') as file:
                headers['If-None-Match'] = file.read()
        response = requests.get(url + name, headers=headers, timeout=5)
        response.raise_for_status()
        if response.status_code == 200:
            with io.open(path, 'wb') as file:
                file.write(response.content)
            with io.open(path + '.etag', 'w') as file:
                file.write(u'%s' % response.headers['ETag'])


@pytest.fixture(name='folder')
def new_folder(tmpdir):
    made = tmpdir.mkdir('site')
    made.join('a.csv').write('1,2\n')
    made.mkdir('docs').join('index.html').write('<h1>Docs</h1>')
    return made


@pytest.fixture(name='site')
def new_site(http_server, folder):
    return http_server.route(path='/site/{path...}', response_folder=folder)


def test_files_are_copied_once(http_server, site, folder, tmpdir):
    target = str(tmpdir.mkdir('target'))
    mirror(http_server.url('/site/'), ['a.csv'], target)
    mirror(http_server.url('/site/'), ['a.csv'], target)
    folder.join('a.csv').write('3,4,5\n')
    mirror(http_server.url('/site/'), ['a.csv'], target)
    assert tmpdir.join('target', 'a.csv').read() == '3,4,5\n'
    assert [each.response_status for each in site.history] == [200, 304, 200]
    assert site.history[-1].response_content == b'3,4,5\n'


def test_a_file_is_missing(http_server, site, tmpdir):
    with pytest.raises(requests.HTTPError):
        mirror(http_server.url('/site/'), ['b.csv'], str(tmpdir))
    assert b"the folder has no file 'b.csv'" in site.history[-1].response_content


def test_a_directory_is_its_index(http_server, site):
    response = requests.get(http_server.url('/site/docs'), timeout=5)
    assert response.url == http_server.url('/site/docs/')
    assert response.text == '<h1>Docs</h1>'
    assert response.headers['Content-Type'] == 'text/html; charset=utf-8'


def test_one_file_fails_once(http_server, site, tmpdir):
    http_server.route('GET', '/site/a.csv', response_status=503, response_times=1)
    with pytest.raises(requests.HTTPError):
        mirror(http_server.url('/site/'), ['a.csv'], str(tmpdir))
    mirror(http_server.url('/site/'), ['a.csv'], str(tmpdir))
    assert tmpdir.join('a.csv').read() == '1,2\n'
