# -*- coding: utf-8 -*-
"""The targets of `fuzz` hold for mutations of known inputs, and for what once failed."""
from __future__ import unicode_literals

import itertools
import sys

import pytest

from fuzz import __main__, mutations, strict, targets
from httptestserver.http1.fields import Headers
from httptestserver.recording.request import RecordedRequest
from support.waiting import cpu_time

#: How many mutations are tried, behind all known inputs; ``python -m fuzz`` tries more.
COUNTS = [('requests', 1500), ('chunks', 1500), ('views', 700), ('codings', 1500),
          ('templates', 1500), ('folders', 1500), ('scripts', 120)]


@pytest.fixture(scope='module', autouse=True)
def closed():
    yield
    targets.close()


@pytest.mark.parametrize('name, count', COUNTS)
def test_a_target_holds_for_any_octets(name, count):
    for octets in itertools.islice(mutations.mutations(name, 0), count):
        try:
            targets.TARGETS[name](octets)
        except Exception:
            print('%s: %r' % (name, octets))
            raise


def test_every_target_is_tried():
    assert sorted(name for name, _ in COUNTS) == sorted(targets.TARGETS)


def test_the_command_tries_every_target(monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['fuzz', '--seconds', '0'])
    monkeypatch.setattr(__main__, 'has_atheris', lambda: False)
    assert __main__.main() == 0
    assert capsys.readouterr()[0].splitlines() == [
        '%s: 0 inputs' % name for name in sorted(targets.TARGETS)]


FORM = b'multipart/form-data; boundary=b\0\0\0--b\r\nContent-Disposition: form-data; name=a\r\n'


@pytest.mark.parametrize('name, octets', [
    ('chunks', b'\x005\r\nhello\r\n0\r\nContent-Length: 9\n\r\n'),
    ('views', FORM + b'Content-Type: a/b; charset=hex\r\n\r\nvalue\r\n--b--'),
    ('views', FORM + b'Content-Type: a/b; charset=zlib\r\n\r\nvalue\r\n--b--'),
    ('views', FORM + b"Content-Type: a/b; charset*=utf-8''%00\r\n\r\nvalue\r\n--b--"),
    ('views', b'text/plain; charset=zlib\0\0\0value'),
    ('views', b'text/plain; charset=bz2\0\0\0value'),
    ('views', b"text/plain; charset*=utf-8''%00\0\0\0value"),
    ('scripts', b'{"data": {"response_content": "\\ud800"}}'),
    ('scripts', b'{"data": {"response_raw": "\\ud800"}}'),
    ('scripts', b'{"data": {"response_timeout": 1' + b'0' * 400 + b'}}'),
    ('scripts', b'[' * 100000), ('scripts', b'{"a":' * 100000),
])
def test_what_once_failed_holds(name, octets):
    targets.TARGETS[name](octets)


def form(content_type, body):
    return RecordedRequest(command=str('POST'), path=str('/'), body=body, requestline=str('POST'),
                           headers=Headers(b'Content-Type: ' + content_type + b'\r\n'))


MULTIPART = b'multipart/form-data; boundary=b'
PART = b'--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n'


@pytest.mark.parametrize('content_type, body', [
    (MULTIPART, b'--b\r\n' + b'a' * 1048576 + b'\r\n--b--'),
    (MULTIPART, b'--b\r\n' + b'a:' * 524288 + b'\r\n--b--'),
    (MULTIPART,
     b'--b\r\nContent-Disposition: form-data' + b';a="\\' * 200000 + b'\r\n\r\n\r\n--b--'),
    (MULTIPART, b'--b\r\na:' + b'\r\n ' * 349525 + b'\r\n\r\n\r\n--b--'),
    (MULTIPART, b'\r\n--' * 262144 + b'\r\n--b--'),
    (MULTIPART + b'; x=y' * 20000, PART * 5000 + b'--b--'),
    (b'', b'&' * 1048576),
    (b'application/json', b'[' * 1048576), (b'application/json', b'"' + b'\\' * 1048576),
], ids=lambda value: repr(value[:12]))
def test_a_body_of_a_mebibyte_takes_time_in_proportion_to_its_length(content_type, body):
    start = cpu_time()
    for look in (lambda each: each.form, lambda each: each.files, lambda each: each.json()):
        try:
            look(form(content_type, body))
        except ValueError:
            pass
    # Time that grows with the square of the length would be hours.
    assert cpu_time() - start < 15


# What holds for the second parser, or the first could be compared with nothing.

@pytest.mark.parametrize('octets, end', [
    (b'', 'end'), (b'\r\n', 'end'), (b'\r', 'cut'), (b'GET / HTTP/1.1\r\nHost: a\r\n', 'cut'),
    (b'GET / HTTP/1.1\nHost: a\n\n', 'refused'), (b'GET / HTTP/2.0\r\n\r\n', 'refused'),
    (b'GET / HTTP/1.1\r\n\r\n', 'refused'), (b'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 'refused'),
    (b'GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n', 'refused'),
    (b'GET / HTTP/1.1\r\nHost: [::1:]\r\n\r\n', 'refused'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na', 'refused'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na', 'cut')])
def test_the_second_parser_takes_no_message_of_what_is_none(octets, end):
    assert strict.converse(octets)[:2] == ([], end)


@pytest.mark.parametrize('octets, content, trailers', [
    (b'0\r\n\r\n', b'', []),
    (b'1 ;a="\\"" ; b = c\r\nx\r\n0\r\nA: b\r\n\r\n', b'x', [(b'A', b'b')])])
def test_the_second_parser_reads_chunks(octets, content, trailers):
    assert strict.read_chunks(strict.Octets(octets)) == (content, trailers)


@pytest.mark.parametrize('octets', [
    b'+1\r\nx\r\n0\r\n\r\n', b'0x1\r\nx\r\n0\r\n\r\n', b'1;\r\nx\r\n0\r\n\r\n',
    b'1\r\nxy\r\n0\r\n\r\n',
    b'1 \r\nx\r\n0\r\n\r\n', b'1;a\t\r\nx\r\n0\r\n\r\n',
    b'1;a="\r\nx\r\n0\r\n\r\n', b'1 1\r\nx\r\n0\r\n\r\n', b'\r\n\r\n', b'1\nx\r\n0\r\n\r\n'])
def test_the_second_parser_refuses_wrong_chunks(octets):
    with pytest.raises(strict.Refused):
        strict.read_chunks(strict.Octets(octets))
