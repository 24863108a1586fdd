"""What lies on a reader, made of the service's flags: removal, flicker, quick swaps, mute and held cards.

Pure: raw states and times come in, ``ReaderState`` comes out.
"""

from __future__ import annotations

from reader.iso7816 import ReaderState, SlotState
from reader.pcsc.scard import Flags, RawState, event_count

__all__ = ["FLICKER_SECONDS", "SlotHistory", "is_emulated", "is_passed_over", "is_usable", "slot_of"]

FLICKER_SECONDS = 0.3
"""A contactless card that is back with the same ATR within this time has flickered, it was not taken away."""

# No card for a clerk's desk ever lies on these: they are credentials of the operating system that show as readers.
_PASSED_OVER = ("windows hello", "microsoft virtual smart card", "microsoft passport", "microsoft uicc", "tpm virtual")

_EMULATED = "virtual pcd"


def is_passed_over(reader: str) -> bool:
    """Tell whether ``reader`` is a virtual reader of the operating system that cannot hold an ID card."""
    return reader.casefold().startswith(_PASSED_OVER)


def is_emulated(reader: str) -> bool:
    """Tell whether ``reader`` is vpcd's: what lies on it is a program."""
    return reader.casefold().startswith(_EMULATED)


def is_usable(raw: RawState) -> bool:
    """Tell whether the service can speak to the reader at all."""
    return not raw.state & (Flags.UNKNOWN | Flags.UNAVAILABLE | Flags.IGNORE)


def slot_of(state: int) -> SlotState:
    """Return what the flags in ``state`` say; EXCLUSIVE is never ours, since we connect shared."""
    if not state & Flags.PRESENT:
        return SlotState.EMPTY
    if state & Flags.MUTE:
        return SlotState.MUTE
    if state & Flags.EXCLUSIVE:
        return SlotState.HELD
    return SlotState.PRESENT


class SlotHistory:
    """Follow one reader: show a removal only when it lasts, and count every card put on.

    An absence that the watch saw and that lasted less than ``FLICKER_SECONDS`` is a flicker when the ATR stayed the
    same: a hand is not that quick. Where the service counted a removal and an insertion that the watch did not see, how
    long it lasted is unknown, so it counts as another card: rather once too often asked than one citizen's data kept
    under another's card.
    """

    def __init__(self, reader: str) -> None:
        self._state = ReaderState(reader, SlotState.EMPTY, emulated=is_emulated(reader))
        self._count = 0
        self._gone_since: float | None = None

    @property
    def state(self) -> ReaderState:
        """Return what to show."""
        return self._state

    @property
    def settles_at(self) -> float | None:
        """Return the moment at which a removal not yet shown becomes one; None where none is pending."""
        return None if self._gone_since is None else self._gone_since + FLICKER_SECONDS

    def feed(self, raw: RawState, now: float) -> None:
        """Take the service's state of this reader at ``now``."""
        self.settle(now)
        slot = slot_of(raw.state)
        if slot is SlotState.EMPTY:
            if self._state.slot is not SlotState.EMPTY and self._gone_since is None:
                self._gone_since = now
        else:
            self._show(slot, raw.atr, self._state.insertions + self._is_another(raw))
            self._gone_since = None
        self._count = event_count(raw.state)

    def settle(self, now: float) -> None:
        """Show a pending removal whose time has come."""
        if self._gone_since is not None and now >= self._gone_since + FLICKER_SECONDS:
            self.lose()

    def lose(self) -> None:
        """Show the slot as empty at once: the reader or the service went away."""
        self._gone_since = None
        self._show(SlotState.EMPTY, b"", self._state.insertions)

    def _is_another(self, raw: RawState) -> bool:
        shown = self._state
        if shown.slot is SlotState.EMPTY:
            return True
        if self._gone_since is not None:
            return bool(raw.atr and shown.atr and raw.atr != shown.atr)
        return (event_count(raw.state) - self._count) & 0xFFFF >= 2

    def _show(self, slot: SlotState, atr: bytes, insertions: int) -> None:
        self._state = ReaderState(self._state.name, slot, atr, insertions, self._state.emulated)
