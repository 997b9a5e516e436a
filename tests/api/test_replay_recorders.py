# -*- coding: utf-8 -*-
"""HAR files of other programs are replayed: browsers, mitmproxy and Playwright."""
from __future__ import unicode_literals

import copy
import json

import pytest

from support.client import Client, request
from support.recordings import DATA, IMAGE, LOGIN, PAGE, RECORDINGS, chromium

FORM = 'Content-Type: application/x-www-form-urlencoded'


@pytest.fixture(params=sorted(RECORDINGS))
def recording(request, tmpdir):
    """The path of a file that a program has written."""
    path = tmpdir.join('recorded.har')
    path.write(json.dumps(RECORDINGS[request.param](), indent=2))
    return str(path)


def ask(server, method, target, *fields, **keywords):
    with Client(server) as client:
        client.send(request(method, target, *fields, **keywords))
        return client.answer(method)


def test_what_a_server_can_repeat_is_a_route(server, recording):
    routes = server.replay(recording)
    assert [repr(route).split(' query')[0] for route in routes] == [
        '<Route GET /', '<Route GET /logo.png', '<Route POST /cart', '<Route POST /login',
        '<Route GET /data']


def test_content_is_sent_without_its_coding(server, recording):
    server.replay(recording)
    answer = ask(server, 'GET', '/?q=1')
    assert (answer.status, answer.reason, answer.body) == (200, 'OK', PAGE.encode('utf-8'))
    assert answer.get('content-type') == 'text/html; charset=utf-8'
    assert answer.get('content-encoding') is None
    assert answer.get('content-length') == '12'
    assert answer.get('date') != 'x'


def test_bytes_are_sent_as_they_were(server, recording):
    server.replay(recording)
    answer = ask(server, 'GET', '/logo.png')
    assert (answer.body, answer.get('content-type')) == (IMAGE, 'image/png')


def test_bytes_that_were_read_as_text_are_sent_as_they_were(server, recording):
    server.replay(recording)
    answer = ask(server, 'GET', '/data')
    assert (answer.body, answer.get('content-length')) == (DATA, '6')


def test_a_repeated_request_gets_its_responses_in_order(server, recording):
    server.replay(recording)
    answers = [ask(server, 'POST', '/cart', 'Content-Type: application/json', body=b'{"item": 7}')
               for _ in range(3)]
    assert [(answer.status, answer.body) for answer in answers] == [
        (201, b'{"n": 1}'), (200, b'{"n": 2}'), (200, b'{"n": 2}')]


def test_a_form_is_compared_by_its_fields(server, recording):
    server.replay(recording)
    answer = ask(server, 'POST', '/login', FORM, body=b'page=/home&user=Ada%20L')
    assert (answer.status, answer.get('location')) == (303, '/home')
    assert [value for name, value in answer.fields if name == 'set-cookie'] == [
        'a=1; Path=/', 'b=2']
    assert ask(server, 'POST', '/login', FORM, body=b'page=/home&user=Bob').status == 404
    assert LOGIN.startswith('user=Ada+L')


def test_without_the_text_of_a_page_the_file_is_refused(server):
    document = copy.deepcopy(chromium())
    del document['log']['entries'][0]['response']['content']['text']
    with pytest.raises(ValueError) as caught:
        server.replay(document)
    assert str(caught.value) == ('the HAR: log.entries[0].response.content has no text, though its '
                                 'size is 12; record it with its content')
