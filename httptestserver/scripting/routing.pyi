from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from httptestserver.scripting.endpoint import Endpoint, Route
from httptestserver.http1.fields import _Fields
from httptestserver.recording.criteria import _Match, _Method, _Path
from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting.response import (
    _Callback, _Content, _Fault, _Hold, _Informational, _Made, _Moment, _Vocabulary,
)

__all__ = ['Service']

class Service(Endpoint):
    has_early: bool
    def __init__(
        self,
        vocabulary: _Vocabulary = ...,
        scheme: Optional[str] = ...,
        history_limit: Optional[int] = ...,
    ) -> None: ...
    def route(
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
        *,
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
    ) -> Route: ...
    @property
    def unmatched(self) -> List[RecordedRequest]: ...
    def check(self, unserved: bool = ...) -> None: ...
    def publish(self, state: Mapping[str, Any]) -> None: ...
    def record(
        self, request: RecordedRequest, answered: bool
    ) -> Tuple[Optional[Dict[str, Any]], Any]: ...
    def choose(self, request: RecordedRequest) -> Tuple[Dict[str, Any], Any]: ...
    def early_fault(
        self, moment: str, request: Optional[RecordedRequest] = ...
    ) -> Tuple[Optional[Dict[str, Any]], Any]: ...
    def add_error(self, requestline: str) -> None: ...
