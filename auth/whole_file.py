"""Write a file so that a power cut leaves the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

__all__ = ["sync_folder", "write_secret", "write_whole"]


def write_whole(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path`` in one step, on the disk before this returns.

    Two processes may do so at once. Raise OSError where the disk is full or may not be written; what was there before
    is then still there.
    """
    _write(path, path.with_name(f".{path.name}.{os.getpid()}.new"), content, 0o666)


def write_secret(path: Path, content: bytes) -> None:
    """Do the same with what only this user may read; the caller sees to it that nobody else writes it meanwhile.

    So what a killed process left half written has a name that is known, and goes with the next that is written.
    """
    _write(path, path.with_name(f".{path.name}.new"), content, 0o600)


def _write(path: Path, beside: Path, content: bytes, mode: int) -> None:
    try:
        # It may have been made under another umask.
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with open(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where its system knows such a thing; raise OSError."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some shared folders can do so with files alone: for them nothing more is to be had.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
