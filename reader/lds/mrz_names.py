"""How a Vietnamese name is spelled in an MRZ, so that DG1 can be held against DG13 (ICAO 9303-3 §6).

Marks fall away (Nguyễn: NGUYEN; the minority letters ŏ, ŭ, č too), Đ becomes D, apostrophes vanish, hyphens part words.
"""

from __future__ import annotations

import unicodedata

from reader.lds.mrz import Mrz, MrzFormat

__all__ = ["mrz_name_agrees", "mrz_spelling"]

_NAME_LENGTHS = {MrzFormat.TD1: 30, MrzFormat.TD2: 31, MrzFormat.TD3: 39}
_LETTERS = str.maketrans({"Đ": "D", "Ð": "D", "-": " "})


def mrz_spelling(name: str) -> str:
    """Return ``name`` in the letters of an MRZ, words parted by one blank."""
    plain = unicodedata.normalize("NFD", name.upper()).translate(_LETTERS)
    letters = "".join(letter for letter in plain if "A" <= letter <= "Z" or letter.isspace())
    return " ".join(letters.split())


def mrz_name_agrees(name: str, mrz: Mrz) -> bool:
    """Tell whether the zone's name is ``name`` in its letters; a zone filled to its end may have cut words off."""
    words, zone = mrz_spelling(name).split(), mrz.name.split()
    if words == zone:
        return True
    filled = len(mrz.primary_name) + len(mrz.secondary_name) + 2 >= _NAME_LENGTHS[mrz.format]
    cut = len(zone) <= len(words) and all(word.startswith(part) for part, word in zip(zone, words, strict=False))
    return bool(zone) and filled and cut
