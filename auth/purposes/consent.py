"""The text a citizen reads before they are looked up, and the record that they agreed to exactly this text.

What is asked, and of whom, is written from the purpose itself, so that the text can never promise less than what goes
out. The record names the text by its version and its hash: years later it can be shown what somebody agreed to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auth.purposes.model import BasisKind, Purpose, RegisterUse, Way
from auth.purposes.vocabulary import ALWAYS_TOLD, FIELDS, REGISTERS, question_words

__all__ = ["LANGUAGES", "ConsentHow", "ConsentRecord", "answers", "citizen_text", "text_digest"]

LANGUAGES = ("vi", "en")

_OF = ("Hỏi {register}: {fields}.", "Asked of {register}: {fields}.")
_FIRST = (
    "Hỏi {register}, chỉ được trả lời có hoặc không: {questions}.",
    "Asked of {register}, to be answered with yes or no only: {questions}.",
)
_ONE_CERTIFICATE = (" Chỉ tìm theo giấy chứng nhận được xuất trình.", " Found by the certificate that is shown only.")
_BASIS = ("Căn cứ: {basis}.", "Legal basis: {basis}.")


class ConsentHow(StrEnum):
    """Tell how the citizen came to know the text: read themselves, or read to them by the clerk."""

    READ_BY_CITIZEN = "read-by-citizen"
    READ_ALOUD = "read-aloud"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """Hold that a citizen agreed: to which text, in which language, how they came to know it, and when."""

    kind: BasisKind
    version: str
    sha256: str
    language: str
    how: ConsentHow
    at: datetime

    def __post_init__(self) -> None:
        """Refuse a time without a zone and a language that no text is written in."""
        if self.at.tzinfo is None:
            raise ValueError("consent is given at a time in a zone")
        if self.language not in LANGUAGES:
            raise ValueError("consent is given to a text of ours")


def citizen_text(purpose: Purpose, language: str) -> str:
    """Return the exact text for ``language``, vi or en, a line for each thing that must be known.

    What for; what is asked and of whom; the legal basis; what happens on a refusal.
    """
    place = LANGUAGES.index(language)
    wording = (purpose.wording_vi, purpose.wording_en)[place]
    lines = [wording.what_for]
    for use in purpose.uses:
        lines += _lines_of(use, place)
    return "\n".join([*lines, _BASIS[place].format(basis=purpose.legal_basis), wording.refusal])


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def answers(record: ConsentRecord | None, purpose: Purpose) -> bool:
    """Tell whether ``record`` is the consent that ``purpose`` needs, given to the text that is in use now."""
    return (
        record is not None
        and record.kind is BasisKind.CONSENT
        and record.version == purpose.wording_version
        and record.sha256 == text_digest(citizen_text(purpose, record.language))
    )


def _lines_of(use: RegisterUse, place: int) -> list[str]:
    register = (use.name or REGISTERS[use.register])[place]
    lines = []
    if use.questions:
        questions = "; ".join(question_words(question)[place] for question in use.questions)
        lines.append(_FIRST[place].format(register=register, questions=questions))
    if use.fields:
        always = ALWAYS_TOLD.get(use.register, {})
        names = dict(use.field_words) or FIELDS[use.register]
        words = [words[place] for words in (*always.values(), *(names[field] for field in use.fields))]
        told = _OF[place].format(register=register, fields=", ".join(words))
        lines.append(told + (_ONE_CERTIFICATE[place] if use.ways == (Way.CERTIFICATE,) else ""))
    return lines
