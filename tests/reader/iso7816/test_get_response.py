"""61xx and GET RESPONSE (ISO/IEC 7816-4 §5.3.4): bare below secure messaging, else left alone."""

from __future__ import annotations

import pytest

from reader.iso7816 import CollectingLink, CommandAPDU, CountingLink, ResponseAPDU, encode, get_response

READ = CommandAPDU(0x00, 0xB0, 0x81, 0x00, ne=256)
PROTECTED = CommandAPDU(0x0C, 0xB0, 0x81, 0x00, b"\x97\x01\x00", ne=256)


class Canned:
    atr = b"\x3b\x00"
    longest_apdu = 261

    def __init__(self, *answers: ResponseAPDU) -> None:
        self.answers = list(answers)
        self.commands: list[CommandAPDU] = []

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.commands.append(command)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_an_answer_in_parts_arrives_as_one() -> None:
    card = Canned(ResponseAPDU(b"abc", 0x6102), ResponseAPDU(b"de", 0x6100), ResponseAPDU(b"f", 0x9000))
    assert CollectingLink(card).transmit(READ) == ResponseAPDU(b"abcdef", 0x9000)
    assert [command.to_bytes().hex() for command in card.commands[1:]] == ["00c0000002", "00c0000000"]


def test_a_protected_answer_in_bare_parts_arrives_as_one() -> None:
    whole = encode(0x87, b"\x01" + bytes(208)) + encode(0x99, b"\x90\x00") + encode(0x8E, bytes(8))
    card = Canned(ResponseAPDU(whole[:200], 0x6100 | len(whole) - 200), ResponseAPDU(whole[200:], 0x9000))
    assert CollectingLink(card).transmit(PROTECTED) == ResponseAPDU(whole, 0x9000)
    # The bare class byte: GET RESPONSE here carries an answer and is no command of the session.
    assert card.commands[1].to_bytes().hex() == f"00c00000{len(whole) - 200:02x}"


def test_an_announcement_that_a_checksum_covers_is_left_to_the_channel() -> None:
    inside = encode(0x87, b"\x01" + bytes(16)) + encode(0x99, b"\x61\x20") + encode(0x8E, bytes(8))
    card = Canned(ResponseAPDU(inside, 0x6120))
    assert CollectingLink(card).transmit(PROTECTED) == ResponseAPDU(inside, 0x6120)
    assert len(card.commands) == 1


def test_an_error_at_the_end_of_the_parts_is_the_answer() -> None:
    card = Canned(ResponseAPDU(b"", 0x6110), ResponseAPDU(b"", 0x6F00))
    assert CollectingLink(card).transmit(READ) == ResponseAPDU(b"", 0x6F00)


@pytest.mark.parametrize("part", [b"x", bytes(256)])
def test_a_card_that_never_ends_is_stopped(part: bytes) -> None:
    card = Canned(ResponseAPDU(part, 0x6100))
    assert CollectingLink(card).transmit(READ).sw == 0x6100
    assert len(card.commands) <= 301


def test_an_announcement_that_brings_nothing_ends() -> None:
    card = Canned(ResponseAPDU(b"", 0x6100))
    assert CollectingLink(card).transmit(READ).sw == 0x6100
    assert len(card.commands) == 2


def test_other_answers_pass_untouched_and_every_command_is_counted_below() -> None:
    card = Canned(ResponseAPDU(b"a", 0x6101), ResponseAPDU(b"b", 0x9000))
    counting = CountingLink(card)
    link = CollectingLink(counting)
    link.transmit(READ)
    assert link.transmit(READ) == ResponseAPDU(b"b", 0x9000)
    assert counting.counters.apdus == 3
    assert (link.atr, link.longest_apdu) == (b"\x3b\x00", 261)


def test_get_response_keeps_the_logical_channel_and_drops_protection() -> None:
    assert get_response(CommandAPDU(0x0D, 0xB0, 0, 0), 0).to_bytes().hex() == "01c0000000"
