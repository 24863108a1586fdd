"""To which of the device's keys an outbox is sealed, told without opening it; and sealing it to the present one.

A rotation destroys the keys before the last one. Where the outbox is sealed to one of these, it must be sealed anew
before, or what waits in it is lost.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from auth.errors import OutboxUnusable
from auth.outbox.lock import SingleWriter
from auth.outbox.sealing import OpenerBox
from auth.outbox.store import BUSY_SECONDS, Store
from auth.outbox.swap import finish, is_there, without_place
from auth.outbox.trouble import mapped
from auth.wire.endpoint import Opener
from auth.wire.envelope import EnvelopeInvalid, sealed_to_key

__all__ = ["reseal", "sealed_to"]


def sealed_to(file: Path) -> str:
    """Return the id of the key to which an outbox is sealed, "" where there is none; another program may have it open.

    Raise OutboxUnusable where that cannot be told.
    """
    if without_place(file):
        raise OutboxUnusable("unfinished")
    with mapped():
        if not any(one.is_file() and one.stat().st_size for one in (file, file.with_name(f"{file.name}-wal"))):
            return ""
        uri = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as database:
            row = database.execute("SELECT key FROM seal WHERE id = 1").fetchone()
    if row is None or not isinstance(row[0], bytes):
        raise OutboxUnusable("damaged")
    try:
        return sealed_to_key(row[0])
    except EnvelopeInvalid:
        raise OutboxUnusable("damaged") from None


def reseal(file: Path, device_id: str, opener: Opener, former: Opener) -> None:
    """Seal the outbox to ``opener`` where it is sealed to ``former`` yet; none of its look-ups is touched.

    Raise OutboxUnusable: "in-use" where another program has it, "key-locked" where ``former`` does not open it,
    "damaged" where a start of the desk has to put it right first.
    """
    if not is_there(file):
        return
    with closing(SingleWriter(file)):
        finish(file)
        if sealed_to(file) == former.key_id:
            with closing(Store(file, OpenerBox(opener, (former,)), device_id)) as store:
                store.reseal(OpenerBox(opener))
