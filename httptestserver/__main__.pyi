from typing import Optional, Sequence

__all__ = ['main']

PROGRAM: str
WAKE: float

def main(argv: Optional[Sequence[str]] = ...) -> int: ...
