"""Look-ups that leave their trace: asked, then answered or not answered, in the ledger.

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
from auth.registers.ports import Answer, AnswerNote, Lookup

__all__ = ["canonical", "recorded"]

T = TypeVar("T")
FOUND, NOBODY, UNSIGNED = "found", "nobody", "-unsigned"


def recorded(keeper: LedgerKeeper, register: str, find: Callable[[Lookup], Answer[T]]) -> Callable[[Lookup], Answer[T]]:
    """Return ``find`` such that each look-up leaves its trace under the name of ``register``.

    It raises RegisterError as ``find`` does, and LedgerUnusable where no trace can be left.
    """

    def find_and_record(lookup: Lookup) -> Answer[T]:
        with keeper.lookup() as ledger:
            trace = _Trace(ledger, keeper, register, lookup)
            trace.leave(ActKind.ASKED, canonical(lookup))
            try:
                answer = find(lookup)
            except BaseException as error:
                trace.leave(ActKind.NOT_ANSWERED, None, error.code if isinstance(error, RegisterError) else "fault")
                raise
            came = NOBODY if answer.record is None else FOUND
            unsigned = UNSIGNED if AnswerNote.UNSIGNED in answer.notes else ""
            trace.leave(ActKind.ANSWERED, canonical(answer.record), came + unsigned)
            return answer

    return find_and_record


def canonical(content: Any) -> bytes:
    """Return the bytes that are committed to: a look-up or a record as JSON, keys in order, no blanks, ASCII."""
    fields = asdict(content) if content is not None else None
    return json.dumps(fields, default=str, sort_keys=True, separators=(",", ":")).encode("ascii")


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
