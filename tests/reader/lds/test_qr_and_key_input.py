"""What a clerk scans or types: the QR code of the card, and whatever opens the chip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.lds import CalendarDate, KeyInputKind, Sex, mrz_key_of, parse_card_qr, parse_key_input

CARD_2021 = "099090000001|099123456|Nguyễn Văn Mẫu|15011990|Nam|Số 12, Thôn Đông, Xã Mẫu Sơn|25042021"


def test_the_card_of_2021_has_seven_fields() -> None:
    qr = parse_card_qr(CARD_2021)
    assert (qr.personal_number, qr.old_number, qr.full_name) == ("099090000001", "099123456", "Nguyễn Văn Mẫu")
    assert (qr.date_of_birth, qr.sex, qr.issue_date) == (CalendarDate(1990, 1, 15), Sex.MALE, CalendarDate(2021, 4, 25))
    assert qr.residence == "Số 12, Thôn Đông, Xã Mẫu Sơn"
    assert (qr.cancelled_number, qr.extras, qr.damaged) == ("", (), False)


def test_a_young_holder_has_no_old_number() -> None:
    qr = parse_card_qr("099206000003||Lê Thị Trẻ|01022006|Nữ|Tỉnh Giả Định|01032024\r\n")
    assert (qr.old_number, qr.sex, qr.damaged) == ("", Sex.FEMALE, False)


def test_the_card_of_2024_may_name_parents_and_a_cancelled_number() -> None:
    qr = parse_card_qr(CARD_2021 + "||Nguyễn Văn Gốc|Trần Thị Cội|099190000009|")
    assert qr.cancelled_number == "099190000009"
    assert qr.extras == ("", "Nguyễn Văn Gốc", "Trần Thị Cội", "099190000009", "")


def test_its_own_number_among_the_extras_is_not_a_cancelled_one() -> None:
    assert parse_card_qr(CARD_2021 + "|099090000001").cancelled_number == ""


@pytest.mark.parametrize(
    ("whole", "mangled"),
    [
        ("Nguyễn Văn Mẫu", "Nguy?n Van M?u"),
        ("Nguyễn Văn Mẫu", "Nguy\ufffdn Văn Mẫu"),
        ("Nguyễn Văn Mẫu", "Nguy\x1bn Văn Mẫu"),
        ("|Nam|", "|Na m|"),
        ("15011990", "31021990"),
        ("25042021", "2504202"),
        ("099123456", "09912345"),
    ],
)
def test_a_scanner_that_mangles_text_is_noticed_and_the_number_is_still_good(whole: str, mangled: str) -> None:
    qr = parse_card_qr(CARD_2021.replace(whole, mangled))
    assert qr.damaged
    assert qr.personal_number == "099090000001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|||||||",
        "99090000001|||||||",
        "099090000001|099123456|Nguyễn Văn Mẫu|15011990|Nam|Số 12",
        "09-02-2025-10-11-12|H1|ELIS|123|AA 12345678|456|09-02-2025-10-11-12|77",
        CARD_2021 + "|" * 30,
        CARD_2021 + "x" * 1000,
    ],
)
def test_what_is_no_card_qr_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_card_qr(text)


def test_a_qr_never_shows_itself() -> None:
    assert repr(parse_card_qr(CARD_2021)) == "CardQr(…)"


@pytest.mark.parametrize(
    "text",
    [
        "099090000001",
        " 099090000001\r\n",
        "099 090 000 001",
        "099.090.000.001",
        "099-090-000-001",
        "０９９０９００００００１",
    ],
)
def test_twelve_digits_give_the_can(text: str) -> None:
    key = parse_key_input(text)
    assert (key.kind, key.can, key.personal_number, key.mrz) == (
        KeyInputKind.PERSONAL_NUMBER,
        "000001",
        "099090000001",
        None,
    )


def test_six_digits_are_a_can() -> None:
    key = parse_key_input("000 001")
    assert (key.kind, key.can, key.personal_number) == (KeyInputKind.CAN, "000001", "")


def test_a_qr_code_gives_number_and_can() -> None:
    key = parse_key_input(CARD_2021)
    assert (key.kind, key.can, key.personal_number) == (KeyInputKind.QR, "000001", "099090000001")
    assert key.qr == parse_card_qr(CARD_2021)


def lines(zone: str, width: int = 30) -> list[str]:
    return [zone[start : start + width] for start in range(0, len(zone), width)]


@pytest.mark.parametrize("joint", ["\n", "\r\n", "", " ", "\t\n "])
@pytest.mark.parametrize("count", [2, 3])
def test_a_zone_is_read_in_lines_glued_or_without_its_name_line(specimen: str, joint: str, count: int) -> None:
    for text in (joint.join(lines(specimen)[:count]), joint.join(lines(specimen)[:count]).lower()):
        key = parse_key_input(text)
        assert key.mrz is not None
        assert (key.mrz.document_number, key.mrz.date_of_birth, key.mrz.date_of_expiry) == (
            "090000001",
            "900115",
            "300115",
        )
        assert (key.kind, key.can, key.personal_number) == (KeyInputKind.MRZ, "000001", "099090000001")


def test_letters_that_look_like_digits_are_put_right(specimen: str) -> None:
    wrong = "IDVNMO9OOOOOO18O99O9OOOOOO1<<4" + "9OO1IS8M3OO11S6VNM<<<<<<<<<<<2"
    key = parse_key_input(wrong)
    assert key == parse_key_input(specimen)


def test_the_lower_line_of_a_passport_is_enough() -> None:
    lower = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    for text in (lower, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n" + lower):
        key = parse_key_input(text)
        assert key.mrz is not None
        assert (key.mrz.document_number, key.mrz.date_of_birth, key.mrz.date_of_expiry) == (
            "L898902C3",
            "740812",
            "120415",
        )
        assert (key.can, key.personal_number) == ("", "")


def test_other_signs_for_the_filler_are_understood(specimen: str) -> None:
    assert parse_key_input(specimen.replace("<", "‹")) == parse_key_input(specimen)


@pytest.mark.parametrize("text", ["090000001 900115 300115", "099090000001,900115;300115"])
def test_number_birth_and_expiry_may_be_typed(text: str) -> None:
    key = parse_key_input(text)
    assert key.mrz is not None
    assert (key.mrz.document_number, key.mrz.date_of_birth, key.mrz.date_of_expiry) == ("090000001", "900115", "300115")


@pytest.mark.parametrize("place", [14, 36, 44])
def test_a_zone_with_a_wrong_key_digit_is_refused(specimen: str, place: int) -> None:
    with pytest.raises(DataError):
        parse_key_input(specimen[:place] + str((int(specimen[place]) + 1) % 10) + specimen[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "12345", "099123456", "0990900000011", "hello", "<" * 36, "<" * 90, "090000001 901315 300115", "9" * 3000],
)
def test_what_opens_no_chip_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_key_input(text)


def test_printed_fields_make_mrz_fields() -> None:
    key = mrz_key_of("099090000001", CalendarDate(1990, 1, 15), None)
    assert (key.document_number, key.date_of_birth, key.date_of_expiry) == ("090000001", "900115", "991231")
    key = mrz_key_of("l898902c<", CalendarDate(1969, 8, 6), CalendarDate(1994, 6, 23))
    assert (key.document_number, key.date_of_birth, key.date_of_expiry) == ("L898902C", "690806", "940623")
    for number, born in (("", CalendarDate(1990, 1, 1)), ("A B", CalendarDate(1990, 1, 1)), ("A", CalendarDate(1990))):
        with pytest.raises(DataError):
            mrz_key_of(number, born, None)


def test_a_key_never_shows_itself(specimen: str) -> None:
    for text in ("099090000001", "000001", CARD_2021, specimen):
        assert repr(parse_key_input(text)) == f"KeyInput({parse_key_input(text).kind})"


@given(st.text(max_size=120) | st.from_regex(r"[0-9A-Z<| \n]{0,120}", fullmatch=True))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    try:
        key = parse_key_input(text)
    except DataError:
        return
    assert key.can or key.mrz
