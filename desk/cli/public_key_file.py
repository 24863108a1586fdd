"""A public key that a command is given as a file."""

from __future__ import annotations

from pathlib import Path

import typer

from auth.device_key import MAX_PEM_BYTES, DeviceKey
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

__all__ = ["read_public_key"]


def read_public_key(path: Path, option: str) -> DeviceKey:
    """Read the PEM file that ``option`` names; raise BadParameter where it cannot be read or holds no such key."""
    try:
        return DeviceKey.from_pem(read_bounded_file(path, MAX_PEM_BYTES))
    except DataError as error:
        raise typer.BadParameter(error.what, param_hint=option) from None
