"""What is done with an outbox that is damaged or older than it should be: put aside, and built anew from the ledger.

The ledger tells which look-ups were queued, and how each stood after its last act. Those that were not taken
out are looked for in the file that was put aside; whatever still opens there, row and payload, is brought over as the
ledger says it stands. For the rest there remains an entry that says so: their citizens must be asked about anew.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from auth.errors import LedgerUnusable, OutboxUnusable
from auth.ledger.act import Act, Opening
from auth.outbox.acts import ActLog, OutboxAct, act_of, acts_since, rebuilt_act, to_pending
from auth.outbox.item import Item
from auth.outbox.sealing import KeyBox, Vault
from auth.outbox.states import ENDS, TABLE, Event, State
from auth.outbox.store import Store, read_key
from auth.outbox.trouble import DAMAGE, mapped
from reader.errors import DataError

__all__ = ["put_aside", "rebuilt"]

LOST = "lost"
UNKNOWN = "?"
_PARTS = ("", "-wal", "-shm")
# Wherever an event leads, it leads to one state.
_STANDS: Mapping[Event, State] = {Event.PUT: State.QUEUED, **{event: state for (_, event), state in TABLE.items()}}

Noted = tuple[int, Act, Opening | None]
Salvaged = tuple[Item, bytes | None, bytes | None]


def put_aside(file: Path, at: float) -> Path:
    """Rename the outbox's files and return by what they are called now; raise OutboxUnusable where that cannot be."""
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%S")
    with mapped():
        for attempt in range(1000):
            aside = file.with_name(f"{file.name}.aside-{stamp}-{attempt}")
            if not any(aside.with_name(aside.name + part).exists() for part in _PARTS):
                break
        else:
            raise OutboxUnusable("not-writable")
        for part in _PARTS:
            with suppress(FileNotFoundError):
                file.with_name(file.name + part).rename(aside.with_name(aside.name + part))
    return aside


def rebuilt(
    file: Path, aside: Path, box: KeyBox, device_id: str, log: ActLog, at: float, why: str
) -> tuple[Store, list[Noted]]:
    """Return the new outbox, and the acts that the ledger is still to take."""
    last, counter, highest = _told(log)
    key, found = _salvaged(aside, box, last)
    # Under the key of the old one, where it is to be had: by it the outbox knows whom a look-up is about.
    store = Store(file, box, device_id, key=key)
    try:
        lost = [number for number in sorted(last) if number not in found]
        noted: list[Noted] = [(counter + 1, rebuilt_act(counter + 1, at, why, len(lost)), None)]
        with store.writing():
            for item, payload, answer in found.values():
                store.add(item, payload)
                if answer is not None:
                    store.change(item, answer)
            for number in lost:
                item = _entry_for_lost(last[number], device_id, at)
                store.add(item, None)
                if item.reason == LOST:
                    count = counter + len(noted) + 1
                    noted.append((count, *act_of(item, Event.GIVE_BACK, count, at, last[number].act.clerk)))
            for count, act, opening in noted:
                store.note(count, to_pending(act, opening))
            store.head = replace(
                store.head,
                counter=counter + len(noted),
                next=max(store.head.next, highest + 1),
                origin=log.origin,
                ledger=log.size,
                root=log.root(log.size).hex(),
                trouble=why,
                lost=len(noted) - 1,
            )
        return store, noted
    except BaseException:
        store.close()
        raise


def _told(log: ActLog) -> tuple[dict[int, OutboxAct], int, int]:
    """Return the last act of each look-up that was not taken out, the count of acts, and the highest number."""
    last: dict[int, OutboxAct] = {}
    counter = highest = 0
    try:
        for act in acts_since(log, 0):
            counter = max(counter, act.count)
            if act.event is None:
                continue
            highest = max(highest, act.number)
            if act.event is Event.TAKE:
                last.pop(act.number, None)
            else:
                last[act.number] = act
    except DataError:
        raise LedgerUnusable("damaged") from None
    return last, counter, highest


def _salvaged(aside: Path, box: KeyBox, last: Mapping[int, OutboxAct]) -> tuple[bytes | None, dict[int, Salvaged]]:
    """Return the key of the file that was put aside, and what of ``last`` still opens there."""
    found: dict[int, Salvaged] = {}
    try:
        with closing(sqlite3.connect(f"{aside.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            began, key = read_key(db, box)
            vault = Vault(key, began, version)
            for number, told in last.items():
                one = _one(db, vault, number, told)
                if one is not None:
                    found[number] = one
            return key, found
    except (sqlite3.Error, UnicodeDecodeError, OSError):
        return None, found
    except OutboxUnusable as error:
        if error.why not in DAMAGE:
            raise
        return None, found


def _one(db: sqlite3.Connection, vault: Vault, number: int, told: OutboxAct) -> Salvaged | None:
    """Return one look-up as the ledger says it stands, None where too little of it is left."""
    row = _content(db, vault, "item", number)
    payload, answer = _content(db, vault, "payload", number), _content(db, vault, "answer", number)
    try:
        item = Item.from_bytes(row or b"")
    except DataError:
        return None
    if item.lookup_id != told.act.lookup:
        return None
    state = _STANDS[told.event] if told.event is not None else item.state
    if state is State.ANSWERED and answer is not None and _is(answer, item.answer):
        return replace(item, state=state, changed=told.count), None, answer
    if state in ENDS and state is not State.ANSWERED:
        return replace(item, state=state, reason=told.reason, answer="", changed=told.count), None, None
    if payload is None or not _is(payload, item.payload):
        return None
    # What was being sent, or whose answer is gone, is sent once more: the register knows its key.
    state = State.QUEUED if state in (State.SENDING, State.ANSWERED) else state
    return replace(item, state=state, reason=told.reason, answer="", changed=told.count), payload, None


def _content(db: sqlite3.Connection, vault: Vault, table: str, number: int) -> bytes | None:
    try:
        row = db.execute(f"SELECT sealed FROM {table} WHERE number = ?", (number,)).fetchone()  # noqa: S608 — one of three constants
        return vault.open(table, number, row[0]) if row and isinstance(row[0], bytes) else None
    except (sqlite3.Error, UnicodeDecodeError, DataError):
        return None


def _is(content: bytes, digest: str) -> bool:
    return hmac.compare_digest(hashlib.sha256(content).hexdigest(), digest)


def _entry_for_lost(told: OutboxAct, device_id: str, at: float) -> Item:
    """Return what is left of a look-up of which only the ledger knows: that it was, and that it must be made anew."""
    act = told.act
    state = _STANDS[told.event] if told.event is not None else State.RETURNED
    ended = state in ENDS and state is not State.ANSWERED
    queued_at = act.at.timestamp()
    return Item(
        number=told.number,
        lookup_id=act.lookup or UNKNOWN,
        dossier=UNKNOWN,
        register=act.register or UNKNOWN,
        path=UNKNOWN,
        purpose=act.purpose or UNKNOWN,
        legal_basis=act.basis,
        clerk=UNKNOWN,
        idempotency_key=f"lost-{told.number}",
        device=device_id,
        subject="",
        payload="",
        queued_at=queued_at,
        expires_at=at,
        state=state if ended else State.RETURNED,
        reason=told.reason if ended else LOST,
        changed=told.count,
    )
