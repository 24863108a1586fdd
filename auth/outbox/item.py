"""One queued look-up: what is put into the outbox, and what the outbox knows of it afterwards.

The question itself is only in the sealed payload, which this computer cannot open: it was encrypted to the register.
What stands here is who asks, for which dossier and for which fields, and keyed hashes of the numbers and of the
certificate that are asked about, so that an answer about others is noticed. All of it lies sealed on the disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from auth.outbox.states import State
from auth.wire.profile import MAX_SEALED_BYTES
from reader.errors import DataError

__all__ = ["Item", "Letter"]

MAX_ROW_BYTES = 4096
MAX_QUESTIONS = 16
MAX_FIELDS = 40
# What may yet come into a row: a reason, the key and the digest of an answer, times and counts.
ROOM_FOR_CHANGES = 640

FIELD_NAME = r"^[a-z][a-z0-9_]{0,39}$"
Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Line = Annotated[str, StringConstraints(max_length=300)]
Digest = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]
Time = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1 << 53)]
FieldName = Annotated[str, StringConstraints(pattern=FIELD_NAME)]


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """Hold a look-up that is ready to be sent: ``sealed`` is encrypted to the register already.

    ``idempotency_key`` names the effect at the register, whatever happens on the way; ``subject`` is the personal
    number that is asked about, ``old_number`` the one that goes along with it and ``certificate`` the serial by which
    it is asked, each "" for none: only keyed hashes of the three are kept. ``fields`` are what data are asked for,
    ``questions`` what is to be answered with yes or no; ``after`` is the number of the look-up in the same dossier
    whose yes this one waits for, 0 for none.
    """

    lookup_id: str
    dossier: str
    register: str
    path: str
    purpose: str
    legal_basis: str
    clerk: str
    idempotency_key: str
    subject: str
    sealed: bytes
    questions: tuple[str, ...] = ()
    after: int = 0
    fields: tuple[str, ...] = ()
    old_number: str = ""
    certificate: str = ""

    def __repr__(self) -> str:
        """Show the act, not the person."""
        return f"Letter({self.lookup_id} to {self.register})"

    def check(self) -> None:
        """Raise DataError where a field is longer than it may be, or the payload is no compact JWE."""
        texts = (self.lookup_id, self.dossier, self.register, self.path, self.purpose, self.clerk, self.idempotency_key)
        if not all(0 < len(text) <= 100 and text.isprintable() for text in texts) or len(self.legal_basis) > 200:
            raise DataError("queued look-up: a field is missing or too long")
        if len(self.questions) > MAX_QUESTIONS or not all(0 < len(one) <= 100 for one in self.questions):
            raise DataError("queued look-up: more questions than there are")
        if len(self.fields) > MAX_FIELDS or not all(re.fullmatch(FIELD_NAME, one) for one in self.fields):
            raise DataError("queued look-up: fields that are none")
        if not all(len(text) <= 100 for text in (self.old_number, self.certificate)):
            raise DataError("queued look-up: a number or a serial that is none")
        # Five parts (RFC 7516 §7.1): what is not encrypted must not come to lie on this disk.
        if not 0 < len(self.sealed) <= MAX_SEALED_BYTES or self.sealed.count(b".") != 4:
            raise DataError("queued look-up: the payload is not sealed")


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """Hold what the outbox knows of one look-up; times are seconds since 1970, order is by ``number`` alone.

    ``reason`` says why it stands so, ``changed`` is the outbox's count of acts at its last change. ``device`` is the
    device's id when it was queued. ``subject``, ``old_number`` and ``certificate`` are keyed hashes of what is asked
    about, "" for none; a look-up for data without ``fields`` was queued by a version that kept only the first.
    """

    number: Annotated[int, Field(ge=1, le=1 << 53)]
    lookup_id: Id
    dossier: Id
    register: Id
    path: Id
    purpose: Id
    legal_basis: Line
    clerk: Id
    idempotency_key: Id
    device: Id
    subject: Digest
    payload: Digest
    queued_at: Time
    expires_at: Time
    state: State = State.QUEUED
    reason: Line = ""
    attempts: Count = 0
    due: Time = 0.0
    wait: Time = 0.0
    changed: Count = 0
    answer: Digest = ""
    answered_at: Time = 0.0
    key_id: Line = ""
    questions: Annotated[tuple[Id, ...], Field(max_length=MAX_QUESTIONS)] = ()
    after: Count = 0
    fields: Annotated[tuple[FieldName, ...], Field(max_length=MAX_FIELDS)] = ()
    old_number: Digest = ""
    certificate: Digest = ""

    def __repr__(self) -> str:
        """Show how it stands, nothing of the person or the dossier."""
        return f"Item({self.number}, {self.register}, {self.state})"

    def check(self) -> None:
        """Raise DataError where its row would be longer than one may be, now or after what may yet happen to it."""
        if len(self.to_bytes()) > MAX_ROW_BYTES - ROOM_FOR_CHANGES:
            raise DataError("queued look-up: more than a row holds")

    def to_bytes(self) -> bytes:
        """Encode it as JSON."""
        return _ADAPTER.dump_json(self)

    @classmethod
    def from_bytes(cls, said: bytes) -> Item:
        """Read what ``to_bytes`` wrote; raise DataError for anything else."""
        item = _try_read(said) if len(said) <= MAX_ROW_BYTES else None
        if item is None:
            raise DataError("outbox row that is none")
        return item


_ADAPTER = TypeAdapter(Item)


def _try_read(said: bytes) -> Item | None:
    # Returns None, so that no exception of ours carries what stood in the row as its context.
    try:
        return _ADAPTER.validate_json(said, strict=True)
    except ValidationError:
        return None
