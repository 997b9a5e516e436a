# -*- coding: utf-8 -*-
"""The parameters of a server: what is refused, and what was meant."""
import inspect
import ssl

import pytest

from httptestserver import Server, tls
from httptestserver.serving.handler import Handler
from httptestserver.serving.options import (
    HTTPS_NAMES, NAMES, check_names, check_options, not_possible)

PORT = 'port is an int from 0 to 65535, got '
LIMIT = 'history_limit is None or an int of 0 or more, got '
HANDLER = 'handler is Handler or a subclass of it, got '
HTTPS = '; https_server() and start_ssl_server() speak it'


SOURCES = 'a server has at most one of certfile, hosts, certificate, ssl_context, got '
HOSTS = 'hosts is a list of host names and IP addresses, got '
CERTIFICATES = ("certificate is one of 'expired', 'not_yet_valid', 'self_signed', 'untrusted', "
                "'wrong_host', got ")
CONTEXTS = 'ssl_context is an ssl.SSLContext for a server, got '
CONTEXT = tls.new_context()


class Own(Handler):
    pass


def check(host='127.0.0.1', port=0, scheme='http', handler=Handler, limit=None, **https):
    check_options(host, port, scheme, handler, {'history_limit': limit}, https)


def refused(kind, function, *args, **keys):
    with pytest.raises(kind) as caught:
        function(*args, **keys)
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize('options', [
    {}, {'host': u'localhost'}, {'host': '::1'}, {'host': ''}, {'host': b'127.0.0.1'},
    {'port': 65535}, {'handler': Own}, {'limit': 0}, {'limit': 10 ** 20},
    {'scheme': 'https', 'certfile': 'a', 'client_cert': 'optional'},
    {'scheme': 'https', 'hosts': ['a'], 'client_cafile': 'a', 'client_cert': 'optional'},
    {'scheme': 'https', 'hosts': (u'a', 'b')}, {'scheme': 'https', 'ssl_context': CONTEXT},
    {'scheme': 'https', 'keyfile': 'a'}, {'scheme': 'https', 'certificate': 'expired'},
    {'scheme': 'https', 'certificate': u'wrong_host', 'client_cafile': 'a'},
    {'host': 'unix:/a'}, {'host': b'unix:@a', 'port': None}])
def test_right_parameters_are_accepted(options):
    assert check(**options) is None


@pytest.mark.parametrize('options, kind, text', [
    ({'scheme': 'HTTP'}, ValueError, "scheme is 'http' or 'https', got 'HTTP' (str)"),
    ({'scheme': None}, ValueError, "scheme is 'http' or 'https', got None (NoneType)"),
    ({'host': 80}, TypeError, 'host is a str, got 80 (int); did you mean port=80?'),
    ({'host': None}, TypeError, 'host is a str, got None (NoneType)'),
    ({'host': ('a', 80)}, TypeError, "host is a str, got ('a', 80) (tuple)"),
    ({'host': ['a']}, TypeError, "host is a str, got ['a'] (list); did you mean hosts=['a']?"),
    ({'port': 'unix:/a'}, TypeError, PORT + "'unix:/a' (str); did you mean host='unix:/a'?"),
    ({'host': '/run/a'}, ValueError, "host is a name or an address, got '/run/a' (str); "
     "did you mean 'unix:/run/a'?"),
    ({'host': 'unix:/a', 'port': 80}, ValueError,
     'port is None or 0 for a Unix socket, got 80 (int)'),
    ({'port': '80'}, TypeError, PORT + "'80' (str); did you mean 80?"),
    ({'port': 'http'}, TypeError, PORT + "'http' (str)"),
    ({'port': 80.0}, TypeError, PORT + '80.0 (float)'),
    ({'port': True}, TypeError, PORT + 'True (bool)'),
    ({'port': None}, TypeError, PORT + 'None (NoneType)'),
    ({'port': 70000}, ValueError, PORT + '70000 (int)'),
    ({'port': -1}, ValueError, PORT + '-1 (int)'),
    ({'handler': object}, TypeError, HANDLER + '%r (type)' % object),
    ({'handler': None}, TypeError, HANDLER + 'None (NoneType)'),
    ({'handler': len}, TypeError, HANDLER + '%r (%s)' % (len, type(len).__name__)),
    ({'limit': '3'}, TypeError, LIMIT + "'3' (str); did you mean 3?"),
    ({'limit': 'many'}, TypeError, LIMIT + "'many' (str)"),
    ({'limit': 1.5}, TypeError, LIMIT + '1.5 (float)'),
    ({'limit': True}, TypeError, LIMIT + 'True (bool)'),
    ({'limit': -1}, ValueError, LIMIT + '-1 (int)'),
    ({'certfile': 'a.pem'}, ValueError, "certfile is for https only, got 'a.pem' (str)" + HTTPS),
    ({'keyfile': 'a.pem'}, ValueError, "keyfile is for https only, got 'a.pem' (str)" + HTTPS),
    ({'client_cafile': 'a.pem'}, ValueError,
     "client_cafile is for https only, got 'a.pem' (str)" + HTTPS),
    ({'client_cert': 'optional'}, ValueError,
     "client_cert is for https only, got 'optional' (str)" + HTTPS),
    ({'hosts': []}, ValueError, "hosts is for https only, got [] (list)" + HTTPS),
    ({'certificate': 'expired'}, ValueError,
     "certificate is for https only, got 'expired' (str)" + HTTPS)])
def test_a_wrong_parameter_is_refused_with_what_is_allowed(options, kind, text):
    assert refused(kind, check, **options) == text


@pytest.mark.parametrize('options, kind, text', [
    ({'hosts': 'a'}, TypeError, HOSTS + "'a' (str); did you mean ['a']?"),
    ({'hosts': []}, ValueError, HOSTS + '[] (list); it needs one or more'),
    ({'hosts': {'a': 1}}, TypeError, HOSTS + "{'a': 1} (dict)"),
    ({'hosts': ['a', 1]}, TypeError, HOSTS + "['a', 1] (list)"),
    ({'hosts': ['a'], 'certfile': 'b'}, ValueError, SOURCES + 'certfile and hosts'),
    ({'hosts': ['a'], 'ssl_context': CONTEXT}, ValueError, SOURCES + 'hosts and ssl_context'),
    ({'hosts': ['a'], 'keyfile': 'b'}, ValueError,
     "keyfile is the key of certfile, got 'b' (str); hosts has its own"),
    ({'certificate': 'Expired'}, ValueError,
     CERTIFICATES + "'Expired' (str); did you mean 'expired'?"),
    ({'certificate': 'self-signed'}, ValueError,
     CERTIFICATES + "'self-signed' (str); did you mean 'self_signed'?"),
    ({'certificate': 'server.pem'}, ValueError,
     CERTIFICATES + "'server.pem' (str); the file of your own one is certfile"),
    ({'certificate': ['expired']}, TypeError, CERTIFICATES + "['expired'] (list)"),
    ({'certificate': True}, TypeError, CERTIFICATES + 'True (bool)'),
    ({'certificate': 'expired', 'certfile': 'a'}, ValueError,
     SOURCES + 'certfile and certificate'),
    ({'certificate': 'expired', 'hosts': ['a'], 'ssl_context': CONTEXT}, ValueError,
     SOURCES + 'hosts and certificate and ssl_context'),
    ({'certificate': 'expired', 'keyfile': 'b'}, ValueError,
     "keyfile is the key of certfile, got 'b' (str); certificate has its own"),
    ({'ssl_context': 'a'}, TypeError, CONTEXTS + "'a' (str)"),
    ({'ssl_context': CONTEXT, 'keyfile': 'b'}, ValueError,
     "keyfile is the key of certfile, got 'b' (str); ssl_context has its own"),
    ({'ssl_context': CONTEXT, 'client_cafile': 'b'}, ValueError,
     "client_cafile is not for a server with ssl_context, got 'b' (str); the context says what "
     'clients need'),
    ({'ssl_context': CONTEXT, 'client_cert': 'optional'}, ValueError,
     "client_cert is not for a server with ssl_context, got 'optional' (str); the context says "
     'what clients need')])
def test_what_does_not_go_together_on_https_is_refused(options, kind, text):
    assert refused(kind, check, scheme='https', **options) == text


@pytest.mark.skipif(not hasattr(ssl, 'PROTOCOL_TLS_CLIENT'), reason='no protocol for clients here')
def test_a_context_for_clients_is_refused():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    text = refused(ValueError, check, scheme='https', ssl_context=context)
    assert text.startswith(CONTEXTS) and text.endswith('; this one is for clients')


def test_an_instance_of_a_handler_is_no_class():
    text = refused(TypeError, check, handler=Own.__new__(Own))
    assert text.startswith(HANDLER) and text.endswith('; give the class itself')


def test_the_names_are_those_of_the_constructor():
    get = getattr(inspect, 'getfullargspec', None) or inspect.getargspec
    assert set(get(Server.__init__).args) == {'self', 'scheme'}.union(NAMES, HTTPS_NAMES)


@pytest.mark.parametrize('secure', ['', 'https_server()'])
def test_the_names_of_parameters_are_accepted(secure):
    assert check_names('a keyword', NAMES + HTTPS_NAMES, secure=secure) is None
    assert check_names('a keyword', ['check'], ('check',), secure) is None


@pytest.mark.parametrize('name, meant', [
    ('hist', 'history_limit'),
    ('histroy_limit', 'history_limit'), ('bodylimit', 'body_limit'), ('hander', 'handler'),
    ('limit', 'history_limit'), ('address', 'host'), ('cert', 'certfile'), ('ca', 'client_cafile'),
    ('ssl', 'start_ssl_server()'), ('hostnames', 'hosts'), ('scheme', 'start_ssl_server()')])
def test_an_unknown_name_leads_to_the_one_that_was_meant(name, meant):
    kind = 'a keyword of start_server()'
    assert refused(TypeError, check_names, kind, [name], (), 'start_ssl_server()') == (
        '%s is not a keyword of start_server(); did you mean %s? All of them: host, port, '
        'handler, history_limit, body_limit, proxy' % (name, meant))


def test_a_name_like_none_is_refused_with_all():
    assert refused(TypeError, check_names, 'an option', ['name']) == (
        'name is not an option. All of them: host, port, handler, '
        'history_limit, body_limit, proxy, certfile, keyfile, client_cafile, client_cert, '
        'hosts, certificate, ssl_context')
    assert refused(TypeError, check_names, 'an option', ['tls'], ('check',)) == (
        'tls is not an option. All of them: host, port, handler, '
        'history_limit, body_limit, proxy, certfile, keyfile, client_cafile, client_cert, '
        'hosts, certificate, ssl_context, check')


def test_others_may_be_meant_too():
    assert 'did you mean check?' in refused(
        TypeError, check_names, 'an option', ['chek'], ('check',), 'https_server()')


#: What a server that is no proxy cannot do.
NO_PROXY = ('response_forward', True)


def test_only_tls_has_a_handshake():
    assert set(not_possible('https', 'localhost')) == {NO_PROXY}
    possible = not_possible('http', 'localhost')
    assert possible.pop(NO_PROXY) == 'this server is no proxy; give the URL of a server'
    assert possible == {('response_fault_at', 'handshake'): 'this server speaks plain http'}


def test_a_unix_socket_has_no_reset():
    impossible = not_possible('https', 'unix:/a')
    assert impossible['response_fault', 'reset'] == 'a Unix socket cannot be reset'
    assert set(impossible) == {NO_PROXY, ('response_fault', 'reset')}
    assert set(not_possible('http', 'unix:/a')) == {
        NO_PROXY, ('response_fault', 'reset'), ('response_fault_at', 'handshake')}


@pytest.mark.parametrize('host', ['localhost', '127.0.0.1', '::1'])
def test_only_a_proxy_on_loopback_forwards_to_wherever_a_request_says(host):
    assert not_possible('http', host, proxy=True) == {}
    for reachable in ('0.0.0.0', '::', '', '192.0.2.1', 'example.com'):
        assert set(not_possible('http', reachable, proxy=True)) == {NO_PROXY}
