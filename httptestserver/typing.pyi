import ssl
from os import PathLike
from typing import (
    IO, AbstractSet, Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Pattern,
    Sequence, Tuple, Type, TypeVar, Union,
)

from typing_extensions import Literal, Never, Protocol, TypeAlias, TypedDict, Unpack

from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting.stream import Stream
from httptestserver.server import Server
from httptestserver.serving.handler import Handler
from httptestserver.tls import _Path

__all__ = ['Callback', 'Criteria', 'MakeHttpServer', 'MakeHttpsServer', 'Response',
           'ResponseKeys']

_T = TypeVar('_T')

# A function of the request may make the value.
_Made: TypeAlias = Union[_T, Callable[[RecordedRequest], _T]]

_Text: TypeAlias = Union[str, bytes, int]
_Fields: TypeAlias = Union[Mapping[Any, _Text], Sequence[Tuple[_Text, _Text]]]

# Iterable[str] would allow a dict, so Iterator stands for a generator of str.
_Content: TypeAlias = Union[
    str, bytes, bytearray, memoryview, PathLike[str], IO[bytes],
    Iterable[Union[bytes, bytearray, memoryview]], Sequence[Union[str, bytes]],
    Iterator[Union[str, bytes]], Stream,
]

# JSON is often in a TypedDict, or in a dict or list of object, as type checkers infer for values of
# several types. These two match by a method that takes any object; Dict[str, datetime] has none.
class _DictOfObjects(Protocol):
    def setdefault(self, key: Never, default: object, /) -> object: ...

class _ListOfObjects(Protocol):
    def append(self, item: object, /) -> None: ...

_JSON: TypeAlias = Union[
    None, bool, int, float, str, Sequence['_JSON'], Mapping[Any, '_JSON'], _DictOfObjects,
    _ListOfObjects,
]

# A TypedDict for the keys of an event would refuse many a list of dicts that type checkers infer.
_Event: TypeAlias = Union[str, bytes, bytearray, Mapping[str, object]]
_Events: TypeAlias = Union[Sequence[_Event], Iterator[_Event], Stream]

_Folder: TypeAlias = Union[str, PathLike[str]]
_Interim: TypeAlias = Sequence[Tuple[int, _Fields]]
_Coding: TypeAlias = Literal['gzip', 'deflate']
# The URL of a server. In a proxy, True is the one that the request names.
_Forward: TypeAlias = Union[str, Literal[True]]
_Fault: TypeAlias = Literal['disconnect', 'reset', 'stall']
_Moment: TypeAlias = Union[
    int, Literal['accept', 'handshake', 'request', 'response', 'body', 'end'],
]

class _Hold(Protocol):
    def wait(self, timeout: float, /) -> object: ...

class ResponseKeys(TypedDict, total=False):
    response_status: _Made[int]
    response_reason: _Made[str]
    response_headers: _Made[Optional[_Fields]]
    response_content: _Made[Optional[_Content]]
    response_content_encoding: _Made[_Coding]
    response_ranges: _Made[bool]
    response_folder: _Made[_Folder]
    response_json: _Made[_JSON]
    response_events: _Made[_Events]
    response_forward: _Made[_Forward]
    response_forward_cafile: _Made[_Folder]
    response_trailers: _Made[_Fields]
    response_informational: _Made[_Interim]
    response_timeout: _Made[Optional[float]]
    response_hold: _Made[_Hold]
    response_rate: _Made[float]
    response_fault: _Made[_Fault]
    response_fault_at: _Made[_Moment]
    response_raw: _Made[Union[bytes, bytearray]]
    response_callback: Callback
    response_times: int
    response_clear: Optional[bool]
    response_reset: _Made[Optional[bool]]
    response_early: bool

Response: TypeAlias = Union[int, str, bytes, bytearray, ResponseKeys, 'Callback']

# A function without a more exact annotation often returns Dict[str, Any].
Callback: TypeAlias = Callable[[RecordedRequest], Union[Response, Dict[str, Any]]]

_Method: TypeAlias = Union[str, Sequence[str], AbstractSet[str]]
_Target: TypeAlias = Union[str, Pattern[str], Callable[[str], object]]

# A value of query, headers, form or cookies, and the content of a file. A list has all values of a
# name that repeats. Its type is Any, because the values in a list may be of several types.
_WantedText: TypeAlias = Union[str, int, Pattern[str], Callable[[str], object]]
_WantedValues: TypeAlias = Mapping[
    str, Union[_WantedText, List[Any], Tuple[_WantedText, ...], None]
]
_WantedBytes: TypeAlias = Union[
    bytes, bytearray, memoryview, str, Pattern[bytes], Pattern[str], Callable[[bytes], object],
]
_WantedFiles: TypeAlias = Mapping[
    str, Union[_WantedBytes, List[Any], Tuple[_WantedBytes, ...], None]
]
_Auth: TypeAlias = Union[str, Tuple[str, str]]

class _BodyAndFields(TypedDict, total=False):
    query: Optional[_WantedValues]
    headers: Optional[_WantedValues]
    body: Optional[_WantedBytes]
    json: object
    form: Optional[_WantedValues]
    cookies: Optional[_WantedValues]
    match: Optional[Callable[[RecordedRequest], object]]
    json_has: object
    files: Optional[_WantedFiles]
    auth: Optional[_Auth]

class Criteria(_BodyAndFields, total=False):
    method: Optional[_Method]
    path: Optional[_Target]

# What a test wants of one of several requests in order.
_Wanted: TypeAlias = Union[Tuple[Optional[_Method], Optional[_Target]], Criteria]

class _CheckOptions(TypedDict, total=False):
    unserved: bool
    unrequested: bool

# No Sequence, because a str is one.
_Hosts: TypeAlias = Union[List[str], Tuple[str, ...]]

# A recording: the path of a HAR file, or a document.
_Har: TypeAlias = Union[str, PathLike[str], Dict[str, Any]]

# The names of header fields whose values har() leaves out.
_Names: TypeAlias = Union[List[str], Tuple[str, ...], AbstractSet[str]]

# A certificate that clients refuse.
_Refused: TypeAlias = Literal[
    'expired', 'not_yet_valid', 'wrong_host', 'self_signed', 'untrusted']

class _ServerOptions(TypedDict, total=False):
    host: Optional[str]
    port: Optional[int]
    handler: Type[Handler]
    history_limit: Optional[int]
    body_limit: Optional[int]

class _SslServerOptions(_ServerOptions, total=False):
    certfile: Optional[_Path]
    keyfile: Optional[_Path]
    client_cafile: Optional[_Path]
    client_cert: Literal['required', 'optional']
    hosts: Optional[_Hosts]
    ssl_context: Optional[ssl.SSLContext]
    certificate: Optional[_Refused]

class MakeHttpServer(Protocol):
    def __call__(
        self,
        *,
        check: Union[bool, _CheckOptions] = ...,
        **options: Unpack[_ServerOptions],
    ) -> Server: ...

class MakeHttpsServer(Protocol):
    def __call__(
        self,
        *,
        check: Union[bool, _CheckOptions] = ...,
        **options: Unpack[_SslServerOptions],
    ) -> Server: ...
