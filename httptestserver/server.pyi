import ssl
from typing import Any, ContextManager, Dict, List, Mapping, Optional, Type, TypeVar, Union

from typing_extensions import Literal

from httptestserver.recording.history import Failure
from httptestserver.recording.tunnel import Tunnel
from httptestserver.scripting.endpoint import ServerEndpoint
from httptestserver.serving.handler import Handler as Handler
from httptestserver.tls import _Path
from httptestserver.typing import _CheckOptions, _Hosts, _Names, _Refused

__all__ = ['Handler', 'Server', 'http_server', 'https_server', 'start_server',
           'start_ssl_server']

_Server = TypeVar('_Server', bound='Server')

class Server(ServerEndpoint):
    scheme: Literal['http', 'https']
    certfile: Optional[_Path]
    def __init__(
        self,
        host: str,
        port: Optional[int],
        scheme: str = ...,
        handler: Type[Handler] = ...,
        certfile: Optional[_Path] = ...,
        keyfile: Optional[_Path] = ...,
        client_cafile: Optional[_Path] = ...,
        history_limit: Optional[int] = ...,
        client_cert: Literal['required', 'optional'] = ...,
        body_limit: Optional[int] = ...,
        hosts: Optional[_Hosts] = ...,
        ssl_context: Optional[ssl.SSLContext] = ...,
        proxy: bool = ...,
        certificate: Optional[_Refused] = ...,
    ) -> None: ...
    @classmethod
    def start_server(
        cls: Type[_Server],
        host: str,
        port: Optional[int],
        *,
        handler: Type[Handler] = ...,
        history_limit: Optional[int] = ...,
        body_limit: Optional[int] = ...,
        proxy: bool = ...,
    ) -> _Server: ...
    @classmethod
    def start_ssl_server(
        cls: Type[_Server],
        host: str,
        port: Optional[int],
        certfile: Optional[_Path],
        keyfile: Optional[_Path],
        *,
        handler: Type[Handler] = ...,
        client_cafile: Optional[_Path] = ...,
        history_limit: Optional[int] = ...,
        body_limit: Optional[int] = ...,
        client_cert: Literal['required', 'optional'] = ...,
        hosts: Optional[_Hosts] = ...,
        ssl_context: Optional[ssl.SSLContext] = ...,
        certificate: Optional[_Refused] = ...,
    ) -> _Server: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> Union[int, Any]: ...  # None for a Unix socket
    @property
    def cafile(self) -> Union[str, Any]: ...  # what certfile was given as, or None
    @property
    def failures(self) -> List[Failure]: ...
    def wait_failure(self, count: int = ..., timeout: float = ...) -> List[Failure]: ...
    @property
    def open_connections(self) -> int: ...
    def wait_connections(self, count: int, timeout: float = ...) -> None: ...
    def close_connections(self, fault: Literal['disconnect', 'reset'] = ...) -> None: ...
    @property
    def tunnels(self) -> List[Tunnel]: ...
    def environ(
        self, base: Optional[Mapping[str, str]] = ..., no_proxy: str = ...
    ) -> Dict[str, str]: ...
    def intercept(self, no_proxy: str = ...) -> ContextManager[None]: ...
    def har(self, redact: _Names = ...) -> Dict[str, Any]: ...
    def client_context(self) -> Union[ssl.SSLContext, Any]: ...  # None if cafile is
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
    proxy: bool = ...,
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
    hosts: Optional[_Hosts] = ...,
    ssl_context: Optional[ssl.SSLContext] = ...,
    certificate: Optional[_Refused] = ...,
) -> Server: ...
def http_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    check: Union[bool, _CheckOptions] = ...,
    *,
    handler: Type[Handler] = ...,
    history_limit: Optional[int] = ...,
    body_limit: Optional[int] = ...,
    proxy: bool = ...,
) -> ContextManager[Server]: ...
def https_server(
    host: Optional[str] = ...,
    port: Optional[int] = ...,
    certfile: Optional[_Path] = ...,
    keyfile: Optional[_Path] = ...,
    check: Union[bool, _CheckOptions] = ...,
    *,
    handler: Type[Handler] = ...,
    client_cafile: Optional[_Path] = ...,
    history_limit: Optional[int] = ...,
    body_limit: Optional[int] = ...,
    client_cert: Literal['required', 'optional'] = ...,
    hosts: Optional[_Hosts] = ...,
    ssl_context: Optional[ssl.SSLContext] = ...,
    certificate: Optional[_Refused] = ...,
) -> ContextManager[Server]: ...
