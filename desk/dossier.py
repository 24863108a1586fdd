"""The number of the dossier that a visit is for: the office's own, and what the registers are told of it."""

from __future__ import annotations

import re

from reader.errors import DataError

__all__ = ["LONGEST", "dossier_number"]

LONGEST = 64
# What the registers take (``auth.registers.messages.LookupMessage``), and at least one of it.
_NUMBER = re.compile(rf"[0-9A-Za-z._/-]{{1,{LONGEST}}}")


def dossier_number(text: str) -> str:
    """Return the number in ``text`` without the space around it, empty for none; raise DataError for what is none."""
    number = text.strip()
    if number and _NUMBER.fullmatch(number) is None:
        raise DataError("dossier number")
    return number
