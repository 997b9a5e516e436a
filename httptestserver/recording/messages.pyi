from typing import Any, Sequence, Tuple

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.request import Failure, RecordedRequest

__all__ = ['every_request', 'expected_failures', 'expected_no_request', 'expected_requests',
           'near_miss', 'one_line', 'outcome', 'went_wrong']

LINES: int
PROBLEMS: int
DIFF_LINES: int
COMPARED: int
WIDTH: int

def every_request(
    requests: Sequence[RecordedRequest], matching: Sequence[RecordedRequest] = ...
) -> str: ...
def one_line(index: int, request: RecordedRequest) -> str: ...
def outcome(request: RecordedRequest) -> str: ...
def near_miss(request: RecordedRequest, alternatives: Sequence[Criteria]) -> str: ...
def expected_requests(
    count: int,
    criteria: Criteria,
    matching: Sequence[RecordedRequest],
    requests: Sequence[RecordedRequest],
    exactly: bool = ...,
) -> str: ...
def expected_no_request(
    criteria: Criteria,
    matching: Sequence[RecordedRequest],
    requests: Sequence[RecordedRequest],
) -> str: ...
def expected_failures(
    count: int, timeout: float, failures: Sequence[Failure]
) -> str: ...
def went_wrong(
    unmatched: Sequence[Tuple[RecordedRequest, Sequence[Criteria]]],
    errors: Sequence[Tuple[str, str]],
    unserved: Sequence[Tuple[Any, Any]],
    dropped_unmatched: int = ...,
    dropped_errors: int = ...,
) -> str: ...
