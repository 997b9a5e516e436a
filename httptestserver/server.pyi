import ssl
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from os import PathLike
from typing import (
    IO, AbstractSet, Any, Callable, ClassVar, ContextManager, Dict, Iterable, List, Literal,
    Mapping, Optional, Pattern, Protocol, Sequence, Tuple, Type, TypeVar, Union,
)

from httptestserver import Data, Failure, RecordedRequest, Route
from httptestserver.tls import _Path

__all__ = ['Handler', 'Server', 'http_server', 'https_server', 'start_server',
           'start_ssl_server']

_T = TypeVar('_T')
_Server = TypeVar('_Server', bound='Server')

# Criteria of requests.
_Method = Union[str, Sequence[str], AbstractSet[str]]
_Target = Union[str, Pattern[str], Callable[[str], object]]
_Match = Callable[[RecordedRequest], object]

# Values of response_* keys. _Made: a function of the request may return the value.
_Made = Union[_T, Callable[[RecordedRequest], _T]]
_Text = Union[str, bytes, int]
_Fields = Union[Mapping[Any, _Text], Sequence[Tuple[_Text, _Text]]]
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

class _Endpoint:
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
        path: Optional[_Target] = ...,
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
        path: Optional[_Target] = ...,
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
        path: Optional[_Target] = ...,
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

class Handler(BaseHTTPRequestHandler):
    response_keys: ClassVar[Mapping[str, Optional[Callable[[str, Any], object]]]]
    server: Server  # type: ignore[assignment]
    headers: HTTPMessage
    body: bytes
    connection_index: int
    exchange_index: int
    tls: Optional[Dict[str, Any]]
    trailers: Tuple[Tuple[str, str], ...]
    time: float
    duration: Optional[float]
    def do_DELETE(self) -> None: ...
    def do_GET(self) -> None: ...
    def do_HEAD(self) -> None: ...
    def do_OPTIONS(self) -> None: ...
    def do_PATCH(self) -> None: ...
    def do_POST(self) -> None: ...
    def do_PUT(self) -> None: ...
    @property
    def state(self) -> Dict[str, Any]: ...
    def update_state(self) -> None: ...
    def save_history(self) -> None: ...
    def handle_request(self) -> None: ...
    @property
    def script(self) -> Dict[str, Any]: ...

class Server(_Endpoint):
    scheme: Literal['http', 'https']
    certfile: Optional[_Path]
    def __init__(
        self,
        host: str,
        port: int,
        scheme: str = ...,
        handler: Type[Handler] = ...,
        certfile: Optional[_Path] = ...,
        keyfile: Optional[_Path] = ...,
        client_cafile: Optional[_Path] = ...,
        history_limit: Optional[int] = ...,
        client_cert: Literal['required', 'optional'] = ...,
        body_limit: Optional[int] = ...,
    ) -> None: ...
    @classmethod
    def start_server(
        cls: Type[_Server],
        host: str,
        port: int,
        *,
        handler: Type[Handler] = ...,
        history_limit: Optional[int] = ...,
        body_limit: Optional[int] = ...,
    ) -> _Server: ...
    @classmethod
    def start_ssl_server(
        cls: Type[_Server],
        host: str,
        port: int,
        certfile: Optional[_Path],
        keyfile: Optional[_Path],
        *,
        handler: Type[Handler] = ...,
        client_cafile: Optional[_Path] = ...,
        history_limit: Optional[int] = ...,
        body_limit: Optional[int] = ...,
        client_cert: Literal['required', 'optional'] = ...,
    ) -> _Server: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def cafile(self) -> Union[str, Any]: ...  # what certfile was given as; None for http
    def route(
        self,
        method: Optional[_Method] = ...,
        path: Optional[_Target] = ...,
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
    @property
    def failures(self) -> List[Failure]: ...
    def wait_failure(self, count: int = ..., timeout: float = ...) -> List[Failure]: ...
    def har(self) -> Dict[str, Any]: ...
    def client_context(self) -> Union[ssl.SSLContext, Any]: ...  # None for http
    def url(self, path: str = ...) -> str: ...
    def start(self: _Server) -> _Server: ...
    def stop(self) -> None: ...
    def __enter__(self: _Server) -> _Server: ...
    def __exit__(self, *error: object) -> None: ...

def start_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    *,
    handler: Type[Handler] = ...,
    history_limit: Optional[int] = ...,
    body_limit: Optional[int] = ...,
) -> Server: ...
def start_ssl_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    certfile: Optional[_Path] = ...,
    keyfile: Optional[_Path] = ...,
    *,
    handler: Type[Handler] = ...,
    client_cafile: Optional[_Path] = ...,
    history_limit: Optional[int] = ...,
    body_limit: Optional[int] = ...,
    client_cert: Literal['required', 'optional'] = ...,
) -> Server: ...
def http_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    *,
    handler: Type[Handler] = ...,
    history_limit: Optional[int] = ...,
    body_limit: Optional[int] = ...,
) -> ContextManager[Server]: ...
def https_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    certfile: Optional[_Path] = ...,
    keyfile: Optional[_Path] = ...,
    *,
    handler: Type[Handler] = ...,
    client_cafile: Optional[_Path] = ...,
    history_limit: Optional[int] = ...,
    body_limit: Optional[int] = ...,
    client_cert: Literal['required', 'optional'] = ...,
) -> ContextManager[Server]: ...
