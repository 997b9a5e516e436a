# -*- coding: utf-8 -*-
"""TLS contexts, and the certificate that the package bundles.

Every function may be called from any thread. A file that is missing or cannot be read raises
:exc:`OSError` (on Python 2 :exc:`IOError`), one with the wrong contents :exc:`ValueError`. Both
name the file.
"""
import atexit
import os
import ssl
import threading

__all__ = ['CAFILE', 'CERTFILE', 'client_context', 'describe', 'server_context']

_getpid = os.getpid


def _bundled(name):
    """Return the path of the file *name* in the folder of certificates.

    OpenSSL and clients read files only. So if the package is in a zip file, the path is that of a
    temporary copy.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    if os.path.isdir(package):
        return os.path.join(package, 'certificates', name)
    return _temporary_copy(name)


def _temporary_copy(name):
    # Imported here, because hardly anyone runs the package from a zip file.
    import pkgutil
    import tempfile
    content = pkgutil.get_data('httptestserver', 'certificates/' + name)
    # Only the user who runs this process may read and write what mkstemp makes.
    descriptor, path = tempfile.mkstemp('-' + name, 'httptestserver-')
    atexit.register(_remove, path, _getpid())
    with os.fdopen(descriptor, 'wb') as copy:
        copy.write(content)
    return path


def _remove(path, owner):
    # A forked child must leave the file to its parent, which may still serve.
    if _getpid() == owner:
        os.remove(path)


#: A certificate for ``localhost``, ``127.0.0.1`` and ``::1``, and its key, which is public.
CERTFILE = _bundled('server.pem')

#: The authority that signed it: a client that trusts this file can verify the server.
CAFILE = _bundled('ca.pem')

# Only a context of this kind can do without tickets. Python 3.4 and 2.7 have only the general one.
_SERVER_PROTOCOL = getattr(ssl, 'PROTOCOL_TLS_SERVER', ssl.PROTOCOL_SSLv23)

_VERIFY_MODES = {'required': ssl.CERT_REQUIRED, 'optional': ssl.CERT_OPTIONAL}

# OpenSSL's reasons for refusing a certificate and a key that are both sound, but not a pair.
_NO_PAIR = ('KEY_VALUES_MISMATCH', 'KEY_TYPE_MISMATCH', 'NO_CERTIFICATE_ASSIGNED')

# Lets a client trust a certificate that is no authority, which only Python 3.13 does by default.
# The number is the flag's value in openssl/x509_vfy.h: Pythons before 3.10 do not name it.
_PARTIAL_CHAIN = getattr(ssl, 'VERIFY_X509_PARTIAL_CHAIN', 0x80000)

# The number is the flag's value in openssl/ssl.h: Pythons before 3.10 do not name it.
_IGNORE_UNEXPECTED_EOF = getattr(ssl, 'OP_IGNORE_UNEXPECTED_EOF', 0x80)

_MAX_CONTEXTS = 32
_lock = threading.RLock()
_contexts = {}      # guarded by _lock


def server_context(certfile=None, keyfile=None, client_cafile=None, client_cert='required'):
    """Return the context of a server. One context serves all servers with the same files.

    The first call for some files takes about a millisecond, the next ones microseconds. Callers
    share the context and must not change it.

    :param certfile: PEM file: the certificate, then any intermediate ones. Default: the bundled.
    :param keyfile: PEM file with the certificate's key, not encrypted. Default: *certfile*.
    :param client_cafile: PEM file of the authorities whose client certificates are accepted.
        Default: clients are not asked for a certificate.
    :param client_cert: ``'required'``: a client without a certificate fails its handshake;
        ``'optional'``: it does not. Means nothing without *client_cafile*.
    """
    if client_cert not in _VERIFY_MODES:
        raise ValueError("client_cert is 'required' or 'optional', not %r" % (client_cert,))
    certfile = CERTFILE if certfile is None else certfile
    files = (certfile, keyfile, client_cafile)
    # The key is what the files hold, so that a file with new contents gets a new context.
    key = (client_cert,) + tuple(None if path is None else _read(path) for path in files)
    with _lock:
        context = _contexts.get(key)
    if context is None:
        context = _remember(key, _new_server_context(files, _VERIFY_MODES[client_cert]))
    return context


def client_context(cafile):
    """Return a new context that trusts the certificates in *cafile* (PEM) and no others.

    It checks host names. The certificates need not be authorities: a server's own is enough. The
    caller may change the context.
    """
    _read(cafile)
    try:
        context = ssl.create_default_context(cafile=cafile)
    except ssl.SSLError as error:
        raise _unusable(cafile, 'certificate', error)
    context.verify_flags |= _PARTIAL_CHAIN
    return context


def describe(sslsocket):
    """Return the facts of a TLS connection, from a server's socket after the handshake.

    :returns: dict of ``version`` (``'TLSv1.3'``), ``cipher`` (OpenSSL's name), ``alpn`` (the
        protocol agreed on), ``sni`` (the server name that the client asked for) and
        ``certificate`` (the client's, as :meth:`ssl.SSLSocket.getpeercert` gives it). A value is
        None if the client sent no such thing, or the platform does not know it.
    """
    cipher = sslsocket.cipher()
    return {
        'version': _ask(sslsocket, 'version'),
        'cipher': cipher and cipher[0],
        'alpn': _ask(sslsocket, 'selected_alpn_protocol'),
        'sni': getattr(sslsocket, 'sni', None),
        'certificate': sslsocket.getpeercert(),
    }


def _ask(sslsocket, method):
    # Python 3.4 has neither of the methods that `describe` calls.
    ask = getattr(sslsocket, method, None)
    value = ask() if ask else None
    return str(value) if value else None


def _read(path):
    """Return the bytes of a file. The ssl module's own errors do not name the file."""
    # abspath refuses a number, which open() takes for a descriptor, and its error shows the folder.
    with open(os.path.abspath(path), 'rb') as pem:
        return pem.read()


def _remember(key, context):
    """Keep *context*, unless another thread was faster. Return the one that is kept."""
    with _lock:
        if len(_contexts) >= _MAX_CONTEXTS:
            _contexts.clear()
        return _contexts.setdefault(key, context)


def _new_server_context(files, verify_mode):
    certfile, keyfile, client_cafile = files
    context = ssl.SSLContext(_SERVER_PROTOCOL)
    _load_pair(context, certfile, certfile if keyfile is None else keyfile)
    if client_cafile is not None:
        _ask_for_certificates(context, client_cafile, verify_mode)
    if getattr(ssl, 'HAS_ALPN', False):
        context.set_alpn_protocols(['http/1.1'])
    # Without it OpenSSL sends an alert to a client that has closed without ending its session.
    context.options |= _IGNORE_UNEXPECTED_EOF
    # Python 3.8 and later can do without tickets, which follow the handshake. A client that closes
    # before it has read them resets the connection, and what it sent before is lost.
    if hasattr(context, 'num_tickets'):
        context.num_tickets = 0
    _notice_sni(context)
    return context


def _ask_for_certificates(context, cafile, verify_mode):
    try:
        context.load_verify_locations(cafile)
    except ssl.SSLError as error:
        raise _unusable(cafile, 'certificate', error)
    context.verify_flags |= _PARTIAL_CHAIN
    context.verify_mode = verify_mode


def _load_pair(context, certfile, keyfile):
    """Load a certificate and its key, or raise a ValueError that names the file that is wrong."""
    if _refusal(context, certfile, keyfile) is None:
        return
    if b'ENCRYPTED' in _read(keyfile):
        raise ValueError('%s: the private key is encrypted; a server needs it without a password'
                         % (keyfile,))
    # OpenSSL does not say which file is wrong: try each with half of a pair that is good.
    _blame(certfile, 'certificate', _refusal(context, certfile, CERTFILE))
    _blame(keyfile, 'private key', _refusal(context, CERTFILE, keyfile))
    raise ValueError('%s: the private key does not belong to the certificate in %s'
                     % (keyfile, certfile))


def _refusal(context, certfile, keyfile):
    """Return OpenSSL's error for a certificate and a key, or None: they are loaded."""
    try:
        # The password is empty, because OpenSSL asks for one on the terminal if it has none.
        context.load_cert_chain(certfile, keyfile, '')
    except ssl.SSLError as error:
        return error


def _blame(path, content, error):
    """Raise for *path* unless *error* only says that it is half of another pair."""
    if error is not None and error.reason not in _NO_PAIR:
        raise _unusable(path, content, error)


def _unusable(path, content, error):
    return ValueError('%s: no usable %s in PEM format (%s)' % (path, content, error))


def _notice_sni(context):
    """Have *context* keep, on each of its sockets, the server name that the client asks for."""
    if hasattr(context, 'sni_callback'):
        context.sni_callback = _keep_sni
    else:
        # Before Python 3.7.
        context.set_servername_callback(_keep_decoded_sni)


def _keep_sni(sslsocket, name, context):
    sslsocket.sni = name


def _keep_decoded_sni(sslsocket, name, context):
    # An international name comes decoded. Encode it again, because clients send it encoded.
    try:
        sslsocket.sni = name and str(name.encode('idna').decode('ascii'))
    except UnicodeError:
        # A client may send what is no host name, such as 'a..b'.
        sslsocket.sni = name
