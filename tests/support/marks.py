# -*- coding: utf-8 -*-
"""Marks that tests of several modules share."""
import os
import socket

import pytest

__all__ = ['both_schemes', 'needs_fork', 'needs_ipv6', 'thorough']

#: Runs a test, or the fixtures `server` and `client` that it takes, with each scheme.
both_schemes = pytest.mark.parametrize('scheme', ['http', 'https'])

#: For what costs much and tells the same on every Python: tox.ini says which of them run it.
thorough = pytest.mark.thorough

needs_fork = pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')


def _has_ipv6():
    """Return whether this machine has ::1."""
    try:
        probe = socket.socket(socket.AF_INET6)
    except socket.error:
        return False
    try:
        probe.bind(('::1', 0))
        return True
    except socket.error:
        return False
    finally:
        probe.close()


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason='this machine has no ::1')
