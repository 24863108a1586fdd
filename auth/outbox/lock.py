"""One writer at a time: a lock that the system lets go of when its holder dies, on every system the same."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from auth.errors import OutboxUnusable
from auth.outbox.trouble import mapped

__all__ = ["SingleWriter", "in_use"]


def in_use(outbox: Path) -> bool:
    """Tell whether another program has an outbox open now; raise OutboxUnusable where that cannot be told."""
    if not outbox.with_name(f"{outbox.name}.lock").exists():
        return False
    try:
        SingleWriter(outbox).close()
    except OutboxUnusable as error:
        if error.why != "in-use":
            raise
        return True
    return False


class SingleWriter:
    """Hold the lock of one outbox until ``close``.

    It is a database of its own in which nothing stands: its exclusive lock is what counts, and readers of the outbox
    itself are not kept away by it.
    """

    def __init__(self, outbox: Path) -> None:
        """Take the lock; raise OutboxUnusable "in-use" where another program has it."""
        file = outbox.with_name(f"{outbox.name}.lock")
        with mapped(outbox):
            file.touch(mode=0o600)
            self._db = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                self._db.execute("BEGIN EXCLUSIVE")
            except BaseException as error:
                self._db.close()
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                    raise OutboxUnusable("in-use") from None
                raise

    def close(self) -> None:
        """Let go of the lock; calling it again does nothing."""
        self._db.close()
