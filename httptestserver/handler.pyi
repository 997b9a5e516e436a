import logging
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any, Callable, ClassVar, Dict, Mapping, Optional, Tuple, Union

from httptestserver.fields import Headers
from httptestserver.response import Response
from httptestserver.server import Server
from httptestserver.heads import Head
from httptestserver.wire import Reply

__all__ = ['Handler']

log: logging.Logger

class Handler(BaseHTTPRequestHandler):
    response_keys: ClassVar[Mapping[str, Optional[Callable[[str, Any], object]]]]
    server: Server  # type: ignore[assignment]
    wfile: Reply  # type: ignore[assignment]
    headers: Headers
    body: bytes
    connection_index: int
    exchange_index: int
    tls: Optional[Dict[str, Any]]
    trailers: Tuple[Tuple[str, str], ...]
    time: float
    duration: Optional[float]
    left: bool
    @property
    def state(self) -> Dict[str, Any]: ...
    def update_state(self) -> None: ...
    def save_history(self) -> None: ...
    def handle_request(self) -> None: ...
    @property
    def script(self) -> Dict[str, Any]: ...
    @property
    def interrupt(self) -> Event: ...
    def record(self) -> None: ...
    def head_of(self, message: Union[Response, Reply], length: Optional[int]) -> Head: ...
    def complete(
        self, head: Optional[Head], reset: bool, content: Any = ..., **keys: Any
    ) -> None: ...
