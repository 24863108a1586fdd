"""The manners in which chips differ, one by one: what a profile says is what the chip does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mock_cards.chip import CardImage, profile_by_name
from mock_cards.image import ActiveKey
from mock_cards.keys import new_ec_key, new_rsa_key, seeded_rng
from mock_cards.profile import Manners
from reader.crypto import CipherSuite, curve_by_name, decrypt_cbc
from reader.iso7816 import CommandAPDU, ResponseAPDU, parse_all

RNG = seeded_rng("manners")
CURVE = curve_by_name("brainpoolP256r1")
RSA = new_rsa_key(2048, RNG)
DG1 = bytes(range(256)) * 4
CHALLENGE = bytes(range(1, 9))


@pytest.fixture
def open_chip(small_image: Callable[..., CardImage], terminal) -> Callable[..., object]:
    """Return a maker of terminals inside a BAC session with a chip of these manners."""

    def make(profile: str = "vietnam-2021", active: ActiveKey | None = None, **manners: object):
        chosen = profile_by_name(profile)
        chosen = replace(chosen, manners=replace(chosen.manners, **manners))
        it = terminal(replace(small_image(chosen, DG1=DG1), active_key=active))
        it.select_application()
        assert it.bac().sw == 0x9000
        return it

    return make


def _sign(it, ne: int) -> ResponseAPDU:
    return it.unprotect(it.chip.transmit(it.protect(CommandAPDU(0, 0x88, 0, 0, CHALLENGE, ne))))


def test_a_chip_of_the_standard_has_none_of_them() -> None:
    assert profile_by_name("vietnam-2021").manners == Manners()


def test_a_read_is_shortened_to_the_longest(open_chip) -> None:
    it = open_chip("limit-231")
    answer = it.unprotect(it.chip.transmit(it.protect(CommandAPDU(0, 0xB0, 0x81, 0, ne=1000))))
    assert (answer.data, answer.sw) == (DG1[:231], 0x9000)


def test_a_long_read_is_refused_under_protection_and_the_session_goes_on(open_chip) -> None:
    it = open_chip("quirk-6700")
    assert it.secure("00B08100A1").sw == 0x6700
    assert it.secure("00B08100A0").data == DG1[:160]


def test_a_length_that_does_not_fit_is_told_by_6cxx(open_chip) -> None:
    it = open_chip("quirk-6c")
    assert it.secure("00B0810000").sw == 0x6C80
    assert it.secure("00B0810080").data == DG1[:128]
    assert it.secure("00B003F011").sw == 0x6C10
    assert it.secure("00B003F010").data == DG1[-16:]


def test_a_naked_6700_leaves_counter_and_session_where_they_were(open_chip) -> None:
    it = open_chip("quirk-naked-6700")
    assert it.chip.transmit(it.protect(CommandAPDU(0, 0xB0, 0x81, 0, ne=256))) == ResponseAPDU(b"", 0x6700)
    assert it.chip.in_session
    it.counter -= 1
    assert it.secure("00B08100C0").data == DG1[:192]


def test_the_end_of_a_file_may_come_without_its_padding(open_chip) -> None:
    it = open_chip("quirk-6282-padding")
    assert it.secure("00A4020C020101").sw == 0x9000
    protected = it.chip.transmit(it.protect(CommandAPDU(0, 0xB0, 0x03, 0xFC, ne=16)))
    it.counter += 1
    objects = {tlv.tag: tlv.value for tlv in parse_all(protected.data)}
    assert protected.sw == 0x6282
    assert decrypt_cbc(CipherSuite.TDES, it.enc, bytes(8), objects[0x87][1:]) == DG1[-4:] + bytes(4)
    assert it.secure("00B003F010").data == DG1[-16:], "everything else is padded as it should be"


def test_short_identifiers_and_the_odd_instruction_can_be_missing(open_chip) -> None:
    it = open_chip("quirk-no-sfi")
    assert it.secure("00B0810004").sw == 0x6A86
    assert it.secure("00A4020C020101").sw == 0x9000
    assert it.secure("00B0000004").data == DG1[:4]
    assert it.secure("00B100000354010004").sw == 0x6D00


def test_ef_dir_can_be_closed_before_access(small_image, terminal) -> None:
    it = terminal(small_image("quirk-dir-closed"))
    assert it.plain("00B09E0000").sw == 0x6982
    assert it.plain("00A4020C022F00").sw == 0x6982
    assert it.plain("00B0810000").sw == 0x9000, "EF.ATR/INFO is open all the same"


def test_card_security_is_readable_after_pace_and_not_after_bac(small_image, terminal) -> None:
    # ICAO 9303-10 table 34.
    it = terminal(small_image("icao-cam", **{"EF.CardSecurity": b"\x30\x00"}))
    assert it.plain("00B09D0000").sw == 0x6982
    chosen = replace(profile_by_name("icao-cam"), bac=True)
    it = terminal(small_image(chosen, **{"EF.CardSecurity": b"\x30\x00"}))
    it.select_application()
    assert it.bac().sw == 0x9000
    assert it.secure("00A4000C").sw == 0x9000
    assert it.secure("00B09D0000").sw == 0x6982
    assert it.chip.refusals[-1].clause == "ICAO 9303-10 §3.11.4"


def test_a_long_signature_comes_in_parts(open_chip) -> None:
    it = open_chip("quirk-get-response", RSA)
    command = it.protect(CommandAPDU(0, 0x88, 0, 0, CHALLENGE, 256))
    first = it.chip.transmit(command)
    assert (len(first.data), first.sw1) == (256, 0x61)
    rest = it.chip.transmit(CommandAPDU(0, 0xC0, 0, 0, ne=first.sw2))
    answer = it.unprotect(ResponseAPDU(first.data + rest.data, rest.sw))
    assert (len(answer.data), answer.sw) == (256, 0x9000)
    assert it.secure("00B0810004").sw == 0x9000, "fetching the rest is no plain command that ends the session"


def test_the_rest_is_gone_when_another_command_comes(open_chip) -> None:
    it = open_chip("quirk-get-response", RSA)
    first = it.chip.transmit(it.protect(CommandAPDU(0, 0x88, 0, 0, CHALLENGE, 256)))
    assert first.sw1 == 0x61
    it.counter += 1
    assert it.secure("00B0810004").sw == 0x9000
    assert it.plain("00C0000000").sw == 0x6D00


def test_a_signature_can_be_cut_short_with_9000(open_chip) -> None:
    it = open_chip("quirk-aa-cut", RSA)
    cut, whole = _sign(it, 256), _sign(it, 65536)
    assert (len(cut.data), cut.sw) == (231, 0x9000)
    assert (len(whole.data), whole.sw) == (256, 0x9000)


def test_an_extended_le_can_be_answered_with_nothing(open_chip) -> None:
    it = open_chip("quirk-aa-empty", new_ec_key(CURVE, RNG))
    empty, whole = _sign(it, 65536), _sign(it, 256)
    assert (empty.data, empty.sw) == (b"", 0x9000)
    assert (len(whole.data), whole.sw) == (64, 0x9000)


@pytest.mark.parametrize("profile", ["quirk-aa-refused", "quirk-ca-refused"])
def test_what_is_offered_can_be_refused(open_chip, profile: str) -> None:
    it = open_chip(profile, new_ec_key(CURVE, RNG))
    if profile == "quirk-aa-refused":
        assert _sign(it, 256).sw == 0x6985
    else:
        assert it.secure("002241A40C800A04007F00070202030202").sw == 0x6A80


@pytest.mark.parametrize(
    ("profile", "without", "with_it"),
    [
        ("vietnam-2021", 0x9000, 0x9000),
        ("quirk-tag84-refused", 0x9000, 0x6A88),
        ("quirk-tag84-6a80", 0x6A80, 0x9000),
        ("quirk-tag84-6a87", 0x6A87, 0x9000),
    ],
)
def test_object_84_is_taken_refused_or_wanted(small_image, terminal, profile, without: int, with_it: int) -> None:
    chosen = profile_by_name(profile)
    it = terminal(replace(small_image(chosen), pace=chosen.pace))
    assert it.plain("0022C1A40F800A04007F00070202040202830102").sw == without
    assert it.plain("0022C1A412800A04007F0007020204020283010284010D").sw == with_it


def test_several_parameter_sets_want_object_84_where_the_protocol_leaves_it_open(small_image, terminal) -> None:
    chosen = profile_by_name("icao-several")
    it = terminal(replace(small_image(chosen), pace=chosen.pace))
    assert it.plain("0022C1A40F800A04007F00070202040202830102").sw == 0x6A80
    assert it.plain("0022C1A412800A04007F0007020204020283010284010C").sw == 0x9000
    assert it.plain("0022C1A412800A04007F0007020204020283010284010F").sw == 0x6A88
    assert it.plain("0022C1A40F800A04007F00070202040201830102").sw == 0x9000, "3DES is offered in one group only"


def test_3des_goes_by_set_kat_by_set_at_or_by_both_as_the_profile_says(open_chip) -> None:
    set_at = "002241A40C800A04007F00070202030201"
    assert open_chip("icao-3des").secure(set_at).sw == 0x6A80, "the small card has no key at all"


def test_a_file_of_64_k_is_read_in_one_command_of_a_chip_with_such_buffers(small_image, terminal) -> None:
    large = bytes(i * 5 & 0xFF for i in range(65_000))
    it = terminal(small_image("icao-64k", DG2=large))
    it.select_application()
    it.bac()
    answer = it.unprotect(it.chip.transmit(it.protect(CommandAPDU(0, 0xB0, 0x82, 0, ne=65536))))
    assert answer.data == large


def test_extended_length_is_for_two_commands_where_no_buffer_sizes_are_stated(small_image, terminal) -> None:
    # ICAO 9303-11 §9.3.1.2: MSE:Set KAT and GENERAL AUTHENTICATE only.
    chosen = replace(profile_by_name("icao-dh"), atr_info=b"")
    it = terminal(replace(small_image(chosen), pace=chosen.pace))
    assert it.plain("0022C1A40F800A04007F00070202040102830102").sw == 0x9000
    assert it.chip.transmit(CommandAPDU(0x10, 0x86, 0, 0, b"\x7c\x00", 65536)).sw == 0x9000
    assert it.chip.transmit(CommandAPDU(0, 0xB0, 0x9C, 0, ne=65536)).sw == 0x6700
    assert it.chip.refusals[-1].clause == "ICAO 9303-11 §9.3.1.2"
    it.select_application()
    assert it.bac().sw == 0x9000
    assert it.chip.transmit(it.protect(CommandAPDU(0, 0x22, 0x41, 0xA6, bytes(300)))).sw == 0x6A80


def test_other_applications_can_be_selected_and_hold_nothing(small_image, terminal) -> None:
    it = terminal(small_image("eid-german"))
    assert it.plain("00A4040C09E80704007F00070302").sw == 0x9000
    assert it.plain("00A4020C020101").sw == 0x6982
    assert it.plain("00A4000C").sw == 0x9000
    listed = it.plain("00B09E0000").data
    assert listed == bytes.fromhex("61094F07A0000002471001" + "610B4F09E80704007F00070302")
