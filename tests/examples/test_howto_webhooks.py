# -*- coding: utf-8 -*-
"""A webhook that comes some time after the call that causes it, and is signed."""
import hashlib
import hmac
import json
import subprocess
import sys
import threading

import requests

SECRET = b'between you and me'


def notify(webhook, event):
    """Send *event* with a signature of its bytes."""
    body = json.dumps(event).encode('utf-8')
    signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    requests.post(webhook, data=body, headers={
        'Content-Type': 'application/json', 'X-Signature': 'sha256=' + signature})


def start_job(webhook):
    """Return at once; a thread calls *webhook* when the job is done."""
    job = threading.Timer(0.05, notify, [webhook, {'state': 'done'}])
    job.start()
    return job


def test_the_webhook_is_called(http_server):
    job = start_job(http_server.url('/hook'))
    request, = http_server.wait(path='/hook', json={'state': 'done'}, timeout=10)
    assert request['command'] == 'POST'
    job.join()


def test_the_webhook_is_signed(http_server):
    job = start_job(http_server.url('/hook'))
    request = http_server.take_request(timeout=10)
    # Over the bytes that came: JSON that was parsed and written again may differ.
    expected = hmac.new(SECRET, request['body'], hashlib.sha256).hexdigest()
    assert request['headers']['X-Signature'] == 'sha256=' + expected
    job.join()


def test_one_after_another(http_server):
    for path in '/first', '/second':
        job = start_job(http_server.url(path))
        assert http_server.take_request(timeout=10)['path'] == path
        job.join()


# The program under test. It fails if it gets no response, or one from 400 on.
SENDER = '''
import sys, requests
requests.post(sys.argv[1], json={"state": "done"}).raise_for_status()
'''


def test_the_sender_is_another_process(http_server):
    hook = http_server.route('POST', '/hook', response_status=204)
    sender = subprocess.Popen([sys.executable, '-c', SENDER, http_server.url('/hook')])
    try:
        assert hook.take_request(timeout=30).json() == {'state': 'done'}
    finally:
        # The server has to run until the sender has its response.
        status = sender.wait()
    assert status == 0
