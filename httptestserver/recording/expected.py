# -*- coding: utf-8 -*-
"""Checks the values of criteria, and refuses values that no request can have.

Without this check, a route with such a value would silently match nothing. Nothing here does I/O
or takes a lock.
"""
import re
from numbers import Integral, Number

from six import ensure_str, string_types
from six.moves import collections_abc

from httptestserver.http1.fields import is_token
from httptestserver.recording.target import Target
from httptestserver.wording import shown, wrong

__all__ = ['check_method', 'check_names', 'check_path', 'compares', 'instead', 'is_int']

_is_path = re.compile(r'/|\*\Z|[A-Za-z][A-Za-z0-9+.\-]*://').match
_authority = re.compile(r'[A-Za-z][A-Za-z0-9+.\-]*://([^/?]*)').match
_is_host = re.compile(r"[^:]*://(?:\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+,;=%-]+)(?::[0-9]+)?\Z").match
_is_name = re.compile(r'[A-Za-z0-9.\-]+\Z').match
_is_authority = re.compile(r'[^/]+:[0-9]+\Z').match
_url_of_http = re.compile(
    r'(https?)://([^/?#@:]+|\[[^]]*\])(:[0-9]+)?(?:[/?#]|\Z)', re.I).match
_host_and_path = re.compile(
    r'(?:(https?):/?)?((?:[A-Za-z0-9\-]+[.])+[A-Za-z]+(?::[0-9]+)?/.*)\Z').match
_method_and_path = re.compile(r'([A-Za-z]+) +(/\S*)\Z').match

_PATH = "a str that begins with '/', 'http://' or 'https://', or '*'"
_TUNNEL = "a host and a port for CONNECT, such as 'example.com:443'"
_URL = 'a URL whose host is a name or an address'

#: The hint if *method* is a function, as when `route` decorates one without parentheses.
_FUNCTION = 'a decorator is @server.route(...), a condition is match='

#: Modules of the standard library. Values of their types never equal a str of a request.
_STANDARD = ('array', 'builtin', 'builtins', 'collections', 'datetime', 'decimal', 'enum',
             'exceptions', 'fractions', 'ipaddress', 'pathlib', 're', 'sre', 'types', 'uuid')

#: The modules among them whose values a client sends as ``str(value)``, so a hint suggests it.
_SCALARS = ('datetime', 'decimal', 'fractions', 'ipaddress', 'pathlib', 'uuid')


def check_method(method):
    """Check the criterion *method*, and return a list of the methods in upper case.

    :raises TypeError: it is neither a str nor several of them.
    :raises ValueError: one of them is no token. RFC 9110, section 9.1.
    """
    several = (method,) if isinstance(method, string_types) else method
    if not isinstance(several, (tuple, list, set, frozenset)) or not several or not all(
            isinstance(each, string_types) for each in several):
        hint = _FUNCTION if callable(method) else ''
        raise wrong(TypeError, 'method', 'a str or several', method, hint)
    for each in several:
        if not is_token(each):
            raise wrong(ValueError, 'method', "a word such as 'GET'", each, _instead(each))
    return [each.upper() for each in several]


def _instead(method):
    """Return a hint for a *method* that is no token; '' if there is none."""
    both = _method_and_path(method)
    if both:
        return 'did you mean %s, %s?' % (shown(both.group(1)), shown(both.group(2)))
    if _is_path(method):
        return 'did you mean path=%s?' % shown(method)
    bare = method.strip()
    return 'did you mean %s?' % shown(bare) if is_token(bare) else ''


def check_path(path, methods):
    """Check a *path* that is a str.

    :param methods: a list of the methods to match, in upper case; [] if all match.
    :raises ValueError: no request with these methods can have *path*. RFC 9112, section 3.2.
    """
    if 'CONNECT' in methods and _is_authority(path):
        if '*' in path:
            raise wrong(ValueError, 'path', _TUNNEL, path, 'several hosts need a compiled regex')
        return
    if methods == ['CONNECT']:
        raise wrong(ValueError, 'path', _TUNNEL, path, _instead_of_authority(path))
    if path == '*' and methods and 'OPTIONS' not in methods:
        raise wrong(ValueError, 'path', _PATH, path, "only OPTIONS has the path '*'")
    if not _is_path(path):
        raise wrong(ValueError, 'path', _PATH, path, _instead_of_path(path, methods))
    if '#' in path:
        hint = 'did you mean %s?' % shown(path.partition('#')[0])
        raise wrong(ValueError, 'path', 'a str without a fragment', path, hint)
    _check_url(path)


def _instead_of_authority(path):
    """Return a hint for a *path* of CONNECT that is no authority; '' if there is none."""
    url = _url_of_http(path)
    if url:
        scheme, host, port = url.groups()
        path = host + (port or (':443' if scheme.lower() == 'https' else ':80'))
    elif _is_name(path):
        path += ':443'
    return 'did you mean %s?' % shown(path) if _is_authority(path) else ''


def _instead_of_path(path, methods):
    """Return a hint for a *path* that no target begins like; '' if there is none."""
    hint = '' if path.startswith('*') else 'did you mean %s?' % shown('/' + path)
    if re.search(r'^\^|\$$|[.][*+]|\\[dws]', path):
        hint = 'did you mean re.compile(%s)?' % shown(path)
    elif _is_authority(path):
        hint = "an authority needs method='CONNECT'"
    elif _host_and_path(path):
        scheme, rest = _host_and_path(path).groups()
        hint = 'did you mean %s?' % shown('%s://%s' % (scheme or 'https', rest))
    elif not methods and path.isupper() and is_token(path):
        hint = 'did you mean method=%s?' % shown(path)
    return hint


def _check_url(path):
    """Raise ValueError if *path* is a URL whose authority no request has."""
    found = _authority(path)
    authority = found.group(1) if found else ''
    # The URL of a Unix socket has no origin.
    of_target = Target(path).origin
    if '@' in authority or '*' in authority or of_target and not _is_host(of_target):
        raise wrong(ValueError, 'path', _URL, path, _instead_of_host(authority))


def _instead_of_host(authority):
    """Return a hint for an *authority* that no request has; '' if there is none."""
    if '@' in authority:
        return 'did you mean auth=?'
    several = '*' in authority or '{' in authority
    return 'several hosts need a compiled regex of Host in headers' if several else ''


def check_names(criterion, wanted):
    """Raise TypeError if the value of *criterion* is not a dict whose keys are str."""
    if not isinstance(wanted, collections_abc.Mapping) or not all(
            isinstance(name, string_types) for name in wanted):
        raise wrong(TypeError, criterion, 'a dict of names and values', wanted)


def is_int(value):
    """Whether *value* is an integer of any type, such as one of numpy, and no bool."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def compares(value):
    """Whether *value* has an `__eq__` of its own, as `mock.ANY` has.

    No number has one, because a number never equals text.
    """
    if isinstance(value, Number):
        return False
    kind = type(value)
    if kind.__name__ == 'instance':
        # On Python 2, the objects of all old-style classes have this type.
        return hasattr(value, '__eq__')
    # On Python 2 a class may define `__cmp__` instead.
    owner = next((each for each in kind.__mro__
                  if '__eq__' in vars(each) or '__cmp__' in vars(each)), object)
    return _module_of(owner) not in _STANDARD


def _module_of(kind):
    # The name is reduced, because types may be in _decimal, pathlib._local or __builtin__.
    return str(kind.__module__).split('.')[0].strip('_')


def instead(value):
    """Return what to write instead of *value*, which no text equals; '' if there is nothing."""
    if isinstance(value, bool):
        return "clients send 'True', 'true' or '1'"
    if isinstance(value, Number) or _module_of(type(value)) in _SCALARS:
        return 'did you mean %s?' % shown(str(value))
    if isinstance(value, bytes):
        return 'did you mean %s?' % shown(ensure_str(value, 'utf-8', 'replace'))
    if callable(value) or hasattr(value, 'search'):
        return 'use match= with a function of the request'
    return ''
