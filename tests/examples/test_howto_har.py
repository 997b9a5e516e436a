# -*- coding: utf-8 -*-

"""The traffic of a client that tries again is kept in a file, without its token."""
import json

import requests

TOKEN = 'Bearer t1'


def fetch(url):
    """Return the users. If the service is busy, try once more."""
    for _ in range(2):
        response = requests.get(url, headers={'Authorization': TOKEN}, timeout=5)
        if response.status_code != 503:
            break
    response.raise_for_status()
    return response.json()


def test_the_traffic_is_kept_in_a_file(http_server, tmpdir):
    http_server.enqueue(503, {'response_json': ['Ada']})
    assert fetch(http_server.url('/users')) == ['Ada']

    har = http_server.har(redact=['Authorization', 'Cookie', 'Set-Cookie'])
    kept = tmpdir.join('traffic.har')
    kept.write(json.dumps(har, indent=2))

    entries = json.loads(kept.read())['log']['entries']
    assert [entry['response']['status'] for entry in entries] == [503, 200]
    assert TOKEN not in kept.read()
    assert http_server.history[0].headers['Authorization'] == TOKEN


def test_the_second_attempt_is_the_same_request(http_server):
    http_server.enqueue(503, {'response_json': []})
    fetch(http_server.url('/users?page=2'))

    first, second = http_server.har()['log']['entries']
    assert first['request'] == second['request']
