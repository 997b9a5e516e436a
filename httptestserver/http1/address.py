# -*- coding: utf-8 -*-
"""The addresses that a server can have: those of TCP, and Unix sockets.

A host that begins with ``unix:`` is the path of a Unix socket, or ``unix:@name`` for an abstract
one, which is no file. It has no port. Nothing here keeps state or opens a socket.
"""
import os
import socket
import sys

from six import ensure_binary, text_type
from six.moves.urllib.parse import quote

__all__ = ['AF_UNIX', 'NO_CLIENT', 'UNIX', 'address_words', 'addresses_of', 'family_of',
           'from_client', 'is_unix', 'origin_of', 'reachable', 'unix_address', 'unix_host']

#: With what the host of a Unix socket begins.
UNIX = 'unix:'

#: The family of Unix sockets. Python has none on Windows.
AF_UNIX = getattr(socket, 'AF_UNIX', None)

#: What stands for the address of a client at a Unix socket, which has none.
NO_CLIENT = ('', 0)

#: How many bytes the system has for the path of a Unix socket and the NUL at its end.
PATH_SIZE = 108 if sys.platform.startswith('linux') else 104

#: For each address that stands for all, one to connect to, because Windows refuses the former.
_ALL = {'0.0.0.0': '127.0.0.1', '::': '::1'}

# A test may patch `socket`, so what is used of it is bound when this module is imported.
_resolve = socket.getaddrinfo


def _encode(path):
    return ensure_binary(path, sys.getfilesystemencoding() or 'utf-8')


# Paths are bytes on Python 2, and are text on Python 3, which may have bytes that it cannot decode.
_to_bytes = getattr(os, 'fsencode', _encode)
_to_native = getattr(os, 'fsdecode', str)


def addresses_of(host, port):
    """Return what `socket.getaddrinfo` returns for a server at *host*. Raises as that."""
    return _resolve(host, port, 0, socket.SOCK_STREAM)


def family_of(host, port):
    """Return the address family of *host*: IPv4 if it has both, as ``localhost`` does."""
    found = _resolve(host or None, port, 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
    families = [each[0] for each in found]
    return socket.AF_INET if socket.AF_INET in families else families[0]


def reachable(host):
    """Return the address that clients connect to if a server listens on *host*."""
    return _ALL.get(host, host)


def is_unix(host):
    """Whether *host* is a Unix socket. It may be of any type."""
    if isinstance(host, bytes):
        return host.startswith(b'unix:')
    return isinstance(host, text_type) and host.startswith(UNIX)


def unix_address(host):
    """Return the address of the Unix socket *host*, as bytes: an absolute path, or NUL and a name.

    :raises ValueError: there is no such address.
    """
    path = _to_bytes(host)[len(UNIX):]
    if path.startswith(b'@'):
        return _abstract(path[1:])
    if not path or b'\0' in path:
        raise ValueError("a Unix socket is 'unix:' and a path")
    if path.startswith(b'//'):
        raise ValueError('a path begins with one slash; did you mean %r?' % (
            UNIX + _to_native(b'/' + path.lstrip(b'/')),))
    path = os.path.join(_to_bytes(os.getcwd()), path)
    if len(path) >= PATH_SIZE:
        raise ValueError('the path has %d bytes, and this system allows %d; use a folder with a '
                         'shorter name, such as one of tempfile.mkdtemp()'
                         % (len(path), PATH_SIZE - 1))
    return path


def _abstract(name):
    if not sys.platform.startswith('linux'):
        raise ValueError('only Linux has abstract sockets; use a path')
    if not name or b'\0' in name:
        raise ValueError("an abstract socket is 'unix:@' and a name")
    if len(name) >= PATH_SIZE:
        raise ValueError('the name has %d bytes, and this system allows %d'
                         % (len(name), PATH_SIZE - 1))
    return b'\0' + name


def unix_host(address):
    """Return the host, a str, for what `unix_address` has returned."""
    return UNIX + _to_native(address.replace(b'\0', b'@', 1))


def origin_of(scheme, host, port):
    """Return the beginning of the URLs of a server, without a slash at its end.

    :param scheme: ``'http'`` or ``'https'``.
    :param port: is ignored for a Unix socket.
    """
    if is_unix(host):
        return '%s+unix://%s' % (scheme, quote(unix_address(host), ''))
    host = reachable(host)
    return '%s://%s:%d' % (scheme, '[%s]' % host if ':' in host else host, port)


def from_client(address):
    """Return the words of a message that name a client; '' if it has no address."""
    return ' from %s:%s' % tuple(address[:2]) if address[0] else ''


def address_words(host, port):
    """Return the words of a message that name the address of a server."""
    return '%r' % (host,) if is_unix(host) else '%r port %r' % (host, port)
