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

from auth.errors import AnswerNotTrusted, ClerkNotSignedIn, RegisterError
from auth.ledger import Act, ActKind, Ledger, commit
from auth.ledger.keeper import LedgerKeeper
from auth.registers.ports import Answer, AnswerNote, Confirmation, Lookup

__all__ = ["canonical", "recorded"]

T = TypeVar("T")
FOUND, NOBODY, YES, NO = "found", "nobody", "yes", "no"
# What is added where something must be said of the answer: fault A12 is an event here too.
_ADDED = {AnswerNote.UNSIGNED: "-unsigned", AnswerNote.MORE_THAN_ASKED: "-more-than-asked"}


def recorded(keeper: LedgerKeeper, register: str, find: Callable[..., Answer[T]]) -> Callable[..., Answer[T]]:
    """Return ``find`` such that each look-up leaves its trace under the name of ``register``.

    What comes beside the look-up is handed on as it is.

    It raises RegisterError as ``find`` does, and LedgerUnusable where no trace can be left.
    """

    def find_and_record(lookup: Lookup, *beside: Any) -> Answer[T]:
        with keeper.lookup() as ledger:
            trace = _Trace(ledger, keeper, register, lookup)
            trace.leave(ActKind.ASKED, canonical(lookup))
            try:
                answer = find(lookup, *beside)
            except BaseException as error:
                # Of an answer that was not believed there stays a commitment to its digest, and why it was not.
                rejected = error.digest if isinstance(error, AnswerNotTrusted) else b""
                trace.leave(ActKind.NOT_ANSWERED, rejected or None, _why(error))
                raise
            added = "".join(words for note, words in _ADDED.items() if note in answer.notes)
            trace.leave(ActKind.ANSWERED, canonical(answer.record), _came(answer.record) + added)
            return answer

    return find_and_record


def _why(error: BaseException) -> str:
    """Return why there is no answer: a code, and for an answer that was not believed the reason too."""
    if isinstance(error, AnswerNotTrusted):
        return f"{error.code}/{error.why}"
    return error.code if isinstance(error, RegisterError | ClerkNotSignedIn) else "fault"


def _came(record: object) -> str:
    """Return what came in one word that tells nothing of the citizen but yes or no."""
    if isinstance(record, Confirmation):
        return YES if record.all_yes else NO
    return NOBODY if record is None else FOUND


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
