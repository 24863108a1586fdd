"""What an answer is held against: the act, what was asked for, and by what those are known again whom it was about.

A look-up that is asked at once knows them by their values. One that waits in the outbox is sealed, and of it only keyed
hashes are kept; a value in its answer whose hash is the kept one is the value that was asked about. Either way it is
the same code that judges the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from auth.registers.ports import Lookup
from auth.registers.text import same_serial

__all__ = ["Act", "KnowsAgain", "Sought"]


class Act(Protocol):
    """Be an act as every message names it (``Lookup``, ``Sought``, and what answers them)."""

    @property
    def lookup_id(self) -> str:
        """Return its id."""
        ...

    @property
    def purpose(self) -> str:
        """Return the id of its purpose."""
        ...

    @property
    def legal_basis(self) -> str:
        """Return the citation that went on the wire."""
        ...


class KnowsAgain(Protocol):
    """Tell whether a value in an answer is one that was asked about."""

    def is_person(self, number: str) -> bool:
        """Tell whether ``number`` is the personal number."""
        ...

    def is_old_number(self, number: str) -> bool:
        """Tell whether ``number`` is the old number that went along; nothing is where none did."""
        ...

    def is_certificate(self, serial: str) -> bool:
        """Tell whether ``serial`` names the certificate that was asked about; each does where none was."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Sought:
    """Hold the act, which ``fields`` or ``questions`` were asked, and by what those are known whom it was ``about``.

    ``certain`` is False where it was not written down which fields were asked for: ``fields`` are then all that the
    purpose may ask, nothing beyond them is let through, and none of them need have been told.
    """

    lookup_id: str
    purpose: str
    legal_basis: str
    about: KnowsAgain
    fields: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    certain: bool = True

    @classmethod
    def by(cls, lookup: Lookup) -> Sought:
        """Return what ``lookup`` asks, once ``allowed_lookup`` has written it out."""
        named = _Named(lookup.personal_number, lookup.old_number, lookup.certificate)
        return cls(lookup.lookup_id, lookup.purpose, lookup.legal_basis, named, lookup.fields, lookup.questions)

    def __repr__(self) -> str:
        """Show the act, not the person."""
        return f"Sought({self.lookup_id}, {self.purpose})"


@dataclass(frozen=True, slots=True, repr=False)
class _Named:
    """Know them by their values (``KnowsAgain``)."""

    personal_number: str
    old_number: str
    certificate: str

    def is_person(self, number: str) -> bool:
        return number == self.personal_number

    def is_old_number(self, number: str) -> bool:
        return bool(self.old_number) and number == self.old_number

    def is_certificate(self, serial: str) -> bool:
        return not self.certificate or same_serial(serial, self.certificate)
