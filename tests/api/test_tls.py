"""The bundled certificate, and the TLS contexts made from it and from others."""

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import zipfile

import pytest
import six
from six import PY2
from six.moves import http_client

from httptestserver import https_server, tls
from support import installed
from support.processes import SOURCES, TESTS, execute, succeed
from support.sockets import socket_pair

SCRIPT = os.path.join(os.path.dirname(TESTS), 'docs', 'certificates.sh')
YEAR = 365 * 24 * 60 * 60

# The flag's value in openssl/x509_vfy.h, for Python 2.7, which does not name it.
STRICT = getattr(ssl, 'VERIFY_X509_STRICT', 0x20)


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """A folder in which the script that the docs show has made another certificate."""
    installed.program('openssl')
    folder = tmp_path_factory.mktemp('made')
    succeed('sh', SCRIPT, str(folder))
    return folder


@pytest.fixture(scope='module')
def files(tmp_path_factory, made):
    """A folder with files of all kinds, right and wrong."""
    folder = tmp_path_factory.mktemp('files')
    shutil.copy(tls.CERTFILE, str(folder / 'server.pem'))
    shutil.copy(tls.CAFILE, str(folder / 'ca.pem'))
    shutil.copy(str(made / 'server.pem'), str(folder / 'other.pem'))
    (folder / 'empty.pem').write_bytes(b'')
    (folder / 'garbage.pem').write_bytes(b'no certificate')
    (folder / 'broken.pem').write_bytes((folder / 'server.pem').read_bytes().replace(b'MII', b'?'))
    for arguments in ('pkey -in server.pem -aes128 -passout pass:secret -out encrypted.key',
                      'genpkey -algorithm RSA -out rsa.key',
                      'x509 -in server.pem -outform DER -out der.pem',
                      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'
                      ' -subj /CN=somebody -addext keyUsage=digitalSignature,keyCertSign'
                      ' -keyout client.key -out client.pem'):
        subprocess.check_output(['openssl'] + arguments.split(), cwd=str(folder),
                                stderr=subprocess.STDOUT)
    return folder


class Peer(threading.Thread):
    """The server's end of a connection: describes it, says hello and hangs up."""

    description = None

    def __init__(self, context, end):
        super(Peer, self).__init__()
        self.context = context
        self.end = end

    def run(self):
        try:
            secured = self.context.wrap_socket(self.end, server_side=True)
        except (ssl.SSLError, socket.error):
            return self.end.close()
        with contextlib.closing(secured):
            self.description = tls.describe(secured)
            secured.sendall(b'hello')


@contextlib.contextmanager
def connected(server, client, name='localhost'):
    """Connect two contexts. The value is the client's socket and the server's `Peer`.

    The peer is done when the body is entered, as is the client unless its context is refused.
    """
    near, far = socket_pair()
    peer = Peer(server, far)
    peer.start()
    try:
        with contextlib.closing(client.wrap_socket(near, server_hostname=name)) as secured:
            assert secured.recv(5) == b'hello'
            peer.join()
            yield secured, peer
    finally:
        near.close()
        peer.join()


def described(server, client, name='localhost'):
    """Return what `describe` returns for a connection between two contexts."""
    with connected(server, client, name) as (_, peer):
        return peer.description


def unverified():
    """Return a client's context that takes any certificate."""
    context = tls.client_context(tls.CAFILE)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def get(server, context, host='127.0.0.1'):
    """Return the status of a request by Python's own client."""
    connection = http_client.HTTPSConnection(host, server.port, context=context, timeout=30)
    with contextlib.closing(connection):
        connection.request('GET', '/')
        return connection.getresponse().status


# The certificate that is bundled, and the script that made it.

LAYOUT = [
    ('ca.pem', 'Basic Constraints: critical CA:TRUE'),
    ('ca.pem', 'Key Usage: critical Certificate Sign'),
    ('ca.pem', 'Subject Key Identifier: [0-9A-F:]{59}'),
    ('ca.pem', 'prime256v1'),
    ('server.pem', 'Basic Constraints: CA:FALSE'),
    ('server.pem', 'Key Usage: critical Digital Signature X'),
    ('server.pem', 'Extended Key Usage: TLS Web Server Authentication X'),
    ('server.pem', 'Subject Key Identifier: [0-9A-F:]{59}'),
    ('server.pem', 'Authority Key Identifier: (keyid:)?[0-9A-F:]{59}'),
    ('server.pem', 'Alternative Name: DNS:localhost, DNS:127.0.0.1, '
                   'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1 '),
    ('server.pem', 'prime256v1'),
    ('server.pem', 'ecdsa-with-SHA256'),
    ('server.pem', 'Not Before: Jan 1 00:00:00 2000 GMT Not After : Jan 1 00:00:00 2100 GMT'),
    ('second_ca.pem', 'Basic Constraints: critical CA:TRUE'),
    ('second_ca.pem', 'Not Before: Jan 1 00:00:00 2000 GMT Not After : Jan 1 00:00:00 2100 GMT'),
    ('expired.pem', 'Not Before: Jan 1 00:00:00 2000 GMT Not After : Jan 1 00:00:00 2001 GMT'),
    ('expired.pem', 'Issuer: CN ?= ?httptestserver second authority '),
    ('not_yet_valid.pem', 'Not Before: Jan 1 00:00:00 2099 GMT Not After : Jan 1 00:00:00 2100 '),
    ('not_yet_valid.pem', 'Issuer: CN ?= ?httptestserver second authority '),
    ('wrong_host.pem', 'Alternative Name: DNS:wrong-host.invalid '),
    ('wrong_host.pem', 'Issuer: CN ?= ?httptestserver second authority '),
    ('self_signed.pem', 'Issuer: CN ?= ?localhost .* Subject: CN ?= ?localhost '),
    ('untrusted.pem', 'Issuer: CN ?= ?httptestserver lost authority '),
    ('untrusted.pem', 'Not Before: Jan 1 00:00:00 2000 GMT Not After : Jan 1 00:00:00 2100 GMT'),
]


def text(path):
    """Return a certificate as openssl prints it, on one line."""
    installed.program('openssl')
    return ' '.join(succeed('openssl', 'x509', '-in', str(path), '-noout', '-text').split())


@pytest.mark.parametrize('name, fact', LAYOUT)
def test_certificate_has_the_layout_that_every_client_takes(name, fact):
    assert re.search(fact, text(os.path.join(os.path.dirname(tls.CERTFILE), name)))


@pytest.mark.parametrize('name, fact', LAYOUT)
def test_script_makes_the_layout_that_is_bundled(made, name, fact):
    assert re.search(fact, text(made / name))


def test_certificate_names_the_key_of_its_authority():
    identifier = re.search('Subject Key Identifier: ([0-9A-F:]{59})', text(tls.CAFILE)).group(1)
    assert re.search('Authority Key Identifier: (keyid:)?' + identifier, text(tls.CERTFILE))


def test_certificates_hold_for_another_year():
    client = tls.client_context(tls.CAFILE)
    with connected(tls.server_context(), client) as (secured, _):
        certificates = [secured.getpeercert()] + client.get_ca_certs()
    assert len(certificates) == 2
    for certificate in certificates:
        assert ssl.cert_time_to_seconds(certificate['notAfter']) > time.time() + YEAR


def test_authority_comes_without_a_key():
    with open(tls.CAFILE) as ca, open(tls.CERTFILE) as server:
        assert 'PRIVATE KEY' not in ca.read()
        # One line begins the key, and one ends it.
        assert server.read().count('PRIVATE KEY') == 2


def test_script_leaves_nothing_but_the_bundled_files(tmp_path):
    installed.program('openssl')
    made, scratch = tmp_path / 'made', tmp_path / 'scratch'
    made.mkdir()
    scratch.mkdir()
    succeed('sh', SCRIPT, str(made), TMPDIR=str(scratch))
    assert sorted(os.listdir(str(made))) == sorted(os.listdir(os.path.dirname(tls.CERTFILE)))
    assert os.listdir(str(scratch)) == []


def test_script_makes_a_pair_that_serves(made):
    server = tls.server_context(str(made / 'server.pem'))
    assert described(server, tls.client_context(str(made / 'ca.pem')))
    with pytest.raises(ssl.SSLError):
        described(server, tls.client_context(tls.CAFILE))


def test_script_makes_new_keys_at_each_run(made, tmp_path):
    shutil.copy(str(made / 'server.pem'), str(tmp_path / 'server.pem'))
    before = (tmp_path / 'server.pem').read_bytes()
    succeed('sh', SCRIPT, str(tmp_path))
    assert (tmp_path / 'server.pem').read_bytes() != before


# Python as a client that verifies.

@pytest.mark.parametrize('address, host', [
    ('127.0.0.1', '127.0.0.1'),
    ('127.0.0.1', 'localhost'),
    pytest.param('::1', '::1', marks=pytest.mark.skipif(
        PY2, reason='Python 2.7 looks for addresses among the names')),
])
def test_python_verifies_strictly(address, host):
    with https_server(host=address) as server:
        context = server.client_context()
        context.verify_flags |= STRICT
        assert get(server, context, host) == 200


def test_python_that_trusts_others_refuses_the_server(made):
    with https_server() as server:
        with pytest.raises(ssl.SSLError):
            get(server, tls.client_context(str(made / 'ca.pem')))
        assert server.history == []


# Contexts of servers.

@pytest.mark.parametrize('file, keyfile, blamed, fault', [
    ('garbage.pem', None, 'garbage.pem', 'no usable certificate'),
    ('empty.pem', None, 'empty.pem', 'no usable certificate'),
    ('broken.pem', None, 'broken.pem', 'no usable certificate'),
    ('broken.pem', 'server.pem', 'broken.pem', 'no usable certificate'),
    ('der.pem', 'server.pem', 'der.pem', 'no usable certificate'),
    ('rsa.key', None, 'rsa.key', 'no usable certificate'),
    ('ca.pem', None, 'ca.pem', 'no usable private key'),
    ('server.pem', 'garbage.pem', 'garbage.pem', 'no usable private key'),
    ('other.pem', 'garbage.pem', 'garbage.pem', 'no usable private key'),
    ('server.pem', 'other.pem', 'other.pem', 'does not belong to the certificate in'),
    ('server.pem', 'rsa.key', 'rsa.key', 'does not belong to the certificate in'),
    ('server.pem', 'encrypted.key', 'encrypted.key', 'is encrypted'),
])
def test_wrong_certificate_or_key_is_named(files, file, keyfile, blamed, fault):
    with pytest.raises(ValueError) as caught:
        tls.server_context(str(files / file), keyfile and str(files / keyfile))
    assert str(caught.value).startswith('%s: ' % (files / blamed))
    assert fault in str(caught.value)


@pytest.mark.parametrize('name', ['garbage.pem', 'empty.pem', 'broken.pem', 'rsa.key'])
@pytest.mark.parametrize('trust', [
    tls.client_context, lambda path: tls.server_context(client_cafile=path)])
def test_wrong_authority_is_named(files, trust, name):
    with pytest.raises(ValueError) as caught:
        trust(str(files / name))
    assert str(caught.value).startswith('%s: no usable certificate' % (files / name))


@pytest.mark.parametrize('read', [
    tls.server_context, tls.client_context,
    lambda path: tls.server_context(keyfile=path),
    lambda path: tls.server_context(client_cafile=path)])
def test_missing_file_and_folder_are_named(tmp_path, read):
    for path in (tmp_path, tmp_path / 'missing.pem'):
        with pytest.raises(EnvironmentError) as caught:
            read(str(path))
        assert caught.value.filename == str(path)
        assert not isinstance(caught.value, ssl.SSLError)


def test_relative_path_is_named_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(str(tmp_path))
    with pytest.raises(EnvironmentError) as caught:
        tls.server_context('missing.pem')
    assert caught.value.filename == os.path.join(os.getcwd(), 'missing.pem')


def test_number_is_not_taken_for_a_descriptor():
    with open(tls.CERTFILE) as pem:
        with pytest.raises((TypeError, AttributeError)):
            tls.server_context(pem.fileno())
        assert pem.read()


# Opens a terminal of its own, loads a file in there and prints what the terminal shows.
ON_A_TERMINAL = """
import os, pty, sys
child, terminal = pty.fork()
if not child:
    from httptestserver import tls
    try:
        tls.server_context(sys.argv[1])
    except ValueError as error:
        print(error)
    sys.exit()
os.write(terminal, b'a password\\n')
try:
    while True:
        sys.stdout.write(os.read(terminal, 1024).decode())
except EnvironmentError:
    pass
"""


def test_encrypted_key_is_not_asked_for_on_the_terminal(files):
    pytest.importorskip('pty')
    both = files / 'encrypted.pem'
    both.write_bytes((files / 'ca.pem').read_bytes() + (files / 'encrypted.key').read_bytes())
    shown = succeed(sys.executable, '-c', ON_A_TERMINAL, str(both),
                    PYTHONPATH=SOURCES)
    assert 'is encrypted' in shown
    assert 'pass phrase' not in shown


def test_context_is_made_once():
    assert tls.server_context() is tls.server_context()
    assert tls.server_context() is tls.server_context(tls.CERTFILE)


def test_context_is_made_once_for_all_threads(files):
    contexts = []
    certfile = files / 'threads.pem'
    certfile.write_bytes((files / 'server.pem').read_bytes() + b'for threads\n')
    threads = [threading.Thread(target=lambda: contexts.append(tls.server_context(str(certfile))))
               for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(contexts) == 16
    assert len(set(map(id, contexts))) == 1


def test_file_with_new_contents_has_a_new_context(files):
    path = files / 'renewed.pem'
    content = (files / 'server.pem').read_bytes()
    contexts = []
    for line in (b'one\n', b'two\n'):
        path.write_bytes(content + line)
        os.utime(str(path), (1, 1))
        contexts.append(tls.server_context(str(path)))
    assert contexts[0] is not contexts[1]


def test_number_of_contexts_kept_is_bounded(files):
    path = files / 'many.pem'
    path.write_bytes((files / 'server.pem').read_bytes())
    for _ in range(2 * tls._MAX_CONTEXTS):
        path.write_bytes(path.read_bytes() + b'another line\n')
        tls.server_context(str(path))
    assert len(tls._contexts) <= tls._MAX_CONTEXTS


def test_contexts_leave_no_descriptor_open(files):
    if not os.path.isdir('/proc/self/fd'):
        pytest.skip('the system does not list descriptors')
    before = os.listdir('/proc/self/fd')
    path = files / 'descriptors.pem'
    path.write_bytes((files / 'server.pem').read_bytes())
    tls.client_context(tls.CAFILE)
    tls.server_context(str(path), client_cafile=tls.CAFILE)
    for wrong in ('garbage.pem', 'encrypted.key', 'rsa.key'):
        with pytest.raises(ValueError):
            tls.server_context(str(path), str(files / wrong))
    assert os.listdir('/proc/self/fd') == before


# Client certificates.

def showing(certificate, key):
    """Return the context of a client that shows a certificate."""
    context = tls.client_context(tls.CAFILE)
    context.load_cert_chain(str(certificate), str(key))
    return context


def asking(files, client_cert):
    """Return the context of a server that asks for ``client.pem``."""
    return tls.server_context(client_cafile=str(files / 'client.pem'), client_cert=client_cert)


@pytest.mark.parametrize('client_cert', ['required', 'optional'])
def test_client_certificate_is_described(files, client_cert):
    client = showing(files / 'client.pem', files / 'client.key')
    certificate = described(asking(files, client_cert), client)['certificate']
    assert certificate['subject'] == ((('commonName', 'somebody'),),)


def test_client_without_a_certificate_is_refused(files):
    with pytest.raises(socket.error):
        described(asking(files, 'required'), tls.client_context(tls.CAFILE))


def test_client_without_a_certificate_is_taken_if_it_is_optional(files):
    facts = described(asking(files, 'optional'), tls.client_context(tls.CAFILE))
    assert facts['certificate'] is None


@pytest.mark.parametrize('client_cert', ['required', 'optional'])
def test_client_with_a_certificate_of_another_authority_is_refused(files, client_cert):
    with pytest.raises(socket.error):
        described(asking(files, client_cert), showing(files / 'other.pem', files / 'other.pem'))


def test_client_certificate_is_required_or_optional(files):
    with pytest.raises(ValueError) as caught:
        asking(files, 'maybe')
    assert str(caught.value) == "client_cert is 'required' or 'optional', not 'maybe'"


# Contexts of clients.

def test_client_trusts_the_file_alone():
    (authority,) = tls.client_context(tls.CAFILE).get_ca_certs()
    assert authority['subject'] == ((('commonName', 'httptestserver authority'),),)


def test_client_trusts_a_certificate_that_is_no_authority():
    assert described(tls.server_context(), tls.client_context(tls.CERTFILE))


def test_client_checks_the_name():
    with pytest.raises((ssl.SSLError, ssl.CertificateError)):
        described(tls.server_context(), tls.client_context(tls.CAFILE), 'example.com')


def test_client_contexts_are_not_shared():
    assert tls.client_context(tls.CAFILE) is not tls.client_context(tls.CAFILE)


# The description of a connection.

def test_description_agrees_with_the_client():
    with connected(tls.server_context(), tls.client_context(tls.CAFILE)) as (secured, peer):
        assert peer.description == {
            'version': secured.version(), 'cipher': secured.cipher()[0], 'alpn': None,
            'sni': 'localhost', 'certificate': None}


@pytest.mark.parametrize('offered, chosen', [
    (['http/1.1'], 'http/1.1'), (['h2', 'http/1.1'], 'http/1.1'), (['h2'], None)])
def test_server_speaks_http_1_1_alone(offered, chosen):
    client = tls.client_context(tls.CAFILE)
    client.set_alpn_protocols(offered)
    assert described(tls.server_context(), client)['alpn'] == chosen


@pytest.mark.parametrize('name', ['localhost', 'my_host.example', 'xn--bcher-kva.example'])
def test_server_name_is_described_as_the_client_sent_it(name):
    sni = described(tls.server_context(), unverified(), name)['sni']
    assert sni == name
    assert type(sni) is str


@pytest.mark.parametrize('name', [None, '127.0.0.1'])
def test_client_that_names_no_server_is_described_without_a_name(name):
    assert described(tls.server_context(), unverified(), name)['sni'] is None


def test_no_ticket_follows_the_handshake():
    server = tls.server_context()
    if not hasattr(server, 'num_tickets'):
        pytest.skip('this Python cannot do without')
    with connected(server, tls.client_context(tls.CAFILE)) as (secured, _):
        assert secured.version() == 'TLSv1.3'
        assert not secured.session.has_ticket


def test_server_name_that_is_no_host_name_is_told():
    installed.program('openssl')
    with https_server() as server:
        execute(['openssl', 's_client', '-quiet', '-servername', 'a..b', '-connect',
                 '127.0.0.1:%d' % server.port], b'GET / HTTP/1.0\r\n\r\n')
        assert server.history[0]['tls']['sni'] == 'a..b'


# A package in a zip file, as zipapp and pex make it.

ZIPPED = '''\
import contextlib, os, sys
sys.path.insert(0, sys.argv[1])
import httptestserver
from httptestserver import https_server, tls
from six.moves.urllib.request import HTTPSHandler, ProxyHandler, build_opener

assert httptestserver.__file__.startswith(sys.argv[1]), httptestserver.__file__
if hasattr(os, 'fork'):
    # Before any thread uses OpenSSL, whose locks a child would inherit as they are.
    child = os.fork() or sys.exit()
    assert os.waitpid(child, 0)[1] == 0
    assert os.stat(tls.CERTFILE).st_mode & 0o777 == 0o600
with https_server() as server:
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=server.client_context()))
    server.data['response_content'] = b'from a zip file'
    with contextlib.closing(opener.open(server.url())) as response:
        assert response.read() == b'from a zip file'
    print(server.cafile)
    print(server.certfile)
with https_server(certificate='expired') as server, https_server(certificate='expired') as other:
    assert (server.cafile, server.certfile) == (other.cafile, other.certfile)
    print(server.cafile)
    print(server.certfile)
'''


@pytest.fixture
def zipped(tmp_path):
    """The path of a zip file with this package and six."""
    package = os.path.dirname(os.path.abspath(tls.__file__))
    archive = str(tmp_path / 'app.zip')
    with zipfile.ZipFile(archive, 'w') as packages:
        packages.write(six.__file__.replace('.pyc', '.py'), 'six.py')
        for folder, _, names in os.walk(package):
            for name in names:
                if not name.endswith(('.pyc', '.pyi')):
                    path = os.path.join(folder, name)
                    packages.write(path, os.path.relpath(path, os.path.dirname(package)))
    return archive


def test_package_in_a_zip_file_serves_https_and_leaves_no_file(zipped, tmp_path):
    paths = succeed(sys.executable, '-c', ZIPPED, zipped, TMPDIR=str(tmp_path)).split()
    assert [os.path.basename(path).rpartition('-')[2] for path in paths] == [
        'ca.pem', 'server.pem', 'second_ca.pem', 'expired.pem']
    assert os.listdir(str(tmp_path)) == ['app.zip']


def test_package_in_a_folder_makes_no_copy_of_its_certificates():
    assert os.path.dirname(tls.CAFILE) == os.path.dirname(tls.CERTFILE) == os.path.join(
        os.path.dirname(os.path.abspath(tls.__file__)), 'certificates')
