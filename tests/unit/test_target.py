# -*- coding: utf-8 -*-
"""Targets and their origins, in one spelling."""
import pytest
from six import ensure_str

from httptestserver.recording.target import Target, origin


@pytest.mark.parametrize('scheme, authority, expected', [
    ('http', 'a.test', 'http://a.test'), ('HTTP', 'A.Test', 'http://a.test'),
    ('http', 'a.test:80', 'http://a.test'), ('https', 'a.test:443', 'https://a.test'),
    ('http', 'a.test:443', 'http://a.test:443'), ('https', 'a.test:80', 'https://a.test:80'),
    ('http', 'a.test:', 'http://a.test'), ('http', 'a.test:0080', 'http://a.test'),
    ('http', 'a.test:08080', 'http://a.test:8080'), ('ws', 'a.test:80', 'ws://a.test:80'),
    ('http', '[::1]', 'http://[::1]'), ('http', '[::1]:80', 'http://[::1]'),
    ('http', '[::1]:81', 'http://[::1]:81'), ('http', 'ann:pw@a.test', 'http://a.test'),
    ('http', 'a@b@a.test:80', 'http://a.test'), ('http', '', 'http://'),
    ('http', u'B\xfccher.test', 'http://xn--bcher-kva.test'),
    ('http', 'XN--bcher-kva.test', 'http://xn--bcher-kva.test'),
    ('http', u'\xfc..test:80', 'http://' + ensure_str(u'\xfc..test'))])
def test_an_origin_has_one_spelling(scheme, authority, expected):
    found = origin(scheme, authority)
    assert found == expected and type(found) is str


def test_text_of_a_host_that_is_not_utf_8_is_no_error():
    assert origin('http', b'\xff.test' if str is bytes else '\udcff.test').startswith('http://')


@pytest.mark.parametrize('target, path, of_target, query', [
    ('/a?b=c', '/a', '', 'b=c'), ('http://A.test:80', '/', 'http://a.test', ''),
    ('http://a.test?b', '/', 'http://a.test', 'b'),
    ('HTTPS://a.test/b/c', '/b/c', 'https://a.test', ''),
    ('/http://a.test', '/http://a.test', '', ''), ('*', '*', '', '')])
def test_a_target_has_its_parts(target, path, of_target, query):
    target = Target(target)
    assert (target, target.origin, target.query) == (path, of_target, query)


@pytest.mark.parametrize('one, other, same', [
    ('A.test:443', 'a.TEST:443', True), ('a.test:443', 'a.test:0443', True),
    ('a.test:443', 'a.test:80', False), ('[::1]:443', '[::1]:443', True),
    ('B\xc3\xbccher.test:443' if str is bytes else u'B\xfccher.test:443',
     'xn--bcher-kva.test:443', True), ('/A', '/a', False), ('*', '*', True)])
def test_the_hosts_of_tunnels_are_compared_as_those_of_origins(one, other, same):
    assert (Target(one).parts == Target(other).parts) is same
    assert Target(one) == one


@pytest.mark.parametrize('target', ['a@b:80', 'a@/b', 'a/b:80', '*:0', ':0', 'a:', ''])
def test_what_is_no_host_and_port_is_compared_as_it_is(target):
    assert Target(target).parts == tuple([
        part.encode('ascii') for part in target.split('/')])


def test_a_target_at_another_origin_has_the_same_path():
    target = Target('/a/%62?c')
    other = target.at('https://a.test')
    assert (other, other.parts, other.query) == (target, (b'', b'a', b'b'), 'c')
    assert (other.origin, target.origin) == ('https://a.test', '')
