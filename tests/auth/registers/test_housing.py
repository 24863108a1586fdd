"""The housing register over real TLS: every dwelling of everybody, and nothing of anybody else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from auth.errors import AnswerForAnother, AnswerNotTrusted, RegisterRefused, RequestRejected
from auth.purposes.vocabulary import FIELDS
from auth.registers import Lookup
from auth.registers.housing import HousingClient
from auth.registers.housing_messages import MAX_DWELLINGS, DwellingsMessage
from auth.registers.housing_ports import DwellingKind, EncumbranceKind, HousingScheme, OwnershipForm, TransactionKind
from auth.registers.lookups import parse_answer, word_lookup
from auth.registers.messages import LookupAnswer
from auth.registers.ports import DataQuality
from auth.wire.client import WireClient
from auth.wire.profile import HOUSING_CERTIFICATE_PATH, HOUSING_PATH
from mock_cards.personas import Persona, load_all, load_persona
from mock_registers import RegisterSandbox, open_register_sandbox
from reader.lds.identity import CalendarDate

PERSONAS = load_all()
OWNER = {"full_name": "Nguyễn Văn Mẫu", "number": "099090000001", "date_of_birth": "1990-01-15", "address": ""}
EVERYTHING = tuple(FIELDS["housing"])
OWN = frozenset({"099090000001"})
DWELLING: dict[str, Any] = {
    "certificate_serial": "AB 12345678",
    "kind": "house",
    "scheme": "own",
    "address": "Thôn Đông",
    "commune": "Xã Mẫu Lâm",
    "floor_area_m2": "142.0",
    "ownership_form": "joint",
    "owners": [OWNER],
    "encumbrances": [],
    "quality": "verified",
}
HOLDINGS = {"personal_number": "099090000001", "old_numbers": [], "dwellings": [DWELLING]}


@pytest.fixture
def housing(sandbox: RegisterSandbox) -> Iterator[HousingClient]:
    client = HousingClient(sandbox.endpoint("housing"), sandbox.device)
    yield client
    client.close()


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_everybody_gets_exactly_their_dwellings(
    housing: HousingClient, lookup_of: Callable[..., Lookup], persona: Persona
) -> None:
    answer = housing.find_dwellings(lookup_of(persona, old_number=persona.card.old_number))
    assert answer.record is not None
    found = {(dwelling.certificate_serial, dwelling.number) for dwelling in answer.record.dwellings}
    assert found == {(dwelling.certificate_serial, dwelling.number) for dwelling in persona.dwellings}


def test_a_dwelling_comes_with_all_that_the_register_has_of_it(housing: HousingClient, lookup: Lookup) -> None:
    record = housing.find_dwellings(lookup).record
    assert record is not None
    house, apartment = record.dwellings
    assert (house.kind, house.scheme, house.ownership_form) == (
        DwellingKind.HOUSE,
        HousingScheme.OWN,
        OwnershipForm.JOINT,
    )
    assert [owner.full_name for owner in house.owners] == ["Nguyễn Văn Mẫu", "Lê Thị Thử"]
    (mortgage,) = house.encumbrances
    assert (mortgage.kind, mortgage.holder, mortgage.since, mortgage.reference) == (
        EncumbranceKind.MORTGAGE,
        "Ngân hàng Mẫu, chi nhánh Giả Định",
        CalendarDate(2025, 6, 18),
        "TC-2025-0618-01",
    )
    assert (apartment.project, apartment.block, apartment.floor, apartment.floors, apartment.number) == (
        "Khu nhà ở Bến Thử",
        "A2",
        12,
        25,
        "A2-12.08",
    )
    assert (apartment.floor_area_m2, apartment.ownership_term) == (Decimal("68.4"), None)
    assert apartment.commune_before == "Phường Giả Sơn, Thành phố Giả Định, Tỉnh Giả Định"
    assert [(entry.kind, entry.day) for entry in apartment.transactions] == [
        (TransactionKind.PURCHASE, CalendarDate(2024, 6, 3))
    ]
    assert apartment.quality is DataQuality.VERIFIED


def test_ownership_with_a_term_ends_on_its_day(housing: HousingClient, lookup_of: Callable[..., Lookup]) -> None:
    record = housing.find_dwellings(lookup_of(load_persona("maria-muster"))).record
    assert record is not None
    assert record.dwellings[0].ownership_term == CalendarDate(2074, 5, 22)


@pytest.mark.parametrize("written", ["CE 20240911", "ce20240911"])
def test_a_certificate_finds_what_stands_under_it_and_nothing_else(
    housing: HousingClient, lookup: Lookup, written: str
) -> None:
    record = housing.find_by_certificate(dataclasses.replace(lookup, certificate=written)).record
    assert record is not None
    assert [dwelling.number for dwelling in record.dwellings] == ["A2-12.08"]


@pytest.mark.parametrize("other", [{"personal_number": "099090000009"}, {"full_name": "Ai Khác"}])
def test_a_certificate_opens_nothing_to_whoever_is_not_on_it(
    housing: HousingClient, lookup: Lookup, other: dict[str, str]
) -> None:
    asked = dataclasses.replace(lookup, certificate="CE 20240911", **other)
    record = housing.find_by_certificate(asked).record
    assert record is not None
    assert record.dwellings == ()


def test_without_a_certificate_nothing_is_sent_by_certificate(housing: HousingClient, lookup: Lookup) -> None:
    with pytest.raises(RegisterRefused, match="way-not-allowed"):
        housing.find_by_certificate(lookup)


def test_a_certificate_that_was_shown_does_not_narrow_what_is_asked_by_holder(
    housing: HousingClient, lookup: Lookup
) -> None:
    record = housing.find_dwellings(dataclasses.replace(lookup, certificate="CE 20240911")).record
    assert record is not None
    assert len(record.dwellings) == 2


@pytest.mark.parametrize(("path", "certificate"), [(HOUSING_PATH, "CE 20240911"), (HOUSING_CERTIFICATE_PATH, "")])
def test_the_register_takes_each_kind_of_question_on_its_own_path(
    sandbox: RegisterSandbox, lookup: Lookup, path: str, certificate: str
) -> None:
    wire = WireClient(sandbox.endpoint("housing"), sandbox.device)
    asked = dataclasses.replace(lookup, certificate=certificate, fields=("address",))
    body = word_lookup("housing", sandbox.device.device_id, asked)
    try:
        with pytest.raises(RequestRejected, match="malformed-lookup"):
            wire.ask(path, body, lookup.purpose)
    finally:
        wire.close()


def test_somebody_else_s_dwellings_are_no_answer(lookup: Lookup) -> None:
    with open_register_sandbox(fault="housing:another-citizen") as sandbox:
        client = HousingClient(sandbox.endpoint("housing"), sandbox.device)
        try:
            with pytest.raises(AnswerForAnother):
                client.find_dwellings(lookup)
        finally:
            client.close()


def message(**changes: Any) -> DwellingsMessage:
    said = {**HOLDINGS, "dwellings": [{**DWELLING, **changes}]}
    return DwellingsMessage.model_validate_json(json.dumps(said))


def test_what_a_register_leaves_out_of_a_house_has_its_plain_value() -> None:
    (dwelling,) = message().holdings(EVERYTHING, OWN).dwellings
    assert (dwelling.floor, dwelling.floors, dwelling.project, dwelling.transactions) == (0, 0, "", ())


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "castle"},
        {"floor": 201},
        {"floors": -1},
        {"floor_area_m2": "many"},
        {"owners": []},
        {"encumbrances": [{"kind": "mortgage"}]},
        {"encumbrances": [{"kind": "rumour", "holder": "x"}]},
        {"transactions": [{"kind": "purchase", "day": "yesterday"}]},
        {"ownership_term": "soon"},
        {"kind": None},
        {"quality": "fine"},
    ],
)
def test_what_is_no_dwelling_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        message(**changes)
    assert "castle" not in str(refused.value)


def test_encumbrances_that_were_asked_for_are_told_be_it_that_there_are_none() -> None:
    silent = {name: value for name, value in DWELLING.items() if name != "encumbrances"}
    holdings = DwellingsMessage.model_validate_json(json.dumps({**HOLDINGS, "dwellings": [silent]}))
    assert not holdings.answers(("encumbrances",))
    assert message(encumbrances=[]).answers(("encumbrances",))


def test_of_a_dwelling_only_what_was_asked_for_is_kept_and_of_its_owners_the_citizen() -> None:
    both = [*DWELLING["owners"], {"full_name": "Lê Thị Thử", "number": "099190000002"}]
    told = message(owners=both, project="Khu Bến Thử", surplus=1)
    assert told.exceeds(("address",), OWN)
    (dwelling,) = told.holdings(("address",), OWN).dwellings
    assert (dwelling.kind, dwelling.project, dwelling.floor_area_m2, dwelling.encumbrances) == (None, "", None, ())
    assert dwelling.address
    assert [owner.number for owner in dwelling.owners] == sorted(OWN)


def test_the_number_of_dwellings_is_bounded() -> None:
    full = {**HOLDINGS, "dwellings": [DWELLING] * MAX_DWELLINGS}
    assert (
        len(DwellingsMessage.model_validate_json(json.dumps(full)).holdings(EVERYTHING, OWN).dwellings) == MAX_DWELLINGS
    )
    with pytest.raises(ValidationError):
        DwellingsMessage.model_validate_json(json.dumps({**full, "dwellings": [DWELLING] * (MAX_DWELLINGS + 1)}))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: json.dumps({"record": text}).encode()))
def test_any_bytes_are_an_answer_or_not_trusted(body: bytes) -> None:
    with pytest.raises(AnswerNotTrusted):
        parse_answer("housing", LookupAnswer[DwellingsMessage], body)


def test_nothing_of_the_dwelling_is_in_a_repr() -> None:
    holdings = message(encumbrances=[{"kind": "mortgage", "holder": "Ngân hàng Mẫu"}]).holdings(EVERYTHING, OWN)
    (dwelling,) = holdings.dwellings
    told = f"{holdings!r} {dwelling!r} {dwelling.encumbrances!r}"
    assert not any(secret in told for secret in ("Mẫu", "AB 12345678", "099090000001"))
