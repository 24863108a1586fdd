"""One outbox in the place of another, by steps of which each may be the last before the power goes.

What is built lies beside the old one as ``.making``; broken off, it is thrown away. Renamed to ``.new`` it is complete:
from then on it is the outbox, the old one is put aside part by part, and whoever opens it next goes on with that. Each
step is on the disk before the next begins, so that no write-ahead log of the old one ever lies beside the new one:
SQLite would write it over that.
"""

from __future__ import annotations

import glob
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from auth.errors import OutboxUnusable
from auth.outbox.trouble import mapped
from auth.whole_file import sync_folder

__all__ = ["REFUSED", "complete", "drop_making", "files_of", "finish", "is_there", "making", "without_place"]

# The file itself goes first: once it is away nobody opens it, and so nobody makes another of the others.
_PARTS = ("", "-wal", "-shm", "-journal")
_ATTEMPTS = 1000
# How the name of a file goes on that is empty and says what must not be sent (``auth.outbox.refused``).
REFUSED = ".refused-"


def making(file: Path) -> Path:
    """Return where the outbox that is to take the place of ``file`` is built."""
    return file.with_name(f"{file.name}.making")


def files_of(file: Path) -> tuple[Path, ...]:
    """Return every file of the outbox in which what it holds lies or may lie, those that were put aside too."""
    known = [part for one in (file, making(file), _new(file)) for part in _parts_of(one)]
    beside = (file.parent.glob(f"{glob.escape(file.name + kind)}*") for kind in (".aside-", REFUSED))
    return (*known, *(found for kind in beside for found in kind))


def is_there(file: Path) -> bool:
    """Tell whether there is an outbox, be it in its place or on the way to it."""
    return file.exists() or without_place(file)


def without_place(file: Path) -> bool:
    """Tell whether the new outbox is complete and not in its place yet."""
    return _new(file).exists()


def complete(file: Path) -> None:
    """Let what was built, and is closed, be the outbox; raise OutboxUnusable where it is not whole on the disk."""
    made = making(file)
    with mapped(file):
        _, log, *_ = _parts_of(made)
        # SQLite takes its log away when it has brought all of it into the file.
        if log.exists() and log.stat().st_size:
            raise OutboxUnusable("disk-trouble")
        for part in _parts_of(made)[1:]:
            part.unlink(missing_ok=True)
        _sync(made)
        made.replace(_new(file))
        sync_folder(file.parent)


def finish(file: Path) -> None:
    """End what was broken off: bring what is complete to its place, throw away what is not; raise OutboxUnusable."""
    with mapped(file):
        new = _new(file)
        if new.exists():
            # Called after the time at which it was complete, so that a second start finds the same name.
            _put_aside(file, datetime.fromtimestamp(new.stat().st_mtime, UTC).strftime("%Y%m%dT%H%M%S"))
            sync_folder(file.parent)
            new.replace(file)
            sync_folder(file.parent)
        drop_making(file)


def drop_making(file: Path) -> None:
    """Throw away what was not built to its end; raise OutboxUnusable where that cannot be."""
    with mapped(file):
        for part in _parts_of(making(file)):
            part.unlink(missing_ok=True)


def _put_aside(file: Path, stamp: str) -> None:
    for attempt in range(_ATTEMPTS):
        there = [part for part in _PARTS if file.with_name(file.name + part).exists()]
        if not there:
            return
        aside = file.with_name(f"{file.name}.aside-{stamp}-{attempt}")
        # What was broken off goes on under its name: nothing is there yet of the parts that are left.
        if any(aside.with_name(aside.name + part).exists() for part in there):
            continue
        for part in there:
            with suppress(FileNotFoundError):
                file.with_name(file.name + part).rename(aside.with_name(aside.name + part))
    raise OutboxUnusable("not-writable")


def _new(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _parts_of(file: Path) -> tuple[Path, ...]:
    return tuple(file.with_name(file.name + part) for part in _PARTS)


def _sync(file: Path) -> None:
    with file.open("r+b") as stream:
        os.fsync(stream.fileno())
