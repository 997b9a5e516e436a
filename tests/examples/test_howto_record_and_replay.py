# -*- coding: utf-8 -*-

"""A client of a paged list is tested against a recording of the service."""
import json

import pytest
import requests


def users(url):
    """Return the names on all pages."""
    names, page = [], 1
    while page:
        response = requests.get(url, params={'page': page}, timeout=5)
        response.raise_for_status()
        names += response.json()['names']
        page = response.json()['next']
    return names


@pytest.fixture(name='service')
def real_service(make_http_server):
    """Return the URL of the real service, for which another server stands here."""
    service = make_http_server()
    service.route('GET', '/users', {'page': '1'}, response_json={'names': ['Ada'], 'next': 2})
    service.route('GET', '/users', {'page': '2'}, response_json={'names': ['Bob'], 'next': None})
    return service.url()


@pytest.fixture(name='recording')
def record(make_http_server, service, tmpdir):
    """Return the path of a recording. Run this once, and keep the file beside the tests."""
    recorder = make_http_server()
    recorder.data['response_forward'] = service
    users(recorder.url('/users'))

    path = tmpdir.join('users.har')
    path.write(json.dumps(recorder.har(redact=['Authorization', 'Cookie', 'Set-Cookie'])))
    return str(path)


def test_all_pages_are_read(http_server, recording):
    http_server.replay(recording)
    assert users(http_server.url('/users')) == ['Ada', 'Bob']


def test_a_page_that_fails_is_an_error(http_server, recording):
    http_server.replay(recording)
    http_server.route('GET', '/users', {'page': '2'}, response_status=503)
    with pytest.raises(requests.HTTPError):
        users(http_server.url('/users'))
