from typing import Optional, Tuple, Union

__all__ = ['BadRequest', 'Framing', 'HEAD_LIMIT', 'check_fields', 'check_part',
           'check_size', 'chunk_size', 'parse_head', 'shown']

LINE_LIMIT: int
HEAD_LIMIT: int
LENGTH_DIGITS: int
SIZE_DIGITS: int

class BadRequest(Exception):
    status: int
    reason: str
    def __init__(self, status: int, reason: str) -> None: ...

class Framing:
    block: bytes
    version: str
    length: Optional[int]
    close: bool
    keep_alive: bool
    expect: bool
    def __init__(self, block: bytes, version: str) -> None: ...

def check_fields(block: bytes) -> None: ...
def shown(octets: bytes) -> str: ...
def parse_head(head: bytes) -> Tuple[str, str, str, str, bytes, Framing]: ...
def check_part(head: Union[bytes, bytearray], start: int) -> None: ...
def check_size(size: int) -> None: ...
def chunk_size(line: bytes) -> int: ...
