from typing import Any, Iterator

import pytest

from httptestserver.server import Server

__all__ = ['http_server', 'https_server']

@pytest.fixture
def http_server(request: Any) -> Iterator[Server]: ...
@pytest.fixture
def https_server(request: Any) -> Iterator[Server]: ...
