from typing import NamedTuple

from httptestserver.recording.request import _Address

__all__ = ['Failure']

class Failure(NamedTuple):
    client_address: _Address
    connection_index: int
    time: float
    reason: str
