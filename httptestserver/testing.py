# -*- coding: utf-8 -*-
"""Gives test classes a running server.

Each class that inherits from one of the mixins has a server. It starts before the first test, is
reset before each test, and stops after the last one. After each test it is checked: the test fails
if no route matched a request, or if user code raised an exception. The class may also inherit from
`unittest.TestCase`, if the mixin is named first. Runners call different methods:

======================  ============================  ==============================
runner                  once for the class            for each test
======================  ============================  ==============================
unittest                setUpClass, tearDownClass     run, setUp, cleanups
pytest                  setup_class, teardown_class   setup_method, teardown_method
pytest, of a TestCase   both of the above             both of the above
nose                    setup_class, teardown_class   setUp, tearDown
nose, of a TestCase     setup_class, teardown_class   run, setUp, cleanups
======================  ============================  ==============================

The method that is called first does the work, and the others do nothing. So a subclass may override
any of them without calling super. There is one exception: in a plain class under nose, or under
pytest without the plugin, only the set-up method can reset the server, and only the tear-down
method can check it.

`setupClass` and `teardownClass` are names that nose knew, from release 0.1.0. They are called once
for the class under every runner.
"""
from six.moves import collections_abc

from httptestserver.server import start_server, start_ssl_server
from httptestserver.serving.options import check_keywords, check_names
from httptestserver.wording import wrong

__all__ = ['HttpServerTest', 'HttpsServerTest', 'HttpTestServer', 'HttpsTestServer']


class _NotStarted(object):
    """A descriptor that stands for a server and raises a helpful error until there is one."""

    def __get__(self, instance, owner):
        __tracebackhide__ = True
        raise AttributeError(
            'the server of %s has not been started: that is done by setUpClass and '
            'setup_class; call them through super, and name the mixin before '
            'unittest.TestCase among the bases' % owner.__name__)


class _ServerTest(object):
    """The base of both mixins.

    - Tests use `server`, `url`, `default_url` and `options`.
    - Subclasses may override `default_path`, `options`, `server_options`, `check_options`,
      `intercept` and the methods that runners call. An override of `setupClass` may set
      ``cls.server`` to a started server. Then the class uses that server, and stops it at the end.
    """

    #: The `Server` of the class. After it has stopped, its history can still be read.
    server = _NotStarted()

    #: Keyword arguments for `requests` and similar clients, so that they accept the server.
    options = {}

    #: Keyword arguments for `start_server` or `start_ssl_server`, such as ``{'body_limit': 1000}``.
    server_options = {}

    #: Keyword arguments for `Server.check` after each test, such as ``{'unserved': True}``.
    check_options = {}

    #: Whether the server is a proxy to which the clients of this process are led during each test.
    intercept = False

    #: The path of `default_url`.
    default_path = '/testing/this'

    def url(self, path):
        """Return the URL of *path* on the server."""
        __tracebackhide__ = True
        return self.server.url(path)

    @property
    def default_url(self):
        """The URL of `default_path`."""
        __tracebackhide__ = True
        return self.url(self.default_path)

    # Runners call the following methods once for the class.

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
            # For a TestCase pytest calls tearDownClass later, and an override may use the server.
            if not vars(cls).get('_begun_by_unittest'):
                cls._end_class()

    @classmethod
    def setupClass(cls):
        """Start the server of the class, unless it is started."""
        cls._start_server()

    @classmethod
    def teardownClass(cls):
        """Stop the server of the class, unless it is stopped."""
        cls._stop_server()

    @classmethod
    def _begin_class(cls):
        begun = vars(cls).get('_class_begun')
        if not begun:
            # Set before the call, because an override of setupClass may lead here again.
            cls._class_begun = True
            cls.setupClass()
        cls._start_server()
        if not begun and cls.intercept is True:
            # Raises before the first test if an override has set a server that is no proxy.
            from httptestserver.serving.environment import leading_to
            leading_to(cls.server, 'intercept', '')

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
        # Both are None before the first start, and both are the same server after a stop.
        if own.get('server') is own.get('_stopped'):
            cls._check_attributes()
            options = dict(cls.server_options)
            if cls.intercept is True:
                options['proxy'] = True
            cls.server = cls._start(**options)
            # If setUpClass fails, unittest does not call tearDownClass. From Python 3.8 on it
            # calls clean-ups.
            if hasattr(cls, 'addClassCleanup'):
                cls.addClassCleanup(cls._stop_server)

    @classmethod
    def _check_attributes(cls):
        """Check the attributes that have options of the server and of its check.

        :raises TypeError, ValueError: one is wrong. The message names the attribute and the class.
        """
        __tracebackhide__ = True
        place = '%%s of %s' % cls.__name__
        if not isinstance(cls.server_options, collections_abc.Mapping):
            raise wrong(TypeError, place % 'server_options', 'a dict', cls.server_options)
        check_names('a key of ' + place % 'server_options', cls.server_options,
                    secure=cls._secure)
        _check_intercept(cls.intercept, place % 'intercept', cls._secure)
        # A class may have a property instead, whose value only a test knows.
        if isinstance(cls.check_options, collections_abc.Mapping):
            check_keywords(cls.check_options, 'a key of ' + place % 'check_options')

    @classmethod
    def _stop_server(cls):
        end_interception(cls)
        cls._stopped = vars(cls).get('server')
        if cls._stopped is not None:
            cls._stopped.stop()

    # Runners call the following methods for each test, on an instance of its own.

    def run(self, result=None):
        """Run the test. unittest calls this even if an override of setUp does not call super."""
        # If a class is skipped, unittest does not call setUpClass, so there is no server to start.
        if not getattr(self, '__unittest_skip__', False):
            self._begin_test()
        try:
            return super(_ServerTest, self).run(result)
        finally:
            self._test_begun = False
            # unittest calls no clean-up for a test that is skipped.
            end_interception(type(self))

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
        """Start and reset the server at the first call for a test.

        Later calls have no effect, because fixtures may have scripted the server meanwhile.
        """
        if not self._test_begun:
            self._test_begun = True
            self._begin_class()
            self.server.reset()
            # unittest calls a clean-up even if an override of tearDown does not call super.
            if hasattr(self, 'addCleanup'):
                self.addCleanup(self._check)
                self.addCleanup(end_interception, type(self))
            begin_interception(type(self))

    def _end_test(self):
        """Check the server of a plain class. A `unittest.TestCase` has clean-ups instead."""
        if not hasattr(self, 'addCleanup') and hasattr(self, 'server'):
            end_interception(type(self))
            self._check()

    def _check(self):
        # This frame is not hidden, because under pytest the traceback must end somewhere.
        self.server.check(**self.check_options)


class HttpServerTest(_ServerTest):
    """A mixin that gives a test class an HTTP server."""

    _secure = 'HttpsServerTest'
    _start = staticmethod(start_server)


class HttpsServerTest(_ServerTest):
    """A mixin that gives a test class an HTTPS server, with the bundled certificate."""

    options = {'verify': False}
    _secure = ''
    _start = staticmethod(start_ssl_server)


#: Other names of the mixins, which users of the original httptestserver may know.
HttpTestServer = HttpServerTest
HttpsTestServer = HttpsServerTest


def begin_interception(cls):
    """Lead the clients of this process to the server of a test class, if it asks for that.

    Further calls have no effect until `end_interception`.
    """
    own = vars(cls)
    running = own.get('server') is not own.get('_stopped')
    if cls.intercept is True and running and own.get('_interception') is None:
        interception = cls.server.intercept()
        interception.__enter__()
        cls._interception = interception


def end_interception(cls):
    """End what `begin_interception` has begun, if it is not ended."""
    interception = vars(cls).get('_interception')
    if interception is not None:
        cls._interception = None
        interception.__exit__()


def _check_intercept(value, place, secure):
    """Check the attribute *intercept* of a class.

    :param secure: '' if the class has an HTTPS server.
    """
    # A class may have a method of that name, from before there was such an attribute.
    if not isinstance(value, bool) and not callable(value):
        raise wrong(TypeError, place, 'True or False', value)
    if value is True and not secure:
        raise wrong(ValueError, place, 'for HttpServerTest only', value,
                    'it responds to https URLs too')


def _call_following(owner, name, *args):
    """Call the method *name* of the base classes after the mixin, if one of them has it.

    It passes only as many of *args* as the method takes, because pytest does the same.
    """
    method = getattr(super(_ServerTest, owner), name, None)
    if method is not None:
        method(*args[:method.__code__.co_argcount - 1])
