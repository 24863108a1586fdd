"""The two languages of the desk, and a phrase that exists in both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Language", "Phrase"]


class Language(StrEnum):
    """Name the languages a clerk can work in."""

    VIETNAMESE = "vi"
    ENGLISH = "en"

    @classmethod
    def from_locale(cls, locale: str) -> Language:
        """Take the language from a POSIX locale name such as ``vi_VN.UTF-8``; Vietnamese unless it says English."""
        return cls.ENGLISH if locale.lower().split(".")[0].split("_")[0] == "en" else cls.VIETNAMESE


@dataclass(frozen=True, slots=True)
class Phrase:
    """Hold one thing to say, in Vietnamese and in English; ``{name}`` stands for an argument."""

    vi: str
    en: str

    def text(self, language: Language, **arguments: object) -> str:
        """Return the phrase in ``language`` with its arguments filled in; raise KeyError where one is missing."""
        chosen = self.vi if language is Language.VIETNAMESE else self.en
        return chosen.format_map(arguments) if "{" in chosen else chosen
