from typing import (
    Any, Dict, Iterable, List, Literal, NamedTuple, Optional, Tuple, Union, overload,
)

from httptestserver.fields import Headers
from httptestserver.server import Server

__all__ = ['Failure', 'File', 'LIVE', 'RecordedRequest', 'Target', 'gather']

LIVE: Tuple[str, ...]

# (host, port), and two numbers more for IPv6.
_Address = Tuple[Any, ...]
_Values = Dict[str, Union[str, List[str]]]

def gather(items: Iterable[Tuple[str, str]]) -> _Values: ...

class File(NamedTuple):
    filename: str
    content_type: str
    content: bytes

class Target(str):
    origin: str
    query: str
    parts: Tuple[bytes, ...]
    def __new__(cls, target: str) -> Target: ...

class RecordedRequest(Dict[str, Any]):
    params: Dict[str, str]
    def facts(self) -> Dict[str, Any]: ...
    def copy(self) -> RecordedRequest: ...
    @property
    def method(self) -> str: ...
    @property
    def target(self) -> Target: ...
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
    def files(self) -> Dict[str, Union[File, List[File]]]: ...
    @property
    def cookies(self) -> Dict[str, str]: ...
    def field(self, name: str) -> List[str]: ...
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
        self, key: Literal['connection_index', 'exchange_index', 'response_status'], /
    ) -> int: ...
    @overload
    def __getitem__(self, key: Literal['time'], /) -> float: ...
    @overload
    def __getitem__(self, key: Literal['duration'], /) -> Optional[float]: ...
    @overload
    def __getitem__(self, key: Literal['close_connection'], /) -> bool: ...
    @overload
    def __getitem__(self, key: Literal['headers'], /) -> Headers: ...
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

class _Failure(NamedTuple):
    client_address: _Address
    connection_index: int
    time: float
    reason: str

class Failure(_Failure): ...
