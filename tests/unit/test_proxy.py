# -*- coding: utf-8 -*-
"""What makes a server a proxy, without a socket."""
import pytest

from httptestserver.http1.grammar import BadRequest
from httptestserver.scripting.response import resolve
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.serving.connections import Connection
from httptestserver.serving.exchange import Exchange
from support.marks import needs_extra

pytestmark = needs_extra


@pytest.fixture
def router():
    from httptestserver.scripting.proxying import ProxyRouter
    return ProxyRouter(VOCABULARY, {}, None)


@pytest.fixture
def proxy(router):
    from httptestserver.serving.proxy import Proxy
    return Proxy(router)


@pytest.mark.parametrize('script, opens', [
    ({}, True), ({'response_status': 204}, True), ({'response_status': 299}, True),
    ({'response_status': 199}, False), ({'response_status': 407}, False),
    ({'response_raw': b'HTTP/1.1 200 OK\r\n\r\n'}, False),
    ({'response_fault': 'disconnect', 'response_fault_at': 'end'}, False)])
def test_a_success_opens_a_tunnel(proxy, script, opens):
    assert proxy.opens(resolve(script, None)) is opens


@pytest.mark.parametrize('status, count', [(200, 1), (502, 0)])
def test_a_tunnel_is_recorded_and_observed_if_it_opens(proxy, router, status, count):
    seen = []
    proxy.observer = seen.append
    exchange = Exchange(None, None, 'CONNECT', 'HTTP/1.0')
    exchange.persistent = False
    proxy.opener(Connection(7, None, None), exchange, 'a.test:443')(
        resolve({'response_status': status}, None))
    assert exchange.persistent is bool(count)
    assert [(each.connection_index, each.target) for each in router.tunnels()] == (
        [(7, 'a.test:443')] * count)
    assert seen == router.tunnels()


def test_a_connection_has_one_tunnel_at_most(proxy):
    connection = Connection(7, None, None)
    connection.tunnel = 'a.test:443'
    with pytest.raises(BadRequest) as caught:
        proxy.opener(connection, None, 'b.test:443')
    assert caught.value.status == 501 and 'a.test:443' in caught.value.reason
