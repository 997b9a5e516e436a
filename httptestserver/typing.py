# -*- coding: utf-8 -*-
"""Names for the annotations of tests. Type checkers read their meaning in the stub.

From Python 3.8 on they are made with `typing`, so tests can combine and subclass them. In older
Pythons, whose `typing` has too little, they are plain classes.
"""
from __future__ import absolute_import

from httptestserver.recording.criteria import CRITERIA
from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting.vocabulary import VOCABULARY

try:
    from typing import Any, Callable, Protocol, TypedDict, Union
except ImportError:
    Callback = Protocol = Response = object
    Criteria = ResponseKeys = dict
else:
    #: A dict of ``response_*`` keys.
    ResponseKeys = TypedDict('ResponseKeys', dict.fromkeys(VOCABULARY, Any), total=False)

    #: A dict of criteria: those of `Server.route`.
    Criteria = TypedDict('Criteria', dict.fromkeys(CRITERIA, Any), total=False)

    #: A function of the request that returns a `Response`.
    Callback = Callable[[RecordedRequest], Any]

    #: What `Server.enqueue` takes, and what a callback returns.
    Response = Union[int, str, bytes, bytearray, ResponseKeys, Callback]

__all__ = ['Callback', 'Criteria', 'MakeHttpServer', 'MakeHttpsServer', 'Response',
           'ResponseKeys']


class MakeHttpServer(Protocol):
    """The type of the fixture ``make_http_server``."""

    def __call__(self, **options):
        """Return a new started server. The options are those of `start_server`."""


class MakeHttpsServer(Protocol):
    """The type of the fixture ``make_https_server``."""

    def __call__(self, **options):
        """Return a new started server. The options are those of `start_ssl_server`."""
