from typing import Optional, Sequence

__all__ = ['main']

WAKE: float

def main(argv: Optional[Sequence[str]] = ...) -> int: ...
