# -*- coding: utf-8 -*-
"""Makes certificates for any host: the authority of this process, and contexts for servers.

It needs the extra ``tls``. The key of the authority is in memory only, and is never written to a
file. Each process has one authority, which is made when it is first needed. A forked child keeps
that of its parent, so a client that trusts the parent's file trusts the child's servers too.

Functions may be called from any thread. If the extra is missing they raise :exc:`ImportError`.
"""
import collections
import functools
import logging
import os
import sys
import threading

from httptestserver import tls

__all__ = ['LOOPBACK', 'cafile', 'choose', 'new_context', 'normal', 'require', 'server_context']

#: The names of this machine.
LOOPBACK = ('localhost', '127.0.0.1', '::1')

#: The newest contexts are kept, so many of them.
KEPT = 256

#: The extra supports no older Python.
OLDEST = (3, 8)

log = logging.getLogger('httptestserver')


def require(feature):
    """Check that certificates can be made.

    :param feature: what needs them, such as ``'proxy=True'``; the beginning of the message.
    :returns: the module ``trustme``.
    :raises ImportError: the extra is not installed, or this Python is too old for it.
    """
    needs = "%s needs the extra tls: pip install 'httptestserver[tls]'" % feature
    if sys.version_info < OLDEST:
        raise ImportError('%s, on Python %d.%d or newer; this is %d.%d' % (
            (needs,) + OLDEST + sys.version_info[:2]))
    try:
        import trustme
    except ImportError as error:
        raise ImportError('%s (%s)' % (needs, error))
    return trustme


class _Authority(object):
    """The authority, its file, and the contexts for its certificates."""

    def __init__(self):
        # Held while a certificate is made, which takes a millisecond, so that it is made once. A
        # signal handler may interrupt a thread that holds it, and start a server.
        self._lock = threading.RLock()
        self._signer = None                     # guarded by _lock
        self._path = None                       # guarded by _lock
        # Whether a parent process made the file, and may remove it.
        self._inherited = False                 # guarded by _lock
        # By what `context` is called with. The oldest is the first.
        self._contexts = collections.OrderedDict()      # guarded by _lock

    def after_fork(self):
        """Make this object usable in a forked child, where it has the calling thread alone."""
        # Another thread of the parent may have held the lock, or changed the dict.
        self._lock = threading.RLock()
        self._contexts = collections.OrderedDict()
        self._inherited = True

    def signer(self):
        """Return the `trustme.CA`. The first call makes it."""
        with self._lock:
            if self._signer is None:
                trustme = require('a certificate for a host')
                self._signer = trustme.CA(organization_name=u'httptestserver', path_length=0)
            return self._signer

    def cafile(self):
        """Return the path of the authority's certificate. The first call makes the file."""
        with self._lock:
            missing = self._path is None or self._inherited and not os.path.exists(self._path)
            if missing:
                content = self.signer().cert_pem.bytes()
                # Clients that run as other users may read it.
                self._path = tls.temporary_file('ca.pem', content, 0o644)
                self._inherited = False
            return self._path

    def context(self, key, make):
        """Return the context that *make* has returned for *key*, in this call or before."""
        with self._lock:
            if key not in self._contexts:
                self._contexts[key] = make()
                while len(self._contexts) > KEPT:
                    self._contexts.popitem(last=False)
            return self._contexts[key]


_authority = _Authority()

# Windows has no fork.
if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_authority.after_fork)


def cafile():
    """Return the path of a PEM file with the certificate of this process's authority.

    The first call makes the file. It is removed when the process that has made it exits.
    """
    return _authority.cafile()


def normal(host):
    """Return a host name or IP address in the form in which a certificate has it.

    :param host: text. It may begin with ``*.``, which stands for any first label.
    :returns: text; None if no certificate can have the name.
    """
    import ipaddress

    # trustme imports it, and encodes names in this way.
    import idna
    try:
        # A zone, behind a percent sign, has a meaning on one machine only.
        return str(ipaddress.ip_address(host.partition('%')[0])) if '%' not in host else None
    except ValueError:
        pass
    wildcard, name = ('*.', host[2:]) if host.startswith('*.') else ('', host)
    try:
        name = idna.encode(name[:-1] if name.endswith('.') else name, uts46=True)
    except UnicodeError:
        return None
    return wildcard + name.decode('ascii')


def server_context(name, others=()):
    """Return an `ssl.SSLContext` for a server that is *name*, and any other host on request.

    If a client sends another server name, it gets a certificate for that name. All calls with the
    same names return the same context, so callers must not change it.

    :param name: a host name or IP address, from whatever source. If no certificate can have it,
        a client that verifies refuses the one that it gets.
    :param others: a tuple of names and addresses that each certificate has too.
    """
    require('a certificate for a host')
    first = normal(name) or LOOPBACK[0]
    return _authority.context((first, others), lambda: new_context(
        (first,) + others, functools.partial(choose, first, others)))


def choose(own, others, name):
    """Return the context for the server name of a client; None if that of *own* serves it.

    :param own: the name of the context that the connection has.
    :param name: what the client has sent, or None.
    """
    try:
        wanted = name and normal(name)
        # No client means all hosts of a domain.
        if not wanted or wanted == own or wanted.startswith('*'):
            return None
        return server_context(wanted, others)
    except Exception as error:
        # The client gets the certificate of the own name, and refuses it.
        log.warning('no certificate for %r: %s', name, error)
        return None


def new_context(names, choose=None):
    """Return a new context with a certificate for *names*. Its key is new, too.

    :param names: what `normal` has returned.
    :param choose: as of `tls.new_context`.
    """
    context = tls.new_context(choose)
    leaf = _authority.signer().issue_cert(
        *collections.OrderedDict.fromkeys(names), organization_name=u'httptestserver')
    # Writes the key to a file that only this user can read, and deletes it once it is loaded.
    leaf.configure_cert(context)
    return context
