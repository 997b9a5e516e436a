# -*- coding: utf-8 -*-
"""Conditional requests: the standard library of Go is given the same ones, and answers the same.

Not drawn is where the two differ, and the standard allows both: Go reads ``Range`` of any method,
takes the first of two equal fields, and sends overlapping ranges. Its suffix of no bytes is a
mistake.
"""
import subprocess

import pytest

from support.client import Client, request
from support.representation import parts_of
from support.servers import serve
from support.strategies import examples, given, st

CONTENT = b'0123456789'
DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'

tags = st.sampled_from(['"a"', 'W/"a"', '"b"', 'W/"b"', '""', '"a,b"'])
lists = st.one_of(st.just('*'), st.lists(tags, min_size=1, max_size=3).map(', '.join))
dates = st.sampled_from([
    DATE, 'Sun, 06 Nov 1994 08:49:36 GMT', 'Sun, 06 Nov 1994 08:49:38 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:36 GMT', 'Sun Nov  6 08:49:37 1994',
    'Sun Nov  6 08:49:38 1994', 'yesterday', '0', DATE + ', ' + DATE,
    'Sun, 31 Nov 1994 08:49:37 GMT'])
#: The ranges of one request are cut from these, in their order, so none overlaps another.
ordered = st.lists(st.sampled_from(['0-0', '1-2', '3-3', '4-6', '7-7', '8-9', '12-20', '11-']),
                   min_size=1, max_size=4, unique=True).map(
    lambda parts: sorted(parts, key=lambda part: int(part.split('-')[0])))
ranges = st.one_of(
    ordered.map(','.join), ordered.map(' , '.join),
    st.sampled_from(['0-', '4-', '9-', '10-', '-1', '-4', '-10', '-11', '2-99999999', '5-2', 'x',
                     '-', '1', '--1', 'a-b', '1-2-3']))
optional = st.one_of(st.none(), st.none(), lists)
maybe = st.one_of(st.none(), st.none(), dates)

draws = st.fixed_dictionaries({
    'method': st.sampled_from(['GET', 'GET', 'GET', 'HEAD', 'PUT', 'POST']),
    'tag': st.sampled_from(['"a"', '"a"', 'W/"a"', '"a,b"']),
    'If-Match': optional, 'If-None-Match': optional,
    'If-Modified-Since': maybe, 'If-Unmodified-Since': maybe,
    'Range': st.one_of(st.none(), ranges.map('bytes={}'.format)),
    'If-Range': st.one_of(st.none(), tags, dates)})


@pytest.fixture
def other(executables):
    """The port of a server in Go."""
    with subprocess.Popen([str(executables('serve_content.go'))], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as program:
        try:
            yield int(program.stdout.readline())
        finally:
            program.stdin.close()
            program.wait(timeout=10)


class Other(object):
    """What `Client` asks of a server."""

    host, scheme = '127.0.0.1', 'http'

    def __init__(self, port):
        self.port = port


def meaning(answer):
    """Return what a client makes of *answer*: its status, the parts, and fields that count."""
    if answer.status == 206:
        parts = parts_of(answer)
        return 206, parts, answer.get('etag')
    if answer.status == 416:
        # Where Range is not valid, both a 416 and the whole are allowed.
        return 200, CONTENT, None
    if answer.status == 412:
        return 412, None, None
    return answer.status, answer.body, answer.get('etag') if answer.status == 304 else None


def is_valid(text):
    """Whether a value of Range is valid, so that a 416 means that it is not satisfiable."""
    return text is None or text[6:] not in ('5-2', 'x', '-', '1', '--1', 'a-b', '1-2-3')


def check_same(clients, drawn):
    """Fail if the two *clients* get responses to the *drawn* request that differ."""
    method = drawn['method']
    lines = ['%s: %s' % (name, drawn[name]) for name in sorted(drawn)
             if name.startswith(('If-', 'Range')) and drawn[name] is not None
             and (method == 'GET' or 'Range' not in name)]
    answers = []
    for client in clients:
        client.send(request(method, '/', 'X-Tag: ' + drawn['tag'], *lines))
        answers.append(client.answer(method))
    ours, theirs = answers
    assert meaning(ours) == meaning(theirs), (drawn, ours.status, theirs.status)
    if is_valid(drawn['Range']):
        assert ours.status == theirs.status, drawn
        assert ours.status == 206 or ours.get('content-range') == theirs.get('content-range')
    return ours.status


def test_go_answers_the_same(other):
    statuses = set()
    with serve('http') as server:
        server.data.update(
            response_content=CONTENT, response_ranges=True,
            response_headers=lambda request: {
                'ETag': request['headers']['X-Tag'], 'Last-Modified': DATE,
                'Content-Type': 'text/plain'})

        @examples(400)
        @given(draws)
        def check(drawn):
            statuses.add(check_same(clients, drawn))

        with Client(server) as ours, Client(Other(other)) as theirs:
            clients = ours, theirs
            check()
    assert statuses == {200, 206, 304, 412, 416}
