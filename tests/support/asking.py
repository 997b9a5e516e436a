# -*- coding: utf-8 -*-
"""A client for samples, which must not load the library before they need it."""
from six.moves.http_client import HTTPConnection, HTTPSConnection

__all__ = ['get']


def get(server, path='/', body=None):
    """Request *path* and return (status, content)."""
    if server.scheme == 'https':
        client = HTTPSConnection(server.host, server.port, timeout=20,
                                 context=server.client_context())
    else:
        client = HTTPConnection(server.host, server.port, timeout=20)
    try:
        client.request('POST' if body else 'GET', path, body)
        response = client.getresponse()
        return response.status, response.read()
    finally:
        client.close()
