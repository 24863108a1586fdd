"""The outbox: look-ups that wait for their register, none of them lost, none of them without its trace.

Each change is one transaction: the row, the head and the act that is to stand in the ledger. Then the act is appended
to the ledger, and only then is the change acknowledged. Killed between the two, the next start appends what is missing;
so the outbox may be ahead of the ledger by its last change, and is never behind it unless it is an older copy.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from auth.errors import LedgerUnusable, OutboxFull, OutboxUnusable
from auth.ledger.act import Act, Opening
from auth.outbox.acts import ActLog, act_of, to_pending
from auth.outbox.due import first_due
from auth.outbox.entering import item_of
from auth.outbox.in_flight import InFlight
from auth.outbox.item import Item, Letter
from auth.outbox.lock import SingleWriter
from auth.outbox.opening import opened, tell
from auth.outbox.overview import CAPACITY, Overview, Taken, frozen_of, overview_of, taken_of
from auth.outbox.refused import NOT_ACKNOWLEDGED, Refused
from auth.outbox.sealing import KeyBox
from auth.outbox.states import Event, NotInTable, State, after

__all__ = ["KEEP_S", "Outbox"]

KEEP_S = 7 * 86_400.0
_CHUNK = 500


class Outbox:
    """Keep one outbox; may be used from any thread of the one program that has it open."""

    def __init__(
        self,
        file: Path,
        box: KeyBox,
        device_id: str,
        log: ActLog,
        *,
        now: Callable[[], float] = time.time,
        capacity: int = CAPACITY,
        keep_s: float = KEEP_S,
    ) -> None:
        """Open the outbox at ``file``, or begin one; raise OutboxUnusable or LedgerUnusable where that cannot be.

        A file that is damaged, or older than the ledger knows it, is put aside beside the new one, and what can be is
        brought over, however often that is broken off; ``overview`` says so until ``take_note``.
        """
        self._lock = threading.RLock()
        self.keep_s, self.capacity = keep_s, capacity
        self._log, self._now, self._device = log, now, device_id
        self.in_flight = InFlight()
        self._writer = SingleWriter(file)
        try:
            self._store, self._unsettled = opened(file, box, device_id, log, now())
            try:
                self._refused = Refused(file, self._store)
                self._recover()
            except BaseException:
                with suppress(OutboxUnusable):
                    self._store.close()
                raise
        except BaseException:
            self._writer.close()
            raise

    def _recover(self) -> None:
        """Append the acts that the ledger lacks, and take back what was being sent when the program ended."""
        self._settle()
        tell(self._store, self._log, self._now())
        cut = self._store.numbers("state = ?", (State.SENDING,))
        self.happen_to_all(cut, Event.RETRY, "interrupted")

    # --- what a desk does ---------------------------------------------------------------------------------------------

    def ready(self) -> None:
        """Raise OutboxFull or OutboxUnusable unless one more look-up can be queued now; before a card is tapped."""
        with self._lock:
            self._settle()
            self.probe()
            with self._store.writing():
                pass

    def probe(self) -> None:
        """Raise OutboxFull or OutboxNoRoom where not one more look-up can be queued; the file is left as it is."""
        with self._lock:
            if self._store.head.count >= self.capacity:
                raise OutboxFull(self.capacity)
            self._store.require_room()

    def put(self, letter: Letter) -> Item:
        """Queue a look-up and return how it stands once it is on the disk and in the ledger.

        The same look-up put twice — a double click, another try — is one. Raise OutboxFull, OutboxUnusable or
        LedgerUnusable, and then nothing was queued, nor is it later (``refused``); DataError for a letter that is none.
        """
        letter.check()
        with self._lock:
            self._settle()
            known = self.find(letter.register, letter.idempotency_key)
            if known is not None:
                if known.reason == NOT_ACKNOWLEDGED:
                    raise OutboxUnusable(NOT_ACKNOWLEDGED)
                return known
            if self._store.head.count >= self.capacity:
                raise OutboxFull(self.capacity)
            item = item_of(letter, self._store, self._device, self._now(), self.keep_s)
            self._write([(item, Event.PUT, None)], lambda: self._store.add(item, letter.sealed))
            try:
                self._settle()
            except BaseException:
                self._refused.begin(item, self._store)
                try:
                    self._take_back()
                except (LedgerUnusable, OutboxUnusable):
                    self._refused.leave_word()
                raise
            return item

    def find(self, register: str, idempotency_key: str) -> Item | None:
        """Return the look-up that goes to ``register`` under this key, None where there is none."""
        with self._lock:
            tag = self._store.vault.tag("effect", f"{register} {idempotency_key}")
            return next(self._store.items("effect = ?", (tag,)), None)

    def item(self, number: int) -> Item | None:
        """Return the look-up of that number, None where there is none."""
        with self._lock:
            return self._store.item(number)

    def items(self, state: State | None = None, limit: int = -1) -> list[Item]:
        """Return the look-ups in their order: all, or those that stand so."""
        with self._lock:
            if state is None:
                return list(self._store.items(limit=limit))
            return list(self._store.items("state = ?", (state,), limit))

    def numbers(self, state: State) -> list[int]:
        """Return the numbers of the look-ups that stand so, in their order."""
        with self._lock:
            return self._store.numbers("state = ?", (state,))

    def overview(self) -> Overview:
        """Return how the outbox stands."""
        with self._lock:
            return overview_of(self._store, self.capacity)

    def take_note(self) -> None:
        """Say that somebody knows now what happened to the file."""
        with self._lock, self._store.writing():
            self._store.head = replace(self._store.head, trouble="", lost=0)

    def reseal(self, box: KeyBox) -> None:
        """Seal the key to the rows to another box, before the device lets go of the one it was sealed to."""
        with self._lock:
            self._store.reseal(box)

    def look_at(self, dossier: str) -> list[Taken]:
        """Return what ``take`` would take out; it stays where it is until it has been written elsewhere."""
        with self._lock:
            return taken_of(self._store, dossier)

    def take(self, dossier: str, *, numbers: Iterable[int] | None = None) -> list[Taken]:
        """Take out what has come to an end for a dossier, and wipe it here; in its order.

        What is wiped is returned, also where the ledger takes its act only later: it is to be had nowhere else.
        """
        with self._lock:
            self._settle()
            wanted = None if numbers is None else set(numbers)
            out = [one for one in self.look_at(dossier) if wanted is None or one.item.number in wanted]
            if out:
                try:
                    self._change([(one.item, Event.TAKE, None) for one in out])
                except LedgerUnusable:
                    if self._store.item(out[0].item.number) is not None:
                        raise
                self._store.forget_wiped()
            return out

    # --- what happens to a look-up ------------------------------------------------------------------------------------

    def happen(
        self, item: Item, event: Event, reason: str = "", *, answer: bytes | None = None, **changes: object
    ) -> Item:
        """Let ``event`` happen to a look-up and return how it stands then.

        Raise NotInTable where it cannot happen to it, or where the look-up has changed meanwhile.
        """
        with self._lock:
            self._settle()
            now = self._store.item(item.number)
            if now is None or now.state is not item.state:
                raise NotInTable(item.state if now is None else now.state, event)
            digest = hashlib.sha256(answer).hexdigest() if answer is not None else ""
            changed = replace(now, state=after(now.state, event), reason=reason, answer=digest, **changes)  # type: ignore[arg-type]  # fields of Item, as the callers in this room give them
            (done,) = self._change([(changed, event, answer)])
            return done

    def take_up(self) -> int:
        """Catch up on what could not be written down: settle with the ledger, and have sent again what was cut off.

        Return how many that are. Cut off is what stands as being sent and is not ``in_flight``. Raise OutboxUnusable or
        LedgerUnusable where it cannot be written down yet.
        """
        with self._lock:
            self._settle()
            return self.happen_to_all(self.in_flight.not_among(self.numbers(State.SENDING)), Event.RETRY, "interrupted")

    def happen_to_all(self, numbers: Sequence[int], event: Event, reason: str, *, by: str = "") -> int:
        """Let ``event`` happen to those of ``numbers`` to which it can; return to how many it did."""
        done = 0
        with self._lock:
            self._settle()
            for first in range(0, len(numbers), _CHUNK):
                found = (self._store.item(number) for number in numbers[first : first + _CHUNK])
                changes: list[tuple[Item, Event, bytes | None]] = []
                for item in found:
                    with suppress(NotInTable):
                        if item is not None:
                            state = after(item.state, event)
                            changes.append((replace(item, state=state, reason=reason, answer=""), event, None))
                if changes:
                    done += len(self._change(changes, by))
            return done

    def frozen(self) -> list[tuple[Item, bytes]]:
        """Return what is frozen, sealed as it was: only its register can read it. A damaged payload comes out empty."""
        with self._lock:
            return frozen_of(self._store)

    def export(self, supervisor: str) -> int:
        """Let what is frozen count as exported, once ``frozen`` was written elsewhere; return how many.

        ``supervisor`` is who answers for it; the ledger has it as a pseudonym.
        """
        with self._lock:
            done = self.happen_to_all(self.numbers(State.FROZEN), Event.EXPORT, "exported", by=supervisor)
            if done:
                self._store.forget_wiped()
            return done

    def sweep(self) -> int:
        """Let expire what is past its time; return how many did."""
        with self._lock:
            due = self._store.numbers("expires <= ?", (self._now(),))
            done = self.happen_to_all(due, Event.EXPIRE, "too-old")
            if done:
                self._store.forget_wiped()
            else:
                self._store.pay_wiped()
            return done

    def payload(self, item: Item) -> bytes:
        """Return what is to be sent for a look-up; raise OutboxUnusable "damaged" where it is not what was put in."""
        with self._lock:
            return self._store.payload(item)

    def answer(self, item: Item) -> bytes:
        """Return what the register answered; raise OutboxUnusable "damaged" where it is not what came."""
        with self._lock:
            return self._store.answer(item)

    def next_due(self, registers: Sequence[str], clerks: Sequence[str]) -> Item | None:
        """Return what is to be sent next: by one of ``clerks`` to one of ``registers``, its pause over.

        It is the first of its dossier that has not come to an end, and the oldest of those.
        """
        with self._lock:
            return first_due(self._store, registers, clerks, self._now())

    def close(self) -> None:
        """Close the file and let go of its lock."""
        with self._lock:
            with suppress(OutboxUnusable):
                self._store.close()
            self._writer.close()

    # --- how it is written --------------------------------------------------------------------------------------------

    def hash_of(self, kind: str, text: str) -> str:
        """Return the keyed hash by which the outbox knows ``text`` again, "" for none."""
        return self._store.vault.hash_of(kind, text)

    def _change(self, changes: Sequence[tuple[Item, Event, bytes | None]], by: str = "") -> list[Item]:
        """Write look-ups as they stand now, with their acts, and settle with the ledger."""
        counter = self._store.head.counter
        counted = [
            (replace(item, changed=counter + step), event, answer)
            for step, (item, event, answer) in enumerate(changes, 1)
        ]

        def write() -> None:
            for item, event, answer in counted:
                if event is Event.TAKE:
                    self._store.remove(item.number)
                else:
                    self._store.change(item, answer)

        self._write(counted, write, by)
        self._settle()
        return [item for item, _, _ in counted]

    def _write(self, acts: Sequence[tuple[Item, Event, bytes | None]], write: Callable[[], None], by: str = "") -> None:
        counter, now = self._store.head.counter, self._now()
        noted: list[tuple[int, Act, Opening | None]] = []
        for count, (item, event, about) in enumerate(acts, counter + 1):
            noted.append((count, *act_of(item, event, count, now, self._log.pseudonym(by or item.clerk), about)))
        with self._store.writing():
            self._store.settle(counter)
            write()
            for count, act, opening in noted:
                self._store.note(count, to_pending(act, opening))
            size = self._log.size
            self._store.head = replace(
                self._store.head,
                counter=counter + len(noted),
                origin=self._log.origin,
                ledger=size,
                root=self._log.root(size).hex(),
            )
        self._unsettled = noted

    def _settle(self) -> None:
        """Take out what was refused and append what the ledger lacks.

        Raise LedgerUnusable or OutboxUnusable where that cannot be, and then nothing else may happen.
        """
        self._take_back()
        self._append()

    def _append(self) -> None:
        if self._unsettled:
            self._log.append_all([(act, opening) for _, act, opening in self._unsettled])
            self._unsettled = []

    def _take_back(self) -> None:
        """Undo a look-up that the ledger refused; where it stands there after all, return it to its dossier unsent."""
        item = self._refused.item
        if item is None:
            return
        self._unsettled = self._refused.take_out(self._store, self._log, self._unsettled)
        if self._refused.item is not None:
            self._append()
            returned = replace(
                item, state=State.RETURNED, reason=NOT_ACKNOWLEDGED, changed=self._store.head.counter + 1
            )
            self._write([(returned, Event.GIVE_BACK, None)], lambda: self._store.change(returned))
        self._refused.end(self._store)
