"""The outbox's acts in the ledger: what happened to which look-up, counted, so that an older outbox shows.

A leaf's detail reads ``outbox COUNT EVENT NUMBER REASON``. The count grows by one with each act. An outbox on the disk
whose count lies below that of the last leaf is not the one that was left there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from auth.ledger.act import Act, ActKind, Opening, commit
from auth.outbox.item import Item
from auth.outbox.states import LEAVES, Event
from reader.errors import DataError

__all__ = ["ActLog", "OutboxAct", "act_of", "acts_since", "from_pending", "rebuilt_act", "to_pending"]

_DETAIL = re.compile(r"outbox ([0-9]{1,16}) ([a-z-]{1,20}) ([0-9]{1,16})(?: ([a-z0-9 -]{0,60}))?")
_REASON = re.compile(r"[^a-z0-9 -]")
REBUILT = "rebuilt"


class ActLog(Protocol):
    """A ledger, as far as the outbox needs it (``auth.ledger.Ledger``)."""

    @property
    def origin(self) -> str:
        """Return whose log it is."""
        ...

    @property
    def size(self) -> int:
        """Return how many leaves there are."""
        ...

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` leaves."""
        ...

    def append_all(self, acts: Sequence[tuple[Act, Opening | None]]) -> int:
        """Append acts, all or none; return once they are on the disk, raise LedgerUnusable otherwise."""
        ...

    def leaves(self, begin: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield the leaves from ``begin`` on, with their numbers."""
        ...

    def pseudonym(self, clerk_id: str) -> str:
        """Return by what the leaves call a clerk."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxAct:
    """Hold what a leaf says of the outbox; ``event`` is None for the outbox as a whole."""

    count: int
    event: Event | None
    number: int
    reason: str
    act: Act


def act_of(
    item: Item, event: Event, count: int, at: float, clerk: str, about: bytes | None = None
) -> tuple[Act, Opening | None]:
    """Return the act that ``event`` is, and what opens its commitment to ``about``; ``clerk`` is a pseudonym."""
    commitment, opening = commit(about) if about is not None else ("", None)
    reason = _REASON.sub("-", item.reason)[:60]
    act = Act(
        LEAVES[event],
        datetime.fromtimestamp(at, UTC),
        lookup=item.lookup_id,
        register=item.register,
        purpose=item.purpose,
        basis=item.legal_basis,
        clerk=clerk,
        about=commitment,
        detail=f"outbox {count} {event} {item.number} {reason}".rstrip(),
    )
    return act, opening


def rebuilt_act(count: int, at: float, reason: str, lost: int) -> Act:
    """Return the act that says that an outbox was put aside and begun anew, ``lost`` look-ups poorer."""
    detail = f"outbox {count} {REBUILT} {lost} {reason}"
    return Act(ActKind.REBUILT, datetime.fromtimestamp(at, UTC), detail=detail)


def acts_since(log: ActLog, begin: int) -> Iterator[OutboxAct]:
    """Yield what the leaves from ``begin`` on say of the outbox; raise DataError for a leaf that is no act."""
    for _, leaf in log.leaves(begin):
        if b'"outbox ' not in leaf:
            continue
        act = Act.from_leaf(leaf)
        said = _DETAIL.fullmatch(act.detail)
        if said is None:
            continue
        event = None if said[2] == REBUILT else _event(said[2])
        yield OutboxAct(int(said[1]), event, int(said[3]), said[4] or "", act)


def to_pending(act: Act, opening: Opening | None) -> bytes:
    """Write an act down as it waits for the ledger."""
    return json.dumps([act.to_leaf().decode(), opening.salt.hex() if opening is not None else ""]).encode()


def from_pending(said: bytes) -> tuple[Act, Opening | None]:
    """Read what ``to_pending`` wrote."""
    leaf, salt = json.loads(said)
    return Act.from_leaf(leaf.encode()), Opening(bytes.fromhex(salt)) if salt else None


def _event(name: str) -> Event:
    try:
        return Event(name)
    except ValueError:
        raise DataError("leaf of an outbox event that is none") from None
