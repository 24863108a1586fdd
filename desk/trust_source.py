"""Whom this desk trusts, read when it is needed and again when the store has changed.

What reads it is imported with it: a clerk's window must not wait for certificates.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desk.settings import Settings
from desk.view import TrustView

if TYPE_CHECKING:
    from desk.trusting import DeskTrust

__all__ = ["TrustSource"]

MAX_STAMP = 4_096


class TrustSource:
    """Hold whom this desk trusts: an update of the store counts from the next card on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: tuple[bytes, DeskTrust] | None = None

    def current(self) -> DeskTrust:
        """Return whom to trust now; raise SettingsInvalid or StoreDamaged."""
        from desk.trusting import desk_trust

        stamp = self._stamp()
        if self._held is None or self._held[0] != stamp:
            self._held = stamp, desk_trust(self._settings)
        return self._held[1]

    def expired(self, moment: datetime) -> bool:
        """Tell whether the list has ended at ``moment`` by its own word; raise as ``current`` does."""
        return self.current().freshness.expired(moment)

    def view(self) -> TrustView | None:
        """Return what a shell shows of it, None before it was read for the first time."""
        if self._held is None:
            return None
        from desk.trusting import trust_view

        return trust_view(self._held[1].freshness, datetime.now().astimezone())

    def _stamp(self) -> bytes:
        """Return what differs whenever the store does; a folder is read once."""
        from desk.trusting import store_folder

        folder = store_folder(self._settings)
        return b"" if folder is None else b"\n".join(_beginning(path) for path in (folder.current, folder.checked))


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_STAMP)
    except OSError:
        return b""
