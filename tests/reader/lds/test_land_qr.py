"""The QR code of the land certificate of 2025, and that it is never taken for the card's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.lds import LAND_QR_SCANNED, KeyInputKind, parse_card_qr, parse_key_input, parse_land_qr

LAND = "05-03-2025-09-41-07|H29.17.05|ELIS|H29.17-250305-0012|AA 01234567|GCN-0012|06-03-2025-10-00-00|918273"
CARD = "099090000001|099123456|Nguyễn Văn Mẫu|15011990|Nam|Số 12, Thôn Đông, Xã Mẫu Sơn|25042021"


def test_the_eight_fields_are_read() -> None:
    found = parse_land_qr(LAND + "\r\n")
    # Vietnam is seven hours ahead.
    assert found.created.astimezone(UTC) == datetime(2025, 3, 5, 2, 41, 7, tzinfo=UTC)
    assert found.changed is not None
    assert found.changed.astimezone(UTC) == datetime(2025, 3, 6, 3, 0, 0, tzinfo=UTC)
    assert (found.unit, found.programme, found.dossier) == ("H29.17.05", "ELIS", "H29.17-250305-0012")
    assert (found.serial, found.certificate_id, found.security_code) == ("AA01234567", "GCN-0012", 918273)
    assert not found.misleading


def test_a_certificate_that_was_never_changed_says_nothing_there() -> None:
    assert parse_land_qr(LAND.replace("06-03-2025-10-00-00", "")).changed is None


def test_hidden_signs_are_taken_out_and_mentioned() -> None:
    found = parse_land_qr(LAND.replace("ELIS", "EL\u200bIS").replace("AA 01234567", "aa\u202e01234567"))
    assert (found.programme, found.serial, found.misleading) == ("ELIS", "AA01234567", True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|||||||",
        LAND + "|",
        LAND.rsplit("|", 1)[0],
        LAND.replace("05-03-2025", "31-02-2025"),
        LAND.replace("09-41-07", "24-41-07"),
        LAND.replace("05-03-2025-09-41-07", "2025-03-05-09-41-07"),
        LAND.replace("AA 01234567", " "),
        LAND.replace("GCN-0012", ""),
        LAND.replace("918273", "9182x3"),
        LAND.replace("918273", "-1"),
        LAND.replace("918273", "١٢٣"),
        LAND.replace("918273", "9" * 21),
        LAND.replace("ELIS", "E" * 1024),
        CARD,
        CARD + "|",
    ],
)
def test_what_is_no_land_certificate_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        parse_land_qr(text)


@pytest.mark.parametrize("text", [LAND, "  " + LAND, LAND + "\n", LAND.replace("ELIS", ""), LAND + "|||", LAND[:40]])
def test_a_land_certificate_scanned_to_open_a_chip_is_refused_by_name(text: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_key_input(text)
    assert caught.value.what == LAND_QR_SCANNED == "qr-of-a-land-certificate"


def test_a_land_certificate_is_no_card_and_a_card_no_land_certificate() -> None:
    with pytest.raises(DataError):
        parse_card_qr(LAND)
    assert parse_key_input(CARD).kind is KeyInputKind.QR
    assert parse_key_input(CARD + "|").kind is KeyInputKind.QR


@given(st.lists(st.text(alphabet=st.characters(blacklist_characters="|"), max_size=24), min_size=7, max_size=9))
def test_no_text_is_both_a_card_and_a_land_certificate(fields: list[str]) -> None:
    taken = []
    for first in (fields[0], "099090000001", "05-03-2025-09-41-07"):
        text = "|".join((first, *fields[1:6], "05-03-2025-09-41-07", "1"))
        for parser in (parse_card_qr, parse_land_qr):
            try:
                parser(text)
            except DataError:
                continue
            taken.append((text, parser))
    assert len({text for text, _ in taken}) == len(taken)


@given(st.text(max_size=200) | st.from_regex(r"[0-9-]{19}(\|[0-9A-Z-]{0,12}){7}", fullmatch=True))
def test_any_text_is_a_land_certificate_or_refused(text: str) -> None:
    try:
        found = parse_land_qr(text)
    except DataError:
        return
    assert found.serial
    assert repr(found) == "LandQr(…)"
