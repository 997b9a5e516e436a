from typing import Optional, Union

from typing_extensions import Literal

from httptestserver.typing import _JSON

__all__ = ['Stream']

class Stream:
    def send(
        self,
        data: _JSON = ...,
        event: Optional[str] = ...,
        id: Union[str, int, None] = ...,
        retry: Optional[int] = ...,
        comment: Optional[str] = ...,
    ) -> None: ...
    def write(self, data: Union[str, bytes, bytearray, memoryview]) -> None: ...
    def wait_opened(self, count: int = ..., timeout: float = ...) -> None: ...
    def wait_closed(self, count: int = ..., timeout: float = ...) -> None: ...
    def close(self) -> None: ...
    def abort(self, fault: Literal['disconnect', 'reset'] = ...) -> None: ...
