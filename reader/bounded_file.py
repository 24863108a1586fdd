"""One file of this machine, read whole and never more of it than it may have."""

from __future__ import annotations

from pathlib import Path

from reader.errors import DataError

__all__ = ["read_bounded_file"]


def read_bounded_file(path: Path, limit: int) -> bytes:
    """Read a file of at most ``limit`` bytes; raise DataError, which does not name it, where it is larger or not read.

    A file larger than ``limit`` is refused, not cut off, and no more than one byte beyond the limit is ever read.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError:
        raise DataError("file that cannot be read") from None
    if len(raw) > limit:
        raise DataError(f"file of more than {limit} bytes")
    return raw
