from typing import Any, Iterator

import pytest

from httptestserver.server import Server
from httptestserver.typing import MakeHttpServer, MakeHttpsServer

__all__ = ['http_proxy', 'http_server', 'https_server', 'make_http_server', 'make_https_server']

@pytest.fixture
def http_proxy(request: Any) -> Iterator[Server]: ...
@pytest.fixture
def http_server(request: Any) -> Iterator[Server]: ...
@pytest.fixture
def https_server(request: Any) -> Iterator[Server]: ...
@pytest.fixture
def make_http_server(request: Any) -> Iterator[MakeHttpServer]: ...
@pytest.fixture
def make_https_server(request: Any) -> Iterator[MakeHttpsServer]: ...
