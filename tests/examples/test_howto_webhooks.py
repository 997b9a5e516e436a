# -*- coding: utf-8 -*-
"""A request that comes some time after the call that causes it."""
import threading

import requests

from httptestserver import http_server


def start_job(webhook):
    """Return at once; a thread calls *webhook* when the job is done."""
    job = threading.Timer(0.05, requests.post, [webhook], {'json': {'state': 'done'}})
    job.start()
    return job


def test_the_webhook_is_called():
    with http_server() as server:
        job = start_job(server.url('/hook'))
        request, = server.wait(path='/hook', json={'state': 'done'}, timeout=10)
        assert request['command'] == 'POST'
        job.join()


def test_one_after_another():
    with http_server() as server:
        for path in '/first', '/second':
            job = start_job(server.url(path))
            assert server.take_request(timeout=10)['path'] == path
            job.join()
