# -*- coding: utf-8 -*-
"""Certificates for hosts. A client and a server meet in memory, without a socket."""
from __future__ import unicode_literals

import os
import ssl
import sys
import tempfile
import threading

import pytest

from httptestserver import tls
from httptestserver.serving import authority
from support.marks import needs_extra, needs_fork
from support.processes import run

LONG = '.'.join(['a' * 60, 'b' * 60, 'example'])

#: What a client may send as a server name, or as the host of a CONNECT.
HOSTILE = ['', '.', '..', 'a..b', '.a', '-a.example', 'a' * 64 + '.example', 'a.' * 127 + 'bc',
           '*', '*.', '*.*', 'a b', 'a\nb', 'a\0b', 'a/b', 'a_b', 'ab--c',
           'a@b', '10.0.0.0/8', '[::1]', 'a:443',
           'fe80::1%lo', 'xn--', 'xn--a', '\ud7ff', '\u2603.example']


def met(context, name, cafile=None):
    """Let a client that verifies *name* meet a server with *context*. Returns both ends."""
    trusting = tls.client_context(cafile or authority.cafile())
    there, here = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(there, here, server_side=True)
    client = trusting.wrap_bio(here, there, server_hostname=name)
    for end in (client, server, client, server, client):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
    assert client.version() and server.version()
    return client, server


@needs_extra
@pytest.mark.parametrize('name', [
    'api.example.com', 'API.Example.COM', 'api.example.com.', 'b\xfccher.example', '10.0.0.7',
    '2001:db8::7', 'localhost', 'com', '127.0.0.1', LONG])
def test_a_client_that_trusts_the_file_verifies_any_host(name):
    met(authority.server_context(name), name.rstrip('.'))


@needs_extra
@pytest.mark.parametrize('name', ['other.example', 'x.api.example', 'example', '10.0.0.7'])
def test_the_certificate_is_for_no_other_host(name):
    context = authority.new_context([authority.normal('api.example')])
    met(context, 'api.example')
    with pytest.raises(ssl.SSLError) as caught:
        met(context, name)
    assert 'mismatch' in str(caught.value) or 'not valid for' in str(caught.value)


@needs_extra
def test_a_client_that_does_not_trust_the_file_refuses_the_server():
    with pytest.raises(ssl.SSLError) as caught:
        met(authority.server_context('api.example'), 'api.example', tls.CAFILE)
    assert 'CERTIFICATE_VERIFY_FAILED' in str(caught.value)


@needs_extra
def test_the_server_name_of_the_client_chooses_the_certificate():
    context = authority.server_context('one.example')
    _, server = met(context, 'two.example')
    assert server.sni == 'two.example'
    assert server.context is authority.server_context('two.example')
    _, server = met(context, 'one.example')
    assert server.sni == 'one.example'
    assert server.context is context


@needs_extra
def test_other_names_are_in_each_certificate():
    context = authority.server_context('one.example', authority.LOOPBACK)
    met(context, '127.0.0.1')
    assert met(context, 'two.example')[1].context is authority.server_context(
        'two.example', authority.LOOPBACK)


@needs_extra
@pytest.mark.parametrize('name', HOSTILE)
def test_a_name_that_no_certificate_can_have_is_refused_by_the_client_alone(name):
    assert authority.normal(name) is None
    assert authority.server_context(name) is authority.server_context('localhost')


@needs_extra
@pytest.mark.parametrize('name', [None] + HOSTILE)
def test_for_a_hostile_server_name_no_certificate_is_looked_for(name):
    found = []
    assert authority.choose(found.append, name) is None
    assert found == []


@needs_extra
@pytest.mark.parametrize('name', ['One.Example.', 'one.example'])
def test_the_certificate_is_looked_for_by_the_normal_name(name):
    assert authority.choose(lambda name: [name], name) == ['one.example']


@needs_extra
def test_an_error_while_a_certificate_is_made_keeps_that_of_the_connection():
    assert authority.choose(lambda name: 1 / 0, 'one.example') is None


@needs_extra
def test_a_server_name_that_is_a_wildcard_gets_no_certificate():
    _, server = met(authority.server_context('*.example'), 'one.example')
    assert server.context is authority.server_context('one.example')
    assert authority.normal('*.example') == '*.example'
    with pytest.raises(ssl.SSLError):
        met(authority.server_context('one.example'), '*.example')


HOSTS = ('one.example', 'two.example', '*.three.example', '10.0.0.7', 'x.three.example')


@needs_extra
@pytest.mark.parametrize('name, certified', [
    ('one.example', 'one.example'), ('two.example', 'two.example'),
    ('a.three.example', '*.three.example'), ('x.three.example', 'x.three.example'),
    ('10.0.0.7', 'one.example'), ('127.0.0.1', 'one.example'), ('::1', 'one.example'),
    ('localhost', 'one.example')])
def test_each_of_several_hosts_has_a_certificate_of_its_own(name, certified):
    context = authority.hosts_context(HOSTS)
    client, _ = met(context, name)
    names = client.getpeercert()['subjectAltName']
    assert [name for kind, name in names if kind == 'DNS'] == [certified, 'localhost']
    # OpenSSL writes the zeros of ::1 in the form of its own.
    assert [name for kind, name in names if kind == 'IP Address'][:2] == ['10.0.0.7', '127.0.0.1']
    assert len(names) == 5
    assert context is authority.hosts_context(HOSTS)


@needs_extra
@pytest.mark.parametrize('hosts', [('x.w.example', '*.w.example'), ('*.w.example', 'x.w.example')])
def test_a_host_is_preferred_to_a_wildcard_in_any_order(hosts):
    context = authority.hosts_context(hosts)
    for name, certified in [('x.w.example', 'x.w.example'), ('y.w.example', '*.w.example')]:
        client, _ = met(context, name)
        assert client.getpeercert()['subjectAltName'][0] == ('DNS', certified)


@needs_extra
@pytest.mark.parametrize('name', ['four.example', 'three.example', 'a.b.three.example', '10.0.0.8'])
def test_a_server_of_several_hosts_is_no_other(name):
    with pytest.raises(ssl.SSLError):
        met(authority.hosts_context(HOSTS), name)


@needs_extra
def test_contexts_of_several_hosts_differ_by_what_they_ask_of_clients():
    contexts = {authority.hosts_context(HOSTS, *trust) for trust in [
        (), (tls.CAFILE,), (tls.CAFILE, 'optional'), (authority.cafile(),)]}
    assert len(contexts) == 4
    assert authority.hosts_context(HOSTS, tls.CAFILE).verify_mode == ssl.CERT_REQUIRED


@needs_extra
def test_two_spellings_of_a_host_share_a_context():
    assert authority.server_context('A.Example') is authority.server_context('a.example.')
    assert authority.server_context('::1') is authority.server_context('0:0::0:1')


@needs_extra
def test_a_context_is_made_once_by_all_threads(monkeypatch):
    made, contexts, ready = [], [], threading.Barrier(8)
    new_context = authority.new_context

    def noted(names, *others):
        made.append(names)
        return new_context(names, *others)

    def make():
        ready.wait()
        contexts.append(authority.server_context('once.example'))

    monkeypatch.setattr(authority, 'new_context', noted)
    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(contexts) == 8 and len(set(contexts)) == 1


@needs_extra
def test_the_newest_contexts_are_kept(monkeypatch):
    monkeypatch.setattr(authority, 'KEPT', 3)
    first = authority.server_context('kept0.example')
    others = [authority.server_context('kept%d.example' % each) for each in (1, 2, 3)]
    assert [authority.server_context('kept%d.example' % each) for each in (1, 2, 3)] == others
    assert authority.server_context('kept0.example') is not first


@needs_extra
def test_a_key_is_in_a_file_only_while_it_is_loaded(monkeypatch, tmp_path):
    seen = []

    class Context(ssl.SSLContext):
        def load_cert_chain(self, path, *others):
            with open(path) as pem:
                assert 'PRIVATE KEY' in pem.read()
            seen.append((os.path.dirname(path), os.stat(path).st_mode & 0o777))
            super(Context, self).load_cert_chain(path, *others)

    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    monkeypatch.setattr(tls, 'new_context', lambda choose: Context(ssl.PROTOCOL_TLS_SERVER))
    authority.new_context(['key.example'])
    assert seen == [(str(tmp_path), 0o600 if os.name == 'posix' else seen[0][1])]
    assert os.listdir(str(tmp_path)) == []


@needs_extra
def test_the_file_has_the_certificate_and_not_the_key():
    path = authority.cafile()
    assert path == authority.cafile()
    with open(path) as pem:
        content = pem.read()
    assert content.count('BEGIN') == content.count('BEGIN CERTIFICATE') == 1


@needs_extra
@needs_fork
def test_other_users_may_read_the_file_whatever_the_umask_is(tmp_path):
    mode = run('''
        import os, tempfile
        os.umask(0o077)
        tempfile.tempdir = {folder!r}
        from httptestserver.serving import authority
        print(oct(os.stat(authority.cafile()).st_mode & 0o777))
    ''', folder=str(tmp_path))
    assert mode.strip() == '0o644'
    assert os.listdir(str(tmp_path)) == []


FORKS = '''
    import os, sys, tempfile
    tempfile.tempdir = {folder!r}
    from httptestserver.serving import authority

    def contents(path):
        with open(path, 'rb') as pem:
            return pem.read()

    def status(child):
        """Fork, and return the exit status of the child, which exits as interpreters do."""
        process = os.fork()
        if not process:
            child()
            sys.exit(0)
        return os.waitpid(process, 0)[1]
'''


@needs_extra
@needs_fork
def test_a_child_shares_the_authority_and_leaves_the_file(tmp_path):
    run(FORKS + '''
    path = authority.cafile()
    content = contents(path)
    context = authority.server_context('a.example')

    def child():
        assert authority.cafile() == path
        assert authority.server_context('b.example') is not context

    assert status(child) == 0
    assert contents(path) == content

    def orphan():
        os.remove(path)
        own = authority.cafile()
        assert own != path and own == authority.cafile()
        assert contents(own) == content

    assert status(orphan) == 0
    assert os.listdir({folder!r}) == []
    ''', folder=str(tmp_path))


@needs_extra
@needs_fork
def test_a_child_that_is_forked_while_a_certificate_is_made_makes_its_own(tmp_path):
    run(FORKS + '''
    import threading
    entered, leave = threading.Event(), threading.Event()
    new_context = authority.new_context

    def slow(*arguments):
        entered.set()
        assert leave.wait(30)
        return new_context(*arguments)

    authority.new_context = slow
    thread = threading.Thread(target=authority.server_context, args=('a.example',))
    thread.start()
    entered.wait()

    def child():
        authority.new_context = new_context
        authority.server_context('a.example')

    assert status(child) == 0
    leave.set()
    thread.join()
    ''', folder=str(tmp_path))


@needs_extra
def test_a_file_of_client_authorities_with_new_contents_has_a_new_context(tmpdir):
    trusted = tmpdir.join('trusted.pem')
    made = []
    for name in ('ca.pem', 'ca.pem', 'second_ca.pem'):
        trusted.write_binary(tls.read(tls.bundled(name)))
        made.append(authority.hosts_context(('a.example',), str(trusted)))
    assert made[0] is made[1] and made[0] is not made[2]


@needs_extra
def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    # With None for a module, its import fails.
    monkeypatch.setitem(sys.modules, 'trustme', None)
    with pytest.raises(ImportError) as caught:
        authority.require('proxy=True')
    assert str(caught.value).startswith(
        "proxy=True needs the extra tls: pip install 'httptestserver[tls]'")
    # Tests that raise at any line may have left another one, of which Python 3.11 is not rid.
    assert not isinstance(caught.value.__context__, ImportError)


@needs_extra
def test_an_extra_that_is_broken_is_named_with_the_reason(monkeypatch, tmp_path):
    # As does a cryptography that does not fit its OpenSSL.
    (tmp_path / 'trustme.py').write_text('raise AttributeError("no such function")\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, 'trustme', raising=False)
    with pytest.raises(ImportError) as caught:
        authority.require('proxy=True')
    assert str(caught.value).startswith('proxy=True needs the extra tls: pip install ')
    assert str(caught.value).endswith('(no such function)')


@needs_extra
def test_the_file_is_made_again_if_its_folder_is_gone(monkeypatch, tmp_path):
    monkeypatch.setattr(authority, '_authority', type(authority._authority)())
    folder = tmp_path / 'temporary'
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, 'tempdir', str(folder))
        before = authority.cafile()
        assert os.path.dirname(before) == str(folder)
        assert authority.cafile() == before
    os.remove(before)
    folder.rmdir()
    with open(authority.cafile()) as again:
        assert again.read() == authority._authority.signer().cert_pem.bytes().decode('ascii')


@needs_extra
@pytest.mark.parametrize('function', [
    authority.cafile, lambda: authority.server_context('a.example')])
def test_each_function_says_what_to_install(function, monkeypatch):
    for name in ('trustme', 'idna'):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(authority, '_authority', type(authority._authority)())
    with pytest.raises(ImportError) as caught:
        function()
    assert "pip install 'httptestserver[tls]'" in str(caught.value)


@needs_extra
def test_a_warning_of_what_is_imported_is_not_shown(monkeypatch, tmp_path, recwarn):
    (tmp_path / 'trustme.py').write_text('import warnings\nwarnings.warn("an old Python")\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, 'trustme', raising=False)
    assert os.path.dirname(authority.require('hosts=').__file__) == str(tmp_path)
    assert recwarn.list == []


@needs_extra
def test_threads_may_import_it_at_the_same_time(tmp_path):
    (tmp_path / 'trustme.py').write_text('import time\ntime.sleep(.2)\nCA = 1\n')
    run('''
        import sys, threading
        sys.path.insert(0, {folder!r})
        from httptestserver.serving import authority
        found = []
        threads = [threading.Thread(target=lambda: found.append(authority.require('hosts=').CA))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [1] * 4, found
    ''', folder=str(tmp_path))


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, 'version_info', (3, 7, 16))
    with pytest.raises(ImportError) as caught:
        authority.require('proxy=True')
    assert str(caught.value).endswith('on Python 3.8 or newer; this is 3.7')
