"""What is done with an outbox that is damaged or older than it should be: it is built anew, beside the old one.

The ledger tells which look-ups were queued, and how each stood after its last act. Those that were not taken out are
looked for in the old file, where it lies; whatever still opens there, row and payload, is brought over as the ledger
says it stands. What the ledger was not told of yet, such as a new one after a rotation of keys, is brought over as it
stands, and told. For the rest there remains an entry that says so: their citizens must be asked about anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from auth.errors import LedgerUnusable, OutboxUnusable
from auth.ledger.act import Act, Opening
from auth.outbox.acts import ActLog, OutboxAct, act_of, acts_since, rebuilt_act, to_pending
from auth.outbox.item import Item
from auth.outbox.salvage import STANDS, Damaged, Salvaged, damaged_outbox
from auth.outbox.sealing import KeyBox
from auth.outbox.states import ENDS, TOLD_AS, Event, State
from auth.outbox.store import Head, Store
from auth.outbox.swap import complete, drop_making, making
from reader.errors import DataError

__all__ = ["build_anew"]

LOST = "lost"
UNKNOWN = "?"
# No office queues so many: a number beyond it is one whose bits have fallen over.
_BEYOND = 1 << 32


@dataclass(frozen=True, slots=True)
class _Told:
    """Hold what the ledger says: the last act of each look-up that was not taken out, and of which it speaks at all.

    ``counter`` is its highest count of acts.
    """

    last: Mapping[int, OutboxAct]
    known: frozenset[int]
    counter: int


def build_anew(file: Path, box: KeyBox, device_id: str, log: ActLog, at: float, why: str) -> None:
    """Build what takes the place of the outbox at ``file``, and let it be complete; ``why`` is what is wrong with that.

    The acts that the ledger is still to take are in it. Raise OutboxUnusable or LedgerUnusable where it cannot be
    built now; then nothing has happened.
    """
    told = _told(log)
    try:
        with damaged_outbox(file, box) as old:
            # Under the key of the old one, where it is to be had: by it the outbox knows whom a look-up is about.
            store = Store(making(file), box, device_id, key=old.key)
            try:
                with store.writing():
                    _Making(store, log, device_id, at, told).fill(old, why)
            finally:
                store.close()
        complete(file)
    except BaseException:
        # Where this fails the next opening does it; what it left would only take room.
        with suppress(OutboxUnusable):
            drop_making(file)
        raise


def _told(log: ActLog) -> _Told:
    last: dict[int, OutboxAct] = {}
    known: set[int] = set()
    counter = 0
    try:
        for act in acts_since(log, 0):
            counter = max(counter, act.count)
            if act.event is None:
                continue
            known.add(act.number)
            if act.event is Event.TAKE:
                last.pop(act.number, None)
            else:
                last[act.number] = act
    except DataError:
        raise LedgerUnusable("damaged") from None
    return _Told(last, frozenset(known), counter)


def _goes_on(head: Head | None, log: ActLog, told: _Told, why: str) -> bool:
    """Tell whether an outbox is the one that was left here: what it knows beyond the ledger is neither old nor foreign.

    Raise LedgerUnusable where it is the ledger that is older.
    """
    if why != "damaged" or head is None:
        # Without a head nobody can tell; then nothing may be lost.
        return why == "damaged"
    if head.origin == log.origin:
        if head.ledger > log.size:
            raise LedgerUnusable("shorter-than-outbox")
        if head.root and log.root(head.ledger).hex() != head.root:
            return False
    return head.counter >= told.counter


class _Making:
    """Fill one new outbox, within one transaction."""

    def __init__(self, store: Store, log: ActLog, device_id: str, at: float, told: _Told) -> None:
        self._store, self._log, self._device, self._at, self._told = store, log, device_id, at, told
        self._counter = self._first = told.counter + 1
        self._noted: list[tuple[int, Act, Opening | None]] = []
        self._lost = self._entries = 0

    def fill(self, old: Damaged, why: str) -> None:
        """Bring over what is to be had of ``old``, and write down what the ledger is to be told."""
        ours = _goes_on(old.head, self._log, self._told, why)
        head = old.head if ours else None
        if head is not None:
            self._counter = self._first = max(self._told.counter, head.counter) + 1
        beyond = head.next if head is not None else _BEYOND
        untold = {one for one in old.numbers() - self._told.known if one < beyond} if ours else set()
        numbers = self._told.last.keys() | untold
        for number in sorted(numbers):
            self._bring(old, number, ours=ours)
        following = max(self._store.head.next, max(self._told.known, default=0) + 1, head.next if head else 0)
        # Of rows that are gone altogether the head alone knows how many there were.
        for _ in range(head.count - len(numbers) if head is not None else 0):
            self._lose(following, None)
            following += 1
        self._finish(why, following)

    def _bring(self, old: Damaged, number: int, *, ours: bool) -> None:
        told = self._told.last.get(number)
        found = self._found(old, number, told, ours=ours)
        if found is None:
            self._lose(number, told)
            return
        self._store.add(found.item, found.payload)
        if found.answer is not None:
            self._store.change(found.item, found.answer)

    def _found(self, old: Damaged, number: int, told: OutboxAct | None, *, ours: bool) -> Salvaged | None:
        item = old.item(number)
        if item is None or (told is not None and item.lookup_id != told.act.lookup):
            return None
        # Where its last change is younger than what the ledger says of it, the ledger was not told of that yet.
        if told is not None and not (ours and item.changed > told.count):
            return old.as_told(item, told)
        found = old.as_it_stands(item)
        return self._tell(found) if found is not None else None

    def _tell(self, found: Salvaged) -> Salvaged:
        item = replace(found.item, changed=self._counter + 1)
        self._note(item, TOLD_AS[item.state], self._log.pseudonym(item.clerk))
        return replace(found, item=item)

    def _lose(self, number: int, told: OutboxAct | None) -> None:
        item = _entry(number, told, self._device, self._at)
        self._store.add(item, None)
        self._lost += 1
        if item.reason == LOST:
            self._entries += 1
            self._note(item, Event.GIVE_BACK, told.act.clerk if told is not None else "")

    def _note(self, item: Item, event: Event, clerk: str) -> None:
        self._counter += 1
        self._noted.append((self._counter, *act_of(item, event, self._counter, self._at, clerk)))

    def _finish(self, why: str, following: int) -> None:
        first = (self._first, rebuilt_act(self._first, self._at, why, self._lost), None)
        for count, act, opening in (first, *self._noted):
            self._store.note(count, to_pending(act, opening))
        size = self._log.size
        self._store.head = replace(
            self._store.head,
            counter=self._counter,
            next=max(self._store.head.next, following),
            origin=self._log.origin,
            ledger=size,
            root=self._log.root(size).hex(),
            trouble=why,
            lost=self._entries,
        )


def _entry(number: int, told: OutboxAct | None, device_id: str, at: float) -> Item:
    """Return what is left of a look-up whose content is gone: that it was, and that it must be made anew."""
    act = told.act if told is not None else None
    state = STANDS[told.event] if told is not None and told.event is not None else State.RETURNED
    ended = told is not None and state in ENDS and state is not State.ANSWERED
    return Item(
        number=number,
        lookup_id=(act.lookup if act else "") or UNKNOWN,
        dossier=UNKNOWN,
        register=(act.register if act else "") or UNKNOWN,
        path=UNKNOWN,
        purpose=(act.purpose if act else "") or UNKNOWN,
        legal_basis=act.basis if act else "",
        clerk=UNKNOWN,
        idempotency_key=f"lost-{number}",
        device=device_id,
        subject="",
        payload="",
        queued_at=act.at.timestamp() if act else at,
        expires_at=at,
        state=state if ended else State.RETURNED,
        reason=told.reason if ended and told is not None else LOST,
        changed=told.count if told is not None else 0,
    )
