"""What a desk works with, put together by ``desk.assembly``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from auth.wire.server_time import ServerTime
from desk.clerk_post import ClerkPost, SettingsClerk
from desk.clock import Clock
from desk.ports import Inspector, PresenceStep, Registers, Reopener
from desk.slip.office import DeskSlips, SlipOffice
from desk.view import TrustView
from desk.visit_data import Surroundings
from reader.iso7816 import CardTerminal, CardWatch

__all__ = ["DeskParts", "RegisterSide"]


@dataclass(frozen=True, slots=True)
class RegisterSide:
    """Hold what of a desk speaks for its device: made with one pair of keys, it comes and goes with them."""

    registers: Registers
    presence: PresenceStep | None = None
    slips: SlipOffice = field(default_factory=DeskSlips)
    clerk: ClerkPost = field(default_factory=SettingsClerk)

    def close(self) -> None:
        """Break off what is asked of a verifier, sign out, and close every connection, the ledger and the device.

        Each is closed also where one before it could not be.
        """
        with ExitStack() as closing:
            closing.callback(self.registers.close)
            closing.callback(self.clerk.close)
            if self.presence is not None:
                closing.callback(self.presence.close)


@dataclass(frozen=True, slots=True)
class DeskParts:
    """Hold what a desk works with: idle, it wipes after ``idle_seconds``; a wiped page stays ``settle_seconds``.

    A reading cut short keeps its place for ``card_back_seconds``; a card that only lost contact is tried again after
    ``contact_seconds``. ``prepare`` loads what the first card needs, after the window; ``trust`` then tells its age.
    ``terminal_for`` returns the terminal of one reading, which gives up waiting for a card when its event is set, and
    calls what it is handed with the reader's name where another program holds the card. ``presence`` follows a reading;
    where the card is to prove itself only later, ``reopen`` opens it once more, and without that it does not. ``renew``
    makes what speaks for the device anew with the keys that it has by then; ``look_after`` is called with the registers
    when they begin, and again for those.
    """

    watch: CardWatch
    terminal_for: Callable[[threading.Event, Callable[[str], None]], CardTerminal]
    inspect: Inspector
    registers: Registers
    surroundings: Surroundings
    clock: Clock
    reader: str = ""
    presence: PresenceStep | None = None
    reopen: Reopener | None = None
    idle_seconds: float = 120.0
    settle_seconds: float = 3.0
    card_back_seconds: float = 20.0
    contact_seconds: float = 1.0
    prepare: Callable[[], None] = lambda: None
    trust: Callable[[], TrustView | None] = lambda: None
    clerk: ClerkPost = field(default_factory=SettingsClerk)
    server_time: ServerTime = field(default_factory=ServerTime)
    slips: SlipOffice = field(default_factory=DeskSlips)
    renew: Callable[[], RegisterSide] | None = None
    look_after: Callable[[Registers], None] = lambda registers: None

    @property
    def side(self) -> RegisterSide:
        """Return what speaks for the device."""
        return RegisterSide(self.registers, self.presence, self.slips, self.clerk)

    def with_side(self, side: RegisterSide) -> DeskParts:
        """Return the same parts with ``side`` speaking for the device."""
        return replace(self, registers=side.registers, presence=side.presence, slips=side.slips, clerk=side.clerk)
