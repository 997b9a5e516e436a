# -*- coding: utf-8 -*-
"""A real HTTP and HTTPS server inside a test process: scripted by a dict, it records.

The server is imported when one of the names below is first asked for, because pytest
imports this package at every start, for the plugin in it.
"""
import importlib
import sys
import types

__version__ = '0.4.0'

__all__ = ['Failure', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest',
           'HttpsTestServer', 'RecordedRequest', 'Server', 'http_server', 'https_server',
           'start_server', 'start_ssl_server']

#: Where the names live, and the modules that can be had as attributes at once.
_HOMES = {
    'recording.request': ('Failure', 'RecordedRequest'),
    'server': ('Server', 'http_server', 'https_server', 'start_server', 'start_ssl_server'),
    'testing': ('HttpServerTest', 'HttpTestServer', 'HttpsServerTest', 'HttpsTestServer'),
}


class _Package(types.ModuleType):
    """This package. From Python 3.7 on, a function `__getattr__` in a module would do."""

    def __getattr__(self, name):
        for home in _HOMES:
            if name == home or name in _HOMES[home]:
                module = importlib.import_module('%s.%s' % (__name__, home))
                value = module if name == home else getattr(module, name)
                setattr(self, name, value)
                return value
        raise AttributeError("module '%s' has no attribute '%s'" % (__name__, name))

    def __dir__(self):
        return sorted(set(vars(self)).union(_HOMES, *_HOMES.values()))


_module = sys.modules[__name__]         # Python 2 clears a module that nobody refers to
sys.modules[__name__] = _Package(__name__)
vars(sys.modules[__name__]).update(vars(_module))
