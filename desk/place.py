"""The place at which a reading stopped when the card was lost: what opens the chip again, and what was read already.

It is kept for a short while only, and nothing of it is shown but how many bytes there are: until the same document has
answered again, the card on the reader may be somebody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reader.errors import CardRemoved, CardReset, DifferentDocument, MuteCard, NoCard, ReaderTrouble, WrongPassword

if TYPE_CHECKING:
    from reader.files.cache import ReadCache
    from reader.lds import KeyInput

__all__ = ["Place", "code_after_return", "is_interruption"]

MOST_FRUITLESS_RETURNS = 5
_INTERRUPTIONS = frozenset({CardRemoved.code, CardReset.code, ReaderTrouble.code})
# What a card says that was not laid down properly yet; before anything was read it is what the clerk is told.
_NOT_BACK_YET = frozenset({NoCard.code, MuteCard.code})


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """Hold one interrupted reading; ``returns`` counts how often it went on and brought nothing new."""

    key: KeyInput
    cache: ReadCache | None = None
    returns: int = 0

    @property
    def is_return(self) -> bool:
        """Tell whether the card was lost before."""
        return self.cache is not None or self.returns > 0

    @property
    def is_worn_out(self) -> bool:
        """Tell whether going on has brought nothing so often that it will not."""
        return self.returns > MOST_FRUITLESS_RETURNS

    def interrupted(self, kept: ReadCache | None) -> Place:
        """Return the place after one more interruption, which left ``kept``."""
        cache = kept if kept is not None else self.cache
        gained = _bytes_of(cache) > _bytes_of(self.cache)
        return Place(self.key, cache, 0 if gained else self.returns + 1)

    def __repr__(self) -> str:
        """Show how often, nothing of the citizen."""
        return f"Place({self.returns} fruitless returns)"


def is_interruption(code: str, place: Place) -> bool:
    """Tell whether a reading that failed with ``code`` may go on when the card is back."""
    return code in _INTERRUPTIONS or (place.is_return and code in _NOT_BACK_YET)


def code_after_return(code: str, place: Place) -> str:
    """Return what a failure means on a return: a password that opened the chip before fits no other document's."""
    return DifferentDocument.code if code == WrongPassword.code and place.cache is not None else code


def _bytes_of(cache: ReadCache | None) -> int:
    return cache.size if cache is not None else 0
