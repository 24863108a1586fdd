"""Whether a disk takes one more look-up: room, files and what this account may use of them, tried before anybody asks.

SQLite names a full disk, but calls a quota a failed write and a disk without inodes a file that cannot be opened. So a
file without a name is written beside the database and thrown away: what the system says then has a word of its own.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

__all__ = ["NO_ROOM", "room_trouble"]

# Below this much room the disk counts as full, before it is.
ROOM_BYTES = 8 * 1024 * 1024
# Two look-ups with their acts and the pages of the write-ahead log around them.
TRIED_BYTES = 64 * 1024
NO_ROOM = frozenset({"disk-full", "no-more-files", "over-quota"})
_WORDS: Mapping[int, str] = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "over-quota",
    # No file of this account may grow so far: another limit of the same kind.
    errno.EFBIG: "over-quota",
    errno.EROFS: "not-writable",
    errno.EACCES: "not-writable",
    errno.EPERM: "not-writable",
    errno.ENOENT: "not-writable",
}


def room_trouble(folder: Path) -> str:
    """Return why ``folder`` takes no more look-ups: disk-full, no-more-files, over-quota, not-writable, disk-trouble.

    It is empty where one more can be taken. Nothing is left behind, also by a program that is killed meanwhile.
    """
    try:
        if _no_more_files(folder):
            return "no-more-files"
        if shutil.disk_usage(folder).free < ROOM_BYTES:
            return "disk-full"
        with tempfile.TemporaryFile(dir=folder, buffering=0) as tried:
            left = TRIED_BYTES
            while left:
                left -= tried.write(bytes(left))
    except OSError as error:
        return _WORDS.get(error.errno or 0, "disk-trouble")
    return ""


def _no_more_files(folder: Path) -> bool:
    if sys.platform == "win32":
        return False
    counted = os.statvfs(folder)
    # A file system that makes its inodes as it needs them counts none.
    return counted.f_files > 0 and counted.f_favail == 0
