# -*- coding: utf-8 -*-
"""Gives unittest classes a running server.

A class that inherits from one of the mixins has a server of its own: started before its
first test, empty at the start of each test, stopped after its last. At the end of each
test the server is checked: a request that no route matched, or an exception of a callback,
is a failure of the test. The class may be a `unittest.TestCase` too, the mixin named first.
Runners call different methods of it:

======================  ============================  ==============================
runner                  once for the class            for each test
======================  ============================  ==============================
unittest                setUpClass, tearDownClass     run, setUp, cleanups
pytest                  setup_class, teardown_class   setup_method, teardown_method
pytest, of a TestCase   both of the above             both of the above
nose                    setup_class, teardown_class   setUp, tearDown
nose, of a TestCase     setup_class, teardown_class   run, setUp, cleanups
======================  ============================  ==============================

Whichever come first do the work, the others find it done. So a subclass may define any of
them; one that does not call super loses no more than its runner leaves no other way to:
of a plain class under nose, or under pytest without the plugin, the check.
The methods that 0.1.0 named for nose, `setupClass` and `teardownClass`, are called once
for the class under every runner.
"""
from httptestserver.server import start_server, start_ssl_server

__all__ = ['HttpServerTest', 'HttpsServerTest', 'HttpTestServer', 'HttpsTestServer']


class _NotStarted(object):
    """Stands for the server of a class that has none, to say why it has none."""

    def __get__(self, instance, owner):
        raise AttributeError(
            'the server of %s has not been started: that is done by setUpClass and '
            'setup_class; call them through super, and name the mixin before '
            'unittest.TestCase among the bases' % owner.__name__)


class _ServerTest(object):
    """What both mixins have.

    For tests: `server`, `url`, `default_url`, `options`. To override: `default_path`,
    `options`, and the runners' methods; a `setupClass` that sets ``cls.server`` to a
    started server of its own replaces the one that would be started, and has it stopped.
    """

    #: The class's `Server`. Once stopped it can still be asked for its history.
    server = _NotStarted()

    #: Keywords that let `requests` and clients like it talk to the server.
    options = {}

    default_path = '/testing/this'

    def url(self, path):
        """Return the URL of *path* on the server."""
        return self.server.url(path)

    @property
    def default_url(self):
        """The URL of `default_path`."""
        return self.url(self.default_path)

    # Once for the class.

    @classmethod
    def setUpClass(cls):
        cls._begun_by_unittest = True
        cls._begin_class()
        _call_following(cls, 'setUpClass')

    @classmethod
    def tearDownClass(cls):
        try:
            _call_following(cls, 'tearDownClass')
        finally:
            cls._end_class()

    @classmethod
    def setup_class(cls):
        cls._begin_class()
        _call_following(cls, 'setup_class')

    @classmethod
    def teardown_class(cls):
        try:
            _call_following(cls, 'teardown_class')
        finally:
            # pytest calls tearDownClass after this one, which may still need the server.
            if not vars(cls).get('_begun_by_unittest'):
                cls._end_class()

    @classmethod
    def setupClass(cls):
        """Start the class's server, unless it runs."""
        cls._start_server()

    @classmethod
    def teardownClass(cls):
        """Stop the class's server, unless that is done."""
        cls._stop_server()

    @classmethod
    def _begin_class(cls):
        if not vars(cls).get('_class_begun'):
            cls._class_begun = True     # first: setupClass may be one more name of the caller
            cls.setupClass()
        cls._start_server()

    @classmethod
    def _end_class(cls):
        if vars(cls).get('_class_begun'):
            cls._class_begun = False
            try:
                cls.teardownClass()
            finally:
                cls._stop_server()

    @classmethod
    def _start_server(cls):
        own = vars(cls)
        if own.get('server') is own.get('_stopped'):    # both None: there was none yet
            cls.server = cls._start()
            if hasattr(cls, 'addClassCleanup'):         # even if a set-up fails; Python 3.8
                cls.addClassCleanup(cls._stop_server)

    @classmethod
    def _stop_server(cls):
        cls._stopped = vars(cls).get('server')
        if cls._stopped is not None:
            cls._stopped.stop()

    # For each test; its instance is its own.

    def run(self, result=None):
        """Run the test: unittest's entrance, which no setUp without super goes around."""
        if not getattr(self, '__unittest_skip__', False):   # such a class is not set up
            self._begin_test()
        try:
            return super(_ServerTest, self).run(result)
        finally:
            self._test_begun = False

    def setUp(self):
        self._begin_test()
        _call_following(self, 'setUp')

    def setup_method(self, method=None):
        self._test_begun = False
        self._begin_test()
        _call_following(self, 'setup_method', method)

    def tearDown(self):
        _call_following(self, 'tearDown')
        self._end_test()

    def teardown_method(self, method=None):
        _call_following(self, 'teardown_method', method)
        self._end_test()

    _test_begun = False

    def _begin_test(self):
        """Reset the server, once: what a fixture has scripted by the second call stays."""
        if not self._test_begun:
            self._test_begun = True
            self._begin_class()
            self.server.reset()
            if hasattr(self, 'addCleanup'):         # no tearDown without super goes around it
                self.addCleanup(self.server.check)

    def _end_test(self):
        """Check the server, unless a clean-up will, which is that of a `unittest.TestCase`."""
        if not hasattr(self, 'addCleanup') and hasattr(self, 'server'):
            self.server.check()


class HttpServerTest(_ServerTest):
    """A mixin that gives a test class an HTTP server."""

    _start = staticmethod(start_server)


class HttpsServerTest(_ServerTest):
    """A mixin that gives a test class an HTTPS server, with the bundled certificate."""

    options = {'verify': False}
    _start = staticmethod(start_ssl_server)


#: The names that later releases of the original use.
HttpTestServer = HttpServerTest
HttpsTestServer = HttpsServerTest


def _call_following(owner, name, *args):
    """Call the method of that name of the classes after the mixin, if one has it.

    *args* are optional, as pytest's are: a method may be defined without them.
    """
    method = getattr(super(_ServerTest, owner), name, None)
    if method is not None:
        method(*args[:method.__code__.co_argcount - 1])
