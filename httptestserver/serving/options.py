# -*- coding: utf-8 -*-
"""Checks the parameters of a server before it is made. Nothing here does I/O or takes a lock."""
import ssl

from six import string_types
from six.moves import collections_abc

from httptestserver.http1.address import UNIX, is_unix
from httptestserver.recording.coroutines import check_function
from httptestserver.recording.expected import is_int
from httptestserver.serving.handler import Handler
from httptestserver.serving.identity import REFUSED
from httptestserver.wording import nearest, one_of, shown, unknown, wrong

__all__ = ['check_keywords', 'check_names', 'check_options', 'not_possible']

#: The parameters of any server, and those for https only, in the order that messages list.
NAMES = ('host', 'port', 'handler', 'history_limit', 'body_limit', 'proxy')
HTTPS_NAMES = ('certfile', 'keyfile', 'client_cafile', 'client_cert', 'hosts', 'certificate',
               'ssl_context')

#: The parameters that each say what certificate the server has.
_SOURCES = ('certfile', 'hosts', 'certificate', 'ssl_context')

#: The keyword arguments of `Server.check`.
CHECK_KEYWORDS = ('unserved', 'unrequested')

#: The addresses that only programs of this machine reach.
LOOPBACK = ('localhost', '127.0.0.1', '::1')

#: Names that users of other libraries write, each with the parameter that they mean. The names
#: of the second group mean a function that starts an HTTPS server.
_HABITS = {
    'address': 'host', 'bind': 'host', 'ca': 'client_cafile', 'cafile': 'client_cafile',
    'cert': 'certfile', 'cert_reqs': 'client_cert', 'context': 'ssl_context', 'domains': 'hosts',
    'hostnames': 'hosts', 'key': 'keyfile', 'limit': 'history_limit', 'max_body': 'body_limit',
    'names': 'hosts', 'san': 'hosts', 'socket_path': 'host', 'uds': 'host', 'unix': 'host',
    'unix_socket': 'host'}
_HTTPS_HABITS = ('https', 'scheme', 'ssl', 'tls')


#: The methods of `Handler`, beside those of HTTP methods, that a subclass overrides.
_OVERRIDDEN = ('handle_request', 'save_history', 'update_state')


def check_names(kind, names, others=(), secure=''):
    """Check the *names* of parameters for a server.

    :param kind: what they are, such as ``'a keyword of start_server()'``.
    :param others: further names that are allowed, such as ``'check'``.
    :param secure: what starts an HTTPS server instead; '' if these are parameters for one.
    :raises TypeError: a name is unknown. The message suggests the one that was meant.
    """
    known = NAMES + HTTPS_NAMES + others
    for name in names:
        if name not in known:
            # For http, those for https are not listed, because `check_options` refuses them.
            allowed = NAMES + others if secure else known
            raise TypeError(unknown(name, kind, allowed, _meant(name, known, secure)))


def _meant(name, known, secure):
    if secure and name in _HTTPS_HABITS:
        return secure
    return _HABITS.get(name) or nearest(name, known)


def check_options(host, port, scheme, handler, limits, https_options, proxy=False):
    """Check the parameters of a server.

    :param limits: a dict from the names of the limits to their values.
    :param https_options: a dict like it, of the parameters for https only. The value of one that
        has its default is None.
    :raises TypeError, ValueError: one of them is wrong.
    """
    if scheme not in ('http', 'https'):
        raise wrong(ValueError, 'scheme', "'http' or 'https'", scheme)
    _check_address(host, port)
    if not isinstance(handler, type) or not issubclass(handler, Handler):
        hint = 'give the class itself' if isinstance(handler, Handler) else ''
        raise wrong(TypeError, 'handler', 'Handler or a subclass of it', handler, hint)
    if handler is not Handler:
        _check_methods(handler)
    for name in sorted(limits):
        _check_limit(name, limits[name])
    if scheme == 'https':
        _check_https(https_options)
    else:
        _check_http(https_options, proxy)
    _check_proxy(proxy, scheme, host)


def _check_http(https_options, proxy):
    for name in HTTPS_NAMES:
        if https_options.get(name) not in (None, ''):
            raise _for_https(name, https_options[name], proxy)


def _for_https(name, value, proxy):
    """Return the exception for a parameter of an http server that only https servers have."""
    if not proxy:
        return wrong(ValueError, name, 'for https only', value,
                     'https_server() and start_ssl_server() speak it')
    # An https server cannot be a proxy, so this message must not lead there.
    hint = ('it asks clients for no certificate' if name.startswith('client_') else
            'it makes a certificate for each host that clients ask for')
    return wrong(ValueError, name, 'not for a proxy', value, hint)


def _check_proxy(proxy, scheme, host):
    """Check whether a server of this *scheme* that listens on *host* can be a proxy."""
    if not isinstance(proxy, bool):
        raise wrong(TypeError, 'proxy', 'True or False', proxy)
    if proxy and scheme != 'http':
        raise wrong(ValueError, 'proxy', 'for http only', proxy,
                    'use http_server() or start_server(): their tunnels take https too')
    if proxy and is_unix(host):
        raise wrong(ValueError, 'proxy', 'not for a Unix socket', proxy,
                    'clients find a proxy by its address and port')


def not_possible(scheme, host, proxy=False):
    """Return what a server cannot do, as `check_possible` needs it.

    :param scheme: ``'http'`` or ``'https'``.
    :param proxy: whether it opens tunnels, in which clients may speak TLS.
    """
    cannot = {}
    if is_unix(host):
        cannot['response_fault', 'reset'] = 'a Unix socket cannot be reset'
    if not proxy:
        cannot['response_forward', True] = 'this server is no proxy; give the URL of a server'
    elif host not in LOOPBACK:
        cannot['response_forward', True] = 'this proxy can be reached from other machines; give ' \
                                           'the URL of a server'
    if scheme == 'http' and not proxy:
        cannot['response_fault_at', 'handshake'] = 'this server speaks plain http'
    return cannot


def _check_https(options):
    given = {name: options[name] for name in HTTPS_NAMES if options.get(name) is not None}
    sources = [name for name in _SOURCES if name in given]
    if len(sources) > 1:
        raise ValueError('a server has at most one of %s, got %s' % (
            ', '.join(_SOURCES), ' and '.join(sources)))
    if 'keyfile' in given and sources not in ([], ['certfile']):
        raise wrong(ValueError, 'keyfile', 'the key of certfile', given['keyfile'],
                    '%s has its own' % sources[0])
    if 'hosts' in given:
        _check_hosts(given['hosts'])
    if 'certificate' in given:
        _check_certificate(given['certificate'])
    if 'ssl_context' in given:
        _check_context(given)


def _check_certificate(name):
    allowed = one_of(sorted(REFUSED))
    if not isinstance(name, string_types):
        raise wrong(TypeError, 'certificate', allowed, name)
    if name not in REFUSED:
        meant = nearest(name, REFUSED)
        hint = 'did you mean %r?' % meant if meant else 'the file of your own one is certfile'
        raise wrong(ValueError, 'certificate', allowed, name, hint)


def _check_hosts(hosts):
    allowed = 'a list of host names and IP addresses'
    if isinstance(hosts, string_types):
        raise wrong(TypeError, 'hosts', allowed, hosts, 'did you mean [%s]?' % shown(hosts))
    if not isinstance(hosts, (list, tuple)):
        raise wrong(TypeError, 'hosts', allowed, hosts)
    if not hosts:
        raise wrong(ValueError, 'hosts', allowed, hosts, 'it needs one or more')
    for host in hosts:
        if not isinstance(host, string_types):
            raise wrong(TypeError, 'hosts', allowed, hosts)


def _check_context(given):
    allowed, context = 'an ssl.SSLContext for a server', given['ssl_context']
    if not isinstance(context, ssl.SSLContext):
        raise wrong(TypeError, 'ssl_context', allowed, context)
    # Old Pythons have no protocol for clients alone.
    if context.protocol == getattr(ssl, 'PROTOCOL_TLS_CLIENT', None):
        raise wrong(ValueError, 'ssl_context', allowed, context, 'this one is for clients')
    for name in ('client_cafile', 'client_cert'):
        if name in given:
            raise wrong(ValueError, name, 'not for a server with ssl_context', given[name],
                        'the context says what clients need')


def _check_address(host, port):
    if not isinstance(host, string_types + (bytes,)):
        hint = 'did you mean port=%d?' % host if is_int(host) else ''
        if isinstance(host, list):
            hint = 'did you mean hosts=%s?' % shown(host)
        raise wrong(TypeError, 'host', 'a str', host, hint)
    if is_unix(host):
        if port not in (None, 0):
            raise wrong(ValueError, 'port', 'None or 0 for a Unix socket', port)
        return
    if isinstance(host, string_types) and host.startswith('/'):
        raise wrong(ValueError, 'host', 'a name or an address', host,
                    'did you mean %s?' % shown(UNIX + host))
    _check_port(port)


def _check_port(port):
    if not is_int(port):
        hint = 'did you mean %s?' % port if _has_digits(port) else ''
        if isinstance(port, string_types) and is_unix(port):
            hint = 'did you mean host=%s?' % shown(port)
        raise wrong(TypeError, 'port', 'an int from 0 to 65535', port, hint)
    if not 0 <= port <= 65535:
        raise wrong(ValueError, 'port', 'an int from 0 to 65535', port)


def _check_methods(handler):
    """Check the methods that the subclass *handler* may override, and its checks of keys."""
    for name in dir(handler):
        if name.startswith('do_') or name in _OVERRIDDEN:
            check_function('%s.%s' % (handler.__name__, name), getattr(handler, name))
    for key in handler.response_keys:
        check_function('the check of %s' % key, handler.response_keys[key])


def _check_limit(name, limit):
    allowed = 'None or an int of 0 or more'
    if limit is None:
        return
    if not is_int(limit):
        hint = 'did you mean %s?' % limit if _has_digits(limit) else ''
        raise wrong(TypeError, name, allowed, limit, hint)
    if limit < 0:
        raise wrong(ValueError, name, allowed, limit)


def _has_digits(value):
    return isinstance(value, string_types) and value.isdigit()


def check_keywords(check, kind='a keyword of Server.check()'):
    """Return the keyword arguments of `Server.check` for an option *check*; None for no check.

    :param check: True, False, or a dict of keyword arguments.
    :param kind: what its keys are, for a message.
    :raises TypeError, ValueError: it is something else, or a keyword is unknown.
    """
    if isinstance(check, bool):
        return {} if check else None
    if not isinstance(check, collections_abc.Mapping):
        raise wrong(TypeError, 'check', 'True, False or a dict of keywords of Server.check', check)
    for key in check:
        if key not in CHECK_KEYWORDS:
            raise ValueError(unknown(key, kind, CHECK_KEYWORDS, nearest(key, CHECK_KEYWORDS)))
    return dict(check)
