# -*- coding: utf-8 -*-
"""What a server shows its clients, by its parameters."""
import pytest

from httptestserver import tls
from httptestserver.serving.identity import REFUSED, identify
from httptestserver.serving.options import HTTPS_NAMES
from support.marks import needs_extra

NOTHING = dict.fromkeys(HTTPS_NAMES)


def identity(scheme='https', **options):
    return identify(scheme, dict(NOTHING, **options))


def facts(made):
    return made.context, made.certfile, made.cafile


def test_plain_http_has_nothing():
    assert facts(identity('http')) == (None, None, None)


def test_the_bundled_certificate_is_the_default():
    assert facts(identity()) == (tls.server_context(), tls.CERTFILE, tls.CAFILE)


def test_a_certificate_of_the_user_verifies_itself(tmp_path):
    own = tmp_path / 'own.pem'
    own.write_bytes(tls.read(tls.CERTFILE))
    assert facts(identity(certfile=str(own))) == (tls.server_context(), str(own), str(own))


@pytest.mark.parametrize('name', sorted(REFUSED))
def test_a_certificate_that_clients_refuse_has_its_authority(name):
    made = identity(certificate=name)
    assert made.certfile == tls.bundled(name + '.pem')
    assert made.context is tls.server_context(made.certfile)
    second = name in ('expired', 'not_yet_valid', 'wrong_host')
    assert made.cafile == (tls.bundled('second_ca.pem') if second else tls.CAFILE)


def test_what_is_asked_of_clients_is_in_the_context():
    made = identity(client_cafile=tls.CAFILE, client_cert='optional')
    assert made.context is tls.server_context(client_cafile=tls.CAFILE, client_cert='optional')
    assert identity(client_cafile=tls.CAFILE).context is tls.server_context(
        client_cafile=tls.CAFILE)


def test_a_context_of_the_user_stays_the_same():
    context = tls.new_context()
    assert facts(identity(ssl_context=context)) == (context, None, None)


@needs_extra
def test_hosts_are_verified_by_the_authority_of_the_process():
    from httptestserver.serving import authority
    made = identity(hosts=['B.example', 'a.example'])
    assert made.context is authority.hosts_context(('b.example', 'a.example'))
    assert made.certfile is None
    assert made.cafile == authority.cafile()


@needs_extra
@pytest.mark.parametrize('wrong, hint', [
    ('', ''), ('a..b', ''), ('a_b', ''), ('10.0.0.300', ''), ('https://a_b', ''),
    ('https://a', "; did you mean 'a'?"), ('https://a:443/b?c', "; did you mean 'a'?"),
    ('a:443', "; did you mean 'a'?"), ('a/b', "; did you mean 'a'?"),
    ('[::1]', "; did you mean '::1'?"), ('https://[::1]:8443/', "; did you mean '::1'?"),
    ('10.0.0.0/8', "; did you mean '10.0.0.0'?"),
    ('*', "; a star is the first label, as in '*.example.com'"),
    ('a.*.b', "; a star is the first label, as in '*.example.com'")])
def test_what_is_no_host_is_named(wrong, hint):
    with pytest.raises(ValueError) as caught:
        identity(hosts=['a.example', wrong])
    assert str(caught.value) == (
        'hosts has names that IDNA allows, and IP addresses, without scheme, port and path, '
        'got %r%s' % (wrong, hint))
