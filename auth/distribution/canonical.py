"""JSON as it is signed, hashed and read back here: one form for one content, bounded, and no key twice."""

from __future__ import annotations

import json
from typing import Any

from reader.errors import DataError

__all__ = ["canonical", "parse_json"]


def canonical(content: Any) -> bytes:
    """Return the one encoding of ``content``: keys sorted, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse_json(raw: bytes, limit: int) -> dict[str, Any]:
    """Read a JSON object of at most ``limit`` bytes; raise DataError, also for a key that stands there twice."""
    if len(raw) > limit:
        raise DataError(f"JSON of more than {limit} bytes")
    try:
        said = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise DataError("malformed JSON") from None
    if not isinstance(said, dict):
        raise DataError("malformed JSON")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(_: str) -> Any:
    raise ValueError("not a number")
