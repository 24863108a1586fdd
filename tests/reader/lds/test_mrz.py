"""The machine readable zone: worked examples of 9303-3, -5, -10 and -11 first, then Vietnam, then damage."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from reader.errors import DataError
from reader.iso7816 import encode
from reader.lds import (
    CalendarDate,
    MrzField,
    MrzFormat,
    Sex,
    check_digit,
    mrz_key,
    mrz_name_agrees,
    mrz_spelling,
    parse_dg1,
    parse_mrz,
)
from reader.lds.mrz_dates import resolve_birth, resolve_expiry

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("covered", "digit"),
    [
        ("520727", "3"),  # 9303-3 App. A example 1
        ("AB2134<<<", "5"),  # example 2
        ("HA672242<658022549601086<<<<<<<<<<<<<<0", "8"),  # example 3
        ("D231458907<<<<<<<<<<<<<<<34071279507122<<<<<<<<<<<", "2"),  # example 4
        ("HA672242<658022549601086<<<<<<<", "8"),  # example 5
    ],
)
def test_the_worked_examples_of_check_digits(covered: str, digit: str) -> None:
    assert check_digit(covered) == digit


@pytest.mark.parametrize(
    ("zone", "kind", "number", "birth", "expiry"),
    [
        # 9303-11 App. D.2: the four zones that BAC keys are derived from.
        (
            "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<D23145890<UTO3407127M95071227349<<<8",
            MrzFormat.TD2,
            "D23145890734",
            "340712",
            "950712",
        ),
        (
            "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<L898902C<3UTO6908061F9406236<<<<<<<8",
            MrzFormat.TD2,
            "L898902C",
            "690806",
            "940623",
        ),
        (
            "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<",
            MrzFormat.TD1,
            "D23145890734",
            "340712",
            "950712",
        ),
        (
            "I<UTOL898902C<3<<<<<<<<<<<<<<<6908061F9406236UTO<<<<<<<<<<<1ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
            MrzFormat.TD1,
            "L898902C",
            "690806",
            "940623",
        ),
    ],
)
def test_the_zones_of_9303_11_d_2_give_the_key_fields(
    zone: str, kind: MrzFormat, number: str, birth: str, expiry: str
) -> None:
    mrz = parse_mrz(zone)
    key = mrz_key(mrz)
    assert mrz.format is kind
    assert (key.document_number, key.date_of_birth, key.date_of_expiry) == (number, birth, expiry)
    used = [digit for digit in mrz.check_digits if digit.field is not MrzField.COMPOSITE]
    assert all(digit.valid for digit in used)


def test_the_td3_specimen_of_9303_has_five_good_check_digits() -> None:
    mrz = parse_mrz("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    assert [(digit.field, digit.valid) for digit in mrz.check_digits] == [
        (MrzField.DOCUMENT_NUMBER, True),
        (MrzField.DATE_OF_BIRTH, True),
        (MrzField.DATE_OF_EXPIRY, True),
        (MrzField.OPTIONAL_DATA, True),
        (MrzField.COMPOSITE, True),
    ]
    assert (mrz.primary_name, mrz.secondary_name, mrz.sex) == ("ERIKSSON", "ANNA MARIA", Sex.FEMALE)
    assert mrz.optional_data == ("ZE184226B",)


def test_the_td1_specimen_of_9303_5_has_a_good_composite() -> None:
    mrz = parse_mrz("I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    assert mrz.check_digits_valid
    assert mrz.personal_number == ""


def test_the_bsi_reference_dg1_is_a_td3(shared: Path) -> None:
    mrz = parse_dg1((shared / "data/bsi2008/Datagroup1.bin").read_bytes())
    assert (mrz.format, mrz.issuing_state, mrz.name) == (MrzFormat.TD3, "D", "MUSTERMANN ERIKA")
    assert mrz.check_digits_valid


def test_the_vietnamese_card_holds_the_whole_number_and_its_own_check_digit(specimen: str) -> None:
    mrz = parse_mrz(specimen)
    assert mrz.personal_number == "099090000001"
    assert mrz.document_number == "090000001"
    assert mrz.check_digits_valid
    assert mrz.check_digits[-1].field is MrzField.PERSONAL_NUMBER
    assert mrz.name == "MAU VAN THU"
    assert mrz.date_of_birth(TODAY) == CalendarDate(1990, 1, 15)
    assert mrz.date_of_expiry(TODAY) == CalendarDate(2030, 1, 15)
    assert not mrz.has_no_expiry


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (14, {MrzField.DOCUMENT_NUMBER, MrzField.COMPOSITE}),
        (29, {MrzField.PERSONAL_NUMBER, MrzField.COMPOSITE}),
        (36, {MrzField.DATE_OF_BIRTH, MrzField.COMPOSITE}),
        (44, {MrzField.DATE_OF_EXPIRY, MrzField.COMPOSITE}),
        (59, {MrzField.COMPOSITE}),
    ],
)
def test_each_wrong_check_digit_is_named(specimen: str, place: int, wrong: set[MrzField]) -> None:
    altered = specimen[:place] + str((int(specimen[place]) + 1) % 10) + specimen[place + 1 :]
    assert {digit.field for digit in parse_mrz(altered).check_digits if not digit.valid} == wrong


def test_a_changed_sex_character_leaves_every_check_digit_good(specimen: str) -> None:
    # Position 8 of the middle line is covered by no check digit (9303-5 §4.2.4): only the hash of DG1 shows it.
    mrz = parse_mrz(specimen[:37] + "F" + specimen[38:])
    assert mrz.check_digits_valid
    assert mrz.sex is Sex.FEMALE


@pytest.mark.parametrize("expiry", ["9912315", "<<<<<<<", "<<<<<<0"])
def test_a_card_without_expiry_has_none(specimen: str, expiry: str) -> None:
    mrz = parse_mrz(specimen[:38] + expiry + specimen[45:])
    assert mrz.has_no_expiry
    assert mrz.date_of_expiry(TODAY) is None
    assert next(digit.valid for digit in mrz.check_digits if digit.field is MrzField.DATE_OF_EXPIRY)


def test_an_empty_optional_field_may_have_a_filler_for_its_check_digit() -> None:
    zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159<<<<<<<<<<<<<<<8"
    field = next(digit for digit in parse_mrz(zone).check_digits if digit.field is MrzField.OPTIONAL_DATA)
    assert field.valid


def test_names_without_a_double_filler_are_all_primary(specimen: str) -> None:
    mrz = parse_mrz(specimen[:60] + "MAU<VAN<THU<<<<<<<<<<<<<<<<<<<")
    assert mrz.name == "MAU VAN THU"


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("900115", "099090000001", CalendarDate(1990, 1, 15)),
        ("050115", "099205000001", CalendarDate(2005, 1, 15)),
        ("050115", "099005000001", CalendarDate(1905, 1, 15)),
        ("350115", "", CalendarDate(1935, 1, 15)),
        ("050115", "", CalendarDate(2005, 1, 15)),
        ("350115", "099290000001", CalendarDate(1935, 1, 15)),  # a foreigner's number does not follow the rule
        ("45<<<<", "", CalendarDate(1945)),
        ("4502<<", "", CalendarDate(1945, 2)),
        ("450200", "", CalendarDate(1945, 2)),
        ("000229", "", CalendarDate(2000, 2, 29)),
        ("010229", "", None),
        ("<<<<<<", "", None),
    ],
)
def test_the_century_of_birth_comes_from_the_personal_number_or_the_day_of_reading(
    text: str, number: str, expected: CalendarDate | None
) -> None:
    assert resolve_birth(text, TODAY, number) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("300115", CalendarDate(2030, 1, 15)),
        ("940623", CalendarDate(1994, 6, 23)),
        ("700101", CalendarDate(2070, 1, 1)),
        ("991231", None),
        ("<<<<<<", None),
        ("301332", None),
    ],
)
def test_the_century_of_expiry_lies_within_fifty_years(text: str, expected: CalendarDate | None) -> None:
    assert resolve_expiry(text, TODAY) == expected


@pytest.mark.parametrize(
    ("place", "letter"), [(0, "a"), (5, " "), (30, "X"), (37, "Q"), (38, "<"), (60, "é"), (89, "\n")]
)
def test_a_character_out_of_place_is_refused_by_its_offset(specimen: str, place: int, letter: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_mrz(specimen[:place] + letter + specimen[place + 1 :])
    assert caught.value.offset == place


@pytest.mark.parametrize("length", [0, 1, 71, 73, 87, 89, 91, 1000])
def test_another_length_is_refused(length: int) -> None:
    with pytest.raises(DataError):
        parse_mrz("<" * length)


def test_dg1_holds_the_zone_under_two_tags(specimen: str) -> None:
    raw = encode(0x61, encode(0x5F1F, specimen.encode()))
    assert parse_dg1(raw) == parse_mrz(specimen)
    for broken in (raw[:-1], raw + b"\x00", b"\x6d" + raw[1:], encode(0x61, b""), raw.replace(b"MAU", b"\xc3AU")):
        with pytest.raises(DataError):
            parse_dg1(broken)


def test_a_zone_never_shows_itself(specimen: str) -> None:
    shown = repr(parse_mrz(specimen)) + repr(mrz_key(parse_mrz(specimen)))
    assert not any(secret in shown for secret in ("090000001", "900115", "MAU"))


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("Nguyễn Văn Mẫu", "NGUYEN VAN MAU"),
        ("ĐẶNG THỊ ĐƯỢC", "DANG THI DUOC"),
        ("Y-Đăm H’Bŏ Êčam", "Y DAM HBO ECAM"),
        ("  Lê\u0323  Thu\u031b\u0309 ", "LE THU"),
    ],
)
def test_a_vietnamese_name_is_spelled_in_mrz_letters(name: str, spelling: str) -> None:
    assert mrz_spelling(name) == spelling


def test_a_name_agrees_with_its_zone_also_when_the_zone_cut_it_off(specimen: str) -> None:
    assert mrz_name_agrees("Mẫu Văn Thử", parse_mrz(specimen))
    assert not mrz_name_agrees("Mẫu Văn", parse_mrz(specimen))
    assert not mrz_name_agrees("Mẫu Văn Thử Hai", parse_mrz(specimen))
    cut = parse_mrz(specimen[:60] + "CONG<<TANG<TON<NU<THI<HOANG<KI")
    assert mrz_name_agrees("Công Tằng Tôn Nữ Thị Hoàng Kim Anh", cut)
    assert not mrz_name_agrees("Công Tằng Tôn Nữ Thị Hoàng Lan", cut)
