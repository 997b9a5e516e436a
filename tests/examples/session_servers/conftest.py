# -*- coding: utf-8 -*-
"""One server for all tests. It is empty when a test begins, and checked when the test ends."""
import pytest

from httptestserver import http_server


@pytest.fixture(name='session_server', scope='session')
def fixture_session_server():
    with http_server() as server:
        yield server


@pytest.fixture(name='service')
def fixture_service(session_server):
    session_server.reset()
    yield session_server
    session_server.check()
