# -*- coding: utf-8 -*-
"""Gives pytest tests a running server, and the reports of those that fail its traffic.

pytest imports this module at every start, so each function imports what it needs of the server.
"""
import contextlib
import sys

import pytest

__all__ = ['http_server', 'https_server']

#: Requests in one section of a report: the newest ones.
LINES = 50

#: Bytes of one body that a section shows.
CUT = 200

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
    # A stopped server receives nothing more, so this check misses nothing.
    _check(server)


def _check(server):
    problems = _problems(server)
    if problems:
        # Without a traceback, because it would show code of this module alone.
        pytest.fail(problems, pytrace=False)


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
    """Check the server of a plain class with a mixin, whose teardown_method may lack super.

    pytest calls this after the tear-down, unless that has failed. A `unittest.TestCase` checks its
    server in a clean-up.
    """
    server = _server_of_class(item)
    if server is not None and not _is_test_case(item.cls):
        _check(server)


def _is_test_case(owner):
    # A class cannot inherit from a module that nobody has imported.
    unittest = sys.modules.get('unittest')
    return unittest is not None and issubclass(owner, unittest.TestCase)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Add a section for each server of a failed test."""
    report = (yield).get_result()
    if report.failed:
        servers = vars(item).get(SERVERS, []) + [_server_of_class(item)]
        report.sections += [('httptestserver', _section(server, call.excinfo))
                            for server in servers if server is not None]
    if call.when == 'teardown':
        # The session keeps its items to its end; it need not keep their servers.
        vars(item).pop(SERVERS, None)


def _server_of_class(item):
    """Return the server that a mixin gives to the class of a test, or None."""
    testing = sys.modules.get('httptestserver.testing')
    mixins = (testing.HttpServerTest, testing.HttpsServerTest) if testing else ()
    owner = getattr(item, 'cls', None)
    return vars(owner).get('server') if owner and issubclass(owner, mixins) else None


def _section(server, failure):
    """Return the traffic of *server*, and what was wrong, unless *failure* says that already."""
    try:
        lines = [_traffic(server)] + ['  %s' % str(each) for each in server.failures]
    except Exception as error:
        # A handler of the user's may record entries that lack the usual keys.
        lines = ['%r: its traffic cannot be shown: %r' % (server, error)]
    problems = _problems(server)
    if problems and not _shows(failure, problems):
        lines.append(problems)
    return u'\n'.join([_text(line) for line in lines])


def _shows(failure, problems):
    """Return whether the text of *failure*, an exception's or None, is *problems*."""
    from six import string_types
    return failure is not None and any(
        isinstance(each, string_types) and _text(each) == problems
        for each in failure.value.args)


def _traffic(server):
    """Return a line for each request, and one for each body, of the newest requests."""
    from httptestserver.recording.messages import one_line
    unmatched = {id(request) for request in server.unmatched}
    history = server.history
    older = max(0, len(history) - LINES)
    lines = ['%s received %d:' % (server.url(), len(history))]
    if older:
        lines.append('  ... %d older ones' % older)
    for index, request in enumerate(history[older:], older):
        lines.append('  ' + one_line(index, request))
        lines += ['      ' + line for line in _details(request, id(request) in unmatched)]
    return '\n'.join(lines)


def _details(request, is_unmatched):
    if request['body']:
        yield 'request body ' + _cut(request['body'], request.get('body_discarded', 0))
    if is_unmatched:
        yield 'no route matches it'
    elif request.get('response_content'):
        yield 'response body ' + _cut(request['response_content'])


def _cut(body, discarded=0):
    start, size = body[:CUT], len(body) + discarded
    return repr(start) if len(start) == size else '%r... (%d bytes)' % (start, size)
