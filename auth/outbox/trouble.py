"""What goes wrong with a file on a disk, in the tree's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auth.errors import OutboxNoRoom, OutboxUnusable
from auth.room import NO_ROOM, room_trouble
from reader.errors import DataError

__all__ = ["DAMAGE", "mapped", "require_room"]

# With one of these the file is put aside and what can be is brought over; with any other it is left as it is.
DAMAGE = frozenset({"damaged", "missing", "rolled-back", "forked"})


# What SQLite says where the disk takes no more: that it is full, or no more than that something failed.
_MAY_BE_ROOM = frozenset({"disk-full", "disk-trouble", "not-writable"})


@contextmanager
def mapped(file: Path | None = None) -> Iterator[None]:
    """Map what SQLite, the file system and a broken seal raise onto OutboxUnusable; their texts may name paths.

    With ``file``, where something is written, what may be want of room is looked into.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _trouble(_why(error), file) from None
    except (UnicodeDecodeError, DataError):
        # SQLite hands damaged text over as it is, also in what it says of damage.
        raise OutboxUnusable("damaged") from None
    except OSError:
        raise _trouble("not-writable", file) from None


def require_room(file: Path) -> None:
    """Raise OutboxNoRoom or OutboxUnusable unless the disk of ``file`` takes one more look-up."""
    why = room_trouble(file.parent)
    if why:
        raise _named(why)


def _trouble(why: str, file: Path | None) -> OutboxUnusable:
    found = room_trouble(file.parent) if file is not None and why in _MAY_BE_ROOM else ""
    return _named(found if found in NO_ROOM else why)


def _named(why: str) -> OutboxUnusable:
    return OutboxNoRoom(why) if why in NO_ROOM else OutboxUnusable(why)


def _why(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return "disk-full"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "in-use"
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH")):
        return "damaged"
    if name.startswith("SQLITE_IOERR"):
        return "disk-trouble"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "not-writable"
    # What is left speaks of tables that are not there.
    return "damaged"
