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

    @classmethod
    def named(cls, name: str, of: str = "") -> Self:
        """Return the fault of this name; raise ValueError, which says ``of`` what, and what there is."""
        for fault in cls:
            if fault == name:
                return fault
        raise ValueError(f"no such fault{of and ' of ' + of}; there are {', '.join(cls)}")
