from typing import Sequence

from httptestserver.matching import Criteria
from httptestserver.request import RecordedRequest

__all__ = ['every_request', 'near_miss', 'not_requested', 'wanted_but']

LINES: int
DIFF_LINES: int

def every_request(requests: Sequence[RecordedRequest]) -> str: ...
def one_line(index: int, request: RecordedRequest) -> str: ...
def answer(request: RecordedRequest) -> str: ...
def near_miss(request: RecordedRequest, alternatives: Sequence[Criteria]) -> str: ...
def wanted_but(
    wanted: str, criteria: Criteria, matching: int, requests: Sequence[RecordedRequest]
) -> str: ...
def not_requested(
    criteria: Criteria,
    matching: Sequence[RecordedRequest],
    requests: Sequence[RecordedRequest],
) -> str: ...
