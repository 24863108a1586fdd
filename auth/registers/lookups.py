"""What all registers' clients do alike: word the question, and judge whether the answer is the answer to it."""

from __future__ import annotations

import logging
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from auth.errors import AnswerNotTrusted, RegisterRefused
from auth.purposes import ConsentRecord, PurposeRegistry, RegisterUse, Way, answers
from auth.registers.messages import CitizenMessage, ConsentMessage, LookupMessage
from auth.registers.ports import AnswerNote, Lookup
from auth.registers.sought import Act
from auth.wire.profile import MAX_REQUEST_BYTES

__all__ = [
    "Wish",
    "allowed_lookup",
    "askable_fields",
    "check_act",
    "check_lookup",
    "note_of_more",
    "parse_answer",
    "word_lookup",
]

_log = logging.getLogger("motcua.registers")

ModelT = TypeVar("ModelT", bound=BaseModel)


class Wish(StrEnum):
    """Name what is wanted of a register: data about a citizen, data by one certificate, or a yes or no."""

    DATA = "data"
    BY_CERTIFICATE = "by-certificate"
    YES_OR_NO = "yes-or-no"


def allowed_lookup(register: str, wish: Wish, lookup: Lookup, purposes: PurposeRegistry) -> Lookup:
    """Return ``lookup`` with exactly what is asked of ``register`` written out; raise RegisterRefused otherwise.

    What the look-up names must be among what its purpose may ask; where it names nothing, that is all of it. A purpose
    that stands on consent needs the record of one, given to the text that is in use.
    """
    use = _use(register, lookup.purpose, purposes)
    if purposes.purpose(lookup.purpose).needs_consent and not answers(lookup.consent, purposes.purpose(lookup.purpose)):
        raise RegisterRefused(register, "consent-missing")
    if wish is Wish.YES_OR_NO:
        questions = lookup.questions or use.questions
        if not questions or not set(questions) <= set(use.questions):
            raise RegisterRefused(register, "question-not-allowed")
        return replace(lookup, questions=questions, fields=(), certificate="")
    fields = lookup.fields or use.fields
    if not fields or not set(fields) <= set(use.fields):
        raise RegisterRefused(register, "field-not-allowed")
    by_certificate = wish is Wish.BY_CERTIFICATE
    way = Way.CERTIFICATE if by_certificate else Way.HOLDER
    if (use.ways and way not in use.ways) or (by_certificate and not lookup.certificate):
        raise RegisterRefused(register, "way-not-allowed")
    return replace(lookup, fields=fields, questions=(), certificate=lookup.certificate if by_certificate else "")


def askable_fields(register: str, purpose: str, purposes: PurposeRegistry) -> tuple[str, ...]:
    """Return all fields that ``purpose`` may ask of ``register``; raise RegisterRefused where it may not ask it."""
    return _use(register, purpose, purposes).fields


def word_lookup(register: str, device_id: str, lookup: Lookup) -> bytes:
    """Return the request body; raise RegisterRefused as ``check_lookup`` does."""
    body = check_lookup(register, device_id, lookup).model_dump_json().encode()
    if len(body) > MAX_REQUEST_BYTES:
        raise RegisterRefused(register, "malformed-lookup")
    return body


def check_lookup(register: str, device_id: str, lookup: Lookup) -> LookupMessage:
    """Return the message; raise RegisterRefused where a value cannot be sent or nothing is asked.

    What comes from a chip may be anything; a value outside the message's bounds is not sent at all. ``allowed_lookup``
    has said before what may be asked.
    """
    if not lookup.legal_basis:
        raise RegisterRefused(register, "legal-basis-missing")
    if not lookup.fields and not lookup.questions:
        raise RegisterRefused(register, "field-not-allowed")
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


def check_act(register: str, asked: Act, answer: Act) -> None:
    """Raise AnswerNotTrusted unless the answer names our act, purpose and legal basis.

    The signature binds it to the request already; this makes the body alone say what it answers, as evidence should.
    """
    if (answer.lookup_id, answer.purpose) != (asked.lookup_id, asked.purpose):
        raise AnswerNotTrusted(register, "answers-another-lookup")
    if answer.legal_basis != asked.legal_basis:
        raise AnswerNotTrusted(register, "answers-another-legal-basis")


def note_of_more(register: str, asked: Act, *, more: bool) -> tuple[AnswerNote, ...]:
    """Return what must be said of an answer that told ``more`` than was asked; leave an event that names nobody."""
    if not more:
        return ()
    _log.info("more than asked", extra={"register": register, "lookup": asked.lookup_id, "purpose": asked.purpose})
    return (AnswerNote.MORE_THAN_ASKED,)


def _use(register: str, purpose: str, purposes: PurposeRegistry) -> RegisterUse:
    use = purposes.purpose(purpose).use(register) if purposes.knows(purpose) else None
    if use is None:
        raise RegisterRefused(register, "purpose-not-allowed")
    return use


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
            citizen=CitizenMessage(
                personal_number=lookup.personal_number,
                full_name=lookup.full_name,
                date_of_birth=lookup.date_of_birth.isoformat(),
                old_number=lookup.old_number,
            ),
            fields=lookup.fields,
            questions=lookup.questions,
            certificate=lookup.certificate,
            dossier=lookup.dossier,
            consent=_consent(lookup.consent),
        )
    except ValidationError:
        return None


def _consent(record: ConsentRecord | None) -> ConsentMessage | None:
    if record is None:
        return None
    return ConsentMessage(
        kind=record.kind,
        version=record.version,
        sha256=record.sha256,
        language=record.language,
        how=record.how,
        at=record.at,
    )


def _try_parse(model: type[ModelT], body: bytes) -> ModelT | None:
    try:
        return model.model_validate_json(body)
    except (ValidationError, ValueError):
        return None
