# -*- coding: utf-8 -*-
"""The server to which a script forwards requests: its URL, and the authorities that verify it.

This module is imported when a script has ``response_forward``. It takes no lock. The only file
that it reads is that of the authorities.
"""
import collections
import re
import ssl

from six import ensure_str, ensure_text, string_types

from httptestserver.scripting.content import StreamedContent, is_path, path_name
from httptestserver.wording import shown, wrong

__all__ = ['Destination', 'Forwarding', 'check_cafile', 'check_forward', 'parse_destination',
           'trusting']

_ALLOWED = "the URL of a server, such as 'https://api.example.com' (or True, in a proxy)"

_url = re.compile(r'(?i)(https?)://([^/?#]*)([^?#]*)(.*)\Z', re.DOTALL).match
_authority = re.compile(r'(\[[0-9A-Fa-f:.]+\]|[^:\[\]@%\\]+)(?::([0-9]{1,5}))?\Z').match

_PORTS = {'http': 80, 'https': 443}


class Destination(collections.namedtuple('Destination', 'scheme host port base')):
    """A server: its scheme, host and port, and the path that precedes those of its requests.

    ``host`` is ASCII, without the brackets of IPv6. ``base`` has no slash at its end.
    """

    __slots__ = ()

    @property
    def authority(self):
        """The value of a Host field: the host, and the port if it is not the usual one."""
        host = '[%s]' % self.host if ':' in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else '%s:%d' % (host, self.port)

    def __str__(self):
        return '%s://%s%s' % (self.scheme, self.authority, self.base)


class Forwarding(StreamedContent):
    """The content of a response that is another server's. `serving.forwarding` replaces it.

    :param url: the value of ``response_forward``.
    :param cafile: the path of the authorities that verify that server; None for the usual ones.
    """

    is_forwarded = True
    sent = b''

    def __init__(self, url, cafile):
        #: The `Destination`; None for the one that the request names.
        self.destination = None if url is True else parse_destination(url)
        self.cafile = cafile


def check_forward(key, value):
    """Check a value of ``response_forward``.

    :raises TypeError, ValueError: it is neither True nor a URL that can be forwarded to.
    """
    if value is True:
        return
    if not isinstance(value, string_types):
        raise wrong(TypeError, key, _ALLOWED, value)
    parse_destination(value, key)


def parse_destination(url, key='response_forward'):
    """Return the `Destination` of *url*, a str.

    :raises ValueError: it is no URL of http or https, or has other parts than a host, a port and a
        path.
    """
    found = _url(url)
    hint = _hint(url, found)
    host, port = _host_and_port(found.group(2)) if found and not hint else ('', 0)
    if hint or not host:
        raise wrong(ValueError, key, _ALLOWED, url, hint or 'its host or port is wrong')
    scheme = ensure_str(found.group(1)).lower()
    base = ensure_str(found.group(3)).rstrip('/')
    return Destination(scheme, host, _PORTS[scheme] if port is None else port, base)


def _hint(url, found):
    """Return what is wrong in *url*, and what to write instead; '' if nothing is found.

    :param found: the match of its parts, or None.
    """
    if re.search(r'[\x00-\x20\x7f]', url):
        return 'it has white space or control characters'
    if not found:
        if url.startswith('unix:') or '+unix:' in url:
            return 'a Unix socket cannot be forwarded to'
        return _scheme_hint(url)
    authority, path, rest = found.group(2), found.group(3), found.group(4)
    if '@' in authority:
        return 'without user and password; requests bring their own fields'
    if rest:
        return 'without query and fragment; requests bring their own query'
    if re.search(r'[^\x21-\x7e]', path):
        return 'its path has characters that have to be percent-encoded'
    return ''


def _scheme_hint(url):
    """Return what to write in place of *url*, which begins with neither http:// nor https://."""
    scheme, has_scheme, _ = url.partition('://')
    if has_scheme:
        return 'only http and https can be forwarded to, not %s' % shown(scheme)
    meant = 'https://' + (url[2:] if url.startswith('//') else url)
    found = _url(meant)
    if re.match('(?i)https?[:/]', url) or not found or not _host_and_port(found.group(2))[0]:
        return 'it has no http:// or https://'
    return 'did you mean %s?' % shown(meant)


def _host_and_port(authority):
    """Return the host, in ASCII, and the port, None without one; ('', 0) if they are wrong."""
    found = _authority(authority)
    port = found and found.group(2)
    if not found or port and not 0 < int(port) < 65536:
        return '', 0
    host = found.group(1).strip('[]')
    try:
        if re.search(r'[^\x21-\x7e]', host):
            host = ensure_text(host).encode('idna')
        host = ensure_str(host)
    except UnicodeError:
        return '', 0
    return host, int(port) if port else None


def check_cafile(key, value):
    """Check that *value* is the path of a file with authorities.

    :raises TypeError, ValueError: it is not.
    """
    allowed = 'the path of a PEM file with the authorities that verify the server'
    if not isinstance(value, string_types) and not is_path(value):
        raise wrong(TypeError, key, allowed, value)
    try:
        trusting(value)
    except (EnvironmentError, ValueError) as error:
        raise wrong(ValueError, key, allowed, value, str(error))


def trusting(cafile):
    """Return the `ssl.SSLContext` of a client that trusts the authorities in *cafile*.

    :raises EnvironmentError: the file cannot be read, or has none.
    """
    return ssl.create_default_context(cafile=path_name(cafile))
