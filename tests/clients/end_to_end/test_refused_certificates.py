# -*- coding: utf-8 -*-
"""Clients that refuse a certificate for the reason that its name says, and accept a good one."""
import ssl
import urllib.parse
import urllib.request

import pytest
import requests

from httptestserver import https_server, tls
from httptestserver.serving.identity import REFUSED
from support import installed
from support.processes import execute, succeed

# What each client says of a certificate.
SAYS = {
    'urllib.request': {
        'expired': 'certificate has expired',
        'not_yet_valid': 'certificate is not yet valid',
        'wrong_host': "certificate is not valid for 'localhost'",
        'self_signed': 'self-signed certificate',
        'untrusted': 'unable to get local issuer certificate',
    },
    'requests': {
        'expired': 'certificate has expired',
        'not_yet_valid': 'certificate is not yet valid',
        'wrong_host': "certificate is not valid for 'localhost'",
        'self_signed': 'self-signed certificate',
        'untrusted': 'unable to get local issuer certificate',
    },
    'curl': {
        'expired': 'certificate has expired',
        'not_yet_valid': 'certificate is not yet valid',
        'wrong_host': "subject name matches target host name 'localhost'",
        'self_signed': 'self-signed certificate',
        'untrusted': 'unable to get local issuer certificate',
    },
    'wget': {
        'expired': 'The certificate has expired',
        'not_yet_valid': 'The certificate has not yet been activated',
        'wrong_host': "The certificate's owner does not match hostname",
        'self_signed': "doesn't have a known issuer",
        'untrusted': "doesn't have a known issuer",
    },
    'gnutls-cli': {
        'expired': 'The certificate chain uses expired certificate',
        'not_yet_valid': 'The certificate chain uses not yet valid certificate',
        'wrong_host': 'The name in the certificate does not match the expected',
        'self_signed': 'The certificate issuer is unknown',
        'untrusted': 'The certificate issuer is unknown',
    },
    'Node.js': {
        'expired': 'CERT_HAS_EXPIRED',
        'not_yet_valid': 'CERT_NOT_YET_VALID',
        'wrong_host': 'ERR_TLS_CERT_ALTNAME_INVALID',
        'self_signed': 'DEPTH_ZERO_SELF_SIGNED_CERT',
        'untrusted': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    },
    'Java': {
        'expired': 'CertificateExpiredException',
        'not_yet_valid': 'CertificateNotYetValidException',
        'wrong_host': 'No subject alternative DNS name matching localhost found',
        'self_signed': 'unable to find valid certification path to requested target',
        'untrusted': 'unable to find valid certification path to requested target',
    },
    'Go': {
        'expired': 'is after 2001-01-01T00:00:00Z',
        'not_yet_valid': 'is before 2099-01-01T00:00:00Z',
        'wrong_host': 'certificate is valid for wrong-host.invalid, not localhost',
        'self_signed': 'certificate signed by unknown authority',
        'untrusted': 'certificate signed by unknown authority',
    },
    'Chromium': {
        'expired': 'CERT_DATE_INVALID',
        'not_yet_valid': 'CERT_DATE_INVALID',
        'wrong_host': 'CERT_COMMON_NAME_INVALID',
        'self_signed': 'CERT_AUTHORITY_INVALID',
        'untrusted': 'CERT_AUTHORITY_INVALID',
    },
}

# Each function returns what a client prints that fetches a URL and trusts a file.


def by_urllib(url, cafile, request):
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=cafile)))
    try:
        with opener.open(url, timeout=30) as response:
            return response.read().decode('ascii')
    except OSError as error:
        return str(error)


def by_requests(url, cafile, request):
    try:
        return requests.get(url, verify=cafile, proxies={'no_proxy': '*'}, timeout=30).text
    except requests.exceptions.SSLError as error:
        return str(error)


def ran(program, *arguments, stdin=b'', **variables):
    return execute((installed.program(program),) + arguments, stdin, no_proxy='*', LC_ALL='C',
                   **variables)[1]


def by_curl(url, cafile, request):
    return ran('curl', '-4', '-sS', '--cacert', cafile, url)


def by_wget(url, cafile, request):
    return ran('wget', '-4', '-O', '-', '--tries=1', '--ca-certificate', cafile, url)


def by_gnutls(url, cafile, request):
    return ran('gnutls-cli', '--x509cafile', cafile,
               '--port', str(urllib.parse.urlsplit(url).port), 'localhost',
               stdin=b'GET / HTTP/1.0\r\n\r\n')


NODE = """
fetch(process.argv[1]).then(response => response.text()).then(console.log)
    .catch(error => { console.log(error.cause.code); });
"""


def by_node(url, cafile, request):
    return ran('node', '--dns-result-order=ipv4first', '-e', NODE, url, NODE_EXTRA_CA_CERTS=cafile)


def by_java(url, cafile, request):
    return ran('java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp',
               str(request.getfixturevalue('classes')), 'Client', url, cafile)


def by_go(url, cafile, request):
    program = request.getfixturevalue('executable')
    return execute([str(program)], b'GET %s\n' % url.encode('ascii'), SSL_CERT_FILE=cafile,
                   no_proxy='*')[1]


@pytest.fixture(scope='module')
def home(tmp_path_factory):
    """A home directory in which Chromium finds that it has to trust both authorities."""
    folder = tmp_path_factory.mktemp('home')
    (folder / '.pki' / 'nssdb').mkdir(parents=True)
    database = ['certutil', '-d', 'sql:%s' % (folder / '.pki' / 'nssdb')]
    installed.program('certutil')
    succeed(*database + ['-N', '--empty-password'])
    for name in sorted(set(REFUSED.values())):
        succeed(*database + ['-A', '-t', 'C,,', '-n', name, '-i', tls.bundled(name)])
    return folder


def by_chromium(url, cafile, request):
    home = request.getfixturevalue('home')
    return ran('chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
               '--no-first-run', '--disable-background-networking', '--disable-component-update',
               '--disable-sync', '--no-proxy-server', '--user-data-dir=%s' % (home / 'profile'),
               '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
               '--virtual-time-budget=2000', '--dump-dom', url, HOME=str(home))


CLIENTS = {'urllib.request': by_urllib, 'requests': by_requests, 'curl': by_curl, 'wget': by_wget,
           'gnutls-cli': by_gnutls, 'Node.js': by_node, 'Java': by_java, 'Go': by_go,
           'Chromium': by_chromium}

each_client = pytest.mark.parametrize('client', list(SAYS))


def fetched(client, server, request, cafile=None):
    """Return what *client* says of *server*.

    :param cafile: what it trusts. Default: the file of the server.
    """
    server.data.update(response_content=b'it is served', response_headers={
        'Content-Type': 'text/plain', 'Connection': 'close'})
    url = server.url().replace('127.0.0.1', 'localhost')
    said = CLIENTS[client](url, cafile or server.cafile, request)
    # OpenSSL before 3.0 writes it without the hyphen.
    return said.replace('self signed', 'self-signed')


def test_each_certificate_and_each_client_is_tested():
    assert list(CLIENTS) == list(SAYS)
    assert {tuple(sorted(each)) for each in SAYS.values()} == {tuple(sorted(REFUSED))}


@each_client
@pytest.mark.parametrize('name', sorted(REFUSED))
def test_a_client_refuses_a_certificate_for_its_reason(client, name, request):
    with https_server(certificate=name) as server:
        said = fetched(client, server, request)
    assert SAYS[client][name] in said
    for words in set(SAYS[client].values()).difference([SAYS[client][name]]):
        assert words not in said
    assert 'it is served' not in said
    assert server.history == []


@each_client
def test_a_client_accepts_a_good_certificate_by_the_same_call(client, request):
    with https_server() as server:
        said = fetched(client, server, request)
    assert 'it is served' in said
    assert not any([words in said for words in SAYS[client].values()])
    assert server.history


# Others look at the name first.
@pytest.mark.parametrize('client', ['curl', 'wget', 'gnutls-cli', 'Node.js'])
def test_a_client_that_does_not_trust_the_authority_says_so(client, request):
    with https_server(certificate='wrong_host') as server:
        said = fetched(client, server, request, tls.CAFILE)
    assert SAYS[client]['untrusted'] in said
