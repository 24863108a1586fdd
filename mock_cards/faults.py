"""Faults by name: what goes wrong without anybody cheating.

A fault alters the card image (files of random bytes) or stands between chip and reader (a card pulled away). One that
takes a number is written ``name:number``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from mock_cards.card import EmulatedCard
from mock_cards.disturbances import LostField, Mute, Slow
from mock_cards.image import CardImage, ElementaryFile

__all__ = ["FAULTS", "Fault", "alter", "disturb", "fault_by_name"]

_LOST_AT = 15  # behind PACE and in the middle of the first files, whatever the read size
_SLOW_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Fault:
    """Name a fault: what it is, which checks come out failed, and the decision; None where no report can be made.

    ``alter`` changes what is on the card, ``disturb`` how it answers; ``argument`` is the number that ``disturb`` takes
    where the name does not bring one.
    """

    name: str
    about: str
    fails: frozenset[str]
    decision: str | None
    alter: Callable[[CardImage], CardImage] | None = None
    disturb: Callable[[EmulatedCard, int], EmulatedCard] | None = None
    argument: int | None = None


def fault_by_name(text: str) -> tuple[Fault, int]:
    """Return the fault ``name`` or ``name:number`` with its number; raise KeyError where there is none."""
    name, _, number = text.partition(":")
    for fault in FAULTS:
        if fault.name == name and (not number or (fault.argument is not None and number.isdecimal())):
            return fault, int(number) if number else fault.argument or 0
    raise KeyError(text)


def alter(image: CardImage, names: tuple[str, ...]) -> CardImage:
    """Apply what the faults change on the card."""
    for name in names:
        fault, _ = fault_by_name(name)
        image = fault.alter(image) if fault.alter else image
    return image


def disturb(card: EmulatedCard, names: tuple[str, ...]) -> EmulatedCard:
    """Put what the faults do between chip and reader."""
    for name in names:
        fault, number = fault_by_name(name)
        card = fault.disturb(card, number) if fault.disturb else card
    return card


def _random_files(image: CardImage) -> CardImage:
    """Replace every file of the application by as many bytes without sense, the same on every run."""
    return replace(image, application=tuple(_random_file(file) for file in image.application))


def _random_file(file: ElementaryFile) -> ElementaryFile:
    noise = hashlib.shake_256(f"noise/{file.fid:04X}".encode()).digest(len(file.content))
    return replace(file, content=noise)


def _lost_field(card: EmulatedCard, at: int) -> EmulatedCard:
    return LostField(card, at=at)


def _mute(card: EmulatedCard, _: int) -> EmulatedCard:
    return Mute(card)


def _slow(card: EmulatedCard, _: int) -> EmulatedCard:
    return Slow(card, per_command=_SLOW_SECONDS, per_byte=0.0)


FAULTS: tuple[Fault, ...] = (
    Fault(
        "lost-field",
        f"the card leaves the field at a command, the {_LOST_AT}th where no other is named",
        frozenset(),
        None,
        disturb=_lost_field,
        argument=_LOST_AT,
    ),
    Fault("mute-card", "something lies on the reader that does not answer a reset", frozenset(), None, disturb=_mute),
    Fault("slow-chip", "every answer takes twenty milliseconds", frozenset(), "proceed", disturb=_slow),
    Fault(
        "random-files",
        "every file of the application holds random bytes",
        frozenset({"lds.structure"}),
        "stop",
        alter=_random_files,
    ),
)
