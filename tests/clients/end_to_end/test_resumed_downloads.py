# -*- coding: utf-8 -*-
"""Downloads that break and continue, as real programs and libraries do it."""
import email
import io
import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

from support import installed
from support.contents import content_of, digest, sent
from support.marks import with_and_without_ranges

huggingface_hub = installed.module('huggingface_hub')
constants = installed.module('huggingface_hub.constants')

CONTENT = content_of(502000)
BREAK = 200000


def run(*command):
    """Return the exit status of *command*, which has a minute, and what it prints."""
    installed.program(command[0])
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env=dict(os.environ, no_proxy='*', PIP_CONFIG_FILE=os.devnull))
    return done.returncode, done.stdout.decode('utf-8', 'replace')


def serve(server, ranges, content=CONTENT, path='/file', at=BREAK, **keys):
    """Return a route with *content*, the first download of which breaks after *at* bytes."""
    route = server.route('GET', path, response_content=content, response_ranges=ranges, **keys)
    route.enqueue(content, response_ranges=ranges, response_fault='disconnect',
                  response_fault_at=at, **keys)
    return route


def asked(route):
    """Return the Range of each request to *route*."""
    return [each.headers.get('Range') for each in route.history]


def statuses(route):
    return [each.response_status for each in route.history]


# Programs.

@with_and_without_ranges
def test_curl_continues(http_server, tmpdir, ranges):
    file, target = serve(http_server, ranges), tmpdir.join('file')
    command = ['curl', '-q', '-sS', '--noproxy', '*', '-C', '-', '-o', str(target),
               http_server.url('/file')]
    code, printed = run(*command)
    assert (code, target.size()) == (18, BREAK), printed
    code, printed = run(*command)
    assert asked(file) == [None, 'bytes=200000-']
    if not ranges:
        # It says that the server does not seem to support ranges.
        assert (code, target.size()) == (33, BREAK), printed
        return
    assert code == 0, printed
    assert digest(target.read('rb')) == digest(CONTENT)
    assert sent(file) == len(CONTENT)
    # A file that is complete stays as it is.
    code, printed = run(*command)
    assert (code, statuses(file)) == (0, [200, 206, 416]), printed
    assert digest(target.read('rb')) == digest(CONTENT)


@with_and_without_ranges
def test_curl_gets_parts(http_server, ranges):
    file = http_server.route('GET', '/file', response_content=CONTENT, response_ranges=ranges)
    printed = subprocess.check_output(['curl', '-q', '-sS', '--noproxy', '*', '-r', '-5',
                                       http_server.url('/file')])
    assert digest(printed) == digest(CONTENT[-5:] if ranges else CONTENT)
    assert statuses(file) == [206 if ranges else 200]


@with_and_without_ranges
def test_curl_gets_several_parts(http_server, ranges):
    file = http_server.route('GET', '/file', response_content=CONTENT, response_ranges=ranges,
                             response_headers={'Content-Type': 'application/x-sample'})
    printed = subprocess.check_output(['curl', '-q', '-sSi', '--noproxy', '*', '-r', '1-3,9-9,-2',
                                       http_server.url('/file')])
    head, _, body = printed.partition(b'\r\n\r\n')
    if not ranges:
        assert digest(body) == digest(CONTENT)
        return
    kind = dict(file.history[0].response_headers)['Content-Type']
    message = email.message_from_bytes(
        b'Content-Type: %s\r\n\r\n%s' % (kind.encode('ascii'), body))
    assert [(each['Content-Type'], each['Content-Range'], each.get_payload(decode=True))
            for each in message.get_payload()] == [
        ('application/x-sample', 'bytes 1-3/502000', CONTENT[1:4]),
        ('application/x-sample', 'bytes 9-9/502000', CONTENT[9:10]),
        ('application/x-sample', 'bytes 501998-501999/502000', CONTENT[-2:])]


@with_and_without_ranges
def test_wget_continues(http_server, tmpdir, ranges):
    file, target = serve(http_server, ranges), tmpdir.join('file')
    command = ['wget', '-nv', '--no-config', '-c', '--waitretry=0', '-O', str(target),
               http_server.url('/file')]
    code, printed = run(*command)
    assert code == 0, printed
    assert digest(target.read('rb')) == digest(CONTENT)
    assert asked(file) == [None, 'bytes=200000-']
    assert statuses(file) == [200, 206 if ranges else 200]
    assert sent(file) == len(CONTENT) + (0 if ranges else BREAK)
    if ranges:
        code, printed = run(*command)
        assert (code, statuses(file)[2:]) == (0, [416]), printed
        assert digest(target.read('rb')) == digest(CONTENT)


@with_and_without_ranges
def test_aria2_continues_with_several_connections(http_server, tmpdir, ranges):
    content = CONTENT * 9
    file = serve(http_server, ranges, content)
    code, printed = run('aria2c', '--no-conf', '--no-proxy=*', '-x', '4', '-s', '4', '-k', '1M',
                        '--retry-wait=0', '--file-allocation=none', '--dir', str(tmpdir),
                        http_server.url('/file'))
    first, others = file.history[0], file.history[1:]
    assert first.response_fault == 'disconnect'
    assert all(['Range' in each.headers for each in others])
    if not ranges:
        # It says that a range is not the one that it asked for.
        assert code == 8, printed
        return
    assert code == 0, printed
    assert digest(tmpdir.join('file').read('rb')) == digest(content)
    assert {each.response_status for each in others} == {206}
    assert len({each.connection_index for each in file.history}) >= 3


def wheel():
    """Return the bytes of a wheel without code, of more than 400 kB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, 'w') as archive:
        archive.writestr('sample_data.bin', CONTENT)
        archive.writestr('sample-1.0.dist-info/METADATA',
                         'Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n')
        archive.writestr('sample-1.0.dist-info/WHEEL',
                         'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
        archive.writestr('sample-1.0.dist-info/RECORD', '')
    return packed.getvalue()


@pytest.mark.parametrize('ranges, retries', [(True, 2), (False, 2), (True, 0)])
def test_pip_continues(http_server, tmpdir, ranges, retries):
    content = wheel()
    link = '<a href="/sample-1.0-py3-none-any.whl#sha256=%s">sample-1.0-py3-none-any.whl</a>'
    http_server.route('GET', '/simple/sample/',
                      response_content=link % digest(content),
                      response_headers={'Content-Type': 'text/html'})
    file = serve(http_server, ranges, content, '/sample-1.0-py3-none-any.whl')
    code, printed = run(sys.executable, '-m', 'pip', '--isolated', '--no-cache-dir',
                        '--disable-pip-version-check', 'download', '--no-deps',
                        '--resume-retries', str(retries), '--dest', str(tmpdir),
                        '--index-url', http_server.url('/simple/'), 'sample')
    if not retries:
        assert (code, len(file.history)) == (1, 1), printed
        return
    assert code == 0, printed
    assert digest(tmpdir.join('sample-1.0-py3-none-any.whl').read('rb')) == digest(content)
    first, second = file.history
    assert second.headers['Range'] == 'bytes=%d-' % BREAK
    assert second.response_status == (206 if ranges else 200)
    if ranges:
        assert second.headers['If-Range'] == dict(first.response_headers)['ETag']


# Libraries.

@with_and_without_ranges
def test_huggingface_hub_continues(http_server, tmpdir, ranges):
    # It keeps only whole pieces of this size.
    piece = constants.DOWNLOAD_CHUNK_SIZE
    content = content_of(piece + 500000)
    path = '/ada/tiny/resolve/main/model.bin'
    fields = {'X-Repo-Commit': '0' * 40, 'ETag': '"1"'}
    http_server.route('HEAD', path, response_content=content, response_headers=fields)
    file = serve(http_server, ranges, content, path, piece + 1000, response_headers=fields)
    loaded = huggingface_hub.hf_hub_download(
        'ada/tiny', 'model.bin', endpoint=http_server.url('').rstrip('/'), token=False,
        cache_dir=str(tmpdir))
    with open(loaded, 'rb') as opened:
        assert digest(opened.read()) == digest(content)
    assert asked(file) == [None, 'bytes=%d-' % piece]
    assert statuses(file) == [200, 206 if ranges else 200]


@with_and_without_ranges
def test_node_continues(http_server, node, ranges):
    file = serve(http_server, ranges)
    printed = node.ask('resume ' + http_server.url('/file'))
    assert_continued(file, printed, ranges)


@with_and_without_ranges
def test_go_continues(http_server, go, ranges):
    file = serve(http_server, ranges)
    printed = go.ask('RESUME ' + http_server.url('/file'))
    assert_continued(file, printed, ranges)


@pytest.mark.parametrize('name, line', [('node', 'resume '), ('go', 'RESUME ')])
def test_a_file_that_has_changed_is_loaded_whole(http_server, request, name, line):
    program = request.getfixturevalue(name)
    file = http_server.route('GET', '/file', response_content=CONTENT, response_ranges=True)
    file.enqueue(CONTENT[::-1], response_ranges=True, response_fault='disconnect',
                 response_fault_at=BREAK)
    code, _, received = program.ask(line + http_server.url('/file')).split()
    assert (code, received) == ('200', digest(CONTENT))
    first, second = file.history
    assert second.headers['If-Range'] == dict(first.response_headers)['ETag']


def assert_continued(file, printed, ranges):
    """Check a client that prints a hash, and how many bytes it had when it continued."""
    code, had, received = printed.split()
    assert received == digest(CONTENT)
    assert code == ('206' if ranges else '200')
    assert 0 < int(had) <= BREAK
    assert asked(file) == [None, 'bytes=%s-' % had]
    second = file.history[1]
    if ranges:
        assert second.headers['If-Range'] == dict(second.response_headers)['ETag']
        assert len(second.response_content) == len(CONTENT) - int(had)


# What has not changed.

@with_and_without_ranges
def test_curl_asks_for_a_file_by_its_etag(http_server, tmpdir, ranges):
    file = http_server.route('GET', '/file', response_content=CONTENT, response_ranges=ranges)
    target, etag = tmpdir.join('file'), tmpdir.join('etag')
    command = ['curl', '-q', '-sS', '--noproxy', '*', '--etag-compare', str(etag),
               '--etag-save', str(etag), '-o', str(target), http_server.url('/file')]
    for _ in range(2):
        code, printed = run(*command)
        assert (code, digest(target.read('rb'))) == (0, digest(CONTENT)), printed
    assert statuses(file) == [200, 304 if ranges else 200]


@with_and_without_ranges
@pytest.mark.parametrize('command', [
    ['curl', '-q', '-sSR', '--noproxy', '*', '-z', 'file', '-o', 'file'],
    ['wget', '-nv', '--no-config', '-N']], ids=lambda command: command[0])
def test_a_program_asks_for_a_file_by_its_time(http_server, tmpdir, command, ranges):
    source = tmpdir.mkdir('source').join('file')
    source.write(CONTENT, 'wb')
    source.setmtime(1700000000)
    file = http_server.route(('GET', 'HEAD'), '/file', response_content=pathlib.Path(str(source)),
                             response_ranges=ranges)
    with tmpdir.as_cwd():
        for _ in range(2):
            code, printed = run(*command + [http_server.url('/file')])
            assert code == 0, printed
    assert digest(tmpdir.join('file').read('rb')) == digest(CONTENT)
    assert (tmpdir.join('file').mtime() == 1700000000) is ranges
    assert statuses(file) == [200, 304 if ranges else 200]
