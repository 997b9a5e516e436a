from typing import Any, Generator, Iterator

import pytest

from httptestserver.server import Server

__all__ = ['http_server', 'https_server']

LINES: int
CUT: int
SERVERS: str

@pytest.fixture
def http_server(request: Any) -> Iterator[Server]: ...
@pytest.fixture
def https_server(request: Any) -> Iterator[Server]: ...
def pytest_runtest_teardown(item: Any) -> None: ...
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]: ...
