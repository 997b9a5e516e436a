# -*- coding: utf-8 -*-
"""A server in a process of its own: a file scripts the responses, a HAR file has the traffic."""
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


def start(*options):
    """Start a server that ends after a minute, if it is forgotten."""
    return subprocess.Popen(
        [sys.executable, '-m', 'httptestserver', '--timeout-exit', '60'] + list(options),
        universal_newlines=True, stdout=subprocess.PIPE)


def url_of(greeting):
    """Block until the server is ready, and return its URL."""
    return re.search(r'http://\S+', greeting.readline()).group()


def test_a_script_and_a_har_file(tmpdir):
    script, har = tmpdir.join('api.json'), tmpdir.join('traffic.har')
    script.write(SCRIPT)
    process = start('--script', str(script), '--har', str(har), '--count', '2')
    url = url_of(process.stdout)
    assert requests.get(url + 'users/7').json() == {'name': 'Ada'}
    assert requests.get(url + 'other').status_code == 503
    process.communicate()
    assert process.returncode == 0
    entries = json.loads(har.read())['log']['entries']
    assert [each['response']['status'] for each in entries] == [200, 503]
