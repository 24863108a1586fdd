"""Whether the ledgers of this computer tell that its device keys were replaced."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from auth.errors import LedgerUnusable
from desk.device_place import enrolled_here, ledger_file
from desk.settings import Settings
from reader.errors import DataError

if TYPE_CHECKING:
    from auth.device.record import DeviceRecord

__all__ = ["is_rotation_told"]

# What every leaf of such an act holds (``auth.ledger.act``): most leaves need not be read for it.
_KIND = b'"kind":"rotated"'


def is_rotation_told(settings: Settings, said: str) -> bool:
    """Tell whether a ledger of this device's says ``said`` of its keys: that of the present ones or the former.

    What cannot be read says nothing. Raise DeviceKeyUnusable for a damaged record.
    """
    record = enrolled_here(settings)
    return record is not None and any(_says(path, said) for path in _ledgers(settings, record))


def _ledgers(settings: Settings, record: DeviceRecord) -> list[Path]:
    keys = (record.keys, record.previous)
    return [ledger_file(settings, pair.signing) for pair in keys if pair is not None]


def _says(path: Path, said: str) -> bool:
    from auth.ledger import Act, ActKind, LedgerReader

    if not path.exists():
        return False
    with suppress(LedgerUnusable, DataError), closing(LedgerReader(path)) as ledger:
        acts = (Act.from_leaf(leaf) for _, leaf in ledger.leaves() if _KIND in leaf)
        return any(act.kind is ActKind.ROTATED and act.detail == said for act in acts)
    return False
