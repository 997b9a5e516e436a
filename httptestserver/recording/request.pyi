import socket
from http.client import HTTPMessage
from typing import IO, Any, Dict, KeysView, NamedTuple, Optional, Tuple, Union, overload

from typing_extensions import Literal, TypeAlias, TypeVar

from httptestserver.scripting.endpoint import Route
from httptestserver.server import Server

__all__ = ['RecordedRequest']

_Default = TypeVar('_Default', default=None)

# (host, port), and two numbers more for IPv6.
_Address: TypeAlias = Tuple[Any, ...]
# A dict for https, and None for http.
_Tls: TypeAlias = Union[Dict[str, Any], Any]
_Pairs: TypeAlias = Tuple[Tuple[str, str], ...]
# The value is a list of str if a name repeats.
_Values: TypeAlias = Dict[str, Union[str, Any]]

# The credentials are (user, password) for Basic, else a str.
_Credentials: TypeAlias = Tuple[str, Union[str, Any]]

# The keys of a request by the types of their values. Overloads by key find a misspelt key. The keys
# of a user's own Handler are read from a copy, dict(request), which the type of keys() allows.
_StrFact: TypeAlias = Literal['command', 'path', 'request_version', 'requestline']
_BytesFact: TypeAlias = Literal['body', 'raw_requestline']
_IntFact: TypeAlias = Literal['body_discarded', 'connection_index', 'exchange_index']
_SocketFact: TypeAlias = Literal['connection', 'request']
_FileFact: TypeAlias = Literal['rfile', 'wfile']
_Fact: TypeAlias = Literal[
    _StrFact, _BytesFact, _IntFact, _SocketFact, _FileFact, 'client_address', 'close_connection',
    'duration', 'headers', 'server', 'time', 'tls', 'trailers',
]
_RequestKey: TypeAlias = Literal[
    _Fact, 'response_content', 'response_fault', 'response_fault_at', 'response_headers',
    'response_informational', 'response_raw', 'response_reason', 'response_status',
    'response_trailers',
]

class _File(NamedTuple):
    filename: str
    content_type: str
    content: bytes

class RecordedRequest(Dict[str, Any]):
    command: str
    path: str
    request_version: str
    requestline: str
    raw_requestline: bytes
    headers: HTTPMessage
    body: bytes
    body_discarded: int
    trailers: _Pairs
    client_address: _Address
    connection_index: int
    exchange_index: int
    tls: _Tls
    close_connection: bool
    time: float
    duration: Optional[float]
    server: Server
    connection: socket.socket
    request: socket.socket
    rfile: IO[bytes]
    wfile: IO[bytes]
    response_status: int
    response_reason: str
    response_headers: _Pairs
    response_content: Union[bytes, Any]
    response_trailers: _Pairs
    response_informational: Tuple[Tuple[int, _Pairs], ...]
    response_fault: str
    response_fault_at: Union[int, str]
    response_raw: bytes
    @property
    def route(self) -> Optional[Route]: ...
    @property
    def method(self) -> str: ...
    @property
    def params(self) -> Dict[str, str]: ...
    @property
    def tunnel(self) -> Optional[str]: ...
    @property
    def url(self) -> str: ...
    @property
    def query(self) -> _Values: ...
    @property
    def content(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...
    @property
    def form(self) -> _Values: ...
    @property
    def files(self) -> Dict[str, Union[_File, Any]]: ...
    @property
    def cookies(self) -> Dict[str, str]: ...
    @property
    def auth(self) -> Optional[_Credentials]: ...
    def keys(self) -> KeysView[Any]: ...  # type: ignore[override]
    def copy(self) -> RecordedRequest: ...
    def __copy__(self) -> RecordedRequest: ...
    def __deepcopy__(self, memo: Optional[Dict[int, Any]]) -> RecordedRequest: ...
    @overload  # type: ignore[override]
    def __getitem__(self, key: _StrFact, /) -> str: ...
    @overload
    def __getitem__(self, key: _BytesFact, /) -> bytes: ...
    @overload
    def __getitem__(self, key: _IntFact, /) -> int: ...
    @overload
    def __getitem__(self, key: Literal['close_connection'], /) -> bool: ...
    @overload
    def __getitem__(self, key: Literal['time'], /) -> float: ...
    @overload
    def __getitem__(self, key: Literal['duration'], /) -> Optional[float]: ...
    @overload
    def __getitem__(self, key: Literal['headers'], /) -> HTTPMessage: ...
    @overload
    def __getitem__(self, key: Literal['trailers'], /) -> _Pairs: ...
    @overload
    def __getitem__(self, key: Literal['tls'], /) -> _Tls: ...
    @overload
    def __getitem__(self, key: Literal['client_address'], /) -> _Address: ...
    @overload
    def __getitem__(self, key: Literal['server'], /) -> Server: ...
    @overload
    def __getitem__(self, key: _SocketFact, /) -> socket.socket: ...
    @overload
    def __getitem__(self, key: _FileFact, /) -> IO[bytes]: ...
    @overload
    def __getitem__(self, key: Literal['response_status'], /) -> int: ...
    @overload
    def __getitem__(self, key: Literal['response_reason', 'response_fault'], /) -> str: ...
    @overload
    def __getitem__(self, key: Literal['response_fault_at'], /) -> Union[int, str]: ...
    @overload
    def __getitem__(self, key: Literal['response_headers', 'response_trailers'], /) -> _Pairs: ...
    @overload
    def __getitem__(
        self, key: Literal['response_informational'], /
    ) -> Tuple[Tuple[int, _Pairs], ...]: ...
    @overload
    def __getitem__(self, key: Literal['response_raw'], /) -> bytes: ...
    @overload
    def __getitem__(self, key: Literal['response_content'], /) -> Union[bytes, Any]: ...
    # Type checkers show the last overload in messages, so it has all keys.
    @overload
    def __getitem__(self, key: _RequestKey, /) -> Any: ...
    @overload  # type: ignore[override]
    def get(self, key: _StrFact, default: _Default = ..., /) -> Union[str, _Default]: ...
    @overload
    def get(self, key: _BytesFact, default: _Default = ..., /) -> Union[bytes, _Default]: ...
    @overload
    def get(self, key: _IntFact, default: _Default = ..., /) -> Union[int, _Default]: ...
    @overload
    def get(
        self, key: Literal['close_connection'], default: _Default = ..., /
    ) -> Union[bool, _Default]: ...
    @overload
    def get(self, key: Literal['time'], default: _Default = ..., /) -> Union[float, _Default]: ...
    @overload
    def get(
        self, key: Literal['duration'], default: _Default = ..., /
    ) -> Union[float, None, _Default]: ...
    @overload
    def get(
        self, key: Literal['headers'], default: _Default = ..., /
    ) -> Union[HTTPMessage, _Default]: ...
    @overload
    def get(
        self, key: Literal['trailers'], default: _Default = ..., /
    ) -> Union[_Pairs, _Default]: ...
    @overload
    def get(
        self, key: Literal['tls'], default: _Default = ..., /
    ) -> Union[_Tls, _Default]: ...
    @overload
    def get(
        self, key: Literal['client_address'], default: _Default = ..., /
    ) -> Union[_Address, _Default]: ...
    @overload
    def get(
        self, key: Literal['server'], default: _Default = ..., /
    ) -> Union[Server, _Default]: ...
    @overload
    def get(
        self, key: _SocketFact, default: _Default = ..., /
    ) -> Union[socket.socket, _Default]: ...
    @overload
    def get(self, key: _FileFact, default: _Default = ..., /) -> Union[IO[bytes], _Default]: ...
    @overload
    def get(
        self, key: Literal['response_status'], default: _Default = ..., /
    ) -> Union[int, _Default]: ...
    @overload
    def get(
        self, key: Literal['response_reason', 'response_fault'], default: _Default = ..., /
    ) -> Union[str, _Default]: ...
    @overload
    def get(
        self, key: Literal['response_fault_at'], default: _Default = ..., /
    ) -> Union[int, str, _Default]: ...
    @overload
    def get(
        self, key: Literal['response_headers', 'response_trailers'], default: _Default = ..., /
    ) -> Union[_Pairs, _Default]: ...
    @overload
    def get(
        self, key: Literal['response_informational'], default: _Default = ..., /
    ) -> Union[Tuple[Tuple[int, _Pairs], ...], _Default]: ...
    @overload
    def get(
        self, key: Literal['response_raw'], default: _Default = ..., /
    ) -> Union[bytes, _Default]: ...
    @overload
    def get(
        self, key: Literal['response_content'], default: _Default = ..., /
    ) -> Union[bytes, Any, _Default]: ...
    @overload
    def get(self, key: _RequestKey, default: object = ..., /) -> Any: ...
