# -*- coding: utf-8 -*-
"""The target of a request: its path in segments, its query, and its origin.

Nothing here does I/O or takes a lock.
"""
import re

from six import ensure_str, ensure_text
from six.moves.urllib.parse import unquote_to_bytes

__all__ = ['Target', 'URI', 'origin']

#: What is not escaped in a URL, beside letters and digits: RFC 3986, section 2. The percent sign
#: stays, because targets are escaped already.
URI = "%:/?[]@!$&'()*+,;=-._~"

_authority = re.compile(r'(?:.*@)?(.*?)(?::([0-9]*))?\Z', re.DOTALL).match

# RFC 9112, section 3.2.3.
_authority_form = re.compile(r'([^/@]+):([0-9]+)\Z').match

#: The ports that an origin leaves out.
_DEFAULT_PORTS = {'http': '80', 'https': '443'}


class Target(str):
    """A request target: a str of its path, with its other parts. RFC 9112, section 3.2.

    ``origin`` is what the function `origin` returns for a target in absolute-form; ``''`` for
    other forms, and for the URL of a Unix socket. ``query`` is what follows the question mark.
    ``parts`` is a tuple of the path's segments, as decoded bytes. A decoded %2F is part of its
    segment.
    """

    def __new__(cls, target):
        of_target = ''
        if target[:1] != '/' and '://' in target:
            scheme, rest = target.split('://', 1)
            end = re.search('[/?]|$', rest).start()
            # The host of such a URL is the socket, which no request names.
            of_target = '' if scheme.endswith('+unix') else origin(scheme, rest[:end])
            target = rest[end:]
            target = target if target.startswith('/') else '/' + target
        path, _, query = target.partition('?')
        self = super(Target, cls).__new__(cls, path)
        self.origin, self.query = of_target, query
        if path[:1] != '/':
            path = _normal_authority(path)
        self.parts = tuple([unquote_to_bytes(part) for part in path.split('/')])
        return self

    def at(self, origin):
        """Return this target with another *origin*."""
        other = str.__new__(Target, self)
        vars(other).update(vars(self), origin=origin)
        return other


def origin(scheme, authority):
    """Return ``scheme://host:port`` in its normal form: RFC 3986, section 6.2.

    It is in lower case and ASCII, without user and password, and without the default port.
    """
    scheme = scheme.lower()
    host, port = _authority(authority).groups()
    port = (port or '').lstrip('0')
    if port == _DEFAULT_PORTS.get(scheme):
        port = ''
    return '%s://%s%s' % (scheme, _ascii(host), ':' + port if port else '')


def _normal_authority(target):
    """Return the *target* of a CONNECT with its host and port as an origin has them.

    Any other target is returned unchanged.
    """
    found = _authority_form(target)
    if not found:
        return target
    host, port = found.groups()
    return '%s:%s' % (_ascii(host), port.lstrip('0') or '0')


def _ascii(host):
    """Return *host* in lower case. If it is not ASCII, it is encoded as IDNA if possible: RFC 3490.
    """
    text = ensure_text(host, 'utf-8', 'replace').lower()
    try:
        return ensure_str(text.encode('ascii'))
    except UnicodeError:
        try:
            return ensure_str(text.encode('idna'))
        except UnicodeError:
            return ensure_str(text)
