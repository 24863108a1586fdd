"""Where this computer's device and its ledger lie."""

from __future__ import annotations

from pathlib import Path

from auth.device.record import DeviceFolder, DeviceRecord, default_device_folder
from auth.distribution.folder import default_stores
from desk.settings import Settings

__all__ = ["BOOKLET_SUFFIX", "booklet_file", "device_folder", "enrolled_here", "ledger_file"]

BOOKLET_SUFFIX = ".booklet"


def device_folder(settings: Settings) -> DeviceFolder:
    """Return where this computer's device lies: where the settings say, else with the user's data."""
    named = settings.device.folder if settings.device is not None else None
    return DeviceFolder(named or default_device_folder())


def enrolled_here(settings: Settings) -> DeviceRecord | None:
    """Return the record of the device that was enrolled here, None where there is none or key files take its place.

    Raise DeviceKeyUnusable for a damaged record.
    """
    if settings.device is not None and settings.device.folder is None:
        return None
    return device_folder(settings).read()


def ledger_file(settings: Settings, device_key_id: str) -> Path:
    """Return where the ledger of this device lies: a new key begins a new log.

    Where the settings name one file and the device's keys are rotated, each key's log has the key's name behind that
    of the file.
    """
    named = settings.ledger
    if named is None:
        return default_stores()[1].parent / "ledger" / f"{device_key_id}.db"
    return named if enrolled_here(settings) is None else named.with_name(f"{named.stem}-{device_key_id}{named.suffix}")


def booklet_file(settings: Settings, device_key_id: str) -> Path:
    """Return where the pages lie that a verifier gave out to this key beforehand: beside its ledger."""
    return ledger_file(settings, device_key_id).with_suffix(BOOKLET_SUFFIX)
