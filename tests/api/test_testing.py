# -*- coding: utf-8 -*-
"""What the mixins promise, seen from test modules that real runners run."""
import os
import re
import sys
import unittest

import pytest
from six import StringIO

from httptestserver import testing
from support import samples
from support.marks import thorough
from support.processes import SOURCES, TESTS, inner_pytest
from support.servers import server_threads

pytest_plugins = 'pytester'

PATIENCE = 60           # seconds until a runner that hangs is killed, which fails its test
PRELUDE = 'from support.samples import *\n'

COMMANDS = {
    'nose': ['-m', 'nose', 'test_sample.py'],
    'pytest': ['-m', 'pytest', '-W', 'error', '-p', 'no:cacheprovider', 'test_sample.py'],
    'unittest': ['-W', 'error', '-m', 'unittest', 'test_sample'],
}


def run_nose(testdir, config):
    nose = pytest.importorskip('nose')
    stream = StringIO()
    plugins = nose.plugins.manager.DefaultPluginManager()
    passed = nose.run(argv=['nose', 'test_sample.py'],
                      config=nose.config.Config(stream=stream, plugins=plugins))
    return int(not passed), stream.getvalue()


def run_pytest(testdir, config, *options):
    result = testdir.runpytest_inprocess('-W', 'error', 'test_sample.py',
                                         *inner_pytest(config) + list(options))
    return result.ret, result.stdout.str()


def run_unittest(testdir, config):
    testdir.syspathinsert()
    stream = StringIO()
    suite = unittest.defaultTestLoader.loadTestsFromName('test_sample')
    passed = unittest.TextTestRunner(stream=stream).run(suite).wasSuccessful()
    return int(not passed), stream.getvalue()


#: Functions that run the sample in this process and return (status, text).
RUNNERS = {
    'collection': lambda testdir, config: run_pytest(testdir, config, '--collect-only'),
    'nose': run_nose,
    'pytest': run_pytest,
    'unittest': run_unittest,
}

#: unittest, and pytest for it, clean up after a class even if its methods do not call super.
has_class_cleanup = pytest.mark.skipif(
    sys.version_info < (3, 8)
    or tuple(int(part) for part in pytest.__version__.split('.')[:2]) < (6, 2),
    reason='no class cleanups')


class Outcome(object):
    """What became of a sample: ``status`` and ``text`` of its runner, and what it noted.

    Of its servers those are ``left`` that still have a thread.
    """

    def __init__(self, status, text):
        self.status = status
        self.text = text
        self.events = list(samples.events)
        self.left = server_threads()

    def of(self, name):
        """Return what the class *name* noted, in order."""
        return [what for owner, what in self.events if owner == name]


@pytest.fixture
def run(testdir, request):
    def run_sample(runner, source):
        """Have *runner* run *source* as a test module, and return its outcome."""
        testdir.tmpdir.join('test_sample.py').write(PRELUDE + source)
        return Outcome(*RUNNERS[runner](testdir, request.config))

    assert server_threads() == []
    del samples.events[:], samples.servers[:]
    return run_sample


each_runner = pytest.mark.parametrize('runner', ['nose', 'pytest', 'unittest'])
each_runner_of_test_cases = pytest.mark.parametrize('runner', ['pytest', 'unittest'])
each_runner_of_plain_classes = pytest.mark.parametrize('runner', ['nose', 'pytest'])

SAMPLE = '''
class TestPlain(Pair, HttpServerTest):
    pass

class TestPlainTls(Pair, HttpsServerTest):
    pass

class TestCase(Pair, HttpServerTest, unittest.TestCase):
    pass

class TestCaseTls(Pair, HttpsServerTest, unittest.TestCase):
    pass

class TestSubclass(TestCaseTls):
    pass
'''


@each_runner
def test_each_class_has_one_server_that_each_test_finds_empty(run, runner):
    classes = {'TestCase', 'TestCaseTls', 'TestSubclass'}
    if runner != 'unittest':
        classes |= {'TestPlain', 'TestPlainTls'}
    outcome = run(runner, SAMPLE)
    assert outcome.status == 0, outcome.text
    assert len(outcome.events) == 2 * len(classes)
    used = set(outcome.events)
    assert {owner for owner, _ in used} == classes
    assert len({server for _, server in used}) == len(used) == len(classes)


@thorough
@each_runner
def test_the_process_of_a_runner_has_no_server_left_when_it_ends(testdir, runner):
    if runner == 'nose':
        pytest.importorskip('nose')
    testdir.tmpdir.join('test_sample.py').write(PRELUDE + SAMPLE + '''
import atexit, sys
atexit.register(lambda: sys.stderr.write('%d of %d are left' % (serving(), len(servers))))
''')
    testdir.monkeypatch.setenv('PYTHONPATH', os.pathsep.join(
        [SOURCES, TESTS] + os.environ.get('PYTHONPATH', '').split(os.pathsep)))
    result = testdir.run(sys.executable, *COMMANDS[runner], timeout=PATIENCE)
    assert result.ret == 0
    expected = 3 if runner == 'unittest' else 5
    assert result.stderr.str().rstrip().endswith('0 of %d are left' % expected)


@each_runner
def test_no_server_is_left_when_its_class_is_over(run, runner):
    outcome = run(runner, SAMPLE + '''
class TestFailing(HttpServerTest, unittest.TestCase):
    def test_that_fails(self):
        see(self)
        raise ValueError

class TestFailingTearDown(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        try:
            raise ValueError
        finally:
            super(TestFailingTearDown, cls).tearDownClass()
''')
    assert outcome.status != 0
    assert outcome.of('TestFailing') and outcome.of('TestFailingTearDown')
    assert outcome.left == []


def test_a_server_is_not_left_over_to_the_next_class(run):
    outcome = run('unittest', '''
class TestA(Pair, HttpServerTest, unittest.TestCase):
    pass

class TestB(HttpServerTest, unittest.TestCase):
    def test_that_the_other_has_ended(self):
        note(self, serving())
''')
    assert outcome.of('TestB') == [1], outcome.text


def test_a_suite_may_run_twice(run):
    outcome = run('unittest', '''
class TestTwice(HttpServerTest, unittest.TestCase):
    def test_it(self):
        see(self)

def load_tests(loader, tests, pattern):
    class Another(unittest.TestCase):
        def test_it(self):
            pass
    both = [loader.loadTestsFromTestCase(each) for each in (TestTwice, Another, TestTwice)]
    return unittest.TestSuite(both)
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestTwice') == [0, 1]
    assert outcome.left == []


# Methods of the user's own, that do or do not call super.

@each_runner_of_test_cases
def test_a_test_case_needs_no_super_for_what_comes_before_a_test(run, runner):
    outcome = run(runner, '''
class TestOwn(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        note(cls, 'setUpClass')

    def setUp(self):
        note(self, 'setUp')
        assert self.server.history == [] and self.server.data == {}

    def tearDown(self):
        note(self, 'tearDown')
        assert len(self.server.history) == 1
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestOwn') == ['setUpClass'] + 2 * ['setUp', 0, 'tearDown']
    assert outcome.left == []


@has_class_cleanup
@each_runner_of_test_cases
def test_a_test_case_needs_no_super_to_stop(run, runner):
    outcome = run(runner, '''
class TestOwn(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        note(cls, 'tearDownClass')
''')
    assert outcome.of('TestOwn') == [0, 0, 'tearDownClass'], outcome.text
    assert outcome.left == []


@has_class_cleanup
@each_runner_of_test_cases
def test_a_class_that_fails_to_set_up_leaves_no_server(run, runner):
    outcome = run(runner, '''
class TestOwn(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super(TestOwn, cls).setUpClass()
        note(cls, serving())
        raise ValueError
''')
    assert outcome.of('TestOwn') == [1], outcome.text
    assert outcome.left == []


@each_runner_of_test_cases
def test_the_server_serves_until_tear_down_calls_super(run, runner):
    outcome = run(runner, '''
class TestOwn(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super(TestOwn, cls).setUpClass()
        note(cls, ask(cls.server).status)

    @classmethod
    def tearDownClass(cls):
        note(cls, serving())
        super(TestOwn, cls).tearDownClass()
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestOwn') == [200, 0, 0, 1]
    assert outcome.left == []


def test_a_plain_class_may_have_methods_of_its_own(run):
    outcome = run('pytest', '''
class TestOwn(Pair, HttpServerTest):
    @classmethod
    def setup_class(cls):
        super(TestOwn, cls).setup_class()
        note(cls, ask(cls.server).status)

    def setup_method(self, method):
        super(TestOwn, self).setup_method(method)
        note(self, method.__name__)

    @classmethod
    def teardown_class(cls):
        note(cls, serving())
        super(TestOwn, cls).teardown_class()

class TestNoSuper(Pair, HttpServerTest):
    @classmethod
    def setup_class(cls):
        note(cls, 'setup_class')

    def teardown_method(self):
        note(self, len(self.server.history))
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestOwn') == [200, 'test_first', 0, 'test_second', 0, 1]
    assert outcome.of('TestNoSuper') == ['setup_class', 1, 1, 1, 1]
    assert outcome.left == []


@pytest.mark.parametrize('bases', ['HttpServerTest', 'HttpServerTest, unittest.TestCase'])
@each_runner_of_plain_classes
def test_the_set_up_that_0_1_0_named_is_called_once(run, runner, bases):
    outcome = run(runner, '''
class TestOld(Pair, %s):
    @classmethod
    def setupClass(cls):
        super(TestOld, cls).setupClass()
        note(cls, 'setupClass')

    @classmethod
    def teardownClass(cls):
        note(cls, 'teardownClass')
        super(TestOld, cls).teardownClass()
''' % bases)
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestOld') == ['setupClass', 0, 0, 'teardownClass']
    assert outcome.left == []


@each_runner
def test_a_server_of_ones_own_replaces_the_default_and_is_stopped(run, runner):
    outcome = run(runner, '''
own = start_server()

class TestOwn(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def setupClass(cls):
        cls.server = own
        note(cls, serving())

    @classmethod
    def teardownClass(cls):
        note(cls, 'teardownClass')

def tearDownModule():
    note(TestOwn, [serving(), servers == [own]])
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestOwn') == [1, 0, 0, 'teardownClass', [0, True]]


@each_runner
def test_one_method_may_have_all_the_names(run, runner):
    outcome = run(runner, '''
class TestOwn(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def setupClass(cls):
        super(TestOwn, cls).setup_class()
        cls.seen = ask(cls.server).status

    setup_class = setUpClass = setupClass
''')
    assert outcome.status == 0, outcome.text
    assert outcome.left == []


def test_what_a_fixture_scripts_for_a_test_case_stays(run):
    outcome = run('pytest', '''
import pytest

class TestOwn(HttpServerTest, unittest.TestCase):
    @pytest.fixture(autouse=True)
    def script(self):
        self.server.data['response_status'] = 201

    def setup_method(self, method):
        super(TestOwn, self).setup_method(method)
        self.server.data['response_headers'] = {'X': '1'}

    def setUp(self):
        super(TestOwn, self).setUp()
        self.server.data['response_content'] = b'1'

    def test_first(self):
        note(self, sorted(self.server.data))

    test_second = test_first
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestOwn') == 2 * [
        ['response_content', 'response_headers', 'response_status']]


@each_runner
def test_other_mixins_are_set_up_too(run, runner):
    outcome = run(runner, '''
class Other(object):
    @classmethod
    def setUpClass(cls):
        note(cls, 'class')

    def setUp(self):
        note(self, 'test')

    def tearDown(self):
        note(self, 'after')

    def setup_method(self):
        pass

    teardown_method = setup_method

    @classmethod
    def tearDownClass(cls):
        note(cls, 'end')

    setup_class, teardown_class = setUpClass, tearDownClass

class TestBoth(Pair, HttpServerTest, Other, unittest.TestCase):
    pass
''')
    # pytest calls two methods of each kind, and here they are the same.
    times = 2 if runner == 'pytest' else 1
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestBoth') == (
        times * ['class'] + 2 * ['test', 0, 'after'] + times * ['end'])


@each_runner
def test_a_skipped_class_starts_nothing(run, runner):
    outcome = run(runner, '''
@unittest.skip('no reason')
class TestSkipped(Pair, HttpServerTest, unittest.TestCase):
    @classmethod
    def _start(cls):
        note(cls, 'start')
        return start_server()

class TestOther(Pair, HttpServerTest, unittest.TestCase):
    pass
''')
    # nose sets a skipped class up, and tears it down.
    assert outcome.of('TestSkipped') == (['start'] if runner == 'nose' else []), outcome.text
    assert outcome.left == []


def test_bases_in_the_wrong_order_are_told(run):
    outcome = run('unittest', '''
class TestWrong(unittest.TestCase, HttpServerTest):
    def test_it(self):
        note(self, self.url('/'))
''')
    assert outcome.of('TestWrong') == []
    assert ('the server of TestWrong has not been started: that is done by setUpClass and '
            'setup_class; call them through super, and name the mixin before '
            'unittest.TestCase among the bases') in outcome.text


def test_collecting_starts_nothing(run):
    outcome = run('collection', '''
class TestIdle(Pair, HttpServerTest):
    @classmethod
    def _start(cls):
        note(cls, 'start')
        return start_server()
''')
    assert outcome.status == 0, outcome.text
    assert 'test_second' in outcome.text
    assert outcome.events == []


# What went wrong on the test's side.

#: A test that passes, but for a request that no route matches.
UNNOTICED = '''
class Unnoticed(object):
    def test_it(self):
        self.server.route('GET', '/users')
        note(self, ask(self.server).status)
'''

UNNOTICED_TEXT = '''no route matches GET /
nearest route: GET /users
  path: expected /users, got /'''


def failures(outcome):
    """Return how many tests the runner says have failed, or been errors."""
    return sum(int(number) for number in re.findall(
        r'(\d+) (?:failed|error)|(?:failures|errors)=(\d+)', outcome.text.splitlines()[-1])
        for number in number if number)


@pytest.mark.parametrize('bases', ['HttpServerTest', 'HttpsServerTest, unittest.TestCase'])
@each_runner
def test_a_test_does_not_pass_whose_request_no_route_matches(run, runner, bases):
    if 'TestCase' not in bases and runner == 'unittest':
        pytest.skip('unittest runs no plain classes')
    outcome = run(runner, UNNOTICED + '''
class TestOwn(Unnoticed, %s):
    def test_other(self):
        note(self, 'other')
''' % bases)
    assert sorted(outcome.of('TestOwn'), key=str) == [404, 'other']
    assert outcome.status != 0
    assert failures(outcome) == 1, outcome.text
    for line in UNNOTICED_TEXT.splitlines():
        assert line in outcome.text


@each_runner
def test_a_test_does_not_pass_whose_callback_fails(run, runner):
    outcome = run(runner, '''
def fail(request):
    raise KeyError('of the callback')

class TestOwn(HttpServerTest, unittest.TestCase):
    def test_it(self):
        self.server.data['response_callback'] = fail
        note(self, ask(self.server).status)
''')
    assert outcome.of('TestOwn') == [500]
    assert failures(outcome) == 1, outcome.text
    assert "KeyError: 'of the callback'" in outcome.text


@each_runner
def test_a_test_case_is_checked_once_with_or_without_super(run, runner):
    outcome = run(runner, UNNOTICED + '''
class TestSuper(Unnoticed, HttpServerTest, unittest.TestCase):
    def setUp(self):
        super(TestSuper, self).setUp()

    def tearDown(self):
        super(TestSuper, self).tearDown()
        note(self, 'tearDown')

class TestNoSuper(Unnoticed, HttpServerTest, unittest.TestCase):
    def setUp(self):
        note(self, 'setUp')

    def tearDown(self):
        note(self, 'tearDown')

class TestClean(Pair, HttpServerTest, unittest.TestCase):
    def setUp(self):
        pass

    def tearDown(self):
        pass
''')
    assert outcome.of('TestSuper') == [404, 'tearDown']
    assert outcome.of('TestNoSuper') == ['setUp', 404, 'tearDown']
    assert failures(outcome) == 2, outcome.text


@each_runner_of_plain_classes
def test_a_plain_class_is_checked_after_a_tear_down_that_calls_super(run, runner):
    outcome = run(runner, UNNOTICED + '''
class TestSuper(Unnoticed, HttpServerTest):
    def teardown_method(self, method):
        note(self, method.__name__)
        super(TestSuper, self).teardown_method(method)

    def tearDown(self):
        note(self, 'test_it')
        super(TestSuper, self).tearDown()
''')
    assert outcome.of('TestSuper') == [404, 'test_it']
    assert failures(outcome) == 1, outcome.text


def test_a_plain_class_without_a_server_has_nothing_to_check(run):
    outcome = run('pytest', '''
class TestNoServer(HttpServerTest):
    @classmethod
    def setup_class(cls):
        pass

    def setup_method(self):
        pass

    def test_it(self):
        note(self, hasattr(self, 'server'))
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestNoServer') == [False]


@each_runner
def test_the_next_test_is_not_to_blame(run, runner):
    outcome = run(runner, UNNOTICED + '''
class TestOwn(Unnoticed, HttpServerTest, unittest.TestCase):
    test_again = Unnoticed.__dict__['test_it']

    def test_last(self):
        note(self, ask(self.server).status)
''')
    assert outcome.of('TestOwn') == [404, 404, 200]
    assert failures(outcome) == 2, outcome.text


@each_runner_of_test_cases
def test_a_tear_down_may_still_use_the_server_and_forgive(run, runner):
    outcome = run(runner, UNNOTICED + '''
class TestForgiving(Unnoticed, HttpServerTest, unittest.TestCase):
    def tearDown(self):
        note(self, len(self.server.unmatched))
        self.server.reset()
''')
    assert outcome.status == 0, outcome.text
    assert outcome.of('TestForgiving') == [404, 1]


# The attributes.

class TestAttributes(testing.HttpServerTest):
    def test_url_is_the_servers(self):
        assert self.url('/a?b') == self.server.url('/a?b')
        assert self.url('/a?b') == 'http://127.0.0.1:%d/a?b' % self.server.port
        assert self.url('a?b') == self.url('/a?b')

    def test_default_url_is_that_of_default_path(self):
        assert self.default_path == '/testing/this'
        assert self.default_url == self.url('/testing/this')

    def test_a_stopped_server_still_tells_its_history(self):
        class Other(testing.HttpServerTest):
            pass
        Other.setupClass()
        server = Other.server
        Other.teardownClass()
        assert Other.server is server is not self.server
        assert server.history == []


class TestOverriding(testing.HttpsServerTest):
    default_path = '/other'

    def test_default_path_may_be_another(self):
        assert self.default_url == 'https://127.0.0.1:%d/other' % self.server.port


def test_options_suit_requests():
    assert testing.HttpServerTest.options == {}
    assert testing.HttpsServerTest.options == {'verify': False}


def test_later_names_are_aliases():
    assert testing.HttpTestServer is testing.HttpServerTest
    assert testing.HttpsTestServer is testing.HttpsServerTest


def test_pytest_sees_no_deprecated_method():
    assert not {'setup', 'teardown'} & set(dir(testing.HttpsServerTest))


# Options.

@pytest.mark.parametrize('bases', ['HttpServerTest', 'HttpsServerTest, unittest.TestCase'])
@each_runner
def test_the_options_of_a_class_are_those_of_its_server(run, runner, bases):
    if 'TestCase' not in bases and runner == 'unittest':
        pytest.skip('unittest runs no plain classes')
    outcome = run(runner, '''
class TestOwn(%s):
    server_options = {'history_limit': 1}

    def test_it(self):
        ask(self.server)
        ask(self.server)
        note(self, len(self.server.history))
''' % bases)
    assert outcome.of('TestOwn') == [1]
    assert outcome.status == 0, outcome.text


@pytest.mark.parametrize('bases', ['HttpServerTest', 'HttpsServerTest, unittest.TestCase'])
@each_runner
def test_the_check_options_of_a_class_are_those_of_its_check(run, runner, bases):
    if 'TestCase' not in bases and runner == 'unittest':
        pytest.skip('unittest runs no plain classes')
    sample = '''
class TestOwn(%s):
    check_options = {'unserved': %s}

    def test_it(self):
        self.server.enqueue(503)
        note(self, 'queued')
'''
    outcome = run(runner, sample % (bases, True))
    assert outcome.of('TestOwn') == ['queued']
    assert outcome.status != 0
    assert failures(outcome) == 1, outcome.text
    assert '1 queued response of <Server ' in outcome.text


def test_a_class_may_check_that_each_route_was_used(run):
    outcome = run('unittest', '''
class TestOwn(HttpServerTest, unittest.TestCase):
    check_options = {'unrequested': True}

    def test_unused(self):
        self.server.route('GET', '/a')

    def test_count(self):
        self.server.route('GET', '/a', count=0)
''')
    assert failures(outcome) == 1, outcome.text
    assert 'no request came to <Route GET /a>' in outcome.text


@pytest.mark.parametrize('attribute, text', [
    ("server_options = {'histry_limit': 3}",
     'histry_limit is not a key of server_options of TestOwn; did you mean history_limit?'),
    ("server_options = {'ssl': True}",
     'ssl is not a key of server_options of TestOwn; did you mean HttpsServerTest?'),
    ('server_options = 3', 'server_options of TestOwn is a dict, got 3 (int)'),
    ("check_options = {'unservd': True}",
     'unservd is not a key of check_options of TestOwn; did you mean unserved? '
     'All of them: unserved, unrequested')])
def test_a_wrong_option_of_a_class_names_the_attribute(run, attribute, text):
    outcome = run('unittest', '''
class TestOwn(HttpServerTest, unittest.TestCase):
    %s

    def test_it(self):
        note(self, 'ran')
''' % attribute)
    assert failures(outcome) == 1 and outcome.events == [], outcome.text
    assert text in outcome.text


def test_check_options_may_be_a_property(run):
    outcome = run('unittest', '''
class TestOwn(HttpServerTest, unittest.TestCase):
    @property
    def check_options(self):
        return {'unserved': True}

    def test_it(self):
        self.server.enqueue(503)
''')
    assert failures(outcome) == 1 and '1 queued response of ' in outcome.text, outcome.text
