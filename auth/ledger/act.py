"""An act of the desk as the ledger holds it: what was done, when, on what ground, and nothing about whom.

What an act was about — the question, the answer — stands in the leaf as a commitment: SHA-256 over a fresh salt and the
bytes. A personal number has too few values to be hidden by a bare hash; without the salt nobody can try them out. The
salt is the opening: whoever is shown it and the bytes can check them against the leaf, and once it is destroyed the
leaf tells nothing any more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from reader.errors import DataError

__all__ = ["Act", "ActKind", "Opening", "clerk_pseudonym", "commit"]

SALT_BYTES = 32
MAX_LEAF_BYTES = 2048
MAX_TEXT = 200
_FIELDS = ("about", "at", "basis", "clerk", "detail", "kind", "lookup", "purpose", "register")


class ActKind(StrEnum):
    """Name what the desk did; from ``QUEUED`` to ``REBUILT``, with a look-up that waits in the outbox.

    ``MOVED`` says that the ledger went on on another computer, ``ROTATED`` that the device's keys are replaced.
    """

    ASKED = "asked"
    ANSWERED = "answered"
    NOT_ANSWERED = "not-answered"
    TAPPED = "tapped"
    QUEUED = "queued"
    SENT = "sent"
    HELD = "held"
    RELEASED = "released"
    EXPIRED = "expired"
    RETURNED = "returned"
    EXPORTED = "exported"
    TAKEN = "taken"
    REBUILT = "rebuilt"
    MOVED = "moved"
    ROTATED = "rotated"
    SLIP_MADE = "slip-made"


@dataclass(frozen=True, slots=True, repr=False)
class Opening:
    """Hold the salt of one commitment; destroy it and what was committed to stays unknown for good."""

    salt: bytes

    def opens(self, commitment: str, content: bytes) -> bool:
        """Tell whether ``commitment`` is one to ``content``."""
        return hmac.compare_digest(_commitment(self.salt, content), commitment)

    def __repr__(self) -> str:
        """Show nothing."""
        return "Opening(…)"


def commit(content: bytes) -> tuple[str, Opening]:
    """Commit to ``content`` with a fresh salt; return the commitment, in hex, and what opens it."""
    opening = Opening(secrets.token_bytes(SALT_BYTES))
    return _commitment(opening.salt, content), opening


def _commitment(salt: bytes, content: bytes) -> str:
    return hashlib.sha256(salt + content).hexdigest()


def clerk_pseudonym(secret: bytes, clerk_id: str) -> str:
    """Return by what the ledger calls a clerk: the office that has ``secret`` can tell who it is, nobody else can."""
    return hmac.new(secret, clerk_id.encode(), hashlib.sha256).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Act:
    """Hold one act; every field may be read by anybody.

    ``lookup`` is the random id of the look-up, ``about`` the commitment to the bytes that were sent or received (""
    where there are none), ``detail`` a stable code, such as why there was no answer, ``clerk`` a pseudonym.
    """

    kind: ActKind
    at: datetime
    lookup: str = ""
    register: str = ""
    purpose: str = ""
    basis: str = ""
    clerk: str = ""
    about: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        """Refuse a time without a zone and a text that no field of the ledger has."""
        if self.at.tzinfo is None:
            raise ValueError("an act happens at a time in a zone")
        texts = (self.lookup, self.register, self.purpose, self.basis, self.clerk, self.about, self.detail)
        if any(len(text) > MAX_TEXT or not text.isprintable() for text in texts):
            raise ValueError(f"a text of an act is one line of at most {MAX_TEXT} characters")
        if len(self.to_leaf()) > MAX_LEAF_BYTES:
            raise ValueError(f"an act is at most {MAX_LEAF_BYTES} bytes")

    def to_leaf(self) -> bytes:
        """Encode the act, the same always to the same bytes: JSON in UTF-8, keys in order, no blanks."""
        said = {name: getattr(self, name) for name in _FIELDS}
        said["at"] = self.at.astimezone(UTC).isoformat(timespec="milliseconds")
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_leaf(cls, leaf: bytes) -> Act:
        """Read a leaf; raise DataError for anything that ``to_leaf`` would not have written."""
        if len(leaf) > MAX_LEAF_BYTES:
            raise DataError(f"leaf of more than {MAX_LEAF_BYTES} bytes")
        try:
            said = json.loads(leaf)
            act = cls(**said | {"kind": ActKind(said["kind"]), "at": datetime.fromisoformat(said["at"])})
            same = act.to_leaf() == leaf
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            raise DataError("leaf that is no act") from None
        if not same:
            raise DataError("leaf that is not written as an act is")
        return act
