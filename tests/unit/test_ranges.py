# -*- coding: utf-8 -*-
"""Whole responses, and what becomes of them for one request."""
import io
import os

import pytest

from httptestserver.http1.fields import Headers
from httptestserver.scripting.content import FileContent, StreamedContent
from httptestserver.scripting.ranges import PartialContent, select
from httptestserver.scripting.response import Response, resolve
from support.paths import Path
from support.recorded import asked

CONTENT = b'0123456789'


def request(method='GET', *lines):
    block = ''.join([line + '\r\n' for line in lines]).encode('latin-1')
    return dict(asked('/'), command=method, headers=Headers(block))


def sent(response):
    """Return the status, the fields as a dict by lower-case names, and the bytes."""
    content = response.content
    if isinstance(content, StreamedContent):
        pieces = b''.join(content)
        assert len(pieces) == content.length
        content.close()
        content = pieces
    return response.status, {name.lower(): value for name, value in response.headers}, content


def get(keys, *lines):
    return sent(resolve(dict(keys, response_ranges=True), request('GET', *lines)))


@pytest.fixture(params=['bytes', 'path', 'file', 'BytesIO'])
def content(request, tmpdir):
    path = tmpdir.join('content')
    path.write_binary(CONTENT)
    if request.param == 'bytes':
        yield CONTENT
    elif request.param == 'path':
        yield Path(path)
    elif request.param == 'BytesIO':
        yield io.BytesIO(CONTENT)
    else:
        with io.open(str(path), 'rb') as opened:
            yield opened


def test_without_a_range_the_content_is_whole(content):
    status, fields, body = get({'response_content': content})
    assert (status, body) == (200, CONTENT)
    assert fields['accept-ranges'] == 'bytes' and fields['etag'][0] == fields['etag'][-1] == '"'
    assert 'content-range' not in fields


@pytest.mark.parametrize('asked, body, where', [
    ('0-3', b'0123', '0-3'), ('7-', b'789', '7-9'), ('-2', b'89', '8-9'), ('0-', CONTENT, '0-9'),
    ('9-100', b'9', '9-9')])
def test_one_range(content, asked, body, where):
    status, fields, came = get({'response_content': content}, 'Range: bytes=' + asked)
    assert (status, came, fields['content-range']) == (206, body, 'bytes %s/10' % where)
    assert fields['etag'] == get({'response_content': content})[1]['etag']


def test_several_ranges(content):
    status, fields, body = get({'response_content': content,
                                'response_headers': {'Content-Type': 'a/b', 'Content-Length': 10}},
                               'Range: bytes=8-,0-1')
    kind, boundary = fields['content-type'].split('; boundary=')
    assert (status, kind) == (206, 'multipart/byteranges')
    assert 'content-range' not in fields and 'content-length' not in fields
    assert body.decode('ascii') == (
        '--{0}\r\nContent-Type: a/b\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n'
        '--{0}\r\nContent-Type: a/b\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n'
        '--{0}--\r\n').format(boundary)


def test_the_boundary_is_always_alike_and_not_in_the_content():
    keys = {'response_content': CONTENT, 'response_headers': {'ETag': '"1"'}}
    first = get(keys, 'Range: bytes=0-1,3-4')[1]['content-type']
    assert get(keys, 'Range: bytes=0-1,3-4')[1]['content-type'] == first
    boundary = first.split('=')[1].encode('ascii')
    keys['response_content'] = CONTENT + boundary
    second = get(keys, 'Range: bytes=0-1,3-4')[1]['content-type']
    assert second != first


@pytest.mark.parametrize('asked', [
    'bytes=0-5,5-9', 'bytes=' + ','.join(['%d-%d' % (at, at) for at in range(17)]), 'items=0-1',
    'bytes=5-4', 'bytes=x'])
def test_what_is_too_much_or_not_understood_gets_the_whole(content, asked):
    status, fields, body = get({'response_content': content}, 'Range: ' + asked)
    assert (status, body) == (200, CONTENT) and 'content-range' not in fields


def test_one_satisfiable_range_of_several_is_no_multipart(content):
    status, fields, body = get({'response_content': content}, 'Range: bytes=20-,3-4')
    assert (status, body, fields['content-range']) == (206, b'34', 'bytes 3-4/10')


def test_a_range_behind_the_end(content):
    status, fields, body = get({'response_content': content, 'response_headers': {
        'Content-Type': 'a/b', 'Content-Encoding': 'br', 'X-A': 'b'}}, 'Range: bytes=10-')
    assert (status, fields['content-range'], fields['x-a']) == (416, 'bytes */10', 'b')
    assert body == b'the content has 10 bytes, and none of them is in the range bytes=10-\n'
    assert fields['content-type'] == 'text/plain; charset=utf-8'
    assert 'content-encoding' not in fields


def test_a_304_has_only_the_fields_that_a_cache_needs(content):
    fields = {'Content-Type': 'a/b', 'Content-Language': 'de', 'Vary': 'A', 'Cache-Control': 'x',
              'Content-Location': '/a', 'ETag': 'W/"1"', 'Content-Length': '10'}
    status, fields, body = get({'response_content': content, 'response_headers': fields},
                               'If-None-Match: "1"')
    assert (status, body) == (304, b'')
    assert sorted(fields) == ['cache-control', 'content-location', 'etag', 'vary']


def test_a_304_without_a_tag_has_its_date():
    date = 'Sun, 06 Nov 1994 08:49:37 GMT'
    response = Response({'response_content': CONTENT, 'response_headers': {
        'Last-Modified': date, 'ETag': ''}})
    status, fields, _ = sent(select(response, request('GET', 'If-Modified-Since: ' + date)))
    assert (status, fields['last-modified']) == (304, date)


def test_a_412_says_why():
    status, _, body = get({'response_content': CONTENT, 'response_headers': {'ETag': '"1"'}},
                          'If-Match: "2"')
    assert (status, body) == (412, b'a precondition of the request is not met: If-Match: "2"; '
                                   b'the response has ETag: "1"\n')
    status, _, body = get({'response_content': CONTENT, 'response_headers': {
        'ETag': '"1"', 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT'}},
        'If-Match: "1"', 'If-None-Match: "1"', 'Range: bytes=0-0')
    assert (status, body) == (304, b'')


def test_the_validators_of_the_script_win(content):
    date = 'Sun, 06 Nov 1994 08:49:37 GMT'
    keys = {'response_content': content,
            'response_headers': {'etag': '"1"', 'LAST-MODIFIED': date}}
    status, fields, _ = get(keys, 'If-None-Match: "2"', 'If-Match: "1"')
    assert (status, fields['etag'], fields['last-modified']) == (200, '"1"', date)
    assert get(keys, 'If-Range: "1"', 'Range: bytes=0-1')[0] == 206
    assert get(keys, 'If-Range: ' + date, 'Range: bytes=0-1')[0] == 206
    assert get(keys, 'If-Range: "2"', 'Range: bytes=0-1')[0] == 200


def test_the_tag_is_that_of_the_content():
    def tag(**keys):
        return get(keys)[1]['etag']
    assert tag(response_content=b'a') == tag(response_content=u'a') != tag(response_content=b'b')
    assert tag(response_content=io.BytesIO(b'a')) == tag(response_content=b'a')
    assert tag(response_json=[1]) == tag(response_content=b'[1]')
    assert tag() == tag(response_content=None) == tag(response_content=b'')
    coded = tag(response_content=b'a', response_content_encoding='gzip')
    assert coded not in (tag(response_content=b'a'),
                         tag(response_content=b'a', response_content_encoding='deflate'))


def test_the_tag_of_a_path_changes_with_size_time_and_inode(tmpdir):
    path = tmpdir.join('content')
    tags = []
    for content, changed in (b'a', 10), (b'b', 10.5), (b'bc', 10.5):
        path.write_binary(content)
        os.utime(str(path), (changed, changed))
        tags.append(get({'response_content': Path(path)})[1]['etag'])
    other = tmpdir.join('other')
    other.write_binary(b'bc')
    os.utime(str(other), (10.5, 10.5))
    other.rename(path)
    tags.append(get({'response_content': Path(path)})[1]['etag'])
    assert len(set(tags)) == 4


def test_last_modified_is_not_in_the_future(tmpdir, monkeypatch):
    monkeypatch.setattr('httptestserver.scripting.ranges.clock', lambda: 86400)
    path = tmpdir.join('content')
    path.write_binary(CONTENT)
    os.utime(str(path), (5, 5))
    keys = {'response_content': Path(path)}
    assert get(keys)[1]['last-modified'] == 'Thu, 01 Jan 1970 00:00:05 GMT'
    os.utime(str(path), (10 ** 9, 10 ** 9))
    assert get(keys)[1]['last-modified'] == 'Fri, 02 Jan 1970 00:00:00 GMT'


@pytest.mark.parametrize('now, date, status', [
    (86400, 'Fri, 02 Jan 1970 00:00:00 GMT', 200), (86400.9, 'Fri, 02 Jan 1970 00:00:00 GMT', 200),
    (86401, 'Fri, 02 Jan 1970 00:00:00 GMT', 206), (86300, 'Thu, 01 Jan 1970 23:58:20 GMT', 200)])
def test_the_date_of_a_file_is_weak_within_its_second(tmpdir, monkeypatch, now, date, status):
    monkeypatch.setattr('httptestserver.scripting.ranges.clock', lambda: now)
    path = tmpdir.join('content')
    path.write_binary(CONTENT)
    os.utime(str(path), (86400, 86400))
    keys = {'response_content': Path(path)}
    assert get(keys)[1]['last-modified'] == date
    assert get(keys, 'Range: bytes=0-1', 'If-Range: ' + date)[0] == status
    assert get(keys, 'If-Modified-Since: ' + date)[0] == 304
    # The script vouches for the date that it gives.
    keys['response_headers'] = {'Last-Modified': date}
    assert get(keys, 'Range: bytes=0-1', 'If-Range: ' + date)[0] == 206


@pytest.mark.parametrize('line, status, names', [
    ('Range: bytes=0-1', 206, ['X-Kept']), ('Range: bytes=0-1,4-5', 206, ['X-Kept']),
    ('Range: bytes=50-', 416, []), ('If-Match: "other"', 412, []),
    ('If-Match: *', 200, ['Content-Digest', 'X-Kept'])])
def test_trailers_of_the_whole_do_not_follow_a_part(line, status, names):
    response = resolve({
        'response_content': CONTENT, 'response_ranges': True,
        'response_trailers': [('Content-Digest', 'x'), ('X-Kept', 'y')]}, request('GET', line))
    assert response.status == status
    assert [name for name, _ in response.trailers] == names


def test_a_coded_file_is_whole_and_has_a_tag_of_its_own(tmpdir):
    path = tmpdir.join('content')
    path.write_binary(CONTENT)
    keys = {'response_content': Path(path)}
    tag = get(keys)[1]['etag']
    keys['response_content_encoding'] = 'gzip'
    response = resolve(dict(keys, response_ranges=True), request('GET', 'Range: bytes=0-1'))
    fields = dict(response.headers)
    assert (response.status, fields['ETag']) == (200, tag[:-1] + '-gzip"')
    assert 'Accept-Ranges' not in fields
    response.content.close()
    assert get(keys, 'If-None-Match: ' + fields['ETag'])[0] == 304


def test_ranges_of_coded_bytes_are_of_the_coded_bytes():
    keys = {'response_content': b'0' * 1000, 'response_content_encoding': 'gzip'}
    whole = get(keys)[2]
    assert get(keys, 'Range: bytes=0-4', )[2] + get(keys, 'Range: bytes=5-')[2] == whole
    assert whole[:2] == b'\x1f\x8b' and len(whole) < 100


@pytest.mark.parametrize('method', ['HEAD', 'PUT', 'POST', 'get'])
def test_only_get_has_ranges(method):
    keys = {'response_content': CONTENT, 'response_ranges': True}
    response = resolve(keys, request(method, 'Range: bytes=0-1'))
    assert (response.status, response.content) == (200, CONTENT)
    assert ('Accept-Ranges', 'bytes') in response.headers if method == 'HEAD' \
        else response.headers == ()


@pytest.mark.parametrize('method', ['OPTIONS', 'TRACE', 'CONNECT'])
def test_methods_without_conditions(method):
    keys = {'response_content': CONTENT, 'response_ranges': True}
    response = resolve(keys, request(method, 'If-None-Match: *', 'If-Match: "x"'))
    assert (response.status, response.headers) == (200, ())


@pytest.mark.parametrize('status', [201, 204, 206, 302, 404, 500])
def test_another_status_has_neither_conditions_nor_ranges(status):
    keys = {'response_content': CONTENT, 'response_ranges': True, 'response_status': status}
    response = resolve(keys, request('GET', 'If-None-Match: *', 'Range: bytes=0-1'))
    assert (response.status, response.headers, response.content) == (status, (), CONTENT)


def test_the_reason_of_the_script_belongs_to_its_status():
    keys = {'response_content': CONTENT, 'response_ranges': True, 'response_reason': 'Fine'}
    assert resolve(keys, request()).reason == 'Fine'
    assert resolve(keys, request('GET', 'Range: bytes=0-1')).reason == 'Partial Content'


def test_a_304_of_a_file_is_sent_in_one_write(content):
    keys = {'response_content': content, 'response_ranges': True}
    assert resolve(keys, request('GET', 'If-None-Match: *')).plain


def test_a_field_that_repeats_is_one_list():
    keys = {'response_content': CONTENT, 'response_headers': {'ETag': '"1"'}}
    assert get(keys, 'If-None-Match: "2"', 'If-None-Match: "1"')[0] == 304
    assert get(keys, 'Range: bytes=0-1', 'Range: bytes=3-4')[0] == 200


def test_a_response_with_ranges_is_made_for_each_request():
    assert not resolve({'response_content': b'', 'response_ranges': True}, request()).fixed
    whole = resolve({'response_content': b'', 'response_ranges': False}, request())
    assert whole.headers == ()


@pytest.mark.parametrize('lines', [[], ['If-None-Match: *'], ['If-Match: "x"'],
                                   ['Range: bytes=0-1'], ['Range: bytes=20-'],
                                   ['Range: bytes=0-1,3-4']])
def test_a_file_is_closed(tmpdir, lines):
    path = tmpdir.join('content')
    path.write_binary(CONTENT)
    # An open file that is not closed is a warning, and so an error.
    sent(resolve({'response_content': Path(path), 'response_ranges': True},
                 request('GET', *lines)))


class Pipe(object):
    def read(self, size):
        return b''


@pytest.mark.parametrize('content', [[b'a'], (b'a',), iter([b'a']), Pipe()])
def test_content_without_a_length_is_refused(content):
    with pytest.raises(ValueError) as caught:
        resolve({'response_content': lambda request: content, 'response_ranges': True}, request())
    assert 'length is known' in str(caught.value)


@pytest.mark.parametrize('kind', [IOError, KeyboardInterrupt])
def test_the_content_of_a_response_that_fails_is_closed(kind):
    class Failing(FileContent):
        closed = False

        def part(self, first, size):
            raise kind('no such part')

        def close(self):
            self.closed = True

    response = Response({'response_content': b''})
    response.content = content = Failing(io.BytesIO(CONTENT))
    with pytest.raises(kind):
        select(response, request())
    assert content.closed


def test_refused_content_is_closed():
    class Closing(object):
        closed = False

        def __iter__(self):
            return iter([])

        def close(self):
            self.closed = True

    content = Closing()
    with pytest.raises(ValueError):
        resolve({'response_content': lambda request: content, 'response_ranges': True}, request())
    assert content.closed


def test_a_part_keeps_what_was_sent_and_not_more():
    content = PartialContent(FileContent(io.BytesIO(b'0' * 3000000)),
                             [(b'head', 5, 2000000)], b'end')
    assert content.length == 2000007 and content.sent == b''
    for piece in content:
        assert len(piece) <= 65536
    assert content.sent == b'head' + b'0' * (1048576 - 4)
