# -*- coding: utf-8 -*-

"""A client that limits how long one read may take, and how long the whole download may take."""
import contextlib
import threading
import time

import pytest
import requests


class TooSlow(Exception):
    """The service does not send the whole body in time."""


def download(url, patience=5.0, limit=60.0):
    end = time.time() + limit
    body = b''
    try:
        response = requests.get(url, timeout=patience, stream=True)
        with contextlib.closing(response):
            for piece in response.iter_content(1000):
                body += piece
                if time.time() > end:
                    raise TooSlow('%d bytes after %s s' % (len(body), limit))
    # A time-out in the body is a ConnectionError of requests, not a Timeout.
    except (requests.Timeout, requests.ConnectionError) as error:
        raise TooSlow(str(error))
    return body


def test_a_response_that_comes_too_late(http_server):
    http_server.data['response_timeout'] = 60
    with pytest.raises(TooSlow):
        download(http_server.url('/report'), patience=1)
    http_server.assert_requested('GET', '/report', count=1)


def test_a_body_that_stops_in_the_middle(http_server):
    http_server.enqueue(b'x' * 9000, response_fault='stall', response_fault_at=5000)
    with pytest.raises(TooSlow):
        download(http_server.url('/report'), patience=0.1)


def test_a_body_that_never_stops_but_takes_too_long(http_server):
    http_server.enqueue(b'x' * 20000, response_rate=20000)
    with pytest.raises(TooSlow) as raised:
        download(http_server.url('/report'), limit=0.2)
    assert 'after 0.2 s' in str(raised.value)
    assert '20000 bytes' not in str(raised.value)


def test_a_response_is_waited_for(http_server):
    go_on = threading.Event()
    http_server.enqueue(b'ok', response_hold=go_on)
    bodies = []
    job = threading.Thread(target=lambda: bodies.append(download(http_server.url('/report'))))
    job.start()
    http_server.wait(path='/report')
    assert bodies == []
    go_on.set()
    job.join()
    assert bodies == [b'ok']
