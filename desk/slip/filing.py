"""Put a slip where somebody asked for it: the page and its slip.json, side by side, for this user only."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from reader.errors import MotCuaError

__all__ = ["SlipNotWritten", "file_slip", "record_path"]


class SlipNotWritten(MotCuaError):
    """Say that a slip could not be written; nothing of it is left."""

    code = "file-not-written"


def record_path(page: Path) -> Path:
    """Return where the slip.json of ``page`` lies."""
    return page.with_suffix(".json")


def file_slip(path: Path, page: bytes, record: bytes) -> Path:
    """Write both files; return where the page lies, always a ``.pdf``. Raise SlipNotWritten, and leave neither."""
    target = path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf")
    record_file = record_path(target)
    fresh = {record_file: record, target: page}
    left: list[Path] = []
    try:
        for file, content in fresh.items():
            left.append(_beside(file))
            _write(left[-1], content)
        # The record first: a page without its twin could not be verified.
        for file in fresh:
            _beside(file).replace(file)
            left.append(file)
    except OSError:
        for file in left:
            with suppress(OSError):
                file.unlink(missing_ok=True)
        raise SlipNotWritten from None
    return target


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.new")


def _write(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
