# -*- coding: utf-8 -*-
"""Gives pytest tests running servers, checks them, and shows their traffic if a test fails.

If a check finds something wrong, it makes a passing test fail. If the test has failed already, a
section of its report shows what the check finds. So each failure is reported once.

pytest imports this module at every start. To keep that fast, functions import the parts of the
server that they use.
"""
import contextlib
import sys

import pytest

from httptestserver.serving import started
from httptestserver.waiting import clock

__all__ = ['http_proxy', 'http_server', 'https_server', 'make_http_server', 'make_https_server']

MARKER = 'httptestserver'

#: The name of the attribute in which a test item has its `Watch`.
WATCH = '_httptestserver_watch'


@pytest.fixture
def http_server(request):
    """A started HTTP `httptestserver.Server`, a new one for each test.

    The test fails if no route matched a request, or if user code raised an exception. The marker
    ``@pytest.mark.httptestserver(...)`` takes the options of `httptestserver.http_server`.
    """
    with _factory(request, 'http') as make:
        yield make()


@pytest.fixture
def https_server(request):
    """A started HTTPS `httptestserver.Server` with the bundled certificate; as `http_server`."""
    with _factory(request, 'https') as make:
        yield make()


@pytest.fixture
def http_proxy(request):
    """A started `httptestserver.Server` that is a proxy, to which clients in this process are led.

    It is made with ``proxy=True``, and `Server.intercept` is in force during the test. It is
    checked as `http_server` is.
    """
    with _factory(request, 'http') as make:
        server = make(proxy=True)
        with server.intercept():
            yield server


@pytest.fixture
def make_http_server(request):
    """A function that returns a new started HTTP server, for tests that need several.

    ``make_http_server(**options)`` takes the options of `httptestserver.http_server`, but *check*
    is True by default. The servers are checked as that of `http_server`, and stop when the test
    ends.
    """
    with _factory(request, 'http') as make:
        yield make


@pytest.fixture
def make_https_server(request):
    """A function as `make_http_server`, but for HTTPS servers."""
    with _factory(request, 'https') as make:
        yield make


@contextlib.contextmanager
def _factory(request, scheme):
    """Yield a function that starts servers for a test. They stop when the block ends."""
    from httptestserver import server as servers
    from httptestserver.serving.options import check_keywords, check_names
    secure = 'make_https_server()' if scheme == 'http' else ''
    start = {'http': servers.start_server, 'https': servers.start_ssl_server}[scheme]
    made = []

    def make(**options):
        # Hides this frame in tracebacks: see `_hide_frames`.
        __tracebackhide__ = True
        check_names('a keyword of make_%s_server()' % scheme, options, ('check',), secure)
        options = dict(_marked(request, scheme), **options)
        keywords = check_keywords(options.pop('check', True))
        server = start(**options)
        made.append(server)
        _watch(request.node).add(server, keywords)
        return server

    try:
        yield make
    finally:
        for server in reversed(made):
            server.stop()


def _marked(request, scheme):
    """Return the options of all markers of a test. For each option the nearest counts."""
    from httptestserver.serving.options import HTTPS_NAMES, check_names
    options = {}
    for marker in reversed(list(request.node.iter_markers(MARKER))):
        if marker.args:
            raise TypeError('@pytest.mark.%s takes keywords, got %r' % (MARKER, marker.args[0]))
        options.update(marker.kwargs)
    check_names('a keyword of @pytest.mark.%s()' % MARKER, options, ('check',),
                'the fixture https_server' if scheme == 'http' else '')
    if scheme == 'http' and {'https_server', 'make_https_server'}.intersection(
            request.fixturenames):
        # The test has an HTTPS server too, and these options are for that one.
        options = {key: options[key] for key in options if key not in HTTPS_NAMES}
    return options


class Watch(object):
    """Checks the servers of one test item, and adds to its reports what they received."""

    def __init__(self, item):
        self._item = item
        self._begun = clock()
        # All servers that were started since, also by code that uses no fixture.
        self._started = started.collect()
        # Pairs of a server and keyword arguments for its `check`, or None for no check.
        self._servers = []
        # Pairs of a server and the text about its problems that a report of this test has shown.
        self._shown = []

    def add(self, server, keywords):
        self._servers.append((server, keywords))

    def check(self):
        """Fail the test if something was wrong that none of its reports has shown."""
        pairs = self._servers + ([] if _is_test_case(self._item) else _mixin_server(self._item))
        found = [(server, _problems(server, keywords)) for server, keywords in pairs]
        texts = [text for server, text in found if text and (server, text) not in self._shown]
        if texts:
            # A traceback would show only code of this package.
            pytest.fail(u'\n'.join(texts), pytrace=False)

    def explain(self, report, error):
        """Add a section for each server to the *report* of a failed or xfailed test.

        :param error: the exception, or None. Problems that are in its text are not repeated.
        """
        said = u'\n'.join(_messages(error))
        pairs = self._servers + _mixin_server(self._item)
        for server, keywords in pairs + self._others(pairs):
            problems = _problems(server, keywords)
            self._shown.append((server, problems))
            # A test that fails as expected gets a section only if there were problems.
            if report.failed or problems:
                news = u'' if problems in said else u'\n' + problems
                hints = u''.join([u'\n' + each for each in _passed_over(server)
                                  if each not in said + problems])
                report.sections.append((MARKER, self._section(server) + hints + news))

    def end(self):
        started.discard(self._started)

    def has_shown(self, error):
        """Whether *error* comes from a second check, and reports have shown all that it says."""
        shown = [text for _, text in self._shown]
        # `Watch.check` raises this type, and only if no report has shown the problem.
        return not isinstance(error, pytest.fail.Exception) and all(
            text and text in shown for text in _messages(error))

    def _others(self, pairs):
        """Return pairs for the other servers that were started or used in the meantime."""
        used = [server for server in started.servers() if self._has_seen(server)]
        known, others = [server for server, _ in pairs], []
        # A server that was started twice is there twice.
        for server in used + list(self._started):
            if server not in known + others:
                others.append(server)
        return [(server, started.check_of(server)) for server in others]

    def _has_seen(self, server):
        newest = server.history[-1:] + server.failures[-1:]
        return any(_time_of(each, 0) >= self._begun for each in newest)

    def _section(self, server):
        """Return the text of a section: the traffic and the failures of *server*."""
        from httptestserver.recording.traffic import traffic
        try:
            history = server.history
            # Requests of earlier tests are left out, because a server may be older than the test.
            begin = sum(_time_of(each, self._begun) < self._begun for each in history)
            # Without the terminal reporter there is no such option.
            verbose = self._item.config.getoption('verbose', 0) >= 2
            lines = [u'%s received %d:' % (server.url(), len(history))]
            return _text(u'\n'.join(lines + traffic(history, server.failures, begin, verbose)))
        except Exception as error:
            # A `Handler` subclass may record entries without the usual keys.
            return _text(u'%r: its traffic cannot be shown: %s' % (server, _described(error)))


def _watch(item):
    """Return the `Watch` of a test item. The first call for a test makes it."""
    if WATCH not in vars(item):
        vars(item)[WATCH] = Watch(item)
    return vars(item)[WATCH]


def _time_of(record, default):
    """Return when a request came or a failure happened, in seconds since the epoch.

    :param default: is returned if that is not known, because a `Handler` subclass may record
        entries without a time.
    """
    time = getattr(record, 'time', None)
    return time if isinstance(time, float) else default


def _passed_over(server):
    """Return texts about the routes and queues of *server* that requests passed over."""
    try:
        return [_text(each) for each in server._backend.router.problems(server).passed_over()]
    except Exception as error:
        # A `Handler` subclass may record entries without the usual keys.
        return [_text(u'its queues cannot be shown: ' + _described(error))]


def _problems(server, keywords):
    """Return the message of the server's `check`, as text; empty if nothing is wrong.

    :param keywords: those of `check`; None for no check.
    """
    if keywords is None:
        return u''
    try:
        server.check(**keywords)
    except (Exception, pytest.fail.Exception) as error:
        # The `check_options` of a test class may be wrong, and a subclass of the server may
        # override `check`.
        text = _messages(error)[0] if isinstance(error, AssertionError) else u''
        return text or u'check failed: ' + _described(error)
    return u''


def _messages(error):
    """Return the texts of an exception, or of those in a group. Some may be empty."""
    errors = getattr(error, 'exceptions', None)
    if isinstance(errors, tuple):
        # pytest makes a group if several fixtures fail in the tear-down.
        return [text for each in errors for text in _messages(each)]
    from six import string_types
    args = getattr(error, 'args', ())
    return [_text(args[0]) if args and isinstance(args[0], string_types) else u'']


def _text(message):
    """Return a *message* as text, with characters escaped that the terminal cannot show."""
    from six import ensure_text
    text = ensure_text(message, 'utf-8', 'replace').rstrip()
    # If the terminal cannot encode one character, pytest escapes the whole text, line ends too.
    # Plugins that distribute tests cannot send a report with lone surrogates.
    encoding = getattr(sys.__stdout__, 'encoding', None) or 'utf-8'
    return text.encode(encoding, 'backslashreplace').decode(encoding)


def _described(error):
    from httptestserver.wording import described
    return described(error).rstrip()


def _mixin_server(item):
    """Return a list: the (server, keywords for `check`) of a mixin if the test's class has one."""
    testing = sys.modules.get('httptestserver.testing')
    mixins = (testing.HttpServerTest, testing.HttpsServerTest) if testing else ()
    owner = getattr(item, 'cls', None)
    server = vars(owner).get('server') if owner and issubclass(owner, mixins) else None
    return [] if server is None else [(server, owner.check_options)]


def _call_mixin(name, item):
    """Call the function *name* of the module of the mixins, if the test's class has a server.

    The mixin cannot do it alone, because overrides of its methods need not call super.
    """
    if _mixin_server(item):
        getattr(sys.modules['httptestserver.testing'], name)(item.cls)


def _is_test_case(item):
    # If unittest was never imported, no class inherits from it.
    unittest = sys.modules.get('unittest')
    owner = getattr(item, 'cls', None)
    return bool(unittest and owner and issubclass(owner, unittest.TestCase))


def _hide_frames():
    """Let tracebacks end in the line of the test, unless pytest has the option --full-trace."""
    for name, module in list(sys.modules.items()):
        # Frames of fixtures and mixins stay, because a failed check must leave one to show.
        if (name.split('.')[0] == 'httptestserver' and module is not None
                and name not in (__name__, 'httptestserver.testing')):
            # pytest looks for it in the globals of each frame.
            module.__tracebackhide__ = True


def pytest_configure(config):
    config.addinivalue_line('markers', (
        '%s(**options): options of httptestserver.http_server() for the servers of the fixtures %s'
        % (MARKER, ', '.join(__all__))))


def _locate(report):
    """Set the place of a report without a traceback to its test. --tb=line shows it."""
    crash = getattr(report.longrepr, 'reprcrash', None)
    if crash is not None and crash.path == __file__:
        crash.path, line, _ = report.location
        crash.lineno = (line or 0) + 1


def _forgive(report, call):
    """Change a failed phase of a test to passed, because its failure was reported before."""
    report.outcome, report.longrepr = 'passed', None
    # Otherwise it would count as a test that passes unexpectedly.
    vars(report).pop('wasxfail', None)
    # Otherwise pytest would start the debugger, if it has the option --pdb.
    call.excinfo = None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    # A wrapper runs even if another plugin skips the test in this hook.
    _watch(item)
    for server, _ in _mixin_server(item):
        # The mixin cannot do it, because an override of setup_method need not call super.
        server.reset()
    yield
    # Not before, because the class of the first test has its server only now.
    _call_mixin('begin_interception', item)


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item):
    """Check the servers of a test whose body has passed. pytest calls this after the body."""
    _watch(item).check()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    """Check once more, because requests may have come after the body of the test.

    A mixin cannot do it in a plain class, because an override of teardown_method need not call
    super. pytest calls this after the tear-down, unless that has failed.
    """
    _watch(item).check()


# The outermost wrapper gets the report last, when pytest has changed it for xfail.
@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    if call.excinfo:
        _hide_frames()
    report = (yield).get_result()
    watch, error = _watch(item), call.excinfo and call.excinfo.value
    _locate(report)
    if report.failed or report.skipped and hasattr(report, 'wasxfail'):
        if watch.has_shown(error):
            _forgive(report, call)
        else:
            watch.explain(report, error)
    if call.when == 'teardown':
        # pytest keeps the items until it exits, but the servers can be freed now.
        vars(item).pop(WATCH).end()
        _call_mixin('end_interception', item)
