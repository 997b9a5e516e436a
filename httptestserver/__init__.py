# -*- coding: utf-8 -*-
"""A real HTTP and HTTPS server inside a test process, which tests script and observe.

pytest imports this package at every start, because its plugin is here. So importing it must be
fast: from Python 3.7 on, the server is imported when a public name is first used (PEP 562).
"""
import sys

# At once, because the first test may freeze the clock before it uses a public name.
from httptestserver import waiting  # noqa: F401

__version__ = '0.9.0'

__all__ = ['Data', 'Failure', 'Handler', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest',
           'HttpsTestServer', 'RecordedRequest', 'Route', 'Server', 'Stream', 'Tunnel',
           'http_server', 'https_server', 'start_server', 'start_ssl_server']

if sys.version_info < (3, 7):
    from httptestserver import server, testing  # noqa: F401
    from httptestserver.recording.history import Failure
    from httptestserver.recording.request import RecordedRequest
    from httptestserver.recording.tunnel import Tunnel
    from httptestserver.scripting.data import Data
    from httptestserver.scripting.endpoint import Route
    from httptestserver.scripting.stream import Stream
    from httptestserver.server import (
        Handler, Server, http_server, https_server, start_server, start_ssl_server)
    from httptestserver.testing import (
        HttpServerTest, HttpsServerTest, HttpsTestServer, HttpTestServer)
else:
    # The module of each public name.
    _MODULES = {
        'Data': 'scripting.data',
        'Failure': 'recording.history',
        'Handler': 'server',
        'HttpServerTest': 'testing',
        'HttpTestServer': 'testing',
        'HttpsServerTest': 'testing',
        'HttpsTestServer': 'testing',
        'RecordedRequest': 'recording.request',
        'Route': 'scripting.endpoint',
        'Server': 'server',
        'Stream': 'scripting.stream',
        'Tunnel': 'recording.tunnel',
        'http_server': 'server',
        'https_server': 'server',
        'start_server': 'server',
        'start_ssl_server': 'server',
    }

    def __getattr__(name):
        import importlib
        if name in ('server', 'testing'):
            return importlib.import_module('%s.%s' % (__name__, name))
        if name in _MODULES:
            module = importlib.import_module('%s.%s' % (__name__, _MODULES[name]))
            # As a global it is found without this function from now on.
            value = globals()[name] = getattr(module, name)
            return value
        raise AttributeError('module %r has no attribute %r' % (__name__, name))

    def __dir__():
        return sorted(set(globals()).union(__all__, ('server', 'testing')))
