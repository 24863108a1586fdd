"""How far a reading is, in bytes: what has arrived, of what will."""

from __future__ import annotations

from desk.view import ProgressView
from reader.inspection.events import FileProgress

__all__ = ["progress_of"]

# What the files of a Vietnamese card weigh as a rule, so that the bar knows of the portrait before its header has come.
_USUAL_BYTES = {
    "EF.SOD": 2000,
    "DG1": 95,
    "DG13": 1024,
    "DG14": 300,
    "DG15": 320,
    "EF.COM": 24,
    "DG2": 20480,
}


def progress_of(files: tuple[FileProgress, ...]) -> ProgressView | None:
    """Return the progress over all files; None before the first byte."""
    if not files:
        return None
    totals = {**_USUAL_BYTES, **{progress.file: progress.total for progress in files if progress.total}}
    read = {progress.file: progress.read for progress in files}
    total = sum(max(totals.get(file, 0), read.get(file, 0)) for file in {*totals, *read})
    return ProgressView(files[-1].file, sum(read.values()), total)
