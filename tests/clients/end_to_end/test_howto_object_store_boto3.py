# -*- coding: utf-8 -*-

"""boto3 with a fake object store."""
import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from object_store import ObjectStore

BODY = bytes(range(250)) * 8000


@pytest.fixture(name='store')
def new_store(http_server):
    return ObjectStore(http_server)


@pytest.fixture(name='s3')
def new_s3(http_server):
    client = boto3.client(
        's3', endpoint_url=http_server.url(''), region_name='us-east-1',
        aws_access_key_id='key', aws_secret_access_key='secret', config=Config(
            # The bucket is in the path, not in the name of the host.
            s3={'addressing_style': 'path'},
            # The content is sent as it is, without checksums between its pieces.
            request_checksum_calculation='when_required'))
    yield client
    client.close()


def test_objects_are_written_and_read(store, s3):
    written = s3.put_object(Bucket='photos', Key='2026/cat.jpg', Body=BODY)
    with s3.get_object(Bucket='photos', Key='2026/cat.jpg', Range='bytes=-5')['Body'] as part:
        assert part.read() == BODY[-5:]
    assert s3.head_object(Bucket='photos', Key='2026/cat.jpg')['ETag'] == written['ETag']
    listed = s3.list_objects_v2(Bucket='photos', Prefix='2026/')
    assert [each['Key'] for each in listed['Contents']] == ['2026/cat.jpg']
    s3.delete_object(Bucket='photos', Key='2026/cat.jpg')
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket='photos', Key='2026/cat.jpg')


def test_an_object_that_has_not_changed_is_not_sent(store, s3):
    written = s3.put_object(Bucket='photos', Key='cat.jpg', Body=BODY)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket='photos', Key='cat.jpg', IfNoneMatch=written['ETag'])
    assert caught.value.response['Error']['Code'] == '304'
    assert store.reads.history[0].response_content == b''


def test_an_object_is_written_once(store, s3):
    s3.put_object(Bucket='photos', Key='cat.jpg', Body=BODY, IfNoneMatch='*')
    with pytest.raises(ClientError, match='PreconditionFailed'):
        s3.put_object(Bucket='photos', Key='cat.jpg', Body=b'other', IfNoneMatch='*')
    assert store.objects == {('photos', 'cat.jpg'): BODY}


def test_a_part_of_a_download_breaks_and_is_read_again(store, s3, tmpdir):
    store.objects['photos', 'cat.jpg'] = BODY
    # The response to HEAD, and the first part.
    store.reads.enqueue(store.read)
    store.reads.enqueue(store.read, response_fault='disconnect', response_fault_at=123456)
    parts = TransferConfig(multipart_threshold=500000, multipart_chunksize=500000)
    s3.download_file('photos', 'cat.jpg', str(tmpdir.join('cat')), Config=parts)
    assert tmpdir.join('cat').read('rb') == BODY
    broken, others = store.reads.history[1], store.reads.history[2:]
    assert broken.headers['Range'] in [each.headers['Range'] for each in others]
    assert {each.response_status for each in others} == {206}
