import ssl
from os import PathLike
from typing import Any, Callable, Dict, Optional, Union

__all__ = ['CAFILE', 'CERTFILE', 'bundled', 'client_context', 'describe', 'new_context',
           'notice_sni', 'read', 'server_context', 'trust_clients']

_Path = Union[str, bytes, 'PathLike[str]', 'PathLike[bytes]']

CERTFILE: str
CAFILE: str

def bundled(name: str) -> str: ...
def server_context(
    certfile: Optional[_Path] = ...,
    keyfile: Optional[_Path] = ...,
    client_cafile: Optional[_Path] = ...,
    client_cert: str = ...,
) -> ssl.SSLContext: ...
def client_context(cafile: _Path) -> ssl.SSLContext: ...
def describe(sslsocket: ssl.SSLSocket) -> Dict[str, Any]: ...
def new_context(
    choose: Optional[Callable[[Optional[str]], Optional[ssl.SSLContext]]] = ...,
) -> ssl.SSLContext: ...
def trust_clients(
    context: ssl.SSLContext, cafile: Optional[_Path], client_cert: str,
) -> None: ...
def notice_sni(context: ssl.SSLContext, own: bool = ...) -> None: ...
def read(path: _Path) -> bytes: ...
