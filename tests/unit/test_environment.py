# -*- coding: utf-8 -*-
"""The variables that lead clients to a proxy, and how this process gets and loses them."""
import gc
import os
import stat
import sys
import threading

import pytest

try:
    from urllib import request
except ImportError:
    # Python 2, where no server is a proxy.
    request = None

from httptestserver.serving import environment
from httptestserver.serving.environment import Interception, replaced, variables
from support.marks import needs_fork
from support.processes import run

PROXY = 'http://127.0.0.1:4123'


@pytest.fixture(autouse=True)
def same_environment():
    """Fails a test that leaves another environment behind."""
    def variables():
        # pytest changes one itself.
        return {name: os.environ[name] for name in os.environ if name != 'PYTEST_CURRENT_TEST'}

    before = variables()
    yield
    assert variables() == before


@pytest.fixture
def cafile(tmpdir):
    authority = tmpdir.join('an authority.pem')
    authority.write('-----BEGIN CERTIFICATE-----\n')
    return str(authority)


def read(path):
    with open(path) as opened:
        return opened.read()


# What the variables are.


@pytest.mark.parametrize('name', ['ALL_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY', 'WS_PROXY',
                                  'WSS_PROXY'])
def test_these_name_the_proxy_in_both_cases(name, cafile):
    found = variables(PROXY, cafile)
    assert found[name] == found[name.lower()] == PROXY


@pytest.mark.parametrize('name', ['AWS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO',
                                  'NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'REQUESTS_CA_BUNDLE',
                                  'SSL_CERT_FILE'])
def test_these_name_the_authority(name, cafile):
    assert variables(PROXY, cafile)[name] == cafile


def test_no_host_is_without_the_proxy_unless_it_is_given(cafile):
    assert variables(PROXY, cafile)['NO_PROXY'] == variables(PROXY, cafile)['no_proxy'] == ''
    found = variables(PROXY, cafile, no_proxy='a.example,b.example')
    assert found['NO_PROXY'] == found['no_proxy'] == 'a.example,b.example'


def test_pip_and_node_look_at_the_others(cafile):
    found = variables(PROXY, cafile)
    assert (found['PIP_PROXY'], found['NODE_USE_ENV_PROXY']) == ('', '1')


def test_a_folder_has_the_authority_and_nothing_else(cafile):
    folder = variables(PROXY, cafile)['SSL_CERT_DIR']
    name, = os.listdir(folder)
    assert read(os.path.join(folder, name)) == read(cafile)


def test_wget_has_a_file_with_the_authority(cafile):
    assert read(variables(PROXY, cafile)['WGETRC']) == 'ca_certificate = %s\n' % cafile


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='names that no text has')
def test_the_path_may_have_bytes_that_are_no_text(tmpdir):
    folder = os.path.join(str(tmpdir).encode('ascii'), b'\xff')
    os.mkdir(folder)
    path = os.path.join(folder, b'ca.pem')
    with open(path, 'wb'):
        pass
    native = path if str is bytes else os.fsdecode(path)
    with open(variables(PROXY, native)['WGETRC'], 'rb') as opened:
        assert opened.read() == b'ca_certificate = ' + path + b'\n'


@pytest.mark.skipif(os.name != 'posix', reason='permissions of POSIX')
def test_all_users_can_read_the_files_and_nobody_else_can_write_them(cafile):
    mask = os.umask(0o077)
    try:
        found = variables(PROXY, cafile)
    finally:
        os.umask(mask)
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (
        os.path.dirname(found['WGETRC']), found['SSL_CERT_DIR'], found['WGETRC'],
        os.path.join(found['SSL_CERT_DIR'], 'ca.pem'))]
    assert modes == [0o755, 0o755, 0o644, 0o644]


def test_the_files_are_made_once_for_each_authority(cafile, tmpdir):
    other = tmpdir.join('other.pem')
    other.write('')
    names = ['WGETRC', 'SSL_CERT_DIR']
    first, again, others = [variables(PROXY, each) for each in (cafile, cafile, str(other))]
    assert [first[name] for name in names] == [again[name] for name in names]
    assert first['WGETRC'] != others['WGETRC'] and first['SSL_CERT_DIR'] != others['SSL_CERT_DIR']


def test_all_variables_are_known_by_name(cafile):
    assert {name.upper() for name in variables(PROXY, cafile)} == environment.NAMES


# An environment for a program.


def test_the_rest_of_a_base_is_kept():
    base = {'PATH': '/bin', 'HTTP_PROXY': 'http://other/'}
    assert replaced({'HTTP_PROXY': PROXY}, base) == {'PATH': '/bin', 'HTTP_PROXY': PROXY}
    assert base == {'PATH': '/bin', 'HTTP_PROXY': 'http://other/'}


def test_an_empty_base_stays_empty():
    assert replaced({'HTTP_PROXY': PROXY}, {}) == {'HTTP_PROXY': PROXY}


def test_the_base_is_that_of_this_process(monkeypatch):
    monkeypatch.setenv('ONE_OF_MINE', '1')
    monkeypatch.setenv('HTTP_PROXY', 'http://other/')
    found = replaced({'HTTP_PROXY': PROXY})
    assert type(found) is dict
    assert (found['ONE_OF_MINE'], found['HTTP_PROXY']) == ('1', PROXY)
    assert os.environ['HTTP_PROXY'] == 'http://other/'


def test_other_spellings_go_because_urllib_reads_any():
    assert replaced({}, {'Https_Proxy': 'http://other/', 'no_Proxy': '*'}) == {}


@pytest.mark.parametrize('base', ['PATH=/bin', ['PATH'], 7])
def test_another_base_is_refused(base):
    with pytest.raises(TypeError, match='base is None or a mapping'):
        replaced({}, base)


# This process.


@pytest.fixture
def process(monkeypatch):
    """Variables of this process: one has a value, two are not set."""
    monkeypatch.setenv('HTTP_PROXY', 'http://before/')
    for name in 'NO_PROXY', 'SSL_CERT_FILE':
        monkeypatch.delenv(name, raising=False)


def current(*names):
    return [os.environ.get(name) for name in names]


def test_what_was_set_is_restored_and_the_rest_is_removed(process):
    with Interception({'HTTP_PROXY': PROXY, 'SSL_CERT_FILE': 'a'}):
        assert current('HTTP_PROXY', 'SSL_CERT_FILE') == [PROXY, 'a']
    assert current('HTTP_PROXY', 'SSL_CERT_FILE') == ['http://before/', None]


def test_it_is_restored_after_an_exception(process):
    with pytest.raises(ZeroDivisionError):
        with Interception({'HTTP_PROXY': PROXY}):
            1 / 0
    assert current('HTTP_PROXY') == ['http://before/']


def test_what_the_block_itself_changes_is_restored(process):
    with Interception({'HTTP_PROXY': PROXY, 'SSL_CERT_FILE': 'a'}):
        os.environ['HTTP_PROXY'] = 'http://within/'
        del os.environ['SSL_CERT_FILE']
    assert current('HTTP_PROXY', 'SSL_CERT_FILE') == ['http://before/', None]


def test_other_variables_that_the_block_sets_stay(process, monkeypatch):
    monkeypatch.setenv('ONE_OF_MINE', '1')
    with Interception({'HTTP_PROXY': PROXY}):
        os.environ['ONE_OF_MINE'] = '2'
    assert current('ONE_OF_MINE') == ['2']


def test_other_spellings_go_and_come_back(process, monkeypatch):
    monkeypatch.setenv('No_Proxy', '*')
    with Interception({'NO_PROXY': ''}):
        assert current('No_Proxy') == ([''] if os.name == 'nt' else [None])
    assert current('No_Proxy') == ['*']


def test_a_block_within_another_restores_what_the_outer_one_set(process):
    with Interception({'HTTP_PROXY': 'http://outer/', 'NO_PROXY': ''}):
        with Interception({'HTTP_PROXY': 'http://inner/', 'NO_PROXY': 'a'}):
            assert current('HTTP_PROXY', 'NO_PROXY') == ['http://inner/', 'a']
        assert current('HTTP_PROXY', 'NO_PROXY') == ['http://outer/', '']
    assert current('HTTP_PROXY', 'NO_PROXY') == ['http://before/', None]


def test_one_object_may_be_used_within_itself(process):
    both = Interception({'HTTP_PROXY': PROXY})
    with both:
        with both:
            pass
        assert current('HTTP_PROXY') == [PROXY]
    assert current('HTTP_PROXY') == ['http://before/']


@pytest.mark.parametrize('order', ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
def test_those_that_overlap_end_in_any_order(order, process):
    blocks = {name: Interception({'HTTP_PROXY': name}) for name in 'abc'}
    for name in 'abc':
        blocks[name].__enter__()
    for index, name in enumerate(order):
        # The newest that has not ended is in force.
        assert current('HTTP_PROXY') == [max(order[index:])]
        blocks[name].__exit__(None, None, None)
    assert current('HTTP_PROXY') == ['http://before/']


def test_threads_that_overlap_leave_nothing_behind(process):
    def use():
        for _ in range(200):
            with Interception({'HTTP_PROXY': PROXY, 'NO_PROXY': ''}):
                assert current('HTTP_PROXY') == [PROXY]
            done.append(1)

    done = []
    threads = [threading.Thread(target=use) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(done) == 800
    assert current('HTTP_PROXY', 'NO_PROXY') == ['http://before/', None]


def test_nothing_is_set_if_one_value_cannot_be(process):
    values = dict(dict.fromkeys(environment.NAMES, PROXY), NO_PROXY='a\0b')
    with pytest.raises((ValueError, TypeError)):
        Interception(values).__enter__()
    assert current('HTTP_PROXY', 'NO_PROXY', 'SSL_CERT_FILE') == ['http://before/', None, None]


def test_without_a_block_a_warning_says_that_nothing_is_set(process):
    with pytest.warns(RuntimeWarning) as caught:
        Interception({'HTTP_PROXY': PROXY})
        # PyPy drops objects later.
        gc.collect()
    assert [str(each.message) for each in caught] == [
        'intercept() has no effect without a block; write: with server.intercept():']
    assert current('HTTP_PROXY') == ['http://before/']


# What urllib keeps.

python3 = pytest.mark.skipif(sys.version_info < (3,), reason='interception needs Python 3')


@pytest.fixture
def install():
    """A function that installs an opener for `urlopen`. The one of before is there at the end."""
    before = request._opener
    yield request.install_opener
    request.install_opener(before)


def proxies():
    """Return the proxies with which `urlopen` opens a URL."""
    seen = []
    make = request.OpenerDirector.open
    request.OpenerDirector.open = lambda self, *args: seen.append(self)
    try:
        request.urlopen('http://a.example/')
    finally:
        request.OpenerDirector.open = make
    return [each.proxies.get('http') for each in seen[0].handlers
            if isinstance(each, request.ProxyHandler)]


@python3
def test_urlopen_uses_the_variables_of_the_moment(process, install, monkeypatch):
    monkeypatch.delenv('http_proxy', raising=False)
    install(None)
    assert proxies() == ['http://before/']
    kept = request._opener
    with Interception({'HTTP_PROXY': PROXY}):
        assert proxies() == [PROXY]
        with Interception({'HTTP_PROXY': 'http://inner/'}):
            assert proxies() == ['http://inner/']
        assert proxies() == [PROXY]
    assert proxies() == ['http://before/']
    assert request._opener is kept


@python3
def test_urlopen_that_was_used_in_the_block_only_forgets_the_proxy(process, install, monkeypatch):
    monkeypatch.delenv('http_proxy', raising=False)
    install(None)
    with Interception({'HTTP_PROXY': PROXY}):
        assert proxies() == [PROXY]
    assert proxies() == ['http://before/']


@python3
def test_an_opener_of_user_code_stays(process, install):
    own = request.build_opener(request.HTTPCookieProcessor())
    install(own)
    with Interception({'HTTP_PROXY': PROXY}):
        assert request._opener is own
    assert request._opener is own


@python3
def test_urlopen_knows_no_proxy_of_blocks_that_end_in_another_order(process, install, monkeypatch):
    monkeypatch.delenv('http_proxy', raising=False)
    install(None)
    assert proxies() == ['http://before/']
    kept = request._opener
    first, second = Interception({'HTTP_PROXY': PROXY}), Interception({'HTTP_PROXY': 'http://b/'})
    first.__enter__()
    assert proxies() == [PROXY]
    second.__enter__()
    first.__exit__()
    assert proxies() == ['http://b/']
    second.__exit__()
    assert request._opener is kept


@python3
@pytest.mark.parametrize('before', [None, 'usual'])
def test_an_opener_that_the_block_installs_stays(process, install, before):
    install(before and request.build_opener())
    own = request.build_opener(request.HTTPCookieProcessor())
    with Interception({'HTTP_PROXY': PROXY}):
        install(own)
    assert request._opener is own


# Processes.


@python3
def test_the_files_are_gone_when_the_process_has_exited():
    output = run('''
        from httptestserver import tls
        from httptestserver.serving.environment import variables
        print(variables('http://a/', tls.CAFILE)['WGETRC'])
    ''')
    assert output.strip().endswith('wgetrc')
    assert not os.path.exists(os.path.dirname(output.strip()))


@python3
@needs_fork
def test_a_forked_child_leaves_the_files_to_its_parent():
    output = run('''
        import os, sys
        from httptestserver import tls
        from httptestserver.serving import environment
        found = environment.variables('http://a/', tls.CAFILE)
        child = os.fork()
        if not child:
            sys.exit()
        os.waitpid(child, 0)
        print(os.path.exists(found['WGETRC']), os.path.exists(found['SSL_CERT_DIR']))
    ''')
    assert output.split() == ['True', 'True']


@needs_fork
@pytest.mark.skipif(not hasattr(os, 'register_at_fork'), reason='the extra needs a newer Python')
def test_a_forked_child_waits_for_no_thread_of_its_parent():
    output = run('''
        import os, threading, warnings
        from httptestserver.serving import environment
        # Python warns of a fork beside threads.
        warnings.simplefilter('ignore')
        held, done = threading.Event(), threading.Event()
        def hold():
            with environment._process._lock:
                held.set()
                done.wait(30)
        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(30)
        child = os.fork()
        if not child:
            with environment.Interception({'HTTP_PROXY': 'http://a/'}):
                os._exit(os.environ['HTTP_PROXY'] != 'http://a/')
        status = os.waitpid(child, 0)[1]
        done.set()
        thread.join()
        print(status)
    ''')
    assert output.strip() == '0'
