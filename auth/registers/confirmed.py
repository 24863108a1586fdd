"""Answers with yes or no: judged alike for whatever register the questions were put to."""

from __future__ import annotations

from collections.abc import Mapping

from auth.errors import AnswerNotTrusted
from auth.purposes.vocabulary import IDENTITY_QUESTIONS
from auth.registers.lookups import check_act, note_of_more, parse_answer
from auth.registers.messages import ConfirmAnswer
from auth.registers.ports import Confirmation
from auth.registers.sought import Sought
from auth.registers.told import Told

__all__ = ["read_confirmation"]


def read_confirmation(register: str, asked: Sought, body: bytes) -> Told[Confirmation]:
    """Return the yes or no to each question of ``asked``; what nobody asked is dropped, and the notes say so.

    Raise AnswerNotTrusted for another act, or where a question is left open.
    """
    answer = parse_answer(register, ConfirmAnswer, body)
    check_act(register, asked, answer)
    if not set(asked.questions) <= set(answer.answers):
        raise AnswerNotTrusted(register, "answer-incomplete")
    notes = note_of_more(register, asked, more=len(answer.answers) > len(asked.questions))
    told = {question: answer.answers[question] for question in asked.questions}
    message = answer.model_copy(update={"answers": told})
    return Told(_confirmation(told), message, notes, answer.receipt, answer.receipt_log)


def _confirmation(told: Mapping[str, bool]) -> Confirmation:
    # Whoever asks fewer than the three does not learn whether they are one person's.
    together = all(told.get(question, False) for question in IDENTITY_QUESTIONS)
    return Confirmation(together, tuple(told.items()))
