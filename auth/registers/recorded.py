"""Register clients whose every look-up leaves its trace: asked, then answered or not answered, in the ledger.

What is written names nobody. The question and the answer stand there as commitments to their canonical bytes
(``canonical``); whoever is shown those bytes and the opening can check them against the leaf. Where the trace cannot
be written nothing is asked, and an answer that cannot be recorded is not handed on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from auth.errors import RegisterError
from auth.ledger import Act, ActKind, Ledger, commit
from auth.ledger.keeper import LedgerKeeper
from auth.registers.ports import (
    Answer,
    AnswerNote,
    Confirmation,
    LandConnection,
    LandHoldings,
    Lookup,
    PopulationConnection,
    PopulationRecord,
)

__all__ = ["RecordedLand", "RecordedPopulation", "canonical"]

T = TypeVar("T")
FOUND, NOBODY, YES, NO = "found", "nobody", "yes", "no"
# What is added where something must be said of the answer: fault A12 is an event here too.
_ADDED = {AnswerNote.UNSIGNED: "-unsigned", AnswerNote.MORE_THAN_ASKED: "-more-than-asked"}


class RecordedPopulation:
    """Look citizens up and leave the trace (``PopulationConnection``)."""

    def __init__(self, connection: PopulationConnection, keeper: LedgerKeeper) -> None:
        self._connection = connection
        self._keeper = keeper

    def find_citizen(self, lookup: Lookup) -> Answer[PopulationRecord]:
        """Return the citizen's record; raise RegisterError, or LedgerUnusable where no trace can be left."""
        return _recorded(self._keeper, "population", self._connection.find_citizen, lookup)

    def confirm_citizen(self, lookup: Lookup) -> Answer[Confirmation]:
        """Return yes or no and leave the trace of a look-up; raise as ``find_citizen`` does."""
        return _recorded(self._keeper, "population", self._connection.confirm_citizen, lookup)

    def close(self) -> None:
        """Close the connection; the ledger stays with its keeper."""
        self._connection.close()


class RecordedLand:
    """Look parcels up and leave the trace (``LandConnection``)."""

    def __init__(self, connection: LandConnection, keeper: LedgerKeeper) -> None:
        self._connection = connection
        self._keeper = keeper

    def find_holdings(self, lookup: Lookup) -> Answer[LandHoldings]:
        """Return the citizen's parcels; raise RegisterError, or LedgerUnusable where no trace can be left."""
        return _recorded(self._keeper, "land", self._connection.find_holdings, lookup)

    def find_by_certificate(self, lookup: Lookup) -> Answer[LandHoldings]:
        """Return the parcels of one certificate; raise as ``find_holdings`` does."""
        return _recorded(self._keeper, "land", self._connection.find_by_certificate, lookup)

    def close(self) -> None:
        """Close the connection; the ledger stays with its keeper."""
        self._connection.close()


def canonical(content: Any) -> bytes:
    """Return the bytes that are committed to: a look-up or a record as JSON, keys in order, no blanks, ASCII."""
    fields = asdict(content) if content is not None else None
    return json.dumps(fields, default=str, sort_keys=True, separators=(",", ":")).encode("ascii")


def _recorded(keeper: LedgerKeeper, register: str, find: Callable[[Lookup], Answer[T]], lookup: Lookup) -> Answer[T]:
    with keeper.lookup() as ledger:
        trace = _Trace(ledger, keeper, register, lookup)
        trace.leave(ActKind.ASKED, canonical(lookup))
        try:
            answer = find(lookup)
        except BaseException as error:
            trace.leave(ActKind.NOT_ANSWERED, None, error.code if isinstance(error, RegisterError) else "fault")
            raise
        added = "".join(words for note, words in _ADDED.items() if note in answer.notes)
        trace.leave(ActKind.ANSWERED, canonical(answer.record), _came(answer.record) + added)
        return answer


def _came(record: object) -> str:
    """Return what came in one word that tells nothing of the citizen but yes or no."""
    if isinstance(record, Confirmation):
        return YES if record.together else NO
    return NOBODY if record is None else FOUND


class _Trace:
    """Write the acts of one look-up."""

    def __init__(self, ledger: Ledger, keeper: LedgerKeeper, register: str, lookup: Lookup) -> None:
        self._ledger = ledger
        self._now = keeper.now
        self._same = {
            "lookup": lookup.lookup_id,
            "register": register,
            "purpose": lookup.purpose,
            "basis": lookup.legal_basis,
            "clerk": ledger.pseudonym(lookup.clerk),
        }

    def leave(self, kind: ActKind, content: bytes | None, detail: str = "") -> None:
        about, opening = commit(content) if content is not None else ("", None)
        self._ledger.append(Act(kind, self._now(), about=about, detail=detail, **self._same), opening)
