from typing import Optional, Sequence

__all__ = ['main']

def main(argv: Optional[Sequence[str]] = ...) -> int: ...
