"""Text from a card, a QR code or a network, made safe to show: what the eye would not see does not stay.

Bidirectional overrides, zero-width and control characters, fillers that look like nothing, and floods of combining
marks can make a name look like another. They are taken out, and ``findings`` says so, so that a check can warn. The
bytes as read are kept elsewhere as evidence. Letters are left alone: Vietnamese and minority letters are never folded.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from reader.errors import DataError

__all__ = ["SafeText", "TextFinding", "make_safe"]

MAX_CHARACTERS = 2048
# Vietnamese needs two marks on a letter when it cannot be precomposed; three leaves room for minority spellings.
MAX_MARKS = 3

# Fillers and selectors that Unicode classes as letters or marks although they show nothing.
_INVISIBLE = frozenset(
    [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)]
)
_BIDI = frozenset([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class TextFinding(StrEnum):
    """Name what had to be taken out or changed."""

    BIDI = "bidi"
    INVISIBLE = "invisible"
    CONTROL = "control"
    COMBINING_FLOOD = "combining-flood"
    NO_CHARACTER = "no-character"
    NOT_NFC = "not-nfc"


@dataclass(frozen=True, slots=True, repr=False)
class SafeText:
    """Hold text in NFC, one line, without surrounding blanks, and what was wrong with it before."""

    text: str
    findings: tuple[TextFinding, ...] = ()

    @property
    def misleading(self) -> bool:
        """Tell whether something was found that could make text look like other text."""
        return any(finding is not TextFinding.NOT_NFC for finding in self.findings)

    def __repr__(self) -> str:
        """Show the findings, never the text."""
        return f"SafeText(…, {len(self.findings)} findings)"


def make_safe(text: str) -> SafeText:
    """Return ``text`` in NFC without anything invisible; raise DataError for more than 2048 characters."""
    if len(text) > MAX_CHARACTERS:
        raise DataError(f"text of more than {MAX_CHARACTERS} characters")
    composed = unicodedata.normalize("NFC", text)
    findings: list[TextFinding] = [] if composed == text else [TextFinding.NOT_NFC]
    kept: list[str] = []
    marks = MAX_MARKS  # at the beginning and after a blank a mark has no letter to stand on
    for character in composed:
        replacement, finding = _judge(character)
        if finding is None and unicodedata.category(character) in ("Mn", "Me"):
            marks += 1
            if marks > MAX_MARKS:
                replacement, finding = "", TextFinding.COMBINING_FLOOD
        elif replacement:
            marks = MAX_MARKS if replacement == " " else 0
        if finding is not None:
            findings.append(finding)
        kept.append(replacement)
    # Taking a character out may bring a letter and a mark together.
    result = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    return SafeText(result, tuple(dict.fromkeys(findings)))


def _judge(character: str) -> tuple[str, TextFinding | None]:
    """Return what stands for ``character`` in safe text, and what was wrong with it."""
    point = ord(character)
    category = unicodedata.category(character)
    if point in _BIDI:
        return "", TextFinding.BIDI
    if category == "Cf" or point in _INVISIBLE or 0xE0100 <= point <= 0xE01EF:
        return "", TextFinding.INVISIBLE
    if category in ("Cc", "Zl", "Zp"):
        return " ", TextFinding.CONTROL
    if category in ("Cn", "Co", "Cs") or point == 0xFFFD:
        return "\N{REPLACEMENT CHARACTER}", TextFinding.NO_CHARACTER
    return (" ", None) if category == "Zs" else (character, None)
