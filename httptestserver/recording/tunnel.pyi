from typing import NamedTuple

__all__ = ['Tunnel']

class Tunnel(NamedTuple):
    connection_index: int
    target: str
    time: float
