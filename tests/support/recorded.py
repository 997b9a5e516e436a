# -*- coding: utf-8 -*-
"""Requests as a handler records them, made without a connection."""
import time

from httptestserver.http1.fields import Headers
from httptestserver.http1.grammar import parse_head
from httptestserver.recording.request import RecordedRequest

__all__ = ['asked', 'recorded']


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
