# -*- coding: utf-8 -*-
"""RFC 9110 and 9112 on the wire: the raw cases of tests/conformance, each in five ways."""
import re

import pytest

from conformance import run_corpus
from httptestserver.server import Handler
from support.marks import needs_extra, thorough
from support.servers import serve
from support.waiting import in_threads


class EchoHandler(Handler):
    """Responds with the body that came, ``/status/NNN`` with that status."""

    def handle_request(self):
        status = re.match(r'/status/(\d{3})$', self.path)
        self.send_response(int(status.group(1)) if status else 200)
        self.end_headers()
        self.wfile.write(self.body or b'ok')


def failures(cases, target):
    """Return one line for each of *cases* that failed.

    After each the server is asked by the cases that follow, and after the last once more.
    """
    results = in_threads(lambda case: run_corpus.run(case, target), cases, 64)
    assert run_corpus.alive(target) == ''
    return ['%s: %s (RFC %s; %s)' % (case['id'], '; '.join(wrong), case['rfc'], case['note'])
            for case, wrong in zip(cases, results) if wrong]


@pytest.mark.parametrize('frag', [
    pytest.param(False, id='whole'), pytest.param(True, id='byte by byte', marks=thorough)])
@pytest.mark.parametrize('scheme', ['http', 'https'])
def test_every_raw_request_is_answered_as_the_standard_allows(scheme, frag):
    with serve(scheme, handler=EchoHandler) as server:
        target = run_corpus.Target(server.host, server.port, scheme == 'https', frag, True)
        failed = failures(run_corpus.load(), target)
    assert not failed, '\n'.join([''] + failed)


@thorough
def test_every_raw_request_to_a_unix_socket_is_answered_as_the_standard_allows(unix_host):
    with serve('http', host=unix_host, handler=EchoHandler):
        failed = failures(run_corpus.load(), run_corpus.Target(unix_host, None, False, False, True))
    assert not failed, '\n'.join([''] + failed)


@needs_extra
@pytest.mark.usefixtures('guard')
@pytest.mark.parametrize('tls', [
    pytest.param(False, id='plain', marks=thorough), pytest.param(True, id='tls')])
def test_every_raw_request_through_a_tunnel_is_answered_as_the_standard_allows(tls):
    # A CONNECT in a tunnel is refused, and what begins like TLS is read as TLS.
    cases = [case for case in run_corpus.load() if 'CONNECT' not in case.get('methods', ())
             and not case['id'].startswith('rl-tls-')]
    with serve('http', handler=EchoHandler, proxy=True) as server:
        target = run_corpus.Target(server.host, server.port, tls, False, True, True)
        failed = failures(cases, target)
        assert len(server.tunnels) > len(cases)
    assert not failed, '\n'.join([''] + failed)


def test_every_raw_request_is_answered_as_the_standard_allows_without_a_handler():
    cases = [case for case in run_corpus.load() if 'needs' not in case]
    with serve('http') as server:
        target = run_corpus.Target(server.host, server.port, False, False, False)
        failed = failures(cases, target)
    assert not failed, '\n'.join([''] + failed)


def test_ids_of_raw_requests_are_unique():
    ids = [case['id'] for case in run_corpus.load()]
    assert len(ids) == len(set(ids)) >= 500


def test_an_answer_that_is_not_allowed_is_told_with_what_is():
    case = {case['id']: case for case in run_corpus.load()}['rl-get']
    with serve('http') as server:
        server.data.update(response_status=204)
        target = run_corpus.Target(server.host, server.port, False, False, False)
        assert run_corpus.run(case, target) == []
        wrong = run_corpus.run(dict(case, expect=['400', 'close'], n=[0, 0]), target)
        assert wrong == ['got 204, want 400|close', '1 responses, want 0 to 0']
