"""Names as a Vietnamese civil registry compares them: the same, the same written otherwise, or another name.

| rule | example | verdict |
| --- | --- | --- |
| encoding and letter case say nothing | Nguyễn (NFC) · Nguyễn (NFD) · NGUYỄN · Ðức for Đức | same |
| blanks around and between words | "Lê  Thị Thử " | same |
| the place of the tone mark | Hoà · Hòa, Thuý · Thúy | written otherwise |
| apostrophe and hyphen, and the blank in their place | H'Hen · H’Hen · H Hen · HHen | written otherwise |
| a blank alone, for it parts two words | Hà Ngân · Hàng Ân | different |
| minority letters where a register has the plain one | Y Blŏk · Y Blok, Čư · Cư | written otherwise |
| a register that writes no diacritics at all | NGUYEN VAN MAU | written otherwise |
| any other letter or diacritic, i for y too | Mẫu · Mậu, Đương · Dương, Lý · Lí | different |
| a word more or less, words in another order | Nguyễn Mẫu · Nguyễn Văn Mẫu | different |

A registry prefers a needless look of the clerk to two people taken for one: only what cannot make two people is folded.
Banks also drop all diacritics; here that is done for a register that has none, never to excuse a wrong one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from desk.view import Match

__all__ = ["NameMatch", "compare_names", "fold_tone_placement", "same_letters"]

# Grave, acute, hook above, tilde, dot below: the five tone marks. The other marks make letters (ă â ê ô ơ ư).
_TONES = frozenset("\u0300\u0301\u0309\u0303\u0323")
_VOWELS = frozenset("aeiouy")
_BREVE, _CARON, _TILDE = "\u0306", "\u030c", "\u0303"
# Legacy encodings hold Eth or African D, which look like the Vietnamese letter.
_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
_JOINT_MARKS = re.compile(r"['\-‐‑‒–—.]")
_JOINTS = re.compile(r"[\s'\-‐‑‒–—.]+")
_APOSTROPHES = re.compile(r"[’‘ʼʻ`´′]")


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Hold how two names stand to each other, and the reason where they are not plainly the same."""

    match: Match
    reason: str = ""


def compare_names(chip: str, register: str, *, chip_is_plain: bool = False) -> NameMatch:
    """Compare the name on the chip with a register's; both must be non-empty.

    ``chip_is_plain`` says that the chip's name comes from the MRZ, which has no diacritics.
    """
    ours, theirs = same_letters(chip), same_letters(register)
    if ours == theirs:
        return NameMatch(Match.SAME)
    # A blank may be dropped only where an apostrophe or hyphen says that the syllables are one word.
    joined = bool(_JOINT_MARKS.search(ours) or _JOINT_MARKS.search(theirs))
    for fold, reason in _FOLDS:
        if fold is _fold_joints and not joined:
            continue
        ours, theirs = fold(ours), fold(theirs)
        if ours == theirs:
            return NameMatch(Match.SAME_WRITTEN_OTHERWISE, reason)
    one_is_plain = chip_is_plain or (_is_plain(register) and not _is_plain(chip))
    if one_is_plain and _without_marks(ours) == _without_marks(theirs):
        return NameMatch(Match.SAME_WRITTEN_OTHERWISE, "without-diacritics")
    another_count = len(same_letters(chip).split()) != len(same_letters(register).split())
    return NameMatch(Match.DIFFERENT, "other-words" if another_count else "other-letters")


def same_letters(text: str) -> str:
    """Return ``text`` in NFC, without letter case, look-alike letters, surplus blanks and kinds of apostrophe."""
    composed = unicodedata.normalize("NFC", text.translate(_LOOKALIKES))
    return " ".join(_APOSTROPHES.sub("'", composed).casefold().split())


def fold_tone_placement(text: str) -> str:
    """Move each tone mark to the end of its group of vowels, so that hoà and hòa become one."""
    folded: list[str] = []
    tones: list[str] = []
    for character in unicodedata.normalize("NFD", text):
        if character in _TONES and not (character == _TILDE and folded and folded[-1] == "n"):
            tones.append(character)
            continue
        if tones and not (character in _VOWELS or unicodedata.combining(character)):
            folded.extend(sorted(tones))
            tones.clear()
        folded.append(character)
    return "".join([*folded, *sorted(tones)])


def _fold_joints(text: str) -> str:
    """Drop what joins or parts the syllables of one name: blanks, apostrophes, hyphens, stops."""
    return _JOINTS.sub("", text)


def _fold_minority_letters(text: str) -> str:
    """Write ŏ ŭ ĕ ĭ č ñ (and ô̆ ơ̆ ê̆ ư̆) as the letters without the mark; ă is a Vietnamese letter and stays."""
    folded: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(character):
            base = character
        is_breve = character == _BREVE and base != "a"
        is_caron = character == _CARON and base == "c"
        if is_breve or is_caron or (character == _TILDE and base == "n"):
            continue
        folded.append(character)
    return "".join(folded)


def _without_marks(text: str) -> str:
    letters = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return "".join(letters).replace("đ", "d")


def _is_plain(text: str) -> bool:
    """Tell whether a name is written without any diacritic."""
    folded = unicodedata.normalize("NFD", text.translate(_LOOKALIKES)).casefold()
    return "đ" not in folded and not any(unicodedata.combining(c) for c in folded)


# Each fold stands on the one before: the reason named is the last one that was needed.
_FOLDS = (
    (fold_tone_placement, "tone-placement"),
    (_fold_joints, "apostrophe-or-hyphen"),
    (_fold_minority_letters, "minority-letters"),
)
