# -*- coding: utf-8 -*-
"""Routes that are made of a recording."""
from __future__ import unicode_literals

import pytest

from httptestserver.scripting.replaying import add_routes
from httptestserver.scripting.routing import Router
from support.recorded import asked


def entry(url, text='', **response):
    response = dict({'status': 200, 'headers': [], 'content': {'text': text}}, **response)
    return {'request': {'method': 'GET', 'url': url, 'headers': []}, 'response': response}


def har(*entries):
    return {'log': {'entries': list(entries)}}


def scripts(router, path, count):
    return [router.answer(asked(path))[0].get('response_content') for _ in range(count)]


def test_equal_requests_share_a_route_and_the_last_response_stays():
    router = Router()
    routes = add_routes(router, har(entry('http://x/', 'a'), entry('http://x/b', 'c'),
                                    entry('http://y/', 'd')), lambda rule: rule)
    assert [str(rule.criteria) for rule in routes] == [
        "GET / query={} body=''", "GET /b query={} body=''"]
    assert scripts(router, '/', 3) == [b'a', b'd', b'd']
    assert scripts(router, '/b', 1) == [b'c']


def test_nothing_is_added_if_a_part_is_wrong():
    router = Router()
    wrong = entry('http://x/b', headers=[{'name': 'a\nb', 'value': 'x'}])
    with pytest.raises(ValueError) as caught:
        add_routes(router, har(entry('http://x/'), wrong), lambda rule: rule)
    assert str(caught.value).startswith('the HAR: log.entries[1].response has a wrong field: ')
    assert scripts(router, '/', 1) == [None]


def test_nothing_is_added_if_the_server_cannot_do_a_part():
    router = Router(cannot={('response_fault', str('reset')): 'a Unix socket cannot be reset'})
    document = har(entry('http://x/', 'a'), entry('http://x/b', status=0,
                                                  comment='reset at response'))
    document['log']['creator'] = {'name': 'httptestserver', 'version': '0.9.0'}
    with pytest.raises(ValueError) as caught:
        add_routes(router, document, lambda rule: rule)
    assert str(caught.value) == (
        "the HAR: response_fault is 'reset', but a Unix socket cannot be reset")
    assert scripts(router, '/', 1) == [None]


def test_what_was_added_before_an_interrupt_is_removed():
    router = Router()

    def route(rule):
        if rule.criteria.key[2] == (b'', b'b'):
            raise KeyboardInterrupt
        return rule
    with pytest.raises(KeyboardInterrupt):
        add_routes(router, har(entry('http://x/', 'a'), entry('http://x/b')), route)
    assert scripts(router, '/', 1) == [None]
