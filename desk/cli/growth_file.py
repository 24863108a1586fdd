"""How a verifier's log has grown, as a file: what ``motcua audit presence-log`` writes and ``motcua verify`` reads."""

from __future__ import annotations

from pathlib import Path

import typer

from auth.presence import LogGrowth
from auth.presence.log_growth import MAX_GROWTH_BYTES
from reader.errors import DataError

__all__ = ["read_growth_file"]


def read_growth_file(path: Path, option: str) -> LogGrowth:
    """Return what the file holds; end the command where it is none."""
    try:
        with path.open("rb") as file:
            return LogGrowth.read(file.read(MAX_GROWTH_BYTES + 1))
    except (OSError, DataError):
        raise typer.BadParameter("no file of a log's growth", param_hint=option) from None
