# -*- coding: utf-8 -*-
"""What RFC 9112 allows in a request, byte by byte and without a socket."""
import random

import pytest
from six import ensure_str

from httptestserver.http1 import grammar
from httptestserver.http1.grammar import BadRequest, chunk_size, parse_head
from httptestserver.wording import shown


def head(line='GET / HTTP/1.1', *fields):
    """Return a request head as bytes; Host is added if no field names it."""
    lines = [line] + list(fields)
    if not any(field.lower().startswith('host') for field in fields):
        lines.insert(1, 'Host: localhost')
    return '\r\n'.join(lines + ['', '']).encode('iso-8859-1')


def start_of(value):
    """Return a short id of a parameter."""
    return repr(value)[:40]


def refusal(raw):
    """Return (status, reason) with which *raw*, a head, is refused."""
    with pytest.raises(BadRequest) as caught:
        parse_head(raw)
    assert str(caught.value) == caught.value.reason
    assert '\n' not in caught.value.reason
    return caught.value.status, caught.value.reason


def framing(*fields, **keys):
    return parse_head(head('POST / HTTP/%s' % keys.get('version', '1.1'), *fields))[-1]


# The request line.

def test_a_request_line_is_taken_apart():
    raw = head('PUT /a%20b?c=d HTTP/1.1', 'X-A: 1')
    assert parse_head(raw)[:5] == (
        'PUT', '/a%20b?c=d', 'HTTP/1.1', 'PUT /a%20b?c=d HTTP/1.1',
        b'PUT /a%20b?c=d HTTP/1.1\r\n')
    assert parse_head(raw)[5].block == b'Host: localhost\r\nX-A: 1\r\n'


def test_the_parts_of_a_request_line_are_native_text_and_its_raw_form_bytes():
    command, path, version, line, raw, _ = parse_head(head())
    assert [type(part) for part in (command, path, version, line)] == [str] * 4
    assert type(raw) is bytes


@pytest.mark.parametrize('method', [
    'GET', 'get', 'PING', 'M-SEARCH', 'X', "!#$%&'*+-.^_`|~09azAZ", 'A' * 1000], ids=start_of)
def test_any_token_is_a_method(method):
    assert parse_head(head(method + ' / HTTP/1.1'))[0] == method


def test_a_target_in_utf_8_is_read_as_utf_8():
    path = parse_head(u'GET /\xe9\u20ac HTTP/1.1\r\nHost: a\r\n\r\n'.encode('utf-8'))[1]
    assert path == ensure_str(u'/\xe9\u20ac')


def test_a_target_that_is_not_utf_8_is_read_as_iso_8859_1():
    path = parse_head(b'GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n')[1]
    assert path == ensure_str(b'/\xff', 'iso-8859-1')
    assert type(path) is str


@pytest.mark.parametrize('line, command, path', [
    ('OPTIONS * HTTP/1.1', 'OPTIONS', '*'),
    ('GET http://a/b HTTP/1.1', 'GET', 'http://a/b'),
    ('GET http://user@a:80/b?c HTTP/1.1', 'GET', 'http://user@a:80/b?c'),
    ('GET HTTPS://[::1]:8080 HTTP/1.1', 'GET', 'HTTPS://[::1]:8080'),
    ('CONNECT a:443 HTTP/1.1', 'CONNECT', 'a:443'),
    ('CONNECT [::1]:443 HTTP/1.1', 'CONNECT', '[::1]:443'),
    ('GET //a HTTP/1.1', 'GET', '//a'),
    ('GET /%zz HTTP/1.1', 'GET', '/%zz')])
def test_each_form_of_a_target_is_kept_as_sent(line, command, path):
    assert parse_head(head(line))[:2] == (command, path)


@pytest.mark.parametrize('line', [
    '', ' ', 'GET', 'GET /', 'GET  / HTTP/1.1', 'GET / HTTP/1.1 ', ' GET / HTTP/1.1',
    'GET\t/ HTTP/1.1', 'GET / http/1.1', 'GET / HTTP/1', 'GET / HTTP/1.10', 'GET / HTTP/11',
    'GET /a b HTTP/1.1', 'GE(T / HTTP/1.1', 'GET /\x00 HTTP/1.1', 'GET /\x7f HTTP/1.1',
    'GET /a#b HTTP/1.1',
    'GET / HTTP/1.1\x0b', 'GET / HTTP/1.1\r', 'GET / HTTP /1.1', u'\xe9 / HTTP/1.1'])
def test_what_is_not_a_request_line_is_refused(line):
    status, reason = refusal((line + '\r\nHost: a\r\n\r\n').encode('iso-8859-1'))
    assert (status, reason[:18]) == (400, 'not a request line')
    assert reason.endswith('(RFC 9112, section 3)')


@pytest.mark.parametrize('line', [
    'GET * HTTP/1.1', 'GET a HTTP/1.1', 'GET http:// HTTP/1.1', 'GET http:///a HTTP/1.1',
    'GET ?a HTTP/1.1', 'GET http://a:b/ HTTP/1.1', 'CONNECT / HTTP/1.1',
    'CONNECT a HTTP/1.1', 'CONNECT a:0 HTTP/1.1', 'CONNECT a:65536 HTTP/1.1',
    'CONNECT :443 HTTP/1.1', 'CONNECT http://a:443 HTTP/1.1'])
def test_a_target_of_another_form_than_the_method_has_is_refused(line):
    method, target = line.split()[:2]
    assert refusal(head(line)) == (
        400, "not a target of %s: '%s' (RFC 9112, section 3.2)" % (method, target))


@pytest.mark.parametrize('version', ['0.9', '2.0', '3.0', '9.9'])
def test_another_major_version_is_not_supported(version):
    assert refusal(head('GET / HTTP/' + version)) == (
        505, "not a version of HTTP/1: 'GET / HTTP/%s'" % version)


@pytest.mark.parametrize('minor', range(10))
def test_each_minor_version_of_http_1_is_read(minor):
    assert parse_head(head('GET / HTTP/1.%d' % minor))[2] == 'HTTP/1.%d' % minor


def test_a_request_line_has_a_limit():
    longest = '/' + 'a' * (65536 - len('GET / HTTP/1.1'))
    assert parse_head(head('GET %s HTTP/1.1' % longest))[1] == longest
    assert refusal(head('GET %sa HTTP/1.1' % longest)) == (
        414, 'a request line of 65537 bytes, at most 65536 are read')


# Fields.

@pytest.mark.parametrize('field', [
    'A:', 'A: ', 'A:b', 'A: \t b \t', 'A: b\tc', u'A: \xff', "!#$%&'*+-.^_`|~0z: x",
    'A: b: c', 'A: ' + 'x' * 20000], ids=start_of)
def test_a_field_line_is_accepted(field):
    assert framing(field).block.endswith((field + '\r\n').encode('iso-8859-1'))


@pytest.mark.parametrize('field', [
    'A', 'A : b', ' A: b', '\tA: b', ': b', 'A B: c', 'A: \x00', 'A: \x7f', 'A: b\rc',
    'A(b): c', u'\xe9: a', 'A: \x1b'])
def test_what_is_no_field_line_is_refused_and_shown(field):
    line = field.encode('iso-8859-1')
    assert refusal(head('GET / HTTP/1.1', 'X-Good: 1', field)) == (
        400, 'not a header field line: %s (RFC 9112, section 5)' % shown(line))


def test_a_folded_field_is_refused():
    status, reason = refusal(head('GET / HTTP/1.1', 'A: b', ' c'))
    assert status == 400 and "' c'" in reason


@pytest.mark.parametrize('host', [
    '', 'localhost', 'localhost:80', '127.0.0.1:8080', '[::1]', '[::1]:443', 'a-b_c.d~e',
    'a%20b', 'a,b', 'localhost:'])
def test_a_host_field_is_accepted(host):
    assert framing('Host: ' + host).length == 0


@pytest.mark.parametrize('host', ['a b', 'a/b', 'user@a', 'a:b', '[::1', '::1', 'a%2',
                                  u'\xe9', 'a#', '[g]', '[:::1]', '[127.0.0.1]',
                                  '[1:2:3:4:5:6:7:8:9]'])
def test_what_is_no_host_is_refused(host):
    status, reason = refusal(head('GET / HTTP/1.1', 'Host: ' + host))
    assert (status, reason[:11]) == (400, 'not a host:')


def test_two_hosts_are_refused():
    assert refusal(head('GET / HTTP/1.1', 'Host: a', 'host: a')) == (
        400, 'more than one Host field (RFC 9112, section 3.2)')


def test_only_http_1_0_may_leave_out_the_host():
    assert refusal(b'GET / HTTP/1.1\r\n\r\n') == (
        400, 'no Host field (RFC 9112, section 3.2)')
    assert parse_head(b'GET / HTTP/1.0\r\n\r\n')[2] == 'HTTP/1.0'


# Framing.

@pytest.mark.parametrize('fields, length', [
    ((), 0), (('Content-Length: 0',), 0), (('Content-Length: 12',), 12),
    (('content-length:\t007 ',), 7), (('Content-Length: ' + '9' * 18,), 10 ** 18 - 1),
    (('Content-Length: ' + '0' * 100 + '5',), 5),
    (('Transfer-Encoding: chunked',), None), (('transfer-encoding: CHUNKED',), None),
    (('Transfer-Encoding: , chunked ,',), None),
    (('X-Content-Length: 5',), 0), (('X: Content-Length: 5',), 0)])
def test_the_length_of_the_content(fields, length):
    assert framing(*fields).length == length


@pytest.mark.parametrize('fields, status, reason', [
    (('Content-Length: 1', 'Transfer-Encoding: chunked'), 400,
     'both Content-Length and Transfer-Encoding (RFC 9112, section 6.1)'),
    (('Transfer-Encoding: chunked', 'Content-Length: 1'), 400,
     'both Content-Length and Transfer-Encoding (RFC 9112, section 6.1)'),
    (('Content-Length: 1', 'Content-Length: 1'), 400,
     'more than one Content-Length (RFC 9112, section 6.3)'),
    (('Content-Length: 1, 1',), 400, "not a Content-Length: '1, 1' (RFC 9110, section 8.6)"),
    (('Content-Length: +1',), 400, "not a Content-Length: '+1' (RFC 9110, section 8.6)"),
    (('Content-Length: -1',), 400, "not a Content-Length: '-1' (RFC 9110, section 8.6)"),
    (('Content-Length: 1_0',), 400, "not a Content-Length: '1_0' (RFC 9110, section 8.6)"),
    (('Content-Length: 0x1',), 400, "not a Content-Length: '0x1' (RFC 9110, section 8.6)"),
    (('Content-Length: ',), 400, "not a Content-Length: '' (RFC 9110, section 8.6)"),
    (('Content-Length: ' + '9' * 19,), 413, 'a Content-Length of 19 digits'),
    (('Transfer-Encoding: chunked, chunked',), 400, 'chunked twice (RFC 9112, section 6.1)'),
    (('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 400,
     'chunked twice (RFC 9112, section 6.1)'),
    (('Transfer-Encoding: gzip, chunked',), 501,
     "transfer coding not understood: 'gzip' (RFC 9112, section 6.1)"),
    (('Transfer-Encoding: chunked, gzip',), 400,
     "Transfer-Encoding does not end in chunked: 'chunked, gzip' (RFC 9112, section 6.3)"),
    (('Transfer-Encoding: identity',), 400,
     "Transfer-Encoding does not end in chunked: 'identity' (RFC 9112, section 6.3)"),
    (('Transfer-Encoding:',), 400,
     "Transfer-Encoding does not end in chunked: '' (RFC 9112, section 6.3)"),
    (('Transfer-Encoding: xchunked',), 400,
     "Transfer-Encoding does not end in chunked: 'xchunked' (RFC 9112, section 6.3)"),
    (('Expect: 200-ok',), 417, "not an expectation: '200-ok' (RFC 9110, section 10.1.1)")])
def test_ambiguous_framing_is_refused(fields, status, reason):
    for names in (fields, [field.lower() for field in fields]):
        refused = refusal(head('POST / HTTP/1.1', *names))
        assert (refused[0], refused[1].lower()) == (status, reason.lower())


def test_http_1_0_knows_no_transfer_encoding():
    assert refusal(head('POST / HTTP/1.0', 'Transfer-Encoding: chunked')) == (
        400, 'Transfer-Encoding in HTTP/1.0 (RFC 9112, section 6.1)')


@pytest.mark.parametrize('fields, close, keep_alive', [
    ((), False, False), (('Connection: close',), True, False),
    (('Connection: CLOSE',), True, False), (('connection: a , close,b',), True, False),
    (('Connection: a', 'Connection: Close'), True, False),
    (('Connection: keep-alive',), False, True), (('Connection: enclose',), False, False),
    (('X: Connection: close',), False, False)])
def test_what_the_client_wants_of_the_connection(fields, close, keep_alive):
    found = framing(*fields)
    assert (found.close, found.keep_alive) == (close, keep_alive)


@pytest.mark.parametrize('version, expect', [('1.1', True), ('1.0', False), ('1.9', True)])
def test_only_from_http_1_1_on_a_continue_is_expected(version, expect):
    assert framing('Expect: 100-Continue', version=version).expect is expect
    assert framing(version=version).expect is False


def test_framing_is_worked_out_once_for_equal_fields():
    assert framing('X-Same: 1') is framing('X-Same: 1')
    assert framing('X-Same: 1') is not framing('X-Same: 1', version='1.0')


def test_framing_that_is_remembered_is_right_for_each_of_many_headers():
    for round_ in range(2):
        for length in range(1200):
            assert framing('Content-Length: %d' % length).length == length


# Parts of a head.

@pytest.mark.parametrize('part', [b'', b'G', b'GET', b'GET /', b'GET / HTTP/1.1\r',
                                  b'GET / HTTP/1.1\r\n', b'GET / HTTP/1.1\r\nA: b\r', b'\r'])
def test_what_may_become_a_head_is_waited_for(part):
    assert grammar.check_part(part, 0) is None


@pytest.mark.parametrize('part, status, reason', [
    (b'GET / HTTP/1.1\n', 400, 'a line that does not end in CRLF (RFC 9112, section 2.2)'),
    (b'GET / HTTP/1.1\rA', 400, 'a line that does not end in CRLF (RFC 9112, section 2.2)'),
    (b'\x16\x03\x01\x02\x00\x01', 400,
     'a TLS handshake, but this server speaks plain HTTP'),
    (b' GET', 400, "not a request line: ' GET' (RFC 9112, section 3)"),
    (b'\x00', 400, "not a request line: '\\x00' (RFC 9112, section 3)"),
    (b'GET /' + b'a' * 65536, 414, 'a request line of 65541 bytes, at most 65536 are read'),
    (b'GET / HTTP/1.1\r\nA: ' + b'a' * 262144, 431, 'a head of more than 262144 bytes')],
    ids=start_of)
def test_what_cannot_become_a_head_is_refused_at_once(part, status, reason):
    with pytest.raises(BadRequest) as caught:
        grammar.check_part(bytearray(part), 0)
    assert (caught.value.status, caught.value.reason) == (status, reason)


# Chunks.

@pytest.mark.parametrize('line, size', [
    (b'0\r\n', 0), (b'5\r\n', 5), (b'fF\r\n', 255), (b'00000000000000000000a\r\n', 10),
    (b'1;a\r\n', 1), (b'1;a=b\r\n', 1), (b'1;a=""\r\n', 1),
    # RFC 9112, section 7.1.1 allows white space around the semicolon and the equals sign.
    (b'1 ; a = b ; c="d;\\"e"\r\n', 1), (b'1\t;\ta\t=\tb\r\n', 1), (b'1 ;a ;b\r\n', 1),
    (b'1;a= " "\r\n', 1), (b'f' * 15 + b'\r\n', 16 ** 15 - 1)])
def test_the_size_of_a_chunk(line, size):
    assert chunk_size(line) == size


@pytest.mark.parametrize('line', [
    b'', b'\r\n', b'g\r\n', b'0x5\r\n', b'-1\r\n', b'+1\r\n', b'1_0\r\n', b' 1\r\n', b'1\n',
    b'1', b'1;\r\n', b'1;=b\r\n', b'1;a=\r\n', b'1;a="b\r\n', b'1 a\r\n', b'1;a=b c\r\n',
    b'1;a="\x00"\r\n', b'f' * 16 + b'\r\n', b'1\r\r\n',
    # It allows none before the CRLF.
    b'1 \r\n', b'1\t\r\n', b'0 \r\n', b'1;a \r\n', b'1;a=b \r\n', b'1;a="b"\t\r\n',
    b'1 ; \r\n'])
def test_what_is_no_size_of_a_chunk_is_refused(line):
    with pytest.raises(BadRequest) as caught:
        chunk_size(line)
    assert (caught.value.status, caught.value.reason) == (
        400, 'not a chunk size: %s (RFC 9112, section 7.1)' % shown(line))


# Texts, and whatever else may come.

@pytest.mark.parametrize('value, text', [
    (b'', "''"), (b'abc', "'abc'"), (b'\x00\r\n\xff', "'\\x00\\r\\n\\xff'"),
    (b'a' * 200, "'%s'" % ('a' * 200)),
    (b'a' * 201, "'%s'... (201 bytes)" % ('a' * 200)),
    (b'b' * 100000, "'%s'... (100000 bytes)" % ('b' * 200))], ids=start_of)
def test_bytes_are_shown_on_one_line_and_cut(value, text):
    assert shown(value) == text


def test_damaged_heads_are_read_or_refused_and_nothing_else():
    chance = random.Random(9112)
    whole = bytearray(head('POST /a?b HTTP/1.1', 'Content-Length: 5', 'Connection: a, close',
                           'Expect: 100-continue', 'X: "y"'))
    outcomes = set()
    for _ in range(4000):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged) - 4)] = chance.choice(
                bytearray(b'\x00\t\n\r !:;,/\x7f\x80\xffAa1'))
        try:
            parsed = parse_head(bytes(damaged))
        except BadRequest as error:
            outcomes.add(error.status)
            assert 400 <= error.status < 600 and '\n' not in error.reason
        else:
            outcomes.add(parsed[2])
            assert parsed[4] + parsed[5].block + b'\r\n' == bytes(damaged)
    assert outcomes >= {400, 'HTTP/1.1'}
