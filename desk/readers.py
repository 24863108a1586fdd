"""From snapshots of readers to events of a visit: which card is the visit's, and when it came and went."""

from __future__ import annotations

from dataclasses import dataclass

from desk.visit import Event
from reader.errors import AccessRefused, CardHeld, CardRemoved, MuteCard, NoReader, ReaderGone, ServiceUnavailable
from reader.iso7816 import ReaderSnapshot, ReaderState, ServiceState, SlotState

__all__ = ["ReaderEvent", "ReaderTracker"]

_UNREADABLE = {SlotState.MUTE: MuteCard.code, SlotState.HELD: CardHeld.code}
_SERVICES = {ServiceState.STOPPED: ServiceUnavailable.code, ServiceState.REFUSED: AccessRefused.code}


@dataclass(frozen=True, slots=True)
class ReaderEvent:
    """Hold an event of the visit and the failure code that goes with it."""

    event: Event
    failure: str = ""


class ReaderTracker:
    """Follow one card: the first readable one there is, until it leaves.

    A second card on another reader waits until the first has gone. A card that is swapped between two snapshots is
    seen by its reader's ``insertions``. ``preferred`` limits the desk to the reader of that name.
    """

    def __init__(self, preferred: str = "") -> None:
        self.snapshot = ReaderSnapshot(ServiceState.RUNNING)
        self._preferred = preferred
        self._card: ReaderState | None = None
        self._unreadable: ReaderState | None = None

    @property
    def card(self) -> ReaderState | None:
        """Return the reader that holds the visit's card, as it was when the card came."""
        return self._card

    @property
    def trouble(self) -> str:
        """Return the failure code for having no reader; empty where there is one."""
        return "" if self._readers() else _SERVICES.get(self.snapshot.service, NoReader.code)

    def update(self, snapshot: ReaderSnapshot) -> tuple[ReaderEvent, ...]:
        """Take a new snapshot and return what happened, in order."""
        had_readers = bool(self._readers())
        self.snapshot = snapshot
        if not self._readers():
            self._card = self._unreadable = None
            return (ReaderEvent(Event.READER_LOST, self.trouble),) if had_readers else ()
        if not had_readers:
            return (ReaderEvent(Event.READER_FOUND),)
        gone = self._what_left()
        return (*gone, *self._what_came())

    def look(self) -> tuple[ReaderEvent, ...]:
        """Return the event for the card that lies there now, be it new or not; nothing for no card."""
        if self._card is not None:
            return (ReaderEvent(Event.CARD_IN),)
        if self._unreadable is not None:
            return (ReaderEvent(Event.CARD_UNREADABLE, _UNREADABLE[self._unreadable.slot]),)
        return self._what_came()

    def _readers(self) -> tuple[ReaderState, ...]:
        if self.snapshot.service is not ServiceState.RUNNING:
            return ()
        return tuple(r for r in self.snapshot.readers if not self._preferred or r.name == self._preferred)

    def _now(self, before: ReaderState) -> ReaderState | None:
        return next((reader for reader in self._readers() if reader.name == before.name), None)

    def _what_left(self) -> tuple[ReaderEvent, ...]:
        events: list[ReaderEvent] = []
        if self._card is not None:
            now = self._now(self._card)
            if now is None or now.slot is SlotState.EMPTY or now.insertions != self._card.insertions:
                self._card = None
                events.append(ReaderEvent(Event.CARD_OUT, ReaderGone.code if now is None else CardRemoved.code))
        if self._unreadable is not None:
            now = self._now(self._unreadable)
            if now is None or now.slot is not self._unreadable.slot or now.insertions != self._unreadable.insertions:
                self._unreadable = None
                if now is None or now.slot is not SlotState.PRESENT:
                    events.append(ReaderEvent(Event.UNREADABLE_GONE))
        return tuple(events)

    def _what_came(self) -> tuple[ReaderEvent, ...]:
        if self._card is not None:
            return ()
        for reader in self._readers():
            if reader.slot is SlotState.PRESENT:
                self._card, self._unreadable = reader, None
                return (ReaderEvent(Event.CARD_IN),)
        if self._unreadable is not None:
            return ()
        for reader in self._readers():
            if reader.slot in _UNREADABLE:
                self._unreadable = reader
                return (ReaderEvent(Event.CARD_UNREADABLE, _UNREADABLE[reader.slot]),)
        return ()
