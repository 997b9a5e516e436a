# -*- coding: utf-8 -*-
"""Programs that speak TLS: they trust the bundled authority, and refuse what they do not trust.

The same with the authority of this process.
"""
import os

import pytest

from httptestserver import https_server, tls
from support import installed
from support.marks import needs_extra, thorough
from support.processes import execute, succeed


def curl(host, port, cafile, folder):
    trust = ['--cacert', cafile] if cafile else []
    return execute(['curl', '-sS', '--noproxy', '*', '--max-time', '30', '-H', 'Connection: close']
                   + trust + ['https://%s:%d/' % (host, port)])


NODE = """
require('https').get(process.argv[1], response => response.pipe(process.stdout))
    .on('error', error => { console.error(error); process.exitCode = 1; });
"""


def node(host, port, cafile, folder):
    trust = {'NODE_EXTRA_CA_CERTS': cafile} if cafile else {}
    return execute(['node', '-e', NODE, 'https://%s:%d/' % (host, port)], **trust)


JAVA = """
public class Fetch {
    public static void main(String[] arguments) throws Exception {
        System.out.write(new java.net.URL(arguments[0]).openStream().readAllBytes());
        System.out.flush();
    }
}
"""

#: Options that cost least if a virtual machine runs for a second.
BRIEFLY = ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC']


def java(host, port, cafile, folder):
    store = folder / ('store of %s' % os.path.basename(cafile or ''))
    if not (folder / 'Fetch.class').exists():
        installed.program('javac')
        (folder / 'Fetch.java').write_bytes(JAVA.encode('ascii'))
        succeed('javac', *BRIEFLY + [str(folder / 'Fetch.java')])
    trust = []
    if cafile:
        # Without the password Java reads the store as an empty one.
        trust = ['-Djavax.net.ssl.trustStore=%s' % store,
                 '-Djavax.net.ssl.trustStorePassword=changeit']
        if not store.exists():
            succeed('keytool', *BRIEFLY + [
                '-importcert', '-noprompt', '-file', cafile, '-keystore', str(store),
                '-storepass', 'changeit'])
    options = [option[2:] for option in BRIEFLY]
    return execute(['java', '-cp', str(folder)] + options + trust + [
        'Fetch', 'https://%s:%d/' % (host, port)])


REQUEST = b'GET / HTTP/1.0\r\n\r\n'


def openssl(host, port, cafile, folder):
    trust = ['-CAfile', cafile] if cafile else []
    name = '-verify_hostname' if host == 'localhost' else '-verify_ip'
    return execute(['openssl', 's_client', '-quiet', '-verify_return_error', '-x509_strict',
                    name, host, '-connect', '%s:%d' % (host, port)] + trust, REQUEST)


def gnutls(host, port, cafile, folder):
    trust = ['--x509cafile', cafile] if cafile else []
    return execute(['gnutls-cli', '--port', str(port)] + trust + [host], REQUEST)


CLIENTS = {'curl': curl, 'node': node, 'java': java, 'openssl': openssl, 'gnutls-cli': gnutls}
each_program = pytest.mark.parametrize('program', [
    pytest.param(name, marks=thorough if name == 'java' else ()) for name in sorted(CLIENTS)])


@pytest.fixture(scope='module')
def kept(tmp_path_factory):
    """A folder in which a client keeps what is dear to make."""
    return tmp_path_factory.mktemp('kept')


@pytest.mark.parametrize('host', ['localhost', '127.0.0.1'])
@each_program
def test_client_that_trusts_the_authority_is_served(program, host, kept):
    installed.program(program)
    with https_server() as server:
        server.data['response_content'] = 'it is served'
        code, output = CLIENTS[program](host, server.port, server.cafile, kept)
    assert 'it is served' in output
    assert code == 0, output
    assert len(server.history) == 1


@each_program
def test_client_that_does_not_trust_the_authority_refuses_the_server(program, kept):
    installed.program(program)
    with https_server() as server:
        code, output = CLIENTS[program]('localhost', server.port, None, kept)
    assert code != 0, output
    assert server.history == []
    # Since 8.23, curl looks at the certificate after the handshake, and leaves without an alert.
    assert server.failures or program == 'curl'


@needs_extra
@each_program
def test_client_that_trusts_the_authority_of_the_process_is_served(program, kept):
    installed.program(program)
    with https_server(hosts=['api.example.com']) as server:
        server.data['response_content'] = 'it is served'
        code, output = CLIENTS[program]('localhost', server.port, server.cafile, kept)
    assert 'it is served' in output
    assert code == 0, output


@needs_extra
@each_program
def test_client_that_trusts_the_bundled_authority_refuses_a_server_of_hosts(program, kept):
    installed.program(program)
    with https_server(hosts=['api.example.com']) as server:
        code, output = CLIENTS[program]('localhost', server.port, tls.CAFILE, kept)
    assert code != 0, output
    assert server.history == []
