"""Emulated cards through a private PC/SC service, for the desk: like ``mock_cards.sandbox``, but over the real thing.

Found by the entry-point group ``motcua.sandbox`` as ``cards-pcsc``. This side of the house knows no PC/SC client, so
the caller says how its own watch and terminal are made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mock_cards.build import BuiltCard, CardFactory
from mock_cards.forgeries import FORGERIES
from mock_cards.pcsc.daemon import PrivatePcscd
from mock_cards.pcsc.vpcd_client import VirtualSlot
from mock_cards.personas import load_all, load_persona
from mock_cards.sandbox import CardOrder
from reader.iso7816 import CardTerminal, CardWatch

__all__ = ["PcscSandbox", "open_pcsc_card_sandbox"]


class PcscSandbox:
    """Offer emulated cards on the first virtual reader of a private pcscd; fits ``CardSandbox`` of the desk's ports."""

    def __init__(self, slot: VirtualSlot, watch: CardWatch, terminal: CardTerminal) -> None:
        self._factory = CardFactory()
        self._slot = slot
        self._watch = watch
        self._terminal = terminal
        self._built: BuiltCard | None = None

    @property
    def watch(self) -> CardWatch:
        """Return the caller's watch."""
        return self._watch

    @property
    def terminal(self) -> CardTerminal:
        """Return the caller's terminal."""
        return self._terminal

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """Return the test CSCA certificates, DER."""
        return self._factory.anchors

    @property
    def revocation_lists(self) -> tuple[bytes, ...]:
        """Return the revocation lists of the test CSCA, DER."""
        return (self._factory.revocation_list(),)

    @property
    def personas(self) -> tuple[str, ...]:
        """Return the names of the personas there are."""
        return tuple(persona.name for persona in load_all())

    def full_name(self, persona: str) -> str:
        """Return the name on the card of ``persona``; raise KeyError for no such persona."""
        return load_persona(persona).card.full_name

    @property
    def forgeries(self) -> tuple[str, ...]:
        """Return the names of the forgeries there are."""
        return tuple(forgery.name for forgery in FORGERIES)

    @property
    def printed_mrz(self) -> str:
        """Return the MRZ printed on the card on the reader, three lines joined by newlines; empty without a card."""
        return self._built.mrz if self._built else ""

    def insert(self, card: CardOrder) -> str:
        """Put a card on the reader and return its printed number; raise ValueError for no such name."""
        try:
            built = self._factory.build(card.persona, card.forgeries, card.faults)
        except (KeyError, ValueError) as unknown:
            raise ValueError(f"no persona, forgery or fault of the name {unknown}") from None
        self._slot.insert(built.card)
        self._built = built
        return built.personal_number

    def remove(self) -> None:
        """Take the card away."""
        self._built = None
        self._slot.remove()


@contextmanager
def open_pcsc_card_sandbox(
    make_watch: Callable[[], CardWatch], make_terminal: Callable[[], CardTerminal]
) -> Iterator[PcscSandbox]:
    """Open a sandbox with fresh keys and an empty reader; leaving takes the card away and ends watch and service.

    Sets ``PCSCLITE_CSOCK_NAME`` for this process, which must not have called PC/SC before. Raise ServiceUnavailable
    where no private pcscd can be had.
    """
    with PrivatePcscd() as pcscd:
        os.environ.update(pcscd.environment)
        sandbox = PcscSandbox(VirtualSlot(pcscd.connect), make_watch(), make_terminal())
        try:
            yield sandbox
        finally:
            sandbox.watch.stop()
            sandbox.remove()
