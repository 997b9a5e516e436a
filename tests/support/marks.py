# -*- coding: utf-8 -*-
"""Marks that tests of several modules share."""
import os
import socket
import sys

import pytest

__all__ = ['both_schemes', 'counts_unsent', 'needs_extra', 'needs_fork', 'needs_ipv6',
           'needs_signals', 'thorough', 'with_and_without_ranges']

#: Runs a test, or the fixtures `server` and `client` that it takes, with each scheme.
both_schemes = pytest.mark.parametrize('scheme', ['http', 'https'])

#: Runs a test with ``response_ranges`` and without, so that it fails if ranges do nothing.
with_and_without_ranges = pytest.mark.parametrize('ranges', [True, False],
                                                  ids=['ranges', 'no_ranges'])

#: For what costs much and shows the same on every Python: tox.ini says which of them run it.
thorough = pytest.mark.thorough

#: For what takes the extra ``tls``, which the tests have wherever it can be installed.
needs_extra = pytest.mark.skipif(sys.version_info < (3, 8), reason='the extra tls needs 3.8')

needs_fork = pytest.mark.skipif(not hasattr(os, 'fork'), reason='no fork here')

#: For tests that send a signal to another process, which can handle it.
needs_signals = pytest.mark.skipif(os.name != 'posix',
                                   reason='on Windows a signal ends another process at once')

#: For tests in which a reset has to wait until the client has acknowledged what was sent.
counts_unsent = pytest.mark.skipif(not sys.platform.startswith('linux'),
                                   reason='only Linux counts bytes that are not acknowledged')


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
