"""Puts emulated cards on the emulated reader without holding the window up."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desk.sandbox_ports import CardSandbox, SandboxCard
from gui.bridge import Bridge

__all__ = ["Dealer"]


class Dealer:
    """Deal out the sandbox's cards.

    ``on_printed`` hears in the GUI thread which number is printed on the card there now, and which lines on its back.
    """

    def __init__(self, sandbox: CardSandbox, on_printed: Callable[[str, str], None]) -> None:
        self._sandbox = sandbox
        self._on_printed = on_printed
        self._bridge = Bridge()
        self._bridge.arrived.connect(self._arrived)
        self._one_at_a_time = threading.Lock()

    @property
    def people(self) -> tuple[tuple[str, str], ...]:
        """Return whose cards there are: the persona's name, and the name on the card."""
        return tuple((persona, self._sandbox.full_name(persona)) for persona in self._sandbox.personas)

    @property
    def forgeries(self) -> tuple[str, ...]:
        """Return which forgeries there are."""
        return self._sandbox.forgeries

    def put_on(self, card: SandboxCard) -> None:
        """Put ``card`` on the reader in place of what lies there."""
        threading.Thread(target=self._deal, args=(card,), name="card-dealer", daemon=True).start()

    def take_off(self) -> None:
        """Take the card off the reader."""
        threading.Thread(target=self._deal, args=(None,), name="card-dealer", daemon=True).start()

    def close(self) -> None:
        """Let nothing more be heard."""
        self._bridge.close()

    def _deal(self, card: SandboxCard | None) -> None:
        with self._one_at_a_time:
            self._sandbox.remove()
            number = self._sandbox.insert(card) if card else ""
            self._bridge.post((number, self._sandbox.printed_mrz if card else ""))

    def _arrived(self, printed: object) -> None:
        if isinstance(printed, tuple):
            number, lines = printed
            self._on_printed(number, lines)
