# -*- coding: utf-8 -*-
"""A folder of files, as real programs, libraries and a browser load it."""
import os
import subprocess

import pytest

from support import installed
from support.browser import chromium
from support.contents import content_of, digest, sent

huggingface_hub = installed.module('huggingface_hub')
pandas = installed.module('pandas')

CONTENT = content_of(3012000)

ASSETS = {
    'index.html': '<!doctype html><title>page</title><link rel="stylesheet" href="assets/a.css">'
                  '<script type="module" src="assets/a.mjs"></script>'
                  '<p id="text">text</p><img id="image" src="assets/a%20b.svg">',
    'assets/a.css': '#text { color: rgb(1, 2, 3); }',
    'assets/a.mjs': """
import { name } from './b.js';
onload = async () => {
    const color = getComputedStyle(document.getElementById('text')).color;
    const width = document.getElementById('image').naturalWidth;
    const module = await WebAssembly.instantiateStreaming(fetch('assets/empty.wasm'));
    const values = [name, color, width, Object.keys(module)];
    fetch('/report', {method: 'POST', body: JSON.stringify(values)});
};
""",
    'assets/b.js': u'export const name = "Zo\xeb";',
    'assets/a b.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"></svg>',
    'assets/empty.wasm': '\0asm\1\0\0\0',
}


@pytest.fixture
def folder(tmpdir):
    return tmpdir.mkdir('folder')


def fill(folder, files):
    for name, text in files.items():
        folder.join(name).write_text(text, 'utf-8', ensure=True)


def run(folder, *command):
    """Return the exit status of *command*, which runs in *folder*, and what it prints."""
    installed.program(command[0])
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          cwd=str(folder), env=dict(os.environ, no_proxy='*'))
    return done.returncode, done.stdout.decode('utf-8', 'replace')


@pytest.mark.parametrize('command', [
    ['curl', '-q', '-sS', '--noproxy', '*', '-C', '-', '-o', 'file'],
    ['wget', '-nv', '--no-config', '-c', '--tries=1'],
    ['aria2c', '--no-conf', '--no-proxy=*', '--max-tries=1', '-c', '--file-allocation=none',
     '-x', '1']], ids=lambda command: command[0])
def test_a_download_from_a_folder_continues(http_server, tmpdir, folder, command):
    folder.join('file').write(CONTENT, 'wb')
    file = http_server.route(('GET', 'HEAD'), '/{path...}', response_folder=str(folder))
    file.enqueue(response_folder=str(folder), response_fault='disconnect',
                 response_fault_at=2000000)
    target = tmpdir.mkdir('target')
    codes = [run(target, *command + [http_server.url('/file')]) for _ in range(2)]
    assert [code == 0 for code, _ in codes] == [False, True], codes
    assert digest(target.join('file').read('rb')) == digest(CONTENT)
    # The second aria2 looks at the head of the whole file first, and leaves.
    first, last = file.history[0], file.history[-1]
    assert last.headers['Range'].startswith('bytes=')
    assert last.response_status == 206
    assert dict(first.response_headers)['ETag'] == dict(last.response_headers)['ETag']


def test_wget_mirrors_a_folder(http_server, tmpdir, folder):
    fill(folder, {'index.html': '<a href="sub">sub</a> <a href="a%20b.txt">text</a>',
                  'a b.txt': 'text', 'sub/index.html': u'<a href="z%C3%B6.txt">z\xf6</a>',
                  u'sub/z\xf6.txt': 'more'})
    http_server.data['response_folder'] = str(folder)
    target = tmpdir.mkdir('target')
    code, printed = run(target, 'wget', '-nv', '--no-config', '-r', '-nH',
                        '--restrict-file-names=nocontrol', http_server.url('/'))
    assert code == 0, printed
    assert target.join('a b.txt').read() == 'text'
    assert target.join('sub', u'z\xf6.txt').read() == 'more'
    assert [each.response_status for each in http_server.history if each.path == '/sub'] == [301]


def test_a_page_of_a_folder_with_what_it_loads(http_server, tmpdir, folder):
    fill(folder, ASSETS)
    http_server.data['response_folder'] = str(folder)
    reports = http_server.route('POST', '/report', response_status=204)
    with chromium(tmpdir, http_server.url('/')):
        assert reports.take_request(timeout=60).json() == [
            u'Zo\xeb', 'rgb(1, 2, 3)', 7, ['module', 'instance']]


def test_huggingface_hub_loads_files_of_a_folder(http_server, tmpdir, folder):
    fill(folder, {'config.json': '{"layers": 2}', 'onnx/model.txt': 'model'})
    http_server.route(('GET', 'HEAD'), '/ada/tiny/resolve/main/{path...}',
                      response_folder=str(folder), response_headers={'X-Repo-Commit': '0' * 40})
    options = {'endpoint': http_server.url('').rstrip('/'), 'token': False,
               'cache_dir': str(tmpdir.join('cache'))}
    for name, text in ('config.json', '{"layers": 2}'), ('onnx/model.txt', 'model'):
        with open(huggingface_hub.hf_hub_download('ada/tiny', name, **options)) as opened:
            assert opened.read() == text


def test_boto3_downloads_a_file_of_a_folder_in_parts(http_server, s3, parts, tmpdir, folder):
    folder.join('2026', 'file').write(CONTENT, 'wb', ensure=True)
    bucket = http_server.route(('GET', 'HEAD'), '/bucket/{path...}', response_folder=str(folder))
    s3.download_file('bucket', '2026/file', str(tmpdir.join('file')), Config=parts)
    assert digest(tmpdir.join('file').read('rb')) == digest(CONTENT)
    assert [each.response_status for each in bucket.history] == [200] + [206] * 7


def test_pandas_reads_a_column_of_a_file_of_a_folder(http_server, files, table, folder):
    folder.join('a.parquet').write(table, 'wb')
    http_server.data['response_folder'] = str(folder)
    with files.open(http_server.url('/a.parquet'), cache_type='none') as opened:
        assert len(pandas.read_parquet(opened, columns=['small'])) == 200000
    assert 0 < sent(http_server) < len(table) / 5
