import ssl
from os import PathLike
from typing import Any, Dict, Optional, Union

__all__ = ['CAFILE', 'CERTFILE', 'client_context', 'describe', 'server_context']

_Path = Union[str, bytes, 'PathLike[str]', 'PathLike[bytes]']

CERTFILE: str
CAFILE: str

def server_context(
    certfile: Optional[_Path] = ...,
    keyfile: Optional[_Path] = ...,
    client_cafile: Optional[_Path] = ...,
    client_cert: str = ...,
) -> ssl.SSLContext: ...
def client_context(cafile: _Path) -> ssl.SSLContext: ...
def describe(sslsocket: ssl.SSLSocket) -> Dict[str, Any]: ...
