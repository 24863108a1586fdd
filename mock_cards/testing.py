"""What the pytest plugin hands to a test: a card in the hand, and a PC/SC reader that cards are put on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_cards.build import CardFactory
from mock_cards.faults import Fault, fault_by_name
from mock_cards.forgeries import Forgery, forgery_by_name
from mock_cards.orders import CardOrder, OrderedCard, make_card
from mock_cards.pcsc import PrivatePcscd, VirtualSlot, reader_name
from mock_cards.recording import Exchange, RecordedCard, chip_of
from mock_cards.refusal import Refusal
from reader.errors import ServiceUnavailable
from reader.iso7816 import CommandAPDU, ResponseAPDU

__all__ = ["READER_NAMES", "CardInHand", "PcscReader"]

READER_NAMES = (reader_name(0), reader_name(1))
"""The two readers of the service that the plugin runs, as PC/SC calls them."""
FOUND_SECONDS = 10.0


@dataclass(frozen=True, slots=True, repr=False)
class CardInHand:
    """Hold an emulated card and all that a test may want to know of it. It is a ``CardLink``.

    ``card`` can be powered and reset; ``anchors`` are the test CSCA certificates, DER, under which it is genuine.
    """

    order: CardOrder
    card: RecordedCard
    personal_number: str
    mrz: str
    anchors: tuple[bytes, ...]

    @classmethod
    def made(cls, order: CardOrder, factory: CardFactory) -> CardInHand:
        """Make the card of ``order``, powered off."""
        made: OrderedCard = make_card(order, factory)
        return cls(order, made.card, made.personal_number, made.mrz, factory.anchors)

    @property
    def can(self) -> str:
        """Return the card access number: the last six digits of the personal number."""
        return self.personal_number[-6:]

    @property
    def atr(self) -> bytes:
        """Return the answer to reset; empty where the card is mute."""
        return self.card.atr

    @property
    def forgeries(self) -> tuple[Forgery, ...]:
        """Return how the card is forged, with what must fail."""
        return tuple(forgery_by_name(name) for name in self.order.forgeries)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return what goes wrong with the card, with what must fail."""
        return tuple(fault_by_name(name) for name in self.order.faults)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Return what the chip refused, each with the clause that has it so."""
        chip = chip_of(self.card)
        return tuple(chip.refusals) if chip else ()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Return the last commands and what came of them."""
        return self.card.exchanges()

    def transmit(self, command: CommandAPDU | bytes) -> ResponseAPDU:
        """Send a command, as bytes or parsed; raise CardRemoved or MuteCard where the card gives no answer."""
        return self.card.transmit(CommandAPDU.from_bytes(command) if isinstance(command, bytes) else command)


class PcscReader:
    """Be a virtual reader of a private PC/SC service; ``name`` is how PC/SC calls it.

    PC/SC of this process is bound to that service already; another process needs ``environment`` in its own.
    """

    def __init__(self, name: str, pcscd: PrivatePcscd, slot: VirtualSlot, factory: CardFactory) -> None:
        self.name = name
        self._pcscd = pcscd
        self._slot = slot
        self._factory = factory

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variable that PC/SC clients set."""
        return self._pcscd.environment

    @property
    def holds_card(self) -> bool:
        """Tell whether a card lies on the reader."""
        return self._slot.holds_card

    def insert(self, card: CardInHand | CardOrder) -> CardInHand:
        """Put a card on, in the place of one that lies there; return it when PC/SC has found it.

        Raise ServiceUnavailable where PC/SC does not find it within ten seconds.
        """
        in_hand = CardInHand.made(card, self._factory) if isinstance(card, CardOrder) else card
        self._slot.insert(in_hand.card)
        if not self._slot.wait_until_powered(FOUND_SECONDS):
            raise ServiceUnavailable("PC/SC does not see the card")
        return in_hand

    def remove(self) -> None:
        """Take the card away, in the middle of a command if need be."""
        self._slot.remove()
