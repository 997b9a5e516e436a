from typing import Any, List, NamedTuple, Optional, Tuple

__all__ = ['Frame', 'Head', 'Heads', 'frame', 'head_octets']

_Pairs = Tuple[Tuple[str, str], ...]

class Frame(NamedTuple):
    added: List[Tuple[str, str]]
    carries: bool
    chunked: bool
    persistent: bool

def frame(
    status: int,
    headers: _Pairs,
    length: Optional[int],
    trailers: _Pairs,
    command: str,
    version: str,
    persistent: bool,
) -> Frame: ...

class _Head(NamedTuple):
    octets: bytes
    status: Optional[int]
    reason: Optional[str]
    fields: _Pairs
    carries: bool
    chunked: bool
    persistent: bool

class Head(_Head): ...

class Heads:
    def __init__(self, software: str) -> None: ...
    def get(self, now: float, *message: Any) -> Head: ...

def head_octets(status: int, reason: str, fields: _Pairs) -> bytes: ...
