"""A yes before data, where both wait: the look-up for data is sent only once its questions were answered with yes.

Both are of one dossier, so that its order brings the questions to the register first. What was answered stays in the
outbox, sealed, until the look-up that waits for it has come to its end; the answer is read then, and never guessed.
"""

from __future__ import annotations

from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from auth.errors import OutboxUnusable
from auth.outbox.item import Item
from auth.outbox.states import State

__all__ = ["NOT_CONFIRMED", "WITHOUT_YES", "Holds", "answers_all", "why_not_after"]

NOT_CONFIRMED = "citizen-not-confirmed"
WITHOUT_YES = "confirmation-missing"

Name = Annotated[str, StringConstraints(max_length=100)]


class _Answers(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)
    answers: Annotated[dict[Name, bool], Field(max_length=100)]


class Holds(Protocol):
    """Be where look-ups wait (``auth.outbox.Outbox``)."""

    def item(self, number: int) -> Item | None:
        """Return the look-up of that number, None where there is none."""
        ...

    def answer(self, item: Item) -> bytes:
        """Return what the register answered; raise OutboxUnusable "damaged" where it is not what came."""
        ...


def answers_all(item: Item, body: bytes) -> bool | None:
    """Tell whether ``body`` says yes to all that ``item`` asks; None where it leaves a question open or is none."""
    told = _try_read(body)
    if told is None or not set(item.questions) <= set(told):
        return None
    return all(told[question] for question in item.questions)


def why_not_after(item: Item, outbox: Holds) -> str:
    """Return why ``item`` is not to be sent though it is due: the yes that it waits for did not come; "" where it did.

    Raise OutboxUnusable where the outbox cannot be read.
    """
    if not item.after:
        return ""
    first = outbox.item(item.after)
    if first is None or first.state is not State.ANSWERED or not first.questions:
        return WITHOUT_YES
    try:
        said = answers_all(first, outbox.answer(first))
    except OutboxUnusable as error:
        if error.why != "damaged":
            raise
        return WITHOUT_YES
    return "" if said else NOT_CONFIRMED


def _try_read(body: bytes) -> dict[str, bool] | None:
    # Returns None, so that no exception of ours carries what the register sent as its context.
    try:
        return _Answers.model_validate_json(body).answers
    except (ValidationError, ValueError):
        return None
