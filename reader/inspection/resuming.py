"""Going on after the card was lost: nothing that was read before is used until the same document is shown to answer.

EF.SOD and DG1 are read anew and have to equal what was known, byte for byte. EF.SOD holds the hash of every data group,
so what was known of the others fits or fails with it. Where DG14 is known as well, and the chip proves the key that
stands in it, the chip itself is shown to be the same, and EF.SOD need not be read anew: DG14 and DG1 do. Where they
differ, another document lies there; where one is not known, or cannot be read any more, nothing can be shown and the
reading starts again.
"""

from __future__ import annotations

from collections.abc import Iterable

from reader.errors import DifferentDocument
from reader.files import FileId, FileRead, ReadCache

__all__ = ["Resuming"]

_PROOF = (FileId.SOD, FileId.DG1)


class Resuming:
    """Hold what is known from before, and whether it is shown to belong to the document that answers now."""

    def __init__(self, known: ReadCache | None) -> None:
        provable = known is not None and all(known.whole(file) for file in _PROOF)
        self._known = known if known is not None and provable else ReadCache()
        self._awaited = set(_PROOF) if provable else set()
        self._part: FileRead | None = None

    @property
    def proven(self) -> bool:
        """Tell whether something is known and belongs to the document that answers."""
        return bool(self._known.reads) and not self._awaited

    @property
    def by_chip_key(self) -> bool:
        """Tell whether the chip may be recognised by its key: DG14 is known, and nothing is shown yet."""
        return bool(self._awaited) and self._known.whole(FileId.DG14) is not None

    def recognise(self) -> None:
        """Take the chip for the same: it proved the key of the DG14 that was known, and gave DG14 and DG1 again."""
        self._awaited.discard(FileId.SOD)

    def compare(self, read: FileRead) -> None:
        """Hold a file read anew against what is known of it; raise DifferentDocument where a whole file differs."""
        spares_object = read.file is FileId.DG14 and self.by_chip_key
        if read.file not in self._awaited and not spares_object:
            return
        before = self._known.whole(read.file)
        if not read.complete or before is None:
            self._known, self._awaited = ReadCache(), set()
        elif before.data != read.data:
            raise DifferentDocument("another document answers than the one that was lost")
        else:
            self._awaited.discard(read.file)

    def whole(self, file: FileId) -> FileRead | None:
        """Return a whole file from before that may be used."""
        return self._known.whole(file) if self.proven else None

    def part(self, file: FileId) -> FileRead | None:
        """Return the beginning of a file from before that may be used."""
        return self._known.part(file) if self.proven else None

    def keep_part(self, part: FileRead) -> None:
        """Remember the part of the file that was being read when the card was lost."""
        self._part = part

    def cache(self, reads: Iterable[FileRead]) -> ReadCache:
        """Return what to keep for the next time, ``reads`` being the files of this one."""
        if self._awaited:
            # The card was lost again before anything was shown: what was known stays as it was.
            return self._known
        parts = (self._part,) if self._part is not None else ()
        return self._known.updated((*reads, *parts))
