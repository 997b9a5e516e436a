# -*- coding: utf-8 -*-

"""A client that reads an object in parts."""
import pytest
import requests
from object_store import ObjectStore

BODY = bytes(bytearray(range(250))) * 10


def load(url, size=1000):
    """Return the object at *url*, and raise if another one replaces it meanwhile."""
    head = requests.head(url, timeout=5)
    head.raise_for_status()
    parts = []
    for first in range(0, int(head.headers['Content-Length']), size):
        response = requests.get(url, timeout=5, headers={
            'Range': 'bytes=%d-%d' % (first, first + size - 1), 'If-Match': head.headers['ETag']})
        response.raise_for_status()
        parts.append(response.content)
    return b''.join(parts)


@pytest.fixture(name='store')
def new_store(http_server):
    return ObjectStore(http_server)


def test_an_object_is_read_in_parts(http_server, store):
    store.objects['photos', '2026/cat.jpg'] = BODY
    assert load(http_server.url('/photos/2026/cat.jpg')) == BODY
    assert [each.headers.get('Range') for each in store.reads.history] == [
        None, 'bytes=0-999', 'bytes=1000-1999', 'bytes=2000-2999']
    assert [len(each.response_content) for each in store.reads.history[1:]] == [1000, 1000, 500]


def test_an_object_is_replaced_while_it_is_read(http_server, store):
    def replaced(request):
        store.objects['photos', 'cat.jpg'] = BODY[::-1]
        return store.read(request)

    store.objects['photos', 'cat.jpg'] = BODY
    store.reads.enqueue(store.read, store.read, replaced)
    with pytest.raises(requests.HTTPError):
        load(http_server.url('/photos/cat.jpg'))
    assert [each.response_status for each in store.reads.history] == [200, 206, 412]


def test_an_object_is_written_once(http_server, store):
    url = http_server.url('/photos/cat.jpg')
    statuses = [requests.put(url, data=data, headers={'If-None-Match': '*'}).status_code
                for data in (b'first', b'second')]
    assert statuses == [200, 412]
    assert store.objects == {('photos', 'cat.jpg'): b'first'}


def test_an_object_is_missing(http_server, store):
    with pytest.raises(requests.HTTPError):
        load(http_server.url('/photos/cat.jpg'))


def test_the_store_is_busy(http_server, store):
    store.objects['photos', 'cat.jpg'] = BODY
    store.reads.enqueue(503)
    with pytest.raises(requests.HTTPError):
        load(http_server.url('/photos/cat.jpg'))
    assert load(http_server.url('/photos/cat.jpg')) == BODY
