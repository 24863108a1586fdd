"""What a terminal may do that ours never does: odd lengths, odd classes, odd orders, and answers that do not fit.

Written from ISO/IEC 7816-4 and ICAO 9303-10 and -11, and by raw commands: our reader has no part in it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_cards.chip import ChipKey, PaceOption
from mock_cards.der import oid_value
from mock_cards.issuing.security_infos import CHIP_AUTHENTICATION_OID, PACE_ECDH_GM_OID
from mock_cards.keys import new_ec_key, seeded_rng
from reader.crypto import CipherSuite, curve_by_name, encode_point, generator, multiply, pad
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode

APPLICATION = bytes.fromhex("A0000002471001")
DG1 = bytes(range(256)) * 4
READ_DG1 = "00B0810004"
CURVE = curve_by_name("brainpoolP256r1")
SUITE = CipherSuite.AES_128
CHIP_KEY = ChipKey(CHIP_AUTHENTICATION_OID[SUITE], SUITE, new_ec_key(CURVE, seeded_rng("strange")))
SET_AT_CHIP = CommandAPDU(0, 0x22, 0x41, 0xA4, encode(0x80, oid_value(CHIP_KEY.oid)))
EPHEMERAL = encode(0x7C, encode(0x80, encode_point(CURVE, multiply(CURVE, 11, generator(CURVE)))))
SET_AT_PACE = "0022C1A40F800A04007F00070202040202830102"


@pytest.fixture
def in_eac(small_image, terminal):
    """Return a terminal in a session with a chip that has Chip and Terminal Authentication."""
    it = terminal(replace(small_image("icao-eac"), chip_keys=(CHIP_KEY,)))
    it.select_application()
    assert it.bac().sw == 0x9000
    return it


@pytest.fixture
def with_keys(small_image, terminal):
    """Return a terminal in the application of a chip with Chip Authentication; no session yet."""
    it = terminal(replace(small_image(), chip_keys=(CHIP_KEY,)))
    it.select_application()
    return it


@pytest.fixture
def with_pace(small_image, terminal):
    """Return a terminal in the master file of a chip with PACE and BAC."""
    option = PaceOption(PACE_ECDH_GM_OID[SUITE], SUITE, CURVE)
    return terminal(replace(small_image(), pace=(option,)))


def _send(it, command: CommandAPDU) -> ResponseAPDU:
    return it.unprotect(it.chip.transmit(it.protect(command)))


def _rightly_signed(it, header: str, body: bytes) -> ResponseAPDU:
    """Send any data objects under a checksum that is right, so that nothing else than they can be refused."""
    it.counter += 1
    raw = bytes.fromhex(header)
    code = it._mac(pad(raw, it.suite.block_size) + body)
    return it.chip.transmit(CommandAPDU(*raw, data=body + encode(0x8E, code), ne=256))


# Answers that do not fit: nothing begins that the terminal was not told of.


def test_an_answer_that_le_cannot_hold_opens_no_session(with_keys) -> None:
    challenge = with_keys.plain("0084000008")
    assert challenge.sw == 0x9000
    with_keys.chip.reset()
    with_keys.select_application()
    transmit = with_keys.chip.transmit

    def without_le(command: CommandAPDU) -> ResponseAPDU:
        return transmit(replace(command, ne=0) if command.ins == 0x82 else command)

    with_keys.chip.transmit = without_le
    assert with_keys.bac().sw == 0x6700
    with_keys.chip.transmit = transmit
    assert not with_keys.chip.in_session
    assert with_keys.plain(READ_DG1).sw == 0x6982
    assert with_keys.bac().sw == 0x9000
    assert with_keys.secure(READ_DG1).data == DG1[:4]


@pytest.mark.parametrize(("inner", "outer"), [(0, 256), (1, 256), (256, 14)])
def test_new_keys_are_not_taken_where_their_answer_cannot_be_given(in_eac, inner: int, outer: int) -> None:
    assert _send(in_eac, SET_AT_CHIP).sw == 0x9000
    # The answer has two bytes; fourteen bytes outside hold the status word and the checksum, and nothing beside them.
    protected = in_eac.protect(CommandAPDU(0, 0x86, 0, 0, EPHEMERAL, inner))
    assert in_eac.unprotect(in_eac.chip.transmit(replace(protected, ne=outer))).sw == 0x6700
    assert in_eac.secure(READ_DG1).data == DG1[:4], "the old keys stand"
    assert in_eac.secure("002281A40383014100").sw == 0x6982, "no terminal is bound to keys that it was not told of"
    assert _send(in_eac, SET_AT_CHIP).sw == 0x9000
    assert _send(in_eac, CommandAPDU(0, 0x86, 0, 0, EPHEMERAL, 256)).data == b"\x7c\x00"


def test_a_step_of_pace_whose_answer_does_not_fit_ends_the_run(with_pace) -> None:
    assert with_pace.plain(SET_AT_PACE).sw == 0x9000
    assert with_pace.plain("10860000027C0008").sw == 0x6700
    point = encode(0x7C, encode(0x81, encode_point(CURVE, generator(CURVE))))
    assert with_pace.chip.transmit(CommandAPDU(0x10, 0x86, 0, 0, point, 256)).sw == 0x6985


# Selecting and reading.


@pytest.mark.parametrize(
    "failing",
    [
        "00A4020C02010B",
        "00A4040C07A0000002472001",
        "00A4040C06A00000024710",
        "00A4040207A0000002471001",
        "00A4000C023F00",
        "00B08B0004",
        "00B08EFF04",
        "00B1010B0354010004",
    ],
)
def test_what_was_selected_stays_selected_when_a_selection_or_a_read_is_refused(opened, failing: str) -> None:
    assert opened.secure("00A4020C020101").sw == 0x9000
    assert opened.secure(failing).sw & 0xF000 == 0x6000
    assert opened.secure("00B0000104").data == DG1[1:5]


def test_a_read_behind_the_end_does_not_change_the_current_file(opened) -> None:
    assert opened.secure("00A4020C020101").sw == 0x9000
    assert opened.secure("00B09EF004").sw == 0x6B00
    assert opened.secure("00B1011E0354017F00").sw == 0x6B00
    assert opened.secure("00B0000004").data == DG1[:4]


@pytest.mark.parametrize(
    ("apdu", "data", "sw"),
    [
        ("00B1000003540100" + "03", "530100", 0x9000),
        ("00B1000003540100" + "02", "", 0x6700),
        ("00B10000055403000004" + "06", "530404050607", 0x9000),
        ("00B1000006540400000400" + "04", "", 0x6B00),
        ("00B10000065404000003FF" + "03", "5301FF", 0x9000),
        ("00B10000065404000003FF" + "04", "5301FF", 0x6282),
        ("00B100000654047FFFFFFF" + "00", "", 0x6B00),
        ("00B1001F03540100" + "04", "", 0x6A82),
        ("00B1002003540100" + "04", "", 0x6A82),
        ("00B1FFFF03540100" + "04", "", 0x6A82),
    ],
)
def test_the_odd_instruction_counts_its_object_and_knows_files_by_both_names(opened, apdu, data: str, sw: int) -> None:
    assert opened.secure("00A4020C020101").sw == 0x9000
    assert opened.secure(apdu) == ResponseAPDU(bytes.fromhex(data), sw)


@pytest.mark.parametrize("ne", [1, 231, 255, 256, 257, 2000, 65535, 65536])
def test_every_length_that_is_asked_for_in_extended_form_is_answered(small_image, terminal, ne: int) -> None:
    it = terminal(small_image("icao-64k"))
    it.select_application()
    assert it.bac().sw == 0x9000
    command = CommandAPDU(0, 0xB0, 0x81, 0, ne=ne, extended=True)
    answer = _send(it, command)
    assert answer == ResponseAPDU(DG1[:ne], 0x6282 if 1024 < ne < 65536 else 0x9000)


@pytest.mark.parametrize("header", ["00A4000C", "00A4000C00", "00A4000C023F00", "00A4000C023F0000"])
def test_the_master_file_is_selected_in_each_of_the_four_cases_of_a_command(small_image, terminal, header: str) -> None:
    it = terminal(small_image("icao-extended"))
    it.select_application()
    assert it.plain(header) == ResponseAPDU(b"", 0x9000)
    assert it.plain("00A4020C022F00").sw == 0x9000
    it.select_application()
    assert it.bac().sw == 0x9000
    assert it.secure(header) == ResponseAPDU(b"", 0x9000)


# Classes and instructions.


@pytest.mark.parametrize(
    ("cla", "sw"),
    [
        *((cla, 0x6881) for cla in (0x01, 0x02, 0x03)),
        *((cla, 0x6882) for cla in (0x04, 0x08, 0x0D, 0x0F, 0x14)),
        *((cla, 0x6E00) for cla in (0x20, 0x40, 0x60, 0x80, 0x8C, 0xA0, 0xFE, 0xFF)),
        (0x0C, 0x6988),
    ],
)
def test_every_other_class_is_refused_and_selects_nothing(small_image, terminal, cla: int, sw: int) -> None:
    it = terminal(small_image())
    assert it.chip.transmit(CommandAPDU(cla, 0xA4, 4, 0x0C, APPLICATION)).sw == sw
    assert it.plain("00A4020C022F00").sw == 0x6A82, "the master file is selected still"


@pytest.mark.parametrize("ins", [0x0E, 0x20, 0x24, 0x70, 0xA2, 0xB2, 0xC0, 0xC2, 0xCA, 0xD6, 0xE4, 0x60, 0x9F])
def test_instructions_of_other_cards_are_6d00_and_cost_no_session(opened, ins: int) -> None:
    # Among them ENVELOPE, and GET RESPONSE where nothing is left to fetch.
    assert _send(opened, CommandAPDU(0, ins, 0, 0, ne=256)).sw == 0x6D00
    assert opened.secure(READ_DG1).data == DG1[:4]


# Challenges.


@pytest.mark.parametrize(
    ("apdu", "sw"),
    [
        *((f"00840000{le}", 0x6700) for le in ("", "01", "07", "09", "10", "010008")),
        *((f"00840000{le}", 0x9000) for le in ("08", "00")),
        ("0084010008", 0x6A86),
    ],
)
def test_a_challenge_is_eight_bytes_and_nothing_else(with_keys, apdu: str, sw: int) -> None:
    answer = with_keys.plain(apdu)
    assert (len(answer.data), answer.sw) == (8 if sw == 0x9000 else 0, sw)


@pytest.mark.parametrize("length", [0, 8, 39, 41, 255])
def test_an_external_authenticate_of_another_length_costs_the_challenge(with_keys, length: int) -> None:
    assert with_keys.plain("0084000008").sw == 0x9000
    assert with_keys.chip.transmit(CommandAPDU(0, 0x82, 0, 0, bytes(length), 256)).sw == 0x6700
    assert with_keys.chip.transmit(CommandAPDU(0, 0x82, 0, 0, bytes(40), 256)).sw == 0x6985
    assert with_keys.bac().sw == 0x9000


# Secure messaging.


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("0CA4020C", encode(0x87, b"\x02" + bytes(8))),
        ("0CA4020C", encode(0x87, bytes(9))),
        ("0CA4020C", encode(0x87, b"\x01" + bytes(7))),
        ("0CA4020C", encode(0x87, b"\x01")),
        ("0CA4020C", encode(0x87, b"")),
        ("0CA4020C", encode(0x81, b"\x01\x01")),
        ("0CA4020C", encode(0x85, bytes(8))),
        ("0CB10001", encode(0x87, b"\x01" + bytes(8))),
        ("0CB10001", encode(0x85, bytes(7))),
        ("0CB08100", encode(0x97, b"")),
        ("0CB08100", encode(0x97, b"\x00\x00\x10")),
        ("0CB08100", encode(0x97, b"\x10") + encode(0x97, b"\x10")),
        ("0CB08100", encode(0x99, b"\x90\x00") + encode(0x97, b"\x10")),
        ("0CB08100", encode(0x89, b"\x0c\xb0\x81\x00") + encode(0x97, b"\x10")),
    ],
)
def test_wrong_objects_end_the_session_under_a_right_checksum_too(opened, header: str, body: bytes) -> None:
    assert _rightly_signed(opened, header, body) == ResponseAPDU(b"", 0x6988)
    assert not opened.chip.in_session
    opened.counter += 1
    assert opened.chip.transmit(opened.protect(CommandAPDU(0, 0xB0, 0x81, 0, ne=4))).sw == 0x6988
    assert opened.plain(READ_DG1).sw == 0x6982
    assert opened.bac().sw == 0x9000, "the card opens anew"


@pytest.mark.parametrize(
    ("le", "length"), [(b"\x04", 4), (b"\x00\x04", 4), (b"\x00", 231), (b"\x00\x00", 231), (b"\x01\x00", 231)]
)
def test_either_length_of_object_97_is_taken_in_a_short_command(opened, le: bytes, length: int) -> None:
    answer = opened.unprotect(_rightly_signed(opened, "0CB08100", encode(0x97, le)))
    assert (answer.data, answer.sw) == (DG1[:length], 0x9000)


def test_a_protected_read_without_object_97_is_told_under_protection_that_le_is_missing(opened) -> None:
    assert opened.unprotect(_rightly_signed(opened, "0CB08100", b"")) == ResponseAPDU(b"", 0x6700)
    assert opened.secure(READ_DG1).data == DG1[:4]


# Orders.


def test_bac_does_not_begin_in_a_session_and_begins_anew_after_one(opened) -> None:
    assert opened.secure("0084000008").sw == 0x6985
    assert opened.secure(READ_DG1).data == DG1[:4]
    assert opened.bac().sw == 0x9000, "the plain GET CHALLENGE ends the first session and begins the second"
    assert opened.secure(READ_DG1).data == DG1[:4]


def test_pace_does_not_begin_in_a_session_or_in_the_application(with_pace) -> None:
    with_pace.select_application()
    assert with_pace.plain(SET_AT_PACE).sw == 0x6985
    assert with_pace.bac().sw == 0x9000
    assert with_pace.secure(SET_AT_PACE).sw == 0x6985
    assert with_pace.secure(READ_DG1).data == DG1[:4]


@pytest.mark.parametrize("order", [(0x80, 0x83, 0x84), (0x84, 0x83, 0x80), (0x83, 0x84, 0x80)])
def test_the_objects_of_set_at_come_in_any_order_and_with_le_or_without(with_pace, order: tuple[int, ...]) -> None:
    values = {0x80: oid_value(PACE_ECDH_GM_OID[SUITE]), 0x83: b"\x02", 0x84: b"\x0d"}
    data = b"".join(encode(tag, values[tag]) for tag in order)
    for ne in (0, 256):
        assert with_pace.chip.transmit(CommandAPDU(0, 0x22, 0xC1, 0xA4, data, ne)) == ResponseAPDU(b"", 0x9000)


def test_a_chip_with_one_key_that_has_no_number_knows_none_by_number(with_keys) -> None:
    assert with_keys.bac().sw == 0x9000
    assert _send(with_keys, replace(SET_AT_CHIP, data=SET_AT_CHIP.data + encode(0x84, b"\x01"))).sw == 0x6A88
    assert _send(with_keys, SET_AT_CHIP).sw == 0x9000
    assert _send(with_keys, CommandAPDU(0, 0x86, 0, 0, EPHEMERAL, 256)).sw == 0x9000


@pytest.mark.parametrize("p1p2", [0x0000, 0x41B6, 0x81A6, 0xC1A6, 0xF301, 0xFFFF])
def test_what_no_protocol_sets_is_6a86(opened, p1p2: int) -> None:
    assert _send(opened, CommandAPDU(0, 0x22, p1p2 >> 8, p1p2 & 0xFF, b"\x83\x01\x00")).sw == 0x6A86
    assert opened.secure(READ_DG1).data == DG1[:4]
