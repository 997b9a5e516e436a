from os import PathLike
from typing import (
    IO, Any, Callable, Dict, Iterable, Iterator, List, Literal, Mapping, NamedTuple, Optional,
    Protocol, Sequence, Tuple, TypeVar, Union,
)

from httptestserver.http1.fields import _Fields, _Pairs
from httptestserver.recording.request import RecordedRequest

__all__ = ['FAULTS', 'MOMENTS', 'Response', 'VOCABULARY', 'check', 'check_script',
           'nearest', 'settle', 'short_form']

_T = TypeVar('_T')
_Vocabulary = Mapping[str, Callable[[str, Any], None]]

# What the keys hold. Where _Made, a callable of the request may make the value.
_Made = Union[_T, Callable[[RecordedRequest], _T]]
_Content = Union[
    str, bytes, bytearray, memoryview, 'PathLike[str]', IO[bytes], Iterable[Union[bytes, str]],
]
_Informational = Iterable[Tuple[int, _Fields]]
_Fault = Literal['disconnect', 'reset', 'stall']
_Moment = Union[int, Literal['accept', 'handshake', 'request', 'response', 'body', 'end']]
_Short = Union[int, str, bytes, bytearray, Mapping[str, Any]]
_Callback = Callable[[RecordedRequest], Union[_Short, Callable[[RecordedRequest], Any]]]
_Response = Union[_Short, _Callback]

class _Hold(Protocol):
    def wait(self, timeout: float, /) -> object: ...

PREFIX: str
STEP: int
KEPT: int
DEPTH: int
PLAIN_TEXT: _Pairs
FAULTS: Tuple[str, ...]
MOMENTS: Tuple[str, ...]
REASONS: Dict[int, str]
VOCABULARY: Dict[str, Callable[[str, Any], None]]

def nearest(word: str, words: Iterable[str]) -> str: ...
def check(key: str, value: Any, vocabulary: _Vocabulary = ...) -> None: ...
def check_script(
    keys: Mapping[str, Any],
    scheme: Optional[str] = ...,
    whole: bool = ...,
    moments: Sequence[str] = ...,
) -> None: ...
def short_form(response: _Response) -> Dict[str, Any]: ...
def settle(
    script: Mapping[str, Any],
    request: RecordedRequest,
    vocabulary: _Vocabulary = ...,
    scheme: Optional[str] = ...,
) -> Response: ...

class Response:
    status: int
    reason: str
    headers: _Pairs
    content: Union[bytes, Stream]
    delay: float
    reset: bool
    fixed: bool
    plain: bool
    trailers: _Pairs
    informational: Tuple[Tuple[int, str, _Pairs], ...]
    hold: Optional[_Hold]
    rate: Optional[float]
    fault: Optional[str]
    fault_at: Union[int, str]
    raw: Optional[bytes]
    def __init__(self, keys: Mapping[str, Any]) -> None: ...

class Stream:
    source: Any
    length: Optional[int]
    def __init__(
        self, source: Union['PathLike[str]', IO[bytes], Iterable[Union[bytes, str]]]
    ) -> None: ...
    def __iter__(self) -> Iterator[bytes]: ...
    @property
    def sent(self) -> Any: ...  # bytes, or the file or path
    def close(self) -> None: ...
