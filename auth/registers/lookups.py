"""What all registers' clients do alike: word the question, and judge whether the answer is the answer to it."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from auth.errors import AnswerNotTrusted, RegisterRefused
from auth.purposes import allows
from auth.registers.messages import CitizenMessage, LookupAnswer, LookupMessage
from auth.registers.ports import Lookup
from auth.wire.profile import MAX_REQUEST_BYTES

__all__ = ["check_act", "check_lookup", "parse_answer", "word_lookup"]

RecordT = TypeVar("RecordT", bound=BaseModel)
ModelT = TypeVar("ModelT", bound=BaseModel)


def word_lookup(register: str, device_id: str, lookup: Lookup) -> bytes:
    """Return the request body; raise RegisterRefused as ``check_lookup`` does."""
    body = check_lookup(register, device_id, lookup).model_dump_json().encode()
    if len(body) > MAX_REQUEST_BYTES:
        raise RegisterRefused(register, "malformed-lookup")
    return body


def check_lookup(register: str, device_id: str, lookup: Lookup) -> LookupMessage:
    """Return the message; raise RegisterRefused where the purpose does not allow it or a value cannot be sent.

    What comes from a chip may be anything; a value outside the message's bounds is not sent at all.
    """
    if not allows(lookup.purpose, register):
        raise RegisterRefused(register, "purpose-not-allowed")
    if not lookup.legal_basis:
        raise RegisterRefused(register, "legal-basis-missing")
    message = _try_lookup(device_id, lookup)
    if message is None:
        raise RegisterRefused(register, "malformed-lookup")
    return message


def parse_answer(register: str, model: type[ModelT], body: bytes) -> ModelT:
    """Return ``body`` as ``model``; raise AnswerNotTrusted where it is anything else."""
    answer = _try_parse(model, body)
    if answer is None:
        raise AnswerNotTrusted(register, "answer-malformed")
    return answer


def check_act(register: str, lookup: Lookup, answer: LookupAnswer[RecordT]) -> None:
    """Raise AnswerNotTrusted unless the answer names our act, purpose and legal basis.

    The signature binds it to the request already; this makes the body alone say what it answers, as evidence should.
    """
    if (answer.lookup_id, answer.purpose) != (lookup.lookup_id, lookup.purpose):
        raise AnswerNotTrusted(register, "answers-another-lookup")
    if answer.legal_basis != lookup.legal_basis:
        raise AnswerNotTrusted(register, "answers-another-legal-basis")


# Each returns None instead of raising, so that no exception of ours carries a ValidationError, which holds what the
# register sent, as its context.


def _try_lookup(device_id: str, lookup: Lookup) -> LookupMessage | None:
    try:
        return LookupMessage(
            device=device_id,
            lookup_id=lookup.lookup_id,
            purpose=lookup.purpose,
            legal_basis=lookup.legal_basis,
            clerk=lookup.clerk,
            certificate=lookup.certificate,
            citizen=CitizenMessage(
                personal_number=lookup.personal_number,
                full_name=lookup.full_name,
                date_of_birth=lookup.date_of_birth.isoformat(),
                old_number=lookup.old_number,
            ),
        )
    except ValidationError:
        return None


def _try_parse(model: type[ModelT], body: bytes) -> ModelT | None:
    try:
        return model.model_validate_json(body)
    except (ValidationError, ValueError):
        return None
