"""Names as index keys."""

from __future__ import annotations

import unicodedata

__all__ = ["fold_name"]


def fold_name(name: str) -> str:
    """Return ``name`` as an index key: its base letters only.

    Case, diacritics, apostrophes and spaces differ between registers for one and the same name (H'Mŭt, H MUT); đ is
    d, ŏ is o, č is c.
    """
    decomposed = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if letter.isalnum())
