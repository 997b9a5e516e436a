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
import warnings

from httptestserver import tls
from httptestserver.temporary import temporary_file

__all__ = ['LOOPBACK', 'cafile', 'choose', 'hosts_context', 'new_context', 'normal', 'require',
           'server_context']

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
    :raises ImportError: the extra is not installed, it is broken, or this Python is too old for it.
    """
    needs = "%s needs the extra tls: pip install 'httptestserver[tls]'" % feature
    if sys.version_info < OLDEST:
        raise ImportError('%s, on Python %d.%d or newer; this is %d.%d' % (
            (needs,) + OLDEST + sys.version_info[:2]))
    try:
        return _imported() if 'trustme' in sys.modules else _imported_quietly()
    except Exception as error:
        # A cryptography that does not fit raises others, such as AttributeError.
        reason = str(error)
    # Raised here, so that a report has no second traceback that says less.
    raise ImportError('%s (%s)' % (needs, reason))


def _imported():
    # Blocks while another thread imports it for the first time.
    import trustme
    return trustme


def _imported_quietly():
    with warnings.catch_warnings():
        # It imports cryptography, which warns on a Python that it supports no longer. The test
        # cannot change that, and may treat warnings as errors.
        warnings.simplefilter('ignore')
        return _imported()


class _Authority(object):
    """The authority, its file, and the contexts for its certificates."""

    def __init__(self):
        # Held while a certificate is made, which takes a millisecond, so that it is made once. A
        # signal handler may interrupt a thread that holds it, and start a server.
        self._lock = threading.RLock()
        self._signer = None                     # guarded by _lock
        self._path = None                       # guarded by _lock
        # By what `context` is called with. The oldest is the first.
        self._contexts = collections.OrderedDict()      # guarded by _lock

    def after_fork(self):
        """Make this object usable in a forked child, where it has the calling thread alone."""
        # Another thread of the parent may have held the lock, or changed the dict.
        self._lock = threading.RLock()
        self._contexts = collections.OrderedDict()

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
            # A test may have removed the folder for temporary files that it has set.
            if self._path is None or not os.path.exists(self._path):
                content = self.signer().cert_pem.bytes()
                # Clients that run as other users may read it.
                self._path = temporary_file('ca.pem', content, 0o644)
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
    # trustme imports it, and encodes names in this way.
    import idna
    address = _address(host)
    if address:
        return address
    wildcard, name = ('*.', host[2:]) if host.startswith('*.') else ('', host)
    try:
        name = idna.encode(name[:-1] if name.endswith('.') else name, uts46=True)
    except UnicodeError:
        return None
    if name.rpartition(b'.')[2].isdigit():
        # No name ends so: it would be an address, such as 10.0.0.300, that is none.
        return None
    return wildcard + name.decode('ascii')


def _address(host):
    """Return an IP address in its normal form; None if *host* is a name.

    An address with a zone, such as ``fe80::1%eth0``, is none here: a zone is local to a machine.
    """
    import ipaddress
    try:
        return None if '%' in host else str(ipaddress.ip_address(host))
    except ValueError:
        return None


def server_context(name, others=()):
    """Return an `ssl.SSLContext` for a server that is *name*, and any other host on request.

    If a client sends another server name, it gets a certificate for that name. All calls with the
    same names return the same context, so callers must not change it.

    :param name: a host name or IP address, from whatever source. If no certificate can have it,
        a client that verifies refuses the one that it gets.
    :param others: a tuple of names and addresses that each certificate has too.
    """
    require('a certificate for a host')
    own = normal(name) or LOOPBACK[0]
    find = functools.partial(_find_or_make, own, others)
    return _authority.context(
        (own, others),
        lambda: new_context((own,) + others, functools.partial(choose, find)))


def _find_or_make(own, others, name):
    # A client connects to one host, so none gets a certificate for a wildcard.
    if name == own or name.startswith('*'):
        return None
    return server_context(name, others)


def hosts_context(hosts, client_cafile=None, client_cert='required'):
    """Return an `ssl.SSLContext` for a server that is several hosts, chosen by the server name.

    A client that sends none of their names gets the certificate of the first one. Each
    certificate is for the IP addresses among the hosts and for `LOOPBACK` too, because a client
    sends no server name for an address.

    :param hosts: a tuple of what `normal` has returned.
    :param client_cafile, client_cert: as of `tls.server_context`.
    """
    trust = client_cafile, client_cert
    # Like `tls.server_context`, by the contents of the file.
    key = hosts, client_cert, client_cafile and tls.read(client_cafile)
    return _authority.context(key, lambda: _new_hosts_context(hosts, trust))


def _new_hosts_context(hosts, trust):
    shared = tuple([host for host in hosts if _address(host)]) + LOOPBACK
    contexts = {host: new_context((host,) + shared, None, *trust) for host in hosts[1:]}
    find = functools.partial(_find_among, hosts[0], contexts)
    return new_context((hosts[0],) + shared, functools.partial(choose, find), *trust)


def _find_among(own, contexts, name):
    if name == own:
        return None
    return contexts.get(name) or contexts.get('*.' + name.partition('.')[2])


def choose(find, name):
    """Return the context for the server name of a client; None to keep that of the connection.

    :param find: a function that returns it for what `normal` returns.
    :param name: what the client has sent, or None.
    """
    try:
        wanted = name and normal(name)
        return find(wanted) if wanted else None
    except Exception as error:
        # The client gets the certificate of the connection's context, and refuses it.
        log.warning('no certificate for %r: %s', name, error)
        return None


def new_context(names, choose=None, client_cafile=None, client_cert='required'):
    """Return a new context with a certificate for *names*. Its key is new, too.

    :param names: what `normal` has returned.
    :param choose: as of `tls.new_context`.
    :param client_cafile, client_cert: as of `tls.server_context`.
    """
    context = tls.new_context(choose)
    leaf = _authority.signer().issue_cert(
        *collections.OrderedDict.fromkeys(names), organization_name=u'httptestserver')
    # Writes the key to a file that only this user can read, and deletes it once it is loaded.
    leaf.configure_cert(context)
    tls.trust_clients(context, client_cafile, client_cert)
    return context
