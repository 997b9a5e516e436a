from http.client import HTTPMessage
from typing import Any, Dict, List, Literal, NamedTuple, Optional, Tuple, Union, overload

from httptestserver.server import Server

__all__ = ['Failure', 'Headers', 'RecordedRequest', 'native', 'octets', 'parse_fields']

# (host, port), and two numbers more for IPv6.
_Address = Tuple[Any, ...]

def native(octets: bytes) -> str: ...
def octets(text: Union[str, bytes]) -> bytes: ...
def parse_fields(block: bytes) -> List[Tuple[str, str]]: ...

class Headers(HTTPMessage):
    def __init__(self, block: bytes) -> None: ...

class RecordedRequest(Dict[str, Any]):
    @overload
    def __getitem__(
        self,
        key: Literal['command', 'path', 'request_version', 'requestline', 'response_reason'],
        /,
    ) -> str: ...
    @overload
    def __getitem__(
        self, key: Literal['body', 'raw_requestline', 'response_content'], /
    ) -> bytes: ...
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
        self, key: Literal['response_headers', 'trailers'], /
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
