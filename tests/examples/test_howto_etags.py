# -*- coding: utf-8 -*-

"""A client that keeps bodies, and asks whether they have changed."""
import requests


class Cache(object):
    """Bodies by URL, with what the service needs to say that they have not changed."""

    validators = [('ETag', 'If-None-Match'), ('Last-Modified', 'If-Modified-Since')]

    def __init__(self):
        self.kept = {}

    def get(self, url):
        headers, body = self.kept.get(url, ({}, b''))
        response = requests.get(url, headers=headers, timeout=5)
        if response.status_code == 304:
            return body
        response.raise_for_status()
        headers = {condition: response.headers[name]
                   for name, condition in self.validators if name in response.headers}
        self.kept[url] = headers, response.content
        return response.content


def test_what_has_not_changed_is_not_sent_again(http_server):
    feed = http_server.route('GET', '/feed', response_content=b'news', response_ranges=True)
    cache, url = Cache(), http_server.url('/feed')
    assert (cache.get(url), cache.get(url)) == (b'news', b'news')
    feed.data['response_content'] = b'more news'
    assert cache.get(url) == b'more news'
    assert [each.response_status for each in feed.history] == [200, 304, 200]


def test_a_write_that_would_undo_a_change_is_refused(http_server):
    http_server.route('PUT', '/feed', response_content=b'news', response_ranges=True,
                      response_headers={'ETag': '"2"'})
    url = http_server.url('/feed')
    assert requests.put(url, headers={'If-Match': '"1"'}, timeout=5).status_code == 412
    assert requests.put(url, headers={'If-Match': '"2"'}, timeout=5).status_code == 200


def test_the_newest_etag_is_sent(http_server):
    http_server.enqueue(b'old', response_headers={'ETag': '"1"'})
    http_server.enqueue(b'new', response_headers={'ETag': 'W/"2"'})
    http_server.enqueue(304)
    cache, url = Cache(), http_server.url('/feed')
    assert (cache.get(url), cache.get(url), cache.get(url)) == (b'old', b'new', b'new')
    assert [each['headers'].get('If-None-Match') for each in http_server.history] == [
        None, '"1"', 'W/"2"']


def test_a_date_is_sent_back_as_it_came(http_server):
    date = 'Thu, 26 Nov 2026 08:49:37 GMT'
    http_server.enqueue(b'news', response_headers={'Last-Modified': date})
    http_server.enqueue(304)
    cache, url = Cache(), http_server.url('/feed')
    assert (cache.get(url), cache.get(url)) == (b'news', b'news')
    http_server.assert_requested('GET', '/feed', headers={'If-Modified-Since': date})


def test_without_a_validator_there_is_no_condition(http_server):
    http_server.data['response_content'] = b'news'
    cache, url = Cache(), http_server.url('/feed')
    assert (cache.get(url), cache.get(url)) == (b'news', b'news')
    assert http_server.history[-1]['headers'].get('If-None-Match') is None
