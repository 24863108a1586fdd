"""What the citizen reads, in both languages, and the record that they agreed to exactly this."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auth.purposes import (
    PURPOSES,
    BasisKind,
    ConsentHow,
    ConsentRecord,
    Purpose,
    RegisterUse,
    answers,
    citizen_text,
    purpose,
    text_digest,
)
from auth.purposes.vocabulary import ALWAYS_TOLD, FIELDS, REGISTERS, is_question, question_words

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
EACH = pytest.mark.parametrize("known", PURPOSES, ids=lambda known: known.id)


def agreed_to(known: Purpose, language: str = "vi") -> ConsentRecord:
    text = citizen_text(known, language)
    return ConsentRecord(
        BasisKind.CONSENT, known.wording_version, text_digest(text), language, ConsentHow.READ_BY_CITIZEN, NOW
    )


@EACH
@pytest.mark.parametrize(("place", "language"), [(0, "vi"), (1, "en")])
def test_the_text_names_every_register_every_field_and_every_question_that_goes_out(
    known: Purpose, place: int, language: str
) -> None:
    text = citizen_text(known, language)
    for use in known.uses:
        assert REGISTERS[use.register][place] in text
        for question in use.questions:
            assert question_words(question)[place] in text
        for field in use.fields:
            assert FIELDS[use.register][field][place] in text
        if use.fields:
            assert all(words[place] in text for words in ALWAYS_TOLD[use.register].values())
    assert known.legal_basis in text
    assert all(line and line.isprintable() for line in text.split("\n"))


@EACH
def test_no_field_is_named_that_is_not_asked_for(known: Purpose) -> None:
    text = citizen_text(known, "vi").splitlines()
    for use in known.uses:
        told = [line for line in text if line.startswith(f"Hỏi {REGISTERS[use.register][0]}: ")]
        assert len(told) == bool(use.fields)
        for field, (vietnamese, _) in FIELDS[use.register].items():
            named = any(vietnamese in line.split(": ", 1)[1].split(".")[0].split(", ") for line in told)
            assert named == (field in use.fields)


@EACH
def test_consent_purposes_say_what_a_refusal_means_and_statutes_that_none_is_needed(known: Purpose) -> None:
    assert ("không đồng ý" in known.wording_vi.refusal) == known.needs_consent
    assert ("do not agree" in known.wording_en.refusal) == known.needs_consent


def test_the_hash_is_over_the_text_as_it_is_shown() -> None:
    known = purpose("own-data")
    assert text_digest(citizen_text(known, "vi")) == hashlib.sha256(citizen_text(known, "vi").encode()).hexdigest()
    assert text_digest(citizen_text(known, "vi")) != text_digest(citizen_text(known, "en"))


def test_a_record_answers_for_its_own_purpose_and_text_only() -> None:
    known = purpose("own-data")
    record = agreed_to(known)
    assert answers(record, known)
    assert answers(agreed_to(known, "en"), known)
    assert not answers(None, known)
    assert not answers(replace(record, kind=BasisKind.STATUTE), known)
    assert not answers(replace(record, version="0"), known)
    assert not answers(replace(record, language="en"), known)
    assert not answers(record, purpose("land-information"))


def test_asking_for_one_field_more_needs_a_new_consent() -> None:
    known = purpose("electricity-contract")
    record = agreed_to(known)
    (use,) = known.uses
    more = replace(known, uses=(replace(use, fields=("residence",)),))
    assert answers(record, known)
    assert not answers(record, more)
    assert not answers(record, replace(known, uses=(*known.uses, RegisterUse("land", ("address",)))))


def test_a_record_without_a_time_zone_or_in_a_language_without_text_cannot_be_made() -> None:
    record = agreed_to(purpose("own-data"))
    with pytest.raises(ValueError, match="zone"):
        replace(record, at=datetime(2026, 11, 26, 3, 0))  # noqa: DTZ001  # the point of this test
    with pytest.raises(ValueError, match="text of ours"):
        replace(record, language="fr")


def test_questions_have_words_and_ages_are_those_of_people() -> None:
    assert question_words("over-18") == ("đã đủ 18 tuổi chưa", "is the citizen 18 or older")
    for unknown in ("over-0", "over-100", "over-", "over-1x", "is-nice", "", "Over-18"):
        assert not is_question(unknown)
        with pytest.raises(KeyError):
            question_words(unknown)
