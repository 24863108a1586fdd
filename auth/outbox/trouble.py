"""What goes wrong with a file on a disk, in the tree's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from auth.errors import OutboxUnusable
from reader.errors import DataError

__all__ = ["DAMAGE", "mapped"]

# With one of these the file is put aside and what can be is brought over; with any other it is left as it is.
DAMAGE = frozenset({"damaged", "missing", "rolled-back"})


@contextmanager
def mapped() -> Iterator[None]:
    """Map what SQLite, the file system and a broken seal raise onto OutboxUnusable; their texts may name paths."""
    try:
        yield
    except sqlite3.Error as error:
        raise OutboxUnusable(_why(error)) from None
    except (UnicodeDecodeError, DataError):
        # SQLite hands damaged text over as it is, also in what it says of damage.
        raise OutboxUnusable("damaged") from None
    except OSError:
        raise OutboxUnusable("not-writable") from None


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
