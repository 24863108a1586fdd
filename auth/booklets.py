"""Where a device keeps its booklet of presence challenges, and by what it counts its taps.

The booklet is sealed to the device's own encryption key, wherever that key is: whoever has the disk has nothing, and
another computer opens nothing. That an older copy was put back is noticed by the verifier, to which each tap tells the
number of its leaf in the device's ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from auth.device.files import write_private
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
        try:
            write_private(self._path, seal(content, _KIND, self._opener.key_id, self._opener.spki))
        except (EnvelopeInvalid, MotCuaError):
            raise DataError("booklet: cannot be written") from None


def ledger_counter(keeper: LedgerKeeper) -> Callable[[], int]:
    """Return what counts taps by a leaf of the ledger each; it raises LedgerUnusable where none can be written."""

    def count() -> int:
        with keeper.lookup() as ledger:
            return ledger.append(Act(ActKind.TAPPED, keeper.now()))

    return count
