"""Let one process at a time do something, by a file that it holds; the lock ends with the process."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["LockHeld", "held"]

_LOOK_AGAIN_S = 0.05


class LockHeld(Exception):
    """Another process holds the lock, and went on holding it."""


@contextmanager
def held(file: Path, patience_s: float = 0.0, mode: int = 0o644) -> Iterator[None]:
    """Hold ``file``, made with ``mode`` where there is none; wait ``patience_s`` seconds at most, or ``math.inf``.

    Raise LockHeld where another process has it for longer, OSError where the file cannot be made.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, mode)
    try:
        end = time.monotonic() + patience_s
        while not _taken(descriptor):
            if time.monotonic() >= end:
                raise LockHeld
            time.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
