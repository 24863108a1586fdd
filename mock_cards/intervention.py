"""What a forged or faulty chip answers in place of a genuine one, inside secure messaging and outside.

An intervention is told a plain command, the chip's own plain answer and whether both were protected, and returns the
answer that is given. These here answer one kind of command otherwise; several on one chip come one after the other.
"""

from __future__ import annotations

from collections.abc import Callable

from mock_cards.chip import Chip, Intervention
from reader.errors import DataError
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, parse

__all__ = [
    "CHIP_TEMPLATE",
    "KEY_TEMPLATE",
    "PACE_TEMPLATE",
    "instead",
    "intervene",
    "of_file",
    "of_instruction",
    "of_pace_step",
    "of_template",
    "refuse",
    "with_value",
]

Wanted = Callable[[CommandAPDU, bool], bool]
Change = Callable[[CommandAPDU, ResponseAPDU], ResponseAPDU]

PACE_TEMPLATE, CHIP_TEMPLATE, KEY_TEMPLATE = 0xC1A4, 0x41A4, 0x41A6
_MANAGE, _GENERAL, _READ_BINARY = 0x22, 0x86, (0xB0, 0xB1)
_DYNAMIC_DATA = 0x7C


def intervene(chip: Chip, intervention: Intervention) -> None:
    """Put ``intervention`` behind what intervenes on ``chip`` already."""
    before = chip.intervention

    def both(command: CommandAPDU, answer: ResponseAPDU, protected: bool) -> ResponseAPDU:
        return intervention(command, before(command, answer, protected) if before else answer, protected)

    chip.intervention = both


def instead(wanted: Wanted, change: Change) -> Intervention:
    """Change the answers to the commands that are wanted."""

    def intervention(command: CommandAPDU, answer: ResponseAPDU, protected: bool) -> ResponseAPDU:
        return change(command, answer) if wanted(command, protected) else answer

    return intervention


def refuse(sw: int) -> Change:
    """Answer a status word and no data."""
    return lambda command, answer: ResponseAPDU(b"", sw)


def of_template(kind: int) -> Wanted:
    """Want MANAGE SECURITY ENVIRONMENT with these P1-P2."""
    return lambda command, protected: command.ins == _MANAGE and command.p1 << 8 | command.p2 == kind


def of_instruction(ins: int) -> Wanted:
    """Want every command of an instruction."""
    return lambda command, protected: command.ins == ins


def of_file(chip: Chip, fid: int) -> Wanted:
    """Want READ BINARY of one file, once it is the current one."""
    return lambda command, protected: protected and command.ins in _READ_BINARY and chip.current_fid == fid


def of_pace_step(tag: int | None) -> Wanted:
    """Want the GENERAL AUTHENTICATE of PACE that brings data object ``tag``, None for the one that brings nothing.

    81 is the mapping, 83 the agreement, 85 the terminal's token (ICAO 9303-11 §4.4.4.2).
    """

    def wanted(command: CommandAPDU, protected: bool) -> bool:
        return command.ins == _GENERAL and not protected and _first_object(command.data) == tag

    return wanted


def with_value(tag: int, change: Callable[[bytes, bytes], bytes]) -> Change:
    """Change one object of the dynamic authentication data; ``change`` is told what the terminal sent and its value."""

    def act(command: CommandAPDU, answer: ResponseAPDU) -> ResponseAPDU:
        objects = _objects(answer.data)
        if tag not in dict(objects):
            return answer
        sent = _objects(command.data)
        theirs = sent[0][1] if sent else b""
        changed = b"".join(encode(one, change(theirs, value) if one == tag else value) for one, value in objects)
        return ResponseAPDU(encode(_DYNAMIC_DATA, changed), answer.sw)

    return act


def _objects(data: bytes) -> list[tuple[int, bytes]]:
    try:
        return [(child.tag, child.value) for child in parse(data).children()]
    except DataError:
        return []


def _first_object(data: bytes) -> int | None:
    objects = _objects(data)
    return objects[0][0] if objects else None
