"""DG1 and DG13 joined into one citizen."""

from __future__ import annotations

from datetime import date

import pytest

from reader.errors import DataError
from reader.lds import CalendarDate, Dg13, Sex, identity_of, parse_mrz

TODAY = date(2026, 11, 23)
SAID = Dg13(
    personal_number="099090000001",
    full_name="Nguyễn Văn Mẫu",
    date_of_birth=CalendarDate(1990, 1, 15),
    sex=Sex.MALE,
    nationality="Việt Nam",
    ethnicity="Kinh",
    religion="Không",
    place_of_origin="Xã Mẫu Sơn",
    residence="Số 12",
    distinguishing_marks="Nốt ruồi",
    issue_date=CalendarDate(2021, 4, 25),
    expiry=CalendarDate(2030, 1, 15),
    father="Cha",
    mother="Mẹ",
    spouses=("Lê Thị Thử", "Trần Thị Hai"),
    old_number="099123456",
    other=((16, b"\x13\x00"),),
)


def test_the_vietnamese_words_come_from_dg13_and_the_rest_from_dg1(specimen: str) -> None:
    identity = identity_of(parse_mrz(specimen), SAID, today=TODAY)
    for name in ("personal_number", "full_name", "date_of_birth", "sex", "nationality", "ethnicity", "religion"):
        assert getattr(identity, name) == getattr(SAID, name)
    for name in ("place_of_origin", "residence", "distinguishing_marks", "issue_date", "expiry", "father", "mother"):
        assert getattr(identity, name) == getattr(SAID, name)
    assert (identity.old_number, identity.other) == ("099123456", ((16, b"\x13\x00"),))
    assert identity.spouse == "Lê Thị Thử, Trần Thị Hai"
    assert (identity.document_number, identity.mrz_name) == ("090000001", "MAU VAN THU")


def test_dg1_fills_what_dg13_leaves_out(specimen: str) -> None:
    for said in (None, Dg13()):
        identity = identity_of(parse_mrz(specimen), said, today=TODAY)
        assert (identity.personal_number, identity.full_name) == ("099090000001", "MAU VAN THU")
        assert (identity.date_of_birth, identity.expiry) == (CalendarDate(1990, 1, 15), CalendarDate(2030, 1, 15))
        assert (identity.sex, identity.nationality) == (Sex.MALE, "VNM")


def test_dg13_alone_is_enough() -> None:
    identity = identity_of(None, SAID, today=TODAY)
    assert (identity.full_name, identity.document_number, identity.mrz_name) == ("Nguyễn Văn Mẫu", "", "")


def test_no_expiry_in_dg13_outweighs_a_date_in_the_zone(specimen: str) -> None:
    assert identity_of(parse_mrz(specimen), Dg13(no_expiry=True), today=TODAY).expiry is None
    timeless = parse_mrz(specimen[:38] + "9912315" + specimen[45:])
    assert identity_of(timeless, Dg13(), today=TODAY).expiry is None


def test_without_a_given_day_the_clock_settles_the_century(specimen: str) -> None:
    assert identity_of(parse_mrz(specimen), None).expiry == CalendarDate(2030, 1, 15)


def test_a_record_that_names_no_birth_names_nobody() -> None:
    for said in (None, Dg13(full_name="Mẫu")):
        with pytest.raises(DataError):
            identity_of(None, said, today=TODAY)
