"""Files of the device's folder: whole or not there, readable by their owner only, and gone when they are destroyed."""

from __future__ import annotations

import os
from pathlib import Path

from auth.device.errors import DeviceKeyUnusable
from auth.whole_file import sync_folder, write_secret
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

__all__ = ["destroy_file", "make_private_folder", "read_file", "write_private"]

_PRIVATE_FOLDER = 0o700


def make_private_folder(path: Path) -> None:
    """Make a folder that only this user enters; raise DeviceKeyUnusable where that cannot be."""
    try:
        path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        if os.name == "posix":
            path.chmod(_PRIVATE_FOLDER)
    except OSError:
        raise DeviceKeyUnusable("the device folder cannot be written") from None


def write_private(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path`` in one step, on the disk before this returns, for this user only.

    Raise DeviceKeyUnusable where the disk is full or may not be written; what was there before is then still there.
    """
    try:
        write_secret(path, content)
    except OSError:
        raise DeviceKeyUnusable("the device folder cannot be written") from None


def read_file(path: Path, limit: int) -> bytes | None:
    """Return a file of at most ``limit`` bytes, None where there is none; raise DeviceKeyUnusable otherwise."""
    if not path.exists():
        return None
    try:
        return read_bounded_file(path, limit)
    except DataError as error:
        raise DeviceKeyUnusable(f"{path.name}: {error.what}") from None


def destroy_file(path: Path) -> None:
    """Write over a file and remove it; one that is not there is destroyed already. Raise DeviceKeyUnusable.

    A disk may keep older copies of what is written over, so a secret that matters was sealed under a key that is
    destroyed with it.
    """
    try:
        if path.is_symlink() or not path.is_file():
            path.unlink(missing_ok=True)
            return
        with path.open("r+b") as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.write(os.urandom(min(size, 1 << 20)))
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()
        sync_folder(path.parent)
    except OSError:
        raise DeviceKeyUnusable(f"{path.name} cannot be destroyed") from None
