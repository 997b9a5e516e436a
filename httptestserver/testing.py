# -*- coding: utf-8 -*-
"""Gives test classes a running server.

A class that inherits from one of the mixins has a server of its own: it starts before the first
test, is empty at the start of each test, and stops after the last. At the end of each test the
server is checked: a request that no route matched, or an exception of a callback, fails the test.
The class may be a `unittest.TestCase` too, if the mixin is named first. Runners call different
methods of it:

======================  ============================  ==============================
runner                  once for the class            for each test
======================  ============================  ==============================
unittest                setUpClass, tearDownClass     run, setUp, cleanups
pytest                  setup_class, teardown_class   setup_method, teardown_method
pytest, of a TestCase   both of the above             both of the above
nose                    setup_class, teardown_class   setUp, tearDown
nose, of a TestCase     setup_class, teardown_class   run, setUp, cleanups
======================  ============================  ==============================

The method that is called first does the work, and the others find it done. So a subclass may
override any of them without calling super, with one exception: of a plain class under nose, or
under pytest without the plugin, only the tear-down method can check the server.

`setupClass` and `teardownClass`, which release 0.1.0 named for nose, are called once for the class
under every runner.
"""
from httptestserver.server import start_server, start_ssl_server

__all__ = ['HttpServerTest', 'HttpsServerTest', 'HttpTestServer', 'HttpsTestServer']


class _NotStarted(object):
    """Raises a helpful error while the class has no server."""

    def __get__(self, instance, owner):
        raise AttributeError(
            'the server of %s has not been started: that is done by setUpClass and '
            'setup_class; call them through super, and name the mixin before '
            'unittest.TestCase among the bases' % owner.__name__)


class _ServerTest(object):
    """What both mixins have.

    - Tests use `server`, `url`, `default_url` and `options`.
    - Subclasses may override `default_path`, `options` and the methods that runners call. If an
      override of `setupClass` sets ``cls.server`` to a started server, then that one serves the
      class, and is stopped at the end.
    """

    #: The class's `Server`. It keeps its history when it has stopped.
    server = _NotStarted()

    #: Keyword arguments with which `requests`, and clients like it, can use the server.
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
            # pytest calls tearDownClass later, and that may still need the server.
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
            # Set before the call, because a subclass may have setupClass call this method again.
            cls._class_begun = True
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
        # Both are None until the class has had a server.
        if own.get('server') is own.get('_stopped'):
            cls.server = cls._start()
            # unittest calls no tearDownClass if setUpClass fails, but from Python 3.8 on clean-ups.
            if hasattr(cls, 'addClassCleanup'):
                cls.addClassCleanup(cls._stop_server)

    @classmethod
    def _stop_server(cls):
        cls._stopped = vars(cls).get('server')
        if cls._stopped is not None:
            cls._stopped.stop()

    # For each test; its instance is its own.

    def run(self, result=None):
        """Run the test. unittest calls this even if a subclass's setUp forgets super."""
        # unittest does not set up a class that is skipped.
        if not getattr(self, '__unittest_skip__', False):
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
        """Reset the server, at the first call only: fixtures may script it before the second."""
        if not self._test_begun:
            self._test_begun = True
            self._begin_class()
            self.server.reset()
            # A clean-up is called even if a subclass's tearDown forgets super.
            if hasattr(self, 'addCleanup'):
                self.addCleanup(self.server.check)

    def _end_test(self):
        """Check the server of a plain class; a `unittest.TestCase` does it in a clean-up."""
        if not hasattr(self, 'addCleanup') and hasattr(self, 'server'):
            self.server.check()


class HttpServerTest(_ServerTest):
    """A mixin that gives a test class an HTTP server."""

    _start = staticmethod(start_server)


class HttpsServerTest(_ServerTest):
    """A mixin that gives a test class an HTTPS server, with the bundled certificate."""

    options = {'verify': False}
    _start = staticmethod(start_ssl_server)


#: Other names of the mixins, which users of the original httptestserver may know.
HttpTestServer = HttpServerTest
HttpsTestServer = HttpsServerTest


def _call_following(owner, name, *args):
    """Call the method *name* of the base classes that follow the mixin, if one has it.

    As pytest does, it leaves out the *args* that the method does not take.
    """
    method = getattr(super(_ServerTest, owner), name, None)
    if method is not None:
        method(*args[:method.__code__.co_argcount - 1])
