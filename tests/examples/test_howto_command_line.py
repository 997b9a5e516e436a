# -*- coding: utf-8 -*-
"""A server in a process of its own: a file scripts the responses, and files get the traffic."""
import json
import re
import subprocess
import sys

import requests

SCRIPT = '''{
  "queue": [503],
  "routes": [
    {"method": "GET", "path": "/users/{id}", "response_json": {"name": "Ada"}}
  ]
}'''


def start(*options, **pipes):
    """Start a server that ends after a minute, if it is forgotten."""
    return subprocess.Popen(
        [sys.executable, '-m', 'httptestserver', '--timeout-exit', '60'] + list(options),
        universal_newlines=True, **pipes)


def url_of(greeting):
    """Block until the server is ready, and return its URL."""
    return re.search(r'http://\S+', greeting.readline()).group()


def test_a_script_and_a_har_file(tmpdir):
    script, har = tmpdir.join('api.json'), tmpdir.join('traffic.har')
    script.write(SCRIPT)
    process = start('--script', str(script), '--har', str(har), '--count', '2',
                    stdout=subprocess.PIPE)
    url = url_of(process.stdout)
    assert requests.get(url + 'users/7').json() == {'name': 'Ada'}
    assert requests.get(url + 'other').status_code == 503
    process.communicate()
    assert process.returncode == 0
    entries = json.loads(har.read())['log']['entries']
    assert [each['response']['status'] for each in entries] == [200, 503]


def test_lines_of_json(tmpdir):
    traffic = tmpdir.join('traffic.jsonl')
    with traffic.open('w') as opened:
        process = start('--json', '--status', '201', '--count', '1',
                        stdout=opened, stderr=subprocess.PIPE)
    requests.post(url_of(process.stderr) + 'users', data='hello')
    process.communicate()
    exchange, = [json.loads(line) for line in traffic.readlines()]
    assert exchange['type'] == 'exchange'
    assert exchange['request']['method'] == 'POST'
    assert exchange['request']['body']['text'] == 'hello'
    assert exchange['response']['status'] == 201


def test_a_script_that_changes(tmpdir):
    script = tmpdir.join('api.json')
    script.write('{"data": {"response_status": 404}}')
    process = start('--script', str(script), '--watch', stdout=subprocess.PIPE)
    url = url_of(process.stdout)
    assert requests.get(url).status_code == 404
    script.write('{"data": {"response_status": 204}}')
    assert any('again' in line for line in iter(process.stdout.readline, ''))
    assert requests.get(url).status_code == 204
    process.terminate()
    process.communicate()
