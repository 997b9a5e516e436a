from typing import (
    AbstractSet, Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Pattern, Sequence,
    Tuple, Union,
)

from httptestserver.recording.request import RecordedRequest, Target

__all__ = ['CRITERIA', 'Criteria', 'Difference']

CRITERIA: Tuple[str, ...]

_Method = Union[str, Sequence[str], AbstractSet[str]]
_Path = Union[str, Pattern[str], Callable[[Target], object]]
_Match = Callable[[RecordedRequest], object]

class Placeholder(str): ...

class Template:
    def __init__(self, target: Target) -> None: ...
    def matches(self, target: Target) -> bool: ...
    def params(self, target: Target) -> Dict[str, str]: ...

class _Difference(NamedTuple):
    name: str
    expected: Any
    actual: Any

class Difference(_Difference): ...

class Criterion(NamedTuple):
    name: str
    expected: Any
    view: Callable[[RecordedRequest], Any]
    accepts: Callable[[Any], Any]

class Criteria:
    def __init__(
        self,
        method: Optional[_Method] = ...,
        path: Optional[_Path] = ...,
        query: Optional[Mapping[str, Any]] = ...,
        headers: Optional[Mapping[str, Any]] = ...,
        body: Union[str, bytes, None] = ...,
        json: Any = ...,
        form: Optional[Mapping[str, Any]] = ...,
        cookies: Optional[Mapping[str, Any]] = ...,
        match: Optional[_Match] = ...,
    ) -> None: ...
    @classmethod
    def named(cls, criteria: Mapping[str, Any]) -> Criteria: ...
    @property
    def needs_body(self) -> bool: ...
    def match(self, request: RecordedRequest) -> bool: ...
    def params(self, request: RecordedRequest) -> Dict[str, str]: ...
    def differences(self, request: RecordedRequest) -> List[Difference]: ...
