from typing import (
    Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union,
)

from httptestserver.scripting.data import Data
from httptestserver.http1.fields import _Fields
from httptestserver.recording.criteria import Criteria, _Match, _Method, _Path
from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting.response import (
    _Callback, _Content, _Fault, _Hold, _Informational, _Made, _Moment, _Response, _Vocabulary,
)
from httptestserver.scripting.routing import Service

__all__ = ['EARLY', 'Endpoint', 'Guard', 'Route']

_Function = TypeVar('_Function', bound=Callable[[RecordedRequest], Any])

TIMEOUT: float
EARLY: Tuple[str, ...]

class Guard:
    lock: Any
    waiting: int
    def wait(self, seconds: float) -> bool: ...
    def tell(self) -> None: ...

class Endpoint:
    def __init__(
        self,
        guard: Optional[Guard] = ...,
        vocabulary: _Vocabulary = ...,
        scheme: Optional[str] = ...,
        moments: Sequence[str] = ...,
        history_limit: Optional[int] = ...,
    ) -> None: ...
    @property
    def data(self) -> Data: ...
    @property
    def history(self) -> List[RecordedRequest]: ...
    @property
    def response_data(self) -> Dict[str, Any]: ...
    def enqueue(
        self,
        *responses: _Response,
        response_status: _Made[int] = ...,
        response_reason: _Made[str] = ...,
        response_headers: _Made[Optional[_Fields]] = ...,
        response_content: _Made[Optional[_Content]] = ...,
        response_json: Any = ...,
        response_trailers: _Made[_Fields] = ...,
        response_informational: _Made[_Informational] = ...,
        response_timeout: _Made[Optional[float]] = ...,
        response_hold: _Made[_Hold] = ...,
        response_rate: _Made[float] = ...,
        response_fault: _Made[_Fault] = ...,
        response_fault_at: _Made[_Moment] = ...,
        response_raw: _Made[Union[bytes, bytearray]] = ...,
        response_callback: _Callback = ...,
        response_times: int = ...,
        response_clear: Optional[bool] = ...,
        response_reset: _Made[Optional[bool]] = ...,
        **response_keys: Any,
    ) -> None: ...
    def wait(
        self,
        count: int = ...,
        timeout: float = ...,
        *,
        method: Optional[_Method] = ...,
        path: Optional[_Path] = ...,
        query: Optional[Mapping[str, Any]] = ...,
        headers: Optional[Mapping[str, Any]] = ...,
        body: Union[str, bytes, None] = ...,
        json: Any = ...,
        form: Optional[Mapping[str, Any]] = ...,
        cookies: Optional[Mapping[str, Any]] = ...,
        match: Optional[_Match] = ...,
    ) -> List[RecordedRequest]: ...
    def take_request(self, timeout: float = ...) -> RecordedRequest: ...
    def assert_requested(
        self,
        method: Optional[_Method] = ...,
        path: Optional[_Path] = ...,
        count: Optional[int] = ...,
        *,
        query: Optional[Mapping[str, Any]] = ...,
        headers: Optional[Mapping[str, Any]] = ...,
        body: Union[str, bytes, None] = ...,
        json: Any = ...,
        form: Optional[Mapping[str, Any]] = ...,
        cookies: Optional[Mapping[str, Any]] = ...,
        match: Optional[_Match] = ...,
    ) -> List[RecordedRequest]: ...
    def assert_not_requested(
        self,
        method: Optional[_Method] = ...,
        path: Optional[_Path] = ...,
        *,
        query: Optional[Mapping[str, Any]] = ...,
        headers: Optional[Mapping[str, Any]] = ...,
        body: Union[str, bytes, None] = ...,
        json: Any = ...,
        form: Optional[Mapping[str, Any]] = ...,
        cookies: Optional[Mapping[str, Any]] = ...,
        match: Optional[_Match] = ...,
    ) -> None: ...
    def reset(self) -> None: ...

class Route(Endpoint):
    criteria: Criteria
    def __init__(
        self, service: Service, criteria: Criteria, response_keys: Dict[str, Any]
    ) -> None: ...
    def __call__(self, function: _Function) -> _Function: ...
    def remove(self) -> None: ...
