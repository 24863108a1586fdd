"""What a register holds of a citizen, ready to show: a table whose rows open, each perhaps with a picture.

A register's kind brings its own words as phrases, so that a shell shows what it has never heard of. What comes from a
register stays plain text and is never taken for a phrase.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desk.language import Language, Phrase

__all__ = ["AlertView", "Building", "Column", "ItemView", "Outline", "Said", "SectionView", "Standing", "said"]

Said = str | Phrase
"""Text as it came, or a phrase in both languages."""


def said(words: Said, language: Language) -> str:
    """Return ``words`` in ``language``; text that came from elsewhere is the same in both.

    Nothing is filled in: a phrase may hold what a register wrote, braces and all.
    """
    if isinstance(words, str):
        return words
    return words.vi if language is Language.VIETNAMESE else words.en


class Standing(StrEnum):
    """Tell how far an entry of a register may be relied on."""

    GOOD = "good"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Column:
    """Name a column; ``share`` is its part of the width that is left over, 0 for as narrow as its words.

    ``field`` is the field of the record that it shows: where the purpose does not ask for it, the column is left out.
    """

    head: Phrase
    share: float = 0.0
    field: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class AlertView:
    """Show what a clerk must not overlook in an entry: its kind, and what the register says of it."""

    title: Phrase
    text: Said


@dataclass(frozen=True, slots=True, repr=False)
class Outline:
    """Draw a closed outline to scale: corners as (east, north) metres from its south-west corner."""

    label: str
    sheet: str
    boundary: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Building:
    """Draw a building of ``floors`` storeys with what is held in it: one ``floor``, or all of it where that is 0.

    A floor below nought is a basement. ``shared`` says that there are many dwellings in it, ``locked`` that somebody
    else has a right in this one. ``label`` is written beside it.
    """

    label: str
    floors: int
    floor: int = 0
    shared: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class ItemView:
    """Show one entry: its cells by column, what opens under it as (head, value), and how far it may be relied on.

    ``label`` names it where the columns are not there, ``certificate`` is the serial under which it stands, if any.
    """

    key: str
    label: str
    cells: tuple[Said, ...]
    standing: Standing
    standing_words: Phrase
    details: tuple[tuple[Phrase, Said], ...] = ()
    alerts: tuple[AlertView, ...] = ()
    picture: Outline | Building | None = None
    certificate: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class SectionView:
    """Show what one register holds; ``nothing`` is said where it answered and holds nothing.

    ``register`` names the ``RegisterView`` that tells how the register itself stands.
    """

    register: str
    heading: Phrase
    columns: tuple[Column, ...]
    items: tuple[ItemView, ...]
    nothing: Phrase
