"""Addresses: the same, the same written otherwise, the same place renamed, or another place.

An address is a row of parts between commas. A part is a unit word (xã, phường, quận, …) or none, and a name.
Abbreviations and case are folded; a unit word may be missing on one side, but two that differ name two places: Thị xã
Kỳ Anh is not Huyện Kỳ Anh. The units were merged on 1 July 2025, and chips keep the old names; a register that says
what a residence was called before proves that it is the same place, renamed. Nothing here guesses a mapping.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.names import fold_tone_placement, same_letters
from desk.view import Match

__all__ = ["compare_places"]

# Longest first: "thị trấn" before "tt", "thành phố" before "tp".
_UNITS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (unit, re.compile(rf"^(?:{pattern})(?![^\W\d_])[\s.]*", re.IGNORECASE))
    for unit, pattern in (
        ("thành phố", r"thành\s+phố|t\.\s?p\.?|tp\.?"),
        ("thị xã", r"thị\s+xã|t\.\s?x\.?|tx\.?"),
        ("thị trấn", r"thị\s+trấn|t\.\s?t\.?|tt\.?"),
        ("tổ dân phố", r"tổ\s+dân\s+phố|tdp\.?"),
        ("khu phố", r"khu\s+phố|kp\.?"),
        ("phường", r"phường|p\.?"),
        ("quận", r"quận|q\.?"),
        ("huyện", r"huyện|h\.?"),
        ("xã", r"xã|x\.?"),
        ("tỉnh", r"tỉnh|t\."),
        ("thôn", r"thôn"),
        ("ấp", r"ấp"),
        ("buôn", r"buôn"),
        ("đường", r"đường|đ\.?"),
        ("số", r"số(?:\s+nhà)?|sn\.?"),
    )
)
# A letter and a stop, or letter and digits, mark an abbreviation; a bare letter may be a name ("Khu H").
_BARE_LETTERS = frozenset("pqhxđ")
# What may end an address and says nothing.
_COUNTRY = frozenset((fold_tone_placement("việt nam"), "vn"))
_WHOLE_NAMES = {"hcm": "hồ chí minh"}


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold one part of an address: its unit word, which may be missing, and its name."""

    unit: str
    name: str

    def like(self, other: _Part) -> bool:
        """Tell whether both can be one place."""
        return self.name == other.name and (self.unit == other.unit or not self.unit or not other.unit)


def compare_places(chip: str, register: str, register_before: str = "") -> tuple[Match, str]:
    """Compare the chip's address with a register's; ``register_before`` is its name before the units were merged.

    Both addresses must be non-empty. A register that still uses the old name is simply compared.
    """
    match, reason = _compare(chip, register)
    if match is Match.DIFFERENT and register_before:
        before, _ = _compare(chip, register_before)
        if before is not Match.DIFFERENT:
            return Match.RENAMED, "renamed-2025"
    return match, reason


def _compare(chip: str, register: str) -> tuple[Match, str]:
    if _plain(chip) == _plain(register):
        return Match.SAME, ""
    ours, theirs = _parts(chip), _parts(register)
    if len(ours) == len(theirs) and all(a.like(b) for a, b in zip(ours, theirs, strict=True)):
        return Match.SAME_WRITTEN_OTHERWISE, "abbreviated"
    names_agree = [part.name for part in ours] == [part.name for part in theirs]
    return Match.DIFFERENT, "other-unit" if names_agree else "other-place"


def _plain(text: str) -> str:
    """Return an address without letter case and with one blank after each comma."""
    return ", ".join(part.strip() for part in same_letters(text).rstrip(".").split(","))


def _parts(text: str) -> list[_Part]:
    parts = [_part(part) for part in re.split(r"[,;]|\s[-–]\s", _plain(text)) if part.strip()]
    if parts and parts[-1].name in _COUNTRY:
        parts.pop()
    return parts


def _part(text: str) -> _Part:
    text = text.strip()
    for unit, pattern in _UNITS:
        found = pattern.match(text)
        if found and text[found.end() :] and not _is_bare_letter(found.group(), text[found.end() :]):
            return _Part(unit, _name(text[found.end() :]))
    return _Part("", _name(text))


def _is_bare_letter(prefix: str, rest: str) -> bool:
    return prefix.strip() in _BARE_LETTERS and not rest[0].isdigit()


def _name(text: str) -> str:
    text = re.sub(r"[\s.]+", " ", text).strip()
    text = _WHOLE_NAMES.get(text, text)
    # "Phường 05" is "Phường 5".
    text = re.sub(r"\b0+(?=\d)", "", text)
    return fold_tone_placement(text)
