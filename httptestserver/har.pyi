from typing import Any, Dict, Iterable, Mapping

__all__ = ['har']

def har(requests: Iterable[Mapping[str, Any]]) -> Dict[str, Any]: ...
