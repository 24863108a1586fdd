"""Whoever intervenes sees the plain commands of a chip, protected ones too, and may answer in its place."""

from __future__ import annotations

import pytest

from mock_cards.chip import Chip
from reader.errors import CardRemoved
from reader.iso7816 import CommandAPDU, ResponseAPDU

READ_DG1 = "00B0810008"


def _spy(chip: Chip) -> list[tuple[str, int, bool]]:
    seen: list[tuple[str, int, bool]] = []

    def look(command: CommandAPDU, answer: ResponseAPDU, protected: bool) -> ResponseAPDU:
        seen.append((command.to_bytes().hex().upper(), answer.sw, protected))
        return answer

    chip.intervention = look
    return seen


def test_plain_forms_of_protected_commands_are_seen_and_refusals_too(opened) -> None:
    seen = _spy(opened.chip)
    assert opened.secure(READ_DG1).data == bytes(range(8))
    assert opened.secure("00B0990008").sw == 0x6A82
    assert opened.plain(READ_DG1).sw == 0x6982
    assert seen == [(READ_DG1, 0x9000, True), ("00B0990008", 0x6A82, True), (READ_DG1, 0x6982, False)]


def test_another_answer_is_protected_like_the_chips_own(opened) -> None:
    opened.chip.intervention = lambda command, answer, protected: ResponseAPDU(b"other", 0x6282)
    answer = opened.secure(READ_DG1)
    assert (answer.data, answer.sw) == (b"other", 0x6282)
    assert opened.secure(READ_DG1).data == b"other"


def test_a_session_does_not_begin_where_the_answer_was_turned_into_an_error(small_image, terminal) -> None:
    it = terminal(small_image())
    it.select_application()
    it.chip.intervention = lambda command, answer, protected: (
        ResponseAPDU(b"", 0x6300) if command.ins == 0x82 else answer
    )
    assert it.bac().sw == 0x6300
    assert not it.chip.in_session


def test_an_intervention_may_take_the_card_away(opened) -> None:
    def gone(command: CommandAPDU, answer: ResponseAPDU, protected: bool) -> ResponseAPDU:
        raise CardRemoved("taken")

    opened.chip.intervention = gone
    with pytest.raises(CardRemoved):
        opened.secure(READ_DG1)
