"""An outbox held against its ledger when it is opened: the one that was left there, an older one, or that of a fork."""

from __future__ import annotations

from collections.abc import Mapping

from auth.errors import LedgerUnusable, OutboxUnusable
from auth.ledger.act import Act, Opening
from auth.outbox.acts import ActLog, acts_since, from_pending
from auth.outbox.store import Head, Store
from reader.errors import DataError

__all__ = ["unsettled_of"]


def unsettled_of(log: ActLog, store: Store, *, begun: bool) -> list[tuple[int, Act, Opening | None]]:
    """Return the acts of the outbox that the ledger is still to take, by their count.

    Raise OutboxUnusable "rolled-back" where the outbox is older than the ledger knows it, "missing" where it was not
    ``begun``, and "forked" where it goes on from another state than the ledger does, as after two computers have worked
    on copies of one folder. Raise LedgerUnusable where it is the ledger that is too short or damaged.
    """
    head = store.head
    # Another log, that of a new device key or none yet, knows all or nothing of this outbox.
    same = head.origin == log.origin
    begin = head.ledger if same else 0
    if begin > log.size:
        raise LedgerUnusable("shorter-than-outbox")
    try:
        told = {one.count: one.act for one in acts_since(log, begin)}
    except DataError:
        raise LedgerUnusable("damaged") from None
    seen = max(told, default=0)
    if seen > head.counter:
        raise OutboxUnusable("rolled-back" if begun else "missing")
    noted = [(count, *from_pending(said)) for count, said in store.pending()]
    if same and not _goes_on(log, head, told, {count: act for count, act, _ in noted}):
        raise OutboxUnusable("forked")
    return [one for one in noted if one[0] > seen]


def _goes_on(log: ActLog, head: Head, told: Mapping[int, Act], noted: Mapping[int, Act]) -> bool:
    """Tell whether the log is the one that the last acts were written for, and has no others in their place."""
    known = not head.root or log.root(head.ledger).hex() == head.root
    return known and all(noted.get(count) == act for count, act in told.items())
