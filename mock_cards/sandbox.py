"""Emulated cards in this process: a reader that is not there, with card events like those of PC/SC.

Found by the entry-point group ``motcua.sandbox``; fits ``CardSandbox`` of the desk's ports without importing the desk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from mock_cards.build import BuiltCard, CardFactory
from mock_cards.card import EmulatedCard
from mock_cards.forgeries import FORGERIES
from mock_cards.personas import load_all, load_persona
from reader.errors import CardHeld, CardRemoved, MuteCard, NoCard, NoReader
from reader.iso7816 import (
    CardLink,
    CommandAPDU,
    ReaderSnapshot,
    ReaderState,
    ResponseAPDU,
    ServiceState,
    SlotState,
)

__all__ = ["READER_NAME", "CardOrder", "InProcessSandbox", "open_card_sandbox"]

READER_NAME = "Đầu đọc mô phỏng 0"


class CardOrder(Protocol):
    """Name a card: a persona and, where wanted, forgeries and faults."""

    @property
    def persona(self) -> str:
        """Return the persona's name."""
        ...

    @property
    def forgeries(self) -> tuple[str, ...]:
        """Return the names of the forgeries."""
        ...

    @property
    def faults(self) -> tuple[str, ...]:
        """Return the names of the faults."""
        ...


class _Slot:
    """Hold the card on the emulated reader; safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._card: BuiltCard | None = None
        self._insertions = 0
        self._version = 0
        self._held = False

    @property
    def card(self) -> BuiltCard | None:
        """Return the card, if any."""
        with self._changed:
            return self._card

    def put(self, card: BuiltCard | None) -> None:
        """Put a card on, in place of what is there, or take it away."""
        with self._changed:
            if card is None and self._card is None:
                return
            self._card = card
            self._insertions += card is not None
            self._version += 1
            self._changed.notify_all()

    def take_away(self, card: BuiltCard) -> None:
        """Take ``card`` away, unless another lies there by now."""
        with self._changed:
            if self._card is card:
                self.put(None)

    def acquire(self) -> BuiltCard:
        """Take hold of the card for one connection; raise NoCard, MuteCard or CardHeld."""
        with self._changed:
            if self._card is None:
                raise NoCard()
            if not self._card.card.atr:
                raise MuteCard()
            if self._held:
                raise CardHeld()
            self._held = True
            return self._card

    def release(self) -> None:
        """End the connection."""
        with self._changed:
            self._held = False

    def wait(self, seen: int, stop: threading.Event) -> int:
        """Wait until something changed since version ``seen`` or ``stop`` is set; return the present version."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != seen or stop.is_set())
            return self._version

    def wake(self) -> None:
        """Wake whoever waits."""
        with self._changed:
            self._changed.notify_all()

    def snapshot(self) -> ReaderSnapshot:
        """Describe the reader as it is now."""
        with self._changed:
            atr = self._card.card.atr if self._card else b""
            slot = SlotState.EMPTY if self._card is None else SlotState.PRESENT if atr else SlotState.MUTE
            state = ReaderState(READER_NAME, slot, atr, self._insertions, emulated=True)
            return ReaderSnapshot(ServiceState.RUNNING, (state,))


class _Watch:
    """Tell of cards coming and going from a thread of its own; a ``CardWatch``. May be started again after a stop."""

    def __init__(self, slot: _Slot) -> None:
        self._slot = slot
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        """Begin to watch; raise RuntimeError where it has begun already."""
        if self._thread is not None:
            raise RuntimeError("the watch is running")
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, args=(on_change,), name="sandbox-card-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch; waits for a call of ``on_change`` that is under way, unless made from within it."""
        thread, self._thread = self._thread, None
        self._stop.set()
        self._slot.wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self, on_change: Callable[[ReaderSnapshot], None]) -> None:
        stop, seen = self._stop, -1
        while True:
            seen = self._slot.wait(seen, stop)
            if stop.is_set():
                return
            on_change(self._slot.snapshot())


class _Link:
    """Carry commands to the card as long as it lies there; a ``CardLink``."""

    def __init__(self, slot: _Slot, built: BuiltCard) -> None:
        self._slot = slot
        self._built = built

    @property
    def atr(self) -> bytes:
        """Return the card's answer to reset."""
        return self._built.card.atr

    @property
    def reset(self) -> Callable[[], None]:
        """Return what resets the card while it stays connected."""
        return self._reset

    def _reset(self) -> None:
        self._require_present()
        self._built.card.reset()

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command``; raise CardRemoved where the card left before its answer was whole."""
        self._require_present()
        try:
            response = self._built.card.transmit(command)
        except CardRemoved:
            self._slot.take_away(self._built)
            raise
        self._require_present()
        return response

    def _require_present(self) -> None:
        if self._slot.card is not self._built:
            raise CardRemoved("the emulated card was taken away")


class _Terminal:
    """Connect to the card on the emulated reader, one connection at a time; a ``CardTerminal``."""

    def __init__(self, slot: _Slot) -> None:
        self._slot = slot

    def connect(self, reader: str) -> AbstractContextManager[CardLink]:
        """Power the card on; leaving the context resets it. Raise NoReader, NoCard, MuteCard or CardHeld."""
        return self._connect(reader)

    @contextmanager
    def _connect(self, reader: str) -> Iterator[CardLink]:
        if reader != READER_NAME:
            raise NoReader()
        built = self._slot.acquire()
        card: EmulatedCard = built.card
        try:
            card.power_on()
            yield _Link(self._slot, built)
        finally:
            card.reset()
            self._slot.release()


class InProcessSandbox:
    """Offer emulated cards; what ``open_card_sandbox`` hands over."""

    def __init__(self, factory: CardFactory) -> None:
        self._factory = factory
        self._slot = _Slot()
        self._watch = _Watch(self._slot)
        self._terminal = _Terminal(self._slot)

    @property
    def watch(self) -> _Watch:
        """Return the watch that tells when cards come and go."""
        return self._watch

    @property
    def terminal(self) -> _Terminal:
        """Return the terminal that connects to the card."""
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
        built = self._slot.card
        return built.mrz if built else ""

    def insert(self, card: CardOrder) -> str:
        """Put a card on the emulated reader and return its printed number; raise ValueError for no such name."""
        try:
            built = self._factory.build(card.persona, card.forgeries, card.faults)
        except (KeyError, ValueError) as unknown:
            raise ValueError(f"no persona, forgery or fault of the name {unknown}") from None
        self._slot.put(built)
        return built.personal_number

    def remove(self) -> None:
        """Take the card away."""
        self._slot.put(None)


@contextmanager
def open_card_sandbox() -> Iterator[InProcessSandbox]:
    """Open a sandbox with fresh keys and an empty reader; leaving takes the card away and ends the watch."""
    sandbox = InProcessSandbox(CardFactory())
    try:
        yield sandbox
    finally:
        sandbox.remove()
        sandbox.watch.stop()
