from typing import Any, Callable, Dict, Mapping, Optional, Sequence, Tuple, Union

__all__ = ['Response', 'VOCABULARY', 'check', 'frame', 'pairs']

_Text = Union[str, bytes, int]
_Fields = Union[Mapping[_Text, _Text], Sequence[Tuple[_Text, _Text]]]
_Pairs = Tuple[Tuple[str, str], ...]
_Vocabulary = Mapping[str, Callable[[str, Any], None]]

PREFIX: str
REASONS: Dict[int, str]
VOCABULARY: Dict[str, Callable[[str, Any], None]]

def pairs(headers: _Fields, key: str = ...) -> _Pairs: ...
def check(key: str, value: Any, vocabulary: _Vocabulary = ...) -> None: ...

class Response:
    status: int
    reason: str
    headers: _Pairs
    content: bytes
    delay: float
    reset: bool
    fixed: bool
    def __init__(self, keys: Mapping[str, Any]) -> None: ...

def frame(
    status: int,
    headers: _Pairs,
    length: Optional[int],
    command: str,
    version: str,
    persistent: bool,
) -> Tuple[_Pairs, bool, bool, bool]: ...
