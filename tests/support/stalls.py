# -*- coding: utf-8 -*-
"""A client that gives a server up soon after it has stalled, and never too soon."""
from six.moves import http_client

from support.inside import stalled

__all__ = ['give_up_at_a_stall']

#: Seconds for which the client waits in vain.
IN_VAIN = 0.1


def give_up_at_a_stall(monkeypatch, server):
    """Have the next response of *server* to a client that uses `http.client` time out.

    A short time-out of the client itself might end the request before the server has read it.
    """
    original = http_client.HTTPConnection.getresponse

    def getresponse(connection, *args, **keys):
        monkeypatch.setattr(http_client.HTTPConnection, 'getresponse', original)
        used = connection.sock
        stalled(server)
        # The head may still have to be sent.
        if 'response_status' not in server.history[-1]:
            used.settimeout(IN_VAIN)
        response = original(connection, *args, **keys)
        used.settimeout(IN_VAIN)
        return response
    monkeypatch.setattr(http_client.HTTPConnection, 'getresponse', getresponse)
