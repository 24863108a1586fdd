"""What reading one file may cost, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reader.files.layout import FileId
from reader.iso7816 import SW

__all__ = ["FileRead", "ReadLimits", "ReadOutcome"]


class ReadOutcome(StrEnum):
    """Say how reading a file ended; only COMPLETE may ever be hashed as the file."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    ABSENT = "absent"
    DENIED = "denied"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    DAMAGED = "damaged"
    MALFORMED = "malformed"
    OVER_BUDGET = "over-budget"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bound one file: its bytes, the commands and the seconds it may take.

    A megabyte takes 90 seconds at 106 kbit/s, the slowest rate of ISO/IEC 14443.
    """

    max_bytes: int = 1 << 20
    max_apdus: int = 8192
    max_seconds: float = 180.0


@dataclass(frozen=True, slots=True, repr=False)
class FileRead:
    """Hold what came of one file.

    ``data`` is the file exactly as read, or the part of it that was; ``total`` its length as the header says; ``sw``
    the last status word; ``apdus`` the commands spent. With outcome UNVERIFIED ``sw`` came unprotected through a
    protected channel and proves nothing. INTERRUPTED is the part of a file that had come when the card was lost.
    """

    file: FileId
    outcome: ReadOutcome
    data: bytes = b""
    total: int | None = None
    sw: int = SW.OK
    apdus: int = 0

    @property
    def complete(self) -> bool:
        """Tell whether ``data`` is the whole file."""
        return self.outcome is ReadOutcome.COMPLETE

    def __repr__(self) -> str:
        """Show what happened, never content."""
        return f"FileRead({self.file.label}, {self.outcome}, {len(self.data)} bytes, {self.sw:04X})"
