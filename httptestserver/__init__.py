# -*- coding: utf-8 -*-
"""A real HTTP and HTTPS server inside a test process: scripted by a dict, it records."""
from httptestserver.request import Failure, RecordedRequest
from httptestserver.server import (
    Server, http_server, https_server, start_server, start_ssl_server)
from httptestserver.testing import (
    HttpServerTest, HttpsServerTest, HttpsTestServer, HttpTestServer)

__version__ = '0.1.0'

__all__ = ['Failure', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest',
           'HttpsTestServer', 'RecordedRequest', 'Server', 'http_server', 'https_server',
           'start_server', 'start_ssl_server']
