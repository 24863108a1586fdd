"""What must be said of this computer before anybody is looked up: that registers do not take it, or a key grows old."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from desk.language import Phrase
from reader.errors import MotCuaError

__all__ = ["CertificateView", "DeviceView", "KeptDevice", "device_view"]


@dataclass(frozen=True, slots=True)
class CertificateView:
    """Show for how many days a certificate is still valid, 0 on its last day and less when it is over.

    ``failure`` is a code of the failure catalogue where it cannot be read, or is not valid yet.
    """

    title: Phrase
    days_left: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class DeviceView:
    """Show why this computer may look nobody up, as a code of the failure catalogue, or when its key is due.

    ``days_left`` is how many days the key has until it wants to be rotated, 0 and less where it is due; None while that
    need not be said. ``restart_by`` is until when this program may go on with the key that it opened with, where that
    was replaced meanwhile. ``certificate`` is the office's client certificate that is over soonest, where that is soon.
    """

    failure: str = ""
    days_left: int | None = None
    restart_by: str = ""
    certificate: CertificateView | None = None


class KeptDevice(Protocol):
    """Whoever keeps the device (``auth.device.keeper.DeviceKeeper``)."""

    def require_lookup(self) -> None:
        """Raise the error that says why nobody may be looked up now."""
        ...

    def rotation_due(self) -> int | None:
        """Return in how many days the keys want to be rotated, None while that need not be said."""
        ...

    def restart_by(self) -> datetime | None:
        """Return until when the keys are taken that the desk has open, None while they are the present ones."""
        ...


def device_view(device: KeptDevice | None, certificate: CertificateView | None = None) -> DeviceView | None:
    """Return what must be said of ``device`` and ``certificate``; None where it may look up and both are young."""
    of_device = _of_device(device) if device is not None else None
    return of_device if certificate is None else replace(of_device or DeviceView(), certificate=certificate)


def _of_device(device: KeptDevice) -> DeviceView | None:
    try:
        device.require_lookup()
        days, restart_by = device.rotation_due(), device.restart_by()
    except MotCuaError as error:
        return DeviceView(failure=error.code)
    if restart_by is not None:
        return DeviceView(restart_by=restart_by.astimezone().strftime("%H:%M %d/%m/%Y"))
    return DeviceView(days_left=days) if days is not None else None
