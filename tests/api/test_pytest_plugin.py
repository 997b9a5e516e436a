# -*- coding: utf-8 -*-
"""What the pytest plugin promises, seen from test modules that a pytest of their own runs."""
import glob
import io
import os
import re
import sys

import pytest

import httptestserver
# Samples would get another copy each, because pytester forgets what they import.
from httptestserver import server, testing      # noqa: F401
from support.marks import thorough
from support.processes import SOURCES, TESTS, inner_pytest

pytest_plugins = 'pytester'

PATIENCE = 120          # seconds until a process that hangs is killed, which fails its test
OPTIONS = ['-W', 'error', 'test_sample.py']

#: Before each sample.
PRELUDE = '''# -*- coding: utf-8 -*-
import pytest
from support.client import ask
'''


class Outcome(object):
    """What became of a sample: the ``status`` of its pytest, the ``text``, the ``counts``.

    The counts are such as ``'1 failed, 2 passed'``; the text ends before the summary.
    """

    def __init__(self, result):
        text = result.stdout.str() + result.stderr.str()
        last = result.stdout.str().replace('=', ' ').strip().rpartition('\n')[2]
        self.counts = re.sub(r' in [0-9].*', '', last).strip()
        self.status = result.ret
        self.text = text.partition('short test summary')[0]

    def has(self, expected):
        """Whether the text has the lines of *expected*, in which * stands for anything."""
        pattern = '^%s$' % re.escape(expected).replace(re.escape('*'), '.*?')
        return re.search(pattern, self.text, re.MULTILINE) is not None


def write_sample(testdir, source):
    testdir.tmpdir.join('test_sample.py').write_binary((PRELUDE + source).encode('ascii'))


@pytest.fixture
def run(testdir, request):
    def run_sample(source, *options):
        """Have a pytest in this process run *source* as a test module: return its outcome."""
        write_sample(testdir, source)
        return Outcome(testdir.runpytest_inprocess(
            *inner_pytest(request.config) + OPTIONS + list(options)))
    return run_sample


@pytest.fixture
def run_python(testdir):
    def run(*args):
        """Have a new process run Python with *args*, and return its outcome."""
        for name in [name for name in os.environ if name.startswith(('PYTEST_', 'COV_'))]:
            testdir.monkeypatch.delenv(name)
        testdir.monkeypatch.setenv('PYTHONIOENCODING', 'utf-8')
        testdir.monkeypatch.setenv('PYTHONPATH', os.pathsep.join(
            filter(None, [SOURCES, TESTS, os.environ.get('PYTHONPATH')])))
        return Outcome(testdir.run(sys.executable, *args, timeout=PATIENCE))
    return run


@pytest.fixture
def run_process(testdir, run_python):
    def run_sample(source, *options):
        """Have a new process, which finds the plugin by itself, run *source* with pytest."""
        write_sample(testdir, source)
        return run_python('-m', 'pytest', '-p', 'no:cacheprovider', *OPTIONS + list(options))

    if not glob.glob(os.path.join(SOURCES, 'httptestserver-*.dist-info')):
        # The tests run from the sources, so pytest lacks what an installation would say.
        information = testdir.tmpdir.mkdir('httptestserver-0.dist-info')
        information.join('METADATA').write(
            'Metadata-Version: 2.1\nName: httptestserver\nVersion: 0\n')
        information.join('entry_points.txt').write(
            '[pytest11]\nhttptestserver = httptestserver.pytest_plugin\n')
    return run_sample


#: Older Pythons import everything at once, because their modules have no ``__getattr__``.
imports_late = pytest.mark.skipif(sys.version_info < (3, 7), reason='modules have no __getattr__')

each_fixture = pytest.mark.parametrize('scheme', ['http', 'https'])


# The start of pytest.

@imports_late
def test_the_plugin_imports_neither_the_server_nor_what_that_takes(run_python):
    outcome = run_python('-c', '''
import sys, warnings, pytest
before = set(sys.modules)
warnings.simplefilter('error')
import httptestserver.pytest_plugin
print(sorted(set(sys.modules) - before))
''')
    new = set(re.findall(r"'([\w.]+)'", outcome.text))
    assert {name for name in new if name.startswith('httptestserver')} == {
        'httptestserver', 'httptestserver.pytest_plugin', 'httptestserver.serving',
        'httptestserver.serving.started', 'httptestserver.waiting'}, outcome.text
    assert not new & {'http.server', 'six', 'socket', 'ssl', 'unittest'}


@imports_late
def test_the_plugin_is_imported_within_20_milliseconds_of_the_processor(run_python):
    outcome = run_python('-c', '''
import time, pytest
now = getattr(time, 'process_time', None) or time.clock
start = now()
import httptestserver.pytest_plugin
print(1000 * (now() - start))
''')
    assert float(outcome.text) < 20


@imports_late
def test_pytest_needs_no_configuration_and_loads_no_server_before_a_fixture_is_used(
        run_process):
    outcome = run_process('''
import sys

def test_before():
    assert 'httptestserver.pytest_plugin' in sys.modules
    assert 'httptestserver.server' not in sys.modules

def test_fixture(http_server):
    assert 'httptestserver.server' in sys.modules
''')
    assert outcome.counts == '2 passed', outcome.text


# The package, whose names import the server.

def test_each_public_name_and_module_is_there_at_once(run_python):
    outcome = run_python('-W', 'error', '-c', '''
import sys

def imported():
    """Return the package as at its first import."""
    for name in [name for name in sys.modules if name.startswith('httptestserver')]:
        forgotten.append(sys.modules.pop(name))
    import httptestserver
    return httptestserver

forgotten = []
names = imported().__all__
assert len(names) == 16
for name in names:
    value = getattr(imported(), name)
    assert value.__name__ == name.replace('TestServer', 'ServerTest'), name
    scope = {}
    exec('from httptestserver import ' + name, scope)
    assert scope[name] is value, name
for name in 'server', 'testing':
    assert getattr(imported(), name).__name__ == 'httptestserver.' + name
''')
    assert (outcome.status, outcome.text) == (0, '')


def test_all_public_names_can_be_imported_at_once(run_python):
    outcome = run_python('-W', 'error', '-c', '''
import httptestserver
listed = dir(httptestserver)
from httptestserver import *
missing = [name for name in httptestserver.__all__
           if name not in listed or globals()[name] is not getattr(httptestserver, name)]
assert not missing, missing
''')
    assert outcome.status == 0, outcome.text


def test_a_name_that_is_not_there_is_an_error():
    assert not hasattr(httptestserver, 'sever')
    with pytest.raises(AttributeError) as caught:
        httptestserver.sever
    assert "has no attribute 'sever'" in str(caught.value)
    with pytest.raises(ImportError):
        from httptestserver import sever        # noqa: F401


# The fixtures.

@each_fixture
def test_each_test_has_a_fresh_server_that_is_stopped_after_it(run, scheme):
    outcome = run('''
import threading
seen = []

def see(server):
    assert server.scheme == '%(scheme)s' and server not in seen
    names = [thread.name for thread in threading.enumerate()]
    assert names.count('httptestserver accept') == 1
    seen.append(server)
    assert server.history == [] and server.data == {}
    server.data['response_status'] = 418
    assert ask(server).status == 418

def test_first(%(scheme)s_server):
    see(%(scheme)s_server)

def test_second(%(scheme)s_server):
    see(%(scheme)s_server)

def test_stopped(request):
    # Items live as long as the session; they must not keep the servers.
    for item in request.session.items:
        assert item.name == 'test_stopped' or not [
            name for name in vars(item) if 'httptestserver' in name]
    see(request.getfixturevalue('%(scheme)s_server'))
''' % {'scheme': scheme})
    assert outcome.counts == '3 passed', outcome.text
    assert 'received' not in outcome.text


def test_a_test_and_its_fixtures_share_the_server(run):
    outcome = run('''
import unittest

@pytest.fixture
def url(http_server):
    http_server.data['response_status'] = 201
    return http_server.url('/')

def test_it(url, http_server):
    assert url == http_server.url('/')
    assert ask(http_server).status == 201

class TestCase(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def take(self, http_server, https_server):
        self.servers = http_server, https_server

    def test_both(self):
        assert [ask(server).status for server in self.servers] == [200, 200]
''')
    assert outcome.counts == '2 passed', outcome.text


@each_fixture
def test_a_request_that_no_route_matches_fails_a_test_whose_body_passes(run, scheme):
    outcome = run('''
def test_it(%(scheme)s_server):
    %(scheme)s_server.route('GET', '/users')
    ask(%(scheme)s_server, 'GET', '/user')
''' % {'scheme': scheme})
    assert outcome.status == 1
    assert outcome.counts == '1 failed', outcome.text
    assert outcome.has('''\
no route matches GET /user
nearest route: GET /users
  path: expected /users, got /user
*- httptestserver -*
%s://127.0.0.1:* received 1:
  [0] GET /user -> 404, no route matches''' % scheme), outcome.text
    assert outcome.text.count('nearest route') == 1
    # A traceback through the plugin would not help the user.
    assert 'pytest_plugin.py' not in outcome.text


def test_an_exception_of_a_callback_fails_a_test_whose_body_passes(run):
    outcome = run('''
def fail(request):
    raise KeyError('of the callback')

def test_it(http_server):
    http_server.data['response_callback'] = fail
    ask(http_server)
''')
    assert outcome.counts == '1 failed', outcome.text
    assert outcome.has('handling GET / HTTP/1.1 failed:')
    assert outcome.has("KeyError: 'of the callback'")
    assert outcome.has('  [0] GET / -> 500'), outcome.text


def test_what_comes_after_the_body_is_an_error(run):
    outcome = run('''
import threading
from six.moves import http_client
clients = []

def test_it(http_server):
    stopping, begun = threading.Event(), threading.Event()
    stop = http_server.stop

    def stop_later():
        stopping.set()
        stop()

    def fail(request):
        begun.set()
        stopping.wait(20)
        raise KeyError('of the callback')

    http_server.stop = stop_later
    http_server.data['response_callback'] = fail
    client = http_client.HTTPConnection(http_server.host, http_server.port, timeout=20)
    client.request('GET', '/')
    assert begun.wait(20)
    clients.append(client)

def test_end():
    clients[0].close()
''')
    assert re.match(r'2 passed, 1 error', outcome.counts), outcome.text
    assert outcome.has("KeyError: 'of the callback'"), outcome.text


def test_a_reset_forgives(run):
    outcome = run('''
def test_it(http_server):
    http_server.route('GET', '/users')
    assert ask(http_server, 'GET', '/user').status == 404
    http_server.reset()
''')
    assert outcome.counts == '1 passed', outcome.text


# The reports of tests that fail.

def test_the_report_of_a_failure_has_the_traffic(run):
    outcome = run('''
def test_it(http_server):
    http_server.enqueue({'response_status': 201, 'response_json': {'id': 7}},
                        b'x' * 300, {'response_fault': 'disconnect'})
    http_server.route('GET', '/users/{id}', response_headers={'ETag': '"1"'})
    ask(http_server, 'POST', '/users?page=2', 'Content-Type: application/json',
        body=b'{"name": "Ada"}')
    ask(http_server, 'GET', '/users/7', 'Authorization: Bearer abc', 'Accept: */*')
    ask(http_server, 'GET', '/large')
    with pytest.raises(Exception):
        ask(http_server, 'GET', '/gone')
    http_server.route('GET', '/users/{id}').enqueue(b'\\x00\\xff')
    ask(http_server, 'GET', '/users/7')
    ask(http_server, 'GET', '/users')
    assert False
''')
    assert outcome.counts == '1 failed', outcome.text
    assert outcome.has('''\
*- httptestserver -*
http://127.0.0.1:* received 6:
  [0] POST /users?page=2 (15 bytes) -> 201 from the queue
      > Content-Type: application/json
      > {"name": "Ada"}
      < Content-Type: application/json
      < {"id": 7}
  [1] GET /users/7 -> 200 from <Route GET /users/{id}>
      > Authorization: Bearer abc
      < ETag: "1"
  [2] GET /large -> 200 from the queue
      < %s
      < ... (300 B)
  [3] GET /gone -> disconnect at response from the queue
  [4] GET /users/7 -> 200 from the queue of <Route GET /users/{id}>
      < '\\x00\\xff'
  [5] GET /users -> 404, no route matches
no route matches GET /users''' % (200 * 'x')), outcome.text


def test_a_report_shows_the_beginning_of_large_content(run):
    outcome = run('''
def test_it(http_server):
    for content in (b'a', b'aa', b'aaa', b'aaaa', b'\\xff'):
        http_server.enqueue(content + u'\\U0001f600'.encode('utf-8') * 1000000)
        ask(http_server)
    assert False
''')
    assert outcome.text.count('      < ... (40000') == 4, outcome.text
    assert outcome.text.count("      < '\\xff\\xf0") == 1, outcome.text


def test_a_verbose_report_has_all_header_fields(run):
    sample = '''
def test_it(http_server):
    ask(http_server, 'GET', '/', 'User-Agent: agent', 'Accept: */*')
    assert False
'''
    for option in ('-v', '-vv'):
        outcome = run(sample, option)
        shown = [outcome.has(line) for line in (
            '      > Host: *', '      > User-Agent: agent', '      > Accept: *',
            '      < Server: *', '      < Date: *', '      < Content-Length: 0')]
        assert shown == 6 * [option == '-vv'], outcome.text


def test_the_report_of_a_failure_says_what_was_wrong(run):
    outcome = run('''
import socket

def test_it(http_server, https_server):
    http_server.route('GET', '/users')
    ask(http_server, 'GET', '/user')
    client = socket.create_connection((https_server.host, https_server.port), 20)
    client.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n')
    while client.recv(1000):
        pass
    client.close()
    assert False
''')
    assert outcome.counts == '1 failed', outcome.text
    assert outcome.has('''\
*- httptestserver -*
http://127.0.0.1:* received 1:
  [0] GET /user -> 404, no route matches
no route matches GET /user
nearest route: GET /users
  path: expected /users, got /user
*- httptestserver -*
https://127.0.0.1:* received 0:
  failure on connection 0 from 127.0.0.1:*: plain HTTP, but this server speaks TLS'''), outcome.text
    assert outcome.text.count('nearest route') == 1


def test_the_report_in_the_documentation_is_a_real_one(run):
    outcome = run('''
import socket

def test_it(http_server):
    http_server.route('GET', '/users/{id}').enqueue(503, response_headers={'Retry-After': '1'})
    http_server.route('POST', '/users', response_status=201,
                      response_headers={'Location': '/users/7'})
    ask(http_server, 'POST', '/users', 'Content-Type: application/json',
        body=b'{"name": "Ada"}')
    ask(http_server, 'GET', '/users/7')
    ask(http_server, 'GET', '/user/7')
    client = socket.create_connection((http_server.host, http_server.port))
    client.sendall(b'GET /a b HTTP/1.1\\r\\n\\r\\n')
    http_server.wait_failure()
    client.close()
    assert False
''')
    with io.open(os.path.join(TESTS, 'examples', 'report.txt'), encoding='utf-8') as shown:
        expected = shown.read().partition('\n')[2]
    for port in '41234', '52526', 'connection 1':
        expected = expected.replace(port, '*')
    assert outcome.has(expected.rstrip()), outcome.text


def test_a_report_shows_the_newest_of_many_requests(run):
    outcome = run('''
def test_it(http_server):
    for number in range(53):
        ask(http_server, 'GET', '/%d' % number)
    assert False
''')
    assert outcome.has('''\
http://127.0.0.1:* received 53:
  ... 3 older ones
  [3] GET /3 -> 200
  [4] GET /4 -> 200'''), outcome.text
    assert outcome.has('  [52] GET /52 -> 200')
    assert 'GET /2 ' not in outcome.text


def test_a_failure_before_and_after_the_test_has_the_traffic_too(run):
    outcome = run('''
@pytest.fixture
def before(http_server):
    ask(http_server, 'GET', '/before')
    raise ValueError

@pytest.fixture
def after(http_server):
    yield
    ask(http_server, 'GET', '/after')
    raise ValueError

def test_before(before):
    pass

def test_after(after):
    pass
''')
    assert re.match('1 passed, 2 error', outcome.counts), outcome.text
    assert outcome.has('  [0] GET /before -> 200')
    assert outcome.has('  [0] GET /after -> 200')


def test_only_failures_have_the_traffic(run):
    outcome = run('''
def test_passed(http_server):
    ask(http_server)

def test_skipped(http_server):
    ask(http_server)
    pytest.skip('so')

@pytest.mark.xfail
def test_expected(http_server):
    ask(http_server)
    assert False

def test_failed():
    assert False
''', '-rA')
    assert outcome.status == 1
    assert 'httptestserver -' not in outcome.text


def test_a_handler_that_records_otherwise_spoils_no_report(run):
    outcome = run('''
from httptestserver import Handler

class Own(Handler):
    state = {'of': 'its own'}

@pytest.mark.httptestserver(handler=Own)
def test_it(http_server):
    ask(http_server)
    assert False
''')
    assert outcome.status == 1
    assert 'INTERNALERROR' not in outcome.text
    assert 'its traffic cannot be shown: KeyError: ' in outcome.text, outcome.text


def test_requests_with_a_strange_time_are_shown_in_their_test(run):
    outcome = run('''
from httptestserver import Handler, http_server as serve

class Own(Handler):
    @property
    def state(self):
        return dict(Handler.state.fget(self), time=None)

servers = []

def test_it():
    with serve(handler=Own) as server:
        servers.append(server)
        ask(server)
        assert False

def test_later():
    assert False
''')
    assert outcome.counts == '2 failed', outcome.text
    assert outcome.text.count('  [0] GET / -> 200') == 1, outcome.text


@pytest.mark.parametrize('statement, text', [
    ('raise AssertionError', 'check failed: AssertionError: '),
    ("raise KeyError('own')", "check failed: KeyError: 'own'"),
    ("pytest.fail('own')", 'check failed: Failed: own'),
])
def test_a_check_of_ones_own_may_raise_anything(run, statement, text):
    outcome = run('''
from httptestserver import HttpServerTest, Server

class Own(Server):
    def check(self):
        %s

class TestOwn(HttpServerTest):
    @classmethod
    def setupClass(cls):
        cls.server = Own('127.0.0.1', 0).start()

    def teardown_method(self):
        pass

    def test_failed(self):
        assert False

    def test_passed(self):
        pass
''' % statement)
    assert outcome.counts == '2 failed', outcome.text
    assert outcome.text.count('\n%s\n' % text.strip()) == 2, outcome.text


def test_a_class_whose_server_is_none_spoils_no_report(run):
    outcome = run('''
from httptestserver import HttpServerTest

class TestOwn(HttpServerTest):
    server = 'http://127.0.0.1/'

    def test_it(self):
        pass
''')
    assert re.match('[12] error', outcome.counts), outcome.text
    assert "'http://127.0.0.1/': its traffic cannot be shown: AttributeError" in outcome.text


def test_a_report_has_the_traffic_without_the_terminal(testdir, request):
    write_sample(testdir, '''
def test_it(http_server):
    ask(http_server, 'GET', '/one')
    assert False
''')
    # The settings of these tests have options that only the terminal reporter knows.
    testdir.makeini('[pytest]')
    result = testdir.inline_run('-p', 'no:terminal', *inner_pytest(request.config) + OPTIONS)
    sections = [section for report in result.getreports('pytest_runtest_logreport')
                for section in report.sections]
    assert [name for name, _ in sections] == ['httptestserver']
    assert '[0] GET /one -> 200' in sections[0][1]


def test_a_report_can_be_encoded(testdir, request):
    write_sample(testdir, '''
def fail(request):
    raise ValueError(u'caf\\udc80')

@pytest.mark.parametrize('number', range(2))
def test_it(http_server, number):
    http_server.data['response_callback'] = fail
    ask(http_server)
    assert number
''')
    result = testdir.inline_run('-p', 'no:logging', *inner_pytest(request.config) + OPTIONS)
    reports = result.getreports('pytest_runtest_logreport')
    texts = [report.longreprtext for report in reports if report.failed]
    texts += [text for report in reports for _, text in report.sections]
    assert len(texts) == 4 and u'caf' in texts[0] + texts[1]
    for text in texts:
        text.encode('utf-8')


def test_a_report_has_only_characters_that_the_terminal_can_show(testdir, request, monkeypatch):
    class Terminal(object):
        encoding = 'iso-8859-1'

    write_sample(testdir, '''
def test_it(http_server):
    http_server.data['response_content'] = u'caf\\u00e9 \\u20ac'.encode('utf-8')
    ask(http_server)
    assert False
''')
    monkeypatch.setattr(sys, '__stdout__', Terminal())
    result = testdir.inline_run(*inner_pytest(request.config) + OPTIONS)
    text, = [text for report in result.getreports('pytest_runtest_logreport')
             for name, text in report.sections if name == 'httptestserver']
    assert text.endswith(u'\n      < caf\u00e9 \\u20ac'), text


def test_text_that_is_not_ascii_is_shown(run):
    outcome = run('''
def fail(request):
    raise ValueError(u'caf\\u00e9'.encode('utf-8') if bytes is str else u'caf\\u00e9')

def test_it(http_server):
    http_server.data['response_callback'] = fail
    ask(http_server)
    assert False
''', '-p', 'no:logging')
    assert outcome.counts == '1 failed', outcome.text
    assert len(re.findall('^ValueError: caf', outcome.text, re.MULTILINE)) == 1, outcome.text


def test_a_body_that_was_not_kept_is_shown_with_its_size(run):
    outcome = run('''
from httptestserver import HttpServerTest, start_server

class TestOwn(HttpServerTest):
    @classmethod
    def setupClass(cls):
        cls.server = start_server(body_limit=3)

    def test_it(self):
        ask(self.server, 'POST', '/', body=b'abcdef')
        assert False
''')
    assert outcome.has('      > abc\n      > ... (6 bytes)'), outcome.text


def test_a_test_case_whose_check_fails_has_that_text_once(run):
    outcome = run('''
import unittest
from httptestserver import HttpServerTest

class TestCase(HttpServerTest, unittest.TestCase):
    def test_it(self):
        self.server.route('GET', '/users')
        ask(self.server, 'GET', '/user')
''')
    assert outcome.counts == '1 failed', outcome.text
    assert outcome.text.count('no route matches GET /user') == 1
    assert outcome.has('  [0] GET /user -> 404, no route matches')


def test_wrong_check_options_are_an_error_of_the_test(run):
    outcome = run('''
from httptestserver import HttpServerTest

class TestPlain(HttpServerTest):
    check_options = {'unservd': True}

    def test_it(self):
        pass
''')
    assert 'INTERNALERROR' not in outcome.text and outcome.status == 1
    assert outcome.counts == '1 error', outcome.text
    assert outcome.has('E *ValueError: unservd is not a key of check_options of TestPlain; *')


def test_a_failed_test_shows_the_queue_that_a_route_stands_before(run):
    outcome = run('''
def test_left(http_server):
    http_server.route('GET', '/tea')
    http_server.enqueue(503)
    assert ask(http_server, 'GET', '/tea').status == 503

@pytest.mark.httptestserver(check={'unserved': True, 'unrequested': True})
def test_checked(http_server):
    http_server.route('GET', '/milk')
    http_server.enqueue(503)
    assert ask(http_server, 'GET', '/milk').status == 503

def test_other(http_server):
    http_server.enqueue(503)
    ask(http_server, 'GET', '/coffee')
    http_server.enqueue(503)
    assert False

def test_passed(http_server):
    http_server.route('GET', '/tea')
    http_server.enqueue(503)
    ask(http_server, 'GET', '/tea')
''')
    assert outcome.counts == '3 failed, 1 passed', outcome.text
    for path in 'tea', 'milk':
        assert outcome.has(
            '  [[]0] GET /{0} -> 200 from <Route GET /{0}>\n'
            '1 queued response of <Server *> was not used:\n'
            "  {{'response_status': 503}}\n"
            '  routes come before this queue, and served:\n'
            '    [[]0] GET /{0} -> 200 from <Route GET /{0}>'.format(path).replace('[[]', '['))
    assert outcome.text.count('queued response') == 2


def test_a_failed_test_shows_the_route_that_a_less_exact_one_hides(run):
    outcome = run('''
def test_hidden(http_server):
    http_server.route('GET', '/users/7')
    http_server.route('GET', '/users/{id}', response_status=404)
    assert ask(http_server, 'GET', '/users/7').status == 200

@pytest.mark.httptestserver(check={'unrequested': True})
def test_checked(http_server):
    test_hidden(http_server)

def test_exception(http_server):
    http_server.route('GET', '/users/{id}')
    http_server.route('GET', '/users/7', response_status=404)
    assert ask(http_server, 'GET', '/users/7').status == 200
''')
    assert outcome.counts == '3 failed', outcome.text
    assert outcome.text.count('no request came to <Route GET /users/7>\n'
                              '  a newer route came first for requests') == 2
    assert outcome.text.count('no request came') == 2


# Each failure is reported once.

UNMATCHED = '''
    server.route('GET', '/users')
    ask(server, 'GET', '/user')
'''


@pytest.mark.parametrize('counts, sample', [
    ('1 failed', 'def test_it(http_server):\n    server = http_server%s    assert False\n'),
    ('1 failed', '''
@pytest.fixture
def server():
    with start_server() as server:
        yield server
        server.check()

def test_it(server):%s    assert False
'''),
    ('1 failed', '''
@pytest.fixture
def server():
    with serve(check=True) as server:
        yield server

def test_it(server):%s    assert False
'''),
    ('1 failed', '''
@pytest.fixture
def server():
    with serve(check={'unserved': True}) as server:
        yield server

def test_it(server):%s    server.enqueue(503)
    assert False
'''),
    ('1 error', '''
@pytest.fixture
def broken(http_server):
    server = http_server%s
    raise ValueError

def test_it(broken):
    pass
'''),
    ('1 failed', '''
class TestPlain(HttpServerTest):
    def test_it(self):
        server = self.server%s
        assert False
'''),
    ('1 failed', '''
class TestCase(HttpServerTest, unittest.TestCase):
    def test_it(self):
        server = self.server%s
        assert False
'''),
])
def test_what_was_wrong_is_a_section_of_the_report_of_a_failure(run, counts, sample):
    indent = '    ' if 'class' in sample else ''
    outcome = run('''
import unittest
from httptestserver import HttpServerTest, http_server as serve, start_server
''' + sample % UNMATCHED.replace('\n    ', '\n    ' + indent))
    assert outcome.counts == counts, outcome.text
    assert outcome.text.count('no route matches GET /user\n') == 1, outcome.text
    assert outcome.text.count('[0] GET /user -> 404, no route matches') == 1, outcome.text


CHECKED_TWICE = '''
@pytest.fixture(params=['http', 'https'])
def server(request):
    server = request.getfixturevalue(request.param + '_server')
    yield server
    server.check()

@pytest.fixture
def both(http_server, https_server):
    yield http_server, https_server

@pytest.fixture
def first(both):
    yield
    both[0].check()

@pytest.fixture
def second(both):
    yield
    both[1].check()

def send(server, path='/user'):
    server.route('GET', '/users')
    ask(server, 'GET', path)
'''


@pytest.mark.parametrize('body, counts', [
    ('server):\n    send(server)\n', '2 failed'),
    ('both, first, second):\n    send(both[0], "/1")\n    send(both[1], "/2")\n', '1 failed'),
    ('both, first, second):\n    send(both[0])\n    send(both[1])\n    assert 0', '1 failed'),
])
def test_checks_of_the_users_own_report_nothing_again(run, body, counts):
    outcome = run(CHECKED_TWICE + 'def test_it(' + body)
    assert outcome.counts == counts, outcome.text
    expected = run(CHECKED_TWICE + '@pytest.mark.xfail(strict=False)\ndef test_it(' + body)
    assert expected.counts == counts.replace('failed', 'xfailed'), expected.text


def test_the_debugger_starts_once_for_each_failure(run, testdir):
    # As --pdb does.
    testdir.makeconftest('''
def pytest_exception_interact(node, call, report):
    print('debugging %s' % report.longrepr)
''')
    outcome = run(CHECKED_TWICE + '''
def test_it(server):
    send(server)
    assert 0
''', '-s')
    assert outcome.counts == '2 failed', outcome.text
    assert outcome.text.count('debugging ') == 2, outcome.text


def test_what_was_shown_of_one_server_is_not_forgotten_for_another(run):
    outcome = run(CHECKED_TWICE + '''
@pytest.fixture
def later(both):
    yield
    send(both[1])

def test_it(both, later):
    send(both[0])
    assert 0
''')
    assert outcome.counts.startswith('1 failed, 1 error'), outcome.text


def test_a_test_that_fails_as_expected_has_a_section_only_if_something_was_wrong(testdir, request):
    write_sample(testdir, '''
@pytest.mark.xfail
def test_wrong(http_server):
    http_server.route('GET', '/users')
    ask(http_server, 'GET', '/user')
    assert False

@pytest.mark.xfail
def test_right(http_server):
    ask(http_server)
    assert False
''')
    result = testdir.inline_run(*inner_pytest(request.config) + OPTIONS)
    wrong, right = [report for report in result.getreports('pytest_runtest_logreport')
                    if report.when == 'call']
    assert result.countoutcomes() == [0, 2, 0]
    assert 'no route matches GET /user' in dict(wrong.sections)['httptestserver']
    assert 'httptestserver' not in dict(right.sections)


def test_a_failure_after_the_body_is_reported_beside_that_of_the_body(run):
    outcome = run('''
@pytest.fixture
def after(http_server):
    yield
    ask(http_server, 'GET', '/after')

def test_it(http_server, after):
    http_server.route('GET', '/users')
    ask(http_server, 'GET', '/user')
''')
    assert outcome.counts.startswith('1 failed, 1 error'), outcome.text
    failed = outcome.text.partition('FAILURES')[2]
    assert '/after' not in failed and 'no route matches GET /user\n' in failed


def test_the_recipe_of_a_server_for_a_session_reports_each_failure_once(run, testdir):
    recipe = os.path.join(TESTS, 'examples', 'session_servers', 'conftest.py')
    with io.open(recipe, encoding='utf-8') as source:
        testdir.makeconftest(source.read())
    outcome = run('''
def test_failed(service):
    service.route('GET', '/users')
    ask(service, 'GET', '/user')
    assert False

def test_passed(service):
    assert service.history == []

def test_unmatched(service):
    service.route('GET', '/users')
    ask(service, 'GET', '/other')
''')
    assert re.match('1 failed, 2 passed, 1 error', outcome.counts), outcome.text
    assert outcome.text.count('no route matches GET /user\n') == 1, outcome.text
    failed = outcome.text.partition('FAILURES')[2]
    assert failed.count('[0] GET /user -> 404, no route matches') == 1
    assert '/other' not in failed


# Tracebacks.

EACH_CALL_RAISES = '''
from httptestserver import HttpServerTest, http_server as serve, start_server

CALLS = [
    lambda server: server.wait(timeout=0.01),
    lambda server: server.take_request(timeout=0.01),
    lambda server: server.wait_failure(timeout=0.01),
    lambda server: server.assert_requested('GET', '/'),
    lambda server: [ask(server), server.assert_not_requested()],
    lambda server: [server.route('GET', '/a'), ask(server), server.check()],
    lambda server: server.route('GET', '/a').wait(timeout=0.01),
    lambda server: server.route(pth='/a'),
    lambda server: server.route('GET', 7),
    lambda server: server.wait(pth='/a'),
    lambda server: server.enqueue(),
    lambda server: server.enqueue(None),
    lambda server: server.enqueue(response_staus=404),
    lambda server: server.data.update(response_staus=404),
    lambda server: server.data.__setitem__('response_status', '404'),
    lambda server: server.data.setdefault('response_status', '404'),
    lambda server: [ask(server), server.history[0].json()],
    lambda server: serve(check=1),
    lambda server: start_server(body_limit=-1),
    lambda server: HttpServerTest().server,
    lambda server: Mixed().url(7),
    lambda server: Mixed().default_url,
]


class Mixed(HttpServerTest):
    server = start_server()
    server.stop()
    default_path = None



def block():
    with serve(check=True) as server:
        server.route('GET', '/a')
        ask(server)

CALLS.append(lambda server: block())


@pytest.mark.httptestserver(check=False)
@pytest.mark.parametrize('number', range(len(CALLS)))
def test_it(http_server, number):
    CALLS[number](http_server)


def test_factory(make_http_server):
    make_http_server(check=1)
'''


@thorough
def test_a_traceback_ends_in_the_line_of_the_test(testdir, request):
    write_sample(testdir, EACH_CALL_RAISES)
    ends = []
    # A few show that the option is what makes the difference: to show all would take seconds.
    few = [OPTIONS[-1] + '::' + name for name in ('test_it[0]', 'test_it[5]', 'test_factory')]
    for options in (OPTIONS, OPTIONS[:-1] + few + ['--full-trace']):
        result = testdir.inline_run(*inner_pytest(request.config) + options)
        reports = [report for report in result.getreports('pytest_runtest_logreport')
                   if report.when == 'call']
        assert [report.outcome for report in reports] == len(reports) * ['failed']
        lasts = [report.longrepr.reprtraceback.reprentries[-1] for report in reports]
        ends.append([os.path.basename(str(last.reprfileloc.path)) for last in lasts])
    assert len(ends[0]) > 20 and set(ends[0]) == {'test_sample.py'}, ends[0]
    assert len(ends[1]) == 3
    # Old releases of pytest hide the lines of this package with that option, too.
    if hasattr(pytest, 'version_tuple'):
        assert 'test_sample.py' not in ends[1]


@pytest.mark.skipif(getattr(pytest, 'version_tuple', ()) < (7, 1),
                    reason='--tb=line shows the text only, or nothing')
def test_a_check_that_fails_is_at_the_line_of_the_test(run):
    outcome = run('''
def test_it(http_server):
    http_server.route('GET', '/users')
    ask(http_server, 'GET', '/user')
''', '--tb=line')
    assert outcome.has('*test_sample.py:5: Failed: no route matches GET /user'), outcome.text
    assert 'pytest_plugin.py' not in outcome.text


# Every server of a test.

def test_a_report_shows_each_server_of_the_test(run):
    outcome = run('''
from httptestserver import http_server as serve, https_server as serve_tls, start_server

@pytest.fixture
def own():
    server = start_server()
    yield server
    server.stop()

@pytest.fixture(scope='module')
def older():
    with serve() as server:
        ask(server, 'GET', '/older')
        yield server

def test_before(older):
    ask(older, 'GET', '/before')

def test_unused(older):
    assert 0

def test_it(older, own, http_server, make_http_server, make_https_server):
    for number, server in enumerate([
            older, own, http_server, make_http_server(), make_http_server(), make_https_server()]):
        ask(server, 'GET', '/%d' % number)
    with serve_tls() as server:
        ask(server, 'GET', '/block')
    with serve() as server:
        assert 0
''')
    unused, _, failed = outcome.text.partition('FAILURES')[2].partition('_ test_it _')
    assert 'httptestserver -' not in unused
    assert failed.count('httptestserver -') == 8, outcome.text
    for path in ('/0', '/1', '/2', '/3', '/4', '/5', '/block'):
        assert failed.count(' GET %s -> 200' % path) == 1, outcome.text
    assert re.search('http://[0-9.:]+/ received 3:\n  ... 2 older ones\n  .2. GET /0', failed)
    assert re.search('http://[0-9.:]+/ received 0:\n', failed)


# Options.

@each_fixture
def test_a_factory_starts_servers_with_options_and_stops_them(run, scheme):
    outcome = run('''
servers = []

def test_it(make_%(scheme)s_server):
    servers.extend([make_%(scheme)s_server(), make_%(scheme)s_server(history_limit=1)])
    for server in servers:
        assert server.scheme == '%(scheme)s'
        ask(server, 'GET', '/1')
        ask(server, 'GET', '/2')
    assert [len(server.history) for server in servers] == [2, 1]

def test_stopped():
    for server in servers:
        with pytest.raises(EnvironmentError):
            ask(server)

def test_wrong(make_%(scheme)s_server):
    make_%(scheme)s_server()
    server = make_%(scheme)s_server()
    server.route('GET', '/users')
    ask(server, 'GET', '/user')

def test_not_checked(make_%(scheme)s_server):
    server = make_%(scheme)s_server(check=False)
    server.route('GET', '/users')
    ask(server, 'GET', '/user')

def test_unserved(make_%(scheme)s_server):
    make_%(scheme)s_server(check={'unserved': True}).enqueue(503)
''' % {'scheme': scheme})
    assert outcome.counts == '2 failed, 3 passed', outcome.text
    assert 'no route matches GET /user' in outcome.text
    assert outcome.has('1 queued response of <Server * was not used:*')


def test_the_nearest_marker_has_the_options_of_the_fixtures(run):
    outcome = run('''
pytestmark = pytest.mark.httptestserver(history_limit=3, check={'unserved': True})

def limit(server):
    for _ in range(5):
        ask(server)
    return len(server.history)

def test_module(http_server, https_server, make_http_server):
    assert limit(http_server) == limit(https_server) == limit(make_http_server()) == 3
    assert limit(make_http_server(history_limit=4)) == 4

@pytest.mark.httptestserver(history_limit=2)
class TestClass(object):
    def test_class(self, http_server):
        assert limit(http_server) == 2

    @pytest.mark.httptestserver(history_limit=1, check=False)
    def test_function(self, http_server):
        http_server.enqueue(503, response_times=6)
        assert limit(http_server) == 1

    @pytest.mark.httptestserver(history_limit=None)
    def test_unserved(self, http_server):
        http_server.enqueue(503, response_times=6)
        assert limit(http_server) == 5
''')
    assert outcome.counts == '1 failed, 3 passed', outcome.text
    assert outcome.has('1 queued response of <Server * was not used:*')


def test_each_check_takes_routes_that_nobody_asked_for(run):
    outcome = run('''
@pytest.mark.httptestserver(check={'unrequested': True})
def test_marker(http_server):
    http_server.route('GET', '/marker')

def test_factory(make_https_server):
    make_https_server(check={'unrequested': True}).route('GET', '/factory')

def test_default(http_server):
    http_server.route('GET', '/default')

def test_count(http_server):
    http_server.route('GET', '/count', count=1)
''')
    assert outcome.counts == '3 failed, 1 passed', outcome.text
    for name in ('marker', 'factory'):
        assert outcome.has('no request came to <Route GET /%s>' % name)
    assert outcome.has('expected 1 request to <Route GET /count>, got 0')


def test_a_marker_with_options_for_https_may_be_on_tests_of_both(run):
    outcome = run('''
pytestmark = pytest.mark.httptestserver(client_cert='optional', client_cafile=%r)

def test_both(http_server, https_server):
    assert [ask(server).status for server in (http_server, https_server)] == [200, 200]
''' % server.tls.CAFILE)
    assert outcome.counts == '1 passed', outcome.text


@pytest.mark.parametrize('marker, message', [
    ("'127.0.0.1'", "TypeError: @pytest.mark.httptestserver takes keywords, got '127.0.0.1'"),
    ('check=1', 'TypeError: check is True, False or a dict of keywords of Server.check, '
                'got 1 (int)'),
    ("check={'unservd': True}", 'ValueError: unservd is not a keyword of *'),
    ('histry_limit=3', 'TypeError: histry_limit is not a keyword of @pytest.mark.httptestserver(); '
                       'did you mean history_limit? *'),
    ('tls=True', 'TypeError: tls is not a keyword of @pytest.mark.httptestserver(); did you mean '
                 'the fixture https_server? *'),
])
def test_a_wrong_marker_is_an_error_of_the_test(run, marker, message):
    outcome = run('''
@pytest.mark.httptestserver(%s)
def test_it(http_server):
    pass
''' % marker, '--strict-markers' if hasattr(pytest, 'version_tuple') else '--strict')
    assert outcome.counts.startswith('1 error'), outcome.text
    assert outcome.has('E  *' + message), outcome.text


def test_a_wrong_option_of_a_factory_names_it(run):
    outcome = run('''
def test_http(make_http_server):
    make_http_server(ssl=True)

def test_https(make_https_server):
    make_https_server(histry_limit=3)
''')
    assert outcome.has('E  *TypeError: ssl is not a keyword of make_http_server(); did you mean '
                       'make_https_server()? *'), outcome.text
    assert outcome.has('E  *TypeError: histry_limit is not a keyword of make_https_server(); did '
                       'you mean history_limit? *'), outcome.text


def test_pytest_lists_the_marker(testdir, request):
    result = testdir.runpytest_inprocess('--markers', *inner_pytest(request.config))
    assert '@pytest.mark.httptestserver(**options): ' in result.stdout.str()


# Classes with a mixin.

def test_a_class_with_a_mixin_has_its_traffic_in_a_report(run):
    outcome = run('''
import unittest
from httptestserver import HttpServerTest, HttpsServerTest

class TestPlain(HttpServerTest):
    def test_it(self):
        ask(self.server, 'GET', '/plain')
        assert False

class TestCase(HttpsServerTest, unittest.TestCase):
    def test_it(self):
        ask(self.server, 'GET', '/case')
        assert False
''')
    assert outcome.counts == '2 failed'
    assert outcome.has('  [0] GET /plain -> 200')
    assert outcome.has('  [0] GET /case -> 200')


def test_a_plain_class_with_a_mixin_is_checked_even_without_super(run):
    outcome = run('''
from httptestserver import HttpServerTest

class TestPlain(HttpServerTest):
    def teardown_method(self):
        pass

    def test_bad(self):
        self.server.route('GET', '/users')
        ask(self.server, 'GET', '/user')

    def test_good(self):
        ask(self.server, 'GET', '/user')
''')
    assert outcome.counts == '1 failed, 1 passed', outcome.text
    assert outcome.text.count('no route matches GET /user') == 1


def test_a_plain_class_with_a_mixin_is_reset_even_without_super(run):
    outcome = run('''
from httptestserver import HttpServerTest

class TestPlain(HttpServerTest):
    def setup_method(self):
        pass

    def test_bad(self):
        self.server.route('GET', '/users')
        ask(self.server, 'GET', '/user')

    def test_good(self):
        assert self.server.history == []
        assert ask(self.server, 'GET', '/user').status == 200
''')
    assert outcome.counts == '1 failed, 1 passed', outcome.text


def test_the_traceback_of_a_mixin_ends_in_its_line(run):
    outcome = run('''
import unittest
from httptestserver import HttpServerTest

class TestOptions(HttpServerTest):
    server_options = {'history_limt': 1}

    def test_it(self):
        pass

class TestCase(HttpServerTest, unittest.TestCase):
    def test_it(self):
        self.server.route('GET', '/users')
        ask(self.server, 'GET', '/user')
''')
    assert outcome.counts.startswith('1 failed, 1 error'), outcome.text
    assert outcome.has('> *cls._check_attributes()'), outcome.text
    assert outcome.has('E *TypeError: history_limt is not *')
    assert outcome.has('> *self.server.check(**self.check_options)\nE *AssertionError: *')
    assert 'def check(' not in outcome.text


@pytest.mark.skipif(sys.version_info < (3, 4), reason='unittest has no subtests')
def test_what_the_report_of_a_subtest_has_shown_is_not_reported_again(run):
    pytest.importorskip('_pytest.subtests')
    outcome = run('''
import unittest
from httptestserver import HttpServerTest

class TestCase(HttpServerTest, unittest.TestCase):
    def test_it(self):
        with self.subTest(number=1):
            self.server.route('GET', '/users')
            ask(self.server, 'GET', '/user')
            self.fail()

def test_it(subtests, http_server):
    with subtests.test(number=1):
        http_server.route('GET', '/users')
        ask(http_server, 'GET', '/user')
        assert False
''')
    assert outcome.status == 1
    assert outcome.text.count('no route matches GET /user\n') == 2, outcome.text


# Beside others.

def test_400_tests_of_4_processes_have_servers_of_their_own(run_process):
    pytest.importorskip('xdist')
    outcome = run_process('''
@pytest.mark.parametrize('number', range(200))
@pytest.mark.parametrize('scheme', ['http', 'https'])
def test_it(request, scheme, number):
    server = request.getfixturevalue(scheme + '_server')
    content = ('%s %d' % (scheme, number)).encode('ascii')
    server.data['response_content'] = content
    answers = [ask(server) for _ in range(3)]
    assert [(each.status, each.body) for each in answers] == 3 * [(200, content)]
    assert len(server.history) == 3
    assert (scheme, number) != ('https', 199)
''', '-n', '4')
    assert outcome.counts == '1 failed, 399 passed', outcome.text
    assert outcome.has("""\
  [2] GET / -> 200
      < https 199"""), outcome.text


@pytest.mark.parametrize('other, options', [
    ('pytest_httpserver', ['-p', 'no:localserver']),
    ('pytest_localserver', ['-p', 'no:pytest_httpserver']),
    # Beside both, if both are installed.
    ('pytest_httpserver', []),
])
def test_other_servers_may_be_installed_too(run, other, options):
    """pytest-httpserver and pytest-localserver both have a fixture `httpserver`."""
    pytest.importorskip(other)
    outcome = run('''
from six.moves import http_client

def test_all(httpserver, http_server, https_server):
    http_server.data['response_status'] = 201
    https_server.data['response_status'] = 202
    if hasattr(httpserver, 'expect_request'):
        httpserver.expect_request('/').respond_with_data('', 203)
    else:
        httpserver.serve_content('', 203)
    host, port = httpserver.url_for('').split('/')[2].split(':') if hasattr(
        httpserver, 'url_for') else httpserver.server_address
    client = http_client.HTTPConnection(host, int(port), timeout=20)
    client.request('GET', '/')
    statuses = ask(http_server).status, ask(https_server).status, client.getresponse().status
    client.close()
    assert statuses == (201, 202, 203)
''', '-W', 'ignore::DeprecationWarning', *options)
    assert outcome.counts == '1 passed', outcome.text
