# -*- coding: utf-8 -*-
"""With what a server proves who it is, and the file with which clients verify it.

Functions may be called from any thread. Errors are those of `tls` and of `authority`.
"""
import re

from httptestserver import tls
from httptestserver.wording import shown

__all__ = ['REFUSED', 'Identity', 'identify']

#: The bundled certificates that clients refuse, by the reason. Each value is the file of the
#: authority with which a client finds no other reason.
REFUSED = {'expired': 'second_ca.pem', 'not_yet_valid': 'second_ca.pem',
           'wrong_host': 'second_ca.pem', 'self_signed': 'ca.pem', 'untrusted': 'ca.pem'}


#: What is left of a URL, or of a host with a port.
_bare = re.compile(r'(?:[A-Za-z][A-Za-z0-9+.\-]*://)?(\[[^]]*\]|[^/?#:]*)').match


class Identity(object):
    """What a server shows its clients. It does not change.

    ``context`` is an `ssl.SSLContext`; None for http. ``certfile`` is the path of the certificate;
    None if it is in no file.

    :param trusted: a function that returns the path of the file to trust, or None.
    """

    def __init__(self, context, certfile, trusted):
        self.context = context
        self.certfile = certfile
        self._trusted = trusted

    @property
    def cafile(self):
        """Path of a PEM file that verifies the server; None if this process has no such file."""
        return self._trusted()


def identify(scheme, options, proxy=False):
    """Return the `Identity` of a server.

    :param options: a dict of the parameters of `Server` for https only. One that has its default
        is None.
    :param proxy: whether the server has certificates for the hosts of tunnels.
    :raises ImportError: *hosts* needs the extra ``tls``.
    :raises ValueError: one of *hosts* is no host.
    """
    if proxy:
        # Imported here, because few servers need it.
        from httptestserver.serving import authority
        return Identity(None, None, authority.cafile)
    if scheme == 'http':
        return Identity(None, None, _no_file)
    trust = options['client_cafile'], options['client_cert'] or 'required'
    if options['ssl_context'] is not None:
        tls.notice_sni(options['ssl_context'], own=False)
        return Identity(options['ssl_context'], None, _no_file)
    if options['hosts'] is not None:
        return _of_hosts(options['hosts'], trust)
    certfile, trusted = _files(options['certfile'], options['certificate'])
    context = tls.server_context(certfile, options['keyfile'], *trust)
    return Identity(context, certfile, lambda: trusted)


def _files(certfile, certificate):
    """Return the path of the server's certificate, and of the file that clients trust."""
    if certificate is not None:
        return tls.bundled(certificate + '.pem'), tls.bundled(REFUSED[certificate])
    if certfile and certfile != tls.CERTFILE:
        return certfile, certfile
    return tls.CERTFILE, tls.CAFILE


def _no_file():
    return None


def _instead(wrong):
    """Return a hint for a host that is *wrong*; '' if there is none."""
    from httptestserver.serving import authority
    if '*' in wrong:
        return "; a star is the first label, as in '*.example.com'"
    bare = _bare(wrong).group(1).strip('[]')
    found = bare != wrong and authority.normal(bare)
    return '; did you mean %s?' % shown(bare) if found else ''


def _of_hosts(hosts, trust):
    # Imported here, because few servers need it.
    from httptestserver.serving import authority
    authority.require('hosts=')
    names = tuple([authority.normal(host) for host in hosts])
    if None in names:
        wrong = hosts[names.index(None)]
        raise ValueError('hosts has names that IDNA allows, and IP addresses, without scheme, port '
                         'and path, got %s%s' % (shown(wrong), _instead(wrong)))
    context = authority.hosts_context(names, *trust)
    return Identity(context, None, authority.cafile)
