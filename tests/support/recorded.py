# -*- coding: utf-8 -*-
"""Requests as a handler records them, made without a connection or over one."""
import time

from httptestserver import http_server
from httptestserver.http1.fields import Headers
from httptestserver.http1.grammar import parse_head
from httptestserver.recording.history import History
from httptestserver.recording.request import RecordedRequest
from httptestserver.waiting import Guard
from support.client import Client, request
from support.waiting import eventually

__all__ = ['Requests', 'asked', 'exchanged', 'recorded']


def asked(path, **facts):
    """Return a GET of *path* with no header field and with *facts* beside."""
    return RecordedRequest(facts, path=path, command='GET', body=b'', requestline='GET ' + path,
                           headers=Headers(b''))


def recorded(sent, **facts):
    """Return the request that a client sent as the bytes *sent*, with *facts* beside.

    All that follows its head is its body.
    """
    head, end, body = sent.partition(b'\r\n\r\n')
    command, path, version, line, raw, framing = parse_head(head + end)
    return RecordedRequest(
        facts, command=command, path=path, request_version=version, requestline=line,
        raw_requestline=raw, headers=Headers(framing.block), body=body, trailers=(),
        time=time.time())


def exchanged(raw=None, **keys):
    """Return the entry of a request that got a response of *keys* over a connection.

    :param raw: the bytes of the request; by default those of a GET.
    """
    with http_server() as server:
        server.enqueue(dict(keys))
        with Client(server) as client:
            client.send(raw or request())
            client.rest() if 'response_fault' in keys or 'response_raw' in keys \
                else client.answer()
        return server.history[0]


class Requests(History):
    """A history to which requests come by their paths."""

    def __init__(self, limit=None):
        self.guard = Guard()
        super(Requests, self).__init__(self.guard, limit)

    def come(self, *paths):
        for path in paths:
            with self.guard.lock:
                self.append(asked(path))
            self.guard.wake_tasks()

    def forget(self):
        with self.guard.lock:
            return self.clear()

    def awaited(self, count=1):
        """Wait until *count* threads wait."""
        eventually(lambda: self.guard.waiting == count)
