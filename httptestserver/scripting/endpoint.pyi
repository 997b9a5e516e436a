from typing import Any, Callable, Coroutine, Dict, List, Optional, TypeVar

from typing_extensions import Unpack

from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting.data import Data
from httptestserver.scripting.stream import Stream
from httptestserver.typing import (
    _Auth, _BodyAndFields, _Har, _Method, _Target, _Wanted, _WantedBytes, _WantedFiles, _WantedValues,
    Callback, Criteria, Response, ResponseKeys,
)

__all__ = ['Endpoint', 'Route', 'ServerEndpoint']

_Decorated = TypeVar('_Decorated', bound=Callback)

class Endpoint:
    @property
    def data(self) -> Data: ...
    @property
    def history(self) -> List[RecordedRequest]: ...
    @property
    def response_data(self) -> Dict[str, Any]: ...
    def enqueue(
        self,
        *responses: Response,
        **response_keys: Unpack[ResponseKeys],
    ) -> None: ...
    def wait(
        self,
        count: int = ...,
        timeout: float = ...,
        **criteria: Unpack[Criteria],
    ) -> List[RecordedRequest]: ...
    def take_request(self, timeout: float = ...) -> RecordedRequest: ...
    def wait_async(
        self,
        count: int = ...,
        timeout: float = ...,
        **criteria: Unpack[Criteria],
    ) -> Coroutine[Any, Any, List[RecordedRequest]]: ...
    def take_request_async(
        self,
        timeout: float = ...,
    ) -> Coroutine[Any, Any, RecordedRequest]: ...
    def assert_requested(
        self,
        method: Optional[_Method] = ...,
        path: Optional[_Target] = ...,
        count: Optional[int] = ...,
        **criteria: Unpack[_BodyAndFields],
    ) -> List[RecordedRequest]: ...
    def assert_not_requested(
        self,
        method: Optional[_Method] = ...,
        path: Optional[_Target] = ...,
        **criteria: Unpack[_BodyAndFields],
    ) -> None: ...
    def assert_requested_in_order(self, *wanted: _Wanted) -> List[RecordedRequest]: ...
    def reset(self) -> None: ...

class ServerEndpoint(Endpoint):
    def route(
        self,
        method: Optional[_Method] = ...,
        path: Optional[_Target] = ...,
        query: Optional[_WantedValues] = ...,
        headers: Optional[_WantedValues] = ...,
        body: Optional[_WantedBytes] = ...,
        json: object = ...,
        form: Optional[_WantedValues] = ...,
        cookies: Optional[_WantedValues] = ...,
        match: Optional[Callable[[RecordedRequest], object]] = ...,
        json_has: object = ...,
        files: Optional[_WantedFiles] = ...,
        auth: Optional[_Auth] = ...,
        count: Optional[int] = ...,
        **response_keys: Unpack[ResponseKeys],
    ) -> Route: ...
    def replay(self, har: _Har) -> List[Route]: ...
    def stream(self, limit: int = ...) -> Stream: ...
    @property
    def unmatched(self) -> List[RecordedRequest]: ...
    def check(self, unserved: bool = ..., unrequested: bool = ...) -> None: ...

class Route(Endpoint):
    def __call__(self, function: _Decorated) -> _Decorated: ...
    def remove(self) -> None: ...
