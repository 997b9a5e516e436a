# -*- coding: utf-8 -*-
"""Addresses of servers, of TCP and of Unix sockets, are read and shown."""
import os
import socket
import sys

import pytest

from httptestserver.http1 import address
from httptestserver.http1.address import (
    PATH_SIZE, address_words, family_of, from_client, is_unix, origin_of, reachable, unix_address,
    unix_host)

needs_linux = pytest.mark.skipif(not sys.platform.startswith('linux'),
                                 reason='only Linux has abstract sockets')


def refusal(host):
    with pytest.raises(ValueError) as caught:
        unix_address(host)
    return str(caught.value)


def test_a_name_with_addresses_of_both_families_is_ipv4(monkeypatch):
    found = [(family, socket.SOCK_STREAM, 6, '', ('', 0))
             for family in (socket.AF_INET6, socket.AF_INET)]
    monkeypatch.setattr(address, '_resolve', lambda *args: found)
    assert family_of('localhost', 0) == socket.AF_INET
    del found[1]
    assert family_of('localhost', 0) == socket.AF_INET6


@pytest.mark.parametrize('host, expected', [
    ('0.0.0.0', '127.0.0.1'), ('::', '::1'), ('10.0.0.7', '10.0.0.7')])
def test_what_stands_for_all_addresses_is_reached_at_one(host, expected):
    assert reachable(host) == expected


@pytest.mark.parametrize('host', ['unix:/a', u'unix:/a', b'unix:/a', 'unix:@a', 'unix:'])
def test_a_host_that_begins_with_unix_is_a_socket(host):
    assert is_unix(host)


@pytest.mark.parametrize('host', ['unix', '', b'', '/a', 'localhost', 'UNIX:/a', None, 5, ()])
def test_other_hosts_are_none(host):
    assert not is_unix(host)


@pytest.mark.parametrize('host', ['unix:/a/b', u'unix:/a/b', b'unix:/a/b'])
def test_a_path_is_bytes(host):
    assert unix_address(host) == b'/a/b'
    assert unix_host(b'/a/b') == 'unix:/a/b'
    assert type(unix_host(b'/a/b')) is str


def test_a_path_that_is_not_ascii_is_in_the_encoding_of_files():
    host = unix_host(u'/\xe4'.encode('utf-8'))
    assert unix_address(host) == u'/\xe4'.encode('utf-8')
    assert unix_host(unix_address(host)) == host


def test_bytes_that_no_encoding_knows_stay_what_they_are():
    assert unix_address(unix_host(b'/\xff')) == b'/\xff'
    assert origin_of('http', unix_host(b'/\xff'), None) == 'http+unix://%2F%FF'


def test_a_relative_path_is_one_of_the_current_folder():
    path = unix_address('unix:a')
    assert unix_host(path) == 'unix:' + os.path.join(os.getcwd(), 'a')


@needs_linux
@pytest.mark.parametrize('name', ['a', '/a', '@', 'a' * (PATH_SIZE - 1)])
def test_a_name_is_no_path(name):
    assert unix_address('unix:@' + name) == b'\0' + name.encode('ascii')
    assert unix_host(unix_address('unix:@' + name)) == 'unix:@' + name


@pytest.mark.parametrize('host, text', [
    ('unix:', "a Unix socket is 'unix:' and a path"),
    ('unix:/a\0b', "a Unix socket is 'unix:' and a path"),
    ('unix:///run/a', "a path begins with one slash; did you mean 'unix:/run/a'?")])
def test_what_is_no_path_is_refused(host, text):
    assert refusal(host) == text


@needs_linux
@pytest.mark.parametrize('host', ['unix:@', 'unix:@a\0b'])
def test_what_is_no_name_is_refused(host):
    assert refusal(host) == "an abstract socket is 'unix:@' and a name"


def test_a_path_that_the_system_would_cut_is_refused():
    assert len(unix_address('unix:/' + 'a' * (PATH_SIZE - 2))) == PATH_SIZE - 1
    assert refusal('unix:/' + 'a' * (PATH_SIZE - 1)).startswith(
        'the path has %d bytes, and this system allows %d; ' % (PATH_SIZE, PATH_SIZE - 1))


@needs_linux
def test_a_name_that_is_too_long_is_refused():
    assert refusal('unix:@' + 'a' * PATH_SIZE) == (
        'the name has %d bytes, and this system allows %d' % (PATH_SIZE, PATH_SIZE - 1))


def test_only_linux_has_names(monkeypatch):
    monkeypatch.setattr(sys, 'platform', 'darwin')
    assert refusal('unix:@a') == 'only Linux has abstract sockets; use a path'


@pytest.mark.parametrize('scheme, host, port, expected', [
    ('http', '127.0.0.1', 80, 'http://127.0.0.1:80'), ('https', '::', 1, 'https://[::1]:1'),
    ('http', '0.0.0.0', 80, 'http://127.0.0.1:80'),
    ('http', 'unix:/run/a b.sock', None, 'http+unix://%2Frun%2Fa%20b.sock'),
    ('https', 'unix:/a', None, 'https+unix://%2Fa')])
def test_urls_begin_with_the_address(scheme, host, port, expected):
    assert origin_of(scheme, host, port) == expected


@needs_linux
def test_the_url_of_a_name_has_the_address_that_a_client_needs():
    assert origin_of('http', 'unix:@a', None) == 'http+unix://%00a'


@pytest.mark.parametrize('address, text', [
    (('127.0.0.1', 80), ' from 127.0.0.1:80'), (('::1', 80, 0, 0), ' from ::1:80'),
    (('', 0), '')])
def test_only_a_client_with_an_address_is_named(address, text):
    assert from_client(address) == text


def test_an_address_is_named_in_messages():
    assert address_words('127.0.0.1', 80) == "'127.0.0.1' port 80"
    assert address_words('unix:/a', None) == "'unix:/a'"
