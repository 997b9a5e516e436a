# -*- coding: utf-8 -*-
"""Known inputs of each target, and mutations of them: the same ones for the same seed."""
import random
import re

from six import int2byte

from conformance import run_corpus
from support.packing import GZIP, RAW, ZLIB, packed

__all__ = ['WORDS', 'corpus', 'mutations']

LONGEST = 4096          # bytes of a known input

WORDS = [
    b'\r\n', b'\r\n\r\n', b'\n', b'\r', b'\0', b' ', b'\t', b':', b',', b';', b'=', b'"', b'\\',
    b'%', b'%2F', b'%00', b'%2e', b'..', b'/../', b'%5c',
    b'0', b'1', b'+', b'-', b'0x', b'_', b'\xff', b'\x80', b'\xe2\x82\xac',
    b'\x0b',
    b'\x85', b'GET', b'HEAD', b'CONNECT', b'OPTIONS', b'*', b'/', b'http://', b'@', b'[::1]', b'[',
    b']', b'HTTP/1.1', b'HTTP/1.0', b'Host: a\r\n', b'Content-Length: ', b'Content-Length: 5\r\n',
    b'Transfer-Encoding: ', b'chunked', b'gzip', b'Transfer-Encoding: chunked\r\n', b'identity',
    b'Connection: close\r\n', b'keep-alive', b'Expect: 100-continue\r\n', b'0\r\n\r\n',
    b'5\r\nhello\r\n',
    b'a;b="c\\""\r\n', b'GET / HTTP/1.1\r\nHost: a\r\n\r\n', b'{a}', b'{', b'}', b'?', b'&', b'a=b',
    b'--b\r\n', b'--b--', b'boundary=b', b'charset=', b'utf-16', b'hex', b'punycode', b'idna',
    b'undefined', b"*=utf-8''%00", b'filename="a"', b'name="a"', b'"response_status": ', b'\\ud800',
    b'gzip, ', b'deflate, ', b'x-gzip', b'br', b'\x1f\x8b\x08', b'\x78\x9c', b'\x03\0',
    b'[', b'{"', b'1e999', b'NaN', b'null', b'"routes": [', b'"path": "/{a}"', b'response_']

HEAD = b'POST /a HTTP/1.1\r\nHost: a\r\n'
CHUNKS = [b'0\r\n\r\n', b'3\r\nabc\r\n0\r\n\r\n',
          b'3;a=b;c="d\\"" \r\nabc\r\n00\r\nX: 1\r\ny:\r\n\r\nrest',
          b'A \r\n0123456789\r\n0;x\r\n\r\n', b'0000000000000000000001\r\na\r\n0\r\n\r\n']
PART = (b'--b\r\nContent-Disposition: form-data; name="a"; filename="\xe2\x82\xac"\r\n'
        b'Content-Type: text/plain; charset=%s\r\n\r\nvalue\r\n')
FORM = b'multipart/form-data; boundary=b\0a=b; c="d"\0?q=%%E2&q=2\0'
VIEWS = [
    b'application/x-www-form-urlencoded\0a=b; a=c\0x?a=b;c&d\0a=b&a=%E2%82%AC&c',
    b'application/json; charset=utf-16\0\0\0' + '{"a": [1, null]}'.encode('utf-16'),
    b'text/plain\0Basic YTpi\0\0', b'text/plain\0bearer  t\0\0',
    b'text/plain; charset="latin-1"\0;;=;\0?%zz\0\xff\xfe',
    FORM.replace(b'%%', b'%') + PART % b'utf-8' * 2 + b'--b--',
    FORM.replace(b'%%', b'%') + (PART % b'hex').replace(b'filename', b'x') + b'--b--',
    b"multipart/form-data; boundary*=utf-8''%C3%A9\0\0\0--\xe9\r\n\r\n\r\n--\xe9--"]
CODINGS = [
    b'gzip\0' + packed(b'hello, ' * 9, GZIP), b'deflate\0' + packed(b'hello, ' * 9, ZLIB),
    b'deflate\0' + packed(b'hello, ' * 9, RAW), b'deflate\0' + packed(b'hello', RAW, 0),
    b'x-gzip, identity\0' + packed(b'', GZIP) + packed(b'a', GZIP, 0),
    b'Deflate, GZIP\0' + packed(packed(b'hello', RAW, 0), GZIP, 0),
    b'deflate, deflate\0' + packed(packed(b'a' * 999, RAW), RAW, 0), b'\0hello', b'br\0hello',
    b'deflate\0' + packed(b'0' * 20000, RAW), b'deflate\0' + packed(b'0' * 20001, RAW)]
TEMPLATES = [b'/users/{id}\n/users/7', b'/a b\n/a%20b', b'/{a}/{b}?c=d\n/x/y?c=d&e', b'/%2F\n//',
             b'http://a/{b}\nHTTP://A/c', b'/{a}/{a}\n/b/c', b'/{}\n/{}', b'*\n*', b'/{a}\n/',
             b'/\xe2\x82\xac\n/%E2%82%AC', b'/%7Ba%7D\n/{a}',
             b'/{a...}\n/b/c', b'/a/{b}/{c...}\n/a/b/', b'/{a...}/b\n/']
FOLDERS = [
    b'/a.txt', b'/inner/b', b'/inner/deep/', b'/inner/deep', b'/inner/deep/index.html', b'/link/b',
    b'/%E2%82%AC%20%252e', b'/a.txt?a=b', b'/inner?a', b'/../secret', b'/%2e%2e/secret', b'/out',
    b'/up/secret', b'/up/folder/a.txt', b'/top/etc/passwd', b'/loop', b'/a.txt%00', b'/inner//b',
    b'//a.txt', b'/..%2fsecret', b'/..%5csecret', b'/%252e%252e%252fsecret', b'/c:/secret',
    b'*', b'http://a/a.txt', b'/./a.txt', b'/inner/../a.txt', b'/%c0%ae%c0%ae/secret', b'/']
SCRIPTS = [
    b'{"data": {"response_status": 404}}', b'[]', b'{"queue": [200, "a", {"response_json": [1]}]}',
    b'{"routes": [{"method": ["GET"], "path": "/{a}", "query": {"b": ["c"]}, "queue": [503], '
    b'"response_content": ["a", "b"], "response_trailers": [["a", "b"]]}]}',
    b'{"data": {"response_informational": [[103, {}]], "response_raw": "x", "response_times": 2}}',
    b'{"queue": [{"response_fault": "reset", '
    b'"response_fault_at": "body", "response_content": "a"}]}',
    b'{"routes": [{"path": {"regex": "^/a"}, "query": {"b": null, "c": [1, {"regex": "d"}]}, '
    b'"auth": ["a", "b"], "json_has": {"a": [null]}, "files": {"f": null}}]}',
    b'\xef\xbb\xbf{}', b'{"routes": [{"json": {"a": null}, "form": {}, "headers": {"a": "b"}}]}']


def corpus(target):
    """Return known inputs of the *target* of this name."""
    if target == 'requests':
        cases = [run_corpus.octets_of(case) for case in run_corpus.load()
                 if len(case['raw']) < LONGEST and 'repeat' not in case]
        return [b'\0' + each for each in cases] + [
            b'\1' + HEAD + b'Transfer-Encoding: chunked\r\n\r\n' + each for each in CHUNKS]
    if target == 'chunks':
        bodies = [re.split(b'\r\n\r\n', run_corpus.octets_of(case), maxsplit=1)[-1]
                  for case in run_corpus.load()
                  if 'chunked' in case['raw'] and 'repeat' not in case]
        return [b'\0' + each for each in CHUNKS + bodies]
    if target == 'scripts':
        chance = random.Random(1)
        made = [b'\0' + b''.join([int2byte(chance.randrange(256)) for _ in range(60)])
                for _ in range(40)]
        return SCRIPTS + made
    return {'views': VIEWS, 'codings': CODINGS, 'templates': TEMPLATES, 'folders': FOLDERS}[target]


def mutations(target, seed):
    """Yield inputs for the *target* of this name for ever, known ones first."""
    known = corpus(target)
    for each in known:
        yield each
    chance = random.Random('%s %s' % (target, seed))
    while True:
        octets = chance.choice(known)
        for _ in range(chance.choice([1, 1, 2, 3, 5, 9])):
            octets = _mutated(octets, known, chance)
        yield octets[:LONGEST * 2]


def _mutated(octets, known, chance):
    at = chance.randrange(len(octets) + 1)
    end = min(len(octets), at + chance.choice([0, 1, 1, 2, 4, 16, 64]))
    change = chance.randrange(6)
    if change == 0:                                         # forget some
        return octets[:at] + octets[end:]
    if change == 1:                                         # say some again
        return octets[:end] + octets[at:end] * chance.choice([1, 2, 9]) + octets[end:]
    if change == 2:                                         # one octet becomes another
        return octets[:at] + int2byte(chance.randrange(256)) + octets[at + 1:]
    if change == 3:                                         # go on as another does
        other = chance.choice(known)
        return octets[:at] + other[chance.randrange(len(other) + 1):]
    return octets[:at] + chance.choice(WORDS) + octets[end if change == 4 else at:]
