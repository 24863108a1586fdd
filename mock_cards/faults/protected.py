"""What can be done to the data objects of a protected answer by somebody who has not the session keys.

ICAO 9303-11 §9.8.4: DO87 (or DO85) with the cryptogram, DO99 with the status, DO8E with the checksum, in this order.
"""

from __future__ import annotations

from collections.abc import Callable

from mock_cards.faults.action import Action, CardMaker
from mock_cards.faults.scripted import Act, Scripted
from reader.errors import DataError
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, parse_all

__all__ = ["OBJECTS", "PROTECTED_ACTIONS"]

Objects = list[tuple[int, bytes]]

_CRYPTOGRAMS = (0x87, 0x85)
_STATUS, _CHECKSUM = 0x99, 0x8E


def _without(*tags: int) -> Callable[[Objects], Objects]:
    return lambda objects: [(tag, value) for tag, value in objects if tag not in tags]


def _changed(tags: tuple[int, ...], change: Callable[[bytes], bytes]) -> Callable[[Objects], Objects]:
    return lambda objects: [(tag, change(value) if tag in tags else value) for tag, value in objects]


def _last_bit_flipped(value: bytes) -> bytes:
    return value[:-1] + bytes((value[-1] ^ 1,)) if value else value


def _cut(value: bytes) -> bytes:
    return value[:-1]


def _lengthened(value: bytes) -> bytes:
    return value + b"\x00"


def _reordered(objects: Objects) -> Objects:
    return [*objects[1:], *objects[:1]] if len(objects) > 2 else objects[::-1]


def _with_unknown(objects: Objects) -> Objects:
    return [*objects[:-1], (0x81, b"\x00"), *objects[-1:]]


def _doubled(objects: Objects) -> Objects:
    return [*objects[:1], *objects]


OBJECTS: dict[str, Callable[[Objects], Objects]] = {
    "data-flipped": _changed(_CRYPTOGRAMS, _last_bit_flipped),
    "status-flipped": _changed((_STATUS,), _last_bit_flipped),
    "checksum-flipped": _changed((_CHECKSUM,), _last_bit_flipped),
    "data-missing": _without(*_CRYPTOGRAMS),
    "status-missing": _without(_STATUS),
    "checksum-missing": _without(_CHECKSUM),
    "checksum-short": _changed((_CHECKSUM,), _cut),
    "checksum-long": _changed((_CHECKSUM,), _lengthened),
    "reordered": _reordered,
    "unknown-object": _with_unknown,
    "first-twice": _doubled,
}
"""The ways to spoil a protected answer, by name: the argument of the action ``objects``."""


def _spoil(argument: str, _cards: CardMaker) -> Act:
    if argument not in OBJECTS:
        raise ValueError(f"takes one of: {', '.join(OBJECTS)}")
    change = OBJECTS[argument]

    def act(command: CommandAPDU, scripted: Scripted) -> ResponseAPDU:
        answer = scripted.card.transmit(command)
        try:
            objects = [(tlv.tag, tlv.value) for tlv in parse_all(answer.data)]
        except DataError:
            return answer
        if all(tag != _CHECKSUM for tag, _ in objects):
            return answer  # not a protected one
        return ResponseAPDU(b"".join(encode(tag, value) for tag, value in change(objects)), answer.sw)

    return act


PROTECTED_ACTIONS: tuple[Action, ...] = (
    Action("objects", "the data objects of a protected answer are spoilt", "|".join(OBJECTS), _spoil),
)
