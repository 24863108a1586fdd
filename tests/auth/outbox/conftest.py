"""One outbox beside one real ledger, letters to put into it, and a box for its key that costs no time."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.errors import LedgerUnusable, OutboxUnusable
from auth.ledger import Ledger
from auth.outbox import Letter, Outbox, State
from auth.outbox.drain import Drain, DrainParts, Progress
from auth.outbox.standing import EnrolledDevice, SignedInClerk
from auth.registers.ports import AnswerNote
from auth.registers.sought import Sought
from auth.wire.client import SignedAnswer
from auth.wire.guard import RegisterGuard

NOON = 1_795_694_400.0
PURPOSE = {"purpose": "citizen-information", "legal_basis": "Luật Căn cước 26/2023/QH15, Điều 22"}


class Clock:
    """Stand still until a test lets time pass."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        return self.time

    def let_pass(self, seconds: float) -> None:
        self.time += seconds


class QuickBox:
    """Seal with one fixed mask: no secret, and as quick as a keychain (``KeyBox``)."""

    def __init__(self, mask: int = 0x5A) -> None:
        self.mask = mask
        self.locked = False

    def seal(self, secret: bytes) -> bytes:
        return bytes(byte ^ self.mask for byte in secret) + bytes([self.mask])

    def open(self, sealed: bytes) -> bytes:
        if self.locked or sealed[-1] != self.mask:
            raise OutboxUnusable("key-locked")
        return bytes(byte ^ self.mask for byte in sealed[:-1])


def letter_of(dossier: str = "H-1", **changes: object) -> Letter:
    fields: dict[str, object] = {
        "lookup_id": str(uuid.uuid4()),
        "dossier": dossier,
        "register": "population",
        "path": "/v1/persons:lookup",
        **PURPOSE,
        "clerk": "cb-001",
        "idempotency_key": str(uuid.uuid4()),
        "subject": "099090000001",
        "sealed": b"aGVhZA.a2V5.aXY.dGV4dA.dGFn",
    }
    return Letter(**fields | changes)  # type: ignore[arg-type]  # what a test changes is of the field's type


@pytest.fixture(name="letter_of")
def _letter_of() -> Callable[..., Letter]:
    return letter_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box() -> QuickBox:
    return QuickBox()


@pytest.fixture
def other_box() -> QuickBox:
    return QuickBox(0x33)


@pytest.fixture(scope="session")
def signer() -> SoftwareSigner:
    return SoftwareSigner.generate()


@pytest.fixture
def ledger(tmp_path: Path, signer: SoftwareSigner) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.db", signer, machine="")
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "outbox.db"


@pytest.fixture
def open_outbox(file: Path, box: QuickBox, ledger: Ledger, clock: Clock) -> Iterator[Callable[..., Outbox]]:
    """Return what opens the outbox; what is still open is closed at the end."""
    opened: list[Outbox] = []

    def open_it(**changes: object) -> Outbox:
        fields: dict[str, object] = {"file": file, "box": box, "device_id": "desk-1", "log": ledger, "now": clock}
        opened.append(Outbox(**fields | changes))  # type: ignore[arg-type]  # as a test wants it
        return opened[-1]

    yield open_it
    for outbox in opened:
        outbox.close()


@pytest.fixture
def outbox(open_outbox: Callable[..., Outbox]) -> Outbox:
    return open_outbox()


@dataclass(frozen=True)
class AsItCame:
    """Let an answer through whole (``Judged``): what the clients make of answers has tests of its own."""

    body: bytes
    notes: tuple[AnswerNote, ...] = ()

    def kept(self) -> bytes:
        return self.body


@dataclass
class FakeRegister:
    """Answer each key once and the same for ever (``Sender``); ``trouble`` is raised before or after the effect."""

    outbox: Outbox
    trouble: list[BaseException | None] = field(default_factory=list)
    effects: dict[str, bytes] = field(default_factory=dict)
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    number: str = "099090000001"
    acts_first: bool = True

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        self.heard.append((idempotency_key, sealed))
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is not None and not self.acts_first:
            raise trouble
        item = self.outbox.find("population", idempotency_key)
        assert item is not None
        record = {"personal_number": self.number, "full_name": "An"}
        said = {"lookup_id": item.lookup_id, **PURPOSE, "record": record}
        self.effects.setdefault(idempotency_key, json.dumps(said).encode())
        if trouble is not None:
            raise trouble
        return SignedAnswer(self.effects[idempotency_key], "key-1", datetime.now(UTC))

    def judge(self, _asked: Sought, body: bytes) -> AsItCame:
        return AsItCame(body)


@dataclass
class Bench:
    outbox: Outbox
    clock: Clock
    register: FakeRegister
    guard: RegisterGuard
    device: EnrolledDevice = field(default_factory=EnrolledDevice)
    clerks: SignedInClerk = field(default_factory=lambda: SignedInClerk("cb-001"))
    serves: str = "population"
    refuse_evidence: bool = False
    paused: list[float] = field(default_factory=list)
    cancel: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def evidence(self) -> Iterator[None]:
        if self.refuse_evidence:
            raise LedgerUnusable("not-countersigned")
        yield

    def pause(self, seconds: float) -> bool:
        self.paused.append(seconds)
        self.clock.let_pass(seconds)
        return self.cancel.is_set()

    def drain(self, on_progress: Callable[[Progress], None] = lambda _: None, **more: object) -> Progress:
        parts = DrainParts(
            outbox=self.outbox,
            senders={self.serves: self.register},
            guard=self.guard,
            device=self.device,
            clerks=self.clerks,
            device_id="desk-1",
            evidence=self.evidence,
            now=self.clock,
            pause=self.pause,
            draw=lambda: 0.5,
        )
        return Drain(parts, **more).run(self.cancel, on_progress)  # type: ignore[arg-type]  # the rate alone

    def states(self) -> list[State]:
        return [item.state for item in self.outbox.items()]


@pytest.fixture
def bench(outbox: Outbox, clock) -> Iterator[Bench]:
    guard = RegisterGuard(now=clock, draw=lambda: 0.5)
    yield Bench(outbox, clock, FakeRegister(outbox), guard)
    guard.close()
