"""What every catalogue of faults is made of: a name, and what the fault does."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

__all__ = ["NamedFault"]


class NamedFault(StrEnum):
    """Be a fault by its name; ``about`` says what it does, for ``--help``."""

    about: str

    def __new__(cls, name: str, about: str) -> Self:
        """Keep the name as the value and the description beside it."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.about = about
        return member
