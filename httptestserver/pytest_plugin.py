# -*- coding: utf-8 -*-
"""Gives pytest tests a running server, and the reports of those that fail its traffic.

pytest imports this at every start, so nothing of the server is imported before a test
uses it.
"""
import contextlib
import sys
import unittest

import pytest

__all__ = ['http_server', 'https_server']

LINES = 50              # requests in one section; the newest are shown
CUT = 200               # bytes of one body

#: The attribute of a test's item that holds the servers of its fixtures.
SERVERS = '_httptestserver_servers'


@pytest.fixture
def http_server(request):
    """A started HTTP `httptestserver.Server` of the test's own.

    After the test it is stopped, and checked: a request that no route matched, or an
    exception of a callback, is an error of the test.
    """
    from httptestserver.server import start_server
    with _serving(start_server(), request.node) as server:
        yield server


@pytest.fixture
def https_server(request):
    """A started HTTPS `httptestserver.Server` of the test's own; as `http_server`."""
    from httptestserver.server import start_ssl_server
    with _serving(start_ssl_server(), request.node) as server:
        yield server


@contextlib.contextmanager
def _serving(server, item):
    vars(item).setdefault(SERVERS, []).append(server)
    with server:
        yield server
    _check(server)                      # it has stopped, so nothing comes after this


def _check(server):
    problems = _problems(server)
    if problems:
        pytest.fail(problems, pytrace=False)        # the text tells all; our code is noise


def _problems(server):
    """Return what the server's `check` raises, as text; empty if it raises nothing."""
    try:
        server.check()
    except AssertionError as error:
        return _text(error.args[0])
    return u''


def _text(message):
    from six import ensure_text
    return ensure_text(message, 'utf-8', 'replace').rstrip()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    """Check the server of a plain class with a mixin: its teardown_method may lack super.

    Called after the tear-down, and not where that has failed. A `unittest.TestCase` needs
    no such help.
    """
    server = _server_of_class(item)
    if server is not None and not issubclass(item.cls, unittest.TestCase):
        _check(server)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Add a section for each server of a failed test."""
    report = (yield).get_result()
    if report.failed:
        servers = vars(item).get(SERVERS, []) + [_server_of_class(item)]
        report.sections += [('httptestserver', _section(server, call.excinfo))
                            for server in servers if server is not None]
    if call.when == 'teardown':
        vars(item).pop(SERVERS, None)               # items live as long as the session


def _server_of_class(item):
    """Return the server that a mixin gives to the class of a test, or None."""
    testing = sys.modules.get('httptestserver.testing')
    mixins = (testing.HttpServerTest, testing.HttpsServerTest) if testing else ()
    owner = getattr(item, 'cls', None)
    return vars(owner).get('server') if owner and issubclass(owner, mixins) else None


def _section(server, failure):
    """Return the traffic of a server, and what was wrong unless the *failure* is that."""
    try:
        lines = [_traffic(server)] + ['  %s' % str(each) for each in server.failures]
    except Exception as error:          # a handler may record what it likes
        lines = ['%r: its traffic cannot be shown: %r' % (server, error)]
    problems = _problems(server)
    if problems and not _is_told(problems, failure):
        lines.append(problems)
    return u'\n'.join([_text(line) for line in lines])


def _is_told(problems, failure):
    from six import string_types
    return failure is not None and any(
        isinstance(each, string_types) and _text(each) == problems
        for each in failure.value.args)


def _traffic(server):
    """Return a line for each request, and one for each body, of the newest requests."""
    from httptestserver.recording.messages import one_line
    unmatched = {id(request) for request in server.unmatched}
    history = server.history
    hidden = max(0, len(history) - LINES)
    lines = ['%s received %d:' % (server.url(), len(history))]
    if hidden:
        lines.append('  ... %d older ones' % hidden)
    for index, request in enumerate(history[hidden:], hidden):
        lines.append('  ' + one_line(index, request))
        if request['body']:
            discarded = request.get('body_discarded', 0)
            lines.append('      received ' + _cut(request['body'], discarded))
        if id(request) in unmatched:
            lines.append('      no route matches it')
        elif request.get('response_content'):
            lines.append('      answered ' + _cut(request['response_content']))
    return '\n'.join(lines)


def _cut(body, discarded=0):
    start, size = body[:CUT], len(body) + discarded
    return repr(start) if len(start) == size else '%r... (%d bytes)' % (start, size)
