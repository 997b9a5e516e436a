# -*- coding: utf-8 -*-
"""Clients that a proxy intercepts: programs by their environment, and those of this process."""
import io
import os
import re
import subprocess
import sys
import threading
import unittest

import pytest

from httptestserver import HttpServerTest, http_server, https_server, testing
from httptestserver.serving.environment import NAMES
from support import samples
from support.marks import needs_extra, needs_ipv6
from support.processes import TESTS, inner_pytest

pytest_plugins = 'pytester'
pytestmark = [needs_extra, pytest.mark.usefixtures('guard')]

try:
    from urllib.error import HTTPError
    from urllib.request import urlopen
except ImportError:
    # Python 2, where no server is a proxy.
    pass

USER = 'https://api.example.com/users/7'


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """An environment with another proxy and another authority, as a machine may have."""
    for name in list(os.environ):
        if name.upper() in NAMES:
            monkeypatch.delenv(name)
    for name in ('HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'):
        # Nothing listens there.
        monkeypatch.setenv(name, 'http://127.0.0.1:9')
    monkeypatch.setenv('NO_PROXY', '.example.com')
    monkeypatch.setenv('SSL_CERT_FILE', os.devnull)


@pytest.fixture
def server():
    with http_server(proxy=True, check=True) as server:
        server.route('GET', USER, response_content='Ada')
        yield server


def variables():
    """Return the variables of this process that lead clients."""
    return {name: os.environ[name] for name in os.environ if name.upper() in NAMES}


def fetched(url=USER):
    with urlopen(url, timeout=30) as response:
        return response.read()


def test_this_process_reaches_a_real_host(server):
    with server.intercept():
        assert fetched() == b'Ada'
        assert fetched() == b'Ada'
    assert [each.url for each in server.history] == [USER, USER]
    assert server.history[0].tunnel == server.tunnels[0].target == 'api.example.com:443'


def test_this_process_reaches_a_host_without_tls(server):
    server.route('GET', 'http://api.example.com/users/8', response_content='Bob')
    with server.intercept():
        assert fetched('http://api.example.com/users/8') == b'Bob'
    assert server.tunnels == []


def test_what_nothing_matches_goes_nowhere():
    with http_server(proxy=True) as server:
        server.route('GET', USER)
        with server.intercept():
            with pytest.raises(HTTPError) as caught:
                fetched('https://other.example.com/')
            caught.value.close()
        assert caught.value.code == 404
        assert [each.url for each in server.unmatched] == ['https://other.example.com/']


def test_everything_is_restored(server):
    before = variables()
    with server.intercept():
        assert variables() == server.environ({})
    assert variables() == before
    with pytest.raises(ZeroDivisionError):
        with server.intercept():
            1 / 0
    assert variables() == before


def test_blocks_within_each_other_lead_to_the_inner_server(server):
    with http_server(proxy=True, check=True) as other:
        other.route('GET', USER, response_content='Bob')
        with server.intercept():
            with other.intercept():
                assert fetched() == b'Bob'
            assert fetched() == b'Ada'


def test_all_threads_are_intercepted(server):
    found = []
    with server.intercept():
        thread = threading.Thread(target=lambda: found.append(fetched()))
        thread.start()
        thread.join()
    assert found == [b'Ada']


def test_some_hosts_can_be_left_out(server):
    with http_server() as other, server.intercept(no_proxy='localhost,127.0.0.1'):
        other.data['response_content'] = 'direct'
        assert fetched(other.url('/')) == b'direct'
        assert fetched() == b'Ada'
    assert [each.url for each in server.history] == [USER]


def test_a_stopped_server_is_no_way_to_the_network():
    with http_server(proxy=True) as server:
        pass
    with server.intercept():
        with pytest.raises(IOError, match='(?i)refused'):
            fetched()


@pytest.mark.parametrize('host, start', [
    ('127.0.0.1', 'http://127.0.0.1:'),
    pytest.param('::1', 'http://[::1]:', marks=needs_ipv6)])
def test_the_proxy_is_where_the_server_can_be_reached(host, start):
    with http_server(host, proxy=True) as server:
        assert server.environ({})['HTTPS_PROXY'] == '%s%d' % (start, server.port)


def test_a_program_reaches_a_real_host(server):
    code = 'from urllib.request import urlopen; print(urlopen(%r).read())' % USER
    output = subprocess.check_output([sys.executable, '-c', code], env=server.environ())
    assert output.split() == [b"b'Ada'"]
    assert [each.url for each in server.history] == [USER]


def test_the_environment_of_a_program_is_a_copy(server, monkeypatch):
    monkeypatch.setenv('ONE_OF_MINE', '1')
    before = dict(os.environ)
    found = server.environ(no_proxy='a.example')
    assert (found['ONE_OF_MINE'], found['NO_PROXY']) == ('1', 'a.example')
    assert found['SSL_CERT_FILE'] == server.cafile
    assert {value for name, value in found.items() if name.upper().endswith('S_PROXY')} == {
        server.url('')}
    assert dict(os.environ) == before


def test_a_base_replaces_the_environment_of_this_process(server):
    assert set(server.environ({'HOME': '/home/ada'})) == {'HOME'}.union(server.environ({}))


def test_a_context_for_clients_trusts_any_host(server):
    context = server.client_context()
    with server.intercept():
        assert urlopen(USER, context=context, timeout=30).read() == b'Ada'


# What is refused.


@pytest.mark.parametrize('make', [http_server, https_server])
@pytest.mark.parametrize('method', ['environ', 'intercept'])
def test_a_server_that_is_no_proxy_says_how_to_make_one(make, method):
    with make() as server:
        before = variables()
        with pytest.raises(RuntimeError) as caught:
            getattr(server, method)()
        assert str(caught.value) == (
            '%s() needs a proxy, and %r is none: make it with proxy=True, as in '
            'http_server(proxy=True)' % (method, server))
        assert variables() == before


@pytest.mark.parametrize('value, hint', [
    (['a.example', 'b.example'], "did you mean 'a.example,b.example'?"), (None, ''), (7, '')])
@pytest.mark.parametrize('method', ['environ', 'intercept'])
def test_hosts_without_the_proxy_are_one_str(server, method, value, hint):
    with pytest.raises(TypeError) as caught:
        getattr(server, method)(no_proxy=value)
    assert str(caught.value).startswith('no_proxy is a str with hosts and commas, got ')
    assert str(caught.value).endswith(hint)


def test_the_environment_of_this_process_is_not_taken_for_hosts(server):
    with pytest.raises(TypeError, match='base is None or a mapping'):
        server.environ('127.0.0.1')


# What the guide says.


def test_the_guide_lists_all_variables(server):
    guide = os.path.join(os.path.dirname(TESTS), 'docs', 'howto', 'real_host_names.rst')
    with io.open(guide, encoding='utf-8') as opened:
        table = re.split('\n\\.\\. _variables:\n', opened.read())[1].partition('\n\n* ')[0]
    cells = re.findall(r'^   \* - (.*(?:\n       .*)*)', table, re.M)
    names = re.findall('``(\\w+)``', ' '.join(cells))
    assert sorted(names) == sorted(server.environ({}))


# The mixin and the fixture.

INTERCEPTED = '''
from support.samples import *
import os
from urllib.request import urlopen

def fetch(test):
    test.server.route('GET', 'https://api.example.com/', response_content='Ada')
    assert urlopen('https://api.example.com/', timeout=30).read() == b'Ada'
    note(test, os.environ['HTTPS_PROXY'] == test.server.url(''))

class Intercepted(HttpServerTest):
    intercept = True
'''


@pytest.fixture
def run(testdir, request):
    """Return a function that lets a runner run a sample, and returns its status and its text."""
    def run_sample(runner, source):
        before = variables()
        testdir.tmpdir.join('test_sample.py').write(INTERCEPTED + source)
        if runner == 'pytest':
            outcome = testdir.runpytest_inprocess('test_sample.py', *inner_pytest(request.config))
            result = outcome.ret, outcome.stdout.str()
        else:
            testdir.syspathinsert()
            stream = io.StringIO()
            suite = unittest.defaultTestLoader.loadTestsFromName('test_sample')
            if runner == 'debugger':
                suite.debug()
                return
            passed = unittest.TextTestRunner(stream=stream).run(suite).wasSuccessful()
            result = int(not passed), stream.getvalue()
        assert variables() == before
        return result

    del samples.events[:]
    return run_sample


def noted(name):
    return [what for owner, what in samples.events if owner == name]


@pytest.mark.parametrize('runner', ['pytest', 'unittest'])
def test_the_tests_of_a_class_are_intercepted_one_by_one(run, runner):
    status, text = run(runner, '''
class TestCase(Intercepted, unittest.TestCase):
    def test_first(self):
        fetch(self)

    def test_second(self):
        fetch(self)

class TestSkipped(Intercepted, unittest.TestCase):
    @unittest.skip('of no interest')
    def test_it(self):
        pass

    @classmethod
    def tearDownClass(cls):
        note(cls, os.environ['HTTPS_PROXY'])
        super(TestSkipped, cls).tearDownClass()

class TestLater(HttpServerTest, unittest.TestCase):
    def test_it(self):
        note(self, os.environ['HTTPS_PROXY'])
''')
    assert status == 0, text
    assert noted('TestCase') == [True, True]
    assert noted('TestSkipped') in ([], ['http://127.0.0.1:9'])
    assert noted('TestLater') == ['http://127.0.0.1:9']


def test_plain_classes_are_intercepted_with_or_without_super(run):
    status, text = run('pytest', '''
class TestPlain(Intercepted):
    def test_first(self):
        fetch(self)

    def test_second(self):
        fetch(self)

class TestOverrides(TestPlain):
    def setup_method(self, method):
        pass

    def teardown_method(self, method):
        pass

    @classmethod
    def teardown_class(cls):
        # Nothing but the plugin is left to end the interception.
        cls.server.stop()

class TestLater(HttpServerTest):
    def test_it(self):
        note(self, os.environ['HTTPS_PROXY'])
''')
    assert status == 0, text
    assert noted('TestPlain') == noted('TestOverrides') == [True, True]
    assert noted('TestLater') == ['http://127.0.0.1:9']


class Plain(HttpServerTest):
    """A class that is run by hand, as by a runner without the plugin."""

    intercept = True


@pytest.fixture
def plain():
    """An instance of `Plain` that is set up."""
    Plain.setup_class()
    test = Plain()
    test.setup_method()
    assert os.environ['HTTPS_PROXY'] == test.server.url('')
    yield test
    Plain.teardown_class()


def test_the_end_of_a_test_ends_the_interception(plain):
    plain.teardown_method()
    assert os.environ['HTTPS_PROXY'] == 'http://127.0.0.1:9'


def test_the_end_of_a_class_ends_the_interception_if_a_test_did_not(plain):
    Plain.teardown_class()
    assert os.environ['HTTPS_PROXY'] == 'http://127.0.0.1:9'
    testing.begin_interception(Plain)
    # There is no server any more to which a client could be led.
    assert os.environ['HTTPS_PROXY'] == 'http://127.0.0.1:9'


def test_debugging_a_test_ends_the_interception(run):
    run('debugger', '''
class TestOwn(Intercepted, unittest.TestCase):
    def test_it(self):
        fetch(self)

    @classmethod
    def tearDownClass(cls):
        note(cls, os.environ['HTTPS_PROXY'])
        super(TestOwn, cls).tearDownClass()
''')
    assert noted('TestOwn') == [True, 'http://127.0.0.1:9']


@pytest.mark.parametrize('runner', ['pytest', 'unittest'])
@pytest.mark.parametrize('broken', ['setUp', 'tearDown', 'test_it'])
def test_a_test_that_fails_anywhere_leaves_nothing_behind(run, runner, broken):
    status, text = run(runner, '''
class TestBroken(Intercepted, unittest.TestCase):
    def test_it(self):
        pass

    def %s(self):
        raise KeyError(os.environ['HTTPS_PROXY'] == self.server.url(''))

class TestLater(unittest.TestCase):
    def test_it(self):
        note(self, os.environ['HTTPS_PROXY'])
''' % broken)
    assert status != 0 and 'KeyError: True' in text
    assert noted('TestLater') == ['http://127.0.0.1:9']


@pytest.mark.parametrize('runner', ['pytest', 'unittest'])
def test_the_clean_ups_of_a_test_are_intercepted_and_its_class_is_not(run, runner):
    status, text = run(runner, '''
class TestOwn(Intercepted, unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        note(cls, os.environ['HTTPS_PROXY'])
        super(TestOwn, cls).tearDownClass()

    def test_it(self):
        self.addCleanup(fetch, self)
''')
    assert status == 0, text
    assert noted('TestOwn') == [True, 'http://127.0.0.1:9']


def test_a_class_is_checked_as_ever(run):
    status, text = run('unittest', '''
class TestOwn(Intercepted, unittest.TestCase):
    def test_it(self):
        self.server.route('GET', 'https://api.example.com/users')
        try:
            urlopen('https://api.example.com/user', timeout=30)
        except IOError as error:
            error.close()
''')
    assert status != 0
    assert 'no route matches GET https://api.example.com/user' in text, text


@pytest.mark.parametrize('base, value, message', [
    ('HttpServerTest', '1', 'intercept of TestOwn is True or False, got 1'),
    ('HttpsServerTest', 'True', 'intercept of TestOwn is for HttpServerTest only, got True (bool); '
                                'it responds to https URLs too')])
def test_a_wrong_value_is_refused_before_the_first_test(run, base, value, message):
    status, text = run('unittest', '''
class TestOwn(%s, unittest.TestCase):
    intercept = %s

    def test_it(self):
        pass
''' % (base, value))
    assert status != 0 and message in text, text


def test_a_method_of_that_name_is_no_setting(run):
    status, text = run('unittest', '''
class TestOwn(HttpServerTest, unittest.TestCase):
    def intercept(self):
        return os.environ['HTTPS_PROXY']

    def test_it(self):
        note(self, self.intercept())
''')
    assert status == 0, text
    assert noted('TestOwn') == ['http://127.0.0.1:9']


def test_a_server_of_the_class_s_own_has_to_be_a_proxy(run):
    status, text = run('unittest', '''
class TestOwn(Intercepted, unittest.TestCase):
    @classmethod
    def setupClass(cls):
        cls.server = start_server()
        cls.addClassCleanup(cls.server.stop)

    def test_it(self):
        pass
''')
    assert status != 0 and 'intercept() needs a proxy' in text, text


def test_the_fixture_intercepts_and_checks(run):
    status, text = run('pytest', '''
import pytest

def test_it(http_proxy):
    http_proxy.route('GET', 'https://api.example.com/', response_content='Ada')
    assert urlopen('https://api.example.com/', timeout=30).read() == b'Ada'
    note(HttpServerTest, len(http_proxy.tunnels))

def test_later():
    note(HttpServerTest, os.environ['HTTPS_PROXY'])

@pytest.mark.httptestserver(check={'unrequested': True})
def test_unrequested(http_proxy):
    http_proxy.route('GET', 'https://api.example.com/')

@pytest.mark.httptestserver(proxy=False, history_limit=1, check=False)
def test_the_marker(http_proxy):
    for path in '/1', '/2':
        urlopen('https://api.example.com' + path, timeout=30).close()
    note(HttpServerTest, [each.path for each in http_proxy.history])
''')
    assert noted('HttpServerTest') == [1, 'http://127.0.0.1:9', ['/2']]
    assert status == 1
    assert '1 failed, 3 passed' in text and 'test_unrequested' in text, text
