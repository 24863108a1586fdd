"""What the desk must know of a register to ask it, to compare its record and to show it: one value, found by name.

A kind is found by the entry-point group ``motcua.register_kinds`` under the register's name; the client that speaks to
it by ``motcua.registers``. With these two a package adds a register to every desk: to the look-ups of the purposes that
allow it, to the comparison, the page, the terminal, the report and the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from auth.registers.ports import Answer, Confirmation, Lookup
from desk.language import Phrase
from desk.section_view import Column, ItemView
from desk.view import FieldId, SourceValue
from reader.lds.identity import Identity

__all__ = ["POPULATION", "Certified", "RegisterKind", "SectionKind"]

POPULATION = "population"
"""The register that also answers for the card itself: anything but a valid one stops the visit (desk.judgement)."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Certified:
    """Hold under which certificate an entry stands, and the names of all whom the register has on it."""

    serial: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionKind(Generic[T]):
    """Say how a register's holdings are shown.

    ``listed`` returns them as frozen dataclasses of plain values, which is how a report has them; ``item`` shows one.
    ``asked`` tells which fields of the record were asked for, None where that is always all of them.
    """

    heading: Phrase
    columns: tuple[Column, ...]
    nothing: Phrase
    listed: Callable[[T], tuple[Any, ...]]
    item: Callable[[Any], ItemView]
    asked: Callable[[T], Collection[str]] | None = None


@dataclass(frozen=True, slots=True)
class RegisterKind(Generic[T]):
    """Hold one kind of register; ``T`` is the record that its client answers with, a frozen dataclass.

    ``ask`` puts the question to the client that ``motcua.registers`` names; ``confirm`` has it say yes or no first,
    None for a register that has no such answers. ``cells`` compares the record with the chip
    (``desk.cells``); a register that ``knows_everybody`` and has no record of a citizen is silent in every row.
    ``certified`` returns the certificates under which its entries stand, by which they are held against those of other
    registers; ``every_certificate`` says that one which is not among them is worth telling. Kinds are shown by
    ``order``, then by name.
    """

    name: str
    title: Phrase
    ask: Callable[[Any, Lookup], Answer[T]]
    cells: Callable[[Identity, T], Mapping[FieldId, SourceValue]]
    knows_everybody: bool = False
    confirm: Callable[[Any, Lookup], Answer[Confirmation]] | None = None
    section: SectionKind[T] | None = None
    certified: Callable[[T], tuple[Certified, ...]] = lambda _record: ()
    every_certificate: bool = False
    order: int = 100
