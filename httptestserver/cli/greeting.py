# -*- coding: utf-8 -*-
"""What is printed first: the URL, what the clients of a proxy need, and a command to try."""
from six.moves import shlex_quote

from httptestserver.http1.address import UNIX

__all__ = ['greeting']

#: A URL whose host never exists outside of a proxy: RFC 2606, section 3.
EXAMPLE = 'https://api.example.com/'


def greeting(server, client_cafile=None, proxy=False):
    """Return text of several lines for a `Server` that is started.

    :param client_cafile: whether clients need a certificate.
    :param proxy: whether the server is one.
    """
    if proxy:
        return _of_proxy(server)
    url = server.url()
    trust = '--cacert %s ' % shlex_quote(server.cafile) if server.cafile else ''
    if client_cafile:
        trust += '--cert CLIENT.pem '
    return ('Serving %s until Ctrl-C. Try:\n'
            '  curl -i -d hello %s%s' % (url, trust, _target(server)))


def _target(server):
    if server.port is not None:
        return server.url()
    path = server.host[len(UNIX):]
    option = '--unix-socket %s'
    if path.startswith('@'):
        option, path = '--abstract-unix-socket %s', path[1:]
    return '%s %s://localhost/' % (option % shlex_quote(path), server.scheme)


def _of_proxy(server):
    variables = server.environ(base={})
    lines = ['Serving %s until Ctrl-C, as a proxy. Set these variables for its clients:'
             % server.url()]
    # Lines that a shell can run as they are.
    lines += ['export %s=%s' % (name, shlex_quote(variables[name])) for name in sorted(variables)]
    return '\n'.join(lines + ['Then try:', '  curl -i -d hello %s' % EXAMPLE])
