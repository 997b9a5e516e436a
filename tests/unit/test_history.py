# -*- coding: utf-8 -*-
"""What `recording.history` keeps: failures."""
import pytest

from httptestserver.recording.history import Failure


@pytest.mark.parametrize('address, text', [
    (('127.0.0.1', 80), 'connection 3 from 127.0.0.1:80: why'),
    (('::1', 80, 0, 0), 'connection 3 from ::1:80: why')])
def test_a_failure_is_one_line(address, text):
    failure = Failure(address, 3, 1.5, 'why')
    assert str(failure) == text
    assert failure == (address, 3, 1.5, 'why')
    assert (failure.client_address, failure.connection_index, failure.time, failure.reason) == (
        failure)
