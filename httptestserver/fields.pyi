from http.client import HTTPMessage
from typing import Any, List, Mapping, Sequence, Tuple, Union

__all__ = ['Headers', 'native', 'octets', 'pairs', 'parse_fields']

_Text = Union[str, bytes, int]
_Fields = Union[Mapping[Any, _Text], Sequence[Tuple[_Text, _Text]]]
_Pairs = Tuple[Tuple[str, str], ...]

def native(octets: bytes) -> str: ...
def octets(text: Union[str, bytes]) -> bytes: ...
def parse_fields(block: bytes) -> List[Tuple[str, str]]: ...

class Headers(HTTPMessage):
    def __init__(self, block: bytes) -> None: ...

def pairs(headers: _Fields, key: str = ...) -> _Pairs: ...
