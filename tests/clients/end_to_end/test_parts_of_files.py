# -*- coding: utf-8 -*-
"""Libraries that read parts of a file: less is sent than the whole."""
import io

import pytest

from support import installed
from support.contents import content_of, digest, sent
from support.marks import with_and_without_ranges

botocore = installed.module('botocore.exceptions')
pandas = installed.module('pandas')
parquet = installed.module('pyarrow.parquet')

CONTENT = content_of(2008000)
#: How many the fixture `table` has.
ROWS = 200000


def serve(server, content, ranges, path='/file', **keys):
    return server.route(('GET', 'HEAD'), path, response_content=content,
                        response_ranges=ranges, **keys)


# fsspec.

def test_fsspec_reads_parts(http_server, files):
    file, url = serve(http_server, CONTENT, True), http_server.url('/file')
    assert files.cat_file(url, 1000, 2000) == CONTENT[1000:2000]
    assert sent(file) == 1000
    with files.open(url, block_size=10000) as opened:
        opened.seek(1000000)
        assert opened.read(10) == CONTENT[1000000:1000010]
        opened.seek(-10, io.SEEK_END)
        assert opened.read() == CONTENT[-10:]
    assert sent(file) < 50000


def test_pandas_reads_the_first_lines_of_a_csv(http_server, files):
    text = 'number,text\n' + ''.join(['%d,line %d\n' % (row, row) for row in range(ROWS)])
    file = serve(http_server, text, True)
    with files.open(http_server.url('/file'), block_size=100000) as opened:
        read = pandas.read_csv(opened, nrows=5)
    assert list(read['text']) == ['line %d' % row for row in range(5)]
    assert sent(file) < len(text) / 5


def test_pandas_reads_a_column_of_parquet(http_server, files, table):
    file = serve(http_server, table, True)
    with files.open(http_server.url('/file'), cache_type='none') as opened:
        read = pandas.read_parquet(opened, columns=['small'])
    assert (list(read.columns), len(read)) == (['small'], ROWS)
    assert sent(file) < len(table) / 5


def test_pyarrow_reads_one_group_of_rows(http_server, files, table):
    file = serve(http_server, table, True)
    with files.open(http_server.url('/file'), cache_type='none') as opened:
        read = parquet.ParquetFile(opened).read_row_group(3)
    assert read.column('large').to_pylist() == [
        'text %d' % row for row in range(3 * ROWS // 10, 4 * ROWS // 10)]
    assert sent(file) < len(table) / 5


@pytest.mark.parametrize('read', [
    lambda opened: opened.seek(1000) and opened.read(10),
    lambda opened: pandas.read_parquet(opened, columns=['small']),
    lambda opened: parquet.ParquetFile(opened)], ids=['fsspec', 'pandas', 'pyarrow'])
def test_a_part_cannot_be_read_without_ranges(http_server, files, table, read):
    serve(http_server, table, False)
    with files.open(http_server.url('/file'), cache_type='none') as opened:
        with pytest.raises(ValueError, match='does.* appear to support|Cannot seek'):
            read(opened)


# boto3.

@with_and_without_ranges
def test_boto3_gets_a_part_of_an_object(http_server, s3, ranges):
    object_ = serve(http_server, CONTENT, ranges, '/bucket/key')
    got = s3.get_object(Bucket='bucket', Key='key', Range='bytes=10-19')
    with got['Body'] as body:
        assert digest(body.read()) == digest(CONTENT[10:20] if ranges else CONTENT)
    assert got.get('ContentRange') == ('bytes 10-19/2008000' if ranges else None)
    assert got['ResponseMetadata']['HTTPStatusCode'] == (206 if ranges else 200)
    assert sent(object_) == (10 if ranges else len(CONTENT))


@with_and_without_ranges
def test_boto3_asks_if_an_object_has_changed(http_server, s3, ranges):
    serve(http_server, CONTENT, ranges, '/bucket/key')
    head = s3.head_object(Bucket='bucket', Key='key')
    assert head['ContentLength'] == len(CONTENT)
    if not ranges:
        assert 'ETag' not in head
        return
    for arguments, status in [({'IfNoneMatch': head['ETag']}, 304), ({'IfMatch': '"other"'}, 412)]:
        for ask in s3.get_object, s3.head_object:
            with pytest.raises(botocore.ClientError) as caught:
                ask(Bucket='bucket', Key='key', **arguments)
            assert caught.value.response['ResponseMetadata']['HTTPStatusCode'] == status


@with_and_without_ranges
def test_boto3_downloads_an_object_in_parts(http_server, s3, parts, tmpdir, ranges):
    object_, target = serve(http_server, CONTENT, ranges, '/bucket/key'), tmpdir.join('file')
    s3.download_file('bucket', 'key', str(target), Config=parts)
    asked = [each.headers.get('Range') for each in object_.history if each['command'] == 'GET']
    assert sorted(asked) == ['bytes=0-499999', 'bytes=1000000-1499999', 'bytes=1500000-1999999',
                             'bytes=2000000-', 'bytes=500000-999999']
    assert (digest(target.read('rb')) == digest(CONTENT)) is ranges
    assert (sent(object_) == len(CONTENT)) is ranges


def test_boto3_gets_a_part_again_if_it_breaks(http_server, s3, parts, tmpdir):
    object_, target = serve(http_server, CONTENT, True, '/bucket/key'), tmpdir.join('file')
    object_.enqueue(CONTENT, response_ranges=True)
    object_.enqueue(CONTENT, response_ranges=True, response_fault='disconnect',
                    response_fault_at=123456)
    s3.download_file('bucket', 'key', str(target), Config=parts)
    assert digest(target.read('rb')) == digest(CONTENT)
    assert sent(object_) == len(CONTENT) + 123456
