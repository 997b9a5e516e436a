from http.client import HTTPMessage
from typing import (
    Any, Callable, Dict, List, Literal, NamedTuple, Optional, Tuple, TypeVar, Union, overload,
)

from httptestserver import server as server, testing as testing
from httptestserver.server import (
    _Endpoint,
    Handler as Handler,
    Server as Server,
    http_server as http_server,
    https_server as https_server,
    start_server as start_server,
    start_ssl_server as start_ssl_server,
)
from httptestserver.testing import (
    HttpServerTest as HttpServerTest,
    HttpsServerTest as HttpsServerTest,
    HttpsTestServer as HttpsTestServer,
    HttpTestServer as HttpTestServer,
)

__version__: str

__all__ = ['Data', 'Failure', 'Handler', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest',
           'HttpsTestServer', 'RecordedRequest', 'Route', 'Server', 'http_server',
           'https_server', 'start_server', 'start_ssl_server']

# (host, port), and two numbers more for IPv6.
_Address = Tuple[Any, ...]
_Values = Dict[str, Union[str, List[str]]]
_Callback = TypeVar('_Callback', bound=Callable[[RecordedRequest], Any])

class Data(Dict[str, Any]):
    def setdefault(self, key: str, default: Any = ...) -> Any: ...
    def pop(self, key: str, *default: Any) -> Any: ...
    def copy(self) -> Dict[str, Any]: ...

class Route(_Endpoint):
    def __call__(self, function: _Callback) -> _Callback: ...
    def remove(self) -> None: ...

class Failure(NamedTuple):
    client_address: _Address
    connection_index: int
    time: float
    reason: str

class _File(NamedTuple):
    filename: str
    content_type: str
    content: bytes

class RecordedRequest(Dict[str, Any]):
    def copy(self) -> RecordedRequest: ...
    def __copy__(self) -> RecordedRequest: ...
    def __deepcopy__(self, memo: Optional[Dict[int, Any]]) -> RecordedRequest: ...
    @property
    def method(self) -> str: ...
    @property
    def params(self) -> Dict[str, str]: ...
    @property
    def route(self) -> Optional[Route]: ...
    @property
    def url(self) -> str: ...
    @property
    def query(self) -> _Values: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...
    @property
    def form(self) -> _Values: ...
    @property
    def files(self) -> Dict[str, Union[_File, List[_File]]]: ...
    @property
    def cookies(self) -> Dict[str, str]: ...
    @overload
    def __getitem__(
        self,
        key: Literal['command', 'path', 'request_version', 'requestline', 'response_reason'],
        /,
    ) -> str: ...
    @overload
    def __getitem__(self, key: Literal['body', 'raw_requestline', 'response_raw'], /) -> bytes: ...
    @overload
    def __getitem__(
        self,
        key: Literal['body_discarded', 'connection_index', 'exchange_index', 'response_status'],
        /,
    ) -> int: ...
    @overload
    def __getitem__(self, key: Literal['time'], /) -> float: ...
    @overload
    def __getitem__(self, key: Literal['duration'], /) -> Optional[float]: ...
    @overload
    def __getitem__(self, key: Literal['close_connection'], /) -> bool: ...
    @overload
    def __getitem__(self, key: Literal['headers'], /) -> HTTPMessage: ...
    @overload
    def __getitem__(
        self, key: Literal['response_headers', 'response_trailers', 'trailers'], /
    ) -> Tuple[Tuple[str, str], ...]: ...
    @overload
    def __getitem__(self, key: Literal['tls'], /) -> Optional[Dict[str, Any]]: ...
    @overload
    def __getitem__(self, key: Literal['client_address'], /) -> _Address: ...
    @overload
    def __getitem__(self, key: Literal['server'], /) -> Server: ...
    @overload
    def __getitem__(self, key: str, /) -> Any: ...
