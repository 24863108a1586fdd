"""Each command in each state: what a chip must answer before, inside and after a session."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_cards.build import CardFactory
from mock_cards.chip import CardImage, Chip, profile_by_name
from reader.errors import MuteCard
from reader.iso7816 import CommandAPDU

APPLICATION = bytes.fromhex("A0000002471001")
SELECT_MF, SELECT_APPLICATION = "00A4000C023F00", "00A4040C07A0000002471001"
SELECT_CARD_ACCESS, READ_CARD_ACCESS = "00A4020C02011C", "00B09C0000"
SELECT_DG1, READ_DG1 = "00A4020C020101", "00B0810000"
SELECT_ATR_INFO, READ_ATR_INFO = "00A4020C022F01", "00B0810000"
GET_CHALLENGE, EXTERNAL, INTERNAL = "0084000008", "0082000028" + "00" * 40 + "28", "00880000080102030405060708" + "00"
SET_AT_PACE = "0022C1A40F800A04007F00070202040202830102"
SET_AT_CHIP = "002241A40C800A04007F00070202030202"
GENERAL = "10860000027C0000"


@pytest.fixture
def card(factory: CardFactory) -> Chip:
    chip = factory.build("nguyen-van-mau").card
    assert isinstance(chip, Chip)
    chip.power_on()
    return chip


def _send(chip: Chip, apdu: str) -> int:
    return chip.transmit(CommandAPDU.from_bytes(bytes.fromhex(apdu))).sw


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        (SELECT_MF, 0x6D00),
        ("00A4000C", 0x6D00),
        (SELECT_CARD_ACCESS, 0x9000),
        (READ_CARD_ACCESS, 0x9000),
        (SELECT_ATR_INFO, 0x6A82),
        (READ_ATR_INFO, 0x6A82),
        ("00A4020C02011E", 0x6A82),
        ("00B0000000", 0x6986),
        (GET_CHALLENGE, 0x6985),
        (EXTERNAL, 0x6985),
        (INTERNAL, 0x6982),
        (SET_AT_PACE, 0x9000),
        (SET_AT_CHIP, 0x6982),
        (GENERAL, 0x6985),
        ("00A4040C07A0000002472001", 0x6A82),
        (SELECT_APPLICATION, 0x9000),
        ("00CA000000", 0x6D00),
    ],
)
def test_master_file_before_access(card: Chip, apdu: str, sw: int) -> None:
    assert _send(card, apdu) == sw


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        (SELECT_MF, 0x6D00),
        (SELECT_CARD_ACCESS, 0x6982),
        (READ_CARD_ACCESS, 0x6982),
        (SELECT_DG1, 0x6982),
        (READ_DG1, 0x6982),
        ("00A4020C02010B", 0x6982),
        ("00B0000000", 0x6982),
        (GET_CHALLENGE, 0x9000),
        (EXTERNAL, 0x6985),
        (INTERNAL, 0x6982),
        (SET_AT_PACE, 0x6985),
        (SET_AT_CHIP, 0x6982),
        (GENERAL, 0x6985),
        (SELECT_APPLICATION, 0x9000),
    ],
)
def test_application_before_access(card: Chip, apdu: str, sw: int) -> None:
    # ICAO 9303-11 §4.4.2: unauthenticated reads, selection of files included, are answered 6982.
    assert _send(card, SELECT_APPLICATION) == 0x9000
    assert _send(card, apdu) == sw


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        (SELECT_DG1, 0x9000),
        (READ_DG1, 0x9000),
        ("00A4020C02010B", 0x6A82),
        ("00A4020C020103", 0x6982),
        ("00B0830000", 0x6982),
        ("00B0000000", 0x6986),
        (GET_CHALLENGE, 0x6985),
        (EXTERNAL, 0x6985),
        (SELECT_APPLICATION, 0x9000),
        ("00CA000000", 0x6D00),
        ("00220000", 0x6A86),
        # The small card offers no PACE at all.
        (SET_AT_PACE, 0x6A81),
    ],
)
def test_inside_a_session_errors_come_protected_and_the_session_goes_on(opened, apdu: str, sw: int) -> None:
    assert opened.secure(apdu).sw == sw
    assert opened.secure(READ_DG1).sw == 0x9000


def test_the_chaining_bit_does_not_go_with_secure_messaging_and_ends_the_session(opened) -> None:
    # ICAO 9303-11 §9.8.4: the class byte is 0C.
    assert opened.chip.transmit(CommandAPDU(0x1C, 0x86, 0, 0, b"\x7c\x00", 256)).sw == 0x6882
    assert not opened.chip.in_session


def test_the_state_after_power_on_is_the_same_after_every_reset(opened) -> None:
    opened.chip.reset()
    assert not opened.chip.in_session
    assert opened.plain(READ_DG1).sw == 0x6A82, "the master file is selected and has no such file"
    assert opened.plain(GET_CHALLENGE).sw == 0x6985


def test_a_chip_without_power_does_not_answer(small_image: Callable[..., CardImage]) -> None:
    chip = Chip(small_image())
    with pytest.raises(MuteCard):
        chip.transmit(CommandAPDU(0, 0x84, 0, 0, ne=8))
    chip.power_on()
    chip.power_off()
    with pytest.raises(MuteCard):
        chip.transmit(CommandAPDU(0, 0x84, 0, 0, ne=8))


def test_commands_for_the_pcsc_reader_are_refused_and_leave_the_session_alone(opened) -> None:
    assert opened.plain("FFCA000000").sw == 0x6E00
    assert opened.secure(READ_DG1).sw == 0x9000


def test_other_classes_are_refused(small_image, terminal) -> None:
    it = terminal(small_image())
    assert it.plain("80A4040C07A0000002471001").sw == 0x6E00
    assert it.plain("01A4040C07A0000002471001").sw == 0x6881
    assert it.plain("08A4040C07A0000002471001").sw == 0x6882
    assert it.plain("10A4040C07A0000002471001").sw == 0x6884
    assert it.plain("0CB081000D9701008E08000000000000000000").sw == 0x6988


def test_a_chip_that_knows_the_master_file_goes_back_to_it(small_image, terminal) -> None:
    it = terminal(small_image("icao-extended"))
    it.select_application()
    assert it.plain(SELECT_MF).sw == 0x9000
    assert it.plain(SELECT_ATR_INFO).sw == 0x9000
    assert it.plain("00B0000000").data.startswith(bytes.fromhex("47038401E07F66"))
    assert it.plain("00B09E0000").data == bytes.fromhex("61094F07A0000002471001")
    assert it.plain("00A4000C02DF01").sw == 0x6A82


def test_a_challenge_serves_the_next_command_only(small_image, terminal) -> None:
    it = terminal(small_image())
    it.select_application()
    assert it.plain(GET_CHALLENGE).sw == 0x9000
    assert it.plain(SELECT_APPLICATION).sw == 0x9000
    assert it.plain(EXTERNAL).sw == 0x6985
    assert it.plain(GET_CHALLENGE).sw == 0x9000
    assert it.plain(EXTERNAL).sw == 0x6300
    assert it.plain(EXTERNAL).sw == 0x6985


def test_a_wrong_mrz_is_answered_6300_and_the_right_one_works_afterwards(small_image, terminal) -> None:
    it = terminal(small_image())
    it.select_application()
    assert it.bac(b"L898902C<369080619406244").sw == 0x6300
    assert not it.chip.in_session
    assert it.bac().sw == 0x9000


def test_a_chip_without_bac_gives_no_challenge(small_image, terminal) -> None:
    it = terminal(small_image("icao-pace"))
    it.select_application()
    assert it.plain(GET_CHALLENGE).sw == 0x6985


def test_selecting_the_application_with_file_control_information_names_it(small_image, terminal) -> None:
    it = terminal(small_image())
    assert it.plain("00A4040007A000000247100100").data == bytes.fromhex("6F098407A0000002471001")


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        (CommandAPDU(0, 0xA4, 0x02, 0x00, b"\x01\x01", 256), 0x6A86),
        (CommandAPDU(0, 0xA4, 0x02, 0x0C, b"\x01"), 0x6700),
        (CommandAPDU(0, 0xA4, 0x08, 0x0C, b"\x01\x01"), 0x6A86),
        (CommandAPDU(0, 0xA4, 0x04, 0x04, APPLICATION), 0x6A86),
        (CommandAPDU(0, 0xB0, 0xE1, 0x00, ne=4), 0x6A86),
        (CommandAPDU(0, 0xB0, 0x80, 0x00, ne=4), 0x6A86),
        (CommandAPDU(0, 0xB0, 0x9F, 0x00, ne=4), 0x6A86),
        (CommandAPDU(0, 0xB0, 0x81, 0x00), 0x6700),
        (CommandAPDU(0, 0xB0, 0x81, 0x00, b"\x00", 4), 0x6700),
        (CommandAPDU(0, 0x84, 0x00, 0x01, ne=8), 0x6A86),
    ],
)
def test_malformed_selections_and_reads_are_refused(opened, command: CommandAPDU, sw: int) -> None:
    assert opened.unprotect(opened.chip.transmit(opened.protect(command))).sw == sw


def test_every_refusal_names_its_clause_and_holds_no_data(opened) -> None:
    opened.secure("00A4020C02010B")
    refusal = opened.chip.refusals[-1]
    assert refusal.sw == 0x6A82
    assert refusal.clause == "ICAO 9303-10 §3.6.2"
    assert len(refusal.header) == 4


def test_profiles_have_names_of_their_own() -> None:
    assert profile_by_name("vietnam-2021").select_mf is False
    with pytest.raises(KeyError):
        profile_by_name("vietnam-1999")
