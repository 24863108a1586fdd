"""Seal a small secret of this computer, such as the outbox's key, so that only the device's keys open it."""

from __future__ import annotations

from collections.abc import Sequence

from auth.device.errors import DeviceKeyUnusable
from auth.wire.endpoint import Opener
from auth.wire.envelope import EnvelopeInvalid, open_sealed, seal

__all__ = ["DeviceBox"]

_KIND = "motcua-device-box-1"
_MAX_BOX = 4_096


class DeviceBox:
    """Seal to the first of ``openers`` and open with any: after a rotation the key before opens what it sealed."""

    def __init__(self, openers: Sequence[Opener]) -> None:
        self._openers = tuple(openers)

    def __repr__(self) -> str:
        """Show nothing."""
        return "DeviceBox(…)"

    def seal(self, secret: bytes) -> bytes:
        """Return ``secret``, sealed; raise DeviceError where the store cannot be opened."""
        first = self._openers[0]
        return seal(secret, _KIND, first.key_id, first.spki)

    def open(self, sealed: bytes) -> bytes:
        """Return what ``seal`` was given; raise DeviceKeyUnusable where none of these keys sealed it."""
        try:
            return open_sealed(sealed, _KIND, {opener.key_id: opener for opener in self._openers}, _MAX_BOX)
        except EnvelopeInvalid:
            raise DeviceKeyUnusable("sealed to another key") from None
