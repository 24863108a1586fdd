"""As little as the purpose needs: what is asked, what is answered, what is kept, on both sides of real TLS."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.errors import AnswerForAnother, AnswerNotTrusted, RegisterRefused
from auth.purposes import PURPOSES, ConsentRecord, PurposeRegistry, purpose
from auth.purposes.vocabulary import FIELDS
from auth.registers import AnswerNote, CardStatus, Confirmation, Lookup
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from auth.registers.proofs import Worded
from auth.wire import DeviceCredential
from mock_cards.personas import load_all, load_persona
from mock_registers import RegisterSandbox, open_register_sandbox

MAN = load_persona("nguyen-van-mau")
RESIDENCE = purpose("temporary-residence")
# A desk that would like to know everything, of which the register thinks otherwise.
CURIOUS = PurposeRegistry(
    "curious",
    tuple(
        replace(known, uses=tuple(replace(use, fields=tuple(FIELDS[use.register])) for use in known.uses))
        for known in PURPOSES
    ),
)


@contextmanager
def _population(sandbox: RegisterSandbox, **other: object) -> Iterator[PopulationClient]:
    client = PopulationClient(sandbox.endpoint("population"), sandbox.device, **other)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def _land(sandbox: RegisterSandbox, **other: object) -> Iterator[LandClient]:
    client = LandClient(sandbox.endpoint("land"), sandbox.device, **other)
    try:
        yield client
    finally:
        client.close()


def test_a_register_answers_the_asked_fields_and_the_rest_is_not_asked_rather_than_empty(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup]
) -> None:
    with _population(sandbox) as client:
        record = client.find_citizen(lookup_of(MAN, purpose=RESIDENCE.id)).record
    assert record is not None
    use = RESIDENCE.use("population")
    assert use is not None
    assert record.asked == use.fields
    assert (record.full_name, record.father, record.spouse, record.old_number) == (MAN.card.full_name, "", "", "")
    assert record.card_status is CardStatus.VALID


def test_fewer_fields_may_be_asked_than_the_purpose_allows_and_never_more(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup]
) -> None:
    asked = lookup_of(MAN, purpose=RESIDENCE.id)
    with _population(sandbox) as client:
        record = client.find_citizen(replace(asked, fields=("full_name",))).record
        assert record is not None
        assert (record.asked, record.sex, record.date_of_birth) == (("full_name",), None, None)
        with pytest.raises(RegisterRefused, match="field-not-allowed"):
            client.find_citizen(replace(asked, fields=("full_name", "religion")))
        with pytest.raises(RegisterRefused, match="field-not-allowed"):
            client.find_citizen(replace(asked, fields=("blood_type",)))


def test_a_desk_with_a_registry_of_its_own_is_refused_by_the_register_all_the_same(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup]
) -> None:
    with _population(sandbox, purposes=CURIOUS) as client, pytest.raises(RegisterRefused) as told:
        client.find_citizen(lookup_of(MAN, purpose=RESIDENCE.id))
    assert told.value.why == "field-not-allowed"


@pytest.mark.parametrize("register", ["population", "land"])
def test_what_a_register_tells_unasked_is_dropped_noted_and_told_without_naming_anybody(
    lookup: Lookup, register: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "motcua.registers")
    with open_register_sandbox(fault=f"{register}:more-than-asked") as sandbox:
        if register == "population":
            with _population(sandbox) as population:
                answer = population.find_citizen(lookup)
            assert answer.record is not None
            kept = [answer.record.religion, answer.record.father, answer.record.place_of_origin]
        else:
            less = replace(lookup, fields=("address",))
            with _land(sandbox) as land:
                holdings = land.find_holdings(less).record
                answer = land.find_holdings(less)
            assert holdings is not None
            kept = [text for parcel in holdings.parcels for text in (parcel.term, parcel.origin, parcel.map_sheet)]
            assert all(len(parcel.holders) == 1 for parcel in holdings.parcels)
    assert set(kept) == {""}
    assert answer.notes == (AnswerNote.MORE_THAN_ASKED,)
    (event, *_) = [record for record in caplog.records if record.name == "motcua.registers"]
    assert (event.getMessage(), event.__dict__["register"]) == ("more than asked", register)
    said = " ".join(str(value) for value in event.__dict__.values())
    for secret in (lookup.personal_number, "Mẫu", "099123456"):
        assert secret not in said


def test_an_honest_answer_has_no_such_note(sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup]) -> None:
    with _population(sandbox) as population, _land(sandbox) as land:
        for persona in load_all():
            assert population.find_citizen(lookup_of(persona)).notes == ()
            assert land.find_holdings(lookup_of(persona)).notes == ()


def test_an_answer_that_leaves_an_asked_field_out_is_no_answer(
    raw_register,
    device: DeviceCredential,
    lookup: Lookup,
    say: Callable[..., bytes],
    inside: Callable[..., dict[str, Any]],
) -> None:
    half = {"personal_number": MAN.card.personal_number, "card_status": "valid", "full_name": "Nguyễn Văn Mẫu"}
    register = raw_register(lambda request, key: say(request, key, record=half))
    client = PopulationClient(register.endpoint, device)
    try:
        with pytest.raises(AnswerNotTrusted, match="answer-incomplete"):
            client.find_citizen(lookup)
        assert client.find_citizen(replace(lookup, fields=("full_name",))).record is not None
    finally:
        client.close()
    said = inside(register.heard[-1])
    assert (said["fields"], said["questions"], said["consent"]) == (["full_name"], [], None)


def test_the_questions_are_answered_with_yes_or_no_and_nothing_else(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup]
) -> None:
    with _population(sandbox) as client:
        answer = client.confirm_citizen(lookup_of(MAN, purpose="marriage-registration"))
    assert answer.record == Confirmation(
        together=True,
        answers=(
            ("personal-number", True),
            ("full-name", True),
            ("date-of-birth", True),
            ("card-valid", True),
            ("over-18", True),
        ),
    )
    assert answer.key_id == sandbox.endpoint("population").answer_keys[0].key_id


@pytest.mark.parametrize(
    ("other", "no"),
    [
        ({"full_name": "Hoàng Văn Khác"}, {"full-name"}),
        ({"personal_number": "099000000999"}, {"personal-number", "full-name", "date-of-birth", "card-valid"}),
    ],
)
def test_a_no_says_which_element_differs_and_no_more(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup], other: dict[str, str], no: set[str]
) -> None:
    asked = replace(lookup_of(MAN, purpose="housing-ownership", **other))
    with _population(sandbox) as client:
        confirmation = client.confirm_citizen(asked).record
    assert confirmation is not None
    assert not confirmation.together
    assert {question for question, yes in confirmation.answers if not yes} == no


def test_a_card_that_is_not_valid_is_a_no(sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup]) -> None:
    lost = next(persona for persona in load_all() if persona.population.card_status == "lost")
    with _population(sandbox) as client:
        said = client.confirm_citizen(lookup_of(lost, purpose="marriage-registration")).record
    assert said is not None
    assert (said.together, said.card_valid) == (True, False)


def test_questions_beyond_the_purpose_are_not_asked_and_answers_beyond_the_questions_are_dropped(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup]
) -> None:
    asked = lookup_of(MAN, purpose="housing-ownership")
    with _population(sandbox) as client:
        with pytest.raises(RegisterRefused, match="question-not-allowed"):
            client.confirm_citizen(replace(asked, questions=("personal-number", "over-18")))
        with pytest.raises(RegisterRefused, match="question-not-allowed"):
            client.confirm_citizen(lookup_of(MAN, purpose="temporary-residence"))
        # Nobody is asked by their number alone.
        with pytest.raises(RegisterRefused, match="question-not-allowed"):
            client.confirm_citizen(replace(asked, questions=("personal-number",)))
    with open_register_sandbox(fault="population:more-than-asked") as lying, _population(lying) as client:
        answer = client.confirm_citizen(asked)
    assert answer.notes == (AnswerNote.MORE_THAN_ASKED,)
    assert answer.record is not None
    assert answer.record.says("over-1") is None


def test_a_purpose_that_a_yes_is_enough_for_gets_no_data(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup], agreed: Callable[..., ConsentRecord]
) -> None:
    asked = replace(lookup_of(MAN, purpose="electricity-contract"), consent=agreed("electricity-contract"))
    with _population(sandbox) as client:
        assert client.confirm_citizen(asked).record is not None
        with pytest.raises(RegisterRefused, match="field-not-allowed"):
            client.find_citizen(asked)
    with _population(sandbox, purposes=CURIOUS) as client, pytest.raises(RegisterRefused) as told:
        client.find_citizen(replace(asked, consent=agreed("electricity-contract")))
    # The text of the curious desk is another one, so the consent was not given to it.
    assert told.value.why == "consent-missing"


def test_without_a_citizens_consent_to_this_very_text_nothing_is_sent(
    raw_register, device: DeviceCredential, lookup_of: Callable[..., Lookup], agreed: Callable[..., ConsentRecord]
) -> None:
    register = raw_register(lambda _request, _key: b"")
    client = PopulationClient(register.endpoint, device)
    asked = lookup_of(MAN, purpose="own-data")
    stale = replace(agreed("own-data"), sha256="0" * 64)
    try:
        for consent in (None, agreed("land-information"), stale):
            with pytest.raises(RegisterRefused, match="consent-missing"):
                client.find_citizen(replace(asked, consent=consent))
    finally:
        client.close()
    assert register.heard == []


def test_the_register_too_wants_a_consent_of_today(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup], agreed: Callable[..., ConsentRecord]
) -> None:
    asked = lookup_of(MAN, purpose="own-data")
    fresh = agreed("own-data")
    with _population(sandbox) as client:
        assert client.find_citizen(replace(asked, consent=fresh)).record is not None
        for days in (-2, 1):
            other_day = replace(fresh, at=datetime.now(UTC) + timedelta(days=days))
            with pytest.raises(RegisterRefused, match="consent-missing"):
                client.find_citizen(replace(asked, consent=other_day))


def test_what_goes_out_names_fields_dossier_and_the_text_that_was_agreed_to(
    raw_register,
    device: DeviceCredential,
    lookup_of: Callable[..., Lookup],
    agreed: Callable[..., ConsentRecord],
    say: Callable[..., bytes],
    inside: Callable[..., dict[str, Any]],
) -> None:
    register = raw_register(say)
    client = PopulationClient(register.endpoint, device)
    consent = agreed("own-data", "en")
    try:
        client.find_citizen(replace(lookup_of(MAN, purpose="own-data"), consent=consent, dossier="H01.23-261126-0001"))
    finally:
        client.close()
    said = inside(register.heard[-1])
    assert said["dossier"] == "H01.23-261126-0001"
    assert said["fields"] == list(FIELDS["population"])
    told = said["consent"]
    assert (told["sha256"], told["version"], told["language"]) == (consent.sha256, consent.version, "en")
    assert (told["how"], told["kind"]) == ("read-aloud", "consent")
    assert datetime.fromisoformat(told["at"]) == consent.at


def test_by_a_certificate_its_own_parcel_is_found_and_no_other(sandbox: RegisterSandbox, lookup: Lookup) -> None:
    with _land(sandbox) as client:
        all_held = client.find_holdings(lookup).record
        assert all_held is not None
        assert len(all_held.parcels) == 2
        for parcel in all_held.parcels:
            serial = parcel.certificate_serial.replace(" ", "").lower()
            found = client.find_by_certificate(replace(lookup, certificate=serial)).record
            assert found is not None
            assert found.parcels == (parcel,)


def test_another_persons_certificate_and_a_wrong_name_find_nothing(
    sandbox: RegisterSandbox, lookup: Lookup, lookup_of: Callable[..., Lookup]
) -> None:
    serial = MAN.parcels[0].certificate_serial
    strangers = (lookup_of(load_persona("tran-minh-thu")), replace(lookup, full_name="Hoàng Văn Khác"))
    with _land(sandbox) as client:
        for stranger in strangers:
            found = client.find_by_certificate(replace(stranger, certificate=serial)).record
            assert found is not None
            assert found.parcels == ()


def test_a_purpose_about_one_parcel_is_not_told_of_the_others(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup], agreed: Callable[..., ConsentRecord]
) -> None:
    asked = replace(lookup_of(MAN, purpose="land-information"), consent=agreed("land-information"))
    serial = MAN.parcels[0].certificate_serial
    with _land(sandbox) as client:
        with pytest.raises(RegisterRefused, match="way-not-allowed"):
            client.find_holdings(asked)
        with pytest.raises(RegisterRefused, match="way-not-allowed"):
            client.find_by_certificate(asked)
        found = client.find_by_certificate(replace(asked, certificate=serial)).record
    assert found is not None
    (parcel,) = found.parcels
    # A co-holder's name is not needed to know what is registered of the parcel.
    assert [holder.number for holder in parcel.holders] == [MAN.card.personal_number]
    assert parcel.address


def test_a_parcel_under_another_serial_is_not_the_one_that_was_asked_for(
    raw_register, device: DeviceCredential, lookup: Lookup, say: Callable[..., bytes]
) -> None:
    parcel = {
        "certificate_serial": "CD 99999999",
        "quality": "verified",
        "holders": [{"full_name": "Nguyễn Văn Mẫu", "number": MAN.card.personal_number}],
        "address": "Thôn Đông",
    }
    record = {"personal_number": MAN.card.personal_number, "old_numbers": [], "parcels": [parcel]}
    register = raw_register(lambda request, key: say(request, key, record=record))
    client = LandClient(replace(register.endpoint, register="land"), device)
    asked = replace(lookup, fields=("address",), certificate="AB 12345678")
    try:
        with pytest.raises(AnswerForAnother, match="another-certificate"):
            client.find_by_certificate(asked)
        assert client.find_holdings(asked).record is not None
    finally:
        client.close()


def test_a_proof_that_was_made_for_other_questions_is_not_sent(
    sandbox: RegisterSandbox, lookup_of: Callable[..., Lookup], agreed: Callable[..., ConsentRecord]
) -> None:
    asked = replace(lookup_of(MAN, purpose="electricity-contract"), consent=agreed("electricity-contract"))
    with _population(sandbox) as client:
        carrier = client.carrying(Worded(client.word_questions(asked), b"{}"))
        with pytest.raises(RegisterRefused, match="malformed-lookup"):
            carrier.confirm_citizen(replace(asked, full_name="Hoàng Văn Khác"))
