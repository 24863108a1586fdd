"""Whether an answer may be kept for a dossier: it must answer this look-up, about the person it was about.

The wire has proven who signed it and for which request. The act, the purpose and the person are read from the body once
more, so that an answer about somebody else is noticed even where the register itself mixed two citizens up. This much
the outbox sees to whatever the register; the rest is its client's to judge (``auth.registers.worded.Encloses.judge``).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.outbox.item import Item
from auth.outbox.pairs import answers_all
from auth.registers.sought import Sought

__all__ = ["judge_answer"]

Short = Annotated[str, StringConstraints(max_length=300)]


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)
    personal_number: Short = ""


class _Answer(BaseModel):
    # What else a register says is its client's to read.
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)
    lookup_id: Short
    purpose: Short
    legal_basis: Short
    record: _Record | None = None


def judge_answer(item: Item, asked: Sought, body: bytes) -> None:
    """Raise AnswerNotTrusted or AnswerForAnother unless ``body`` answers ``item``, of which ``asked`` is known."""
    answer = _try_read(body)
    if answer is None:
        raise AnswerNotTrusted(item.register, "answer-malformed")
    said = (answer.lookup_id, answer.purpose, answer.legal_basis)
    if said != (item.lookup_id, item.purpose, item.legal_basis):
        raise AnswerNotTrusted(item.register, "answers-another-lookup")
    if item.questions and answers_all(item, body) is None:
        raise AnswerNotTrusted(item.register, "answer-incomplete")
    record = answer.record
    if record is not None and record.personal_number and not asked.about.is_person(record.personal_number):
        raise AnswerForAnother(item.register, "another-personal-number")


def _try_read(body: bytes) -> _Answer | None:
    # Returns None, so that no exception of ours carries what the register sent as its context.
    try:
        return _Answer.model_validate_json(body)
    except (ValidationError, ValueError):
        return None
