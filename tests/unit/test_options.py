# -*- coding: utf-8 -*-
"""The parameters of a server: what is refused, and what was meant."""
import inspect

import pytest

from httptestserver import Server
from httptestserver.serving.handler import Handler
from httptestserver.serving.options import HTTPS_NAMES, NAMES, check_names, check_options

PORT = 'port is an int from 0 to 65535, got '
LIMIT = 'history_limit is None or an int of 0 or more, got '
HANDLER = 'handler is Handler or a subclass of it, got '
HTTPS = '; https_server() and start_ssl_server() speak it'


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
    {'scheme': 'https', 'certfile': 'a', 'client_cert': 'optional'}])
def test_right_parameters_are_accepted(options):
    assert check(**options) is None


@pytest.mark.parametrize('options, kind, text', [
    ({'scheme': 'HTTP'}, ValueError, "scheme is 'http' or 'https', got 'HTTP' (str)"),
    ({'scheme': None}, ValueError, "scheme is 'http' or 'https', got None (NoneType)"),
    ({'host': 80}, TypeError, 'host is a str, got 80 (int); did you mean port=80?'),
    ({'host': None}, TypeError, 'host is a str, got None (NoneType)'),
    ({'host': ('a', 80)}, TypeError, "host is a str, got ('a', 80) (tuple)"),
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
     "client_cert is for https only, got 'optional' (str)" + HTTPS)])
def test_a_wrong_parameter_is_refused_with_what_is_allowed(options, kind, text):
    assert refused(kind, check, **options) == text


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
    ('ssl', 'start_ssl_server()'), ('scheme', 'start_ssl_server()')])
def test_an_unknown_name_leads_to_the_one_that_was_meant(name, meant):
    kind = 'a keyword of start_server()'
    assert refused(TypeError, check_names, kind, [name], (), 'start_ssl_server()') == (
        '%s is not a keyword of start_server(); did you mean %s? All of them: host, port, '
        'handler, history_limit, body_limit' % (name, meant))


def test_a_name_like_none_is_refused_with_all():
    assert refused(TypeError, check_names, 'an option', ['name']) == (
        'name is not an option. All of them: host, port, handler, '
        'history_limit, body_limit, certfile, keyfile, client_cafile, client_cert')
    assert refused(TypeError, check_names, 'an option', ['ssl'], ('check',)) == (
        'ssl is not an option. All of them: host, port, handler, '
        'history_limit, body_limit, certfile, keyfile, client_cafile, client_cert, check')


def test_others_may_be_meant_too():
    assert 'did you mean check?' in refused(
        TypeError, check_names, 'an option', ['chek'], ('check',), 'https_server()')
