"""Opening the outbox: what was broken off is ended first, what is damaged is built anew, and a new ledger is told."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from auth.errors import LedgerUnusable, OutboxUnusable
from auth.ledger.act import Act, Opening
from auth.outbox.acts import ActLog, act_of, acts_since, to_pending
from auth.outbox.matching import unsettled_of
from auth.outbox.rebuild import build_anew
from auth.outbox.sealing import KeyBox
from auth.outbox.states import TOLD_AS
from auth.outbox.store import Store
from auth.outbox.swap import finish
from auth.outbox.trouble import DAMAGE
from reader.errors import DataError

__all__ = ["opened", "tell"]

_log = logging.getLogger("motcua.outbox")
_CHUNK = 500

Noted = tuple[int, Act, Opening | None]


def opened(file: Path, box: KeyBox, device_id: str, log: ActLog, at: float) -> tuple[Store, list[Noted]]:
    """Return the outbox at ``file``, and the acts that the ledger is still to take; who calls has its lock.

    Raise OutboxUnusable or LedgerUnusable where it cannot be opened, nor be built anew, now.
    """
    finish(file)
    begun = file.exists() and file.stat().st_size > 0
    try:
        return _matched(file, box, device_id, log, begun=begun)
    except OutboxUnusable as error:
        if error.why not in DAMAGE:
            raise
        why = error.why
    build_anew(file, box, device_id, log, at, why)
    _log.error("outbox put aside", extra={"why": why})
    finish(file)
    return _matched(file, box, device_id, log, begun=True)


def _matched(file: Path, box: KeyBox, device_id: str, log: ActLog, *, begun: bool) -> tuple[Store, list[Noted]]:
    store = Store(file, box, device_id)
    try:
        return store, unsettled_of(log, store, begun=begun)
    except BaseException:
        store.close()
        raise


def tell(store: Store, log: ActLog, at: float) -> None:
    """Tell a ledger that begins anew, with a new signing key, what is here: or it could not tell what is missing.

    What the outbox had to say before must be settled. Broken off between two pieces it goes on at the next start: only
    when all is told does the head name this ledger. Raise OutboxUnusable or LedgerUnusable.
    """
    if store.head.origin in ("", log.origin):
        return
    untold = _untold(store, log)
    for first in range(0, len(untold), _CHUNK):
        _tell_piece(store, log, at, untold[first : first + _CHUNK])
    size = log.size
    with store.writing():
        store.settle(store.head.counter)
        store.head = replace(store.head, origin=log.origin, ledger=size, root=log.root(size).hex())


def _untold(store: Store, log: ActLog) -> list[int]:
    try:
        told = {act.number: act.count for act in acts_since(log, 0) if act.event is not None}
    except DataError:
        raise LedgerUnusable("damaged") from None
    # An act of its change itself was meant for the former ledger, and calls the clerk as that did.
    return [item.number for item in store.items() if told.get(item.number, -1) <= item.changed]


def _tell_piece(store: Store, log: ActLog, at: float, numbers: list[int]) -> None:
    before = store.head.counter
    items = [item for number in numbers if (item := store.item(number)) is not None]
    noted: list[Noted] = [
        (count, *act_of(item, TOLD_AS[item.state], count, at, log.pseudonym(item.clerk)))
        for count, item in enumerate(items, before + 1)
    ]
    with store.writing():
        store.settle(before)
        for count, act, opening in noted:
            store.note(count, to_pending(act, opening))
        store.head = replace(store.head, counter=before + len(noted))
    log.append_all([(act, opening) for _, act, opening in noted])
