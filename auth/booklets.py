"""Where a device keeps its booklet of presence challenges, and by what it counts its taps.

The booklet is sealed to the device's own encryption key, wherever that key is: whoever has the disk has nothing, and
another computer opens nothing. That an older copy was put back is noticed by the verifier, to which each tap tells the
number of its leaf in the device's ledger.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from auth.ledger import Act, ActKind
from auth.ledger.keeper import LedgerKeeper
from auth.presence.keeping import MAX_BOX_BYTES
from auth.wire.endpoint import Opener
from auth.wire.envelope import EnvelopeInvalid, open_sealed, seal
from reader.bounded_file import read_bounded_file
from reader.errors import DataError, MotCuaError

__all__ = ["DeviceBox", "ledger_counter"]

_KIND = "motcua-booklet-1"
# What is sealed grows by a third, and the header comes to it.
_MAX_SEALED_BYTES = 2 * MAX_BOX_BYTES


class DeviceBox:
    """Keep one file sealed to the device (``auth.presence.SealedBox``)."""

    def __init__(self, path: Path, opener: Opener) -> None:
        self._path = path
        self._opener = opener

    def __repr__(self) -> str:
        """Show nothing."""
        return "DeviceBox(…)"

    def load(self) -> bytes | None:
        """Return the content, None where nothing was saved; raise DataError where it is not as it was saved."""
        if not self._path.exists():
            return None
        sealed = read_bounded_file(self._path, _MAX_SEALED_BYTES)
        try:
            return open_sealed(sealed, _KIND, {self._opener.key_id: self._opener}, _MAX_SEALED_BYTES)
        except (EnvelopeInvalid, MotCuaError):
            raise DataError("booklet: does not open on this device") from None

    def save(self, content: bytes) -> None:
        """Put ``content`` in the place of what was there, in one step; raise DataError where that cannot be done."""
        sealed = seal(content, _KIND, self._opener.key_id, self._opener.spki)
        beside = self._path.with_name(f".{self._path.name}.new")
        try:
            beside.unlink(missing_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise DataError("booklet: cannot be written") from None
        self._sync_folder()

    def _sync_folder(self) -> None:
        if os.name != "posix":
            return
        descriptor = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def ledger_counter(keeper: LedgerKeeper) -> Callable[[], int]:
    """Return what counts taps by a leaf of the ledger each; it raises LedgerUnusable where none can be written."""

    def count() -> int:
        with keeper.lookup() as ledger:
            return ledger.append(Act(ActKind.TAPPED, keeper.now()))

    return count
