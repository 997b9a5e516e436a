# -*- coding: utf-8 -*-
"""urllib3's Retry as the client under test: what it survives, and what it does meanwhile."""
import contextlib
import time

import pytest
import urllib3
from urllib3.util.retry import Retry

from support.marks import both_schemes
from support.servers import serve
from support.stalls import give_up_at_a_stall
from support.waiting import TIMEOUT


@contextlib.contextmanager
def pool_of(server, total=3, **options):
    """Context of a pool of connections that retries without a pause."""
    keys = {}
    if server.cafile:
        keys.update(ca_certs=server.cafile, cert_reqs='CERT_REQUIRED')
    pool = urllib3.PoolManager(retries=Retry(total, backoff_factor=0, **options),
                               timeout=TIMEOUT, **keys)
    try:
        yield pool
    finally:
        pool.clear()


def connections(server):
    return [entry['connection_index'] for entry in server.history]


@both_schemes
def test_503_twice_then_200(scheme):
    with serve(scheme) as server, pool_of(server, status_forcelist=[503]) as pool:
        server.enqueue(503, 503, b'ok')
        answer = pool.request('GET', server.url('/users'))
        assert (answer.status, answer.data) == (200, b'ok')
        assert [entry['response_status'] for entry in server.history] == [503, 503, 200]
        assert connections(server) == [0, 0, 0]


@both_schemes
def test_503_once_too_often(scheme):
    with serve(scheme) as server, pool_of(server, 2, status_forcelist=[503]) as pool:
        server.enqueue(503, 503, 503, b'ok')
        with pytest.raises(urllib3.exceptions.MaxRetryError):
            pool.request('GET', server.url())
        assert len(server.history) == 3


@both_schemes
@pytest.mark.parametrize('fault', ['reset', 'disconnect'])
@pytest.mark.parametrize('at', ['accept', 'handshake', 'request', 'response'])
def test_broken_off_once_then_200(scheme, fault, at):
    if (scheme, at) == ('http', 'handshake'):
        at = 'accept'
    with serve(scheme) as server, pool_of(server) as pool:
        server.enqueue({'response_fault': fault, 'response_fault_at': at}, b'ok')
        answer = pool.request('GET', server.url())
        assert (answer.status, answer.data) == (200, b'ok')
        assert connections(server) == ([1] if at in ('accept', 'handshake') else [0, 1])


# If TLS ends without an alert, urllib3 on Python 2 does not know that the request was read.
@pytest.mark.parametrize('scheme, fault', [
    ('http', 'reset'), ('http', 'disconnect'), ('https', 'reset')])
def test_a_request_that_may_not_be_repeated_is_not(scheme, fault):
    with serve(scheme) as server, pool_of(server) as pool:
        server.enqueue({'response_fault': fault}, b'ok')
        with pytest.raises((urllib3.exceptions.ProtocolError, urllib3.exceptions.MaxRetryError)):
            pool.request('POST', server.url(), body=b'sent')
        assert len(server.history) == 1
        assert server.history[0]['body'] == b'sent'


@both_schemes
@pytest.mark.parametrize('fault', ['reset', 'disconnect'])
def test_a_stale_connection_of_the_pool_then_200(scheme, fault):
    with serve(scheme) as server, pool_of(server) as pool:
        server.enqueue({'response_content': b'first', 'response_fault': fault,
                        'response_fault_at': 'end'}, b'second')
        assert pool.request('GET', server.url('/1')).data == b'first'
        assert pool.request('GET', server.url('/2')).data == b'second'
        assert [entry['path'] for entry in server.history] == ['/1', '/2']
        assert connections(server) == [0, 1]
        # That it would be kept was promised.
        assert 'close' not in dict(server.history[0]['response_headers']).values()


@both_schemes
def test_a_silence_once_then_200(monkeypatch, scheme):
    with serve(scheme) as server, pool_of(server) as pool:
        server.enqueue({'response_fault': 'stall'}, b'ok')
        give_up_at_a_stall(monkeypatch, server)
        response = pool.request('GET', server.url())
        assert (response.status, response.data) == (200, b'ok')
        assert len(server.history) == 2
        # The stalled connection, which the client has left, has ended.
        server.wait_connections(1)


@pytest.mark.parametrize('status', [429, 503])
def test_retry_after_is_honoured(status):
    with serve('http') as server, pool_of(server) as pool:
        server.enqueue(response_status=status, response_headers={'Retry-After': '1'})
        server.enqueue(b'ok')
        started = time.time()
        assert pool.request('GET', server.url()).data == b'ok'
        first, second = server.history
        assert second['time'] - first['time'] >= 0.95
        assert 0.95 <= time.time() - started < TIMEOUT


def test_retry_after_a_date_is_honoured():
    from email.utils import formatdate
    with serve('http') as server, pool_of(server) as pool:
        server.enqueue(response_status=503, response_headers=lambda request: {
            'Retry-After': formatdate(request['time'] + 2, usegmt=True)})
        server.enqueue(b'ok')
        assert pool.request('GET', server.url()).data == b'ok'
        first, second = server.history
        assert second['time'] - first['time'] >= 0.9


def test_redirects_are_followed_to_the_end():
    with serve('http') as server, pool_of(server) as pool:
        server.route('GET', '/old', response_status=302, response_headers={'Location': '/new'})
        server.route('GET', '/new', response_content=b'ok')
        assert pool.request('GET', server.url('/old')).data == b'ok'
        assert [entry['path'] for entry in server.history] == ['/old', '/new']


def test_a_loop_of_redirects_is_given_up():
    with serve('http') as server, pool_of(server, 3) as pool:
        server.data.update(response_status=302, response_headers={'Location': '/'})
        with pytest.raises(urllib3.exceptions.MaxRetryError):
            pool.request('GET', server.url())
        assert len(server.history) == 4


@both_schemes
def test_a_route_fails_twice_and_recovers_while_others_are_well(scheme):
    with serve(scheme) as server, pool_of(server, status_forcelist=[503]) as pool:
        flaky = server.route('GET', '/flaky', response_content=b'ok')
        flaky.enqueue(503, {'response_fault': 'reset'})
        server.route('GET', '/well', response_content=b'well')
        assert pool.request('GET', server.url('/well')).data == b'well'
        assert pool.request('GET', server.url('/flaky')).data == b'ok'
        assert len(flaky.history) == 3 and len(server.history) == 4
        server.check()
