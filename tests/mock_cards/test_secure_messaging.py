"""Strictness of secure messaging: what ends a session, and what must not (ICAO 9303-11 §9.8)."""

from __future__ import annotations

import pytest

from mock_cards.access import SecureSession
from reader.crypto import CipherSuite
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode

READ = CommandAPDU(0, 0xB0, 0x81, 0, ne=16)
SELECT = CommandAPDU(0, 0xA4, 2, 0x0C, b"\x01\x01")


def _expect_abort(it, command: CommandAPDU, sw: int) -> None:
    answer = it.chip.transmit(command)
    assert (answer.data, answer.sw) == (b"", sw), "an error of secure messaging is answered plain (§9.8.5)"
    assert not it.chip.in_session
    # The keys are gone: even a command that would have been right is refused now, and so is a plain read.
    it.counter += 1
    assert it.chip.transmit(it.protect(READ)).sw == 0x6988
    assert it.plain("00B0810010").sw == 0x6982


def _with_body(command: CommandAPDU, body: bytes) -> CommandAPDU:
    return CommandAPDU(*command.header, data=body, ne=256)


@pytest.mark.parametrize("position", [2, 5, -1, -10])
def test_any_bit_of_a_protected_command_counts(opened, position: int) -> None:
    good = opened.protect(SELECT).data
    bad = bytearray(good)
    bad[position] ^= 1
    answer = opened.chip.transmit(_with_body(CommandAPDU(0x0C, 0xA4, 2, 0x0C), bytes(bad)))
    assert answer.sw in (0x6987, 0x6988)
    assert not opened.chip.in_session


def test_a_changed_header_ends_the_session(opened) -> None:
    good = opened.protect(READ)
    _expect_abort(opened, CommandAPDU(0x0C, 0xB0, 0x81, 1, good.data, 256), 0x6988)


def test_a_plain_command_ends_the_session_and_reads_nothing(opened) -> None:
    # §9.8.3: abort if and only if an error occurs or a plain APDU is received.
    assert opened.plain("00B0810010").sw == 0x6982
    assert not opened.chip.in_session
    assert opened.chip.transmit(opened.protect(READ)).sw == 0x6988


def test_a_plain_select_in_the_session_ends_it_too(opened) -> None:
    # §4.3.2: a plain SELECT in the secure channel aborts it.
    assert opened.plain("00A4040C07A0000002471001").sw == 0x9000
    assert not opened.chip.in_session


def test_a_new_session_can_be_opened_after_one_was_aborted(opened) -> None:
    opened.plain("00A4040C07A0000002471001")
    assert opened.bac().sw == 0x9000
    assert opened.secure("00B0810004").sw == 0x9000


def test_the_counter_moves_with_every_command_and_answer(opened) -> None:
    good = opened.protect(READ)
    assert opened.unprotect(opened.chip.transmit(good)).sw == 0x9000
    _expect_abort(opened, good, 0x6988)


def test_a_lost_command_is_noticed(opened) -> None:
    opened.protect(READ)
    opened.counter += 1
    _expect_abort(opened, opened.protect(READ), 0x6988)


def test_a_missing_checksum_is_missing_and_not_wrong(opened) -> None:
    _expect_abort(opened, _with_body(CommandAPDU(0x0C, 0xB0, 0x81, 0), encode(0x97, b"\x10")), 0x6987)


def test_no_data_at_all_is_a_missing_checksum(opened) -> None:
    _expect_abort(opened, CommandAPDU(0x0C, 0xB0, 0x81, 0, ne=256), 0x6987)


@pytest.mark.parametrize(
    "body",
    [
        encode(0x97, b"\x10") + encode(0x87, b"\x01" + bytes(8)) + encode(0x8E, bytes(8)),
        encode(0x97, b"\x10") + encode(0x97, b"\x10") + encode(0x8E, bytes(8)),
        encode(0x99, b"\x90\x00") + encode(0x8E, bytes(8)),
        encode(0x85, bytes(8)) + encode(0x8E, bytes(8)),
        encode(0x97, b"\x10") + encode(0x8E, bytes(7)),
        encode(0x97, b"\x10") + encode(0x8E, bytes(16)),
        b"\x97\x05\x01",
        b"\x00\x00",
    ],
)
def test_objects_out_of_order_twice_unknown_or_malformed_end_the_session(opened, body: bytes) -> None:
    _expect_abort(opened, _with_body(CommandAPDU(0x0C, 0xB0, 0x81, 0), body), 0x6988 if body != b"\x00\x00" else 0x6987)


def test_the_odd_instruction_wants_object_85_and_the_even_one_87(opened) -> None:
    even = opened.protect(CommandAPDU(0, 0xA4, 2, 0x0C, b"\x01\x01"))
    _expect_abort(opened, CommandAPDU(0x0C, 0xB1, 0, 1, even.data, 256), 0x6988)


@pytest.mark.parametrize("suite", list(CipherSuite))
def test_every_cipher_carries_commands_and_answers_of_every_length(suite: CipherSuite) -> None:
    from_terminal, at_chip = SecureSession(suite, b"shared"), SecureSession(suite, b"shared")
    for length in (0, 1, 7, 8, 15, 16, 17, 200, 1000):
        # A chip's answer, wrapped, is what the same keys and counter verify as a command's objects.
        wrapped = at_chip.wrap(0xB0, ResponseAPDU(bytes(length), 0x9000))
        assert wrapped.data != b""
        assert wrapped.sw == 0x9000
        again = from_terminal.wrap(0xB0, ResponseAPDU(bytes(length), 0x9000))
        assert again == wrapped


@pytest.mark.parametrize("suite", list(CipherSuite))
@pytest.mark.parametrize("ins", [0xB0, 0xB1])
@pytest.mark.parametrize("room", [100, 143, 144, 145, 160, 231, 256, 257, 272, 300, 1000, 2046])
def test_the_capacity_of_an_answer_is_exact(suite: CipherSuite, ins: int, room: int) -> None:
    session = SecureSession(suite, b"shared")
    most = session.capacity(ins, room)
    assert len(session.wrap(ins, ResponseAPDU(bytes(most), 0x9000)).data) <= room
    assert len(session.wrap(ins, ResponseAPDU(bytes(most + 1), 0x9000)).data) > room


def test_a_protected_command_without_le_is_answered_all_the_same(opened) -> None:
    # Some PC/SC ways drop the Le of a case 4 command; the standard's figure 5 always has one.
    protected = opened.protect(READ)
    assert opened.unprotect(opened.chip.transmit(CommandAPDU(*protected.header, data=protected.data))).sw == 0x9000
