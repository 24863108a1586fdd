"""Chip, population and land side by side."""

from __future__ import annotations

from typing import Any

import pytest

from auth.registers.ports import Holder, LandHoldings
from desk.cells import NO_EXPIRY
from desk.comparison import compare
from desk.dates import compare_dates
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.outcomes import LookupOutcome
from desk.personal_number import compare_numbers, parse_personal_number
from desk.view import ComparisonRow, FieldId, Match, RegisterState
from reader.lds import CalendarDate, Identity, Sex

Make = Any
ANSWERED = RegisterState.ANSWERED
IDLE: Any = None


def rows_of(identity: Identity, population: Any = IDLE, land: Any = IDLE) -> dict[FieldId, ComparisonRow]:
    outcomes = (population or LookupOutcome(POPULATION_KIND), land or LookupOutcome(LAND_KIND))
    return {row.field: row for row in compare(identity, outcomes)}


def population_of(record: Any) -> Any:
    return LookupOutcome(POPULATION_KIND, ANSWERED, record)


def land_of(*parcels: Any) -> Any:
    return LookupOutcome(LAND_KIND, ANSWERED, LandHoldings(parcels))


def test_a_register_that_was_not_asked_has_no_say(identity: Make) -> None:
    rows = rows_of(identity())
    assert {row.of("population").match for row in rows.values()} == {Match.NOT_ASKED}
    assert rows[FieldId.FULL_NAME].chip == "Nguyễn Văn Mẫu"


def test_a_register_that_knows_nobody_is_silent_in_every_row(identity: Make) -> None:
    rows = rows_of(identity(), LookupOutcome(POPULATION_KIND, RegisterState.NOT_FOUND))
    assert {row.of("population").match for row in rows.values()} == {Match.MISSING}


def test_a_residence_renamed_in_2025_is_no_difference(identity: Make, record: Make) -> None:
    cell = rows_of(identity(), population_of(record()))[FieldId.RESIDENCE].of("population")
    assert (cell.match, cell.reason) == (Match.RENAMED, "renamed-2025")
    assert "Mẫu Lâm" in cell.value


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        (FieldId.FULL_NAME, {"full_name": "Nguyễn Văn Mậu"}),
        (FieldId.PERSONAL_NUMBER, {"personal_number": "099090000009"}),
        (FieldId.OLD_NUMBER, {"old_number": "099123457"}),
        (FieldId.DATE_OF_BIRTH, {"date_of_birth": CalendarDate(1990, 1, 16)}),
        (FieldId.SEX, {"sex": Sex.FEMALE}),
        (FieldId.NATIONALITY, {"nationality": "Lào"}),
        (FieldId.ETHNICITY, {"ethnicity": "Tày"}),
        (FieldId.RELIGION, {"religion": "Phật giáo"}),
        (FieldId.PLACE_OF_ORIGIN, {"place_of_origin": "Xã Khác"}),
        (FieldId.RESIDENCE, {"residence": "Xã Khác", "residence_before": ""}),
        (FieldId.FATHER, {"father": "Nguyễn Văn Khác"}),
        (FieldId.MOTHER, {"mother": "Trần Thị Khác"}),
        (FieldId.SPOUSE, {"spouse": "Lê Thị Khác"}),
        (FieldId.ISSUE_DATE, {"issue_date": CalendarDate(2021, 4, 26)}),
        (FieldId.EXPIRY, {"expiry": CalendarDate(2031, 1, 15)}),
    ],
)
def test_each_field_that_differs_is_told_in_its_own_row(
    identity: Make, record: Make, field: FieldId, changes: dict[str, object]
) -> None:
    plain = rows_of(identity(), population_of(record()))
    changed = rows_of(identity(), population_of(record(**changes)))
    assert changed[field].of("population").match is Match.DIFFERENT
    assert changed[field].of("population").reason
    others = [other for other in FieldId if other not in (field,) and other in plain]
    assert [changed[other] for other in others] == [plain[other] for other in others]


def test_what_only_one_side_holds_says_on_which(identity: Make, record: Make) -> None:
    rows = rows_of(identity(spouse=""), population_of(record(spouse="Lê Thị Thử", father="")))
    assert rows[FieldId.SPOUSE].of("population").reason == "chip-silent"
    assert rows[FieldId.FATHER].of("population").reason == "register-silent"
    assert rows[FieldId.SPOUSE].of("population").match is rows[FieldId.FATHER].of("population").match is Match.MISSING


def test_a_row_that_nobody_fills_is_left_out(identity: Make, record: Make) -> None:
    assert FieldId.SPOUSE not in rows_of(identity(spouse=""), population_of(record(spouse="")))


def test_a_card_without_expiry(identity: Make, record: Make) -> None:
    forever = identity(expiry=None)
    row = rows_of(forever, population_of(record(expiry=None)))[FieldId.EXPIRY]
    assert (row.chip, row.of("population").value, row.of("population").match) == (NO_EXPIRY, NO_EXPIRY, Match.SAME)
    assert rows_of(forever, population_of(record()))[FieldId.EXPIRY].of("population").match is Match.DIFFERENT
    assert (
        rows_of(identity(), population_of(record(expiry=None)))[FieldId.EXPIRY].of("population").match is Match.MISSING
    )


def test_a_country_code_is_the_country(identity: Make, record: Make) -> None:
    cell = rows_of(identity(nationality="VNM"), population_of(record()))[FieldId.NATIONALITY].of("population")
    assert cell.match is Match.SAME


def test_a_name_from_the_mrz_alone_is_compared_without_diacritics(identity: Make, record: Make) -> None:
    cell = rows_of(identity(full_name="NGUYEN VAN MAU"), population_of(record()))[FieldId.FULL_NAME].of("population")
    assert cell.match is Match.SAME_WRITTEN_OTHERWISE


def test_the_land_column_speaks_of_this_citizen_not_of_the_spouse(identity: Make, parcel: Make) -> None:
    spouse = Holder("Lê Thị Thử", "099192000002", CalendarDate(1992, 3, 8))
    own = Holder("NGUYỄN VĂN MẪU", "099090000001", CalendarDate(1990, 1, 15))
    rows = rows_of(identity(), land=land_of(parcel(spouse, own)))
    assert rows[FieldId.FULL_NAME].of("land").match is Match.SAME
    assert rows[FieldId.PERSONAL_NUMBER].of("land").match is Match.SAME
    assert rows[FieldId.DATE_OF_BIRTH].of("land").match is Match.SAME


def test_a_holder_known_by_the_old_number_only_is_the_same_written_otherwise(identity: Make, parcel: Make) -> None:
    rows = rows_of(identity(), land=land_of(parcel(Holder("NGUYỄN VĂN MẪU", "099123456"))))
    cell = rows[FieldId.PERSONAL_NUMBER].of("land")
    assert (cell.value, cell.match, cell.reason) == ("099123456", Match.SAME_WRITTEN_OTHERWISE, "old-number")


def test_of_several_parcels_the_weightiest_difference_is_shown(identity: Make, parcel: Make) -> None:
    current, old = parcel(), parcel(Holder("Nguyễn Văn Mậu", "099123456"))
    rows = rows_of(identity(), land=land_of(current, old))
    assert rows[FieldId.FULL_NAME].of("land").match is Match.DIFFERENT
    assert rows[FieldId.PERSONAL_NUMBER].of("land").reason == "old-number"
    assert rows[FieldId.DATE_OF_BIRTH].of("land").match is Match.SAME


def test_a_holder_of_the_same_name_and_another_number_shows_the_number(identity: Make, parcel: Make) -> None:
    cell = rows_of(identity(), land=land_of(parcel(Holder("Nguyễn Văn Mẫu", "099090000077"))))
    assert cell[FieldId.PERSONAL_NUMBER].of("land").match is Match.DIFFERENT


def test_a_namesake_of_another_birth_is_not_this_citizen(identity: Make, parcel: Make) -> None:
    namesake = Holder("Nguyễn Văn Mẫu", "099080000077", CalendarDate(1980, 5, 5))
    cell = rows_of(identity(), land=land_of(parcel(namesake)))[FieldId.FULL_NAME].of("land")
    assert (cell.match, cell.reason) == (Match.DIFFERENT, "no-such-holder")


def test_no_parcels_leave_the_land_column_empty(identity: Make) -> None:
    assert rows_of(identity(), land=land_of())[FieldId.FULL_NAME].of("land").match is Match.NOT_ASKED


def test_a_number_that_does_not_follow_from_birth_is_remarked_upon(identity: Make) -> None:
    assert rows_of(identity())[FieldId.PERSONAL_NUMBER].note == ""
    odd = rows_of(identity(personal_number="099190000001"))[FieldId.PERSONAL_NUMBER]
    assert odd.note == "number-unlike-birth"


@pytest.mark.parametrize(
    ("number", "year", "sex"),
    [
        ("099090000001", 1990, Sex.MALE),
        ("099190000001", 1990, Sex.FEMALE),
        ("099205000001", 2005, Sex.MALE),
        ("099 305 000 001", 2005, Sex.FEMALE),
        ("099412000001", 2112, Sex.MALE),
        ("099999000001", 2399, Sex.FEMALE),
    ],
)
def test_the_number_tells_century_year_and_sex(number: str, year: int, sex: Sex) -> None:
    said = parse_personal_number(number)
    assert said is not None
    assert (said.province, said.year_of_birth, said.sex) == ("099", year, sex)


@pytest.mark.parametrize("text", ["", "099123456", "09909000000a", "0990900000011", "٠٩٩٠٩٠٠٠٠٠٠١x"])
def test_what_is_no_personal_number_tells_nothing(text: str) -> None:
    assert parse_personal_number(text) is None


def test_grouping_does_not_make_a_number_another() -> None:
    assert compare_numbers("099090000001", "", "099 090 000 001")[0] is Match.SAME


@pytest.mark.parametrize(
    ("chip", "register", "match"),
    [
        ("1954-03-02", "1954-03-02", Match.SAME),
        ("1954-03-02", "1954", Match.SAME_WRITTEN_OTHERWISE),
        ("1954-03-02", "1954-03", Match.SAME_WRITTEN_OTHERWISE),
        ("1954", "1954-03-02", Match.SAME_WRITTEN_OTHERWISE),
        ("1954-03-02", "1955", Match.DIFFERENT),
        ("1954-03-02", "1954-04", Match.DIFFERENT),
        ("1954-03-02", "1954-03-03", Match.DIFFERENT),
    ],
)
def test_a_partial_date_contradicts_only_what_it_says(chip: str, register: str, match: Match) -> None:
    assert compare_dates(CalendarDate.from_iso(chip), CalendarDate.from_iso(register))[0] is match
