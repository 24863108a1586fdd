"""How long an emulated card takes: as fast as it can, or like a chip in a reader's field.

A ``TimedCard`` works out what each command costs on the link, in the reader, in the chip and in its cryptography. With
a ``RealClock`` it waits that long; with a ``VirtualClock`` nobody waits and the clock moves on, so that a benchmark has
the seconds of a real read in milliseconds: hand ``clock.now`` to what is measured.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip
from mock_cards.disturbances import Disturbance
from mock_cards.speed import ChipSpeed, LinkModel
from reader.iso7816 import CommandAPDU, ResponseAPDU

__all__ = [
    "TIMINGS",
    "CardClock",
    "CommandTime",
    "RealClock",
    "TimedCard",
    "Timing",
    "VirtualClock",
    "timing_by_name",
    "total",
    "with_timing",
]

_KEPT = 100_000
_INSTANT = ChipSpeed(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Timing:
    """Model a card on a reader: the link (None: takes no time), the reader's seconds an APDU, and the chip's speed.

    A chip whose profile has a speed of its own keeps it.
    """

    name: str
    about: str
    link: LinkModel | None = None
    per_apdu: float = 0.0
    chip: ChipSpeed = _INSTANT


_USUAL = ChipSpeed()
_READER_SECONDS = 2e-3  # USB, the driver and the PC/SC service

TIMINGS: tuple[Timing, ...] = (
    Timing("none", "answers at once"),
    *(
        Timing(
            f"contactless-{rate}",
            f"a usual chip at {rate} kbit/s (ISO/IEC 14443)",
            LinkModel(rate),
            _READER_SECONDS,
            _USUAL,
        )
        for rate in (106, 212, 424, 848)
    ),
    Timing(
        "slow-contactless-106",
        "an old chip at 106 kbit/s, in frames of 64 bytes",
        LinkModel(106, frame_size=64),
        _READER_SECONDS,
        ChipSpeed(per_command=18e-3, per_byte=8e-6, ec_256=80e-3, rsa_2048=600e-3, dh_2048=400e-3),
    ),
)


def timing_by_name(name: str) -> Timing:
    """Return the timing ``name``; raise KeyError where there is none."""
    for timing in TIMINGS:
        if timing.name == name:
            return timing
    raise KeyError(name)


class CardClock(Protocol):
    """Be the clock a card's time passes on, in seconds."""

    def now(self) -> float:
        """Return the present time; ``now`` itself is what a procedure takes as its clock."""
        ...

    def begin(self) -> float:
        """Note that a command reaches the card; return a mark for ``finish``."""
        ...

    def finish(self, begun: float, seconds: float) -> None:
        """Let the answer be there ``seconds`` after ``begun``."""
        ...


class RealClock:
    """Wait in real time; what the emulator itself took is part of the wait, not added to it."""

    def now(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def begin(self) -> float:
        """Return the present time."""
        return time.monotonic()

    def finish(self, begun: float, seconds: float) -> None:
        """Sleep until ``seconds`` after ``begun``."""
        left = begun + seconds - time.monotonic()
        if left > 0:
            time.sleep(left)


class VirtualClock:
    """Move on by the model's seconds without waiting.

    With ``host``, a clock of this machine, the time spent outside the card counts too: then ``now`` tells what a read
    would take with this program's own work in it, and without the emulator's.
    """

    def __init__(self, host: Callable[[], float] | None = None) -> None:
        self._host = host or (lambda: 0.0)
        self._start = self._host()
        self._modelled = 0.0
        self._emulator = 0.0

    def now(self) -> float:
        """Return the seconds since the clock was made."""
        return self._host() - self._start - self._emulator + self._modelled

    def begin(self) -> float:
        """Note the host's time."""
        return self._host()

    def finish(self, begun: float, seconds: float) -> None:
        """Move on by ``seconds``, and leave out what the emulator took."""
        self._emulator += self._host() - begun
        self._modelled += seconds


@dataclass(frozen=True, slots=True)
class CommandTime:
    """Hold what one command, or several, cost: APDUs, their bytes either way, and seconds by where they were spent."""

    apdus: int
    sent: int
    received: int
    link: float
    reader: float
    chip: float
    crypto: float
    ins: int = -1

    @property
    def seconds(self) -> float:
        """Return the whole time."""
        return self.link + self.reader + self.chip + self.crypto


def total(times: Iterable[CommandTime]) -> CommandTime:
    """Add times up."""
    given = tuple(times)
    return CommandTime(
        sum(one.apdus for one in given),
        sum(one.sent for one in given),
        sum(one.received for one in given),
        sum(one.link for one in given),
        sum(one.reader for one in given),
        sum(one.chip for one in given),
        sum(one.crypto for one in given),
    )


class TimedCard(Disturbance):
    """Let a card take its time by ``timing``, on ``clock``; ``times`` holds the last commands, ``total`` adds up."""

    def __init__(self, card: EmulatedCard, timing: Timing, clock: CardClock) -> None:
        super().__init__(card)
        self._timing = timing
        self._clock = clock
        self.times: deque[CommandTime] = deque(maxlen=_KEPT)

    @property
    def total(self) -> CommandTime:
        """Return the sum of all commands held."""
        return total(self.times)

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Pass ``command`` on and let the time pass; a card that leaves or is mute takes none."""
        begun = self._clock.begin()
        chip = self.chip()
        if chip is not None:
            chip.coprocessor.take()
        response = self._card.transmit(command)
        spent = self._cost(command, response, chip)
        self.times.append(spent)
        self._clock.finish(begun, spent.seconds)
        return response

    def _cost(self, command: CommandAPDU, response: ResponseAPDU, chip: Chip | None) -> CommandTime:
        timing = self._timing
        sent, received = len(command.to_bytes()), len(response.data) + 2
        speed = (chip.speed if chip else None) or timing.chip
        own = speed.command_seconds(sent, received)
        crypto = speed.work_seconds(chip.coprocessor.take()) if chip else 0.0
        link = timing.link.seconds(sent, received, own + crypto) if timing.link else 0.0
        return CommandTime(1, sent, received, link, timing.per_apdu, own, crypto, command.ins)


def with_timing(card: EmulatedCard, name: str, clock: CardClock | None = None) -> EmulatedCard:
    """Return ``card`` answering as slowly as ``name`` says, and as its chip's profile does, in real time by default."""
    timing = timing_by_name(name)
    chip = card.chip() if isinstance(card, Disturbance) else card if isinstance(card, Chip) else None
    if timing.link is None and (chip is None or chip.speed is None):
        return card
    return TimedCard(card, timing, clock or RealClock())
