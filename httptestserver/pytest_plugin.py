# -*- coding: utf-8 -*-
"""Gives pytest tests a running server, and shows its traffic in the report of a failed test.

pytest imports this module at every start. To keep that fast, functions import the parts of the
server that they use.
"""
import contextlib
import sys

import pytest

__all__ = ['http_server', 'https_server']

#: One section of a report lists at most so many requests: the newest ones.
LINES = 50

#: A section shows at most so many bytes of one body.
CUT = 200

#: The name of the attribute of a test item with the list of its fixtures' servers.
SERVERS = '_httptestserver_servers'


@pytest.fixture
def http_server(request):
    """A started HTTP `httptestserver.Server`, a new one for each test.

    After the test it is stopped and checked. The test has an error if no route matched a request,
    or if user code raised an exception.
    """
    from httptestserver.server import start_server
    with _serving(start_server(), request.node) as server:
        yield server


@pytest.fixture
def https_server(request):
    """A started HTTPS `httptestserver.Server` with the bundled certificate; as `http_server`."""
    from httptestserver.server import start_ssl_server
    with _serving(start_ssl_server(), request.node) as server:
        yield server


@contextlib.contextmanager
def _serving(server, item):
    vars(item).setdefault(SERVERS, []).append(server)
    with server:
        yield server
    # The server is checked after it has stopped, so that no request comes after the check.
    _check(server)


def _check(server):
    problems = _problems(server)
    if problems:
        # A traceback would show only code of this module.
        pytest.fail(problems, pytrace=False)


def _problems(server):
    """Return the message of the server's `check`, as text; empty if nothing is wrong."""
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
    """Check the server of a plain test class with a mixin.

    The mixin cannot do it, because an override of teardown_method may not call super. pytest calls
    this after the tear-down, unless that has failed. A `unittest.TestCase` has a clean-up for it.
    """
    server = _server_of_class(item)
    if server is not None and not _is_test_case(item.cls):
        _check(server)


def _is_test_case(owner):
    # If unittest was never imported, no class inherits from it.
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
        # pytest keeps the items until it exits, but the servers can be freed now.
        vars(item).pop(SERVERS, None)


def _server_of_class(item):
    """Return the server that a mixin gives to the class of a test, or None."""
    testing = sys.modules.get('httptestserver.testing')
    mixins = (testing.HttpServerTest, testing.HttpsServerTest) if testing else ()
    owner = getattr(item, 'cls', None)
    return vars(owner).get('server') if owner and issubclass(owner, mixins) else None


def _section(server, failure):
    """Return the text of a section: the traffic, the failures and the problems of *server*.

    :param failure: the ExceptionInfo of the test, or None. Problems that it shows are left out.
    """
    try:
        lines = [_traffic(server)] + ['  %s' % str(each) for each in server.failures]
    except Exception as error:
        # A `Handler` subclass may record entries without the usual keys.
        lines = ['%r: its traffic cannot be shown: %r' % (server, error)]
    problems = _problems(server)
    if problems and not _shows(failure, problems):
        lines.append(problems)
    return u'\n'.join([_text(line) for line in lines])


def _shows(failure, problems):
    """Whether the message of *failure*, an ExceptionInfo or None, is *problems*."""
    from six import string_types
    return failure is not None and any(
        isinstance(each, string_types) and _text(each) == problems
        for each in failure.value.args)


def _traffic(server):
    """Return text with a line for each of the newest requests, and one for each body."""
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
