# -*- coding: utf-8 -*-
"""The environment variables that lead clients to a proxy, for programs and for this process.

Nothing outside of the environment changes, except that `urllib.request.urlopen` reads it again.
Functions may be called from any thread.
"""
import os
import ssl
import sys
import threading
import warnings

from six import ensure_binary, string_types
from six.moves import collections_abc

from httptestserver.temporary import READABLE, temporary_folder
from httptestserver.wording import wrong

__all__ = ['Interception', 'NAMES', 'leading_to', 'replaced', 'usual_context', 'variables']

#: These name the proxy. Programs read some of them in lower case only, and others in capitals only.
PROXIES = ('ALL_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY', 'WS_PROXY', 'WSS_PROXY')

#: These name the file of the authority.
AUTHORITIES = (
    'AWS_CA_BUNDLE', 'CARGO_HTTP_CAINFO', 'CURL_CA_BUNDLE', 'DENO_CERT', 'GIT_SSL_CAINFO',
    'HTTPLIB2_CA_CERTS', 'NODE_EXTRA_CA_CERTS', 'PERL_LWP_SSL_CA_FILE', 'PIP_CERT',
    'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE')

#: All variables, in capitals.
NAMES = frozenset(PROXIES + AUTHORITIES + (
    'NODE_USE_ENV_PROXY', 'NO_PROXY', 'PIP_PROXY', 'SSL_CERT_DIR', 'WGETRC'))

#: What `urllib.request.urlopen` makes its opener of. An opener with others is of user code.
_USUAL_HANDLERS = frozenset([
    'DataHandler', 'FTPHandler', 'FileHandler', 'HTTPDefaultErrorHandler', 'HTTPErrorProcessor',
    'HTTPHandler', 'HTTPRedirectHandler', 'HTTPSHandler', 'ProxyHandler', 'UnknownHandler'])


def leading_to(server, method, no_proxy):
    """Return the `variables` that lead to *server*.

    :param method: the method of `Server` that needs them, for a message.
    :raises RuntimeError: the server is no proxy.
    :raises TypeError: *no_proxy* is no str.
    """
    if not isinstance(no_proxy, string_types):
        hint = ''
        if isinstance(no_proxy, (list, tuple)):
            hint = 'did you mean %r?' % ','.join([str(each) for each in no_proxy])
        raise wrong(TypeError, 'no_proxy', 'a str with hosts and commas', no_proxy, hint)
    if server._backend.proxy is None:
        raise RuntimeError('%s() needs a proxy, and %r is none: make it with proxy=True, as in '
                           'http_server(proxy=True)' % (method, server))
    return variables(server.url(''), server.cafile, no_proxy)


def variables(proxy, cafile, no_proxy=''):
    """Return a dict from names to values.

    :param proxy: the URL of the proxy.
    :param cafile: the path of the authority's certificate.
    :param no_proxy: hosts that clients reach without the proxy, separated by commas.
    """
    folder = _process.folder(cafile)
    found = dict.fromkeys(PROXIES, proxy)
    found['NO_PROXY'] = no_proxy
    found.update({name.lower(): found[name] for name in found})
    found.update(dict.fromkeys(AUTHORITIES, cafile))
    # pip would ignore NO_PROXY if this variable had the URL.
    found.update(NODE_USE_ENV_PROXY='1', PIP_PROXY='', WGETRC=os.path.join(folder, 'wgetrc'),
                 SSL_CERT_DIR=os.path.join(folder, 'certificates'))
    return found


def replaced(variables, base=None):
    """Return a dict with *variables*, and with those of *base* that do not contradict them.

    :param base: a mapping; None for the environment of this process.
    :raises TypeError: *base* is something else.
    """
    if base is None:
        base = os.environ
    if not isinstance(base, collections_abc.Mapping):
        raise wrong(TypeError, 'base', 'None or a mapping of names to values', base)
    return dict({name: base[name] for name in base if not _is_replaced(name)}, **variables)


def _is_replaced(name):
    # urllib reads any spelling, such as Http_Proxy.
    return name.upper() in NAMES


def usual_context():
    """Return an `ssl.SSLContext` for clients, with the trust of this process.

    It does not trust the authorities of proxies, to which `Interception` leads this process.
    """
    paths = ssl.get_default_verify_paths()
    names = paths.openssl_cafile_env, paths.openssl_capath_env
    if not _process.has_changes:
        return ssl.create_default_context()
    cafile, capath = [_process.original(name) for name in names]
    cafile = cafile or paths.openssl_cafile
    context = ssl.create_default_context(cafile=cafile if os.path.isfile(cafile) else None,
                                         capath=capath or paths.openssl_capath)
    stored = _stored_authorities()
    if stored:
        context.load_verify_locations(cadata=stored)
    return context


def _stored_authorities():
    """Return what Windows trusts, as DER; b'' on other systems."""
    if not hasattr(ssl, 'enum_certificates'):
        return b''
    return b''.join([certificate for store in ('CA', 'ROOT')
                     for certificate, encoding, trust in ssl.enum_certificates(store)
                     if encoding == 'x509_asn' and (
                         trust is True or ssl.Purpose.SERVER_AUTH.oid in trust)])


class Interception(object):
    """A context manager that sets *variables* in this process, and restores what they were.

    If several overlap, in several threads, the one that began last is in force until it ends. When
    all have ended, the environment is what it was before the first.
    """

    _is_used = True

    def __init__(self, variables):
        self._variables = variables
        # There are two or more if a block is within another of the same object.
        self._changes = []
        # Last, because an exception may end this call before.
        self._is_used = False

    # Ctrl-C or a time limit may raise at any line. Then what has been done is undone, and what has
    # not been undone is undone again.

    def __enter__(self):
        self._is_used = True
        change = _Change()
        self._changes.append(change)
        try:
            _process.begin(change, self._variables)
        except BaseException:
            # Or a value that no variable can have.
            self.__exit__()
            raise

    def __exit__(self, *error):
        try:
            _process.end(self._changes[-1])
        except BaseException:
            _process.end(self._changes[-1])
            raise
        finally:
            self._changes.pop()

    def __del__(self):
        # Without a block nothing is set, and the client under test would reach the real host.
        if not self._is_used:
            warnings.warn('intercept() has no effect without a block; write: '
                          'with server.intercept():',
                          RuntimeWarning, stacklevel=2)


class _Change(object):
    """What a change has replaced: variables, which are None if they were not set, and an opener."""

    __slots__ = ('before', 'opener')

    def __init__(self):
        self.before = {}
        self.opener = None

    def undo(self):
        _set(self.before)
        # The block may have made another, which knows the proxy.
        _take_opener()
        if self.opener is not None and _urllib()._opener is None:
            _urllib().install_opener(self.opener)


class _Process(object):
    """The changes that are in force in this process, and the files to which variables lead."""

    def __init__(self):
        # A signal handler may interrupt a thread that holds it, and intercept too.
        self._lock = threading.RLock()
        # The newest is the last.
        self._changes = []                      # guarded by _lock
        self._folders = {}                      # guarded by _lock

    def after_fork(self):
        """Make this object usable in a forked child, where it has the calling thread alone."""
        self._lock = threading.RLock()

    @property
    def has_changes(self):
        """Whether any change is in force."""
        with self._lock:
            return bool(self._changes)

    def original(self, name):
        """Return the value of a variable before all changes; None if it was not set."""
        with self._lock:
            for change in self._changes:
                if name in change.before:
                    return change.before[name]
            return os.environ.get(name)

    def begin(self, change, variables):
        """Set *variables*, and note in *change* what they replace. `end` is called in any case."""
        with self._lock:
            names = set(variables).union(filter(_is_replaced, os.environ))
            change.before = {name: os.environ.get(name) for name in names}
            self._changes.append(change)
            change.opener = _take_opener()
            _set(dict(dict.fromkeys(names), **variables))

    def end(self, change):
        """Undo *change*. If there are newer ones, the next of them does it when it ends.

        A call that an exception has ended may be repeated.
        """
        with self._lock:
            if change not in self._changes:
                return
            newer = self._changes[self._changes.index(change) + 1:]
            if newer:
                newer[0].before = dict(newer[0].before, **change.before)
                newer[0].opener = change.opener
            else:
                change.undo()
            self._changes.remove(change)

    def folder(self, cafile):
        """Return the folder of the files for *cafile*. It is removed when this process exits."""
        with self._lock:
            if cafile not in self._folders:
                self._folders[cafile] = _make_folder(cafile)
            return self._folders[cafile]


_process = _Process()

# Windows has no fork, and Pythons before 3.7 cannot follow one.
if hasattr(os, 'register_at_fork'):
    os.register_at_fork(after_in_child=_process.after_fork)


def _set(values):
    """Set variables of this process. Those whose value is None are removed."""
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _urllib():
    return sys.modules.get('urllib.request')


def _take_opener():
    """Remove and return what `urllib.request.urlopen` keeps from its first call.

    It knows the proxies and authorities of that time. If there is none, or if user code has
    installed one with other handlers, None is returned.
    """
    opener = getattr(_urllib(), '_opener', None)
    names = [type(each).__name__ for each in getattr(opener, 'handlers', ())]
    if not names or not _USUAL_HANDLERS.issuperset(names):
        return None
    _urllib().install_opener(None)
    return opener


def _make_folder(cafile):
    """Make files for clients that do not read *cafile* itself, and return their folder."""
    folder = temporary_folder()
    certificates = os.path.join(folder, 'certificates')
    os.mkdir(certificates)
    os.chmod(certificates, READABLE)
    with open(cafile, 'rb') as source:
        _write(source.read(), certificates, 'ca.pem')
    # wget takes the rest of the line, whatever is in it.
    name = ensure_binary(cafile, 'utf-8', 'surrogateescape')
    _write(b'ca_certificate = ' + name + b'\n', folder, 'wgetrc')
    return folder


def _write(content, *path):
    with open(os.path.join(*path), 'wb') as target:
        target.write(content)
    # Clients that run as other users may read it.
    os.chmod(target.name, 0o644)
