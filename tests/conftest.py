# -*- coding: utf-8 -*-
"""The fixtures that tests share, and the folder from which they import `support`."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.client import Client                                   # noqa: E402
from support.servers import serve                                   # noqa: E402


@pytest.fixture
def scheme():
    """The scheme of `server`; `support.marks.both_schemes` makes it each of the two."""
    return 'http'


@pytest.fixture
def server(scheme):
    """A started server, which is stopped after the test and not checked."""
    with serve(scheme) as server:
        yield server


@pytest.fixture
def client(server):
    """A connection to `server`."""
    with Client(server) as client:
        yield client
