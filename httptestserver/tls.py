# -*- coding: utf-8 -*-
"""TLS contexts, and the certificate that the package bundles.

Every function may be called from any thread. If a file cannot be read, :exc:`OSError` is raised
(on Python 2 :exc:`IOError`). If its contents are wrong, :exc:`ValueError` is raised. Both messages
contain the path.
"""
import functools
import os
import ssl
import threading

__all__ = ['CAFILE', 'CERTFILE', 'bundled', 'client_context', 'describe', 'new_context',
           'notice_sni', 'read', 'server_context', 'trust_clients']

# Paths of temporary copies by the names of bundled files.
_copies = {}


def bundled(name):
    """Return the path of a bundled file.

    OpenSSL and clients need a real file. So if the package is in a zip file, this is the path of a
    temporary copy.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    if os.path.isdir(package):
        return os.path.join(package, 'certificates', name)
    if name not in _copies:
        # If two threads make a copy at once, both copies exist until the exit.
        _copies.setdefault(name, _temporary_copy(name))
    return _copies[name]


def _temporary_copy(name):
    """Copy a bundled file out of a zip file, until the process exits. Returns the path."""
    # Imported here, because the package is rarely in a zip file.
    import pkgutil
    from httptestserver.temporary import temporary_file
    return temporary_file(name, pkgutil.get_data('httptestserver', 'certificates/' + name), 0o600)


#: A certificate for ``localhost``, ``127.0.0.1`` and ``::1``, and its key, which is public.
CERTFILE = bundled('server.pem')

#: The authority that signed it: a client that trusts this file can verify the server.
CAFILE = bundled('ca.pem')

# Session tickets can be switched off only in a context for servers, which old Pythons lack.
_SERVER_PROTOCOL = getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23)

_VERIFY_MODES = {'required': ssl.CERT_REQUIRED, 'optional': ssl.CERT_OPTIONAL}

# OpenSSL has these reasons if a certificate and a key are valid, but do not belong together.
_NO_PAIR = ('KEY_VALUES_MISMATCH', 'KEY_TYPE_MISMATCH', 'NO_CERTIFICATE_ASSIGNED')

# With this flag a client can trust a certificate that is no authority. Only Python 3.13 sets it by
# default. Pythons before 3.10 have no name for its value in openssl/x509_vfy.h.
_PARTIAL_CHAIN = getattr(ssl, 'VERIFY_X509_PARTIAL_CHAIN', 0x80000)

# Pythons before 3.10 have no name for the flag's value in openssl/ssl.h.
_IGNORE_UNEXPECTED_EOF = getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0x80)

_MAX_CONTEXTS = 32
_lock = threading.RLock()
# Contexts of servers by the contents of their files and by client_cert.
_contexts = {}      # guarded by _lock


def server_context(certfile=None, keyfile=None, client_cafile=None, client_cert='required'):
    """Return an `ssl.SSLContext` for a server.

    All calls with the same file contents return the same context, so callers must not change it.
    The first call takes about a millisecond, and later ones take microseconds.

    :param certfile: PEM file with the certificate, followed by intermediate ones. Default: the
        bundled certificate.
    :param keyfile: PEM file with its private key, not encrypted. Default: *certfile*.
    :param client_cafile: PEM file of the authorities whose client certificates are accepted.
        Default: clients are not asked for a certificate.
    :param client_cert: if a client has no certificate, its handshake fails with ``'required'``,
        and succeeds with ``'optional'``. It has no effect without *client_cafile*.
    :raises: see the module.
    """
    if client_cert not in _VERIFY_MODES:
        raise ValueError("client_cert is 'required' or 'optional', not %r" % (client_cert,))
    certfile = CERTFILE if certfile is None else certfile
    files = (certfile, keyfile, client_cafile)
    # The key has the contents of the files, so a file that was changed gets a new context.
    key = (client_cert,) + tuple(None if path is None else read(path) for path in files)
    with _lock:
        context = _contexts.get(key)
    if context is None:
        context = _remember(key, _new_server_context(files, client_cert))
    return context


def client_context(cafile):
    """Return a new `ssl.SSLContext` for clients that trusts only the certificates in *cafile*.

    It checks host names. The certificates need not be authorities: that of the server itself is
    enough. The caller may change the context.

    :param cafile: path of a PEM file.
    :raises: see the module.
    """
    read(cafile)
    try:
        context = ssl.create_default_context(cafile=cafile)
    except ssl.SSLError as error:
        raise _unusable(cafile, 'certificate', error)
    context.verify_flags |= _PARTIAL_CHAIN
    return context


def describe(sslsocket):
    """Return the facts of a TLS connection, after its handshake.

    :param sslsocket: a server's socket that a context of this module has wrapped.
    :returns: a dict of ``version`` (such as ``'TLSv1.3'``), ``cipher`` (OpenSSL's name), ``alpn``
        (the negotiated protocol), ``sni`` (the server name in the client's request) and
        ``certificate`` (the client's, as from :meth:`ssl.SSLSocket.getpeercert`). A value is None
        if the client did not send it, or if this Python cannot know it.
    """
    cipher = sslsocket.cipher()
    return {
        'version': _call_if_present(sslsocket, 'version'),
        'cipher': cipher and cipher[0],
        'alpn': _call_if_present(sslsocket, 'selected_alpn_protocol'),
        'sni': getattr(sslsocket, 'sni', None),
        'certificate': sslsocket.getpeercert(),
    }


def _call_if_present(sslsocket, name):
    # Python 3.4 has neither of the methods that `describe` names.
    method = getattr(sslsocket, name, None)
    value = method() if method else None
    return str(value) if value else None


def read(path):
    """Return the bytes of a file. Errors name the file, which those of `ssl` do not."""
    # abspath() refuses an int, which open() would use as a descriptor. It also makes errors show
    # the folder.
    with open(os.path.abspath(path), 'rb') as pem:
        return pem.read()


def _remember(key, context):
    """Return the context in the cache for *key*, which is *context* if there was none."""
    with _lock:
        if len(_contexts) >= _MAX_CONTEXTS:
            _contexts.clear()
        return _contexts.setdefault(key, context)


def _new_server_context(files, client_cert):
    certfile, keyfile, client_cafile = files
    context = new_context()
    _load_pair(context, certfile, certfile if keyfile is None else keyfile)
    trust_clients(context, client_cafile, client_cert)
    return context


def new_context(choose=None):
    """Return a new `ssl.SSLContext` for a server, without a certificate.

    Its sockets keep the server name that the client sends, as attribute ``sni``.

    :param choose: called with that name, which is None or any ASCII text. It returns the context
        that serves the connection instead, or None. It must not raise. It is called on Python 3.7
        and later only.
    """
    context = ssl.SSLContext(_SERVER_PROTOCOL)
    if getattr(ssl, 'HAS_ALPN', False):
        context.set_alpn_protocols(['http/1.1'])
    # Without this option OpenSSL sends an alert to a client that closes without ending its session.
    context.options |= _IGNORE_UNEXPECTED_EOF
    # The server sends tickets after the handshake. A client that closes before it has read them
    # resets the connection, and its request is lost. Python 3.8 and later can switch them off.
    if hasattr(context, 'num_tickets'):
        context.num_tickets = 0
    if choose is None:
        notice_sni(context)
    else:
        context.sni_callback = functools.partial(_choose_by_sni, choose)
    return context


def trust_clients(context, cafile, client_cert):
    """Make *context* ask for client certificates, as `server_context` says.

    :raises ValueError: *cafile* has no certificate.
    """
    if cafile is None:
        return
    try:
        context.load_verify_locations(cafile)
    except ssl.SSLError as error:
        raise _unusable(cafile, 'certificate', error)
    context.verify_flags |= _PARTIAL_CHAIN
    context.verify_mode = _VERIFY_MODES[client_cert]


def _load_pair(context, certfile, keyfile):
    """Load a certificate and its key.

    :raises ValueError: a file is wrong. The message names that file.
    """
    if _refusal(context, certfile, keyfile) is None:
        return
    if b'ENCRYPTED' in read(keyfile):
        raise ValueError('%s: the private key is encrypted; a server needs it without a password'
                         % (keyfile,))
    # OpenSSL does not report which file is wrong. So each is tried with its counterpart in the
    # bundled file, which is valid.
    _check_half(certfile, 'certificate', _refusal(context, certfile, CERTFILE))
    _check_half(keyfile, 'private key', _refusal(context, CERTFILE, keyfile))
    raise ValueError('%s: the private key does not belong to the certificate in %s'
                     % (keyfile, certfile))


def _refusal(context, certfile, keyfile):
    """Load a certificate and a key. Returns OpenSSL's error, or None if they are loaded."""
    try:
        # Without a password OpenSSL prompts for one on the terminal, so an empty one is given.
        context.load_cert_chain(certfile, keyfile, '')
    except ssl.SSLError as error:
        return error
    return None


def _check_half(path, content, error):
    """Raise ValueError if *error* is about the file *path*, and not about its counterpart."""
    if error is not None and error.reason not in _NO_PAIR:
        raise _unusable(path, content, error)


def _unusable(path, content, error):
    return ValueError('%s: no usable %s in PEM format (%s)' % (path, content, error))


def notice_sni(context, own=True):
    """Make each socket of *context* keep the server name of its client, as attribute ``sni``.

    :param own: whether the context is from this module. If not, it may have a callback for server
        names, which stays. Pythons before 3.7 cannot tell, so there nothing is changed.
    """
    if hasattr(context, 'sni_callback'):
        if own or context.sni_callback is None:
            context.sni_callback = _keep_sni
    elif own:
        # Pythons before 3.7 have only this method.
        context.set_servername_callback(_keep_decoded_sni)


def _keep_sni(sslsocket, name, context):
    sslsocket.sni = name


def _choose_by_sni(choose, sslsocket, name, context):
    sslsocket.sni = name
    chosen = choose(name)
    if chosen is not None:
        sslsocket.context = chosen


def _keep_decoded_sni(sslsocket, name, context):
    # Python has decoded an international name, so it is encoded as the client has sent it.
    try:
        sslsocket.sni = name and str(name.encode('idna').decode('ascii'))
    except UnicodeError:
        # A client may send a name that is no host name, such as 'a..b'.
        sslsocket.sni = name
