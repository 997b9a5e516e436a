# -*- coding: utf-8 -*-
"""The first lines of the command: what a person or a program finds in them."""
import re

import pytest

from httptestserver import http_server, https_server
from httptestserver.cli.greeting import greeting
from support.marks import needs_extra


class Proxy(object):
    """As much of a server as the greeting of a proxy needs."""

    def url(self):
        return 'http://127.0.0.1:8080/'

    def environ(self, base):
        return dict(base, HTTP_PROXY='http://127.0.0.1:8080', CA_FILE='/tmp/a b.pem')


def test_a_server_has_a_url_and_a_command_to_try():
    with http_server() as server:
        assert greeting(server) == (
            'Serving %s until Ctrl-C. Try:\n  curl -i -d hello %s' % (server.url(), server.url()))


def test_a_client_has_to_trust_a_server_and_may_need_a_certificate():
    with https_server() as server:
        url, trust = server.url(), '--cacert %s' % server.cafile
        assert greeting(server).endswith(' -d hello %s %s' % (trust, url))
        assert greeting(server, 'ca.pem').endswith(
            ' -d hello %s --cert CLIENT.pem %s' % (trust, url))


def test_a_proxy_has_variables_that_a_shell_can_set():
    assert greeting(Proxy(), proxy=True).split('\n') == [
        'Serving http://127.0.0.1:8080/ until Ctrl-C, as a proxy. Set these variables for its '
        'clients:', "export CA_FILE='/tmp/a b.pem'", 'export HTTP_PROXY=http://127.0.0.1:8080',
        'Then try:', '  curl -i -d hello https://api.example.com/']


@needs_extra
@pytest.mark.usefixtures('guard')
@pytest.mark.parametrize('name', ['HTTPS_PROXY', 'https_proxy', 'SSL_CERT_FILE'])
def test_the_variables_are_those_of_the_server(name):
    with http_server(proxy=True) as server:
        value = server.environ()[name]
        assert re.search('^export %s=%s$' % (name, re.escape(value)), greeting(server, proxy=True),
                         re.MULTILINE)
        assert 'export PATH' not in greeting(server, proxy=True)
