"""READ BINARY in all its forms (ICAO 9303-10 §3.6.3, §3.6.6)."""

from __future__ import annotations

import pytest

from reader.iso7816 import CommandAPDU, encode

DG1 = bytes(range(256)) * 4


def _read(it, command: CommandAPDU):
    return it.unprotect(it.chip.transmit(it.protect(command)))


def test_a_short_identifier_reads_and_selects_in_one_command(opened) -> None:
    answer = opened.secure("00B0811020")
    assert (answer.data, answer.sw) == (DG1[0x10:0x30], 0x9000)
    assert opened.secure("00B0010004").data == DG1[0x100:0x104], "the file is current afterwards"


def test_the_short_answer_holds_what_fits_beside_its_protection(opened) -> None:
    # 256 bytes less DO 99, DO 8E and the header and padding of DO 87 leave 231 for blocks of eight.
    answer = opened.secure("00B0810000")
    assert (answer.data, answer.sw) == (DG1[:231], 0x9000)
    assert opened.secure("00B08100E7").data == DG1[:231]
    assert opened.secure("00B08100FF").data == DG1[:231]


def test_the_end_of_the_file_is_a_warning_only_for_a_length_that_was_named(opened) -> None:
    # ISO/IEC 7816-4: Le of zeros asks for all there is; a named length that is not reached is answered 6282.
    assert opened.secure("00A4020C020101").sw == 0x9000
    answer = opened.secure("00B003F010")
    assert (answer.data, answer.sw) == (DG1[-16:], 0x9000)
    answer = opened.secure("00B003F011")
    assert (answer.data, answer.sw) == (DG1[-16:], 0x6282)
    answer = opened.secure("00B003F000")
    assert (answer.data, answer.sw) == (DG1[-16:], 0x9000)
    assert opened.secure("00B0040000").sw == 0x6B00
    assert opened.secure("00B07FFF01").sw == 0x6B00


def test_the_odd_instruction_takes_an_offset_object_and_answers_a_discretionary_one(opened) -> None:
    assert opened.secure("00A4020C020101").sw == 0x9000
    answer = opened.secure("00B10000045402010012")
    assert answer.data == encode(0x53, DG1[0x100:0x110])
    answer = opened.secure("00B100010354010408")
    assert answer.data == encode(0x53, DG1[4:10])
    answer = opened.secure("00B101010354010000")
    assert answer.data[:2] == b"\x53\x81"
    assert answer.data[3:] == DG1[: len(answer.data) - 3]


@pytest.mark.parametrize("data", ["5400", "5301", "54010054010A", "5405000000000A", ""])
def test_the_odd_instruction_wants_one_offset_object(opened, data: str) -> None:
    command = CommandAPDU(0, 0xB1, 0x00, 0x01, bytes.fromhex(data), 256)
    assert _read(opened, command).sw == 0x6A80


def test_a_file_beyond_32767_bytes_is_reached_by_the_odd_instruction(small_image, terminal) -> None:
    large = bytes(i * 7 & 0xFF for i in range(70_000))
    it = terminal(small_image("icao-extended", DG2=large))
    it.select_application()
    it.bac()
    answer = _read(it, CommandAPDU(0, 0xB1, 0, 2, encode(0x54, (65_536).to_bytes(3, "big")), 4000))
    assert answer.data[4:] == large[65_536 : 65_536 + 3996]
    assert answer.sw == 0x9000


def test_extended_length_is_refused_where_it_was_not_announced(opened) -> None:
    # ICAO 9303-10 §3.6.4.2.
    assert _read_raw(opened, CommandAPDU(0, 0xB0, 0x81, 0, ne=1000)) == 0x6700


def _read_raw(it, command: CommandAPDU) -> int:
    return it.chip.transmit(it.protect(command)).sw


def test_extended_answers_go_up_to_the_buffer_announced(small_image, terminal) -> None:
    it = terminal(small_image("vietnam-2024", DG2=bytes(5000)))
    it.select_application()
    it.bac()
    protected = it.chip.transmit(it.protect(CommandAPDU(0, 0xB0, 0x82, 0, ne=65536)))
    assert 2040 <= len(protected.to_bytes()) <= 2048
    assert len(it.unprotect(protected).data) > 2000


def test_a_command_longer_than_the_buffer_announced_is_refused(small_image, terminal) -> None:
    it = terminal(small_image("vietnam-2024"))
    longest = CommandAPDU(0, 0xA4, 0x04, 0x0C, bytes(1024 - 7))
    assert it.chip.transmit(longest).sw == 0x6A82
    assert it.chip.transmit(CommandAPDU(0, 0xA4, 0x04, 0x0C, bytes(1024 - 6))).sw == 0x6700


def test_plain_answers_are_not_longer_than_asked_for(small_image, terminal) -> None:
    it = terminal(small_image(**{"EF.CardAccess": bytes(300)}))
    assert len(it.plain("00B09C0000").data) == 256
    assert len(it.plain("00B09C0005").data) == 5
