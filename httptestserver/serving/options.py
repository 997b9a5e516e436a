# -*- coding: utf-8 -*-
"""Checks the parameters of a server before it is made. Nothing here does I/O or takes a lock."""
from six import string_types

from httptestserver.recording.coroutines import check_function
from httptestserver.scripting.arguments import is_int
from httptestserver.serving.handler import Handler
from httptestserver.wording import nearest, unknown, wrong

__all__ = ['check_names', 'check_options']

#: The parameters of any server, and those for https only, in the order that messages list.
NAMES = ('host', 'port', 'handler', 'history_limit', 'body_limit')
HTTPS_NAMES = ('certfile', 'keyfile', 'client_cafile', 'client_cert')

#: Names that users of other libraries write, each with the parameter that they mean. The names
#: of the second group mean a function that starts an HTTPS server.
_HABITS = {
    'address': 'host', 'bind': 'host', 'ca': 'client_cafile', 'cafile': 'client_cafile',
    'cert': 'certfile', 'cert_reqs': 'client_cert', 'key': 'keyfile', 'limit': 'history_limit',
    'max_body': 'body_limit'}
_HTTPS_HABITS = ('https', 'scheme', 'ssl', 'ssl_context', 'tls')


#: The methods of `Handler`, beside those of HTTP methods, that a subclass overrides.
_OVERRIDDEN = ('handle_request', 'save_history', 'update_state')


def check_names(function, names, others=()):
    """Check the *names* of keyword arguments for a function that starts a server.

    :param function: its name, such as ``'start_ssl_server'``.
    :param others: the names of its further parameters, such as ``'check'``.
    :raises TypeError: a name is unknown. The message suggests the one that was meant.
    """
    known = NAMES + HTTPS_NAMES + others
    for name in names:
        if name not in known:
            secure = function in ('start_ssl_server', 'https_server')
            # For http, those for https are not listed, because `check_options` refuses them.
            allowed = known if secure else NAMES + others
            raise TypeError(unknown(name, 'a keyword of %s()' % function, allowed,
                                    _meant(name, known, secure, function)))


def _meant(name, known, secure, function):
    if name in _HTTPS_HABITS and not secure:
        return {'http_server': 'https_server()'}.get(function, 'start_ssl_server()')
    return _HABITS.get(name) or nearest(name, known)


def check_options(host, port, scheme, handler, limits, https_options):
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
    for name in HTTPS_NAMES:
        if scheme == 'http' and https_options.get(name):
            raise wrong(ValueError, name, 'for https only', https_options[name],
                        'https_server() and start_ssl_server() speak it')


def _check_address(host, port):
    if not isinstance(host, string_types + (bytes,)):
        hint = 'did you mean port=%d?' % host if is_int(host) else ''
        raise wrong(TypeError, 'host', 'a str', host, hint)
    if not is_int(port):
        hint = 'did you mean %s?' % port if _has_digits(port) else ''
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
