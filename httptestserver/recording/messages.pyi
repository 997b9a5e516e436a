from typing import Any, Sequence, Tuple

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.request import RecordedRequest

__all__ = ['every_request', 'near_miss', 'not_requested', 'wanted_but', 'went_wrong']

LINES: int
PROBLEMS: int
DIFF_LINES: int
COMPARED: int
WIDTH: int

def every_request(
    requests: Sequence[RecordedRequest], matching: Sequence[RecordedRequest] = ...
) -> str: ...
def one_line(index: int, request: RecordedRequest) -> str: ...
def answer(request: RecordedRequest) -> str: ...
def near_miss(request: RecordedRequest, alternatives: Sequence[Criteria]) -> str: ...
def wanted_but(
    count: int,
    criteria: Criteria,
    matching: Sequence[RecordedRequest],
    requests: Sequence[RecordedRequest],
    exactly: bool = ...,
) -> str: ...
def not_requested(
    criteria: Criteria,
    matching: Sequence[RecordedRequest],
    requests: Sequence[RecordedRequest],
) -> str: ...
def went_wrong(
    unmatched: Sequence[Tuple[RecordedRequest, Sequence[Criteria]]],
    errors: Sequence[Tuple[str, str]],
    unserved: Sequence[Tuple[Any, Any]],
) -> str: ...
