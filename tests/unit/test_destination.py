# -*- coding: utf-8 -*-
"""The URL of a server to which requests are forwarded: what it may be, and what it means."""
from __future__ import unicode_literals

import os

import pytest

from httptestserver import tls
from httptestserver.scripting.destination import check_cafile, check_forward, parse_destination


@pytest.mark.parametrize('url, expected, authority', [
    ('http://a', ('http', 'a', 80, ''), 'a'),
    ('HTTPS://A.example:443/', ('https', 'A.example', 443, ''), 'A.example'),
    ('https://a:8443/v1/', ('https', 'a', 8443, '/v1'), 'a:8443'),
    ('http://[::1]:80/a/b', ('http', '::1', 80, '/a/b'), '[::1]'),
    ('http://[::1]:81', ('http', '::1', 81, ''), '[::1]:81'),
    ('http://b\xfccher.example', ('http', 'xn--bcher-kva.example', 80, ''),
     'xn--bcher-kva.example'),
])
def test_a_url_is_a_server_and_a_path(url, expected, authority):
    destination = parse_destination(url)
    assert tuple(destination) == expected and destination.authority == authority
    check_forward('response_forward', url)


@pytest.mark.parametrize('url, hint', [
    ('example.com', "did you mean 'https://example.com'?"),
    ('127.0.0.1:80', "did you mean 'https://127.0.0.1:80'?"),
    ('//a/b', "did you mean 'https://a/b'?"), ('HTTPS//a', 'it has no http:// or https://'),
    ('/v1', 'it has no http:// or https://'), ('', 'it has no http:// or https://'),
    ('http:a', 'it has no http:// or https://'), ('localhost', "mean 'https://localhost'?"),
    ('ftp://a', "only http and https can be forwarded to, not 'ftp'"),
    ('ws://a', "not 'ws'"), ('http://', 'host or port'), ('http://:80', 'host or port'),
    ('http://a:', 'host or port'), ('http://a:0', 'host or port'), ('http://a:65536', 'port'),
    ('http://a:b', 'port'),
    ('http://[::1', 'host'), ('http://a\\b', 'host'), ('http://a%41', 'host'),
    ('http://ann:pw@a/', 'without user and password'), ('http://@a', 'without user'),
    ('http://a/?b=c', 'without query'), ('http://a?', 'without query'), ('http://a#b', 'fragment'),
    ('http://a/b c', 'white space'), ('http://a\r\nb', 'control'), ('http://a/\0', 'control'),
    (' http://a', 'white space'), ('http://a/\xfc', 'percent-encoded'),
    ('unix:/run/a.sock', 'Unix socket'), ('http+unix://%2Frun', 'Unix socket'),
])
def test_any_other_url_is_refused_with_what_is_wrong_in_it(url, hint):
    with pytest.raises(ValueError) as caught:
        check_forward('response_forward', url)
    assert str(caught.value).startswith('response_forward is the URL of a server, such as ')
    assert hint in str(caught.value)


@pytest.mark.parametrize('value', [None, False, 5, b'http://a' if str is not bytes else [], {}])
def test_what_is_no_url_is_refused(value):
    with pytest.raises(TypeError):
        check_forward('response_forward', value)


def test_true_is_where_the_request_says():
    check_forward('response_forward', True)


@pytest.mark.parametrize('value, kind', [
    ('none.pem', ValueError), (__file__, ValueError), (5, TypeError), (None, TypeError)])
def test_a_file_without_authorities_is_refused(value, kind):
    with pytest.raises(kind) as caught:
        check_cafile('response_forward_cafile', value)
    assert 'response_forward_cafile is the path of a PEM file' in str(caught.value)


@pytest.mark.skipif(not hasattr(os, 'fspath'), reason='entries are no paths here')
def test_a_file_may_be_any_path():
    folder, name = os.path.split(tls.CAFILE)
    [entry] = [each for each in os.scandir(folder) if each.name == name]
    check_cafile('response_forward_cafile', entry)
    check_cafile('response_forward_cafile', tls.CAFILE)
