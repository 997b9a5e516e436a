# -*- coding: utf-8 -*-
"""The parts of a server that its connections share."""
import pytest

from httptestserver import Handler
from httptestserver.scripting.routing import Router
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.serving import backend
from httptestserver.serving.backend import Backend, new_router, vocabulary_of
from support.marks import needs_extra


class Own(Handler):
    response_keys = {'response_flag': None}


def test_a_handler_adds_its_keys():
    assert vocabulary_of(Handler) == VOCABULARY
    vocabulary = vocabulary_of(Own)
    assert set(vocabulary) - set(VOCABULARY) == {'response_flag'}
    assert vocabulary['response_flag']('response_flag', object()) is None


def test_a_key_of_a_handler_starts_with_response():
    with pytest.raises(ValueError) as caught:
        vocabulary_of(type('Wrong', (Handler,), {'response_keys': {'flag': None}}))
    assert str(caught.value) == "a key in response_keys starts with response_, got 'flag'"


def test_a_server_is_no_proxy_by_default():
    router, proxy = new_router(False, VOCABULARY, {}, 7)
    assert type(router) is Router and proxy is None
    assert router.tunnels() == []
    assert Backend(router, Handler, VOCABULARY, None, None).proxy is None


def test_a_server_has_one_pseudonym(monkeypatch):
    router, proxy = new_router(False, VOCABULARY, {}, 7)
    made, seen, urandom = Backend(router, Handler, VOCABULARY, None, None), [], backend.os.urandom

    def meanwhile(size):
        # As another thread may do.
        monkeypatch.setattr(backend.os, 'urandom', urandom)
        seen.append(made.pseudonym)
        return urandom(size)
    monkeypatch.setattr(backend.os, 'urandom', meanwhile)
    assert [made.pseudonym, made.pseudonym] == seen * 2
    assert seen[0].startswith('httptestserver-')


@needs_extra
def test_a_proxy_has_a_router_of_its_own():
    router, proxy = new_router(True, VOCABULARY, {}, 7)
    assert type(router).__name__ == 'ProxyRouter' and proxy.observer is None
    assert Backend(router, Handler, VOCABULARY, None, None, proxy).proxy is proxy
