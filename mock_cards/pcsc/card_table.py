"""The virtual readers of one private pcscd and the cards on them: put on, taken away, swapped, looked at."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mock_cards.build import CardFactory
from mock_cards.orders import CardOrder, OrderedCard, make_card
from mock_cards.pcsc.daemon import PrivatePcscd, reader_name
from mock_cards.pcsc.vpcd_client import VirtualSlot
from mock_cards.recording import Exchange, Recording
from mock_cards.refusal import Refusal
from reader.errors import ServiceUnavailable

__all__ = ["CardTable", "NoSuchSlot", "SlotEmpty", "SlotStatus", "SlotTaken"]

POWER_SECONDS = 10.0


class NoSuchSlot(Exception):
    """Say that the service has no slot of this number."""


class SlotTaken(Exception):
    """Say that there is a card on the reader already."""


class SlotEmpty(Exception):
    """Say that there is no card on the reader."""


@dataclass(frozen=True, slots=True, repr=False)
class SlotStatus:
    """Describe one reader; ``slot`` counts from 1. ``ordered`` is the card on it, if any."""

    slot: int
    reader: str
    ordered: OrderedCard | None

    def to_json(self) -> dict[str, object]:
        """Return the form that the control socket uses."""
        card = self.ordered
        if card is None:
            return {"slot": self.slot, "reader": self.reader, "card": None}
        printed = {"personal_number": card.personal_number, "can": card.personal_number[-6:], "mrz": card.mrz}
        told = {"commands": card.card.count, "recording_full": card.card.full}
        return {"slot": self.slot, "reader": self.reader, "card": card.order.to_json(), "printed": printed, **told}


class CardTable:
    """Hold the readers of ``pcscd``; slots count from 1, as people do. Safe to use from any thread.

    ``on_refusal`` is told what a card refuses, with the number of its slot. Every method raises NoSuchSlot for a slot
    that there is not.
    """

    def __init__(
        self, pcscd: PrivatePcscd, factory: CardFactory, on_refusal: Callable[[int, Refusal], None] | None = None
    ) -> None:
        self._factory = factory
        self._on_refusal = on_refusal
        self._slots = [VirtualSlot(partial(pcscd.connect, slot)) for slot in range(pcscd.readers)]
        self._cards: list[OrderedCard | None] = [None] * pcscd.readers
        # One for each slot: to put a card on takes as long as PC/SC needs to notice, and the other readers go on.
        self._busy = [threading.Lock() for _ in self._slots]
        self._making = threading.Lock()

    def insert(self, slot: int, order: CardOrder) -> SlotStatus:
        """Put the card of ``order`` on an empty reader and wait until PC/SC has found it.

        Raise SlotTaken, ServiceUnavailable where PC/SC does not find it, and what ``make_card`` raises.
        """
        place = self._place(slot)
        with self._busy[place]:
            if self._card(place) is not None:
                raise SlotTaken()
            return self._put(place, order)

    def swap(self, slot: int, order: CardOrder) -> SlotStatus:
        """Put the card of ``order`` in the place of what is there, if anything; raise as ``insert`` does."""
        place = self._place(slot)
        with self._busy[place]:
            return self._put(place, order)

    def remove(self, slot: int) -> SlotStatus:
        """Take the card away; raise SlotEmpty where there is none."""
        place = self._place(slot)
        with self._busy[place]:
            if self._card(place) is None:
                raise SlotEmpty()
            self._slots[place].remove()
            self._cards[place] = None
            return self.status_of(slot)

    def status(self) -> tuple[SlotStatus, ...]:
        """Describe every reader."""
        return tuple(self.status_of(slot) for slot in range(1, len(self._slots) + 1))

    def status_of(self, slot: int) -> SlotStatus:
        """Describe one reader."""
        place = self._place(slot)
        return SlotStatus(slot, reader_name(place), self._card(place))

    def exchanges(self, slot: int, since: int = 0) -> tuple[Exchange, ...]:
        """Return the last commands to the card, those after number ``since``; raise SlotEmpty where there is none."""
        return self._require_card(slot).card.exchanges(since)

    def recording(self, slot: int) -> Recording:
        """Return what went to the card since it was put on; raise SlotEmpty where there is none."""
        return self._require_card(slot).card.recording()

    def close(self) -> None:
        """Take every card away."""
        for slot in self._slots:
            slot.remove()

    def _put(self, place: int, order: CardOrder) -> SlotStatus:
        with self._making:
            card = make_card(order, self._factory)
        chip = card.card.chip()
        if chip is not None and self._on_refusal is not None:
            chip.on_refusal = partial(self._on_refusal, place + 1)
        slot = self._slots[place]
        slot.insert(card.card)
        self._cards[place] = card
        if not slot.wait_until_powered(POWER_SECONDS):
            raise ServiceUnavailable("the private pcscd does not see the card")
        return self.status_of(place + 1)

    def _card(self, place: int) -> OrderedCard | None:
        # A card may take itself away, as one with a fault does.
        return self._cards[place] if self._slots[place].holds_card else None

    def _require_card(self, slot: int) -> OrderedCard:
        card = self._cards[self._place(slot)]
        if card is None:
            raise SlotEmpty()
        return card

    def _place(self, slot: int) -> int:
        if not 1 <= slot <= len(self._slots):
            raise NoSuchSlot(slot)
        return slot - 1
