"""The outbox: opening it with 5,000 look-ups queued, queueing one and acknowledging one, draining, and its memory.

Every change is on the disk twice before it is acknowledged, in the outbox and in the ledger, so these figures are the
disk's too. Filling is one transaction, since 5,000 acknowledged look-ups are not what is measured.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
import tracemalloc
import uuid
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.ledger import Ledger
from auth.outbox import Event, Letter, OpenerBox, Outbox
from auth.outbox.drain import Drain, DrainParts
from auth.outbox.entering import item_of
from auth.outbox.outbox import KEEP_S
from auth.outbox.standing import EnrolledDevice, SignedInClerk
from auth.purposes.vocabulary import FIELDS
from auth.registers.messages import LookupAnswer, PersonMessage
from auth.registers.sought import Sought
from auth.registers.told import Judged, Told
from auth.wire.client import SignedAnswer
from auth.wire.guard import RegisterGuard
from benchmarks.clock import median_ms
from benchmarks.figure import Figure

QUEUED = 5_000
ROUNDS = 100
DRAINED = 200
SEALED = b"a.b.c.d." + b"x" * 2_000
START_GOAL_S = 2.0
BYTES_GOAL_MB = 50.0
MEMORY_GOAL_MB = 8.0
FIELDS_ASKED = tuple(FIELDS["population"])
_ANSWER = LookupAnswer[PersonMessage]
BASIS = "Luật Căn cước 26/2023/QH15, Điều 22; Nghị quyết 66.7/2025/NQ-CP"


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        signer, box = SoftwareSigner.generate(), OpenerBox(SoftwareOpener.generate())
        file = Path(folder) / "outbox.db"
        with closing(Ledger(Path(folder) / "ledger.db", signer, machine="")) as ledger:
            with closing(Outbox(file, box, "desk-1", ledger)) as outbox:
                _fill(outbox)
            begin = time.perf_counter()
            outbox = Outbox(file, box, "desk-1", ledger)
            outbox.overview()
            start = time.perf_counter() - begin
            put = median_ms(lambda: outbox.put(_letter("H-put")), ROUNDS)
            numbers = iter(range(1, ROUNDS + 1))
            acknowledged = median_ms(lambda: _acknowledge(outbox, next(numbers)), ROUNDS)
            due = median_ms(lambda: outbox.next_due(["population"], ["cb-001"]), ROUNDS)
            seconds = _drained(outbox)
            size = file.stat().st_size
            outbox.close()
            memory = _memory_of_opening(file, box, ledger)
    return [
        Figure("start with 5,000 queued", start, "s", START_GOAL_S),
        Figure("queue one, on the disk and in the ledger", put, "ms"),
        Figure("send and acknowledge one, without the network", acknowledged, "ms"),
        Figure("find what is due next among 5,000", due, "ms"),
        Figure("drain, without the network", DRAINED / seconds, "look-ups/s"),
        Figure("memory of opening with 5,000 queued", memory, "MB", MEMORY_GOAL_MB),
        Figure("5,000 on the disk", size / 1e6, "MB", BYTES_GOAL_MB),
    ]


def _letter(dossier: str) -> Letter:
    key = str(uuid.uuid4())
    return Letter(
        lookup_id=key,
        dossier=dossier,
        register="population",
        path="/v1/persons:lookup",
        purpose="citizen-information",
        legal_basis=BASIS,
        clerk="cb-001",
        idempotency_key=key,
        subject="0" * 12,
        sealed=SEALED,
        fields=FIELDS_ASKED,
        old_number="0" * 9,
    )


def _fill(outbox: Outbox) -> None:
    """Put the look-ups in as ``put`` would, with the ledger told of all of them at once."""
    items = []
    store = outbox._store
    for first in range(0, QUEUED, 500):
        for number in range(first, first + 500):
            letter = _letter(f"H-{number // 2}")
            item = item_of(letter, store, "desk-1", time.time(), KEEP_S)
            items.append((item, letter))
            with_number = store.head.next
            assert with_number == item.number
            with store.writing():
                store.add(item, letter.sealed)
            if number == first:
                store._db.execute("PRAGMA synchronous = OFF")
        outbox._write([(item, Event.PUT, None) for item, _ in items], lambda: None)
        outbox._settle()
        items.clear()
    store._db.execute("PRAGMA synchronous = FULL")


def _acknowledge(outbox: Outbox, number: int) -> None:
    item = outbox.item(number)
    assert item is not None
    sending = outbox.happen(item, Event.SEND, attempts=1)
    outbox.happen(sending, Event.ANSWER, answer=b'{"record": null}', key_id="key-1", answered_at=time.time())


class _Answering:
    """Answer at once (``auth.outbox.drain.Sender``)."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        said = {"lookup_id": idempotency_key, "purpose": purpose, "legal_basis": BASIS, "record": None}
        return SignedAnswer(json.dumps(said).encode(), "key-1", datetime.now(UTC))

    def judge(self, _asked: Sought, body: bytes) -> Judged:
        return Told(None, _ANSWER.model_validate_json(body))


def _drained(outbox: Outbox) -> float:
    """Return how long it takes to send some, with neither a rate nor a budget in the way."""
    cancel = threading.Event()
    clerks = SignedInClerk("cb-001")
    skipped = [0.0]

    def now() -> float:
        return time.time() + skipped[0]

    def pause(seconds: float) -> bool:
        skipped[0] += seconds
        return False

    parts = DrainParts(
        outbox=outbox,
        senders={"population": _Answering(outbox)},
        guard=RegisterGuard(now=now),
        device=EnrolledDevice(),
        clerks=clerks,
        device_id="desk-1",
        evidence=nullcontext,
        now=now,
        pause=pause,
    )
    begin = time.perf_counter()
    Drain(parts, per_second=1e6).run(cancel, lambda done: cancel.set() if done.answered >= DRAINED else None)
    return time.perf_counter() - begin


def _memory_of_opening(file: Path, box: OpenerBox, ledger: Ledger) -> float:
    tracemalloc.start()
    with closing(Outbox(file, box, "desk-1", ledger)) as outbox:
        outbox.overview()
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6
