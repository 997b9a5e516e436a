# -*- coding: utf-8 -*-
"""The fixture that several unit tests share."""
import pytest

from support.sockets import socket_pair


@pytest.fixture
def pair():
    """Two connected sockets: that of the server, and that of its client."""
    ours, theirs = socket_pair()
    yield ours, theirs
    ours.close()
    theirs.close()
