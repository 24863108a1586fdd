"""Put the presence step of a desk together: where challenges come from, what the policy asks for, where the booklet is.

What a tap needs is imported when the first card is inspected: a window must not wait for the protocols of the chip.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from desk.ports import PresenceStep

if TYPE_CHECKING:
    from auth.ledger.keeper import LedgerKeeper
    from auth.presence import BookletKeeper
    from auth.presence.tokens import Issuers
    from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
    from desk.tap import RegisterPresence, Tap, TapState
    from reader.inspection.open_chip import OpenChip
    from reader.inspection.presence_rule import PresenceRule
    from reader.inspection.report import Inspection

__all__ = ["PRESENCE", "LatePresence", "presence_step"]

PRESENCE = "presence"
"""The name under which a presence verifier stands among the registers of the settings."""


class LatePresence:
    """Be the presence step that ``make`` returns, made at the first tap, once (``desk.ports.PresenceStep``)."""

    def __init__(self, make: Callable[[], PresenceStep]) -> None:
        self._made = cache(make)
        self._begun = False

    def tap(
        self,
        inspection: Inspection,
        chip: OpenChip,
        requests: Mapping[str, bytes],
        purpose: str,
        clerk: str,
        cancel: threading.Event,
    ) -> Tap:
        """Tap; see ``PresenceStep``."""
        self._begun = True
        return self._made().tap(inspection, chip, requests, purpose, clerk, cancel)

    def without_card(self, inspection: Inspection, requests: Mapping[str, bytes], purpose: str) -> Tap | None:
        """Return what is known without a card; see ``PresenceStep``."""
        self._begun = True
        return self._made().without_card(inspection, requests, purpose)

    def untapped(self, inspection: Inspection, purpose: str, state: TapState) -> Tap:
        """Return a tap that was not made; see ``PresenceStep``."""
        return self._made().untapped(inspection, purpose, state)

    def hold(self, tap: Tap, register: str, receipt: str, log: str) -> RegisterPresence | None:
        """Return what a receipt says; see ``PresenceStep``."""
        return self._made().hold(tap, register, receipt, log)

    def close(self) -> None:
        """Break off what is under way, if anything was ever begun."""
        if self._begun:
            self._made().close()


def presence_step(
    endpoints: Sequence[RegisterEndpoint],
    device: DeviceCredential | None,
    rules: Callable[[], Mapping[str, PresenceRule]],
    keeper: LedgerKeeper | None = None,
    booklet: tuple[Path, int] | None = None,
    trust_expired: Callable[[datetime], bool] = lambda moment: False,
) -> PresenceStep:
    """Return the presence step of a desk; without a verifier among ``endpoints`` it says that none is set up.

    ``booklet`` is where pages for work without a network lie and how many of them, None for none; they are counted in
    the ledger of ``keeper`` and sealed to the device's encryption key. ``trust_expired`` tells whether the desk's trust
    list has ended at a moment.
    """

    def make() -> PresenceStep:
        from auth.registers.presence import PresenceClient, issuers_of
        from desk.presence_step import CardPresence

        endpoint = next((one for one in endpoints if one.register == PRESENCE), None)
        if endpoint is None or device is None:
            return CardPresence(None, {}, None, rules)
        issuers = issuers_of(endpoint)
        path, count = booklet or (None, 0)
        pages = _pages(issuers, device, keeper, path) if count else None
        return CardPresence(PresenceClient(endpoint, device), issuers, device, rules, pages, count, trust_expired)

    return LatePresence(make)


def _pages(
    issuers: Issuers, device: DeviceCredential, keeper: LedgerKeeper | None, booklet: Path | None
) -> BookletKeeper | None:
    if booklet is None or keeper is None or device.opener is None:
        return None
    from auth.booklets import DeviceBox, ledger_counter
    from auth.presence import BookletKeeper

    box = DeviceBox(booklet, device.opener)
    return BookletKeeper(box, issuers, device.device_id, device.signer.key_id, ledger_counter(keeper))
