# -*- coding: utf-8 -*-
"""What an intermediary drops and adds: RFC 9110, section 7.6."""
import pytest

from httptestserver.http1.intermediary import end_to_end, is_in_via, joined_target, via


def test_the_fields_of_the_connection_are_dropped_and_the_others_keep_their_order():
    fields = [('B', '1'), ('Connection', 'x-a, Close'), ('a', '2'), ('X-A', '3'), ('b', '4'),
              ('Keep-Alive', 'timeout=5'), ('TE', 'trailers'), ('connection', 'X-C'), ('x-c', '5'),
              ('Transfer-Encoding', 'chunked'), ('Upgrade', 'h2c'), ('Proxy-Connection', 'a'),
              ('Proxy-Authorization', 'Basic x'), ('Trailer', 'T'), ('Host', 'h'),
              ('Proxy-Authenticate', 'Basic')]
    assert end_to_end(fields, ['host']) == (
        ('B', '1'), ('a', '2'), ('b', '4'), ('Trailer', 'T'), ('Proxy-Authenticate', 'Basic'))


def test_via_has_the_version_and_the_pseudonym():
    assert via('name', 'HTTP/1.0') == ('Via', '1.0 name')


@pytest.mark.parametrize('value, found', [
    ('1.1 name', True), ('1.0 other, 1.1 name (software)', True), ('HTTP/1.1 name', True),
    ('1.1 names', False), ('1.1 other (1.1 name)', False), ('', False), ('name', False)])
def test_a_pseudonym_is_found_in_any_via(value, found):
    assert is_in_via([('X', '1.1 name'), ('via', value)], 'name') is found


@pytest.mark.parametrize('base, target, expected', [
    ('', '/', '/'), ('/v1', '/a?b=/../c', '/v1/a?b=/../c'), ('', '//evil/a', '//evil/a'),
    ('/v1', '//evil', '/v1//evil'), ('', '/../a', '/../a'), ('/v1', '/..a', '/v1/..a')])
def test_a_target_is_put_behind_the_base(base, target, expected):
    assert joined_target(base, target) == expected


@pytest.mark.parametrize('base, target', [
    ('', '*'), ('', 'http://evil/'), ('', '@evil/'), ('', 'evil:443'), ('/v1', '/../a'),
    ('/v1', '/a/%2e%2E/b'), ('/v1', '/./a'), ('/v1', '/..'),
    ('/v1', '/..;/a'), ('/v1', '/..%3bx/a')])
def test_a_target_that_may_lead_elsewhere_is_refused(base, target):
    with pytest.raises(ValueError):
        joined_target(base, target)
