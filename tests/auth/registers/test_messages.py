"""The wire models: what a register sends is a record of ours or nothing."""

from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from auth.errors import AnswerNotTrusted
from auth.purposes.vocabulary import FIELDS
from auth.registers.lookups import parse_answer
from auth.registers.messages import (
    MAX_CORNERS,
    MAX_HOLDERS,
    MAX_PARCELS,
    HoldingsMessage,
    LookupAnswer,
    ParcelMessage,
    PersonMessage,
)
from auth.registers.ports import Holder, LandHoldings, Parcel, PopulationRecord
from reader.lds.identity import CalendarDate

PERSON: dict[str, Any] = {
    "personal_number": "099090000001",
    "full_name": "Nguyễn Văn Mẫu",
    "date_of_birth": "1990-01-15",
    "sex": "M",
    "nationality": "Việt Nam",
    "card_status": "valid",
}
PARCEL: dict[str, Any] = {
    "certificate_serial": "AB 12345678",
    "map_sheet": "12",
    "parcel_number": "345",
    "commune": "Xã Mẫu Lâm",
    "address": "Thôn Đông",
    "area_m2": "120.5",
    "land_type": "ONT",
    "land_type_name": "Đất ở tại nông thôn",
    "term": "Lâu dài",
    "form_of_use": "Sử dụng riêng",
    "origin": "",
    "holders": [{"full_name": "Nguyễn Văn Mẫu", "number": "099090000001"}],
    "boundary": [[2000000.0, 500000.0], [2000000.0, 500010.0], [2000012.0, 500010.0]],
    "quality": "verified",
}
BASIC = ("full_name", "date_of_birth", "sex", "nationality")
OWN = frozenset({"099090000001"})
ENVELOPE = {"lookup_id": "a", "purpose": "p", "legal_basis": "l"}


def _person(**changes: object) -> PersonMessage:
    return PersonMessage.model_validate_json(json.dumps({**PERSON, **changes}))


def _parcel(**changes: object) -> ParcelMessage:
    return ParcelMessage.model_validate_json(json.dumps({**PARCEL, **changes}))


def test_a_person_becomes_a_record_field_by_field() -> None:
    record = _person(date_of_birth="1948", expiry="2030-01-15", religion="Phật giáo").record(
        (*BASIC, "religion", "expiry")
    )
    assert record == PopulationRecord(
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1948),
        sex=record.sex,
        nationality="Việt Nam",
        card_status=record.card_status,
        religion="Phật giáo",
        expiry=CalendarDate(2030, 1, 15),
        asked=(*BASIC, "religion", "expiry"),
    )
    assert set(PersonMessage.model_fields) == {field.name for field in fields(PopulationRecord)} - {"asked"}


def test_of_a_person_only_the_asked_fields_are_left() -> None:
    person = _person(religion="Phật giáo", father="Nguyễn Văn Gốc", blood_type="O")
    record = person.record(("residence", "full_name"))
    assert record.asked == ("residence", "full_name")
    assert (record.full_name, record.residence) == ("Nguyễn Văn Mẫu", "")
    assert (record.religion, record.father, record.date_of_birth, record.sex) == ("", "", None, None)
    assert record.card_status is not None


@pytest.mark.parametrize(
    ("more", "exceeds"),
    [({}, False), ({"religion": ""}, True), ({"blood_type": "O"}, True), ({"blood_type": None}, True)],
)
def test_what_was_told_beyond_the_question_is_noticed_known_or_unknown_empty_or_not(
    more: dict[str, object], exceeds: bool
) -> None:
    assert _person(**more).exceeds(BASIC) is exceeds


def test_an_asked_field_that_is_left_out_is_not_the_same_as_one_that_is_empty() -> None:
    assert not _person().answers((*BASIC, "residence"))
    assert _person(residence="").answers((*BASIC, "residence"))
    assert not _parcel().lacks(("address",))
    assert _parcel().lacks(("issued",))


def test_a_co_holder_is_left_out_unless_all_holders_were_asked_for() -> None:
    both = [*PARCEL["holders"], {"full_name": "Lê Thị Thử", "number": "099090000002"}]
    parcel = _parcel(holders=both)
    assert len(parcel.parcel(("holders",), OWN).holders) == 2
    assert [holder.number for holder in parcel.parcel(("address",), OWN).holders] == ["099090000001"]
    everything = tuple(FIELDS["land"])
    assert not parcel.exceeds(everything, OWN)
    assert parcel.exceeds(tuple(name for name in everything if name != "holders"), OWN)
    assert not _parcel().exceeds(tuple(name for name in everything if name != "holders"), OWN)


def test_a_parcel_becomes_a_parcel_field_by_field() -> None:
    parcel = _parcel(issued="2025-02-10").parcel(tuple(FIELDS["land"]), OWN)
    assert parcel.issued == CalendarDate(2025, 2, 10)
    assert parcel.area_m2 == Decimal("120.5")
    assert parcel.holders == (Holder("Nguyễn Văn Mẫu", "099090000001"),)
    assert parcel.boundary[0] == (2000000.0, 500000.0)
    assert set(ParcelMessage.model_fields) == {field.name for field in fields(Parcel)}


@pytest.mark.parametrize(
    "changes",
    [
        {"personal_number": "09909000000"},
        {"personal_number": "٠٩٩٠٩٠٠٠٠٠٠١"},
        {"personal_number": 99090000001},
        {"personal_number": "099090000001\n"},
        {"full_name": ""},
        {"full_name": "\u200b"},
        {"full_name": "x" * 201},
        {"full_name": None},
        {"date_of_birth": "15/01/1990"},
        {"date_of_birth": "1990-02-31"},
        {"date_of_birth": "0000"},
        {"date_of_birth": 1990},
        {"date_of_birth": None},
        {"sex": "m"},
        {"card_status": "stolen"},
        {"old_number": "12345678"},
        {"expiry": ""},
        {"residence": "x" * 501},
    ],
)
def test_a_person_out_of_bounds_is_none(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _person(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"area_m2": 120.5},
        {"area_m2": "-1"},
        {"area_m2": "1e9"},
        {"area_m2": "NaN"},
        {"area_m2": "12345678901"},
        {"boundary": [[2000000.0]]},
        {"boundary": [[2000000.0, -1.0]]},
        {"boundary": [[2000000.0, 1e300]]},
        {"boundary": [["2000000", "500000"]]},
        {"boundary": [[0.0, 0.0]] * (MAX_CORNERS + 1)},
        {"holders": []},
        {"holders": PARCEL["holders"] * (MAX_HOLDERS + 1)},
        {"quality": "perfect"},
        {"area_m2": None},
    ],
)
def test_a_parcel_out_of_bounds_is_none(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _parcel(**changes)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_corner_is_a_number_of_metres(number: str) -> None:
    text = json.dumps(PARCEL).replace("2000012.0", number)
    assert number in text
    with pytest.raises(ValidationError):
        ParcelMessage.model_validate_json(text)


def test_the_number_of_parcels_is_bounded() -> None:
    holdings = {"personal_number": "099090000001", "parcels": [PARCEL] * MAX_PARCELS}
    message = HoldingsMessage.model_validate_json(json.dumps(holdings))
    assert len(message.holdings(("address",), OWN).parcels) == MAX_PARCELS
    holdings["parcels"] = [PARCEL] * (MAX_PARCELS + 1)
    with pytest.raises(ValidationError):
        HoldingsMessage.model_validate_json(json.dumps(holdings))


def test_a_validation_error_does_not_show_what_was_sent() -> None:
    with pytest.raises(ValidationError) as caught:
        _person(full_name="Nguyễn Văn Mẫu" * 50, sex="Nguyễn")
    assert "Nguyễn" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_not_trusted(body: bytes) -> None:
    with pytest.raises(AnswerNotTrusted, match="answer-malformed"):
        parse_answer("population", LookupAnswer[PersonMessage], body)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*PARCEL, "commune_before", "issued"]), _JSON)
def test_any_value_in_any_field_makes_holdings_or_nothing(name: str, value: object) -> None:
    parcel = copy.deepcopy(PARCEL) | {name: value}
    body = json.dumps(ENVELOPE | {"record": {"personal_number": "099090000001", "parcels": [parcel]}}).encode()
    with contextlib.suppress(AnswerNotTrusted):
        answer = parse_answer("land", LookupAnswer[HoldingsMessage], body)
        assert answer.record is not None
        assert isinstance(answer.record.holdings(tuple(FIELDS["land"]), OWN), LandHoldings)


def test_deeply_nested_json_is_refused() -> None:
    for body in (b"[" * 500_000, b'{"record":' * 100_000, b'{"a":' * 1000 + b"1" + b"}" * 1000):
        with pytest.raises(AnswerNotTrusted):
            parse_answer("land", LookupAnswer[HoldingsMessage], body)
