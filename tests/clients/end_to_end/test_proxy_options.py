# -*- coding: utf-8 -*-
"""Clients of real hosts that read no variables and are started with options."""
import subprocess

import pytest

from httptestserver import http_server, https_server
from support import installed
from support.realhosts import USER, fetch, serve_all

#: Options that cost least if a virtual machine runs for a second.
BRIEFLY = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']


@pytest.fixture
def trusting(tmpdir):
    """Return a function that makes a trust store of Java and returns the options for it."""
    def options(cafile):
        store = tmpdir.join('store')
        subprocess.check_call(
            [installed.program('keytool')] + ['-J' + option for option in BRIEFLY] +
            ['-importcert', '-noprompt', '-file', cafile, '-keystore', str(store),
             '-storepass', 'changeit'], stderr=subprocess.DEVNULL)
        # Without the password Java reads the store as an empty one.
        return ['-Djavax.net.ssl.trustStore=%s' % store,
                '-Djavax.net.ssl.trustStorePassword=changeit']
    return options


@pytest.fixture
def java(classes, machine, trusting):
    """Return a function that fetches by Java, and returns the exit code and what it printed."""
    def run(way, server, cafile):
        options = trusting(cafile) + [
            '-Dhttps.proxyHost=%s' % server.host, '-Dhttps.proxyPort=%d' % server.port]
        return fetch(['java', '-cp', str(classes)] + BRIEFLY + options + ['RealHost', way, USER],
                     machine)
    return run


@pytest.mark.parametrize('way', ['URL', 'HttpClient'])
def test_java_reaches_a_real_host_by_properties(way, java):
    with http_server(proxy=True) as server:
        serve_all(server)
        assert java(way, server, server.cafile) == (0, '{"name": "Ada"}\n')
        assert [each.url for each in server.history] == [USER]
        assert server.history[0].tunnel == 'api.example.com:443'
        server.check()


def test_java_refuses_the_host_if_it_knows_another_authority_only(java):
    with http_server(proxy=True) as server, https_server() as other:
        serve_all(server)
        code, output = java('HttpClient', server, other.cafile)
        assert code != 0 and 'certification path' in output, output
        assert len(server.tunnels) == 1 and server.history == []


PAGE = """<!doctype html><title>waiting</title><script>
fetch('%s').then(response => response.json()).then(user => { document.title = user.name; });
</script>""" % USER


@pytest.fixture
def chromium(tmpdir, machine):
    """Return a function that opens a page and returns it as it is when its script has run."""
    def run(url, server, cafile):
        # Its home directory has the database of the authorities that it trusts.
        database = 'sql:%s' % tmpdir.ensure('.pki', 'nssdb', dir=True)
        for options in ['-N', '--empty-password'], ['-A', '-t', 'C,,', '-n', 'ca', '-i', cafile]:
            code, output = fetch(['certutil', '-d', database] + options, machine)
            assert code == 0, output
        return fetch(
            ['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
             '--no-first-run', '--disable-background-networking', '--disable-component-update',
             '--disable-sync', '--user-data-dir=%s' % tmpdir.join('profile'),
             '--proxy-server=%s' % server.url(''), '--virtual-time-budget=20000', '--dump-dom',
             url], machine)[1]
    return run


def test_chromium_reaches_real_hosts_by_an_option(chromium):
    with http_server(proxy=True) as server:
        server.route('GET', 'https://www.example.com/', response_content=PAGE,
                     response_headers={'Content-Type': 'text/html'})
        server.route('GET', USER, response_json={'name': 'Ada'},
                     response_headers={'Access-Control-Allow-Origin': '*'})
        page = chromium('https://www.example.com/', server, server.cafile)
        assert '<title>Ada</title>' in page
        server.assert_requested('GET', USER, count=1)
        assert 'api.example.com:443' in [each.target for each in server.tunnels]


def test_chromium_refuses_the_host_if_it_knows_another_authority_only(chromium):
    with http_server(proxy=True) as server, https_server() as other:
        page = chromium('https://www.example.com/', server, other.cafile)
        assert 'ERR_CERT_AUTHORITY_INVALID' in page
        assert 'www.example.com:443' in [each.target for each in server.tunnels]
        # The browser asks hosts of its maker, too, whom it trusts to sign what they say.
        server.assert_not_requested('GET', 'https://www.example.com/')
