# -*- coding: utf-8 -*-
"""RFC 9110, section 14: ranges of content of each kind, and what is no range.

The table is written from the standard's text. Each row is (section, method and content, fields of
the request, what is expected), as in test_preconditions.py. A vertical bar separates responses of
which the standard allows each.
"""
from __future__ import unicode_literals

import io
import json
import os
import zlib

import pytest

from support.client import Client, ask, request
from support.paths import Path
from support.representation import Representation, parts_of

DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'

#: The contents that rows name.
CONTENTS = {
    'ten': b'0123456789',
    'hundred': bytes(bytearray(range(100))),
    'one': b'x',
    'none': b'',
}

NAMES = {
    'nines': '9' * 5000,
    'zeros': '0' * 5000,
    'sixteen': ','.join('%d-%d' % (first, first + 1) for first in range(0, 48, 3)),
    'seventeen': ','.join('%d-%d' % (first, first + 1) for first in range(0, 51, 3)),
    'thousand': ','.join(['0-'] * 1000),
    'commas': ',' * 500,
}

TABLE = [
    # One range.
    ('14.1.2', 'GET ten', 'Range: bytes=0-0', '206 0-0'),
    ('14.1.2', 'GET ten', 'Range: bytes=2-4', '206 2-4'),
    ('14.1.2', 'GET ten', 'Range: bytes=9-9', '206 9-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=0-9', '206 0-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=0-10', '206 0-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=5-1000', '206 5-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=0-', '206 0-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=4-', '206 4-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=9-', '206 9-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=-1', '206 9-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=-4', '206 6-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=-10', '206 0-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=-11', '206 0-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=000-001', '206 0-1'),
    ('14.1.2', 'GET ten', 'Range: bytes=-004', '206 6-9'),
    ('14.1.2', 'GET one', 'Range: bytes=0-0', '206 0-0'),
    ('14.1.2', 'GET one', 'Range: bytes=-1', '206 0-0'),
    ('14.1.2', 'GET ten', 'range: bytes=2-4', '206 2-4'),
    # Numbers of any size.
    ('14.1.2', 'GET ten', 'Range: bytes=4-18446744073709551616', '206 4-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=-18446744073709551616', '206 0-9'),
    ('14.1.2', 'GET ten', 'Range: bytes=18446744073709551616-', '416'),
    ('14.1.2', 'GET ten', 'Range: bytes=4-{nines}', '206 4-9|200'),
    ('14.1.2', 'GET ten', 'Range: bytes=-{nines}', '206 0-9|200'),
    ('14.1.2', 'GET ten', 'Range: bytes={nines}-', '416|200'),
    ('14.1.2', 'GET ten', 'Range: bytes={zeros}-4', '206 0-4|200'),

    # Unsatisfiable: valid, but not in the content.
    ('14.1.1', 'GET ten', 'Range: bytes=10-', '416'),
    ('14.1.1', 'GET ten', 'Range: bytes=10-10', '416'),
    ('14.1.1', 'GET ten', 'Range: bytes=20-30', '416'),
    ('14.1.1', 'GET ten', 'Range: bytes=-0', '416'),
    ('14.1.1', 'GET ten', 'Range: bytes=-000', '416'),
    ('14.1.1', 'GET one', 'Range: bytes=1-', '416'),
    ('14.1.1', 'GET ten', 'Range: bytes=10-,20-,-0', '416'),
    ('14.1.1', 'GET none', 'Range: bytes=0-', '416|200'),
    ('14.1.1', 'GET none', 'Range: bytes=0-0', '416|200'),
    ('14.1.1', 'GET none', 'Range: bytes=-1', '416|200'),
    ('14.1.1', 'GET none', 'Range: bytes=-0', '416|200'),
    ('14.1.1', 'GET none', '', '200'),
    ('14.1.1', 'HEAD none', 'Range: bytes=0-', '200'),

    # Not valid: it may be ignored or refused.
    ('14.1.1', 'GET ten', 'Range: bytes=4-2', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=9-0', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=20-10', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=4-2,0-1', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0-1,4-2', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=-', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=--1', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=-1-', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=1-2-3', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=1', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=a-b', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=1-b', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=+1-2', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=1-+2', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0x1-2', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=1_0-', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0-1_0', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=1.5-2', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=1e0-', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0 -1', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0- 1', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=- 1', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=\u0661-\u0662', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=\xb2-', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=2\u20134', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes:2-4', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes 2-4', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=2-4/10', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0-1;4-5', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0-1 4-5', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0-1,x', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes="0-1"', '200|416'),
    ('14.1.1', 'GET ten', 'Range: =0-1', '200|416'),
    ('14.1.1', 'GET ten', 'Range: 0-1', '200|416'),
    ('14.1.1', 'GET ten', 'Range:', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=*', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=,', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes={commas}', '200|416'),
    ('14.1.1', 'GET ten', 'Range: bytes=0-1, bytes=4-5', '200|416'),
    # Range is no list, so two fields are not one.
    ('5.3', 'GET ten', 'Range: bytes=0-1 & Range: bytes=4-5', '200|416'),

    # Units: their names are case-insensitive, and one that is not known is ignored.
    ('14.1', 'GET ten', 'Range: Bytes=2-4', '206 2-4'),
    ('14.1', 'GET ten', 'Range: BYTES=2-4', '206 2-4'),
    ('14.2', 'GET ten', 'Range: items=2-4', '200'),
    ('14.2', 'GET ten', 'Range: none=2-4', '200'),
    ('14.2', 'GET ten', 'Range: byte=2-4', '200'),
    ('14.2', 'GET ten', 'Range: seconds=1.5-2.5', '200'),
    ('14.2', 'GET ten', 'Range: items=20-', '200'),
    ('14.2', 'GET ten', 'Range: x-bytes=2-4', '200'),

    # Range is defined for GET alone.
    ('14.2', 'HEAD ten', '', '200'),
    ('14.2', 'HEAD ten', 'Range: bytes=2-4', '200'),
    ('14.2', 'HEAD ten', 'Range: bytes=20-', '200'),
    ('14.2', 'HEAD ten', 'Range: bytes=0-1,4-5', '200'),
    ('14.2', 'POST ten', 'Range: bytes=2-4', '200'),
    ('14.2', 'PUT ten', 'Range: bytes=2-4', '200'),
    ('14.2', 'PUT ten', 'Range: bytes=20-', '200'),
    ('14.2', 'DELETE ten', 'Range: bytes=2-4', '200'),
    ('14.2', 'OPTIONS ten', 'Range: bytes=2-4', '200'),
    ('14.2', 'PROPFIND ten', 'Range: bytes=2-4', '200'),
    ('14.2', 'get ten', 'Range: bytes=2-4', '200'),

    # Several ranges: in the order of the request, without those that are not in the content.
    ('14.6', 'GET ten', 'Range: bytes=0-1,4-5', '206 0-1,4-5'),
    ('14.6', 'GET ten', 'Range: bytes=0-1, 4-5', '206 0-1,4-5'),
    ('14.6', 'GET ten', 'Range: bytes=0-1 , 4-5', '206 0-1,4-5'),
    ('14.6', 'GET ten', 'Range: bytes=0-1\t,\t4-5', '206 0-1,4-5'),
    ('14.6', 'GET ten', 'Range: bytes=0-1,4-5,-1', '206 0-1,4-5,9-9'),
    ('14.6', 'GET ten', 'Range: bytes=0-0,-1', '206 0-0,9-9'),
    ('14.6', 'GET ten', 'Range: bytes=0-1,8-', '206 0-1,8-9'),
    ('14.6', 'GET ten', 'Range: bytes=0-1,8-100', '206 0-1,8-9'),
    ('14.6', 'GET ten', 'Range: bytes=8-9,0-1', '206 8-9,0-1|200'),
    ('14.6', 'GET ten', 'Range: bytes=-1,0-0', '206 9-9,0-0|200'),
    ('14.6', 'GET ten', 'Range: bytes=0-1,2-3', '206 0-1,2-3|206 0-3'),
    ('14.6', 'GET ten', 'Range: bytes=0-1,20-30', '206 0-1'),
    ('14.6', 'GET ten', 'Range: bytes=20-,0-1', '206 0-1'),
    ('14.6', 'GET ten', 'Range: bytes=0-1,20-30,4-5', '206 0-1,4-5'),
    ('14.6', 'GET ten', 'Range: bytes=-0,2-4', '206 2-4'),
    ('14.6', 'GET hundred', 'Range: bytes=0-9,20-29,40-49,60-69', '206 0-9,20-29,40-49,60-69'),
    # An empty element of a list is ignored.
    ('5.6.1.2', 'GET ten', 'Range: bytes=0-1,,4-5', '206 0-1,4-5'),
    ('5.6.1.2', 'GET ten', 'Range: bytes=,0-1', '206 0-1'),
    ('5.6.1.2', 'GET ten', 'Range: bytes=0-1,', '206 0-1'),
    ('5.6.1.2', 'GET ten', 'Range: bytes=0-1 , , 4-5,', '206 0-1,4-5'),

    # Overlapping ones and too many of them are answered whole, as the documentation says.
    ('14.2', 'GET ten', 'Range: bytes=0-4,2-6', '200'),
    ('14.2', 'GET ten', 'Range: bytes=0-4,4-6', '200'),
    ('14.2', 'GET ten', 'Range: bytes=0-0,0-0', '200'),
    ('14.2', 'GET ten', 'Range: bytes=2-3,0-9', '200'),
    ('14.2', 'GET ten', 'Range: bytes=0-,0-', '200'),
    ('14.2', 'GET ten', 'Range: bytes=-3,8-9', '200'),
    ('14.2', 'GET ten', 'Range: bytes=-3,-5', '200'),
    ('14.2', 'GET ten', 'Range: bytes=0-1,4-5,5-6', '200'),
    ('14.2', 'GET ten', 'Range: bytes={thousand}', '200'),
    ('14.2', 'GET hundred', 'Range: bytes={seventeen}', '200'),
    ('14.2', 'GET hundred', 'Range: bytes={sixteen}', '206 {sixteen}'),
    ('14.2', 'GET hundred', 'Range: bytes={sixteen},', '206 {sixteen}'),
]


def route(server, name, fields=()):
    """Add the route of a content of `CONTENTS`, and return its `Representation`."""
    fields = dict(fields, etag='"a"', **{'content-type': 'text/plain', 'last-modified': DATE})
    server.route(None, '/' + name, response_content=CONTENTS[name], response_ranges=True,
                 response_headers=fields)
    return Representation(CONTENTS[name], **fields)


@pytest.mark.parametrize('section, what, fields, expected', TABLE, ids=[
    '%s %s %s' % row[:3] for row in TABLE])
def test_a_range(server, client, section, what, fields, expected):
    method, name = what.split()
    representation = route(server, name)
    lines = [each.format(**NAMES) for each in fields.split(' & ')] if fields else []
    for _ in range(2):
        client.send(request(method, '/' + name, *lines))
        answer = client.answer(method)
        assert representation.wrong(answer, expected.format(**NAMES), method) == ''
        entry = server.history[-1]
        assert entry['response_status'] == answer.status
        assert entry['response_content'] == answer.body
    server.check()


def test_the_table_is_long_enough():
    assert len(TABLE) >= 120 and len(set(row[1:3] for row in TABLE)) == len(TABLE)


# Each kind of content.

def opened(content, folder):
    return io.BytesIO(content)


def file_of(content, folder):
    path = os.path.join(str(folder), 'file')
    with io.open(path, 'wb') as file:
        file.write(content)
    os.utime(path, (784111777.9, 784111777.9))
    return Path(path)


#: A kind of content: its name, a function of (content, folder) that makes it, and its bytes.
KINDS = [
    ('bytes', lambda content, folder: content),
    ('bytearray', lambda content, folder: bytearray(content)),
    ('memoryview', lambda content, folder: memoryview(content)),
    ('str', lambda content, folder: content.decode('utf-8')),
    ('path', file_of),
    ('file', opened),
    ('function', lambda content, folder: lambda request: content),
]

#: Two bytes of it are one character, so that one sees which of them are counted.
BODY = 'A\xe9B\u20ac0123456789'.encode('utf-8')


#: What each kind of content is asked for.
of_each_kind = pytest.mark.parametrize('fields, expected', [
    ('', '200'), ('Range: bytes=2-4', '206 2-4'), ('Range: bytes=-3', '206 14-16'),
    ('Range: bytes=7-', '206 7-16'), ('Range: bytes=1-2,7-8', '206 1-2,7-8'),
    ('Range: bytes=17-', '416'), ('If-None-Match: {etag}', '304'), ('If-Match: {etag}', '200'),
    ('If-Match: "other"', '412'), ('If-None-Match: "other", {etag}', '304'),
    ('Range: bytes=2-4 & If-Range: {etag}', '206 2-4'),
    ('Range: bytes=2-4 & If-Range: "other"', '200')])


@of_each_kind
@pytest.mark.parametrize('kind, make', KINDS, ids=[name for name, _ in KINDS])
def test_each_kind_of_content(server, client, tmpdir, kind, make, fields, expected):
    server.data.update(response_content=make(BODY, tmpdir), response_ranges=True)
    first = client.get()
    etag = first.get('etag')
    assert etag.startswith('"') and first.body == BODY
    known = dict((name, first.get(name)) for name in ('etag', 'last-modified', 'content-type')
                 if first.get(name) is not None)
    assert (known.get('last-modified') == DATE) == (kind == 'path')
    answer = client.get('/', *[each.format(etag=etag) for each in fields.split(' & ') if each])
    assert Representation(BODY, **known).wrong(answer, expected) == ''
    server.check()


@of_each_kind
def test_a_file_of_a_folder(server, client, tmpdir, fields, expected):
    file_of(BODY, tmpdir)
    server.data['response_folder'] = str(tmpdir)
    whole = client.get('/file')
    assert whole.body == BODY and whole.get('last-modified') == DATE
    known = dict((name, whole.get(name)) for name in ('etag', 'last-modified', 'content-type'))
    lines = [each.format(etag=whole.get('etag')) for each in fields.split(' & ') if each]
    assert Representation(BODY, **known).wrong(client.get('/file', *lines), expected) == ''
    server.check()


def test_json(server, client):
    value = {'a': [1, 2, 3], 'b': '\xe9'}
    server.data.update(response_json=value, response_ranges=True)
    whole = client.get()
    assert json.loads(whole.body.decode('ascii')) == value
    representation = Representation(whole.body, etag=whole.get('etag'),
                                    **{'content-type': 'application/json'})
    for fields, expected in [(['Range: bytes=1-3'], '206 1-3'), (['Range: bytes=99-'], '416'),
                             (['If-None-Match: ' + whole.get('etag')], '304'),
                             (['Range: bytes=0-0,-1'], '206 0-0,%d-%d' % (
                                 len(whole.body) - 1, len(whole.body) - 1))]:
        assert representation.wrong(client.get('/', *fields), expected) == ''


@pytest.mark.parametrize('make', [file_of, opened, lambda content, folder: content])
def test_the_tag_changes_with_the_content(server, client, tmpdir, make):
    server.data.update(response_content=make(BODY, tmpdir), response_ranges=True)
    first, again = client.get().get('etag'), client.get().get('etag')
    assert first == again
    server.data['response_content'] = make(BODY + b'.', tmpdir)
    assert client.get().get('etag') != first
    assert client.get('/', 'If-Match: ' + first).status == 412
    assert client.get('/', 'Range: bytes=2-4', 'If-Range: ' + first).status == 200


def test_a_fraction_of_a_second_does_not_make_a_file_newer(server, client, tmpdir):
    server.data.update(response_content=file_of(BODY, tmpdir), response_ranges=True)
    assert client.get('/', 'If-Modified-Since: ' + DATE).status == 304
    assert client.get('/', 'If-Unmodified-Since: ' + DATE).status == 200
    assert client.get('/', 'If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT').status == 200


def test_tags_of_a_script_win(server, client, tmpdir):
    server.data.update(response_content=file_of(BODY, tmpdir), response_ranges=True,
                       response_headers={'ETag': 'W/"mine"', 'last-modified': DATE})
    answer = client.get()
    assert [value for name, value in answer.fields if name == 'etag'] == ['W/"mine"']
    assert [value for name, value in answer.fields if name == 'last-modified'] == [DATE]
    assert client.get('/', 'If-None-Match: "mine"').status == 304


@pytest.mark.parametrize('coding, wbits', [('gzip', 31), ('deflate', 15)])
def test_a_coded_representation(server, client, coding, wbits):
    server.data.update(response_content=BODY * 20, response_ranges=True)
    plain = client.get()
    server.data['response_content_encoding'] = coding
    whole = client.get()
    assert whole.get('content-encoding') == coding and whole.get('etag') != plain.get('etag')
    assert zlib.decompress(whole.body, wbits) == BODY * 20
    representation = Representation(whole.body, etag=whole.get('etag'))
    for fields, expected in [(['Range: bytes=1-9'], '206 1-9'),
                             (['Range: bytes=%d-' % len(whole.body)], '416'),
                             (['If-None-Match: ' + whole.get('etag')], '304'),
                             (['If-None-Match: ' + plain.get('etag')], '200'),
                             (['Range: bytes=1-9', 'If-Range: ' + plain.get('etag')], '200')]:
        answer = client.get('/', *fields)
        assert representation.wrong(answer, expected) == ''
        assert answer.status in (304, 412, 416) or answer.get('content-encoding') == coding


# The multipart form.

@pytest.mark.parametrize('content', [
    b'--', b'\r\n--', b'--boundary\r\n', bytes(bytearray(range(256))), b'-' * 100,
    b'\r\n' * 40, b'Content-Range: bytes 0-1/2\r\n\r\n' * 3])
def test_no_content_is_a_boundary(server, client, content):
    server.data.update(response_content=content * 3, response_ranges=True)
    size = len(content) * 3
    ranges = '0-%d,%d-%d' % (size // 3, size // 3 + 1, size - 1)
    answer = client.get('/', 'Range: bytes=' + ranges)
    boundary = answer.get('content-type').partition('boundary=')[2].strip('"')
    assert boundary.encode('ascii') not in content * 3
    parts = parts_of(answer)
    assert b''.join(each for _, _, each in parts) == content * 3
    assert [where for where, _, _ in parts] == [
        'bytes %s/%d' % (each, size) for each in ranges.split(',')]


def test_a_multipart_response_is_the_same_each_time(server, client):
    route(server, 'ten')
    bodies = [client.get('/ten', 'Range: bytes=0-1,4-5') for _ in range(3)]
    assert len(set((each.body, each.get('content-type')) for each in bodies)) == 1


def test_a_boundary_that_stands_in_the_content_is_not_used(server, client):
    content = CONTENTS['hundred']
    for _ in range(5):
        # By the same tag and the same ranges, the next boundary would be the same.
        server.data.update(response_content=content, response_ranges=True,
                           response_headers={'ETag': '"a"'})
        answer = client.get('/', 'Range: bytes=0-1,4-5')
        boundary = answer.get('content-type').partition('boundary=')[2].strip('"').encode('ascii')
        assert boundary not in content
        content += b'\r\n--' + boundary + b'--\r\n'


def test_a_client_of_http_1_0_gets_ranges(server):
    representation = route(server, 'ten')
    for fields, expected in [('Range: bytes=2-4', '206 2-4'), ('Range: bytes=0-1,4-5',
                                                               '206 0-1,4-5'),
                             ('Range: bytes=20-', '416'), ('If-None-Match: "a"', '304')]:
        answer = ask(server, 'GET', '/ten', fields, version='1.0')
        assert representation.wrong(answer, expected) == ''


def test_pipelined_ranges(server):
    representation = route(server, 'ten')
    asked = [('GET', 'bytes=2-4', '206 2-4'), ('HEAD', 'bytes=2-4', '200'),
             ('GET', 'bytes=20-', '416'), ('GET', 'bytes=0-1,4-5', '206 0-1,4-5'),
             ('GET', 'bytes=0-', '206 0-9')]
    with Client(server) as client:
        client.send(b''.join([request(method, '/ten', 'Range: ' + ranges)
                              for method, ranges, _ in asked]))
        for method, _, expected in asked:
            assert representation.wrong(client.answer(method), expected, method) == ''
