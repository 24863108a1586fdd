"""What was read of a card before it was lost: whole files, and the part of the one that was being read."""

from __future__ import annotations

from dataclasses import dataclass

from reader.files.file_read import FileRead, ReadOutcome
from reader.files.layout import FileId

__all__ = ["ReadCache"]


@dataclass(frozen=True, slots=True, repr=False)
class ReadCache:
    """Hold files as read, at most one of each; only whole files and interrupted parts are kept.

    It proves nothing by itself: a later reading may use it only once it knows that the same chip answers again.
    """

    reads: tuple[FileRead, ...] = ()

    @property
    def size(self) -> int:
        """Return how many bytes are kept."""
        return sum(len(read.data) for read in self.reads)

    def whole(self, file: FileId) -> FileRead | None:
        """Return ``file`` where it was read to its end."""
        return self._find(file, ReadOutcome.COMPLETE)

    def part(self, file: FileId) -> FileRead | None:
        """Return the part of ``file`` that had come when the card was lost."""
        return self._find(file, ReadOutcome.INTERRUPTED)

    def updated(self, reads: tuple[FileRead, ...]) -> ReadCache:
        """Return a cache in which ``reads`` take the place of what was known of their files."""
        kept = tuple(read for read in reads if read.complete or read.outcome is ReadOutcome.INTERRUPTED)
        new = {read.file for read in reads}
        return ReadCache(kept + tuple(read for read in self.reads if read.file not in new))

    def _find(self, file: FileId, outcome: ReadOutcome) -> FileRead | None:
        return next((read for read in self.reads if read.file is file and read.outcome is outcome), None)

    def __repr__(self) -> str:
        """Show how many bytes of how many files, never content."""
        return f"ReadCache({len(self.reads)} files, {self.size} bytes)"
