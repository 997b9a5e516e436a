# -*- coding: utf-8 -*-
"""Recording on the command line."""
import json

import pytest

from httptestserver import http_server
from support.client import ask
from support.commands import Inside


@pytest.fixture
def path(tmpdir):
    return tmpdir.join('traffic.har')


def entries(path):
    return json.loads(path.read())['log']['entries']


# Record and replay.

@pytest.fixture
def real():
    """A real service, whose responses differ each time."""
    with http_server() as server:
        server.route('GET', '/users', response_json=['Ada'],
                     response_headers={'Set-Cookie': 'sid=s3cret'})
        job = server.route('POST', '/job', response_content='done')
        job.enqueue({'response_status': 202, 'response_content': b'\xff\x00'})
        server.route('GET', '/old', response_status=302, response_headers={'Location': '/users'})
        yield server


def use_service(command):
    """Return what a client of the service sees."""
    sent = [('GET', '/users?page=2', None), ('POST', '/job', b'{"a": 1}'),
            ('POST', '/job', b'{"a": 1}'), ('GET', '/old', None), ('GET', '/none', None)]
    answers = [ask(command.server, method, target, 'Authorization: s3cret', body=body)
               for method, target, body in sent]
    return [(each.status, each.body, each.get('location')) for each in answers]


def test_a_forwarded_exchange_is_recorded(monkeypatch, real, path):
    seen = []
    assert Inside(monkeypatch).run(
        lambda command: seen.extend(use_service(command)), '--forward', real.url(), '--har',
        str(path)) == 0
    assert [each[0] for each in seen] == [200, 202, 200, 302, 404]
    assert [each['response']['status'] for each in entries(path)] == [200, 202, 200, 302, 404]
    assert [each['response']['content'].get('text') for each in entries(path)][:3] == [
        '["Ada"]', '/wA=', 'done']
    assert entries(path)[1]['request']['postData']['text'] == '{"a": 1}'


def test_a_service_that_is_down_is_in_the_recording(monkeypatch, real, path):
    real.stop()
    assert Inside(monkeypatch).run(
        lambda command: ask(command.server, 'GET', '/'), '--forward', real.url(), '--har',
        str(path)) == 0
    assert [each['response']['status'] for each in entries(path)] == [502]
