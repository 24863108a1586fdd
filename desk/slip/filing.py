"""Put a slip where somebody asked for it: the page and its slip.json, side by side, for this user only."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from desk.slip.record import MAX_SLIP_RECORD, SlipDamaged, read_slip_record
from reader.errors import MotCuaError

__all__ = ["SlipNameTaken", "SlipNotWritten", "file_slip", "page_path", "record_path", "refuse_taken"]


class SlipNotWritten(MotCuaError):
    """Say that a slip could not be written; nothing of it is left, and what lay there lies there still."""

    code = "file-not-written"


class SlipNameTaken(SlipNotWritten):
    """Say that a file which nobody asked to write over has the name of one of the two."""

    code = "slip-name-taken"


def page_path(path: Path) -> Path:
    """Return where the page of a slip lies that was asked for as ``path``: always a ``.pdf``."""
    return path if path.suffix.lower() == ".pdf" else path.with_name(f"{path.name}.pdf")


def record_path(page: Path) -> Path:
    """Return where the slip.json of ``page`` lies."""
    return page.with_suffix(".json")


def refuse_taken(path: Path) -> None:
    """Raise SlipNameTaken where a slip kept as ``path`` would write over what its name does not say.

    Whoever names a page means that page and the twin of it. Neither a page whose ending was left to us nor a .json that
    is no slip's was meant.
    """
    page = page_path(path)
    added = page != path and os.path.lexists(page)
    record = record_path(page)
    if added or (os.path.lexists(record) and not _is_record(record)):
        raise SlipNameTaken


def file_slip(path: Path, page: bytes, record: bytes) -> Path:
    """Write both files; return where the page lies, always a ``.pdf``.

    Raise SlipNotWritten, and leave both names as they were; SlipNameTaken as ``refuse_taken``.
    """
    refuse_taken(path)
    target = page_path(path)
    record_file = record_path(target)
    try:
        _write(_beside(record_file), record)
        _write(_beside(target), page)
        _put(record_file, target)
    except OSError:
        raise SlipNotWritten from None
    finally:
        for file in (record_file, target):
            with suppress(OSError):
                _beside(file).unlink(missing_ok=True)
    return target


def _put(record: Path, page: Path) -> None:
    """Put the written files in their places; where that fails, the twin that was there is there again."""
    earlier = record.with_name(f".{record.name}.old")
    had = record.exists()
    if had:
        record.replace(earlier)
    try:
        # The record first: a page without its twin could not be verified.
        _beside(record).replace(record)
        _beside(page).replace(page)
    except OSError:
        record.unlink(missing_ok=True)
        if had:
            earlier.replace(record)
        raise
    with suppress(OSError):
        earlier.unlink(missing_ok=True)


def _is_record(file: Path) -> bool:
    """Tell whether a file is a slip.json; one that cannot be read is none."""
    try:
        with file.open("rb") as stream:
            read_slip_record(stream.read(MAX_SLIP_RECORD + 1))
    except (OSError, SlipDamaged):
        return False
    return True


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.new")


def _write(file: Path, content: bytes) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
