# -*- coding: utf-8 -*-
"""The router of a proxy."""
import pytest

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.request import RecordedRequest
from httptestserver.recording.tunnel import Tunnel
from httptestserver.scripting.proxying import ProxyRouter
from httptestserver.scripting.routing import Router
from httptestserver.scripting.vocabulary import VOCABULARY
from support.waiting import in_threads


@pytest.fixture
def router():
    return ProxyRouter(VOCABULARY, {}, None)


def asking(path='a.test:443', command='CONNECT'):
    return RecordedRequest(command=command, path=path, headers={}, body=b'')


def test_a_connect_without_a_route_has_no_script_and_leaves_no_trace(router):
    script, interrupt = router.connect(asking())
    assert script is None and interrupt is router.interrupt
    assert list(router.history) == router.unmatched() == [] and 'path' not in router.scripts.data


@pytest.mark.parametrize('criteria', [
    Criteria(), Criteria('GET'), Criteria(match=lambda request: True), Criteria('OPTIONS', '*')])
def test_a_route_that_does_not_name_connect_never_sees_one(router, criteria):
    rule = router.add(criteria, {'response_status': 403})
    router.scripts.enqueue([{'response_status': 404}], {})
    router.scripts.data['response_status'] = 405
    assert router.connect(asking())[0] is None
    assert list(rule.history) == [] and len(router.scripts.queue) == 1


@pytest.mark.parametrize('criteria', [
    Criteria('CONNECT'), Criteria('connect', 'a.test:443'), Criteria(['GET', 'CONNECT']),
    Criteria('CONNECT', match=lambda request: request['path'] == 'a.test:443')])
def test_a_route_that_names_connect_has_the_script(router, criteria):
    rule = router.add(criteria, {'response_status': 403})
    request = asking()
    script, interrupt = router.connect(request)
    assert script == {'response_status': 403} and interrupt is router.interrupt
    assert list(rule.history) == list(router.history) == [request]
    assert router.scripts.data['path'] == 'a.test:443'


def test_a_task_that_waits_for_a_connect_is_woken_if_it_is_recorded(router):
    class Task(object):
        woken = 0

        def wake(self):
            self.woken += 1

    task = Task()
    router.guard.tasks.append(task)
    router.connect(asking())
    assert task.woken == 0
    router.add(Criteria('CONNECT'), {'response_status': 403})
    router.connect(asking())
    assert task.woken == 1


def test_a_route_for_another_target_does_not_match(router):
    router.add(Criteria('CONNECT', 'b.test:443'), {'response_status': 403})
    assert router.connect(asking())[0] is None


def test_a_route_that_is_used_up_lets_the_next_tunnel_open(router):
    router.add(Criteria('CONNECT'), {'response_status': 502, 'response_times': 2})
    found = in_threads(lambda index: router.connect(asking())[0], range(8), 8)
    assert sorted(map(bool, found)) == [False] * 6 + [True] * 2
    assert len(router.history) == 2


def test_a_route_that_another_request_uses_up_meanwhile_does_not_match(router):
    taken = []

    def match(request):
        if not taken:
            taken.append(None)
            taken.append(router.connect(asking('b.test:443'))[0])
        return True
    router.add(Criteria('CONNECT', match=match), {'response_status': 502, 'response_times': 1})
    assert router.connect(asking())[0] is None
    assert taken[1]['response_status'] == 502 and len(router.history) == 1


def test_a_reset_meanwhile_takes_the_route_away(router):
    def match(request):
        router.reset()
        return True
    router.add(Criteria('CONNECT', match=match), {'response_status': 502})
    assert router.connect(asking())[0] is None and len(router.history) == 0


def test_other_requests_are_found_as_ever(router):
    router.add(Criteria('GET', '/'), {'response_status': 201})
    assert router.answer(asking('/', 'GET'))[0] == {'response_status': 201}
    assert router.answer(asking('/b', 'GET'))[0]['response_status'] == 404


def test_an_early_script_is_not_for_a_connect(router):
    router.scripts.data['response_early'] = True
    assert router.early('request', asking()) == (None, None)
    assert router.early('request', asking('/', 'GET'))[0] == {'response_early': True}


def test_tunnels_are_kept_until_the_reset_and_within_the_limit():
    router = ProxyRouter(VOCABULARY, {}, 2)
    tunnels = [Tunnel(index, 'a.test:443', 1.5) for index in range(3)]
    for each in tunnels:
        router.add_tunnel(each)
    assert router.tunnels() == tunnels[1:]
    router.reset()
    assert router.tunnels() == []


def test_a_reset_by_a_response_of_before_another_reset_leaves_tunnels(router):
    old = router.interrupt
    router.reset()
    router.add_tunnel(Tunnel(0, 'a.test:443', 1.5))
    router.reset(old)
    assert len(router.tunnels()) == 1


def test_another_router_has_no_tunnels():
    assert Router().tunnels() == []
