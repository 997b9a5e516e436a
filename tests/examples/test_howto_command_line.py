# -*- coding: utf-8 -*-
"""A server in its own process: a file scripts the responses, a HAR file has the traffic."""
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


def test_a_script_and_a_har_file(tmpdir):
    script, har = tmpdir.join('api.json'), tmpdir.join('traffic.har')
    script.write(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, '-m', 'httptestserver', '--script', str(script), '--har', str(har),
         '--count', '2', '--timeout-exit', '30'],
        stdout=subprocess.PIPE, universal_newlines=True)
    url = re.search(r'http://\S+', process.stdout.readline()).group()
    assert requests.get(url + 'users/7').json() == {'name': 'Ada'}
    assert requests.get(url + 'other').status_code == 503
    process.communicate()
    assert process.returncode == 0
    entries = json.loads(har.read())['log']['entries']
    assert [each['response']['status'] for each in entries] == [200, 503]
