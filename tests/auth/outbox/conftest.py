"""One outbox beside one real ledger, letters to put into it, and a box for its key that costs no time."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.errors import OutboxUnusable
from auth.ledger import Ledger
from auth.outbox import Letter, Outbox

NOON = 1_795_694_400.0


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
        "purpose": "citizen-information",
        "legal_basis": "Luật Căn cước 26/2023/QH15, Điều 22",
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
    opened = Ledger(tmp_path / "ledger.db", signer)
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
