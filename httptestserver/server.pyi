import logging
import ssl
from http.server import BaseHTTPRequestHandler
from typing import Any, ContextManager, Dict, List, Literal, Optional, Type, TypeVar, Union

from httptestserver.endpoint import Endpoint
from httptestserver.request import Failure, Headers
from httptestserver.tls import _Path
from httptestserver.wire import Head, Reply

__all__ = ['Handler', 'Server', 'http_server', 'https_server', 'start_server',
           'start_ssl_server']

_Server = TypeVar('_Server', bound='Server')

DEFAULT_HOST: str
DEFAULT_PORT: int
log: logging.Logger

class Handler(BaseHTTPRequestHandler):
    server: 'Server'  # type: ignore[assignment]
    wfile: Reply  # type: ignore[assignment]
    headers: Headers
    body: bytes
    connection_index: int
    exchange_index: int
    tls: Optional[Dict[str, Any]]
    trailers: 'tuple[tuple[str, str], ...]'
    time: float
    duration: Optional[float]
    @property
    def state(self) -> Dict[str, Any]: ...
    def update_state(self) -> None: ...
    def save_history(self) -> None: ...
    def handle_request(self) -> None: ...
    def record(self) -> None: ...
    def head_for(self, reply: Reply, length: Optional[int]) -> Head: ...
    def complete(self, head: Head, content: bytes, reset: bool = ...) -> None: ...

class Server(Endpoint):
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
    ) -> None: ...
    @classmethod
    def start_server(
        cls: Type[_Server],
        host: str,
        port: int,
        *,
        handler: Type[Handler] = ...,
        history_limit: Optional[int] = ...,
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
    ) -> _Server: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def cafile(self) -> Union[str, Any]: ...  # what certfile was given as; None for http
    @property
    def failures(self) -> List[Failure]: ...
    def client_context(self) -> Union[ssl.SSLContext, Any]: ...  # None for http
    def url(self, path: str = ...) -> str: ...
    def start(self: _Server) -> _Server: ...
    def stop(self) -> None: ...
    def reset(self) -> None: ...
    def __enter__(self: _Server) -> _Server: ...
    def __exit__(self, *error: object) -> None: ...

def start_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    *,
    handler: Type[Handler] = ...,
    history_limit: Optional[int] = ...,
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
) -> Server: ...
def http_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    *,
    handler: Type[Handler] = ...,
    history_limit: Optional[int] = ...,
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
) -> ContextManager[Server]: ...
