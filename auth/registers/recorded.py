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
    LandConnection,
    LandHoldings,
    Lookup,
    PopulationConnection,
    PopulationRecord,
    Worded,
    WordsRequests,
)

__all__ = ["RecordedLand", "RecordedPopulation", "canonical"]

T = TypeVar("T")
FOUND, NOBODY, UNSIGNED = "found", "nobody", "-unsigned"


class RecordedPopulation:
    """Look citizens up and leave the trace (``PopulationConnection``)."""

    def __init__(self, connection: PopulationConnection, keeper: LedgerKeeper) -> None:
        self._connection = connection
        self._keeper = keeper

    def word(self, lookup: Lookup) -> bytes | None:
        """Return the request that ``lookup`` is sent as (``WordsRequests``)."""
        return self._connection.word(lookup) if isinstance(self._connection, WordsRequests) else None

    def find_citizen(self, lookup: Lookup, worded: Worded | None = None) -> Answer[PopulationRecord]:
        """Return the citizen's record; raise RegisterError, or LedgerUnusable where no trace can be left."""
        return _recorded(
            self._keeper, "population", lambda: self._connection.find_citizen(lookup, *_with(worded)), lookup
        )

    def close(self) -> None:
        """Close the connection; the ledger stays with its keeper."""
        self._connection.close()


class RecordedLand:
    """Look parcels up and leave the trace (``LandConnection``)."""

    def __init__(self, connection: LandConnection, keeper: LedgerKeeper) -> None:
        self._connection = connection
        self._keeper = keeper

    def word(self, lookup: Lookup) -> bytes | None:
        """Return the request that ``lookup`` is sent as (``WordsRequests``)."""
        return self._connection.word(lookup) if isinstance(self._connection, WordsRequests) else None

    def find_holdings(self, lookup: Lookup, worded: Worded | None = None) -> Answer[LandHoldings]:
        """Return the citizen's parcels; raise RegisterError, or LedgerUnusable where no trace can be left."""
        return _recorded(self._keeper, "land", lambda: self._connection.find_holdings(lookup, *_with(worded)), lookup)

    def close(self) -> None:
        """Close the connection; the ledger stays with its keeper."""
        self._connection.close()


def canonical(content: Any) -> bytes:
    """Return the bytes that are committed to: a look-up or a record as JSON, keys in order, no blanks, ASCII."""
    fields = asdict(content) if content is not None else None
    return json.dumps(fields, default=str, sort_keys=True, separators=(",", ":")).encode("ascii")


def _with(worded: Worded | None) -> tuple[Worded, ...]:
    """Return what goes on beside the look-up: a way that takes no proof is not even offered one."""
    return (worded,) if worded is not None else ()


def _recorded(keeper: LedgerKeeper, register: str, find: Callable[[], Answer[T]], lookup: Lookup) -> Answer[T]:
    with keeper.lookup() as ledger:
        trace = _Trace(ledger, keeper, register, lookup)
        trace.leave(ActKind.ASKED, canonical(lookup))
        try:
            answer = find()
        except BaseException as error:
            trace.leave(ActKind.NOT_ANSWERED, None, error.code if isinstance(error, RegisterError) else "fault")
            raise
        came = NOBODY if answer.record is None else FOUND
        unsigned = UNSIGNED if AnswerNote.UNSIGNED in answer.notes else ""
        trace.leave(ActKind.ANSWERED, canonical(answer.record), came + unsigned)
        return answer


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
